"""A study is its folder: one that is put beside the others is listed, checked and run."""

import json
import sys

import pytest

import studies.catalog
from studies.catalog.index import list_studies, rules_of

DESIGN = '''
"""Networks with and without weight decay."""

import dataclasses
from typing import Final

from studies.designs.context import StudyContext
from studies.designs.spec import Overrides, StudySpec
from sweep.space.rules import RULES as KNOWN

QUESTION: Final = "Does weight decay lift the score?"
PLACE: Final = 10
RULES: Final = {"decay": dataclasses.replace(KNOWN["weight_decay"], meaning="Of the second arm.")}


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the study: without weight decay, and with it."""
    [decay] = overrides.values("decay", (0.01,))
    return StudySpec(
        study="weight-decay",
        question=QUESTION,
        arms=({"weight_decay": 0.0}, {"weight_decay": decay}),
        nuisance={},
        fixed={"learning_rate.adam": 0.01},
        epochs=5,
    )
'''
ANSWER = '''
"""Whether weight decay lifts the score."""

from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import compare_study, forest, study_tables
from studies.answering.contrast_words import describe_contrast


def answer(results, verdicts):
    """Say what weight decay does."""
    compared = compare_study(results)
    sentence = describe_contrast(compared[0], results.metric, results.design.margin)
    return StudyAnswer(
        answer=sentence,
        figures=forest(compared, results, sentence),
        tables=study_tables(results, summarise_arms(results), verdicts, compared),
    )
'''


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    folder = tmp_path / "more" / "weight_decay"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""The study weight-decay."""\n')
    (folder / "design.py").write_text(DESIGN)
    (folder / "answer.py").write_text(ANSWER)
    monkeypatch.setattr(
        studies.catalog, "__path__", [*studies.catalog.__path__, str(folder.parent)]
    )
    yield
    for name in [name for name in sys.modules if name.startswith("studies.catalog.weight_decay")]:
        del sys.modules[name]
    vars(studies.catalog).pop("weight_decay", None)


def test_it_is_listed_at_its_place_with_its_question(run_command, capsys):
    assert list(list_studies())[-1] == "weight-decay"
    assert run_command("study", "list") == 0
    assert "weight-decay    Does weight decay lift the score?" in capsys.readouterr().out


def test_what_it_takes_besides_is_known_to_it_alone():
    assert "decay" in rules_of("weight-decay")
    assert "decay" not in rules_of("ladder")


def test_it_is_checked_by_a_dry_run(run_command, capsys):
    assert run_command("study", "weight-decay", "iris", "--dry-run", "--set", "decay=0.1") == 0
    told = capsys.readouterr().out

    assert "question: Does weight decay lift the score?" in told
    assert "weight decay 0.1" in told


def test_a_name_near_its_own_is_taken_for_it(run_command, capsys):
    assert run_command("study", "weight-dekay", "iris") == 2
    assert "did you mean weight-decay?" in capsys.readouterr().err


@pytest.mark.slow
def test_it_runs_and_answers(tmp_path, run_command, capsys):
    small = ("--seeds", 2, "--workers", 1, "--out", tmp_path / "run")

    assert run_command("study", "weight-decay", "iris", *small) == 0

    answer = "weight decay 0.01 against weight decay 0: accuracy"
    assert answer in capsys.readouterr().out
    findings = json.loads((tmp_path / "run" / "findings.json").read_text())["findings"]
    assert findings[0]["code"] == "study.weight-decay"
    assert findings[0]["sentence"].startswith(answer)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Does weight decay lift the score?" in page
