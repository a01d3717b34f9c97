"""A damaged run is repaired from its manifest and its records, and ends as an undisturbed one."""

import json
import os
import shutil
from pathlib import Path

import optuna
import pandas as pd
import pytest
from optuna.storages.journal._storage import JournalOperation

from sweep.errors import ConfigurationError, StorageError
from sweep.records import search_trial_id
from sweep.runs.folder import RunFolder
from sweep.runs.repair import NEW_TRIAL, find_damaged_run, repair_run
from sweep.runs.repair_truth import DAMAGED_RECORDS
from sweep.runs.runner import Sweep
from sweep.runs.winner import check_preprocessing, is_whole
from sweep.tables import without_times


def repair(folder):
    """What became of the files, as the command would tell it."""
    found = find_damaged_run(folder.path)
    with found.locked():
        return repair_run(found)


def states(checked):
    return {(one.name, one.state) for one in checked if one.state != "whole"}


def truth(folder):
    manifest = folder.read_manifest()
    return manifest, [(one.trial, one.history.array.tobytes()) for one in folder.records()]


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


def replaced_by_a_folder(path):
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("kept")


DAMAGES = {
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "NUL tail": lambda path: path.write_bytes(path.read_bytes()[:-40] + bytes(300)),
    "deleted": lambda path: path.unlink(),
    "folder": replaced_by_a_folder,
}


def test_a_whole_run_is_left_as_it_is(made_up_run):
    def stamps():
        return {path.name: path.stat().st_mtime_ns for path in made_up_run.path.iterdir()}

    before = stamps()
    checked = repair(made_up_run)

    assert states(checked) == set()
    assert {one.name for one in checked} == {
        "manifest.json", "manifest.backup.json", "records.jsonl", "trials.parquet",
        "epochs.parquet", "baselines.parquet", "study.journal",
    }  # fmt: skip
    assert stamps() | {"run.lock": 0} == before | {"run.lock": 0}


