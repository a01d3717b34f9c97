"""Tell from the values of a target which option is made for such values.

The thresholds are set to be silent on shuffled rows, on usual skewness and on usual imbalance.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.data.names import quoted
from sweep.data.spec import DataSpec
from sweep.data.target import EncodedTarget

FEWEST_ROWS: Final = 30  # of which an order or a skewness tells anything
ALIKE: Final = 0.4  # correlation of neighbouring rows that is no accident of a file
DEVIATIONS: Final = 6.0  # from what shuffled rows would have
RUNS: Final = 4  # so few runs a class are a file sorted by class, which says nothing of time
WIDE: Final = 5.0  # largest value, in medians
SKEWED: Final = 1.0
STRAIGHTENED: Final = 3.0  # times less skewed is the logarithm
MAJORITY: Final = 0.95


def warn_target(target: EncodedTarget, name: str, spec: DataSpec) -> tuple[str, ...]:
    """Warn of a target of a table that wants an option which was not given.

    Args:
        target: The encoded target, its rows as they stand in the file.
        name: Its name.
        spec: What options were given.
    """
    ordered = () if spec.time or spec.group else warn_of_order(target, name)
    return (*ordered, *warn_of_shape(target, name, log_target=spec.log_target))


def warn_of_order(target: EncodedTarget, name: str) -> tuple[str, ...]:
    """Warn of a target that is alike in neighbouring rows, as it is in rows in order of time.

    Args:
        target: The encoded target, its rows as they stand in the file.
        name: Its name.
    """
    numbers = target.numbers[target.kept]
    if len(numbers) < FEWEST_ROWS:
        return ()
    if target.task == "regression":
        alike, noise = _rank_correlation(numbers), 1.0
    else:
        alike, noise = _repetition(numbers.astype(np.int64))
    if alike < max(ALIKE, DEVIATIONS * noise / np.sqrt(len(numbers))):
        return ()
    warning = (
        f"target {quoted(name)}: rows that follow each other are alike; if they are in order of "
        "time, --time COL trains on the earlier and tests on the later ones; if they come in "
        "groups, --group COL keeps these together"
    )
    return (warning,)


def warn_of_shape(target: EncodedTarget, name: str, *, log_target: bool) -> tuple[str, ...]:
    """Warn of values over orders of magnitude, or of a class that nearly all rows have.

    Args:
        target: The encoded target.
        name: Its name.
        log_target: Whether its logarithm is learnt.
    """
    numbers = target.numbers[target.kept]
    if target.task != "regression":
        counts = np.bincount(numbers.astype(np.int64))
        largest, share = int(counts.argmax()), float(counts.max() / counts.sum())
        if share < MAJORITY:
            return ()
        warning = (
            f"target {quoted(name)}: {share:.1%} of the rows have the class "
            f"{quoted(target.class_names[largest])}, and always to answer it is right as often; "
            "--class-weight balanced lets classes count alike in training, and --score chooses "
            "the score that is shown first"
        )
        return (warning,)
    if log_target or len(numbers) < FEWEST_ROWS or numbers.min() <= 0:
        return ()
    median, highest = float(np.median(numbers)), float(numbers.max())
    if highest < WIDE * median:
        return ()
    skewness = _skewness(numbers / highest)
    if skewness < SKEWED or abs(_skewness(np.log(numbers))) > skewness / STRAIGHTENED:
        return ()
    warning = (
        f"target {quoted(name)}: positive, and up to {highest / median:,.0f} times its median; "
        "--log-target learns its logarithm, which suits prices and amounts, and never predicts a "
        "negative one"
    )
    return (warning,)


def _skewness(values: NDArray[np.float64]) -> float:
    centred = values - values.mean()
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def _rank_correlation(numbers: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """Return the correlation of each row's rank with that of the next (Bartels 1982)."""
    ranks = pd.Series(numbers).rank()
    ranks -= ranks.mean()
    return float((ranks * ranks.shift(1)).sum() / (ranks**2).sum())


def _repetition(classes: NDArray[np.int64]) -> tuple[float, float]:
    """Return by how much neighbouring rows share their class more often than by chance.

    It is Cohen's kappa of each row with the next; and, behind it, what is to be divided by the
    root of the rows for its standard deviation in shuffled rows.
    """
    shares = np.bincount(classes) / len(classes)
    chance = float((shares**2).sum())
    same = classes[1:] == classes[:-1]
    runs = len(same) - int(same.sum()) + 1
    if runs <= RUNS * len(shares):
        return 0.0, 1.0
    return (float(same.mean()) - chance) / (1 - chance), float(np.sqrt(chance / (1 - chance)))
