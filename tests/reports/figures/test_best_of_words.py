import dataclasses

import pytest

from reports.figures.best_of import curve, figure, told


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
