"""What one trial's curve shows, trial by trial: best epoch, gaps, rise, onset, still improving.

These are measurements, each with its noise; what to call them is for `studies.diagnosis.networks`.
Two kinds of noise are kept apart. The gap compares different rows (train and validation), so its
error is that of the rows. A rise or a fall compares the same rows at two epochs, so its error is
how much the curve scatters from epoch to epoch.
"""

import math
from typing import Final

import numpy as np
import pandas as pd

from studies.diagnosis.arrays import (
    FEWEST_EPOCHS,
    DenseCurves,
    Matrix,
    Noise,
    dense_curves,
    epoch_noise,
    smooth,
    trend_drop,
)

RISE_SHARE: Final = 0.05  # a rise of the validation loss that matters, in shares of its minimum
LOSS_FLOOR: Final = 0.005  # and never less than this: nats, or variances of the target
DROP_SHARE: Final = 0.02  # a fall over the last third that is worth more epochs
TRAIN_CHANGE: Final = 0.05  # the train loss keeps falling, or worsens, by this share since the best
SCORE_RISE: Final = 0.005  # a rise of accuracy or R2 that matters
MINIMUM_DEPTH: Final = 1.2  # a minimum over noisy epochs lies this many deviations too low

FACTS: Final = (
    "epochs_seen",
    "best_epoch",
    "train_loss",
    "train_loss_se",
    "validation_loss",
    "validation_loss_se",
    "gap",
    "gap_se",
    "score_gap",
    "score_gap_se",
    "last_gap",
    "last_gap_se",
    "last_score_gap",
    "last_score_gap_se",
    "rise",
    "rise_noise",
    "rises",
    "train_falls",
    "train_worsens",
    "score_rises",
    "drop",
    "drop_noise",
    "improving",
    "onset_epoch",
)


def curve_facts(epochs: pd.DataFrame) -> pd.DataFrame:
    """Measure the curve of each trial.

    Args:
        epochs: The table of docs/tables.md.

    Returns:
        One row a trial (the index) with at least one finite epoch; the columns are ``FACTS``.
        ``rise`` is the mean validation loss of the last fifth of the epochs above the smoothed
        minimum, ``drop`` its fall over the last third; ``rise_noise`` and ``drop_noise`` are what
        noise alone would reach. ``rises``, ``train_falls``, ``train_worsens``, ``score_rises`` and
        ``improving`` are bool and False where the curve is too short to tell (under
        ``FEWEST_EPOCHS`` epochs).
    """
    parts = [_facts(curves) for curves in dense_curves(epochs)]
    if not parts:
        empty = pd.DataFrame(columns=list(FACTS), dtype=np.float64)
        return empty.rename_axis("trial")
    return pd.concat(parts)[list(FACTS)]


def rise_margin(minimum: Matrix) -> Matrix:
    """Return the smallest rise of a validation loss that matters, from its minimum [n]."""
    return np.maximum(RISE_SHARE * minimum, LOSS_FLOOR)


def _facts(curves: DenseCurves) -> pd.DataFrame:
    rows = np.arange(len(curves.trials))
    best = curves.measures["validation_loss"].argmin(axis=1)
    at_best = {name: values[rows, best] for name, values in curves.measures.items()}
    at_last = {name: values[:, -1] for name, values in curves.measures.items()}
    columns = {
        "epochs_seen": np.full(len(rows), curves.length),
        "best_epoch": curves.epoch[rows, best],
        **{
            name: at_best[name]
            for name in ("train_loss", "train_loss_se", "validation_loss", "validation_loss_se")
        },
        **_gaps(at_best, prefix=""),
        **_gaps(at_last, prefix="last_"),
        **_trend(curves, best),
    }
    return pd.DataFrame(columns, index=pd.Index(curves.trials, name="trial"))


def _gaps(at: dict[str, Matrix], *, prefix: str) -> dict[str, Matrix]:
    return {
        f"{prefix}gap": at["validation_loss"] - at["train_loss"],
        f"{prefix}gap_se": np.hypot(at["validation_loss_se"], at["train_loss_se"]),
        f"{prefix}score_gap": at["train_score"] - at["validation_score"],
        f"{prefix}score_gap_se": np.hypot(at["validation_score_se"], at["train_score_se"]),
    }


