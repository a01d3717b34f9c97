import importlib
import inspect
from pathlib import Path

import pytest

from studies.answering.answer import StudyAnswer
from studies.catalog.index import CUSTOM, find_answer, find_design, list_studies
from studies.designs.spec import StudySpec

PAGES = Path(__file__).parents[3] / "docs" / "studies"


def test_the_studies_stand_in_the_order_from_the_simplest_on():
    assert list(list_studies()) == [
        "ladder", "capacity", "depth-vs-width", "dropout", "learning-rate", "optimizer",
        "activation", "data-size", "memorise",
    ]  # fmt: skip


@pytest.mark.parametrize("name", list_studies())
def test_every_study_has_a_folder_a_question_and_a_page(name):
    design, answer = find_design(name), find_answer(name)

    folder = f"studies.catalog.{name.replace('-', '_')}"
    assert design is importlib.import_module(f"{folder}.design")
    assert answer is importlib.import_module(f"{folder}.answer")
    assert inspect.signature(design.spec).return_annotation in {StudySpec, "StudySpec"}
    assert inspect.signature(answer.answer).return_annotation in {StudyAnswer, "StudyAnswer"}
    assert list_studies()[name].endswith("?")
    assert (PAGES / f"{name}.md").is_file()


@pytest.mark.parametrize("name", list_studies())
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_study_is_designed_for_every_task_with_equal_effort_in_each_arm(
    name, task, design_of
):
    design = design_of(find_design(name).spec, task=task)

    assert design.study == name
    assert len(design.arms) >= 2
    assert {len(arm.candidates) for arm in design.arms} == {design.candidates}
    assert design.question.endswith("?")
    names = {arm.name for arm in design.arms}
    assert all(first in names and second in names for first, second in design.contrasts)
    assert all(arm.follows in {"", *names} for arm in design.arms)


def test_a_study_of_one_s_own_has_its_answer_too():
    assert callable(find_answer(CUSTOM).answer)
    assert CUSTOM not in list_studies()
