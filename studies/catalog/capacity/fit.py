"""How networks of different size fit: too small, adequate, too large, against the best of them.

Which network is the best is known only from the results. What is called clearly worse than it is
therefore judged by intervals that hold for all pairs of networks at once. Equivalence needs no such
care: a network that was chosen for being good looks better than it is, and the others further away.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from studies.answering.comparing import compare_study
from studies.answering.contrasts import Contrasts
from studies.answering.results import StudyResults, records
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.adequate import smallest_adequate
from studies.statistics.comparisons import within_one_error
from studies.statistics.several_arms import all_against
from studies.statistics.shape import FEWEST_PAIRS, Shape, curve_shape, simultaneous_changes

Region = Literal["underfits", "adequate", "overfits", "worse", "undecided"]

RISES: Final = ("overfits", "overtrained")  # verdicts on a curve whose validation loss turns up


class Network(NamedTuple):
    """Hold one arm of a capacity study.

    Attributes:
        arm: Its name.
        depth: Hidden layers.
        parameters: Trainable parameters.
        score: Mean validation score at the best epoch.
    """

    arm: str
    depth: int
    parameters: int
    score: float


class Fit(NamedTuple):
    """Hold how the networks of a study fit.

    Attributes:
        networks: Those of which at least half were trained to the end, small to large.
        best: The one of the highest mean validation score.
        smallest: The smallest within one standard error of the best.
        enough: Whether surely no network beats the smallest by the margin.
        pairs: Pairs that have every network, on which that rests.
        against_best: Every other one minus the best, in validation score, as contrasts.
        region: Of every network.
        judged: Whether there are pairs enough, and no folds, to tell the regions apart.
    """

    networks: tuple[Network, ...]
    best: Network
    smallest: Network
    enough: bool
    pairs: int
    against_best: Contrasts
    region: Mapping[str, Region]
    judged: bool

    @property
    def depths(self) -> list[int]:
        """Return the depths, ascending."""
        return sorted({one.depth for one in self.networks})

    def of_depth(self, depth: int) -> list[Network]:
        """Return the networks of one depth, small to large."""
        return [one for one in self.networks if one.depth == depth]

    def last_underfitting(self, depth: int) -> Network | None:
        """Return the largest network up to which all of its depth underfit."""
        last = None
        for one in self.of_depth(depth):
            if self.region[one.arm] != "underfits":
                break
            last = one
        return last


def judge_fit(results: StudyResults, arms: pd.DataFrame) -> Fit | None:
    """Judge how the networks fit.

    A network underfits if train and validation score are both clearly below those of the best. It
    overfits, being larger than the best, if its validation score alone is clearly below. Clearly
    below without being larger, and without a lower train score, is just worse.

    Args:
        results: The study.
        arms: From `summarise_arms`.

    Returns:
        None if fewer than two networks were trained to the end in at least half of the pairs.
    """
    networks = known_networks(results, arms)
    if len(networks) < 2:
        return None
    names = [one.arm for one in networks]
    table = results.paired("validation_score")[names]
    best = max(networks, key=lambda one: one.score)
    compared = compare_study(results, table, all_against(best.arm, names))
    adequate = _within_one_error(by_pair(table, results), names, best)
    equivalent = {row.first for row in compared if row.verdict == "equivalent"}
    lower = {
        measure: _clearly_below(results, measure, names, best.arm)
        for measure in ("validation_score", "train_score")
    }
    region = {one.arm: _region(one, best, adequate | equivalent, lower) for one in networks}
    smallest = next(one for one in networks if one.arm in adequate)
    return Fit(
        networks=networks,
        best=best,
        smallest=smallest,
        enough=_surely_enough(smallest, networks, table, results),
        pairs=len(table.dropna()),
        against_best=compared,
        region=region,
        judged=not results.design.folds and len(table.dropna()) >= FEWEST_PAIRS,
    )


def known_networks(results: StudyResults, arms: pd.DataFrame) -> tuple[Network, ...]:
    """Return the networks that at least half of the pairs trained to the end, small to large.

    Args:
        results: The study.
        arms: From `summarise_arms`.
    """
    rows = [row for row in records(arms) if 2 * row["pairs"] >= max(results.design.pairs, 1)]
    found = (
        Network(
            arm=row["arm"],
            depth=int(row["depth"]),
            parameters=int(row["parameters"]),
            score=float(row["validation_score"]),
        )
        for row in rows
        if row["pairs"]
    )
    return tuple(sorted(found, key=lambda one: (one.parameters, one.depth)))


def by_pair(table: pd.DataFrame, results: StudyResults) -> pd.DataFrame:
    """Return one row a pair that has every arm; with folds one row a fold, the mean of its seeds.

    Args:
        table: As `StudyResults.paired` returns it.
        results: The study.
    """
    whole = table.dropna()
    if not results.design.folds:
        return whole
    return whole.groupby(level="fold").mean()


def shape_over_size(losses: pd.DataFrame, results: StudyResults, *, margin: float) -> Shape | None:
    """Return the shape of a curve over size; None without pairs for it, or three networks.

    Args:
        losses: One row a pair, one column an arm, small to large; smaller is better.
        results: The study.
        margin: The largest difference that does not matter, in the units of the losses.
    """
    if results.design.folds or losses.shape[1] < 3 or losses.dropna().empty:
        return None
    return curve_shape(losses, margin=margin)


def overfits_from(
    networks: Sequence[Network], verdicts: Mapping[str, ConfigVerdict]
) -> Network | None:
    """Return the smallest network from which on all have a validation loss that turns up.

    Args:
        networks: Of one depth, small to large.
        verdicts: From `judge_arms`.
    """
    first = None
    for one in reversed(networks):
        if one.arm not in verdicts or verdicts[one.arm].verdict not in RISES:
            break
        first = one
    return first


def _within_one_error(table: pd.DataFrame, names: Sequence[str], best: Network) -> set[str]:
    if len(table) < 2:
        return {best.arm}
    # By the pairs that all share, the best may be another one: it stays among the adequate.
    chosen = within_one_error(table.to_numpy(dtype=np.float64).T)
    return {best.arm, *(name for name, is_in in zip(names, chosen, strict=True) if is_in)}


def _surely_enough(
    smallest: Network, networks: Sequence[Network], table: pd.DataFrame, results: StudyResults
) -> bool:
    if table.dropna().empty:
        return False
    found = smallest_adequate(
        table,
        {one.arm: one.parameters for one in networks},
        margin=results.design.margin,
        folds=results.folds,
    )
    return found.equivalent and found.arm == smallest.arm


def _clearly_below(
    results: StudyResults, measure: str, names: Sequence[str], best: str
) -> set[str]:
    table = results.paired(measure)[list(names)].dropna()
    if results.design.folds or len(table) < 2:
        return set()
    # The bounds are of a later arm minus an earlier one.
    low, high = simultaneous_changes(table.to_numpy(dtype=np.float64))
    place = names.index(best)
    below = {
        name for name, bound in zip(names[:place], low[:place, place], strict=True) if bound > 0
    }
    above = zip(names[place + 1 :], high[place, place + 1 :], strict=True)
    return below | {name for name, bound in above if bound < 0}


def _region(
    one: Network, best: Network, adequate: set[str], lower: Mapping[str, set[str]]
) -> Region:
    if one.arm in adequate:
        return "adequate"
    if one.arm not in lower["validation_score"]:
        return "undecided"
    if one.arm in lower["train_score"]:
        return "underfits"
    return "overfits" if one.parameters > best.parameters else "worse"
