"""What the rates show: loss and score against the rate, and one curve of each kind."""

import math
from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports.study_content import ResponseFigure, StudyTable
from reports.wording import loss
from studies.answering.figures import log_or_linear, marks, splits
from studies.answering.results import StudyResults, records
from studies.answering.words import in_cell, measured
from studies.catalog.learning_rate.verdicts import GAIN_MARGIN
from studies.statistics.power import FEWEST_PAIRS
from sweep.optimizers import OPTIMIZERS

KINDS: Final = ("too small", "right", "too large", "diverges")


def rates_figure(
    results: StudyResults,
    panels: Mapping[str, pd.DataFrame],
    judged: pd.DataFrame,
    *,
    measure: str,
    finding: str,
) -> ResponseFigure:
    """Draw train and validation against the rate, a panel an optimizer, the right band marked."""
    places = []
    for title, arms in panels.items():
        right = judged[judged["arm"].isin(arms["arm"]) & (judged["verdict"] == "right")]["rate"]
        ends = sorted({right.min(), right.max()}) if len(right) else []
        words = ["right from", "right to"] if len(ends) == 2 else ["right"]
        places += [(title, end, word) for end, word in zip(ends, words, strict=False)]
    name = "loss" if measure == "loss" else results.metric
    return ResponseFigure(
        id=f"rates-{measure}",
        title=f"{name.capitalize()} against the learning rate",
        finding=finding,
        how_to_read=(
            f"Mean train and validation {name} after the last epoch over seeds, with 95 % t "
            "intervals; the shaded distance is the gap. The marks are the smallest and the largest "
            "rate that are right: left of them training is too slow, right of them it swings, "
            "forgets or diverges. A cross: no network of that rate came to its end."
        ),
        x_name="learning rate",
        x_scale="log",
        y_name=name,
        y_scale=log_or_linear(results) if measure == "loss" else "linear",
        table=splits(panels, f"last_{{}}_{measure}", "rate"),
        marks=marks(places),
        shade_gap=True,
    )


def example_figures(results: StudyResults, judged: pd.DataFrame) -> list[ResponseFigure]:
    """Draw the curves of one network of each kind: a mean over seeds would hide the swings."""
    parts, shown = [], []
    for kind in KINDS:
        found = judged[(judged["verdict"] == kind) & (judged["basis"] == "curve and probes")]
        found = found if len(found) else judged[judged["verdict"] == kind]
        if found.empty:
            continue
        # The clearest of each kind: next to the right rates, where training still does something.
        arm = str(found.sort_values("learnt", ascending=False, kind="stable")["arm"].iloc[0])
        trials = results.comparison[results.comparison["arm"] == arm]
        curve = results.epochs[results.epochs["trial"] == trials["trial"].iloc[0]]
        shown.append(f"{kind}: {arm}")
        epochs = {"panel": shown[-1], "x": curve["epoch"].astype("float64")}
        no_interval = {"low": math.nan, "high": math.nan}
        parts += [
            pd.DataFrame({**epochs, "series": name, "mean": curve[f"{name}_loss"], **no_interval})
            for name in ("train", "validation")
        ]
    if not parts:
        return []
    return [
        ResponseFigure(
            id="examples",
            title="How it shows in the loss curve",
            finding=f"One network of each kind: {'; '.join(shown)}.",
            how_to_read=(
                "The losses of a single network, that of the first seed, since a mean over seeds "
                "would smooth what is to be seen. Both are measured after the epoch."
            ),
            x_name="epoch",
            x_scale="linear",
            y_name="loss",
            table=pd.concat(parts, ignore_index=True),
            shade_gap=True,
        )
    ]


def rates_table(judged: pd.DataFrame) -> StudyTable:
    """Write what each rate is, and what that rests on."""
    rows = records(judged)
    table = pd.DataFrame(
        {
            "Optimizer": [OPTIMIZERS[row["optimizer"]].title for row in rows],
            "Learning rate": [loss(row["rate"]) for row in rows],
            "Verdict": judged["verdict"],
            "Rests on": judged["basis"],
            "Its curves": [f"{row['curve']} ({100 * row['curve_share']:.0f} %)" for row in rows],
            "The probes": judged["probe"],
            "A third saves": [in_cell(measured(row, "third")) for row in rows],
            "Three times saves": [in_cell(measured(row, "triple")) for row in rows],
            "Lost": [f"{100 * row['lost']:.0f} %" for row in rows],
        }
    )
    return StudyTable(
        id="rates",
        title="What each rate is",
        table=table,
        note="Saves: train loss that a probe at that rate has less than the arm itself after as "
        f"many epochs, in shares of the whole fall, with 95 % t intervals over {FEWEST_PAIRS} "
        f"seeds or more; above {GAIN_MARGIN:g} for sure, the rate is wrong on that side.",
    )
