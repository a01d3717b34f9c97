import shutil
from pathlib import Path

import pytest

from studies.comparison.runs import make_labels, read_runs
from sweep.errors import ConfigurationError, StorageError
from sweep.runs.folder import RunFolder


def test_a_sweep_stands_for_its_winner_on_fresh_seeds(read_sweeps):
    (run, _) = read_sweeps(a=[0.8, 0.9], b=[0.7, 0.8])
    assert run.network.score.estimate == pytest.approx(0.85)
    assert run.network.side.seeds == 2
    assert run.network.final
    assert run.network.test.estimate == 0.9


def test_without_a_confirmation_it_stands_for_the_trial_of_the_search(read_sweeps):
    (run, _) = read_sweeps(a={"scores": [], "searched": 0.93}, b=[0.7, 0.8])
    assert run.network.score.estimate == pytest.approx(0.93)
    assert not run.network.side.fresh


def test_a_run_of_which_nothing_finished_has_no_network(read_sweeps):
    (run, _) = read_sweeps(a={"scores": [], "outcome": "diverged", "winner": None}, b=[0.7, 0.8])
    assert run.network is None


def test_one_run_cannot_be_compared(make_sweep):
    with pytest.raises(ConfigurationError, match="one run cannot be compared; give the folders"):
        read_runs([make_sweep("a", [0.8])])


def test_the_same_folder_twice_is_refused_by_whatever_path(make_sweep):
    path = make_sweep("a", [0.8])
    with pytest.raises(ConfigurationError, match="this run is given twice"):
        read_runs([path, path / ".." / "a"])


def test_scores_of_two_kinds_are_refused(make_sweep):
    paths = [make_sweep("a", [0.8]), make_sweep("b", [0.8], task="regression")]
    with pytest.raises(ConfigurationError, match=r"its score is R², that of .*a is accuracy"):
        read_runs(paths)


def test_a_sweep_and_a_study_of_other_data_are_refused(make_sweep):
    paths = [make_sweep("a", [0.8]), make_sweep("b", [0.8], kind="study", data="wine")]
    with pytest.raises(ConfigurationError, match="it is a study of other data than the sweep"):
        read_runs(paths)


def test_the_faults_of_all_runs_are_told_together(make_sweep, tmp_path):
    good, cut, old, bad = (make_sweep(name, [0.8]) for name in ("good", "cut", "old", "bad"))
    (bad / "records.jsonl").write_text("nonsense\n{}\n")
    (cut / "manifest.json").write_text('{"schema": 1')
    RunFolder(old).write_manifest(RunFolder(old).read_manifest() | {"schema": 9})
    with pytest.raises(StorageError) as caught:
        read_runs([good, cut, old, bad])
    assert len(caught.value.faults) == 3
    with pytest.raises(ConfigurationError) as caught:
        read_runs([good, cut, tmp_path / "none"])
    assert len(caught.value.faults) == 2


def test_damaged_records_are_refused_by_name(make_sweep):
    good, bad = make_sweep("good", [0.8]), make_sweep("bad", [0.8])
    lines = (bad / "records.jsonl").read_text().splitlines()
    (bad / "records.jsonl").write_text("\n".join(["nonsense", *lines]) + "\n")
    with pytest.raises(StorageError, match=r"records\.jsonl"):
        read_runs([good, bad])


def test_a_study_whose_design_is_gone_is_said_to_be_damaged(make_sweep):
    paths = [make_sweep(name, [0.8], kind="study", study={}) for name in ("a", "b")]
    with pytest.raises(StorageError, match="it is damaged") as caught:
        read_runs(paths)
    assert len(caught.value.faults) == 2


def test_a_run_that_nobody_works_on_is_not_running(make_sweep):
    runs = read_runs([make_sweep("a", [0.8], state="running"), make_sweep("b", [0.8])])
    assert runs[0].manifest["state"] == "interrupted"


@pytest.mark.parametrize(
    ("paths", "labels"),
    [
        (["/runs/a", "/runs/b"], ["a", "b"]),
        (["/old/a", "/new/a", "/new/b"], ["old/a", "new/a", "new/b"]),
        (
            ["/digits-20261123-080433", "/digits-20261124-080433"],
            ["20261123-080433", "20261124-080433"],
        ),
        (["/" + "x" * 50 + "1", "/" + "x" * 50 + "2"], [f"xxxxxxxx…{'x' * 10}{n}" for n in "12"]),
        (["/" + "x" * 20 + "1" + "y" * 20, "/" + "x" * 20 + "2" + "y" * 20],
         ["xxxxxxxx…" + "y" * 11, "xxxxxxxx…" + "y" * 11 + " (2)"]),
        (["/a\u202eb\n", "/c"], ["a\ufffdb ", "c"]),
    ],
)  # fmt: skip
def test_labels_are_short_clean_and_differ(paths, labels):
    assert make_labels([Path(path) for path in paths]) == labels


def test_a_copy_has_a_label_of_its_own(make_sweep, tmp_path):
    path = make_sweep("a", [0.8, 0.9])
    shutil.copytree(path, tmp_path / "copy" / "a")
    labels = [run.label for run in read_runs([path, tmp_path / "copy" / "a"])]
    assert len(set(labels)) == 2
    assert labels[1] == "copy/a"
