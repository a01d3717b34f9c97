"""Networks of equal size, shallow and wide or deep and narrow."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from studies.designs.arm_grid import ArmGrid
from studies.designs.context import StudyContext
from studies.designs.sizes import Frame, budgets_for, width_for
from studies.designs.spec import Overrides, StudySpec
from sweep.config import SHAPES
from sweep.errors import ConfigurationError
from sweep.space.rules import MAX_PARAMETERS, Rule

QUESTION: Final = (
    "At equal parameters, do more layers help, and what do more neurons at equal depth do?"
)
FARTHEST: Final = 0.25  # that a network's size may be off its budget, as a share
PLACE: Final = 3  # in the list of studies, the simplest first

RULES: Final[Mapping[str, Rule]] = {
    "parameters": dataclasses.replace(
        MAX_PARAMETERS, meaning="Trainable parameters that the widths shall come to."
    )
}
"""What ``--set`` takes for this study alone."""


def deeper(grid: ArmGrid) -> list[tuple[str, str]]:
    """Return each deeper arm against the shallowest one of its budget."""
    arms = [grid.along(budget) for budget in grid.firsts]
    return [(arm, shallowest) for shallowest, *rest in arms for arm in rest]


def larger(grid: ArmGrid) -> list[tuple[str, str]]:
    """Return, at each depth, the arm of the largest budget against that of the smallest."""
    if len(grid.firsts) == 1:
        return []
    smallest, *_, largest = map(grid.along, grid.firsts)
    return list(zip(largest, smallest, strict=True))


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the study: five depths in two sizes, unless the user says otherwise.

    Raises:
        ConfigurationError: The depths or sizes cannot be compared.
    """
    depths = tuple(sorted(int(depth) for depth in overrides.values("depth", (1, 2, 3, 4, 5))))
    shapes, biases = overrides.values("shape", ("equal",)), overrides.values("use_bias", (True,))
    faults = []
    if len(depths) < 2 or depths[0] == 0:
        faults.append(
            f"--set depth: {', '.join(map(str, depths))} leaves no layers to compare at equal size;"
            " give two depths or more, from 1"
        )
    if "width" in overrides.given:
        faults.append("--set width: the widths follow from the size; give --set parameters=...")
    if len(shapes) > 1 or len(biases) > 1:
        faults.append("--set shape, use_bias: the size depends on them; give one value of each")
    if faults:
        raise ConfigurationError(faults)
    frame = Frame(
        inputs=context.inputs,
        outputs=context.outputs,
        shape=SHAPES[SHAPES.index(shapes[0])],
        use_bias=bool(biases[0]),
    )
    budgets = overrides.values("parameters", budgets_for(depths, frame))
    arms = [
        {"depth": depth, "width": width_for(depth, int(budget), frame), "parameters": int(budget)}
        for budget in sorted(map(int, budgets))
        for depth in depths
    ]
    _check_sizes(arms, frame)
    names = tuple(f"{arm['depth']}x{arm['width']}" for arm in arms)
    grid = ArmGrid(
        names={
            (arm["parameters"], arm["depth"]): name for arm, name in zip(arms, names, strict=True)
        }
    )
    return StudySpec(
        study="depth-vs-width",
        question=QUESTION,
        arms=tuple(arms),
        names=names,
        contrasts=(*deeper(grid), *larger(grid)),
        epochs=60,  # with fewer, small learning rates are still on their way
        tuning_seeds=2,
    )


def _check_sizes(arms: list[dict[str, int]], frame: Frame) -> None:
    """Refuse sizes that a depth cannot come near, and two that come to the same network."""
    faults = []
    for arm in arms:
        found = frame.parameters(arm["depth"], arm["width"])
        if abs(found / arm["parameters"] - 1) > FARTHEST:
            faults.append(
                f"--set parameters: {arm['parameters']:,} cannot be met at depth {arm['depth']}:"
                f" width {arm['width']} comes to {found:,}; give more, or another depth"
            )
    if not faults and len({(arm["depth"], arm["width"]) for arm in arms}) < len(arms):
        faults.append(
            "--set parameters: two sizes come to the same network; give sizes further apart"
        )
    if faults:
        raise ConfigurationError(dict.fromkeys(faults))
