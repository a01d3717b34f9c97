"""Which networks of which runs are compared: those that stand for runs, and shared arms."""

import dataclasses
import itertools
from collections.abc import Sequence

import pandas as pd

from studies.answering.comparing import compare_study
from studies.comparison.networks import arm_side
from studies.comparison.runs import ComparedRun
from studies.comparison.sides import Side, compare_sides, data_key


def compare_networks(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """Compare the networks that stand for runs: every later run with every earlier one.

    Args:
        runs: Any; those of different data, or without a finished trial, are left out.

    Returns:
        As `compare_sides`; the names are the labels of the runs.
    """
    sides = [dataclasses.replace(run.network.side, name=run.label) for run in runs if run.network]
    return compare_sides(_later_first(sides))


def shared_arms(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the arms that all runs have: of one study, by name and by what makes them.

    Args:
        runs: Any; where one is a sweep or another study, there are none.
    """
    designs = [run.results.design for run in runs if run.results is not None]
    if len(designs) < len(runs) or len({design.study for design in designs}) > 1:
        return []
    made = [{arm.name: arm.scientific for arm in design.arms} for design in designs]
    return [
        name
        for name, scientific in made[0].items()
        if all(other.get(name) == scientific for other in made[1:])
    ]


def compare_shared_arms(runs: Sequence[ComparedRun], arms: Sequence[str]) -> pd.DataFrame:
    """Compare each arm of later runs with the same arm of earlier ones on the same data.

    Args:
        runs: Studies.
        arms: From `shared_arms`.

    Returns:
        As `compare_sides`, with the name of the arm in front. All contrasts count together.
    """
    contrasts, names = [], []
    for name in arms:
        sides = [
            dataclasses.replace(arm_side(run.results, name), name=run.label)
            for run in runs
            if run.results is not None
        ]
        found = _later_first([side for side in sides if side.units])
        contrasts += found
        names += [name] * len(found)
    table = compare_sides(contrasts)
    table.insert(0, "arm", names)
    return table


def compare_within(runs: Sequence[ComparedRun], arms: Sequence[str]) -> pd.DataFrame:
    """Collect what every study says of the contrasts that all of them planned.

    Args:
        runs: Studies.
        arms: From `shared_arms`.

    Returns:
        The rows of `compare_arms`, contrast by contrast, with the label of the ``run`` in front;
        those of runs that have nothing to compare are left out.
    """
    studies = [(run.label, run.results) for run in runs if run.results is not None]
    planned = [set(results.design.contrasts) for _, results in studies]
    shared = [
        contrast
        for contrast in (studies[0][1].design.contrasts if studies else ())
        if set(contrast) <= set(arms) and all(contrast in each for each in planned)
    ]
    if not shared:
        return pd.DataFrame({"run": [], "first": [], "second": []})
    parts = [
        compare_study(results, contrasts=shared).assign(run=label, place=range(len(shared)))
        for label, results in studies
        if (results.comparison["outcome"] == "finished").any()
    ]
    if not parts:
        return pd.DataFrame({"run": [], "first": [], "second": []})
    table = pd.concat(parts, ignore_index=True).sort_values("place", kind="stable")
    return table.drop(columns="place").reset_index(drop=True)


def same_data(runs: Sequence[ComparedRun]) -> bool:
    """Return whether all runs learnt from the same data."""
    return len({data_key(run.manifest) for run in runs}) == 1


def _later_first(sides: Sequence[Side]) -> list[tuple[Side, Side]]:
    return [
        (later, earlier)
        for earlier, later in itertools.combinations(sides, 2)
        if later.data == earlier.data
    ]
