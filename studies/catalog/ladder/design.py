"""The arms of the course's ladder: one layer, three layers, three layers with dropout."""

from typing import Final

from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec

QUESTION: Final = (
    "Do two more layers lift the score, and does dropout then suppress the overfitting?"
)
PLACE: Final = 1  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:  # noqa: ARG001 - that of every study
    """Describe the study: the ladder of the course, its last step alone and retuned as well."""
    width = overrides.values("width", (128,))[0]
    depths = overrides.values("depth", (1, 3))
    first, last = depths[0], depths[-1]
    dropout = overrides.values("dropout", (0.5,))[0]
    arms = (
        {"depth": first, "width": width, "dropout": 0.0},
        {"depth": last, "width": width, "dropout": 0.0},
        {"depth": last, "width": width, "dropout": dropout},
        {"depth": last, "width": width, "dropout": dropout},
    )
    deep, dropped = f"{last}x{width}", f"{last}x{width} + dropout {dropout:g}"
    names = (f"{first}x{width}", deep, f"{dropped}, same rate", dropped)
    return StudySpec(
        study="ladder",
        question=QUESTION,
        arms=arms,
        names=names,
        # Retuned, dropout may take another rate, and with it another gap.
        follows={names[2]: deep},
        epochs=40,
    )
