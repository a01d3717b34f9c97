import importlib
import inspect
from pathlib import Path

import pytest

from studies.answers.answer import StudyAnswer
from studies.catalog.index import CUSTOM, STUDIES, find_study
from studies.designs.spec import StudySpec

PAGES = Path(__file__).parents[3] / "docs" / "studies"


def test_the_studies_stand_in_the_order_from_the_simplest_on():
    assert list(STUDIES) == [
        "ladder", "capacity", "depth-vs-width", "dropout", "learning-rate", "optimizer",
        "activation", "data-size", "memorise",
    ]  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_has_a_module_a_question_and_a_page(name):
    study = find_study(name)

    assert study is importlib.import_module(f"studies.catalog.{name.replace('-', '_')}")
    assert inspect.signature(study.spec).return_annotation in {StudySpec, "StudySpec"}
    assert inspect.signature(study.answer).return_annotation in {StudyAnswer, "StudyAnswer"}
    assert STUDIES[name].endswith("?")
    assert (PAGES / f"{name}.md").is_file()


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_study_can_be_designed_for_every_task(name, task, design_of):
    design = design_of(find_study(name).spec, task=task)

    assert design.study == name
    assert len(design.arms) >= 2
    assert design.question.endswith("?")
    names = {arm.name for arm in design.arms}
    assert all(first in names and second in names for first, second in design.contrasts)
    assert all(arm.follows in {"", *names} for arm in design.arms)


def test_a_study_of_one_s_own_has_its_answer_too():
    assert callable(find_study(CUSTOM).answer)
    assert CUSTOM not in STUDIES
