import numpy as np
import pandas as pd
import pytest

from studies.findings.pruning import HARMLESS, SETTLING, judge_pruning
from studies.statistics.intervals import exact_share_interval


def table(finished=(0.30, 0.35), stops=(), audits=(), outcome="finished"):
    """A sweep of 30 epochs: finished losses, epochs at which others stopped, audited losses."""
    n = len(finished)
    rows = [(f"s{i:04d}", "search", "finished", 30, loss) for i, loss in enumerate(finished)]
    rows += [
        (f"s{n + i:04d}", "search", "pruned", stop, 0.01) for i, stop in enumerate(stops)
    ]  # smaller than any, which must not matter
    rows += [(f"a{n + i:04d}", "audit", outcome, 30, loss) for i, loss in enumerate(audits)]
    columns = ["trial", "stage", "outcome", "epochs_trained", "validation_loss"]
    return pd.DataFrame(rows, columns=columns).assign(epochs=30, validation_loss_se=0.02)


def both(trials):
    counted, audited = judge_pruning(trials)
    assert (counted.code, audited.code) == ("sweep.pruned", "sweep.pruning_audit")
    return counted, audited


def test_a_sweep_without_pruned_trials_says_nothing_of_pruning():
    assert judge_pruning(table()) == []
    assert judge_pruning(table().iloc[:0]) == []


def test_pruned_trials_are_counted_by_epoch_with_what_they_saved():
    (finding,) = judge_pruning(table(stops=(3, 3, 10)))
    assert (finding.level, finding.verdict) == ("info", "pruned")
    assert (finding.numbers["pruned"], finding.numbers["trials"]) == (3, 5)
    assert finding.details == {"audited": 0, "stops": [(3, 2), (10, 1)]}
    assert finding.numbers["saved_epochs"] == 27 + 27 + 20
    assert finding.numbers["saved_share"] == pytest.approx(74 / 150)


def test_the_epochs_of_the_audit_are_told():
    counted, _ = both(table(stops=(3,) * 20, audits=(0.5, 0.6)))
    assert (counted.numbers["audit_epochs"], counted.details["audited"]) == (60, 2)


def test_few_audits_none_of_them_better_are_undecided():
    _, audited = both(table(stops=(3,) * 20, audits=(0.5, 0.4)))
    assert (audited.level, audited.verdict, audited.subject) == ("info", "undecided", "")
    assert (audited.numbers["better"], audited.details["best"]) == (0, "s0000")
    assert audited.numbers["share_low"] == 0
    assert audited.numbers["share_high"] == pytest.approx(1 - 0.025 ** (1 / 2))
    assert audited.numbers["gain"] == pytest.approx(-0.1)
    assert audited.details["settling"] == SETTLING


def test_many_audits_none_of_them_better_show_that_pruning_was_harmless():
    _, audited = both(table(stops=(3,) * 400, audits=(0.5,) * SETTLING))
    assert audited.verdict == "harmless"
    assert audited.numbers["share_high"] <= HARMLESS


def test_one_audit_fewer_does_not_show_it():
    _, audited = both(table(stops=(3,) * 400, audits=(0.5,) * (SETTLING - 1)))
    assert audited.verdict == "undecided"


def test_an_audit_that_is_better_by_more_than_a_standard_error_is_a_warning():
    _, audited = both(table(stops=(3,) * 20, audits=(0.5, 0.25, 0.29)))
    assert (audited.level, audited.verdict, audited.subject) == ("warning", "costly", "a0003")
    assert audited.details["lowest"] == "a0003"
    assert audited.numbers["gain"] == pytest.approx(0.05)
    assert (audited.numbers["better"], audited.numbers["clearly_better"]) == (2, 1)
    assert audited.numbers["share"] == pytest.approx(2 / 3)


def test_an_audit_that_is_better_by_less_is_none():
    _, audited = both(table(stops=(3,) * 20, audits=(0.5, 0.29)))
    assert (audited.level, audited.verdict) == ("info", "undecided")
    assert (audited.numbers["better"], audited.numbers["clearly_better"]) == (1, 0)
    interval = exact_share_interval(1, 2)
    assert (audited.numbers["share_low"], audited.numbers["share_high"]) == (
        interval.low, interval.high,
    )  # fmt: skip


def test_an_audit_that_diverged_was_not_better():
    _, audited = both(table(stops=(3,) * 20, audits=(np.nan, np.nan), outcome="diverged"))
    assert (audited.numbers["audited"], audited.numbers["better"]) == (2, 0)
    assert audited.numbers["gain"] is None
    assert audited.details["lowest"] == ""


def test_an_audit_that_failed_is_left_out_and_told():
    trials = table(stops=(3,) * 20, audits=(0.5, np.nan))
    trials.loc[trials["trial"] == trials["trial"].iloc[-1], "outcome"] = "failed"
    _, audited = both(trials)
    assert (audited.numbers["audited"], audited.numbers["failed"]) == (1, 1)


@pytest.mark.parametrize("audits", [(), (0.5,)])
def test_without_a_finished_trial_there_is_nothing_to_compare_an_audit_with(audits):
    found = judge_pruning(table(finished=(), stops=(3, 3), audits=audits))
    assert [finding.code for finding in found] == ["sweep.pruned"]
