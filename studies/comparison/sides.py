"""What is compared of a run: the networks of one configuration, and the rows they were judged on.

How two of them can be compared depends on what they share. Scores on different data have no
common unit. On the same rows, networks of the same seeds are pairs; else their means are compared.
One network of each says how well these two do, and nothing of their configurations.
"""

import dataclasses
import json
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studies.statistics.comparisons import Comparison, FoldSizes, compare_differences, decide
from studies.statistics.intervals import (
    Estimate,
    difference_estimate,
    estimate_interval,
    mean_estimate,
)
from studies.statistics.power import seeds_to_settle
from studies.statistics.several_arms import holm
from studies.statistics.unpaired import compare_means

Basis = Literal["pairs", "folds", "seeds", "rows", "one seed"]

MARGIN: Final = 0.01  # of a score, as in studies
FEWEST_SEEDS: Final = 2
COLUMNS: Final = {
    "first": "str",
    "second": "str",
    "basis": "str",
    "pairs": "int64",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "p": "float64",
    "p_holm": "float64",
    "equivalence_p": "float64",
    "equivalence_p_holm": "float64",
    "detectable": "float64",
    "seeds_needed": "Int64",
    "same_rows": "bool",
    "identical": "bool",
    "verdict": "str",
}


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


def compare_sides(
    contrasts: Sequence[tuple[Side, Side]], *, margin: float = MARGIN
) -> pd.DataFrame:
    """Compare sides two by two, each on what the two share.

    Args:
        contrasts: The first and the second of each; on the same data.
        margin: The largest difference in score that does not matter, above 0.

    Returns:
        One row a contrast, the columns ``COLUMNS``: as `compare_arms` has them, beside the
        ``basis``. Adjusted by Holm over all contrasts with a p. Over ``one seed`` the interval is
        over rows, and nothing is decided. ``same_rows`` tells whether
        both were judged on the same rows; ``identical`` are networks that do not
        differ at all, and so equivalent however few they are.
    """
    bases = [find_basis(*contrast) for contrast in contrasts]
    compared = [
        _compare(contrast, basis, margin) for contrast, basis in zip(contrasts, bases, strict=True)
    ]
    table = pd.DataFrame(
        [
            _row(contrast, basis, one)
            for contrast, basis, one in zip(contrasts, bases, compared, strict=True)
        ],
        columns=list(COLUMNS),
    )
    p_holm = table["p_holm"] = holm([one.p for one in compared])
    q_holm = table["equivalence_p_holm"] = holm([one.equivalence_p for one in compared])
    table["verdict"] = [
        decide(one.difference.estimate, p=p, equivalence_p=q, alpha=0.05)
        for one, p, q in zip(compared, p_holm, q_holm, strict=True)
    ]
    table.loc[table["identical"].astype("bool"), "verdict"] = "equivalent"
    table["seeds_needed"] = [
        _seeds_needed(contrast, basis, margin, confidence=1 - 0.05 / len(contrasts))
        if verdict == "undecided"
        else None
        for contrast, basis, verdict in zip(contrasts, bases, table["verdict"], strict=True)
    ]
    return table.astype(COLUMNS)


def paired_differences(first: Side, second: Side) -> NDArray[np.float64]:
    """Return first minus second over the seeds, or the folds, that both have: float64 [n]."""
    differences = (first.scores - second.scores).dropna()
    if first.folds is not None:
        differences = differences.groupby(level="fold").mean()
    return np.asarray(differences, dtype=np.float64)


def _compare(contrast: tuple[Side, Side], basis: Basis, margin: float) -> Comparison:
    first, second = contrast
    if basis in {"pairs", "folds"}:
        differences = paired_differences(first, second)
        return compare_differences(differences, margin=margin, folds=first.folds)
    if basis == "one seed":
        return _on_rows(first, second)
    rows = basis == "rows"
    return compare_means(
        first.estimate(rows=rows),
        second.estimate(rows=rows),
        seeds=min(first.units, second.units),
        margin=margin,
    )


def _on_rows(first: Side, second: Side) -> Comparison:
    """Describe the difference of networks by the error over their rows, as if independent."""
    rows = [
        Estimate(value=side.estimate().value, se=side.estimate(rows=True).se)
        for side in (first, second)
    ]
    return Comparison(
        verdict="undecided",
        pairs=1,
        difference=estimate_interval(difference_estimate(*rows)),
        p=math.nan,
        sign_flip_p=math.nan,
        wilcoxon_p=math.nan,
        equivalence_p=math.nan,
        superiority=math.nan,
        detectable=math.nan,
        seeds_needed=None,
    )


def _seeds_needed(
    contrast: tuple[Side, Side], basis: Basis, margin: float, *, confidence: float
) -> int | None:
    """Return how many more seeds would settle a contrast, every one of them counted."""
    first, second = contrast
    if first.folds is not None or second.folds is not None:
        return None
    if basis == "pairs":
        estimate = mean_estimate(paired_differences(first, second))
    elif basis == "seeds":
        seeds = min(first.seeds, second.seeds)
        estimate = dataclasses.replace(
            difference_estimate(first.estimate(), second.estimate()), df=seeds - 1
        )
    else:
        return None
    return seeds_to_settle(estimate, margin, confidence=confidence)


def _row(contrast: tuple[Side, Side], basis: Basis, one: Comparison) -> dict[str, object]:
    return {
        "first": contrast[0].name,
        "second": contrast[1].name,
        "basis": basis,
        "pairs": one.pairs,
        "difference": one.difference.estimate,
        "low": one.difference.low,
        "high": one.difference.high,
        "p": one.p,
        "equivalence_p": one.equivalence_p,
        "detectable": one.detectable,
        "same_rows": contrast[0].rows == contrast[1].rows,
        "identical": _are_identical(*contrast),
    }


def _are_identical(first: Side, second: Side) -> bool:
    """Return whether two sides are the same networks, by every measure of their trials."""
    measures = ["seed", "validation_score", "validation_loss", "train_score", "train_loss"]
    one, other = (
        side.members[measures].sort_values(measures).to_numpy(float) for side in (first, second)
    )
    return first.rows == second.rows and np.array_equal(one, other, equal_nan=True)
