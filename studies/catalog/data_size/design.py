"""Nested subsets of the training rows against three widths."""

from typing import Final

from studies.designs.arm_grid import ArmGrid
from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec
from sweep.errors import ConfigurationError

QUESTION: Final = "More data, or a larger network: which one buys the score?"
PARTS: Final = (16, 8, 4, 2, 1)  # of the training rows
FEWEST: Final = 10
EACH: Final = 2  # rows of each class that a subset must have on average
DEPTH: Final = 2
PLACE: Final = 8  # in the list of studies, the simplest first


def data_step(grid: ArmGrid) -> tuple[str, str]:
    """Return the last step of the data at the largest network."""
    return grid.at(-1, -1), grid.at(-1, -2)


def network_step(grid: ArmGrid) -> tuple[str, str]:
    """Return the last step of the network at all rows."""
    return grid.at(-1, -1), grid.at(-2, -1)


def steps_apart(grid: ArmGrid) -> tuple[str, str]:
    """Return the contrast that is the data's last step minus the network's.

    Both steps end at the largest network with all rows, so that it falls out of the difference.
    """
    return grid.at(-2, -1), grid.at(-1, -2)


def contrasts(grid: ArmGrid) -> tuple[tuple[str, str], ...]:
    """Return what is compared: the steps apart, those of the data, those of the network."""
    places = range(len(grid.firsts))
    data = [(grid.at(place, -1), grid.at(place, -2)) for place in reversed(places)]
    network = [(grid.at(place, -1), grid.at(place - 1, -1)) for place in places[:0:-1]]
    return (steps_apart(grid), *data, *network)


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
    pairs = zip(arms, names, strict=True)
    grid = ArmGrid(names={(arm["width"], arm["train_rows"]): name for arm, name in pairs})
    return StudySpec(
        study="data-size",
        question=QUESTION,
        arms=tuple(arms),
        names=names,
        fixed={"depth": DEPTH},
        contrasts=contrasts(grid),
        epochs=120,  # an epoch of a sixteenth of the rows has a sixteenth of the updates
        tuning_seeds=2,
    )
