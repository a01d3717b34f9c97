"""Every optimizer at every rate of a grid, and probes beside each."""

from typing import Final

from studies.designs.context import StudyContext
from studies.designs.design import Probes
from studies.designs.rate_grid import rate_arms
from studies.designs.spec import Overrides, StudySpec

QUESTION: Final = "Which learning rates are right for each optimizer, and how do wrong ones show?"
FACTORS: Final = (1 / 3, 3.0)
PLACE: Final = 5  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:  # noqa: ARG001 - that of every study
    """Describe the study: half decades of rates for each optimizer, and probes beside each."""
    return StudySpec(
        study="learning-rate",
        question=QUESTION,
        arms=rate_arms(overrides),
        nuisance={},
        fixed={"depth": 2, "width": 32},
        contrasts=(),
        epochs=40,
        probes=Probes(factors=FACTORS, epochs=20, seeds=5),
    )
