import dataclasses

import pytest

from reports import wording
from reports.figures.rate_bands import figure


@pytest.fixture(scope="module")
def drawn(run_maker):
    return figure(run_maker(trials=60, confirm=0))


def test_each_optimizer_has_a_panel_and_a_row(drawn):
    assert [row[0] for row in drawn.table.rows] == ["adam", "rmsprop", "sgd"]
    assert len(drawn.panels) == 3


def test_the_finding_tells_the_width_of_each_band_in_decades(drawn):
    for name, low, high, decades, good, *_ in drawn.table.rows:
        if good != "1":
            assert f"{low} to {high}, {decades} decades" in drawn.finding
        assert name in drawn.finding.lower()


def test_a_band_that_is_hardly_one_is_not_called_zero_decades_wide(drawn):
    widths = [row[3] for row in drawn.table.rows if row[4] != "1"]
    assert widths
    assert "0.0" not in widths


def test_the_key_counts_the_verdicts_on_the_rates(drawn):
    names = {key.name for key in drawn.key}
    assert {"right", "undecided"} <= names
    assert not {"fits", "overfits"} & names
    assert sum(key.trials for key in drawn.key) == 60


def test_pruned_trials_are_explained(run_maker):
    told = figure(run_maker(trials=60, pruned=0.3, confirm=0))
    assert "pruned" in told.finding
    assert "hollow diamond" in told.how_to_read


def test_an_optimizer_with_too_few_trials_is_named_in_the_note(run_maker):
    content = run_maker(trials=60, confirm=0)
    few = content.trials.groupby("optimizer").cumcount() < 3
    trials = content.trials[(content.trials["optimizer"] != "sgd") | few]
    told = figure(dataclasses.replace(content, trials=trials))
    assert len(told.panels) == 2
    assert "sgd" in told.note


def test_a_run_without_trials_has_no_section(nothing):
    assert figure(nothing) is None


def test_a_band_that_is_wide_for_want_of_a_standard_error_says_so(run_maker):
    content = run_maker(trials=60, confirm=0)
    names = content.trials["optimizer"]
    none = content.trials.assign(validation_score_se=float("nan"))
    told = figure(dataclasses.replace(content, trials=none))
    assert "Of adam, no rate from " in told.finding
    assert told.finding.count("the standard error is not known") == 3
    assert {row[-1] for row in told.table.rows} == {wording.MISSING}

    best = content.trials["validation_score"].groupby(names).transform("max")
    known = content.trials["validation_score_se"].where(content.trials["validation_score"] == best)
    told = figure(
        dataclasses.replace(content, trials=content.trials.assign(validation_score_se=known))
    )
    assert told.finding.count("or has no known standard error") == 3
    assert told.finding.count(" only for want of one)") == 3
    assert told.panels[0].remark.startswith("good or not known: ")


def test_where_every_standard_error_is_known_none_is_said_to_be_missing(drawn):
    assert "want of" not in drawn.finding
    assert "not known" not in drawn.finding
    assert "not known" not in drawn.panels[0].remark
