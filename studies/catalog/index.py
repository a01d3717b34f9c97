"""Which studies are built in, and what each is asked; light, so that they can be listed at once."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:  # a list of names needs none of what studies are made of
    from studies.answers.answer import StudyAnswer
    from studies.answers.results import StudyResults
    from studies.designs.context import StudyContext
    from studies.designs.spec import Overrides, StudySpec

STUDIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ladder": "Do more layers lift the score, and does dropout then suppress overfitting?",
        "capacity": "How large must a network be, and when is it too large?",
        "depth-vs-width": "At equal parameters, do more layers help, and what do more neurons do?",
        "dropout": "Which dropout rate is best, is it better than none, and does that need width?",
        "learning-rate": "Which learning rates are right, and how does a wrong one show?",
        "optimizer": "Which optimizer is robust to its learning rate, and do the defaults do?",
        "activation": "Which activation is best, and which cannot be trained?",
        "data-size": "More data, or a larger network: which one buys the score?",
        "memorise": "How many random labels can a network learn by heart, per parameter?",
    }
)
"""The name of each built-in study, with its question in short."""

CUSTOM: Final = "custom"


class Study(Protocol):
    """Design a study, and answer its question from what it found; each module is one."""

    def spec(self, overrides: "Overrides", context: "StudyContext") -> "StudySpec":
        """Describe the study for these data."""

    def answer(self, results: "StudyResults") -> "StudyAnswer":
        """Answer its question."""


def find_study(name: str) -> Study:
    """Return a built-in study, or the one that reads files of the user's own."""
    return cast("Study", importlib.import_module(f"studies.catalog.{name.replace('-', '_')}"))
