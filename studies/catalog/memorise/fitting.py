"""Which networks fit their labels: shares over seeds, thresholds, and the time it takes."""

import dataclasses
import math
from typing import Final, Literal

import numpy as np
import pandas as pd

from studies.answering.results import StudyResults, pivot
from studies.answering.words import Row, numbers
from studies.designs.arm_grid import ArmGrid
from studies.statistics.intervals import (
    Interval,
    Values,
    exact_share_interval,
    mean_interval,
    proportion_interval,
)
from studies.statistics.power import FEWEST_PAIRS

FITTED: Final = 0.99  # score on the training rows after the last epoch
MOST: Final = 0.5  # of the seeds

Labels = Literal["true", "random"]
KINDS: Final[tuple[Labels, ...]] = ("true", "random")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Hold how large a network must be to fit its labels.

    Attributes:
        labels: Which labels.
        fits: Parameters of the smallest network that most seeds fit; None if none was tried.
        fails: Parameters of the largest smaller network that most seeds do not fit; None if even
            the smallest one is fitted, or is not surely too small.
        width: Of the smallest network that most seeds fit; None as ``fits``.
        rows: Labels to fit.
    """

    labels: Labels
    fits: int | None
    fails: int | None
    width: int | None
    rows: int

    @property
    def labels_per_parameter(self) -> Interval:
        """Return the capacity: that of the smallest that fits, up to that of the one that fails."""
        if self.fits is None:
            return Interval(estimate=math.nan, low=math.nan, high=math.nan)
        low = self.rows / self.fits
        high = math.nan if self.fails is None else self.rows / self.fails
        return Interval(estimate=low, low=low, high=high)


def read_arms(results: StudyResults) -> dict[tuple[Labels, int], str]:
    """Return the arm of each kind of labels and width, true labels first, widths ascending."""
    grid = ArmGrid.of(results.design, "label_noise", "width")
    return {
        (kind, width): grid.names[noise, width]
        for kind, noise in zip(KINDS, grid.firsts, strict=True)
        for width in grid.seconds
    }


def share_fitted(results: StudyResults) -> pd.DataFrame:
    """Count the seeds of each arm that fit the training rows after the last epoch.

    A network that was lost does not fit.

    Returns:
        One row an arm: ``labels``, ``width``, ``arm``, ``parameters``, ``fitted`` and ``trials``
        (counts), ``share``, ``low`` and ``high`` (exact by Clopper and Pearson), ``verdict``
        (``fits`` or ``does not fit`` where the interval lies beyond a half, else ``undecided``).
    """
    rows = []
    for (labels, width), name in read_arms(results).items():
        trials = results.comparison[results.comparison["arm"] == name]
        scores = trials["last_train_score"].where(trials["outcome"] == "finished")
        fitted = int((scores >= FITTED).sum())
        share = exact_share_interval(fitted, len(trials))
        verdict = "undecided"
        if len(trials) >= FEWEST_PAIRS and share.excludes(MOST):
            verdict = "fits" if share.low > MOST else "does not fit"
        rows.append(
            {
                "labels": labels,
                "width": width,
                "arm": name,
                "parameters": int(trials["parameters"].max()) if len(trials) else 0,
                "fitted": fitted,
                "trials": len(trials),
                "verdict": verdict,
                **numbers(share, "share"),
            }
        )
    return pd.DataFrame(rows)


def share_of(row: Row) -> Interval:
    """Return the share of the seeds that fit, of a row of `share_fitted`."""
    return Interval(estimate=row["share"], low=row["low"], high=row["high"])


def find_threshold(shares: pd.DataFrame, labels: Labels, *, rows: int) -> Threshold:
    """Find the smallest network that fits, and the largest below it that does not.

    Args:
        shares: From `share_fitted`.
        labels: Which labels.
        rows: Labels to fit.
    """
    mine = shares[shares["labels"] == labels].sort_values("parameters")
    fits = mine[mine["verdict"] == "fits"]
    smallest = None if fits.empty else fits.iloc[0]
    below = mine if smallest is None else mine[mine["parameters"] < smallest["parameters"]]
    fails = below[below["verdict"] == "does not fit"]["parameters"]
    return Threshold(
        labels=labels,
        fits=None if smallest is None else int(smallest["parameters"]),
        fails=None if fails.empty else int(fails.max()),
        width=None if smallest is None else int(smallest["width"]),
        rows=rows,
    )


def size_ratio(random: Threshold, true: Threshold) -> Interval:
    """Return how many times as large a network must be for random labels.

    Returns:
        The ratio of the smallest networks that fit. The bounds follow from those that do not: NaN
        where there is none.
    """
    if random.fits is None or true.fits is None:
        return Interval(estimate=math.nan, low=math.nan, high=math.nan)
    low = math.nan if random.fails is None else random.fails / true.fits
    high = math.nan if true.fails is None else random.fits / true.fails
    return Interval(estimate=random.fits / true.fits, low=low, high=high)


def epochs_to_fit(results: StudyResults) -> pd.DataFrame:
    """Return the first epoch in which each network fits, pair by pair.

    Returns:
        One row a pair, one column an arm; NaN where it never does.
    """
    epochs = results.epochs[results.epochs["train_score"] >= FITTED]
    first = epochs.groupby("trial")["epoch"].min()
    rows = results.comparison.assign(to_fit=results.comparison["trial"].map(first))
    return pivot(rows, "to_fit", results)


def time_ratio(epochs: pd.DataFrame, random: str, true: str) -> Interval:
    """Return how many times as many epochs random labels take, over the pairs that fit both.

    Args:
        epochs: From `epochs_to_fit`.
        random: The arm with random labels.
        true: The arm of the same network with true labels.

    Returns:
        The geometric mean of the ratios with the t interval of their logarithms; NaN bounds with
        fewer than five pairs.
    """
    ratios = (epochs[random] / epochs[true]).dropna()
    logs = np.log(ratios.to_numpy(dtype=np.float64))
    interval = mean_interval(logs)
    known = len(logs) >= FEWEST_PAIRS
    return Interval(
        estimate=math.exp(interval.estimate),
        low=math.exp(interval.low) if known else math.nan,
        high=math.exp(interval.high) if known else math.nan,
    )


def validation_at_end(results: StudyResults, arm: str, rows: float) -> Interval:
    """Return the validation score of an arm after the last epoch, with what rows and seeds leave.

    The seeds share the validation rows: Wilson's interval of the mean accuracy over these rows. For
    R² it is the t interval over seeds.

    Args:
        results: The study.
        arm: The arm.
        rows: Validation rows; of rows with weights, how many of equal weight tell as much.
    """
    values: Values = results.paired("last_validation_score")[arm].to_numpy(dtype=np.float64)
    seeds = mean_interval(values)
    if results.metric != "accuracy":
        return seeds
    return proportion_interval(seeds.estimate, rows)
