import dataclasses

import numpy as np
import pandas as pd
import pytest

from reports import wording
from reports.figures.rate_bands import MARKED_AS, figure, rate_bands

BOUNDS = {"learning_rate.adam": {"low": 1e-4, "high": 1e-1, "log": True}}


def trials(**changes):
    """Seven trials of Adam: good from 0.001 to 0.01, and one that diverged."""
    table = pd.DataFrame(
        {
            "trial": [f"s{slot:04d}" for slot in range(7)],
            "outcome": ["finished"] * 6 + ["diverged"], "optimizer": "adam",
            "learning_rate": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1],
            "validation_score": [0.5, 0.7, 0.895, 0.8, 0.9, 0.6, np.nan],
            "validation_score_se": 0.01, "validation_loss": 0.3,
            "verdict": ["fits"] * 6 + ["diverged"],
            "learning_rate_verdict": [
                "too small", "too small", "right", "undecided", "right", "too large", "diverges"
            ],
        }
    )  # fmt: skip
    return table.assign(**changes)


def test_the_band_holds_the_rates_within_one_standard_error_of_the_best():
    (band,) = rate_bands(trials(), BOUNDS)
    assert (band.low, band.high) == (1e-3, 1e-2)
    assert band.decades == pytest.approx(1)
    assert (band.best, band.error) == (0.9, 0.01)


def test_a_bad_trial_inside_the_band_is_counted_in_it_but_not_as_good():
    (band,) = rate_bands(trials(), BOUNDS)
    assert (band.good, band.between, band.trials) == (2, 3, 6)


def test_marks_tell_the_verdicts_on_the_rates():
    (band,) = rate_bands(trials(), BOUNDS)
    assert band.points.table["verdict"].tolist() == [
        "underfits", "underfits", "fits", "undecided", "fits", "overfits"
    ]  # fmt: skip
    assert band.counts == {
        "too small": 2, "right": 2, "undecided": 1, "too large": 1, "diverged": 1
    }  # fmt: skip


def test_what_diverged_stands_in_the_strip_and_a_finished_trial_that_grew_does_not():
    (band,) = rate_bands(trials(), BOUNDS)
    assert band.points.unusable["verdict"].tolist() == ["diverged"]
    grew = trials(outcome="finished", validation_score=[0.5, 0.7, 0.9, 0.8, 0.9, 0.6, 0.1])
    (band,) = rate_bands(grew, BOUNDS)
    assert band.points.unusable.empty
    assert band.counts["diverges"] == 1
    assert len(set(MARKED_AS.values())) == len(MARKED_AS)  # each verdict has a mark of its own


def test_pruned_trials_set_no_band():
    table = trials(validation_score=[0.5, 0.7, 0.895, 0.8, 0.9, 0.6, 0.99])
    table.loc[6, "outcome"] = "pruned"
    (band,) = rate_bands(table, BOUNDS)
    assert band.high == 1e-2
    assert band.counts["pruned"] == 1


def test_one_good_trial_has_a_band_without_width():
    (band,) = rate_bands(trials(validation_score_se=0.0), BOUNDS)
    assert (band.good, band.decades) == (1, 0.0)


@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_an_unknown_standard_error_of_the_best_tells_no_rate_from_it(unknown):
    # Taken for zero it would leave the best alone: the less were known, the surer the band.
    (band,) = rate_bands(trials(validation_score_se=unknown), BOUNDS)
    assert (band.low, band.high) == (1e-4, 3e-2)
    assert (band.good, band.unknown) == (6, 5)
    assert np.isnan(band.error)


def test_a_trial_whose_own_standard_error_is_unknown_stays_inside_the_band():
    errors = [0.01, np.nan, np.nan, 0.01, 0.01, 0.01, np.nan]
    (band,) = rate_bands(trials(validation_score_se=errors), BOUNDS)
    assert (band.low, band.high) == (3e-4, 1e-2)
    assert (band.good, band.unknown, band.error) == (3, 1, 0.01)


def test_each_optimizer_has_its_band_and_all_have_one_axis_for_the_score():
    both = pd.concat([trials(), trials(optimizer="sgd", validation_score=0.3)], ignore_index=True)
    first, second = rate_bands(both, BOUNDS)
    assert (first.optimizer, second.optimizer) == ("adam", "sgd")
    assert first.points.y_limits[1] == second.points.y_limits[1]


@pytest.mark.parametrize(
    ("table", "bounds"),
    [
        (trials().iloc[:0], BOUNDS),
        (trials().iloc[:4], BOUNDS),
        (trials(learning_rate=0.001), BOUNDS),
        (trials(), {"learning_rate.adam": {"value": 0.001}}),
        (trials(validation_score=np.nan), BOUNDS),
    ],
    ids=["none", "too few", "one rate", "fixed", "no score"],
)
def test_where_no_band_can_be_found_there_is_none(table, bounds):
    assert rate_bands(table, bounds) == ()


def test_missing_verdicts_are_undecided():
    (band,) = rate_bands(trials(learning_rate_verdict=None), BOUNDS)
    assert band.counts == {"undecided": 6, "diverged": 1}


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
