"""Dropout rates in a narrow and in a wide network, each against none."""

import itertools
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec
from sweep.errors import ConfigurationError

QUESTION: Final = "Which dropout rate is best, is it better than none, and does that need width?"
RATES: Final = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
WIDTHS: Final = (32, 256)
PLACE: Final = 4  # in the list of studies, the simplest first


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:  # noqa: ARG001 - that of every study
    """Describe the study: six rates in each of two widths, unless the user says otherwise.

    Raises:
        ConfigurationError: No rate is above 0.
    """
    rates = sorted({0.0, *map(float, overrides.values("dropout", RATES))})
    widths = sorted({int(width) for width in overrides.values("width", WIDTHS)})
    if len(rates) < 2:
        raise ConfigurationError("--set dropout: 0 is no dose; give at least one rate above 0")
    names = {
        (width, rate): f"width {width:,}, {f'dropout {rate:g}' if rate else 'no dropout'}"
        for width, rate in itertools.product(widths, rates)
    }
    return StudySpec(
        study="dropout",
        question=QUESTION,
        arms=tuple({"width": width, "dropout": rate} for width, rate in names),
        names=tuple(names.values()),
        contrasts=tuple((name, names[width, 0.0]) for (width, rate), name in names.items() if rate),
        epochs=60,
    )
