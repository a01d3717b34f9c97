"""Networks of equal size, shallow and wide or deep and narrow."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.design import StudyDesign
from studies.designs.sizes import Frame, budgets_for, width_for
from studies.designs.spec import Overrides, StudySpec, rate_candidates
from sweep.config import SHAPES
from sweep.errors import ConfigurationError
from sweep.space.rules import MAX_PARAMETERS, Rule

QUESTION: Final = (
    "At equal parameters, do more layers help, and what do more neurons at equal depth do?"
)
FARTHEST: Final = 0.25  # that a network's size may be off its budget, as a share
PLACE: Final = 3  # in the list of studies, the simplest first

Contrast = tuple[str, str]
RULES: Final[Mapping[str, Rule]] = {
    "parameters": dataclasses.replace(
        MAX_PARAMETERS, meaning="Trainable parameters that the widths shall come to."
    )
}
"""What ``--set`` takes for this study alone."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Hold the arms of the study by budget and depth.

    Attributes:
        budgets: Parameters wanted, ascending.
        depths: Hidden layers, ascending.
        names: The arm of each budget and depth.
    """

    budgets: tuple[int, ...]
    depths: tuple[int, ...]
    names: Mapping[tuple[int, int], str]

    @classmethod
    def of(cls, design: StudyDesign) -> "Grid":
        """Read the arms of a design."""
        names = {
            (int(arm.scientific["parameters"]), int(arm.scientific["depth"])): arm.name
            for arm in design.arms
        }
        return cls(
            budgets=tuple(sorted({budget for budget, _ in names})),
            depths=tuple(sorted({depth for _, depth in names})),
            names=names,
        )

    @property
    def deeper(self) -> list[Contrast]:
        """Return each deeper arm against the shallowest one of its budget."""
        return [
            (self.names[budget, depth], self.names[budget, self.depths[0]])
            for budget in self.budgets
            for depth in self.depths[1:]
        ]

    @property
    def larger(self) -> list[Contrast]:
        """Return, at each depth, the arm of the largest budget against that of the smallest."""
        if len(self.budgets) == 1:
            return []
        first, last = self.budgets[0], self.budgets[-1]
        return [(self.names[last, depth], self.names[first, depth]) for depth in self.depths]


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
    grid = Grid(
        budgets=tuple(sorted(map(int, budgets))),
        depths=depths,
        names={
            (arm["parameters"], arm["depth"]): name for arm, name in zip(arms, names, strict=True)
        },
    )
    return StudySpec(
        study="depth-vs-width",
        question=QUESTION,
        arms=tuple(arms),
        names=names,
        nuisance=rate_candidates(overrides),
        contrasts=(*grid.deeper, *grid.larger),
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
