"""The learning-rate verdict of a loss curve: too small, right, too large, diverges, undecided.

On a quadratic bowl with curvatures between a and b, gradient descent with rate r shrinks the
slowest direction by (1 - r a) a step and diverges above r = 2 / b; close below that it swings, and
with noisy gradients it settles far above the floor (LeCun et al. 1998, "Efficient BackProp"). A
curve therefore tells: a rate too small falls along a nearly straight line and is still falling at
the end; one too large rises again and again by a good part of what is left; a right one falls fast
and settles. The train loss in inference mode is read, not the running one: it has no noise from
rows or dropout, so what moves it are the weights.
"""

from typing import Final

import numpy as np
import pandas as pd

from studies.diagnosis.arrays import DenseCurves, Matrix, dense_curves, smooth

FEWEST_EPOCHS: Final = 5
RISE_SHARE: Final = 0.05  # a rise from one epoch to the next counts if it is this share of the loss
RISE_FLOOR: Final = 0.02  # and at least this: swings of a loss near zero harm nobody
RISES_TOO_LARGE: Final = 0.2  # this share of epochs rising is a curve that swings
RISES_STEADY: Final = 0.1  # a curve that falls or stays rises in no more epochs than this
STRAIGHT: Final = 0.3  # slope of the last third over that of the first: 1 is a straight line
FALLS: Final = 0.02  # of the loss, over the last third: it is still falling
FALL_FLOOR: Final = 0.01  # if by this much at least
SETTLED: Final = 0.1  # of the whole fall, over the last third: it has arrived
LEFT: Final = 0.04  # of the loss: a fall yet to come that matters
LEFT_FLOOR: Final = 0.01  # and at least this: nats, or variances of the target
LARGEST_RATIO: Final = 0.9  # of a third's fall to that before: beyond, no end can be foreseen
NEAR_ZERO: Final = 0.01  # a train loss with nothing left to gain: nats, or variances of the target
BLOWN_UP: Final = 2.0  # the last third's mean loss in shares of the first third's: finite, but gone

FAR_ABOVE: Final = 2.0  # times the train loss of the best network: settled, but not on the floor
SMALLER_RATE: Final = 1 / 3  # another trial with at most this share of the rate shows what is wrong

MEASURED: Final = ("rising_share", "straight", "late_share", "left")
VERDICTS: Final = ("too small", "right", "too large", "diverges", "undecided")


def rate_facts(epochs: pd.DataFrame) -> pd.DataFrame:
    """Measure the train-loss curve of each trial.

    Args:
        epochs: The table of docs/tables.md.

    Returns:
        One row a trial (the index) with a finite epoch: ``rising_share`` of the epochs,
        ``straight`` (slope of the last third over that of the first), ``late_share`` (fall over
        the last third in shares of the whole fall), ``left`` (fall yet to come if each third goes
        on to fall by as much of the one before as the last did), ``train_rises`` (bool: ends above
        its start) and ``learning_rate_verdict``.
    """
    parts = [_facts(curves) for curves in dense_curves(epochs)]
    columns = [*MEASURED, "train_rises", "learning_rate_verdict"]
    if not parts:
        return pd.DataFrame(columns=columns).rename_axis("trial")
    return pd.concat(parts)[columns]


def rates_of_outcome(verdicts: pd.Series, outcomes: pd.Series) -> pd.Series:
    """Correct the verdicts of curves that ended early.

    A diverged trial diverges, whatever its curve shows before. That a pruned one swings or grows is
    seen at once; whether it settles, or goes on falling, only its end would have shown.

    Args:
        verdicts: One verdict a trial, from its curve.
        outcomes: How each of them ended, with the same index.
    """
    seen_early = verdicts.isin(["too large", "diverges"])
    known = verdicts.where((outcomes != "pruned") | seen_early, "undecided")
    return known.mask(outcomes == "diverged", "diverges")


