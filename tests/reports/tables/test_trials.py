from reports import wording
from reports.judged import with_verdicts
from reports.tables import trials as tables


def judged(run):
    return with_verdicts(run.trials, run.verdicts)


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


def test_pruned_trials_then_audits_then_lost_ones_follow_the_finished(pruned_run):
    table = tables.trial_table(judged(pruned_run), winner="", score_name="accuracy")
    trials = pruned_run.trials.set_index("trial")
    order = trials.loc[column(table, "Trial")]
    kinds = order["outcome"].where(order["stage"] != "audit", "audit")
    assert list(dict.fromkeys(kinds))[:3] == ["finished", "pruned", "audit"]
    assert set(kinds.iloc[-1:]) <= {"diverged", "failed"}
    assert (kinds != kinds.shift()).sum() <= 5  # in groups, each in one piece
    pruned = int((trials["outcome"] == "pruned").sum())
    assert f"then {pruned} pruned ones at their best epoch so far and 2 audits" in table.caption


def test_audits_are_marked_by_their_stage_which_other_runs_do_not_show(run, pruned_run):
    table = tables.trial_table(judged(pruned_run), winner="", score_name="accuracy")
    assert column(table, "Stage").count("audit") == 2
    other = tables.trial_table(judged(run), winner="", score_name="accuracy")
    assert "Stage" not in other.header
    assert "pruned" not in other.caption


def test_pruned_trials_show_why(pruned_run):
    table = tables.trial_table(judged(pruned_run), winner="", score_name="accuracy")
    reasons = {
        reason
        for reason, mark in zip(column(table, "Reason"), table.marks, strict=True)
        if mark == "pruned"
    }
    assert len(reasons) == 2
    assert all("not among the best third" in reason for reason in reasons)


def test_neither_pruned_trials_nor_audits_are_failures(pruned_run):
    trials = judged(pruned_run)
    audit = trials["stage"] == "audit"
    trials.loc[audit, ["outcome", "verdict"]] = "failed"
    names = " ".join(names for _, names, _ in tables.failures(trials))
    lost = trials[trials["outcome"].isin(["diverged", "failed"]) & ~audit]
    assert len(lost) == sum(name in names for name in lost["trial"])
    assert not any(name in names for name in trials.loc[audit, "trial"])
    assert {verdict for verdict, _, _ in tables.failures(trials)} <= {"diverged", "failed"}
