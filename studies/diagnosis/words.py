"""The sentence and the next step of a network's verdict, with the numbers it rests on."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from reports.wording import is_number, loss, plural

Row = Mapping[str, Any]

MANY: Final = 100  # times as many rows: beyond, the exact number helps nobody


def between(low: float, high: float, write: Callable[[float | None], str] = loss) -> str:
    """Write an interval, or that there is none."""
    if not (is_number(low) and is_number(high)):
        return "no interval"
    return f"95 % interval {write(low)} to {write(high)}"


def describe(row: Row) -> tuple[str, str]:
    """Say one verdict in plain words.

    Args:
        row: A row of the evidence with its ``verdict``, ``doubt`` and ``calibration``.

    Returns:
        The sentence, and what to do next (empty if nothing).
    """
    sentence, step = _WORDS[row["verdict"]](row)
    if row["calibration"]:
        sentence += (
            f" The validation loss rises by {loss(row['rise'])} after its minimum while the "
            "validation score still rises: the network grows overconfident, which is a matter of "
            "calibration and not of wrong answers."
        )
        step = step or "Choose the epoch by the score, or smooth the labels, if only answers count."
    return sentence, step


def _gap(row: Row) -> str:
    return f"gap {loss(row['gap'])} ({between(row['gap_low'], row['gap_high'])})"


def _joint(row: Row) -> str:
    return f"joint {between(row['deficit_low'], row['deficit_high'])}"


def _deficit(row: Row) -> str:
    return f"{loss(row['deficit'])} ({_joint(row)})"


def _settled_by_rows(row: Row) -> str:
    factor = row["rows_needed"]
    if not is_number(factor):
        return ""
    times = f"{math.ceil(factor)}" if factor <= MANY else f"more than {MANY}"
    return f" About {times} times as many validation rows would settle it."


def _at_best(row: Row) -> str:
    best, seen = row["best_epoch"], row["epochs_seen"]
    return f"at its best epoch, {best:.0f} of {seen:.0f}"


def _rate_step(row: Row, otherwise: str) -> str:
    verdict = row["learning_rate_verdict"]
    if verdict == "too small":
        return "Raise the learning rate threefold first: the loss falls along a straight line."
    if verdict in {"too large", "diverges"}:
        return "Lower the learning rate threefold first: the train loss swings."
    return otherwise


def _failed(row: Row) -> tuple[str, str]:
    reason = row["reason"] or "no reason recorded"
    return f"It failed: {reason}.", "The reason says what to mend."


def _diverged(row: Row) -> tuple[str, str]:
    epoch = row["diverged_epoch"]
    when = f" in epoch {epoch:.0f}" if is_number(epoch) else ""
    return (
        f"A loss or a weight was no longer finite{when}.",
        f"Lower the learning rate ({row['learning_rate']:.2g}) threefold.",
    )


def _pruned(row: Row) -> tuple[str, str]:
    seen, budget = row["epochs_seen"], row["epochs"]
    after = f" after epoch {seen:.0f}" if is_number(seen) else ""
    of = f" of {budget:.0f}" if after and is_number(budget) else ""
    reason = f": {row['reason']}" if row["reason"] else ""
    return f"It was pruned{after}{of}{reason}. How it fits is not known.", ""


def _overfits(row: Row) -> tuple[str, str]:
    sentence = f"It overfits: {_gap(row)} {_at_best(row)}"
    if row["rises"] and not row["calibration"]:
        since = row["onset_epoch"]
        start = f" from epoch {since:.0f} on" if is_number(since) else ""
        at_end = between(row["last_gap_low"], row["last_gap_high"])
        sentence += (
            f" and {loss(row['last_gap'])} at the end ({at_end}); the validation loss rises by "
            f"{loss(row['rise'])} above its minimum{start}, more than noise "
            f"({loss(row['rise_noise'])}), while the train loss keeps falling."
        )
    else:
        sentence += (
            f"; {row['smaller']}, a smaller network, reaches a clearly lower validation loss with "
            "a smaller gap."
        )
    return sentence, "Add dropout or weight decay, take a smaller network, or get more rows."


def _overtrained(row: Row) -> tuple[str, str]:
    return (
        (
            f"It was trained for too long: the best epoch is {row['best_epoch']:.0f} of "
            f"{row['epochs_seen']:.0f}, and at the end the validation loss lies "
            f"{loss(row['rise'])} above its minimum, more than noise ({loss(row['rise_noise'])}). "
            f"At the best epoch: {_gap(row)}."
        ),
        _rate_step(row, "Keep the weights of the best epoch; train for fewer epochs."),
    )


def _undertrained(row: Row) -> tuple[str, str]:
    return (
        (
            f"It was still improving: over the last third of {row['epochs_seen']:.0f} epochs the "
            f"validation loss fell by {loss(row['drop'])}, more than noise "
            f"({loss(row['drop_noise'])}); {_gap(row)}."
        ),
        _rate_step(row, "Train for twice as many epochs."),
    )


def _underfits(row: Row) -> tuple[str, str]:
    larger = "a larger network" if row["reference_larger"] else "no larger network"
    step = (
        "Take a larger network, with less dropout."
        if row["reference_larger"]
        else f"It does not lack capacity: compare its settings with those of {row['reference']}."
    )
    return (
        (
            f"It underfits: {row['reference']}, {larger}, is better on both splits, by "
            f"{_deficit(row)} on "
            f"validation and by {loss(row['train_deficit'])} on train."
        ),
        _rate_step(row, step),
    )


def _fits(row: Row) -> tuple[str, str]:
    best = (
        "no network of the run is better"
        if not row["deficit"] > 0
        else f"as good as the best, {row['reference']} ({loss(row['deficit'])} behind)"
    )
    rise = "" if row["calibration"] else ", and the validation loss does not clearly rise"
    return f"It fits: {best}, nothing larger does better{rise}; {_gap(row)}.", ""


def _undecided(row: Row) -> tuple[str, str]:
    return _DOUBTS[row["doubt"]](row)


def _doubt_unseen(_row: Row) -> tuple[str, str]:
    return "Undecided: there is no epoch with a finite loss to judge by.", ""


def _doubt_rise(row: Row) -> tuple[str, str]:
    return (
        (
            f"Undecided: the validation loss ends {loss(row['rise'])} above its minimum, but the "
            f"gap ({between(row['last_gap_low'], row['last_gap_high'])} at the end) or the train "
            f"loss does not show overfitting.{_settled_by_rows(row)}"
        ),
        _rate_step(row, "Repeat it on 5 seeds; if the rise stays, lower the learning rate."),
    )


def _doubt_worse(row: Row) -> tuple[str, str]:
    return (
        (
            f"Undecided: clearly worse than {row['reference']} on validation, by "
            f"{_deficit(row)}, but neither "
            "a clear lack on train nor a rise on validation says why."
        ),
        "Repeat both on 5 seeds, and compare their settings.",
    )


def _doubt_short(row: Row) -> tuple[str, str]:
    seen = int(row["epochs_seen"])
    return (
        f"Undecided: {plural(seen, 'epoch')} cannot tell a trend from noise; {_gap(row)}.",
        "Train for 10 epochs or more.",
    )


def _doubt_rows(row: Row) -> tuple[str, str]:
    return (
        (
            f"Undecided: {loss(row['deficit'])} behind {row['reference']} on validation "
            f"({_joint(row)}): more than does not matter, less "
            f"than a clear difference.{_settled_by_rows(row)} At the best epoch: {_gap(row)}."
        ),
        "Hold out more rows."
        if row["seeds"] > 1
        else "Repeat it on 5 seeds, or hold out more rows.",
    )


def _doubt_capacity(row: Row) -> tuple[str, str]:
    pruned = int(row["larger_pruned"])
    were = "was" if pruned == 1 else "were"
    tried = f"trained to the end ({pruned} {were} pruned)" if pruned else "tried"
    step = "Widen the space towards larger networks."
    if pruned:
        step = "Train larger networks to the end: --pruner none, in a space narrowed to them."
    return (
        (
            "Undecided: as good as the best of the run, but too few clearly larger networks were "
            f"{tried} to tell whether it is large enough; {_gap(row)}."
        ),
        step,
    )


_WORDS: Final[Mapping[str, Callable[[Row], tuple[str, str]]]] = {
    "failed": _failed,
    "diverged": _diverged,
    "pruned": _pruned,
    "overfits": _overfits,
    "overtrained": _overtrained,
    "undertrained": _undertrained,
    "underfits": _underfits,
    "fits": _fits,
    "undecided": _undecided,
}
_DOUBTS: Final[Mapping[str, Callable[[Row], tuple[str, str]]]] = {
    "unseen": _doubt_unseen,
    "rise": _doubt_rise,
    "worse": _doubt_worse,
    "short": _doubt_short,
    "rows": _doubt_rows,
    "capacity": _doubt_capacity,
}
