"""Which networks of which runs are compared: those that stand for runs, and shared arms."""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

from studies.answering.comparing import compare_study
from studies.answering.contrasts import Contrast
from studies.comparison.networks import arm_side
from studies.comparison.runs import ComparedRun
from studies.comparison.sides import Side, compare_sides, data_key


def compare_networks(runs: Sequence[ComparedRun]) -> list[Contrast]:
    """Compare the networks that stand for runs, two by two, the one that scores higher first.

    Args:
        runs: Any; those of different data, or without a finished trial, are left out.
    """
    sides = [dataclasses.replace(run.network.side, name=run.label) for run in runs if run.network]
    return [contrast.upwards() for contrast in compare_sides(_later_first(sides))]


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


def arm_sides(
    runs: Sequence[ComparedRun], arms: Sequence[str]
) -> Iterator[tuple[ComparedRun, str, Side]]:
    """Return the networks of some arms of each study, none where an arm was lost."""
    for run, name in itertools.product(runs, arms):
        if run.results is not None:
            yield run, name, arm_side(run.results, name)


def compare_shared_arms(runs: Sequence[ComparedRun], arms: Sequence[str]) -> list[Contrast]:
    """Compare each arm with the same arm of other runs on the same data, all of them together.

    Args:
        runs: Studies.
        arms: From `shared_arms`.
    """
    pairs: list[tuple[Side, Side]] = []
    names: list[str] = []
    for arm in arms:
        sides = [
            dataclasses.replace(side, name=run.label)
            for run, _, side in arm_sides(runs, [arm])
            if side.units
        ]
        pairs += _later_first(sides)
        names += [arm] * (len(pairs) - len(names))
    return [
        dataclasses.replace(contrast, arm=arm).upwards()
        for contrast, arm in zip(compare_sides(pairs), names, strict=True)
    ]


def compare_within(runs: Sequence[ComparedRun], arms: Sequence[str]) -> list[tuple[str, Contrast]]:
    """Collect what every study says of the contrasts that all of them planned.

    Args:
        runs: Studies.
        arms: From `shared_arms`.

    Returns:
        The label of the run with each, contrast by contrast; runs that have nothing to compare are
        left out.
    """
    studies = [(run.label, run.results) for run in runs if run.results is not None]
    planned = [results.design.contrasts for _, results in studies]
    shared = [
        pair
        for pair in (planned[0] if planned else ())
        if set(pair) <= set(arms) and all(pair in each for each in planned)
    ]
    compared = [
        [(label, contrast) for contrast in compare_study(results, contrasts=shared)]
        for label, results in studies
        if shared and len(results.finished)
    ]
    return [each for of_runs in zip(*compared, strict=True) for each in of_runs]


def same_data(runs: Sequence[ComparedRun]) -> bool:
    """Return whether all runs learnt from the same data."""
    return len({data_key(run.manifest) for run in runs}) == 1


def _later_first(sides: Sequence[Side]) -> list[tuple[Side, Side]]:
    return [
        (later, earlier)
        for earlier, later in itertools.combinations(sides, 2)
        if later.data == earlier.data
    ]