@pytest.mark.parametrize("name", ["manifest.json", "manifest.backup.json"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_manifest_is_put_back_from_its_copy(name, damage, made_up_run):
    before = truth(made_up_run)
    DAMAGES[damage](made_up_run.path / name)

    assert (name, "rebuilt") in states(repair(made_up_run))

    assert truth(made_up_run) == before
    assert made_up_run.manifest_path.read_bytes() == made_up_run.backup_path.read_bytes()
    assert states(repair(made_up_run)) == set()
    if damage != "deleted":
        assert (made_up_run.path / f"{name}.damaged").exists()


def test_a_manifest_with_one_changed_value_is_put_back(made_up_run):
    before, path = truth(made_up_run), made_up_run.manifest_path
    changed = path.read_text().replace('"seed": 0', '"seed": 1')
    path.write_text(changed)

    repair(made_up_run)

    assert truth(made_up_run) == before
    assert Path(f"{path}.damaged").read_text() == changed


def test_a_manifest_of_an_earlier_version_gets_its_checksum_and_its_copy(made_up_run):
    manifest = made_up_run.read_manifest()
    del manifest["records"]
    made_up_run.backup_path.unlink()
    made_up_run.manifest_path.write_text(json.dumps(manifest))

    found = states(repair(made_up_run))

    assert found == {("manifest.json", "rebuilt"), ("manifest.backup.json", "rebuilt")}
    assert "checksum" in json.loads(made_up_run.manifest_path.read_bytes())
    assert made_up_run.read_manifest() == manifest | {"records": 5}
    assert states(repair(made_up_run)) == set()


def test_both_manifests_gone_leave_the_tables_of_the_records(made_up_run):
    for path in (made_up_run.manifest_path, made_up_run.backup_path):
        path.write_bytes(path.read_bytes()[:100])
    (made_up_run.path / "trials.parquet").unlink()

    lost, *others = repair(made_up_run)

    assert (lost.name, lost.state) == ("manifest.json", "lost")
    assert "both damaged or gone" in lost.text
    assert ("trials.parquet", "rebuilt") in states(others)
    assert len(pd.read_parquet(made_up_run.path / "trials.parquet")) == 5
    assert len(made_up_run.manifest_path.read_bytes()) == 100  # somebody may still mend it


def test_a_manifest_of_another_version_is_never_replaced(made_up_run):
    other = made_up_run.read_manifest() | {"schema": 2}
    text = json.dumps(other)
    made_up_run.manifest_path.write_text(text)

    with pytest.raises(StorageError, match="its schema is 2, this version reads 1"):
        repair(made_up_run)
    assert made_up_run.manifest_path.read_text() == text


@pytest.mark.parametrize("number", range(5))
def test_a_damaged_record_is_moved_out_and_named(number, made_up_run, flip):
    path = made_up_run.records_path
    lines = lines_of(path)
    damaged = flip(lines[number], 200)
    path.write_bytes(b"".join([*lines[:number], damaged, *lines[number + 1 :]]))
    others = [trial for place, trial in enumerate(truth_of(lines)) if place != number]

    checked = repair(made_up_run)

    (told,) = [one for one in checked if one.state == "resume"]
    trial = search_trial_id(number)
    assert told.text == (
        f"line {number + 1} is damaged and was moved to records.damaged.jsonl; its trial {trial}"
        " is trained again by `fitgap resume`"
    )
    assert [record.trial for record in made_up_run.records()] == others
    assert (made_up_run.path / DAMAGED_RECORDS).read_bytes() == damaged
    manifest = made_up_run.read_manifest()
    assert (manifest["state"], manifest["finished"], manifest["records"]) == (
        "interrupted", None, 4
    )  # fmt: skip
    assert manifest["counts"]["finished"] == 4
    assert len(manifest["test_touches"]) == 1
    assert len(pd.read_parquet(made_up_run.path / "trials.parquet")) == 4
    assert states(repair(made_up_run)) == set()


def truth_of(lines):
    return [search_trial_id(slot) for slot in range(len(lines))]


@pytest.mark.parametrize(("lost", "cut"), [(1, 1), (1, 700), (2, 700)])
def test_a_log_that_was_cut_is_told_and_its_trials_are_left_to_resume(lost, cut, made_up_run):
    path = made_up_run.records_path
    content = path.read_bytes()
    lines = lines_of(path)
    cut += len(b"".join(lines[6 - lost :]))
    path.write_bytes(content[:-cut])

    found = states(repair(made_up_run))

    if cut == 1:  # a record that lacks nothing but its newline is whole
        assert found == {("records.jsonl", "rebuilt")}
        assert path.read_bytes() == content
        return
    assert ("records.jsonl", "resume") in found
    kept = b"".join(lines[: 5 - lost])
    assert path.read_bytes() == kept
    torn = (made_up_run.path / DAMAGED_RECORDS).read_bytes()
    assert kept + torn.rstrip(b"\n") == content[:-cut]
    assert made_up_run.read_manifest()["records"] == 5 - lost
    assert states(repair(made_up_run)) == set()


@pytest.mark.parametrize("damage", ["zeros", "empty", "deleted", "folder"])
def test_a_log_of_which_nothing_is_left_is_told(damage, made_up_run):
    DAMAGES[damage](made_up_run.records_path)

    checked = repair(made_up_run)

    told = [one.text for one in checked if (one.name, one.state) == ("records.jsonl", "resume")]
    assert "".join(told) == (
        "5 of the 5 records that the run had written are gone; `fitgap resume` trains their trials"
        " again"
    )
    assert made_up_run.records() == []
    assert states(repair(made_up_run)) == set()


def test_a_record_that_stands_there_twice_is_counted_once(made_up_run):
    path = made_up_run.records_path
    lines = lines_of(path)
    path.write_bytes(b"".join([*lines, lines[1]]))

    (told,) = [one for one in repair(made_up_run) if one.state != "whole"]

    assert told.text.startswith("line 6 repeats trial s0001; it was moved to")
    assert told.state == "rebuilt"
    assert path.read_bytes() == b"".join(lines)
    assert made_up_run.read_manifest()["state"] == "finished"
    assert states(repair(made_up_run)) == set()


@pytest.mark.parametrize("name", ["trials.parquet", "epochs.parquet"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_made_again(name, damage, made_up_run):
    path = made_up_run.path / name
    expected = pd.read_parquet(path)
    DAMAGES[damage](path)

    assert (name, "rebuilt") in states(repair(made_up_run))

    pd.testing.assert_frame_equal(pd.read_parquet(path), expected)
    assert states(repair(made_up_run)) == set()


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_baselines_are_left_to_resume(damage, made_up_run):
    DAMAGES[damage](made_up_run.baselines_path)

    assert ("baselines.parquet", "resume") in states(repair(made_up_run))

    assert not made_up_run.baselines_path.exists()
    assert made_up_run.read_manifest()["state"] == "interrupted"
    assert states(repair(made_up_run)) == set()


def test_what_a_crash_has_left_is_cut_off_without_a_word_of_loss(made_up_run):
    manifest = made_up_run.read_manifest()
    made_up_run.write_manifest(manifest | {"state": "running"})
    with made_up_run.records_path.open("ab") as log:
        log.write(bytes(500))
    (made_up_run.path / ".trials.2000000000.parquet").write_bytes(b"half")
    (made_up_run.path / ".records.2000000000.jsonl").write_bytes(b"half")

    assert states(repair(made_up_run)) == {("records.jsonl", "rebuilt")}

    assert not list(made_up_run.path.glob(".*"))
    assert not (made_up_run.path / DAMAGED_RECORDS).exists()
    assert made_up_run.read_manifest() == manifest | {"state": "running"}


def test_folders_in_the_place_of_the_lock_are_moved_away(made_up_run):
    for name in ("run.lock", "run.owner"):
        (made_up_run.path / name).unlink(missing_ok=True)
        (made_up_run.path / name).mkdir()

    assert states(repair(made_up_run)) == set()


def test_a_run_that_somebody_works_on_is_not_repaired(made_up_run):
    with made_up_run.locked(), pytest.raises(StorageError, match="is working on this run"):
        repair(made_up_run)


def test_where_there_is_no_run_nothing_is_repaired(tmp_path):
    with pytest.raises(ConfigurationError, match=r"neither manifest\.json nor records\.jsonl"):
        find_damaged_run(tmp_path)
    assert list(tmp_path.iterdir()) == []


class CrashError(BaseException):
    """The process ends here."""


def test_a_repair_that_is_interrupted_anywhere_is_finished_by_the_next(
    made_up_run, flip, tmp_path, monkeypatch
):
    lines = lines_of(made_up_run.records_path)
    damaged = flip(lines[2], 99)
    made_up_run.records_path.write_bytes(b"".join([*lines[:2], damaged, *lines[3:], b"torn"]))
    for path in (made_up_run.manifest_path, made_up_run.baselines_path):
        path.write_bytes(flip(path.read_bytes(), 300))
    (made_up_run.path / "trials.parquet").unlink()
    undone = shutil.copytree(made_up_run.path, tmp_path / "damaged")
    repair(made_up_run)
    expected = truth(made_up_run)

    steps = ["rename", "replace", "unlink"]
    counted = len(interrupted(tmp_path, undone, monkeypatch, steps, crash_at=None))
    assert counted > 8
    for step in range(counted - 1):  # the last gives the lock back
        interrupted(tmp_path, undone, monkeypatch, steps, crash_at=step)
        folder = RunFolder(tmp_path / "run")
        repair(folder)
        assert truth(folder) == expected, step
        kept = (folder.path / DAMAGED_RECORDS).read_bytes().split(b"\n")
        assert kept == [damaged.rstrip(b"\n"), b"torn", b""]
        assert len(pd.read_parquet(folder.path / "trials.parquet")) == 4
        assert not [path for path in folder.path.glob(".*") if str(os.getpid()) not in path.name]


def interrupted(tmp_path, source, monkeypatch, names, *, crash_at):
    """Repair a copy, and crash before some step changes the folder."""
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    shutil.copytree(source, tmp_path / "run")
    done = []
    with monkeypatch.context() as patch:
        for name in names:
            real = getattr(Path, name)

            def step(self, *arguments, real=real, **options):
                if len(done) == crash_at:
                    raise CrashError
                done.append(self.name)
                return real(self, *arguments, **options)

            patch.setattr(Path, name, step)
        if crash_at is None:
            repair(RunFolder(tmp_path / "run"))
        else:
            with pytest.raises(CrashError):
                repair(RunFolder(tmp_path / "run"))
    return done


def test_the_code_of_a_new_trial_is_optuna_s():
    assert JournalOperation.CREATE_TRIAL == NEW_TRIAL


def assert_as_undisturbed(folder, expected, *, same_touches=True):
    """All that a run found is equal, the times aside; the test rows were touched once."""
    for one, other in zip(folder.tables(), expected.tables(), strict=True):
        pd.testing.assert_frame_equal(without_times(one), without_times(other), check_exact=True)
    found, wanted = folder.read_manifest(), expected.read_manifest()
    assert found["state"] == "finished"
    assert found["counts"] == wanted["counts"]
    assert found["confirmation"] == wanted["confirmation"]
    assert found["winner"] | {"sha256": 0} == wanted["winner"] | {"sha256": 0}
    assert len(found["test_touches"]) == 1
    assert not same_touches or found["test_touches"] == wanted["test_touches"]
    baselines = (run.baselines().drop(columns="seconds") for run in (folder, expected))
    pd.testing.assert_frame_equal(*baselines, check_exact=True)
    assert states(repair(folder)) == set()


def resume(folder):
    return list(Sweep.open(folder.path, workers=1).run())


@pytest.mark.slow
@pytest.mark.parametrize("places", [(0,), (3, 7), (5, 9), range(10)])
def test_a_run_whose_records_were_damaged_ends_as_an_undisturbed_one(
    places, copied_run, finished_run, flip
):
    path = copied_run.records_path
    lines = lines_of(path)
    assert len(lines) == 10
    for place in places:
        lines[place] = flip(lines[place], len(lines[place]) // 2)
    path.write_bytes(b"".join(lines))
    with pytest.raises(StorageError, match=f"line {places[0] + 1} is damaged"):
        resume(copied_run)

    repair(copied_run)
    new = resume(copied_run)

    assert len(new) == len(places)  # none but those was trained again
    assert_as_undisturbed(copied_run, finished_run)


@pytest.mark.slow
def test_everything_but_manifest_and_records_is_made_again(copied_run, finished_run):
    for path in copied_run.path.iterdir():
        if path.name in {"manifest.json", "records.jsonl"}:
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    found = states(repair(copied_run))
    assert {("best", "resume"), ("baselines.parquet", "resume")} < found
    assert ("study.journal", "rebuilt") in found
    resume(copied_run)

    assert_as_undisturbed(copied_run, finished_run)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.keras", "preprocessing.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["half", "folder"])
def test_a_damaged_network_is_saved_again(name, damage, copied_run, finished_run):
    DAMAGES[damage](copied_run.best_path / name)

    assert ("best", "resume") in states(repair(copied_run))
    resume(copied_run)

    assert_as_undisturbed(copied_run, finished_run)


@pytest.mark.slow
def test_a_flipped_bit_in_the_preprocessing_is_noticed(copied_run, flip):
    path, winner = copied_run.best_path / "preprocessing.json", copied_run.read_manifest()["winner"]
    content = path.read_bytes()
    assert is_whole(winner, copied_run.best_path)
    for place in range(len(content)):
        path.write_bytes(flip(content, place))
        assert not is_whole(winner, copied_run.best_path), place
        with pytest.raises(StorageError, match=r"preprocessing\.json: .*`fitgap resume`"):
            check_preprocessing(copied_run.best_path)


@pytest.mark.slow
def test_an_interrupted_run_with_a_pruner_ends_as_an_undisturbed_one(
    tmp_path, small_settings, run_sweep, flip
):
    settings = small_settings(trials=10, epochs=4, pruner="halving", audit=True, baselines=True)
    expected, records = run_sweep(tmp_path / "undisturbed", settings)
    assert "pruned" in {record.outcome for record in records}
    sweep = Sweep.create(settings, tmp_path / "run")
    running = sweep.run()
    for _ in range(7):
        next(running)
    running.close()
    path = sweep.folder.records_path
    lines = lines_of(path)
    path.write_bytes(b"".join([flip(lines[0], 50), *lines[1:4], flip(lines[4], 9), *lines[5:]]))

    repair(sweep.folder)
    resume(sweep.folder)

    assert_as_undisturbed(sweep.folder, expected, same_touches=False)


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_is_written_again(damage, copied_run):
    DAMAGES[damage](copied_run.journal_path)

    assert ("study.journal", "rebuilt") in states(repair(copied_run))

    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(copied_run.journal_path))
    )
    study = optuna.load_study(study_name="fitgap", storage=storage)
    records = [record for record in copied_run.records() if record.stage == "search"]
    values = {trial.user_attrs["slot"]: trial.value for trial in study.trials if trial.value}
    assert values == {record.slot: record.validation_loss for record in records}
    assert states(repair(copied_run)) == set()
