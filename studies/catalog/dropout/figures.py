"""What dropout shows: the dose and response figures, and the loss that Keras prints."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.study_content import ResponseFigure
from reports.wording import between, loss, score
from studies.answering.figures import Axis, Caption, gap_figure, log_or_linear, mean_curves
from studies.answering.results import StudyResults
from studies.statistics.intervals import mean_interval

USUAL_RATE: Final = 0.5  # that of the textbooks: there the printed loss is shown

DOSE: Final = Axis("dropout", "dropout rate")
LINES: Final = {
    "train": "train_loss",
    "validation": "validation_loss",
    "printed while training": "running_loss",
}


def dose_figure(
    results: StudyResults, arms: pd.DataFrame, best: Mapping[int, float]
) -> ResponseFigure:
    """Draw train and validation score against the rate, one panel a width.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        best: The rate to point out in each width that has one.
    """
    parts = []
    for panel, rows in _panels(arms).items():
        none, most = rows[rows["dropout"] == 0].iloc[0], rows.sort_values("dropout").iloc[-1]
        changes = [
            f"{split} {score(none[f'{split}_score'])} to {score(most[f'{split}_score'])}"
            for split in ("train", "validation")
        ]
        parts.append(f"{panel}, from none to {most['dropout']:g}: {', '.join(changes)}")
    finding = f"{results.metric.capitalize()}. {'; '.join(parts)}."
    note = (
        "One panel a width; train scores are measured without dropout. The dashed line is the best "
        "rate where it is clearly better than none."
    )
    caption = Caption("dose", "Score against the dropout rate", finding, note)
    places = [(_panel(width), rate, f"best: {rate:g}") for width, rate in best.items()]
    return gap_figure(results, _panels(arms), DOSE, "{}_score", caption, places)


def loss_figure(results: StudyResults, arms: pd.DataFrame) -> ResponseFigure:
    """Draw train and validation loss after the last epoch against the rate."""
    parts = []
    for panel, rows in _panels(arms).items():
        least = rows.sort_values("last_loss_gap").iloc[0]
        none = rows[rows["dropout"] == 0].iloc[0]
        parts.append(
            f"{panel}: loss gap {loss(none['last_loss_gap'])} without dropout, smallest "
            f"{loss(least['last_loss_gap'])} at rate {least['dropout']:g}"
        )
    note = (
        "What happens without stopping early. The learning rate is retuned for each dose, which "
        "moves the gap as well."
    )
    caption = Caption("loss-gap", "Loss after the last epoch", f"{'; '.join(parts)}.", note)
    return gap_figure(results, _panels(arms), DOSE, "last_{}_loss", caption)


def printed_finding(results: StudyResults, arms: Sequence[str]) -> list[Finding]:
    """Set the train loss that Keras prints beside the one that is measured.

    Args:
        results: The study.
        arms: Of one width; the one with the rate nearest to one half is shown.

    Returns:
        One finding; none if no network with dropout has finished, or if classes were weighted,
        which sets the printed loss apart as well.
    """
    finished = results.finished
    rates = {
        name: float(results.design.arm(name).scientific["dropout"])
        for name in arms
        if name in set(finished["arm"])
    }
    dropped = [name for name, rate in rates.items() if rate > 0]
    if not dropped or (results.manifest.get("settings") or {}).get("class_weight"):
        return []
    arm = min(dropped, key=lambda name: abs(rates[name] - USUAL_RATE))
    mine = finished[finished["arm"] == arm]
    epochs = results.epochs[results.epochs["trial"].isin(mine["trial"])]
    last = epochs.sort_values("epoch").groupby("trial").last()
    apart = mean_interval((last["running_loss"] - last["train_loss"]).to_numpy(float))
    printed, measured, validation = (float(last[name].mean()) for name in
                                     ("running_loss", "train_loss", "validation_loss"))  # fmt: skip
    misread = (
        f", so that the printed loss lies above the validation loss ({loss(validation)}), which "
        "is often misread as no overfitting"
        if printed > validation > measured
        else f"; the validation loss is {loss(validation)}"
    )
    return [
        Finding(
            code="study.dropout.printed_loss",
            subject=arm,
            verdict="printed above measured" if apart.low > 0 else "undecided",
            sentence=(
                f"In the last epoch of {arm}, Keras would print a train loss of {loss(printed)}, "
                "taken while units are dropped and weights change; measured after the epoch it is "
                f"{loss(measured)} ({between(apart.low, apart.high)} for the difference){misread}."
            ),
            confidence="t interval of the paired difference over seeds",
            numbers={
                "printed": printed,
                "measured": measured,
                "validation": validation,
                "low": apart.low,
                "high": apart.high,
            },
        )
    ]


def printed_figure(results: StudyResults, found: Sequence[Finding]) -> list[ResponseFigure]:
    """Draw the printed loss over the epochs beside the measured ones.

    Args:
        results: The study.
        found: What `printed_finding` returned.
    """
    return [
        ResponseFigure(
            id="printed",
            title="The train loss as Keras prints it",
            finding=one.sentence,
            how_to_read=(
                "Means over seeds with 95 % t intervals. Train and validation are measured after "
                "the epoch, without dropout; the printed loss is the mean over its batches, with."
            ),
            x_name="epoch",
            x_scale="linear",
            y_name="loss",
            y_scale=log_or_linear(results),
            table=mean_curves(results, LINES, [one.subject]),
        )
        for one in found
    ]


def _panels(arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {_panel(width): rows for width, rows in arms.groupby("width")}


def _panel(width: object) -> str:
    return f"width {width:,}"
