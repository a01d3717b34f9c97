import dataclasses

import pytest

from reports.figures.shapes import figure
from reports.judged import searched


def rated(run, verdict):
    return dataclasses.replace(run, verdicts=run.verdicts.assign(learning_rate_verdict=verdict))


@pytest.fixture
def section(run):
    return figure(run)


def test_there_is_a_panel_a_verdict_and_a_row_behind_it(section):
    assert len(section.panels) == len(section.table.rows) > 1


def test_the_finding_counts_every_curve(run, section):
    judged = searched(run)
    trials = int(judged["outcome"].isin(["finished", "diverged"]).sum())
    assert f"by the shape of {trials} train-loss curves" in section.finding
    assert sum(int(row[1]) for row in section.table.rows) == trials


def test_the_last_loss_is_told_where_the_rate_could_be_judged(run):
    text = figure(rated(run, "right")).finding
    assert "where the rate is right." in text
    undecided = figure(rated(run, "undecided")).finding
    assert "where the rate" not in undecided


def test_a_panel_says_how_many_of_how_many_are_drawn(run):
    section = figure(rated(run, "too small"))
    trials = section.table.rows[0][1]
    assert f"first epoch = 1; 12 of {trials} trials" in section.panels[0].remark


def test_trials_without_a_curve_are_told(run):
    winner = run.manifest["winner"]["trial"]
    short = run.epochs[(run.epochs["trial"] != winner) | (run.epochs["epoch"] == 1)]
    section = figure(dataclasses.replace(run, epochs=short))
    assert section.note == "1 trial with fewer than two epochs of finite loss not shown."


def test_without_curves_there_is_no_section(nothing):
    assert figure(nothing) is None
