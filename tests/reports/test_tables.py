import pandas as pd

from reports import summary_trials, tables, wording
from reports.tables import Column, figure_table


def judged(run):
    return summary_trials.with_verdicts(run.trials, run.verdicts)


def column(table, title):
    return [row[table.header.index(title)] for row in table.rows]


def test_all_trials_stand_in_the_table_the_best_first_and_the_lost_last(run):
    table = tables.trial_table(judged(run), winner="s0003", score_name="accuracy")
    assert len(table.rows) == len(run.trials)
    finished = run.trials[run.trials["outcome"] == "finished"]
    assert table.rows[0][0] == finished.loc[finished["validation_loss"].idxmin(), "trial"]
    lost = int((run.trials["outcome"] != "finished").sum())
    assert set(table.marks[-lost:]) <= {"diverged", "failed"}


def test_lost_trials_show_their_reason_and_others_none(run):
    table = tables.trial_table(judged(run), winner="", score_name="accuracy")
    reasons = dict(zip(column(table, "Trial"), column(table, "Reason"), strict=True))
    for row in run.trials.to_dict("records"):
        assert reasons[row["trial"]] == row["reason"]


def test_the_winner_is_pointed_out(run):
    table = tables.trial_table(judged(run), winner="s0005", score_name="accuracy")
    assert table.rows[table.winner][0] == "s0005"
    assert tables.trial_table(judged(run), winner="none", score_name="R²").winner == -1


def test_settings_that_are_the_same_for_all_stand_in_the_caption(run):
    table = tables.trial_table(judged(run), winner="", score_name="accuracy")
    assert "Batch" not in table.header
    assert "batch 32" in table.caption
    assert "Dropout" in table.header


def test_missing_values_are_dashes(run):
    table = tables.trial_table(judged(run), winner="", score_name="accuracy")
    failed = [row for row, mark in zip(table.rows, table.marks, strict=True) if mark == "failed"]
    assert failed[0][table.header.index("Loss")] == wording.MISSING


def test_an_empty_run_has_an_empty_table(nothing):
    table = tables.trial_table(judged(nothing), winner="", score_name="accuracy")
    assert table.rows == ()


def test_a_long_reason_is_cut(run):
    trials = judged(run)
    trials["reason"] = "x" * 5000
    table = tables.trial_table(trials, winner="", score_name="accuracy")
    assert max(len(reason) for reason in column(table, "Reason")) == tables.LONGEST_REASON


def test_failures_are_grouped_by_reason_the_most_frequent_first(run):
    trials = judged(run).assign(verdict="failed", reason="boom")
    trials.loc[trials.index[0], "reason"] = "other"
    groups = tables.failures(trials)
    assert [reason for _, _, reason in groups] == ["boom", "other"]
    assert groups[0][1].startswith(f"{len(trials) - 1} trials: ")
    assert groups[0][1].endswith("more")


def test_a_run_without_failures_lists_none(run):
    trials = judged(run)
    assert tables.failures(trials[trials["outcome"] == "finished"]) == []


def test_a_long_table_behind_a_figure_is_cut_and_says_so():
    data = pd.DataFrame({"x": range(1000)})
    table = figure_table(data, "Numbers.", [Column(source="x", title="x", write=wording.count)])
    assert len(table.rows) == tables.LONGEST_TABLE
    assert table.caption == "Numbers. The first 200 of 1,000 rows."


def test_columns_of_text_are_aligned_left():
    table = figure_table(
        pd.DataFrame({"x": [1], "y": ["a"]}),
        "Numbers.",
        [
            Column(source="x", title="x", write=wording.count),
            Column(source="y", title="y", write=wording.shorten, numeric=False),
        ],
    )
    assert tables.alignment(table, "t") == "#t td:nth-child(2){text-align:left}"
