"""An arm an activation, learning rate and initialisation retuned in each."""

from collections.abc import Mapping
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec
from sweep.config import ACTIVATIONS, INITIALIZERS

QUESTION: Final = "Which activation is best, and which are hard to train?"
RATES: Final[Mapping[str, tuple[float, ...]]] = {
    "adam": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    "sgd": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    "rmsprop": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03),
}  # reach higher than those of other studies: the flat sigmoid wants larger steps
NAMES: Final = {"leaky_relu": "leaky relu"}
PLACE: Final = 7  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:  # noqa: ARG001 - that of every study
    """Describe the study: an arm an activation, three hidden layers, units counted."""
    activations = overrides.values("activation", ACTIVATIONS)
    initializers = overrides.values("initializer", INITIALIZERS)
    return StudySpec(
        study="activation",
        question=QUESTION,
        arms=tuple({"activation": name} for name in activations),
        names=tuple(NAMES.get(str(name), str(name)) for name in activations),
        nuisance={
            **{
                f"learning_rate.{name}": overrides.values(f"learning_rate.{name}", rates)
                for name, rates in RATES.items()
            },
            "initializer": initializers,
        },
        fixed={"depth": 3},
        epochs=40,
        units=True,
    )
