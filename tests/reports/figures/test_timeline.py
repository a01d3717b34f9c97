import dataclasses
import math

import pandas as pd
import pytest

from reports.drawing.figure import draw
from reports.figures.timeline import MOST_ROWS, figure, timeline
from reports.wording import MISSING


def trials(seconds, **columns):
    """Make finished trials of the search that took these seconds."""
    number = len(seconds)
    names = [f"s{place:04d}" for place in range(number)]
    table = {
        "trial": names, "stage": "search", "slot": range(number), "replicate": 0, "cohort": names,
        "outcome": "finished", "seconds": [float(value) for value in seconds], **columns,
    }  # fmt: skip
    return pd.DataFrame(table, index=range(number))


def run_of(workers, **seconds):
    return {"settings": {"workers": workers}, "seconds": seconds}


def test_each_trial_goes_to_the_worker_that_is_free_first():
    summary = timeline(trials([3, 1, 1, 1]), run_of(2, search=4.0))
    bars = summary.bars.sort_values(["row", "start"])
    assert bars["row"].tolist() == [0, 1, 1, 1]
    assert bars["start"].tolist() == [0, 0, 1, 2]
    assert bars["end"].tolist() == [3, 1, 2, 3]


def test_busy_is_the_share_of_the_workers_measured_time():
    summary = timeline(trials([3, 1, 1, 1]), run_of(2, search=4.0))
    assert (summary.took, summary.busy) == (4.0, 0.75)
    assert summary.workers["share"].tolist() == [0.75, 0.75]
    assert summary.stages["busy"].tolist() == [0.75]
    assert summary.end == 4.0


def test_members_of_a_cohort_stay_on_one_row_one_after_another():
    summary = timeline(trials([1, 1, 1], cohort=["s0000", "s0001", "s0000"]), run_of(2, search=2.0))
    first = summary.bars[summary.bars["row"] == 0]
    assert first["end"].tolist() == [1, 2]


def test_slots_give_the_order_whatever_the_order_of_the_table():
    table = trials([3, 1, 1, 1]).iloc[::-1]
    again = timeline(table, run_of(2, search=4.0)).bars
    assert again.equals(timeline(trials([3, 1, 1, 1]), run_of(2, search=4.0)).bars)


def test_stages_follow_each_other_and_baselines_have_no_bars():
    table = trials([2, 2, 1], stage=["search", "confirmation", "audit"])
    manifest = run_of(1, search=3.0, confirmation=2.5, audit=1.0, baselines=0.5)
    summary = timeline(table, manifest)
    assert summary.stages["stage"].tolist() == ["search", "confirmation", "audit", "baselines"]
    assert summary.stages["start"].tolist() == [0.0, 3.0, 5.5, 6.5]
    assert summary.bars["start"].tolist() == [0.0, 3.0, 5.5]
    assert summary.took == 7.0
    assert summary.busy == pytest.approx(5 / 6.5)
    assert math.isnan(summary.stages["busy"].iloc[-1])


def test_the_slowest_trial_is_named_with_its_share():
    summary = timeline(trials([1, 6, 1]), run_of(1, search=8.0))
    assert (summary.slowest, summary.slowest_seconds) == ("s0001", 6.0)
    assert summary.slowest_share == 0.75


def test_a_stage_of_unknown_length_ends_with_its_bars_and_nobody_is_said_to_be_busy():
    summary = timeline(trials([1, 2]), run_of(1))
    assert summary.took == 3.0
    assert math.isnan(summary.busy)


def test_more_work_than_the_recorded_workers_can_do_leaves_busy_unknown():
    summary = timeline(trials([4, 4]), run_of(1, search=5.0))
    assert math.isnan(summary.busy)
    assert summary.end == 8.0


@pytest.mark.parametrize(("took", "unit", "end"), [(90, "s", 90), (600, "min", 10), (7200, "h", 2)])
def test_the_unit_suits_the_length(took, unit, end):
    summary = timeline(trials([50]), run_of(1, search=float(took)))
    assert (summary.unit, summary.end) == (unit, end)


def test_lost_trials_have_a_mark_in_the_middle_of_their_bar():
    summary = timeline(trials([2, 2], outcome=["finished", "diverged"]), run_of(1, search=4.0))
    assert summary.lost[["row", "at", "outcome"]].to_numpy().tolist() == [[0, 3.0, "diverged"]]
    assert summary.counts == {"finished": 1, "diverged": 1}


def test_crowded_rows_are_merged_and_keep_how_much_time_they_cover():
    outcome = ["finished"] * 2500 + ["pruned"] * 2500
    summary = timeline(trials([1.0] * 5000, outcome=outcome), run_of(1, search=10_000.0))
    assert summary.is_merged
    assert summary.bars["outcome"].tolist() == ["finished", "pruned"]
    ends = summary.bars["end"].to_numpy() * 3600
    assert ends == pytest.approx([2500, 5000], abs=10)


def test_two_hundred_trials_on_two_rows_are_not_merged():
    summary = timeline(trials([1.0] * 200), run_of(2, search=110.0))
    assert not summary.is_merged
    assert len(summary.bars) == 200


def test_of_many_workers_only_some_are_drawn_and_all_are_counted():
    summary = timeline(trials([1.0] * 100), run_of(100, search=1.0))
    assert (len(summary.drawn), len(summary.workers)) == (MOST_ROWS, 100)
    assert summary.busy == 1.0
    assert set(summary.workers["share"]) == {1.0}


