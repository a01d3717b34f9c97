import numpy as np
import pandas as pd
import pytest

from reports.judged import with_verdicts
from reports.study_content import StudyTable
from reports.tables.study import shown_table
from reports.tables.trials import study_trials


def column(values, **changes):
    """Return how one column is written."""
    table = StudyTable(id="t", title="T", table=pd.DataFrame({"value": values}), **changes)
    return [row[0] for row in shown_table(table).rows]


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([1000, 20], ["1,000", "20"]),
        ([300_554.0, 4810.0], ["300,554", "4,810"]),
        ([0.9512345, 0.9798], ["0.9512", "0.9798"]),
        ([0.0, 0.1, 0.25], ["0.00", "0.10", "0.25"]),
        ([-0.021, 0.00012], ["\u22120.02100", "0.00012"]),
        ([1e-5, 0.1], ["1e\u221205", "0.1"]),
        ([np.nan, 0.5], ["–", "0.5"]),  # noqa: RUF001 - a dash
        ([np.inf, 2.0], ["–", "2"]),  # noqa: RUF001 - a dash
        (pd.array([1, pd.NA], dtype="Int64"), ["1", "–"]),  # noqa: RUF001 - a dash
        ([True, False], ["yes", "no"]),
        (["a", None], ["a", "–"]),  # noqa: RUF001 - a dash
    ],
)
def test_values_are_written_for_people(values, written):
    assert column(values) == written


def test_numbers_are_aligned_right_and_the_rest_left():
    table = pd.DataFrame({"arm": ["a"], "parameters": [1], "adequate": [True]})
    shown = shown_table(StudyTable(id="t", title="T", table=table))
    assert shown.header == ("arm", "parameters", "adequate")
    assert shown.numeric == (False, True, False)


def test_columns_may_bear_one_name():
    table = pd.DataFrame([[1, 2]], columns=["from", "from"])
    assert shown_table(StudyTable(id="t", title="T", table=table)).rows == (("1", "2"),)


def test_the_note_is_the_caption_and_else_the_title():
    table = pd.DataFrame({"a": [1]})
    assert shown_table(StudyTable(id="t", title="Arms", table=table)).caption == "Arms."
    noted = StudyTable(id="t", title="Arms", table=table, note="Chosen rates.")
    assert shown_table(noted).caption == "Chosen rates."


def test_a_long_table_is_cut_and_says_so():
    shown = shown_table(StudyTable(id="t", title="T", table=pd.DataFrame({"a": range(300)})))
    assert len(shown.rows) == 200
    assert "The first 200 of 300 rows." in shown.caption


def test_an_empty_table_has_no_row():
    assert column([]) == []


@pytest.fixture
def judged(run):
    trials = run.trials.head(6).assign(
        stage=["tuning", "tuning", "comparison", "comparison", "comparison", "probe"],
        arm=["wide", "narrow", "wide", "narrow", "wide", "wide"],
        replicate=[1, 1, 2, 1, 1, 1],
    )
    return with_verdicts(trials, run.verdicts)


def cells(table, name):
    return [row[table.header.index(name)] for row in table.rows]


def test_trials_stand_by_stage_arm_and_pair(judged):
    shown = study_trials(judged, "accuracy")
    assert cells(shown, "Stage") == ["comparison"] * 3 + ["tuning"] * 2 + ["probe"]
    assert cells(shown, "Arm") == ["wide", "wide", "narrow", "wide", "narrow", "wide"]
    assert cells(shown, "Pair") == ["1", "2", "1", "1", "1", "1"]
    assert len(shown.marks) == len(shown.rows) == 6


def test_what_was_done_to_no_trial_has_no_column(judged):
    whole = judged.assign(
        fold=pd.array([pd.NA] * 6, dtype="Int64"), train_rows=pd.array([pd.NA] * 6, dtype="Int64"),
        label_noise=0.0,
    )  # fmt: skip
    assert not {"Fold", "Train rows", "Label noise"} & set(study_trials(whole, "R²").header)
    noisy = whole.assign(fold=[0, 1, 2, 0, 1, 2], label_noise=0.2)
    shown = study_trials(noisy, "R²")
    assert cells(shown, "Label noise") == ["0.2"] * 6
    assert sorted(cells(shown, "Fold")) == ["0", "0", "1", "1", "2", "2"]


def test_settings_that_do_not_differ_stand_in_the_caption(judged):
    shown = study_trials(judged, "accuracy")
    assert "batch 32" in shown.caption
    assert "Batch" not in shown.header


def test_no_trial_is_an_empty_table(judged):
    assert study_trials(judged.iloc[:0], "accuracy").rows == ()
