"""What learning by heart shows: train score against size, the gap, and the time it takes."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from reports.study_content import ResponseFigure, StudyTable
from reports.wording import MISSING, count, loss, score
from studies.answering.figures import POINT_COLUMNS, Axis, Caption, gap_figure, marks, points
from studies.answering.results import StudyResults, records
from studies.answering.words import bounds, whole_percent
from studies.catalog.memorise.fitting import FITTED, KINDS, Threshold, read_arms, share_of
from studies.statistics.intervals import mean_interval

SIZE: Final = Axis("parameters", "trainable parameters", "log")


def fit_figure(
    results: StudyResults, arms: pd.DataFrame, thresholds: Sequence[Threshold], finding: str
) -> ResponseFigure:
    """Draw the train score at the end against size, one line for each kind of labels."""
    of_kind = _by_kind(results, arms)
    parts = [
        points(of_kind[kind], "last_train_score", x="parameters", series=kind)
        for kind in reversed(KINDS)
    ]
    ends = arms["parameters"].agg(["min", "max"]).to_list()
    line = pd.DataFrame({"panel": "", "series": f"{FITTED:g}", "x": ends, "mean": FITTED})
    places = [("", one.fits, f"{one.labels} labels fitted") for one in thresholds if one.fits]
    return ResponseFigure(
        id="fit",
        title=f"Train {results.metric} at the end against parameters",
        finding=finding,
        how_to_read=(
            "A line a kind of labels; means over seeds after the last epoch with 95 % t intervals. "
            f"A network fits its labels above {FITTED:g}; the marks are the smallest that most "
            "seeds fit. What lies between the marks, the structure of the data saves."
        ),
        x_name=SIZE.name,
        x_scale=SIZE.scale,
        y_name=f"train {results.metric}",
        table=pd.concat([*parts, line.reindex(columns=list(POINT_COLUMNS))], ignore_index=True),
        marks=marks(places),
    )


def memory_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    """Draw train and validation score at the end against size, one panel a kind of labels."""
    panels = {f"{kind} labels": rows for kind, rows in _by_kind(results, arms).items()}
    title = f"Train and validation {results.metric} at the end"
    note = "The validation rows keep their true labels: of random labels the gap is all memory."
    caption = Caption("gap", title, finding, note)
    return gap_figure(results, panels, SIZE, "last_{}_score", caption)


def epochs_figure(
    results: StudyResults, arms: pd.DataFrame, epochs: pd.DataFrame, finding: str
) -> ResponseFigure:
    """Draw the epochs until the labels are fitted against size, of what every seed fits."""
    sizes = dict(zip(arms["arm"], arms["parameters"], strict=True))
    rows = []
    for (kind, _), name in read_arms(results).items():
        # Only where every seed fits: the others would be missing just where they are slow.
        values = epochs[name].to_numpy(dtype=np.float64)
        interval = mean_interval(values if not np.isnan(values).any() else np.array([]))
        bounds = (interval.estimate, interval.low, interval.high)
        rows.append(("", kind, sizes[name], *bounds))
    return ResponseFigure(
        id="epochs",
        title="Epochs until the labels are fitted",
        finding=finding,
        how_to_read=(
            f"Mean epoch in which train {results.metric} first reaches {FITTED:g} with its 95 % t "
            "interval, of networks that every seed fits."
        ),
        x_name=SIZE.name,
        x_scale=SIZE.scale,
        y_name="epochs",
        y_scale="log",
        table=pd.DataFrame(rows, columns=list(POINT_COLUMNS)).dropna(subset=["mean"]),
    )


def shares_table(
    results: StudyResults, arms: pd.DataFrame, shares: pd.DataFrame, epochs: pd.DataFrame
) -> StudyTable:
    """Write how many seeds of each network fit its labels, and in what time."""
    labels = int(results.design.fixed["train_rows"])
    by_arm = {row["arm"]: row for row in records(arms)}
    rows = [
        {
            "Labels": share["labels"],
            "Width": count(share["width"]),
            "Parameters": count(share["parameters"]),
            "Labels per parameter": loss(labels / max(share["parameters"], 1)),
            "Seeds that fit": f"{share['fitted']} of {share['trials']}",
            "95 % interval": bounds(share_of(share), whole_percent, MISSING),
            "Verdict": share["verdict"],
            f"Train {results.metric}": score(row["last_train_score"]),
            f"Validation {results.metric}": score(row["last_validation_score"]),
            "Epochs to fit": count(epochs[share["arm"]].median()),
            "Learning rate": loss(row["learning_rate"]),
        }
        for share in records(shares)
        for row in [by_arm[share["arm"]]]
    ]
    return StudyTable(
        id="shares",
        title="Which networks fit their labels",
        table=pd.DataFrame(rows),
        note=f"After the last epoch. A network fits with train {results.metric} {FITTED:g} or more;"
        " the interval of the share of seeds is exact (Clopper and Pearson). Epochs: median of the "
        "seeds that fit.",
    )


def _by_kind(results: StudyResults, arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    names = read_arms(results)
    return {
        kind: arms[arms["arm"].isin([name for (own, _), name in names.items() if own == kind])]
        for kind in KINDS
    }
