import json
import subprocess
import sys

import pytest

from studies.catalog.ladder.design import QUESTION, spec
from studies.commands.status import run_status
from studies.designs.planning import count_trials, plan_trials
from sweep.runs.folder import RunFolder
from sweep.runs.listed_run import ListedRun, Listing, prepare_sets
from sweep.runs.preparation import prepare_data
from sweep.settings.study_settings import StudySettings


def set_state(run, state):
    manifest = run.folder.read_manifest()
    manifest["state"] = state
    run.folder.write_manifest(manifest)


def lines_of(text):
    """The printed facts by name."""
    return dict(line.split("  ", 1) for line in text.splitlines())


def test_status_imports_no_engine(fresh_run):
    code = (
        "import sys; from studies.main import main\n"
        f"assert main(['status', {str(fresh_run.folder.path)!r}]) == 0\n"
        "heavy = ('tensorflow', 'keras', 'sklearn', 'scipy', 'optuna', 'pydantic', 'matplotlib')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.strip() == "[]"


def test_a_run_that_has_not_begun(fresh_run, run_command, capsys):
    assert run_command("status", fresh_run.folder.path) == 0
    facts = lines_of(capsys.readouterr().out)
    assert facts["state"].strip() == "created"
    assert facts["trials"].strip() == "0 of 4"
    assert facts["go on with"].strip() == f"fitgap resume {fresh_run.folder.path}"


def test_a_run_that_runs_has_a_best_and_a_time_left(fresh_run, record_of, capsys, run_command):
    fresh_run.folder.append_record(record_of(0, (0.5, 0.4)))
    fresh_run.folder.append_record(record_of(1, (0.5, 0.3)))
    set_state(fresh_run, "running")
    with fresh_run.folder.locked():
        status = run_status(fresh_run.folder)
        run_command("status", fresh_run.folder.path)
    assert status["state"] == "running"
    assert status["best"] == {"trial": "s0001", "validation": {"score": 0.7, "loss": 0.3}}
    assert status["seconds_left"] == 3.0 * (4 + 2 * 3 - 2)
    assert status["winner"] is None
    facts = lines_of(capsys.readouterr().out)
    assert facts["time left"].strip() == "about 24 s"
    assert facts["best so far"].strip() == "s0001, accuracy 0.7000, loss 0.3000"
    assert "go on with" not in facts


def test_a_run_whose_process_vanished_is_interrupted(fresh_run):
    set_state(fresh_run, "running")
    status = run_status(fresh_run.folder)
    assert (status["state"], status["seconds_left"]) == ("interrupted", None)


def test_lost_trials_are_counted_and_are_never_the_best(fresh_run, record_of, run_command, capsys):
    for record in (
        record_of(0, (float("nan"), 0.1), outcome="diverged", reason="not finite"),
        record_of(1, (), outcome="failed", reason="out of memory"),
        record_of(2, (float("nan"),)),
    ):
        fresh_run.folder.append_record(record)
    set_state(fresh_run, "interrupted")
    status = run_status(fresh_run.folder)
    assert status["counts"] == {
        "planned": 4, "finished": 1, "pruned": 0, "diverged": 1, "failed": 1,
    }  # fmt: skip
    assert status["best"] is None
    run_command("status", fresh_run.folder.path)
    assert "3 of 4 (1 diverged, 1 failed)" in capsys.readouterr().out


def test_pruned_trials_and_audits_are_counted_and_are_never_the_best(
    fresh_run, record_of, run_command, capsys
):
    for record in (
        record_of(0, (0.5, 0.4)),
        record_of(1, (0.1,), outcome="pruned", reason="not among the best"),
        record_of(2, (float("nan"),), outcome="diverged"),
        record_of(1, (0.1, 0.05), trial="a0001", stage="audit"),
    ):
        fresh_run.folder.append_record(record)
    status = run_status(fresh_run.folder)
    assert status["counts"] == {
        "planned": 4, "finished": 1, "pruned": 1, "diverged": 1, "failed": 0,
    }  # fmt: skip
    assert status["audited"] == 1
    assert status["confirmation"]["done"] == 0
    assert status["best"]["trial"] == "s0000"
    run_command("status", fresh_run.folder.path)
    facts = lines_of(capsys.readouterr().out)
    assert facts["trials"].strip() == "3 of 4 (1 finished, 1 pruned, 1 diverged)"
    assert facts["audit"].strip() == "1 of the pruned trials trained to their end"


def test_the_time_left_takes_confirmations_as_long_and_searched_trials_as_the_pruned_are(
    fresh_run, record_of
):
    fresh_run.folder.append_record(record_of(0, seconds=5.0))
    fresh_run.folder.append_record(record_of(1, (0.5,), outcome="pruned", seconds=1.0))
    set_state(fresh_run, "running")
    with fresh_run.folder.locked():
        status = run_status(fresh_run.folder)
    assert status["seconds_left"] == 2 * 3.0 + 6 * 5.0


def test_no_run_is_named(tmp_path, run_command, capsys):
    assert run_command("status", tmp_path) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: no run here, since it has no manifest.json; give the folder that"
        " `fitgap sweep` named\n"
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "manifest.json: it is damaged (Expecting value"),
        ('{"schema": 1, "sta', "manifest.json: it is damaged (Unterminated string"),
        ('{"schema": 1}', "manifest.json: it is damaged (no state, settings, data"),
        ('{"schema": 99}', "manifest.json: its schema is 99, this version reads 1; use"),
        ("[]", "manifest.json: its schema is None, this version reads 1; use"),
    ],
)
def test_a_damaged_manifest_is_refused_by_name(content, fault, fresh_run, run_command, capsys):
    fresh_run.folder.manifest_path.write_text(content)
    assert run_command("status", fresh_run.folder.path) == 5
    error = capsys.readouterr().err
    assert fault in error
    assert error.count("\n") == 1


