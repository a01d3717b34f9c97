import dataclasses

import pytest

from reports.drawing.figure import draw
from reports.figures import capacity, fit_map
from reports.findings import Finding
from reports.judged import searched


@pytest.fixture
def judged(run):
    return searched(run)


def of(run, *findings, where=slice(None)):
    """The run with these findings, and only some trials of its search."""
    trials = run.searched[where]
    return dataclasses.replace(run, trials=trials, findings=findings)


def smallest(judged, verdict="smallest adequate"):
    middle = judged[judged["outcome"] == "finished"].sort_values("parameters").iloc[10]
    return Finding(
        code="capacity.smallest_adequate", about="capacity", subject=str(middle["trial"]),
        verdict=verdict, sentence="", numbers={"parameters": int(middle["parameters"])},
    )  # fmt: skip


def test_capacity_has_a_panel_of_gaps_and_one_of_losses(run):
    section = draw(capacity.figure(run))
    assert len(section.panels) == 2
    assert "Loss gap" in section.panels[0]
    assert "Train and validation loss" in section.panels[1]


def test_the_regions_come_from_the_finding(run, judged):
    found = smallest(judged)
    section = draw(capacity.figure(of(run, found)))
    assert f"{found.subject} with {found.numbers['parameters']:,} parameters is" in section.finding
    assert all("too small" in panel and "adequate" in panel for panel in section.panels)


def test_an_undecided_finding_shades_nothing_and_says_why(run, judged):
    section = draw(capacity.figure(of(run, smallest(judged, "undecided"))))
    assert "No region is drawn" in section.finding
    assert not any("too small" in panel for panel in section.panels)


def test_the_table_of_capacity_has_a_row_a_size(run, judged):
    finished = judged[judged["outcome"] == "finished"]
    assert len(capacity.figure(run).table.rows) == finished["parameters"].nunique()


def test_without_a_finished_trial_only_the_gaps_are_drawn(run):
    lost = of(run, where=run.searched["outcome"] != "finished")
    assert len(lost.trials) > 0
    assert len(capacity.figure(lost).panels) == 1
    assert fit_map.figure(lost) is None


def test_without_any_trial_there_is_no_figure(nothing):
    assert capacity.figure(nothing) is None


def test_the_fit_map_shows_losses_and_scores(run):
    figure = fit_map.figure(run)
    assert [one.title for one in figure.panels] == ["Validation loss", "Validation accuracy"]
    assert "train accuracy" in figure.table.header
    assert "The accuracy is higher on train than on validation rows in" in figure.finding


def test_a_pruned_trial_has_both_sides_and_a_word_of_warning(pruned_run):
    figure = fit_map.figure(pruned_run)
    measured = pruned_run.searched["outcome"].isin(["finished", "pruned"])
    assert len(figure.table.rows) == measured.sum()
    assert "do not count here" in figure.finding


def test_an_r2_far_off_stands_at_the_edge(run_maker):
    run = run_maker(regression=True, seed=3)
    assert (run.searched["validation_score"] < -100).any()
    assert "beyond an axis" in fit_map.figure(run).note


def test_a_hostile_subject_is_told_in_plain_text(run, judged, hostile_name):
    found = dataclasses.replace(smallest(judged, "undecided"), subject=hostile_name)
    section = draw(capacity.figure(of(run, found)))
    assert "\u202e" not in section.finding
    assert not any("<script" in panel for panel in section.panels)
