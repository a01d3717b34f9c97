"""What is compared of a run: the networks of one configuration, and the rows they were judged on.

How two of them can be compared depends on what they share. Scores on different data have no
common unit. On the same rows, networks of the same seeds are pairs; else their means are compared.
One network of each says how well these two do, and nothing of their configurations.
"""

import dataclasses
import json
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studies.answering.contrasts import Basis, Contrast
from studies.statistics.comparisons import Comparison, FoldSizes, compare_differences
from studies.statistics.intervals import Estimate, difference_estimate, mean_estimate
from studies.statistics.power import seeds_to_settle
from studies.statistics.several_arms import decide_together
from studies.statistics.unpaired import compare_means

MARGIN: Final = 0.01  # of a score, as in studies
FEWEST_SEEDS: Final = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """Hold the networks of one configuration.

    Attributes:
        name: What the comparison calls it.
        members: Its finished trials: rows of the trials table; docs/tables.md.
        fresh: Whether they were trained on seeds that had no part in choosing the configuration.
        folds: How many rows each fold has; None without folds.
        data: What tells its data from others.
        rows: What tells its training and validation rows from others.
    """

    name: str
    members: pd.DataFrame
    fresh: bool
    folds: FoldSizes | None
    data: Hashable
    rows: Hashable

    @property
    def scores(self) -> "pd.Series[float]":
        """Return the validation scores, indexed by seed and fold."""
        fold = self.members["fold"].fillna(-1).astype("int64")
        index = pd.MultiIndex.from_arrays([self.members["seed"], fold], names=["seed", "fold"])
        return pd.Series(self.members["validation_score"].to_numpy(float), index=index)

    @property
    def seeds(self) -> int:
        """Return on how many seeds its networks were trained."""
        return int(self.members["seed"].nunique())

    @property
    def units(self) -> int:
        """Return how many values its mean rests on: the folds where there are any, or the seeds."""
        return len(self.members) if self.folds is None else int(self.members["fold"].nunique())

    def estimate(self, measure: str = "validation_score", *, rows: bool = False) -> Estimate:
        """Return the mean of a measure over the networks, with its standard error over seeds.

        Args:
            measure: A column of the trials table; with ``rows``, one that has an ``_se``.
            rows: Whether the error over rows is added, which the networks share.
        """
        values = self.members[measure].to_numpy(float)
        if self.folds is None:
            found = mean_estimate(values)
        else:
            means = self.members.groupby("fold")[measure].mean()
            found = self.folds.widened(mean_estimate(means.to_numpy(float)))
        if not rows:
            return found
        error = float(self.members[f"{measure}_se"].mean())
        if self.units < FEWEST_SEEDS:
            return Estimate(value=found.value, se=error)
        return difference_estimate(found, Estimate(value=0.0, se=error))


def data_key(manifest: Mapping[str, Any]) -> Hashable:
    """Return what tells the data of a run from others: bytes, target and task."""
    data = manifest.get("data") or {}
    return data.get("fingerprint"), data.get("target"), data.get("task")


def rows_key(manifest: Mapping[str, Any]) -> Hashable:
    """Return what tells the rows of a run's splits from others, on the same data."""
    settings, data = manifest.get("settings") or {}, manifest.get("data") or {}
    drawn = [settings.get(name) for name in ("rows", "group", "split")]
    seed = (manifest.get("seeds") or {}).get("split")
    folds = (manifest.get("study") or {}).get("folds") or 0
    counted = [data.get("splits"), data.get("effective_rows")]
    told = [data_key(manifest), seed, drawn, counted, folds]
    return json.dumps(told, sort_keys=True)


def find_basis(first: Side, second: Side) -> Basis:
    """Return what two sides on the same data can be compared over."""
    if min(first.units, second.units) < FEWEST_SEEDS:
        return "one seed"
    same_folds = (first.folds is None) == (second.folds is None)
    if first.rows != second.rows or not same_folds:
        return "rows"
    shared = first.scores.index.intersection(second.scores.index)
    if len(shared) < FEWEST_SEEDS:
        return "seeds"
    return "pairs" if first.folds is None else "folds"


def compare_sides(pairs: Sequence[tuple[Side, Side]], *, margin: float = MARGIN) -> list[Contrast]:
    """Compare sides two by two, each on what the two share, and decide them together (Holm).

    Args:
        pairs: The first and the second of each; on the same data.
        margin: The largest difference in score that does not matter, above 0.

    Returns:
        First minus second. Over ``one seed`` the interval is over rows, and nothing is decided.
        Identical networks do not differ at all, and so are equivalent however few they are.
    """
    bases = [find_basis(*pair) for pair in pairs]
    compared = [_compare(pair, basis, margin) for pair, basis in zip(pairs, bases, strict=True)]
    contrasts = []
    for pair, basis, comparison, decided in zip(
        pairs, bases, compared, decide_together(compared), strict=True
    ):
        p_holm, equivalence_p_holm, verdict = decided
        identical = _are_identical(*pair)
        verdict = "equivalent" if identical else verdict
        needed = None
        if verdict == "undecided":
            needed = _seeds_needed(pair, basis, margin, confidence=1 - 0.05 / len(pairs))
        contrasts.append(
            Contrast(
                first=pair[0].name,
                second=pair[1].name,
                difference=comparison.difference,
                verdict=verdict,
                pairs=comparison.pairs,
                basis=basis,
                p=comparison.p,
                p_holm=p_holm,
                equivalence_p_holm=equivalence_p_holm,
                detectable=comparison.detectable,
                seeds_needed=needed,
                identical=identical,
            )
        )
    return contrasts


def paired_differences(first: Side, second: Side) -> NDArray[np.float64]:
    """Return first minus second over the seeds, or the folds, that both have: float64 [n]."""
    differences = (first.scores - second.scores).dropna()
    if first.folds is not None:
        differences = differences.groupby(level="fold").mean()
    return np.asarray(differences, dtype=np.float64)


def _compare(pair: tuple[Side, Side], basis: Basis, margin: float) -> Comparison:
    first, second = pair
    if basis in {"pairs", "folds"}:
        differences = paired_differences(first, second)
        return compare_differences(differences, margin=margin, folds=first.folds)
    means = [side.estimate(rows=basis != "seeds") for side in pair]
    seeds = min(first.units, second.units)
    if basis == "one seed":  # the error is that over the rows, as if they were independent
        means, seeds = [dataclasses.replace(mean, df=math.inf) for mean in means], 1
    return compare_means(means[0], means[1], seeds=seeds, margin=margin)


def _seeds_needed(
    pair: tuple[Side, Side], basis: Basis, margin: float, *, confidence: float
) -> int | None:
    """Return how many more seeds would settle a contrast, every one of them counted."""
    first, second = pair
    if first.folds is not None or second.folds is not None or basis not in {"pairs", "seeds"}:
        return None
    estimate = mean_estimate(paired_differences(first, second))
    if basis == "seeds":
        means = difference_estimate(first.estimate(), second.estimate())
        estimate = dataclasses.replace(means, df=min(first.seeds, second.seeds) - 1)
    return seeds_to_settle(estimate, margin, confidence=confidence)


def _are_identical(first: Side, second: Side) -> bool:
    """Return whether two sides are the same networks, by every measure of their trials."""
    measures = ["seed", "validation_score", "validation_loss", "train_score", "train_loss"]
    one, other = (
        side.members[measures].sort_values(measures).to_numpy(float) for side in (first, second)
    )
    return first.rows == second.rows and np.array_equal(one, other, equal_nan=True)
