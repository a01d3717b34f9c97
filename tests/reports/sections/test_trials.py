import dataclasses

import pytest

from reports.findings import Finding
from reports.judged import with_verdicts
from reports.sections.trials import capacity_section, fit_map_section


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def smallest(judged, verdict="smallest adequate"):
    middle = judged[judged["outcome"] == "finished"].sort_values("parameters").iloc[10]
    return Finding(
        code="capacity.smallest_adequate", about="capacity", subject=str(middle["trial"]),
        verdict=verdict, sentence="", numbers={"parameters": int(middle["parameters"])},
    )  # fmt: skip


def test_capacity_has_a_panel_of_gaps_and_one_of_losses(judged):
    section = capacity_section(judged, "s0000")
    assert len(section.panels) == 2
    assert "Loss gap" in section.panels[0]
    assert "Train and validation loss" in section.panels[1]


def test_the_regions_come_from_the_finding(judged):
    found = smallest(judged)
    section = capacity_section(judged, "s0000", [found])
    assert f"{found.subject} with {found.numbers['parameters']:,} parameters is" in section.finding
    assert all("too small" in panel and "adequate" in panel for panel in section.panels)


def test_an_undecided_finding_shades_nothing_and_says_why(judged):
    section = capacity_section(judged, "s0000", [smallest(judged, "undecided")])
    assert "No region is drawn" in section.finding
    assert not any("too small" in panel for panel in section.panels)


def test_the_table_of_capacity_has_a_row_a_size(judged):
    finished = judged[judged["outcome"] == "finished"]
    assert len(capacity_section(judged, "").table.rows) == finished["parameters"].nunique()


def test_without_a_finished_trial_only_the_gaps_are_drawn(judged):
    lost = judged[judged["outcome"] != "finished"]
    assert len(lost) > 0
    assert len(capacity_section(lost, "").panels) == 1
    assert fit_map_section(lost, "") is None


def test_without_any_trial_there_is_no_section(judged):
    assert capacity_section(judged.iloc[:0], "") is None


def test_the_fit_map_shows_losses_and_scores(judged):
    section = fit_map_section(judged, "s0000", "accuracy")
    assert "Validation loss" in section.panels[0]
    assert "Validation accuracy" in section.panels[1]
    assert "train accuracy" in section.table.header
    assert "The accuracy is higher on train than on validation rows in" in section.finding


def test_a_pruned_trial_has_both_sides_and_a_word_of_warning(pruned_run):
    judged = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    section = fit_map_section(judged, "", "accuracy")
    measured = judged["outcome"].isin(["finished", "pruned"])
    assert len(section.table.rows) == measured.sum()
    assert "do not count here" in section.finding


def test_an_r2_far_off_stands_at_the_edge(run_maker):
    run = run_maker(regression=True, seed=3)
    judged = with_verdicts(run.searched, run.verdicts)
    assert (judged["validation_score"] < -100).any()
    section = fit_map_section(judged, "", "R²")
    assert "beyond an axis" in section.note


def test_a_hostile_subject_is_told_in_plain_text(judged, hostile_name):
    found = dataclasses.replace(smallest(judged, "undecided"), subject=hostile_name)
    section = capacity_section(judged, "", [found])
    assert "\u202e" not in section.finding
    assert not any("<script" in panel for panel in section.panels)
