"""Which studies there are: the folders of the catalog, found by looking; light, to be listed."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol, cast

import studies.catalog
from studies.designs.spec import STUDY_RULES

if TYPE_CHECKING:  # a list of names needs none of what studies are made of
    from studies.answering.answer import StudyAnswer
    from studies.answering.results import StudyResults
    from studies.designs.context import StudyContext
    from studies.designs.spec import Overrides, StudySpec
    from studies.diagnosis.networks import ConfigVerdict
    from sweep.space.rules import Rule

CUSTOM: Final = "custom"


class Design(Protocol):
    """Ask a question of some data; the module ``design`` of a study's folder is one.

    Attributes:
        QUESTION: What the study answers.
        PLACE: Where it stands in the list, the simplest first.
    """

    QUESTION: str
    PLACE: int

    def spec(self, overrides: "Overrides", context: "StudyContext") -> "StudySpec":
        """Describe the study for these data."""


class Answer(Protocol):
    """Answer the question from what was found; the module ``answer`` of a study's folder is one."""

    def answer(
        self, results: "StudyResults", verdicts: Mapping[str, "ConfigVerdict"]
    ) -> "StudyAnswer":
        """Answer its question from what was found and the verdict on each arm, by its name."""


def list_studies() -> dict[str, str]:
    """Return the question of each built-in study by its name, from the simplest on."""
    folders = [one.name for one in pkgutil.iter_modules(studies.catalog.__path__) if one.ispkg]
    designs = {name: find_design(name) for name in map(_as_study, folders) if name != CUSTOM}
    names = sorted(designs, key=lambda name: designs[name].PLACE)
    return {name: designs[name].QUESTION for name in names}


def find_design(name: str) -> Design:
    """Return the design of a built-in study."""
    return cast("Design", importlib.import_module(f"studies.catalog.{_as_folder(name)}.design"))


def find_answer(name: str) -> Answer:
    """Return the answer of a study, that of the user's own ones included."""
    return cast("Answer", importlib.import_module(f"studies.catalog.{_as_folder(name)}.answer"))


def rules_of(name: str) -> Mapping[str, "Rule"]:
    """Return what ``--set`` takes for a study: the rules of all, and its own."""
    own = getattr(find_design(name), "RULES", {}) if name in list_studies() else {}
    return {**STUDY_RULES, **own}


def _as_study(folder: str) -> str:
    return folder.replace("_", "-")


def _as_folder(study: str) -> str:
    return study.replace("-", "_")
