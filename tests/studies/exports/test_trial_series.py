import math

import pandas as pd
import pytest

from studies.exports.trial_series import (
    CURVES,
    begun,
    curves_by_trial,
    results_of,
    settings_of,
    with_gaps,
)


@pytest.fixture
def trial(told_run):
    trials, _ = told_run.tables()
    return trials.to_dict("records")[0]


def test_gaps_are_positive_where_it_overfits_and_time_goes_on():
    epochs = pd.DataFrame(
        {"trial": ["a", "a", "b"],
         "train_loss": [1.0, 0.5, 2.0], "validation_loss": [1.5, 1.5, 2.0],
         "train_score": [0.5, 0.9, 0.1], "validation_score": [0.4, 0.6, 0.2],
         "seconds": [1.0, 2.0, 4.0]}
    )  # fmt: skip
    table = with_gaps(epochs)
    assert table["loss_gap"].tolist() == [0.5, 1.0, 0.0]
    assert table["score_gap"].tolist() == pytest.approx([0.1, 0.3, -0.1])
    assert table["elapsed"].tolist() == [1.0, 3.0, 4.0]


def test_each_trial_has_its_own_curves(told_run):
    curves = curves_by_trial(told_run.tables()[1])
    assert list(curves) == ["s0000", "s0001", "c0000-01", "c0000-02"]
    assert set(CURVES.values()) <= set(curves["s0000"].columns)


def test_without_epochs_there_are_no_curves(fresh_run):
    assert curves_by_trial(fresh_run.folder.tables()[1]) == {}


def test_settings_are_what_the_trial_has(trial):
    settings = settings_of(trial)
    assert settings["depth"] == 2.0
    assert settings["optimizer"] == "adam"
    assert settings["use_bias"] is True
    assert not {"momentum", "fold", "arm", "train_rows"} & set(settings)


def test_results_are_those_of_the_best_epoch(trial):
    assert results_of(trial) == {
        "best/validation_score": 0.7, "best/validation_loss": 0.3, "best/score_gap": 1 - 0.7,
        "best/loss_gap": 0.3 - 1,
    }  # fmt: skip


def test_what_is_not_finite_is_no_result(trial):
    assert "best/loss_gap" not in results_of({**trial, "loss_gap": math.nan})


def test_a_run_begins_when_its_manifest_says():
    assert begun({"created": "1970-01-01T00:01:00+00:00"}) == 60.0
    assert begun({"created": "yesterday"}) == begun({}) == 0.0
