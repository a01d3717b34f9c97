"""The shape of a capacity curve: which rises and falls of the loss are there beyond noise.

Every arm is compared with every larger one over the same pairs. All these comparisons are one
family: the critical value is that of the largest t statistic among them when the deviations of
whole pairs from the mean curve change their signs at random (Romano and Wolf 2005), which keeps
what the arms share. A flat curve is then said to rise or fall anywhere in one case of twenty.
"""

import dataclasses
import itertools
import math
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studies.statistics.intervals import Interval
from studies.statistics.p_values import sign_assignments

FEWEST_PAIRS: Final = 6  # of five pairs no assignment of signs is rare enough

ShapeName = Literal[
    "falling", "rising", "flat", "U", "peak", "double descent", "irregular", "undecided"
]
# By the directions of the moves that are there: -1 falls, 1 rises.
SHAPES: Final[dict[tuple[int, ...], ShapeName]] = {
    (-1,): "falling",
    (1,): "rising",
    (-1, 1): "U",
    (1, -1): "peak",
    (-1, 1, -1): "double descent",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Hold how the mean loss changes from a smaller arm to a larger one.

    Attributes:
        start: The smaller arm.
        end: The larger arm.
        change: Loss of the larger minus that of the smaller; its interval holds for all pairs of
            arms at once.
    """

    start: str
    end: str
    change: Interval


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Hold the shape of a curve of mean losses.

    Attributes:
        shape: ``falling``, ``rising``, ``flat`` (no two arms differ by the margin, surely), ``U``
            (falls, then rises), ``peak`` (rises, then falls), ``double descent`` (falls, rises,
            falls), ``irregular`` (turns more often) or ``undecided``.
        pairs: Number of pairs that have every arm.
        moves: The falls and rises that make the shape, from small to large arms.
        lowest: The arm of the smallest mean loss.
        peak: The arm at the top of the first rise that is followed by a fall; None without one.
        largest_rise: The largest rise that was seen, whether clear or not; its upper bound is what
            may have been missed.
        largest_fall: The same of the falls.
    """

    shape: ShapeName
    pairs: int
    moves: tuple[Move, ...]
    lowest: str
    peak: str | None
    largest_rise: Move
    largest_fall: Move


def curve_shape(
    losses: pd.DataFrame, *, margin: float, confidence: float = 0.95, seed: int = 0
) -> Shape:
    """Find the shape of a capacity curve.

    A move counts if its interval excludes zero and it is larger than the margin. Of all sequences
    of moves that alternate, the longest is the shape, and of these the one of the largest moves.

    Args:
        losses: One row a pair, one column an arm in the order of capacity, two or more; smaller is
            better. A pair with a NaN is left out: leave out an arm that diverged in most.
        margin: The largest difference that does not matter, above 0, in the units of the losses.
        confidence: Of all intervals at once.
        seed: Of the flips, where there are too many pairs to try all.

    Raises:
        ValueError: There are fewer than two arms, or the margin is not above 0.
    """
    if losses.shape[1] < 2:
        raise ValueError(f"a shape needs 2 arms or more, got {losses.shape[1]}")
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin}")
    array = losses.dropna().to_numpy(dtype=np.float64)
    low, high = simultaneous_changes(array, confidence=confidence, seed=seed)
    means = array.mean(axis=0) if len(array) else np.full(array.shape[1], math.nan)
    changes = means[None, :] - means[:, None]
    arms = [str(arm) for arm in losses.columns]

    def move(start: int, end: int) -> Move:
        bounds = (float(low[start, end]), float(high[start, end]))
        if math.isinf(bounds[0]):
            bounds = (math.nan, math.nan)
        interval = Interval(estimate=float(changes[start, end]), low=bounds[0], high=bounds[1])
        return Move(start=arms[start], end=arms[end], change=interval)

    clear = np.where((low > 0) | (high < 0), np.sign(changes), 0) * (np.abs(changes) > margin)
    turns = _longest_alternation(clear, changes)
    moves = tuple(itertools.starmap(move, itertools.pairwise(turns)))
    directions = tuple(int(np.sign(one.change.estimate)) for one in moves)
    pairs = list(itertools.combinations(range(len(arms)), 2))
    flat = all(low[pair] > -margin and high[pair] < margin for pair in pairs)
    shape: ShapeName = "flat" if flat else "undecided"
    if moves:
        shape = SHAPES.get(directions, "irregular")
    tops = [one.end for one, after in itertools.pairwise(moves) if after.change.estimate < 0]
    return Shape(
        shape=shape,
        pairs=len(array),
        moves=moves,
        lowest=arms[int(np.argmin(means))],
        peak=tops[0] if tops else None,
        largest_rise=move(*max(pairs, key=lambda pair: changes[pair])),
        largest_fall=move(*min(pairs, key=lambda pair: changes[pair])),
    )


def simultaneous_changes(
    losses: NDArray[np.float64], *, confidence: float = 0.95, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return intervals of the changes between all arms that hold at once.

    Args:
        losses: float64 [pairs, arms], no NaN.
        confidence: That every interval covers.
        seed: Of the flips, where there are too many pairs to try all.

    Returns:
        Lower and upper bounds, float64 [arms, arms], of the mean loss of a later arm (second axis)
        minus that of an earlier one (first axis), NaN elsewhere; infinite with fewer than
        ``FEWEST_PAIRS`` pairs.
    """
    n, arms = losses.shape
    earlier, later = np.triu_indices(arms, 1)
    low, high = np.full((2, arms, arms), math.nan)
    if n < FEWEST_PAIRS:
        low[earlier, later], high[earlier, later] = -math.inf, math.inf
        return low, high
    changes = losses[:, later] - losses[:, earlier]
    mean = changes.mean(axis=0)
    # Deviations, not the changes themselves: a large change would make the flipped statistics of
    # its own pair small, and the critical value with them (coverage of 80 % in simulations).
    deviations = changes - mean
    flipped = sign_assignments(n, seed=seed) @ deviations / n
    # A flip leaves the sum of squares as it is, so the error follows from the mean.
    squares = (deviations**2).mean(axis=0)
    errors = np.sqrt(np.maximum(squares - flipped**2, 0) / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.nan_to_num(np.abs(flipped) / errors, nan=0.0, posinf=math.inf)
    largest = np.sort(ratios.max(axis=1))
    critical = largest[len(largest) - 1 - int((1 - confidence) * len(largest))]
    error = np.sqrt(squares / (n - 1))
    half = np.multiply(error, critical, out=np.zeros_like(error), where=error > 0)
    low[earlier, later], high[earlier, later] = mean - half, mean + half
    return low, high


def _longest_alternation(
    clear: NDArray[np.float64], changes: NDArray[np.float64]
) -> tuple[int, ...]:
    """Return the arms at which the longest sequence of alternating moves starts, turns and ends.

    Args:
        clear: -1, 0 or 1 [arms, arms]: how the second arm clearly differs from the first.
        changes: By how much [arms, arms].

    Returns:
        Places in ascending order, empty without a move; of equally long sequences the one of the
        largest moves.
    """
    # The best sequence that ends at an arm with a move in a direction: (moves, their sum, places).
    best: dict[tuple[int, int], tuple[int, float, tuple[int, ...]]] = {}
    for end in range(len(clear)):
        for direction in (-1, 1):
            for start in range(end):
                if clear[start, end] != direction:
                    continue
                length, total, places = best.get((start, -direction), (0, 0.0, (start,)))
                found = (length + 1, total + abs(float(changes[start, end])), (*places, end))
                best[end, direction] = max(best.get((end, direction), found), found)
    return max(best.values())[2] if best else ()
