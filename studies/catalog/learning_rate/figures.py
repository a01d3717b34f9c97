"""What the rates show: loss and score against the rate, and one curve of each kind."""

import math
from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports.study_content import ResponseFigure, StudyTable
from reports.wording import loss
from studies.answering.arms import with_intervals
from studies.answering.figures import Caption, gap_figure
from studies.answering.rate_grids import RATE_AXIS
from studies.answering.results import StudyResults, records
from studies.answering.words import whole_percent
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
    title = f"{name.capitalize()} against the learning rate"
    note = (
        "The marks are the smallest and the largest right rate: left of them training is too slow, "
        "right of them it swings, forgets or diverges. A cross: no network came to its end."
    )
    caption = Caption(f"rates-{measure}", title, finding, note)
    return gap_figure(results, panels, RATE_AXIS, f"last_{{}}_{measure}", caption, places)


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
                "The losses of one network, that of the first seed: a mean over seeds would smooth "
                "what is to be seen. Both are measured after the epoch."
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
            "Its curves": [f"{row['curve']} ({whole_percent(row['curve_share'])})" for row in rows],
            "The probes": judged["probe"],
            "A third saves": with_intervals(judged, "third"),
            "Three times saves": with_intervals(judged, "triple"),
            "Lost": judged["lost"].map(whole_percent),
        }
    )
    return StudyTable(
        id="rates",
        title="What each rate is",
        table=table,
        note="Saves: train loss that a probe at that rate has less than the arm after as many "
        f"epochs, in shares of the whole fall, with 95 % t intervals over {FEWEST_PAIRS} seeds or "
        f"more; surely above {GAIN_MARGIN:g}, the rate is wrong on that side.",
    )