def test_old_tables_without_cohorts_are_laid_out_too():
    table = trials([1, 1]).drop(columns="cohort")
    assert len(timeline(table, run_of(2, search=1.0)).bars) == 2


@pytest.mark.parametrize("manifest", [{}, {"settings": {}}, {"settings": {"workers": None}}])
def test_without_the_number_of_workers_there_is_no_layout(manifest):
    assert timeline(trials([1]), manifest) is None


def test_without_any_time_trained_there_is_no_layout():
    assert timeline(trials([]), run_of(2)) is None
    assert timeline(trials([0.0, float("nan")]), run_of(2)) is None


def recorded(*spans, **columns):
    """Make trials with these spans; their seconds are of no account here."""
    return trials([1.0] * len(spans), spans=list(spans), **columns)


def bars_of(summary):
    return summary.bars[["row", "start", "end"]].to_numpy().tolist()


def test_bars_stand_where_and_when_trials_were_trained():
    summary = timeline(recorded("1 1.0 3.0", "0 2.0 4.0"), run_of(2, search=9.0))

    assert summary.is_recorded
    assert bars_of(summary) == [[0, 2.0, 4.0], [1, 1.0, 3.0]]
    assert (summary.took, summary.end, summary.busy) == (4.0, 4.0, 0.5)


def test_a_trial_that_went_on_has_a_bar_a_part_and_one_mark():
    table = recorded("0 0.0 1.0; 1 2.0 4.0", "0 1.0 2.0", outcome=["diverged", "finished"])
    summary = timeline(table, run_of(2))

    assert bars_of(summary) == [[0, 0.0, 1.0], [0, 1.0, 2.0], [1, 2.0, 4.0]]
    assert summary.lost[["row", "at"]].to_numpy().tolist() == [[1, 3.0]]
    assert summary.workers["trials"].tolist() == [2, 1]


def test_members_of_a_cohort_have_equal_parts_of_its_time():
    table = recorded(
        "0 1.0 4.0", "0 1.0 4.0", "0 1.0 4.0", outcome=["finished", "pruned", "failed"]
    )
    summary = timeline(table, run_of(1))

    assert bars_of(summary) == [[0, 1.0, 2.0], [0, 2.0, 3.0], [0, 3.0, 4.0]]
    assert summary.bars["outcome"].tolist() == ["finished", "pruned", "failed"]
    assert summary.busy == 0.75


def test_the_longest_time_without_training_is_told_with_its_beginning():
    table = recorded("0 0.5 3.0", "0 5.0 6.0", "1 2.5 10.0")
    workers = timeline(table, run_of(3)).workers

    assert workers["worker"].tolist() == ["0", "1", "2"]
    assert workers[["idle", "since"]].to_numpy().tolist() == [[4.0, 6.0], [2.5, 0.0], [10.0, 0.0]]
    assert workers["share"].tolist() == [0.35, 0.75, 0.0]


def test_what_was_heard_late_stands_behind_what_was_before():
    summary = timeline(recorded("0 1.0 3.0", "0 2.75 4.0", "0 3.5 3.75"), run_of(1))

    assert bars_of(summary)[:2] == [[0, 1.0, 3.0], [0, 3.0, 4.0]]
    assert (summary.workers["trained"].item(), summary.busy) == (3.0, 0.75)


def test_workers_are_in_the_order_of_their_numbers_and_those_of_a_resumed_run_are_added():
    spans = [f"{worker} {place}.0 {place + 1}.0" for place, worker in enumerate((10, 2, 0, 1))]
    assert timeline(recorded(*spans), run_of(2)).workers["worker"].tolist() == ["0", "1", "2", "10"]
    assert timeline(recorded(*spans), {}).workers["worker"].tolist() == ["0", "1", "2", "10"]


def test_a_stage_that_was_gone_on_with_has_a_stretch_each_time():
    table = recorded(
        "0 1.0 2.0", "0 2.0 3.0", "0 5.0 6.0", stage=["search", "confirmation", "search"]
    )
    stages = timeline(table, run_of(1)).stages

    assert stages["stage"].tolist() == ["search", "confirmation", "search"]
    assert stages[["start", "end"]].to_numpy().tolist() == [[0.0, 2.0], [2.0, 5.0], [5.0, 6.0]]
    assert stages["busy"].tolist() == [0.5, pytest.approx(1 / 3), 1.0]


@pytest.mark.parametrize("other", ["", "nonsense", "0 one 2.0", None])
def test_rows_are_laid_out_unless_every_trial_tells_when_it_was_trained(other):
    table = recorded("0 5.0 6.0", other)
    summary = timeline(table, run_of(1, search=4.0))

    assert not summary.is_recorded
    assert bars_of(summary) == [[0, 0.0, 1.0], [0, 1.0, 2.0]]


def test_trials_that_were_never_trained_need_no_span():
    table = recorded("0 1.0 2.0", "").assign(seconds=[1.0, 0.0])
    assert timeline(table, run_of(1)).is_recorded


def test_crowded_true_rows_are_merged_and_keep_how_much_time_they_cover():
    spans = [f"{place % 2} {place}.0 {place + 1}.0" for place in range(2000)]
    table = recorded(*spans, outcome=["finished"] * 1000 + ["pruned"] * 1000)
    summary = timeline(table, run_of(2))

    assert summary.is_merged
    assert len(summary.bars) <= 1200
    assert summary.busy == pytest.approx(0.5)


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
