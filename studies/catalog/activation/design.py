"""An arm an activation, learning rate and initialisation retuned in each."""

from operator import attrgetter
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec, rate_candidates
from sweep.activations import ACTIVATIONS, USUAL_ACTIVATIONS
from sweep.config import INITIALIZERS

QUESTION: Final = "Which activation is best, and which are hard to train?"
PLACE: Final = 7  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:  # noqa: ARG001 - that of every study
    """Describe the study: an arm an activation, three hidden layers, units counted."""
    activations = [str(name) for name in overrides.values("activation", USUAL_ACTIVATIONS)]
    initializers = overrides.values("initializer", INITIALIZERS)
    return StudySpec(
        study="activation",
        question=QUESTION,
        arms=tuple({"activation": name} for name in activations),
        names=tuple(ACTIVATIONS[name].title for name in activations),
        nuisance={
            # Higher than in other studies: the flat sigmoid wants larger steps.
            **rate_candidates(overrides, attrgetter("higher_rates")),
            "initializer": initializers,
        },
        fixed={"depth": 3},
        epochs=40,
        units=True,
    )