def rates_in_run(facts: pd.DataFrame) -> pd.Series:
    """Withdraw "right" where a curve settled, but far above where others of the run do.

    It is then "too large" if a trial of the same optimizer with at most a third of the rate and no
    more parameters reaches less than half of its train loss, else "undecided": the network may also
    be too small.

    Args:
        facts: One row a trial: ``learning_rate_verdict``, ``stage``, ``outcome``, ``optimizer``,
            ``learning_rate``, ``parameters``, ``train_loss``, ``train_deficit`` (behind the best
            network) and ``train_behind`` (bool: clearly so). An audit is nobody's rival.

    Returns:
        The verdicts, with the same index.
    """
    best = facts["train_loss"] - facts["train_deficit"]
    above = facts["train_behind"] & (facts["train_loss"] > FAR_ABOVE * best + RISE_FLOOR)
    verdicts = facts["learning_rate_verdict"].to_numpy(dtype=object, copy=True)
    rate, size, loss = (
        facts[name].to_numpy(dtype=np.float64)
        for name in ("learning_rate", "parameters", "train_loss")
    )
    finished = (facts["outcome"] == "finished") & (facts["stage"] != "audit")
    for optimizer in facts["optimizer"].unique():
        mine = (facts["optimizer"] == optimizer).to_numpy(dtype=bool)
        rivals = np.flatnonzero(mine & finished.to_numpy(dtype=bool))
        for place in np.flatnonzero(mine & above.to_numpy(dtype=bool) & (verdicts == "right")):
            slower = (
                (rate[rivals] <= SMALLER_RATE * rate[place])
                & (size[rivals] <= size[place])
                & (FAR_ABOVE * loss[rivals] < loss[place])
            )
            verdicts[place] = "too large" if slower.any() else "undecided"
    return pd.Series(verdicts, index=facts.index)


def _facts(curves: DenseCurves) -> pd.DataFrame:
    train = curves.measures["train_loss"]
    index = pd.Index(curves.trials, name="trial")
    n, length = train.shape
    if length < FEWEST_EPOCHS:
        nothing = dict.fromkeys(
            ("rising_share", "straight", "late_share", "left"), np.full(n, np.nan)
        )
        facts = pd.DataFrame(nothing, index=index)
        rises = (train[:, -1] > train[:, 0] + RISE_FLOOR) if length > 1 else np.zeros(n, dtype=bool)
        return facts.assign(train_rises=rises, learning_rate_verdict="undecided")
    steps = np.diff(train, axis=1)
    threshold = np.maximum(RISE_SHARE * train[:, :-1], RISE_FLOOR)
    rising_share = (steps > threshold).mean(axis=1)
    smoothed = smooth(train)
    third = max(2, length // 3)
    early = smoothed[:, 0] - smoothed[:, third]
    late = smoothed[:, -1 - third] - smoothed[:, -1]
    middle = smoothed[:, -1 - 2 * third] - smoothed[:, -1 - third]
    whole = smoothed[:, 0] - smoothed.min(axis=1)
    facts = pd.DataFrame(
        {
            "rising_share": rising_share,
            "straight": _ratio(late, early),
            "late_share": _ratio(late, whole),
            "left": _left(middle, late),
            "train_rises": train[:, -1] > train[:, 0] + np.maximum(threshold[:, 0], RISE_FLOOR),
        },
        index=index,
    )
    return facts.assign(learning_rate_verdict=_verdicts(facts, train, late))


def _verdicts(facts: pd.DataFrame, train: Matrix, late: Matrix) -> np.ndarray:
    end = train[:, -2:].mean(axis=1)
    falling = late > np.maximum(FALLS * end, FALL_FLOOR)
    learnt = train[:, 0] - train.min(axis=1) > np.maximum(RISE_SHARE * train[:, 0], RISE_FLOOR)
    third = max(2, train.shape[1] // 3)
    conditions = [
        train[:, -third:].mean(axis=1) > BLOWN_UP * train[:, :third].mean(axis=1) + RISE_FLOOR,
        facts["rising_share"] >= RISES_TOO_LARGE,
        falling & (facts["straight"] >= STRAIGHT) & (facts["rising_share"] <= RISES_STEADY),
        (end <= NEAR_ZERO),
        learnt
        & (facts["late_share"] <= SETTLED)
        & (facts["rising_share"] <= RISES_STEADY)
        & (facts["left"] <= np.maximum(LEFT * end, LEFT_FLOOR)),
    ]
    names = ["diverges", "too large", "too small", "right", "right"]
    return np.select(conditions, names, default="undecided")


def _left(middle: Matrix, late: Matrix) -> Matrix:
    """Return the sum of all falls to come, as a geometric series goes on."""
    ratio = np.clip(np.nan_to_num(_ratio(late, middle)), 0, LARGEST_RATIO)
    return np.asarray(np.maximum(late, 0) * ratio / (1 - ratio))


def _ratio(above: Matrix, below: Matrix) -> Matrix:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
