"""Runs that form a table, settings or arms by data sets, so that ranks can be compared."""

import dataclasses
import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.wording import setting
from studies.comparison.contrasts import arm_sides, shared_arms
from studies.comparison.runs import ComparedRun, number_alike
from studies.comparison.sides import data_key
from studies.statistics.intervals import estimate_interval
from studies.statistics.ranks import RankComparison, compare_over_data_sets

# Settings that say which data are learnt from, where, and how fast: not what is learnt.
NOT_TOLD: Final = frozenset(
    {"data", "target", "task", "group", "data_dir", "rows", "workers", "report", "parameters"}
)
MOST_NAMED: Final = 2  # settings that a name tells; more make it a number
LONGEST: Final = 40


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreTable:
    """Hold scores of the same arms on several data sets.

    Attributes:
        what: What the arms are: ``arm`` of a study, or ``setting`` of sweeps.
        scores: One row a data set by name, one column an arm; mean validation scores.
        cells: One row a cell: ``data``, ``arm``, ``mean``, ``low``, ``high`` (95 %).
        ranks: What `compare_over_data_sets` says of the scores.
    """

    what: str
    scores: pd.DataFrame
    cells: pd.DataFrame
    ranks: RankComparison


def score_table(runs: Sequence[ComparedRun]) -> ScoreTable | None:
    """Arrange runs as a table of arms by data sets, if that is what they are.

    Args:
        runs: Sweeps of two or more settings, each on the same data sets; or one study on several.

    Returns:
        None where they are no such table: fewer than two data sets or arms, a cell that is empty
        or there twice.
    """
    data: dict[Hashable, ComparedRun] = {}
    for run in runs:
        data.setdefault(data_key(run.manifest), run)
    if len(data) < 2:
        return None
    names = dict(zip(data, number_alike([run.data_name for run in data.values()]), strict=True))
    arms = shared_arms(runs)
    cells = _arm_cells(runs, arms) if arms else _run_cells(runs)
    table = pd.DataFrame(cells, columns=["key", "arm", "mean", "low", "high"])
    table.insert(0, "data", table.pop("key").map(names))
    if table["arm"].nunique() < 2 or table.duplicated(["data", "arm"]).any():
        return None
    order = [name for name in names.values() if name in set(table["data"])]
    scores = table.pivot_table(index="data", columns="arm", values="mean", sort=False)
    scores = scores.reindex(index=order, columns=list(dict.fromkeys(table["arm"])))
    if len(scores) < 2 or scores.isna().to_numpy().any():
        return None
    scores = scores.rename_axis(index=None, columns=None)
    return ScoreTable(
        what="arm" if arms else "setting",
        scores=scores,
        cells=table,
        ranks=compare_over_data_sets(scores),
    )


def _arm_cells(runs: Sequence[ComparedRun], arms: Sequence[str]) -> list[tuple[Any, ...]]:
    return [
        (side.data, name, *dataclasses.astuple(estimate_interval(side.estimate())))
        for _, name, side in arm_sides(runs, arms)
        if side.units
    ]


def _run_cells(runs: Sequence[ComparedRun]) -> list[tuple[Any, ...]]:
    if any(run.results is not None for run in runs):
        return []  # studies without an arm in common
    names = _name_settings([_told(run.manifest) for run in runs])
    return [
        (run.network.side.data, name, *dataclasses.astuple(run.network.score))
        for run, name in zip(runs, names, strict=True)
        if run.network is not None
    ]


def _told(manifest: Mapping[str, Any]) -> dict[str, str]:
    settings = manifest.get("settings") or {}
    return {
        str(key): json.dumps(value, sort_keys=True)
        for key, value in settings.items()
        if key not in NOT_TOLD
    }


def _name_settings(each: Sequence[Mapping[str, str]]) -> list[str]:
    """Name each run by the settings in which some differ; runs with equal settings alike."""
    keys = sorted({key for settings in each for key in settings})
    differing = [key for key in keys if len({settings.get(key) for settings in each}) > 1]
    values = [tuple(settings.get(key, "null") for key in differing) for settings in each]
    kinds = list(dict.fromkeys(values))
    is_short = 0 < len(differing) <= MOST_NAMED and all(
        len(value) < LONGEST for kind in kinds for value in kind
    )
    if not is_short:
        return [f"setting {kinds.index(one) + 1}" for one in values]
    return [
        ", ".join(
            f"{key.replace('_', ' ')} {setting(json.loads(value))}"
            for key, value in zip(differing, one, strict=True)
        )
        for one in values
    ]