def test_a_damaged_record_is_refused_by_its_line(fresh_run, record_of, run_command, capsys):
    for slot in range(3):
        fresh_run.folder.append_record(record_of(slot))
    path = fresh_run.folder.records_path
    path.write_bytes(path.read_bytes().replace(b"s0001", b"s0009"))
    assert run_command("status", fresh_run.folder.path) == 5
    assert "records.jsonl: line 2 is damaged; " in capsys.readouterr().err


def test_a_torn_last_record_does_not_count(fresh_run, record_of):
    for slot in range(2):
        fresh_run.folder.append_record(record_of(slot))
    path = fresh_run.folder.records_path
    path.write_bytes(path.read_bytes()[:-10])
    assert run_status(fresh_run.folder)["counts"]["finished"] == 1


@pytest.mark.slow
def test_a_finished_run_as_json_has_the_winner_and_its_verdict(finished_runs, run_command, capsys):
    assert run_command("status", finished_runs / "digits", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert status["state"] == "finished"
    assert status["score"] == "accuracy"
    assert status["confirmation"] == {"planned": 6, "done": 6}
    winner = status["winner"]
    for figures in (winner["validation"], winner["confirmed"], winner["test"]):
        assert 0 <= figures["score"] <= 1
        assert figures["loss"] > 0
    assert winner["config"]["epochs"] == 2
    assert set(winner["verdict"]) == {"code", "verdict", "sentence", "next_step"}


@pytest.mark.slow
def test_a_finished_run_for_a_person(finished_runs, run_command, capsys):
    assert run_command("status", finished_runs / "price") == 0
    facts = lines_of(capsys.readouterr().out)
    assert facts["trials"].strip() == "4 of 4"
    assert "R2 " in facts["confirmed"]
    assert "on 2 fresh seeds (R2 95 % interval " in facts["confirmed"]
    assert "1 hidden layer of 8 (" in facts["configuration"]
    assert "18 rows" in facts["test"]
    assert not facts["verdict"].strip().startswith("s000")
    assert facts["because"].strip().startswith("s000")
    assert "go on with" not in facts


@pytest.mark.slow
def test_a_run_without_findings_has_a_winner_without_verdict(run_copy):
    (run_copy / "findings.json").write_text("{")
    assert run_status(RunFolder.open(run_copy))["winner"]["verdict"] is None


@pytest.fixture(name="study_run")
def _study_run(tmp_path, design_of):
    """A study that has been made and not begun: its folder, and the list of its tuning trials."""
    design = design_of(spec, seeds=3, set=["width=8", "learning_rate.adam=0.001,0.01"])
    settings = StudySettings(data="iris", study="ladder", seeds=3, workers=1)
    data = prepare_data(settings)
    listing = Listing(
        study=design.as_json(),
        plan=lambda records: plan_trials(design, records, seed=0),
        total=count_trials(design),
        sets=prepare_sets(data, design.variants(), seed=0),
    )
    run = ListedRun.create(settings, tmp_path / "study", data=data, listing=listing)
    return run, plan_trials(design, [], seed=0)


def add_records(run, planned, record_of, **more):
    for item in planned:
        fields = {"trial": item.trial, "stage": item.stage, "config": item.config, "arm": item.arm}
        record = record_of(item.slot, replicate=item.replicate, seconds=2.0, **fields, **more)
        run.folder.append_record(record)


def test_a_study_that_has_not_begun_tells_its_question_and_its_trials(
    study_run, run_command, capsys
):
    run, _ = study_run
    assert run_command("status", run.folder.path) == 0
    facts = lines_of(capsys.readouterr().out)

    assert facts["question"].strip() == QUESTION
    assert facts["arms"].strip() == "4"
    assert facts["trials"].strip() == "0 of 30"  # 3 arms x 2 rates x 3 seeds, 4 arms x 3 seeds
    assert facts["tuning"].strip() == "0 of 18"
    assert facts["comparison"].strip() == "0 of 12"
    assert facts["go on with"].strip() == f"fitgap resume {run.folder.path}"
    assert not {"probe", "answer", "winner", "best so far"} & set(facts)


def test_a_study_that_runs_has_a_time_left_and_no_answer(study_run, record_of):
    run, planned = study_run
    add_records(run, planned[:4], record_of)
    add_records(run, planned[4:6], record_of, outcome="diverged", reason="not finite")
    set_state(run, "running")
    with run.folder.locked():
        status = run_status(run.folder)

    assert status["state"] == "running"
    assert status["counts"] == {
        "planned": 30, "finished": 4, "pruned": 0, "diverged": 2, "failed": 0,
    }  # fmt: skip
    assert status["stages"] == {
        "tuning": {"planned": 18, "done": 6}, "comparison": {"planned": 12, "done": 0},
    }  # fmt: skip
    assert status["seconds_left"] == 2.0 * 24
    assert status["answer"] is None
    assert run_status(run.folder)["state"] == "interrupted"


def test_a_finished_study_tells_the_answer_that_its_findings_hold(study_run):
    run, _ = study_run
    set_state(run, "finished")
    assert run_status(run.folder)["answer"] is None
    finding = {"verdict": "answer", "sentence": "It depends."}
    run.folder.findings_path.write_text(json.dumps({"findings": [finding]}))
    assert run_status(run.folder)["answer"] == "It depends."


def test_a_damaged_study_is_told_in_one_line(study_run, run_command, capsys):
    run, _ = study_run
    manifest = run.folder.read_manifest()
    del manifest["study"]["arms"]
    run.folder.write_manifest(manifest)
    assert run_command("status", run.folder.path) == 5
    assert "it is damaged (what should stand at 'arms' is not there)" in capsys.readouterr().err


def test_the_status_of_a_study_imports_no_engine(study_run):
    run, _ = study_run
    code = (
        "import sys; from studies.main import main\n"
        f"assert main(['status', {str(run.folder.path)!r}]) == 0\n"
        "heavy = ('tensorflow', 'keras', 'sklearn', 'scipy', 'optuna', 'pydantic', 'matplotlib')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.strip() == "[]"
