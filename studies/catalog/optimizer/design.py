"""Every optimizer at every rate of a grid."""

from typing import Final

from studies.designs.context import StudyContext
from studies.designs.rate_grid import rate_arms
from studies.designs.spec import Overrides, StudySpec

QUESTION: Final = "Which optimizer is robust to its learning rate, and do the default rates do?"
PLACE: Final = 6  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:  # noqa: ARG001 - that of every study
    """Describe the study: half decades of rates for each optimizer, nothing tuned."""
    return StudySpec(
        study="optimizer",
        question=QUESTION,
        arms=rate_arms(overrides),
        nuisance={},
        fixed={"depth": 2, "width": 32},
        contrasts=(),
        epochs=40,
    )
