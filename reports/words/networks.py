"""How a network fits, and how its learning rate is: the words of the verdicts of docs/verdicts.md.

The values are those of the verdicts table, with ``name``, what the network is called.
"""

from collections.abc import Mapping
from typing import Final

from reports.wording import is_number
from reports.words.filling import Entry, Values, Words

GAP: Final = "gap {gap:loss ±}"
BEHIND: Final = "{deficit:loss} (joint {deficit:loss interval})"
UNDECIDED: Final = "{name} is undecided: "
CALIBRATION: Final = (
    " The validation loss rises by {rise:loss} after its minimum while the validation score still "
    "rises: the network grows overconfident, which is a matter of calibration and not of wrong "
    "answers."
)
RATE_COUNTS: Final = ("overtrained", "undertrained", "underfits", "rise")
RATE_FIRST: Final = {
    "too small": "Raise the learning rate threefold first: the loss falls along a straight line.",
    "too large": "Lower the learning rate threefold first: the train loss swings.",
    "diverges": "Lower the learning rate threefold first: the train loss swings.",
}


def judged(values: Values) -> Words:
    """Say how a network fits."""
    word = values["doubt"] or values["verdict"]
    entry = _VERDICTS[word]
    sentence, step = entry(values) if callable(entry) else entry
    if word in RATE_COUNTS:
        step = RATE_FIRST.get(values["learning_rate_verdict"], step)
    if values["calibration"]:
        sentence += CALIBRATION
        step = step or "Choose the epoch by the score, or smooth the labels, if only answers count."
    if values["verdict"] == "undecided" and is_number(values.get("seeds_needed")):
        sentence += " About {seeds_needed:seed} would settle the rise."
    return sentence, step


def rate(values: Values) -> Words:
    """Say how the learning rate of a network is."""
    words, step = _RATES[values["verdict"]]
    return f"At a learning rate of {{learning_rate:setting}} ({{optimizer}}) {words}.", step


def _rows(values: Values) -> str:
    if not is_number(values["rows_needed"]):
        return ""
    return " About {rows_needed:times} times as many validation rows would settle it."


def _diverged(values: Values) -> Words:
    when = " in epoch {diverged_epoch}" if is_number(values["diverged_epoch"]) else ""
    return (
        f"{{name}} diverged: a loss or a weight was no longer finite{when}.",
        "Lower the learning rate ({learning_rate:setting}) threefold.",
    )


def _pruned(values: Values) -> Words:
    reason = ": {reason}" if values["reason"] else ""
    return (
        f"{{name}} was pruned after epoch {{epochs_seen}} of {{epochs}}{reason}. How it fits is "
        "not known."
    ), ""


def _overfits(values: Values) -> Words:
    why = "; {smaller}, which is smaller, has a clearly lower validation loss and a smaller gap."
    if values["rises"] and not values["calibration"]:
        since = " from epoch {onset_epoch} on" if is_number(values["onset_epoch"]) else ""
        why = (
            " and {last_gap:loss ±} at the end; the validation loss rises by {rise:loss} above its "
            f"minimum{since}, more than noise ({{rise_noise:loss}}), while the train loss falls."
        )
    return (
        f"{{name}} overfits: {GAP} at its best epoch, {{best_epoch}} of {{epochs_seen}}{why}",
        "Add dropout or weight decay, take a smaller network, or get more rows.",
    )


def _underfits(values: Values) -> Words:
    larger = "a larger network" if values["reference_larger"] else "no larger network"
    step = "It does not lack capacity: compare its settings with those of {reference}."
    return (
        (
            f"{{name}} underfits: {{reference}}, {larger}, is better on both splits, by {BEHIND} "
            "on validation and by {train_deficit:loss} on train."
        ),
        "Take a larger network, with less dropout." if values["reference_larger"] else step,
    )


def _fits(values: Values) -> Words:
    best = "as good as the best, {reference} ({deficit:loss} behind)"
    best = best if values["deficit"] > 0 else "no network of the run is better"
    rise = "" if values["calibration"] else ", and the validation loss does not clearly rise"
    return f"{{name}} fits: {best}, nothing larger does better{rise}; {GAP}.", ""


def _rows_are_few(values: Values) -> Words:
    return (
        f"{UNDECIDED}{{deficit:loss}} behind {{reference}} on validation (joint "
        "{deficit:loss interval}): more than does not matter, less than a clear difference."
        f"{_rows(values)} At the best epoch: {GAP}."
    ), "Hold out more rows." if values["seeds"] > 1 else (
        "Repeat it on 5 seeds, or hold out more rows."
    )


def _capacity(values: Values) -> Words:
    pruned = values["larger_pruned"]
    tried = "trained to the end ({larger_pruned} pruned)" if pruned else "tried"
    return (
        f"{UNDECIDED}as good as the best of the run, but too few clearly larger networks were "
        f"{tried} to tell whether it is large enough; {GAP}."
    ), (
        "Train larger networks to the end: --pruner none, in a space narrowed to them."
        if pruned
        else "Widen the space towards larger networks."
    )


_VERDICTS: Final[Mapping[str, Entry]] = {
    "failed": lambda values: (
        "{name} failed: {reason}." if values["reason"] else "{name} failed.",
        "The reason says what to mend.",
    ),
    "diverged": _diverged,
    "pruned": _pruned,
    "overfits": _overfits,
    "overtrained": (
        (
            "{name} was trained for too long: the best epoch is {best_epoch} of {epochs_seen}, and "
            "at the end the validation loss lies {rise:loss} above its minimum, more than noise "
            f"({{rise_noise:loss}}). At the best epoch: {GAP}."
        ),
        "Keep the weights of the best epoch; train for fewer epochs.",
    ),
    "undertrained": (
        (
            "{name} was still improving: over the last third of {epochs_seen:epoch} the validation "
            f"loss fell by {{drop:loss}}, more than noise ({{drop_noise:loss}}); {GAP}."
        ),
        "Train for twice as many epochs.",
    ),
    "underfits": _underfits,
    "fits": _fits,
    # what leaves a network undecided
    "unseen": (f"{UNDECIDED}there is no epoch with a finite loss to judge by.", ""),
    "rise": lambda values: (
        (
            f"{UNDECIDED}the validation loss ends {{rise:loss}} above its minimum, but the gap "
            "({last_gap:loss interval} at the end) or the train loss does not show overfitting."
            f"{_rows(values)}"
        ),
        "Repeat it on 5 seeds; if the rise stays, lower the learning rate.",
    ),
    "worse": (
        (
            f"{UNDECIDED}clearly worse than {{reference}} on validation, by {BEHIND}, but neither "
            "a clear lack on train nor a rise on validation says why."
        ),
        "Repeat both on 5 seeds, and compare their settings.",
    ),
    "short": (
        f"{UNDECIDED}{{epochs_seen:epoch}} cannot tell a trend from noise; {GAP}.",
        "Train for 10 epochs or more.",
    ),
    "rows": _rows_are_few,
    "capacity": _capacity,
}
_RATES: Final[Mapping[str, Words]] = {
    "right": ("the train loss of {subject} falls and settles", ""),
    "too small": (
        "the train loss of {subject} falls along a nearly straight line and has not arrived",
        "Try three times the rate.",
    ),
    "too large": (
        "the train loss of {subject} swings instead of settling",
        "Try a third of the rate.",
    ),
    "diverges": ("the train loss of {subject} grows", "Try a third of the rate."),
    "undecided": (
        "the shape of the train loss of {subject} does not decide whether the rate is right",
        "",
    ),
}
