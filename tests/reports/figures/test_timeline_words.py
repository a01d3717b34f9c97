import dataclasses

import pytest

from reports.drawing.figure import draw
from reports.figures.timeline import figure
from reports.wording import MISSING


def timed(run, workers=2, **seconds):
    settings = {**run.manifest["settings"], "workers": workers}
    return dataclasses.replace(
        run, manifest={**run.manifest, "settings": settings, "seconds": seconds}
    )


def test_the_finding_tells_total_busy_share_and_slowest_trial(run):
    trials = run.trials.assign(seconds=1.0)
    trials.loc[3, "seconds"] = 5.0
    search = int((trials["stage"] == "search").sum())
    content = timed(
        dataclasses.replace(run, trials=trials[trials["stage"] == "search"]), 2, search=40.0
    )
    share = (search + 4) / 80
    slowest = 100 * 5 / (search + 4)
    assert figure(content).finding == (
        f"The run took 40 s with 2 workers, busy training {100 * share:.0f} % of the time. The "
        f"slowest trial, s0003, trained for 5.0 s: {slowest:.0f} % of all training time."
    )


def test_what_is_laid_out_and_not_recorded_is_said_beside_the_figure(run):
    section = figure(timed(run, search=100.0))
    assert section.note.startswith("Durations are measured; which worker had which trial is not")


def test_a_stage_of_unknown_length_leaves_the_busy_share_out(run):
    assert "busy" not in figure(timed(run)).finding


def test_the_table_has_a_row_a_stage(run):
    section = figure(timed(run, search=100.0, confirmation=50.0, baselines=4.0))
    assert [row[0] for row in section.table.rows] == ["search", "confirmation", "baselines"]
    assert section.table.rows[-1][-2:] == (MISSING, MISSING)


def test_outcomes_are_counted_in_the_key(pruned_run):
    section = figure(timed(pruned_run, search=900.0))
    used = pruned_run.trials[pruned_run.trials["seconds"] > 0]
    counts = used["outcome"].value_counts().to_dict()
    assert {one.name: one.trials for one in section.key} == counts


def test_merged_bars_and_workers_without_a_row_are_told(run_maker):
    run = run_maker(trials=400, epochs=2, confirm=0)
    assert "a bar stands for several trials" in figure(timed(run, 1)).note
    assert "Drawn are 32 of 40 workers." in figure(timed(run, 40)).note


@pytest.mark.parametrize("workers", [None, 0, "two"])
def test_without_the_number_of_workers_there_is_no_section(run, workers):
    assert figure(timed(run, workers)) is None


def test_without_trials_there_is_no_section(nothing):
    assert figure(nothing) is None


def told(run, spans, **columns):
    """The first trials of a run, with these spans and outcomes."""
    trials = run.trials.head(len(spans)).assign(
        spans=spans, seconds=[1.0, 3.0, 4.0], outcome="finished", stage="search", **columns
    )
    return timed(dataclasses.replace(run, trials=trials), 2, search=99.0)


SPANS = ["0 1.0 11.0; 1 20.0 30.0", "1 0.5 20.0", "0 12.0 40.0"]


def test_the_finding_tells_the_share_trained_the_workers_and_the_longest_idle_time(run):
    assert figure(told(run, SPANS)).finding == (
        "The last trial ended after 40 s; 2 workers trained for 84 % of that time. The longest "
        "that one had nothing to train was 10 s: worker 1, from 30 s on. The slowest trial, s0002,"
        " trained for 4.0 s: 50 % of all training time."
    )


def test_where_workers_are_recorded_nothing_is_said_to_be_laid_out(run):
    section = figure(told(run, SPANS))

    assert section.note == ""
    assert "laid out" not in section.how_to_read
    assert "laid out" in figure(timed(run, search=100.0)).how_to_read


def test_the_table_behind_true_rows_has_a_row_a_worker(run):
    table = figure(told(run, SPANS)).table

    assert [list(row) for row in table.rows] == [
        ["0", "2", "38 s", "95 %", "1.0 s", "0.0 s"],
        ["1", "2", "30 s", "74 %", "10 s", "30 s"],
    ]


def test_a_worker_that_waited_at_the_start_is_told_so(run):
    spans = ["0 9.0 11.0", "1 8.0 12.0", "0 11.0 12.0"]
    assert "was 9.0 s: worker 0, at the start." in figure(told(run, spans)).finding


def test_a_section_drawn_twice_is_the_same(run):
    first, second = (draw(figure(told(run, SPANS))).panels[0] for _ in range(2))
    assert str(first) == str(second)
