import dataclasses

import numpy as np
import pandas as pd
import pytest

from reports.figures.best_of import curve, figure, panel, told
from studies.findings.evidence import best_of_trials


@pytest.fixture(scope="module")
def curves(run):
    return best_of_trials(run.trials)


@pytest.fixture(scope="module")
def finished(run):
    rows = run.searched
    return rows[rows["outcome"] == "finished"]


def test_the_curve_ends_at_the_best_trial(curves, finished):
    loss, score = curve(curves, "loss"), curve(curves, "score")
    assert loss.trials == len(finished)
    assert loss.expected == pytest.approx(finished["validation_loss"].min())
    assert score.expected == pytest.approx(finished["validation_score"].max())


def test_what_the_second_half_brought_is_positive_for_a_loss_and_for_a_score(curves):
    for measure, sign in (("loss", 1), ("score", -1)):
        one = curve(curves, measure)
        assert one.half == one.trials // 2
        assert one.gain == pytest.approx(sign * (one.before - one.expected))
        assert one.gain > 0


def test_the_interval_ends_at_a_third_of_the_trials(curves):
    one = curve(curves, "loss")
    assert one.banded <= one.trials / 3 < one.table.loc[one.table["k"] > one.banded, "k"].min()


def test_a_first_trial_that_is_far_off_does_not_set_the_scale(curves):
    far = curves.assign(so_far=curves["so_far"].where(curves["k"] > 1, 1e9))
    far.loc[far["k"] == 1, ["expected", "high"]] = 1e8
    shown = panel(curve(far, "loss"), "Loss", "")
    assert shown.y.limits[1] < 10
    assert shown.table["y"].max() < 100


@pytest.mark.parametrize("empty", [pd.DataFrame(), None], ids=["no column", "no row"])
def test_without_a_curve_there_is_no_summary(curves, empty):
    assert curve(curves.iloc[:0] if empty is None else empty, "loss") is None
    assert curve(curves[curves["k"] == 1], "loss") is None


def test_equal_trials_have_an_axis(curves):
    same = curves.assign(expected=0.5, low=0.5, high=0.5, so_far=0.5)
    low, high = panel(curve(same, "loss"), "Loss", "").y.limits
    assert low < 0.5 < high
    assert np.isfinite([low, high]).all()


@pytest.fixture(scope="module")
def section(evident_run):
    return figure(evident_run)


def test_loss_and_score_have_a_panel_each_and_a_table(section):
    assert len(section.panels) == 2
    assert {row[0] for row in section.table.rows} == {"Validation loss", "Validation accuracy"}


def test_the_finding_tells_what_the_second_half_of_the_trials_brought(section, evident_run):
    one = curve(evident_run.best_of, "loss")
    assert f"From {one.half} to {one.trials} finished trials" in section.finding
    assert f"{one.expected:.3f}" in section.finding


def test_a_gain_beyond_the_error_of_the_best_trial_speaks_for_more_trials(evident_run):
    loss, score = (curve(evident_run.best_of, name) for name in ("loss", "score"))
    assert "may well bring more" in told(loss, score, "accuracy", error=loss.gain / 2)
    assert "not expected to bring much" in told(loss, score, "accuracy", error=loss.gain * 2)
    assert "doubling" not in told(loss, score, "accuracy", error=float("nan"))


@pytest.mark.parametrize(("sampler", "words"), [("tpe", "not independent"), ("qmc", "not adapt")])
def test_how_to_read_says_whether_the_sampler_adapts(evident_run, sampler, words):
    settings = {**evident_run.manifest["settings"], "sampler": sampler}
    content = dataclasses.replace(
        evident_run, manifest={**evident_run.manifest, "settings": settings}
    )
    section = figure(content)
    assert words in section.how_to_read
    assert ("rough guide" in section.finding) == (sampler == "tpe")


def test_without_a_curve_there_is_no_section(run, evident_run):
    assert figure(run) is None
    none = dataclasses.replace(evident_run, best_of=evident_run.best_of.iloc[:0])
    assert figure(none) is None