def _trend(curves: DenseCurves, best: np.ndarray) -> dict[str, np.ndarray]:
    n, length = len(curves.trials), curves.length
    if length < FEWEST_EPOCHS:
        unknown, no = np.full(n, np.nan), np.zeros(n, dtype=bool)
        names = ("rise", "rise_noise", "drop", "drop_noise", "onset_epoch")
        flags = ("rises", "train_falls", "train_worsens", "score_rises", "improving")
        return {**dict.fromkeys(names, unknown), **dict.fromkeys(flags, no)}
    validation = curves.measures["validation_loss"]
    smoothed = smooth(validation)
    noise = epoch_noise(validation)
    block = last_block(length)
    minimum = smoothed.min(axis=1)
    rise, leverage = rise_after(validation, smoothed.argmin(axis=1))
    rise_noise = (noise.critical * leverage + MINIMUM_DEPTH) * noise.deviation
    rises = (rise > rise_noise) & (rise > rise_margin(minimum))
    train = _around(curves.measures["train_loss"], best)
    train_end = curves.measures["train_loss"][:, -block:].mean(axis=1)
    train_falls = train_end < (1 - TRAIN_CHANGE) * train
    return {
        "rise": rise,
        "rise_noise": rise_noise,
        "rises": rises,
        "train_falls": train_falls,
        "train_worsens": train_end > (1 + TRAIN_CHANGE) * train,
        "score_rises": _score_rises(curves, best),
        "onset_epoch": _onset(curves, best, smoothed, np.fmax(rise_noise, rise_margin(minimum)))
        .where(rises & train_falls)
        .to_numpy(),
        **_improvement(validation, noise),
    }


def last_block(length: int) -> int:
    """Return how many epochs stand for the end of a curve: a fifth, and two at least."""
    return max(2, length // 5)


def rise_after(values: Matrix, place: np.ndarray) -> tuple[Matrix, Matrix]:
    """Return how far each curve ends above an epoch of its own.

    Args:
        values: float64 [n, epochs].
        place: The epoch of each curve, from 0 [n]; its value is the mean of three epochs.

    Returns:
        The mean of the last block, as far as it lies after that epoch, minus its value [n] (0 where
        nothing lies after it: a curve that falls to the end does not rise); and the standard error
        in units of the scatter of one epoch [n].
    """
    length = values.shape[1]
    start = np.maximum(place + 1, length - last_block(length))
    after = np.arange(length) >= start[:, None]
    count = after.sum(axis=1)
    end = np.where(after, values, 0).sum(axis=1) / np.maximum(count, 1)
    rise = np.where(count > 0, end - _around(values, place), 0.0)
    return rise, np.sqrt(1 / np.maximum(count, 1) + 1 / 3)


def last_third(length: int) -> int:
    """Return how many epochs show whether a curve still moves: a third, and four at least."""
    return max(4, math.ceil(length / 3))


def _around(values: Matrix, best: np.ndarray) -> Matrix:
    return np.asarray(smooth(values)[np.arange(len(values)), best])


def _score_rises(curves: DenseCurves, best: np.ndarray) -> np.ndarray:
    score = curves.measures["validation_score"]
    noise = epoch_noise(score)
    rise, leverage = rise_after(score, best)
    clear = rise > noise.critical * leverage * noise.deviation
    return np.asarray(clear & (rise > SCORE_RISE))


def _onset(curves: DenseCurves, best: np.ndarray, smoothed: Matrix, threshold: Matrix) -> pd.Series:
    """Return the first epoch from which the smoothed loss stays above its minimum for good."""
    staying = np.minimum.accumulate(smoothed[:, ::-1], axis=1)[:, ::-1]
    above = staying > (smoothed.min(axis=1) + threshold)[:, None]
    above &= np.arange(curves.length) > best[:, None]
    first = above.argmax(axis=1)
    epochs = curves.epoch[np.arange(len(best)), first].astype(np.float64)
    return pd.Series(np.where(above.any(axis=1), epochs, np.nan))


def _improvement(validation: Matrix, noise: Noise) -> dict[str, np.ndarray]:
    late = validation[:, -last_third(validation.shape[1]) :]
    drop, leverage = trend_drop(late)
    drop_noise = noise.critical * leverage * noise.deviation
    worth = np.maximum(DROP_SHARE * late[:, -2:].mean(axis=1), LOSS_FLOOR)
    return {
        "drop": drop,
        "drop_noise": drop_noise,
        "improving": (drop > drop_noise) & (drop > worth),
    }
