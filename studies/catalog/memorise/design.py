"""Networks of one layer with true labels, and with random ones."""

from typing import Final

from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec
from sweep.errors import ConfigurationError

QUESTION: Final = "How many random labels can a network learn by heart, and with which size?"
ROWS: Final = 500
WIDTHS: Final = (2, 4, 8, 16, 32, 64, 128)
PLACE: Final = 9  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the study: one layer of 2 to 128 units, true and random labels, long training.

    Raises:
        ConfigurationError: What makes the study was taken from it.
    """
    rows = overrides.values("train_rows", (min(ROWS, context.train_rows),))
    noises = sorted(map(float, overrides.values("label_noise", (0.0, 1.0))))
    faults = []
    if len(rows) > 1 or int(rows[0]) > context.train_rows:
        faults.append(
            f"--set train_rows: {', '.join(map(str, rows))} is not one number up to the "
            f"{context.train_rows:,} training rows; give one"
        )
    if context.label_noise or noises != [0.0, 1.0]:
        faults.append(
            "--label-noise: this study compares all labels true with all labels random; leave it"
            " out, and --set label_noise too"
        )
    if overrides.values("depth", (1,)) == (0,):
        faults.append("--set depth: 0 has no width to enlarge; give 1 or more")
    if faults:
        raise ConfigurationError(faults)
    widths = sorted(map(int, overrides.values("width", WIDTHS)))
    arms = [{"label_noise": noise, "width": width} for noise in (0.0, 1.0) for width in widths]
    kinds = {0.0: "true", 1.0: "random"}
    names = [f"{kinds[arm['label_noise']]} labels, width {arm['width']:,}" for arm in arms]
    half = len(widths)
    return StudySpec(
        study="memorise",
        question=QUESTION,
        arms=tuple(arms),
        names=tuple(names),
        fixed={"depth": 1, "train_rows": int(rows[0])},
        contrasts=tuple(zip(names[half:], names[:half], strict=True)),
        epochs=300,
        tuning_seeds=2,
        objective="train_loss",
        options={"majority": context.majority},
    )
