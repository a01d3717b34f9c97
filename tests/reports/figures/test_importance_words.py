import dataclasses

import pytest

from reports.figures.importance import figure, importance, name_of, told


@pytest.fixture(scope="module")
def section(evident_run):
    return figure(evident_run)


def test_there_is_a_panel_for_the_score_and_one_for_the_gap(section):
    assert len(section.panels) == 2
    assert {row[0] for row in section.table.rows} == {"accuracy", "loss gap"}


def test_methods_and_trials_are_named(section, evident_run):
    trials = int(evident_run.importance["trials"].max())
    assert f"{trials} finished trials" in section.finding
    for method in ("PED-ANOVA", "fANOVA"):
        assert method in section.finding
        assert method in section.how_to_read


def test_what_fanova_left_out_is_said(section):
    assert "momentum" in section.note
    assert "PED-ANOVA alone" in section.note


def test_leads_that_chance_allows_are_called_so(evident_run):
    table = evident_run.importance
    vague = importance(table.assign(low=0.0, high=1.0), "score")
    assert "None of these leads is beyond doubt" in told([vague], "accuracy")
    sure = importance(table.assign(low=table["importance"], high=table["importance"]), "score")
    assert "clearly" in told([sure], "accuracy")


def test_names_are_read_as_words():
    assert name_of("learning_rate") == "learning rate (of its optimizer)"
    assert name_of("weight_decay") == "weight decay"
    assert len(name_of("x" * 300)) <= 40


def test_where_nothing_was_measured_there_is_no_section(evident_run, run):
    assert figure(run) is None
    none = dataclasses.replace(evident_run, importance=evident_run.importance.iloc[:0])
    assert figure(none) is None
