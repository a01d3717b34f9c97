"""Nested subsets of the training rows against three widths."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.design import StudyDesign
from studies.designs.spec import Overrides, StudySpec, rate_candidates
from sweep.errors import ConfigurationError

QUESTION: Final = "More data, or a larger network: which one buys the score?"
PARTS: Final = (16, 8, 4, 2, 1)  # of the training rows
FEWEST: Final = 10
EACH: Final = 2  # rows of each class that a subset must have on average
DEPTH: Final = 2
PLACE: Final = 8  # in the list of studies, the simplest first

Contrast = tuple[str, str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Hold the arms of the study by width and training rows.

    Attributes:
        widths: Ascending, two or more.
        sizes: Training rows, ascending, two or more.
        names: The arm of each width and size.
    """

    widths: tuple[int, ...]
    sizes: tuple[int, ...]
    names: Mapping[tuple[int, int], str]

    @classmethod
    def of(cls, design: StudyDesign) -> "Plan":
        """Read the arms of a design."""
        names = {
            (int(arm.scientific["width"]), int(arm.scientific["train_rows"])): arm.name
            for arm in design.arms
        }
        return cls(
            widths=tuple(sorted({width for width, _ in names})),
            sizes=tuple(sorted({rows for _, rows in names})),
            names=names,
        )

    def name(self, width: int, size: int) -> str:
        """Return an arm's name by its places among the widths and sizes, from 0 or from -1."""
        return self.names[self.widths[width], self.sizes[size]]

    @property
    def data_step(self) -> Contrast:
        """Return the last step of the data at the largest network."""
        return self.name(-1, -1), self.name(-1, -2)

    @property
    def network_step(self) -> Contrast:
        """Return the last step of the network at all rows."""
        return self.name(-1, -1), self.name(-2, -1)

    @property
    def steps_apart(self) -> Contrast:
        """Return the contrast that is the data's last step minus the network's.

        Both steps end at the largest network with all rows, so that it falls out of the difference.
        """
        return self.name(-2, -1), self.name(-1, -2)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Return what is compared: the steps apart, those of the data, those of the network."""
        places = range(len(self.widths))
        data = [(self.name(place, -1), self.name(place, -2)) for place in reversed(places)]
        network = [(self.name(place, -1), self.name(place - 1, -1)) for place in places[:0:-1]]
        return (self.steps_apart, *data, *network)


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the study: five sizes of the training data against three widths.

    Raises:
        ConfigurationError: The sizes or widths cannot be compared.
    """
    fewest = max(FEWEST, EACH * context.outputs)
    halves = tuple(dict.fromkeys(round(context.train_rows / part) for part in PARTS))
    usual = tuple(rows for rows in halves if rows >= fewest)
    sizes = sorted(map(int, overrides.values("train_rows", usual)))
    widths = sorted(map(int, overrides.values("width", (8, 32, 128))))
    faults = [
        f"--set {key}: {', '.join(map(str, values)) or 'none'} leaves nothing to compare; "
        f"give two or more"
        for key, values in (("train_rows", sizes), ("width", widths))
        if len(values) < 2
    ]
    if sizes and sizes[-1] > context.train_rows:
        faults.append(
            f"--set train_rows: {sizes[-1]:,} are more than the {context.train_rows:,} training"
            " rows; give fewer"
        )
    if overrides.values("depth", (DEPTH,)) == (0,):
        faults.append("--set depth: 0 has no width to enlarge; give 1 or more")
    if faults:
        raise ConfigurationError(faults)
    arms = [{"width": width, "train_rows": rows} for width in widths for rows in sizes]
    names = tuple(f"width {arm['width']:,}, {arm['train_rows']:,} rows" for arm in arms)
    plan = Plan(
        widths=tuple(widths),
        sizes=tuple(sizes),
        names={
            (arm["width"], arm["train_rows"]): name for arm, name in zip(arms, names, strict=True)
        },
    )
    return StudySpec(
        study="data-size",
        question=QUESTION,
        arms=tuple(arms),
        names=names,
        nuisance=rate_candidates(overrides),
        fixed={"depth": DEPTH},
        contrasts=plan.contrasts,
        epochs=120,  # an epoch of a sixteenth of the rows has a sixteenth of the updates
        tuning_seeds=2,
    )
