import dataclasses

import pytest

from studies.commands.verify import find_trial
from sweep.errors import ConfigurationError
from sweep.runs.folder import RunFolder


def test_a_trial_is_found_by_its_name(record_of):
    records = [record_of(0), record_of(1), record_of(1, replicate=2)]
    assert find_trial(records, "c0001-02") is records[2]


def test_an_unknown_trial_is_refused_with_those_there_are(record_of):
    records = [record_of(1, replicate=1), record_of(1), record_of(0)]
    with pytest.raises(
        ConfigurationError,
        match="TRIAL: the run has no 's9999'; its trials are s0000, s0001, c0001-01: give one",
    ):
        find_trial(records, "s9999")


def test_of_many_trials_a_few_are_named(record_of):
    with pytest.raises(ConfigurationError, match=r"are s0000, s0001, s0002, \.\.\., s0049: give"):
        find_trial([record_of(slot) for slot in range(50)], "7")


def test_a_run_without_trials_has_nothing_to_verify():
    with pytest.raises(ConfigurationError, match="no trial of the run has ended yet"):
        find_trial([], "s0000")


def test_a_failed_trial_has_no_history(record_of):
    failed = record_of(0, (), outcome="failed", reason="out of memory")
    with pytest.raises(ConfigurationError, match=r"s0000 failed \(out of memory\) and has no"):
        find_trial([failed], "s0000")


def test_no_run_is_named(run_command, capsys):
    assert run_command("verify", "nowhere", "s0000") == 2
    assert capsys.readouterr().err.startswith("error: nowhere: no run here")


@pytest.mark.slow
@pytest.mark.parametrize("trial", ["s0000", "s0003"])
def test_a_trial_that_is_trained_again_is_equal(trial, finished_runs, run_command, capsys):
    assert run_command("verify", finished_runs / "digits", trial) == 0
    assert capsys.readouterr().out == f"{trial}: equal in all 2 epochs\n"


@pytest.mark.slow
def test_a_confirmation_is_equal_too(finished_runs, run_command, capsys):
    records = RunFolder.open(finished_runs / "shop").records()
    trial = next(record.trial for record in records if record.stage == "confirmation")
    assert run_command("verify", finished_runs / "shop", trial) == 0
    assert f"{trial}: equal" in capsys.readouterr().out


@pytest.mark.slow
def test_a_member_of_a_cohort_is_equal_with_it_and_agrees_alone(run_command, tmp_path, capsys):
    path = tmp_path / "run"
    options = ["--trials", "1", "--epochs", "4", "--confirm", "3", "--workers", "1"]
    options += ["--set", "width=8", "--set", "depth=1", "--no-report", "--no-baselines"]
    assert run_command("sweep", "iris", *options, "--out", path) == 0
    capsys.readouterr()

    assert run_command("verify", path, "c0000-02") == 0
    assert capsys.readouterr().out == (
        "c0000-02: equal in all 4 epochs, trained with its cohort of 3\n"
    )
    assert run_command("verify", path, "c0000-02", "--alone") == 0
    out = capsys.readouterr().out
    assert out.startswith("c0000-02: agrees; trained alone, while") or "equal" in out
    assert run_command("verify", path, "s0000") == 0
    assert capsys.readouterr().out == "s0000: equal in all 4 epochs\n"


@pytest.mark.slow
def test_another_history_differs_with_exit_code_1(run_copy, run_command, capsys):
    folder = RunFolder.open(run_copy)
    first = next(record for record in folder.records() if record.trial == "s0000")
    folder.records_path.unlink()
    changed = first.history.array.copy()
    changed[1, 0] += 0.25
    folder.append_record(_with_history(first, changed))
    folder.write_manifest(folder.read_manifest() | {"records": 1})
    assert run_command("verify", run_copy, "s0000") == 1
    assert capsys.readouterr().out == "s0000: differs; largest difference 0.25\n"


def _with_history(record, array):
    return dataclasses.replace(record, history=dataclasses.replace(record.history, array=array))
