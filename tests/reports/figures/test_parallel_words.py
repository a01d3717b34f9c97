import dataclasses

import pytest

from reports.figures.parallel import figure


def test_the_table_has_a_row_an_axis(run):
    section = figure(run)
    assert [row[0] for row in section.table.rows] == [
        "depth", "width", "shape", "dropout", "activation", "optimizer", "learning rate",
        "momentum", "validation accuracy", "loss gap",
    ]  # fmt: skip


def test_few_best_trials_are_not_said_to_agree(run):
    section = figure(run)
    assert section.finding.endswith("are too few to say on which settings they agree.")


def test_agreement_is_told_beside_what_chance_does(run_maker):
    run = run_maker(trials=90, epochs=2, lost=0.0, confirm=0)
    best = run.trials["validation_loss"].rank() <= 12
    trials = run.trials.assign(dropout=best.map({True: 0.2, False: 0.5}))
    section = figure(dataclasses.replace(run, trials=trials))
    assert "agree most on dropout: 0.2, 0 % of the range tried" in section.finding
    assert section.finding.startswith("Of 8 settings, the best 9 of 90 finished trials")


def test_no_agreement_is_told_as_such(run_maker):
    run = run_maker(trials=90, epochs=2, lost=0.0, confirm=0)
    bounds = {name: {"low": 0.0, "high": 1.0} for name in ("dropout", "momentum")}
    trials = run.trials.sort_values("validation_loss")
    trials["dropout"] = trials["momentum"] = [0.0, 1.0] * 45
    manifest = {**run.manifest, "space_bounds": bounds}
    text = figure(dataclasses.replace(run, trials=trials, manifest=manifest)).finding
    assert text.startswith("On no setting do the best 9 of 90 finished trials agree much more")


def test_what_is_not_drawn_is_counted(run_maker):
    run = run_maker(trials=200, epochs=2, lost=0.0, confirm=0)
    section = figure(run)
    assert "Drawn are 150 of 200 finished trials" in section.note
    assert sum(one.trials for one in section.key) == 150


@pytest.mark.parametrize("bounds", [{}, None, {"depth": {"low": 1, "high": 6}}])
def test_without_two_varied_settings_there_is_no_section(run, bounds):
    content = dataclasses.replace(run, manifest={**run.manifest, "space_bounds": bounds})
    assert figure(content) is None


def test_without_trials_there_is_no_section(nothing):
    assert figure(nothing) is None
