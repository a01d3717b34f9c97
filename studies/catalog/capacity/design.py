"""How much network is enough: train and validation against the number of parameters.

With permuted labels (``--label-noise``) and long training, the question is another one: whether the
validation loss rises to where the network just fits every label, and falls beyond.
"""

import itertools
from collections.abc import Sequence
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.design import Value
from studies.designs.spec import Overrides, StudySpec, rate_candidates
from sweep.errors import ConfigurationError

QUESTION: Final = "How large must a network be on these data, and when is it too large?"
NOISY_QUESTION: Final = (
    "Trained to the end on noisy labels: does the validation loss rise to the interpolation "
    "threshold and fall beyond it?"
)
DEPTHS: Final = (1, 3)
WIDTHS: Final = (2, 4, 8, 16, 32, 64, 128, 256, 512)
WIDEST: Final = 1024
STEPS: Final = range(-8, 7)  # half powers of two from a 16th of the expected threshold to 8 times
NOISY_EPOCHS: Final = 300
NOISY_BATCH: Final = 128
PLACE: Final = 2  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the study: two depths by nine widths, or widths about the threshold.

    Raises:
        ConfigurationError: There is only one network.
    """
    noise = [float(value) for value in overrides.values("label_noise", (context.label_noise,))]
    return _noisy(overrides, context) if max(noise) > 0 else _clean(overrides)


def threshold_widths(context: StudyContext) -> tuple[int, ...]:
    """Return widths about the expected interpolation threshold, with one hidden layer.

    Belkin et al. (2019, figure 3) find it where there are as many parameters as training rows times
    outputs. The widths are half powers of two from a 16th of that to 8 times it, `WIDEST` at most.
    """
    per_unit = context.inputs + 1 + context.outputs
    width = max(context.outputs * (context.train_rows - 1) / per_unit, 1.0)
    wanted = {round(width * 2 ** (step / 2)) for step in STEPS}
    return tuple(sorted({min(max(one, 1), WIDEST) for one in wanted}))


def _clean(overrides: Overrides) -> StudySpec:
    arms = _arms(overrides.values("depth", DEPTHS), overrides.values("width", WIDTHS))
    return StudySpec(
        study="capacity",
        question=QUESTION,
        arms=tuple(arms.values()),
        names=tuple(arms),
        contrasts=_doublings(arms),
        epochs=50,
        tuning_seeds=2,
    )


def _noisy(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the search for a double descent; nothing is tuned, since nothing stops early.

    A learning rate tuned for the best epoch would undo what is to be seen.
    """
    widths = overrides.values("width", threshold_widths(context))
    arms = _arms(overrides.values("depth", (1,)), widths)
    return StudySpec(
        study="capacity",
        question=NOISY_QUESTION,
        arms=tuple(arms.values()),
        names=tuple(arms),
        contrasts=_doublings(arms),
        nuisance=rate_candidates(overrides, lambda row: (row.middle_rate,)),
        fixed={"batch_size": NOISY_BATCH},
        epochs=NOISY_EPOCHS,
        options={"noisy": True, "rows_times_outputs": context.train_rows * context.outputs},
    )


def _arms(depths: Sequence[Value], widths: Sequence[Value]) -> dict[str, dict[str, Value]]:
    """Return the arms by name, by depth and then by width; a linear model has no width."""
    pairs = {
        (int(depth), int(width) if depth else 0)
        for depth, width in itertools.product(depths, widths)
    }
    if len(pairs) < 2:
        raise ConfigurationError(
            "--set width: one network makes no curve over capacity; give at least two widths"
        )
    return {
        f"{depth}x{width}" if depth else "linear": {"depth": depth, "width": width}
        for depth, width in sorted(pairs)
    }


def _doublings(arms: dict[str, dict[str, Value]]) -> tuple[tuple[str, str], ...]:
    """Plan each network against the next narrower one of its depth."""
    return tuple(
        (wider, narrower)
        for narrower, wider in itertools.pairwise(arms)
        if arms[narrower]["depth"] == arms[wider]["depth"]
    )
