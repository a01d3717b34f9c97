import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studies.commands.sweep import new_run_path, read_number
from sweep.runs.folder import RunFolder
from sweep.training import tasks

ROWS = [f"{n % 7},{n * 3 % 11},{'uv'[n % 2]}" for n in range(40)]


def csv(header, rows):
    return "\n".join([header, *rows]) + "\n"


@pytest.fixture(autouse=True, name="here")
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def faults(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert all(line.startswith("error: ") for line in lines)
    assert all(re.fullmatch(r"error: .+?: .+(; .+|\?.*)", line) for line in lines), lines
    return [line.removeprefix("error: ") for line in lines]


WRONG_OPTIONS = [
    (
        "--trials abc",
        "--trials: 'abc' is not a whole number from 1 up to 1000000; give such a value",
    ),
    ("--trials 0", "--trials: 0 is too small; give a whole number from 1 up to 1000000"),
    ("--trials 1.5", "--trials: 1.5 is not a whole number from 1 up to 1000000; give such a value"),
    (
        "--trials 1e12",
        "--trials: 1000000000000 is too large; give a whole number from 1 up to 1000000",
    ),
    ("--trials inf", "--trials: inf is not a whole number from 1 up to 1000000; give such a value"),
    ("--epochs -3", "--epochs: -3 is too small; give a whole number from 1 up to 100000"),
    ("--workers 0", "--workers: 0 is too small; give a whole number from 1 up to 1024"),
    ("--rows 19", "--rows: 19 is too small; give a whole number from 20 up to 1000000000"),
    (
        "--rows many",
        "--rows: 'many' is not a whole number from 20 up to 1000000000; give such a value",
    ),
    ("--seed -1", "--seed: -1 is too small; give a whole number from 0 up to 2147483647"),
    ("--confirm -1", "--confirm: -1 is too small; give a whole number from 0 up to 100"),
    (
        "--batch-size 0",
        "--batch-size: 0 is too small; give a whole number from 1 up to 1048576",
    ),
    (
        "--sampler foo",
        "--sampler: 'foo' is not one of tpe, random, qmc, grid; give such a value",
    ),
    ("--sampler TPE", "--sampler: 'TPE' is not one of tpe, .*; did you mean tpe?"),
    ("--task clasification", "--task: 'clasification' is not .*; did you mean classification?"),
    ("--target=", "--target: it is empty; give a name, or leave it out"),
    ("--out=", "--out: it is empty or holds NUL; give a folder, or leave it out"),
    ("--config=", "--config: it is empty; give a TOML file, or leave it out"),
    (
        "--budget 5x",
        "--budget: '5x' is neither trials nor time; give trials, such as 200, or time, .*",
    ),
    ("--budget=", "--budget: '' is neither trials nor time; give trials, such as 200, or time, .*"),
    ("--start=", "--start: it is empty; give a TOML file or a run folder, or leave it out"),
    ("--start no.toml", "no.toml: it does not exist; give the path of a TOML file"),
    ("--start .", ".: no run here, since it has no manifest.json; give .*"),
    ("--start . --start-top 0", "--start-top: 0 is not a whole number from 1 to 1,000; give one"),
    ("--start-top 3", "--start-top: there is no run to begin with; give .*"),
    ("--space no.toml", "no.toml: it does not exist; give the path of a TOML file"),
    ("--set depth", "--set: 'depth' is not KEY=VALUE; write it so, such as depth=3"),
    ("--set depht=3", "--set depht: unknown key; did you mean depth?"),
    ("--set depth=-1", "--set depth: -1 is too small; give a whole number from 0 up to 64"),
    ("--set width=1.5", "--set width: 1.5 is not a whole number from 1 up to 65536; give .*"),
    ("--set width=0", "--set width: 0 is too small; give a whole number from 1 up to 65536"),
    ("--set width=9..3", "--set width: low 9 is above high 3; swap the two"),
    ("--set dropout=1.0", "--set dropout: 1.0 is too large; give a number from 0 to below 1"),
    ("--set dropout=nan", "--set dropout: nan is not a finite number; give .*"),
    ("--set activation=rleu", "--set activation: 'rleu' is not one of .*; did you mean relu?"),
    ("--set learning_rate=0", "--set learning_rate: 0 is too small; give a number above 0 .*"),
    ("--set optimizer=adam,adam", "--set optimizer: the choice 'adam' is repeated; give .*"),
    ("--set epochs=3,4", "--set epochs: epochs are never tuned: .*; give one number as --epochs"),
    ("--set max_parameters=3", "--set max_parameters: 3 is too small, since .*; give more, .*"),
]


@pytest.mark.parametrize(("options", "fault"), WRONG_OPTIONS)
def test_a_wrong_option_is_one_line_with_its_value(options, fault, run_command, here, capsys):
    assert run_command("sweep", "digits", *options.split(" ")) == 2
    (line,) = faults(capsys)
    assert re.fullmatch(re.escape(fault).replace(r"\.\*", ".*"), line)
    assert list(here.iterdir()) == []


def test_every_fault_of_a_configuration_is_told_at_once(run_command, capsys):
    Path("config.toml").write_text("trails = 3\n[split]\ntrian = 0.5\n[space]\nwidht = 3\n")
    Path("run").mkdir()
    Path("run/manifest.json").touch()
    options = "--trials 0 --set depht=3 --config config.toml --space no.toml --out run --seed x"
    assert run_command("sweep", "nofile.csv", *options.split()) == 2
    lines = faults(capsys)
    keys = [line.partition(": ")[0] for line in lines]
    assert sorted(keys) == sorted(
        [
            "no.toml",
            "--set depht",
            "config.toml",
            "config.toml",
            "config.toml",
            "--trials",
            "--seed",
            "--out",
        ]
    )
    assert any("trails: unknown key; did you mean trials?" in line for line in lines)
    assert any("space.widht: unknown key; did you mean width?" in line for line in lines)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"data = digits\n", "c.toml: line 1, column 8: Invalid value in 'data = digits'; mend"),
        (b'data = "d\xff"\n', "c.toml: line 1: it is not UTF-8 text; save it as UTF-8"),
        (b"spce = 3\n", "c.toml: spce: unknown key; did you mean space?"),
        (b"depth = 3\n", "c.toml: depth: it belongs to the search space; move it into the table"),
        (b"epochs = [1, 2]\n", "c.toml: epochs: epochs are never tuned"),
        (
            b'trials = "ten"\n',
            "c.toml: trials: 'ten' is not a whole number from 1 up to 1000000; give such a value",
        ),
        (b"space = 3\n", "c.toml: space: it is not a table; write its keys under [space]"),
        (b"start = 3\n", "c.toml: start: 3 is not a list; give one"),
        (b"[[start]]\nwidth = 0\n", "c.toml: start.1.width: 0 is too small; give a whole number"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_or_key(content, fault, run_command, capsys):
    Path("c.toml").write_bytes(content)
    assert run_command("sweep", "digits", "--config", "c.toml") == 2
    assert faults(capsys)[0].startswith(fault)


def test_fewer_rows_are_drawn_by_class(run_command, here, capsys):
    assert run_command("sweep", "digits", "--rows", "500", "--dry-run") == 0
    assert "\n# rows          train 300, validation 100, test 100\n" in capsys.readouterr().out
    assert list(here.iterdir()) == []


def test_more_rows_than_there_are_are_refused(run_command, here, capsys):
    assert run_command("sweep", "iris", "--rows", "151") == 3
    assert faults(capsys) == [
        "iris: 151 rows were asked for, it has 150; give fewer, or leave --rows out"
    ]
    assert list(here.iterdir()) == []


@pytest.mark.slow
def test_a_sweep_of_drawn_rows_goes_on_and_is_verified_on_the_same_rows(run_command, capsys):
    options = "--rows 60 --trials 2 --epochs 2 --confirm 0 --workers 1 --no-report --out run"
    assert run_command("sweep", "iris", *options.split(), "--no-baselines") == 0
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["data"]["rows"] == 60
    assert manifest["data"]["splits"] == {"train": 36, "validation": 12, "test": 12}
    capsys.readouterr()
    assert run_command("verify", "run", "s0001") == 0
    assert run_command("resume", "run", "--trials", 3, "--workers", 1) == 0


@pytest.mark.slow
def test_balanced_classes_teach_a_rare_class_and_the_run_goes_on_so(run_command, capsys):
    """Two classes that overlap, one row in sixteen of the rare one; from a configuration file."""
    rng = np.random.default_rng(0)
    rare = np.arange(800) % 16 == 0
    cells = zip(rng.normal(1.5 * rare), np.where(rare, "yes", "no"), strict=True)
    Path("t.csv").write_text(csv("a,y", [f"{value:.4f},{label}" for value, label in cells]))
    Path("fixed.toml").write_text('class_weight = "balanced"\n[space]\ndepth = 0\n')
    options = "--trials 2 --epochs 20 --confirm 0 --workers 1 --set learning_rate=0.03,0.031,0.032"
    recalls = {}
    for name, more in (("plain", ()), ("balanced", ("--config", "fixed.toml"))):
        given = [*options.split(), *more, "--set", "depth=0", "--set", "optimizer=adam"]
        assert run_command("sweep", "t.csv", *given, "--out", name) == 0
        assert run_command("predict", name, "t.csv", "--out", f"{name}.csv") == 0
        predicted = pd.read_csv(f"{name}.csv")["prediction"] == "yes"
        recalls[name] = predicted[rare].mean()
    settings = json.loads(Path("balanced/manifest.json").read_text())["settings"]
    assert settings["class_weight"] == "balanced"
    assert recalls["plain"] < 0.2
    assert recalls["balanced"] > 0.6
    assert "classes count alike" in Path("balanced/report.html").read_text()
    assert "classes count alike" not in Path("plain/report.html").read_text()
    capsys.readouterr()
    assert run_command("verify", "balanced", "s0001") == 0
    assert run_command("resume", "balanced", "--trials", 3, "--workers", 1) == 0


def test_a_sweep_needs_data(run_command, capsys):
    assert run_command("sweep") == 2
    assert faults(capsys) == ["data: it is missing; name a bundled data set or a file"]
    assert run_command("sweep", "") == 2
    assert faults(capsys) == ["data: it is empty; name a bundled data set or a file"]


WRONG_DATA = [
    ("", "is empty; give a header and rows"),
    ("a,b,y\n", "has a header and no rows; add the rows"),
    (csv("a,b,z", ROWS), "no target was named and it has none of target, label, class or y; name"),
    (csv("a,b,y", ["inf,1,u", *ROWS]), "column 'a': inf is infinite or beyond float32 (line 2);"),
    (csv("a,b,y", ["1e39,1,u", *ROWS]), "column 'a': 1e39 is infinite or beyond float32 (line 2);"),
    (csv("a,y", ["1,u"] * 20), "target 'y': every row has the class 'u', so there is nothing"),
    (csv("a,b,y", ['1,"2,u', *ROWS]), 'line 2: a quote (") is opened and never closed; close it'),
    (csv("a:b:y", [row.replace(",", ":") for row in ROWS]), "has the single column 'a:b:y'; a"),
    (b"a,b,y\n1,\0,u\n", "line 2 holds a NUL byte; remove it"),
    (b"PAR1junk", "its content is a Parquet file, not CSV text; give it the name"),
]


@pytest.mark.parametrize(("content", "fault"), WRONG_DATA)
def test_wrong_data_are_told_before_any_folder_is_made(content, fault, run_command, here, capsys):
    data = content if isinstance(content, bytes) else content.encode()
    Path("t.csv").write_bytes(data)
    assert run_command("sweep", "t.csv") == 3
    assert any(line.startswith(f"t.csv: {fault}") for line in faults(capsys))
    assert [path.name for path in here.iterdir()] == ["t.csv"]


def test_every_fault_of_a_table_is_told_at_once(run_command, capsys):
    Path("t.csv").write_text(csv("a,b,y", ["inf,1,", "1,-inf,w"]))
    assert run_command("sweep", "t.csv") == 3
    assert len(faults(capsys)) == 4


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("digts", "did you mean 'digits'?"),
        ("no.csv", "no.csv: does not exist; "),
        ("http://a/b.csv", "http://a/b.csv: is an address, and nothing is ever downloaded; "),
        (".", "has no file train-images-idx3-ubyte"),
        ("no.npz", "no.npz: does not exist; "),
        ("x\0y", "x\N{REPLACEMENT CHARACTER}y: holds a NUL character; give the path of a file"),
        ("x" * 500 + ".csv", "cannot be read (File name too long); check the path"),
    ],
)
def test_a_wrong_source_is_named(source, fault, run_command, capsys):
    assert run_command("sweep", source) == 3
    assert fault in faults(capsys)[0]


def test_a_space_without_a_network_for_the_data_is_refused(run_command, capsys):
    options = ("--set", "max_parameters=500", "--set", "depth=1", "--set", "width=8")
    assert run_command("sweep", "digits", *options) == 2
    (line,) = faults(capsys)
    assert line.startswith("max_parameters: 500 is too small")
    assert line.endswith("raise max_parameters")


@pytest.mark.parametrize(
    ("text", "value"),
    [(None, None), ("7", 7), ("1e3", 1000), ("2.0", 2), ("1.5", 1.5), ("abc", "abc"), ("", "")],
)
def test_an_option_is_a_number_if_it_can_be(text, value):
    number = read_number(text)
    assert number == value
    assert type(number) is type(value)


def test_numbers_that_are_not_finite_stay_for_the_settings_to_refuse():
    assert str(read_number("nan")) == "nan"
    assert str(read_number("-inf")) == "-inf"


def test_a_run_folder_is_named_after_data_and_time():
    first = new_run_path("../My Data!.csv.gz")
    assert re.fullmatch(r"runs/my-data-\d{8}-\d{6}", str(first))
    first.mkdir(parents=True)
    assert new_run_path("../My Data!.csv.gz") != first


@pytest.mark.parametrize("data", ["", "...", "\N{SNOWMAN}.csv", "x" * 500, "a" * 39 + "-b"])
def test_a_run_folder_is_a_short_slug_whatever_the_data_are_called(data):
    assert re.fullmatch(r"runs/[a-z0-9]+(-[a-z0-9]+)*", str(new_run_path(data)))
    assert len(new_run_path(data).name) < 70


RESUME_FAULTS = [
    ("--trials 3", "--trials: 3 is fewer than the 4 of the run; give more, or leave it out"),
    ("--trials x", "--trials: 'x' is not a whole number from 1 up to 1000000; give such a value"),
    ("--workers 0", "--workers: 0 is too small; give a whole number from 1 up to 1024"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "fault"), RESUME_FAULTS)
def test_a_wrong_resume_is_refused(options, fault, run_command, finished_runs, capsys):
    assert run_command("resume", finished_runs / "digits", *options.split()) == 2
    assert faults(capsys) == [fault]


def test_all_faults_of_a_resume_are_told_at_once(run_command, capsys):
    assert run_command("resume", "nowhere", "--trials", "0", "--workers", "x") == 2
    assert [line.partition(":")[0] for line in faults(capsys)] == [
        "--workers",
        "--trials",
        "nowhere",
    ]


@pytest.fixture
def moved_run(finished_runs, tmp_path):
    """A finished run of a table whose data file a test may change."""
    run = shutil.copytree(finished_runs / "shop", tmp_path / "run")
    data = shutil.copy(finished_runs / "shop.csv", tmp_path / "shop.csv")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["data"]["path"] = str(data)
    RunFolder(run).write_manifest(manifest)
    return run, Path(data), manifest["data"]["fingerprint"]


@pytest.mark.slow
def test_changed_data_are_refused_with_both_hashes(moved_run, run_command, capsys):
    run, data, old = moved_run
    data.write_text(data.read_text() + "0.5,red,True,no\n")
    assert run_command("resume", run) == 3
    (line,) = faults(capsys)
    assert old in line
    assert len(re.findall(r"[0-9a-f]{64}", line)) == 2


@pytest.mark.slow
def test_vanished_data_are_refused_by_name(moved_run, run_command, capsys):
    run, data, _ = moved_run
    data.unlink()
    assert run_command("resume", run) == 3
    assert str(data) in faults(capsys)[0]


@pytest.mark.slow
def test_a_sweep_prints_what_it_found_and_what_can_be_done(run_copy, run_command, capsys):
    assert run_command("resume", run_copy, "--workers", 1) == 0
    captured = capsys.readouterr()
    assert captured.err == f"run folder {run_copy}\n"
    sentence, report = captured.out.split("\n\n")[0].strip(), captured.out.split("\n\n")[1]
    assert "is the best of 4 networks" in sentence
    assert "\n" not in sentence
    assert report.splitlines()[0] == f"report   {run_copy}/report.html"
    assert f"fitgap predict {run_copy} ROWS" in report
    assert f"fitgap status {run_copy}" in report


@pytest.mark.slow
def test_resume_trains_only_what_is_missing(run_copy, run_command, capsys):
    before = pd.read_parquet(run_copy / "trials.parquet")
    assert run_command("resume", run_copy, "--trials", 5, "--workers", 1) == 0
    lines = capsys.readouterr().err.splitlines()
    after = pd.read_parquet(run_copy / "trials.parquet").set_index("trial")
    assert lines[1].startswith("[11/11] s0004 ")
    pd.testing.assert_frame_equal(after.loc[before["trial"]], before.set_index("trial"))


@pytest.mark.slow
def test_a_sweep_in_which_nothing_finishes_exits_with_4(run_command, capsys):
    options = "--trials 2 --epochs 2 --workers 1 --set optimizer=sgd --set learning_rate=1000"
    options += " --set momentum=0.99 --set activation=relu --set depth=6 --set width=64,65"
    Path("t.csv").write_text(csv("a,y", [f"{n % 7},{n * 1.37 % 13}" for n in range(200)]))
    code = run_command("sweep", "t.csv", *options.split(), "--out", "run", "--set", "dropout=0")
    error = capsys.readouterr().err
    assert code == 4
    assert "error: run: no trial finished; 2 of 2 ended with: loss or weights not finite" in error
    assert "diverged: loss or weights not finite" in error


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (
            "--trial-timeout 0",
            "--trial-timeout: 0 is too small; give a number above 0 up to 10000000",
        ),
        (
            "--memory-limit much",
            "--memory-limit: 'much' is not a number from 1 up to 1000000; give such a value",
        ),
        (
            "--max-failures 0",
            "--max-failures: 0 is too small; give a whole number from 1 up to 1000000",
        ),
        ("--budget 5x", "--budget: '5x' is neither trials nor time; give .*"),
    ],
)
def test_what_may_change_as_a_run_goes_on_is_checked(options, fault, run_command, capsys):
    assert run_command("resume", "run", *options.split()) == 2
    first, second = faults(capsys)  # there is no run either
    assert re.fullmatch(re.escape(fault).replace(r"\.\*", ".*"), first)
    assert second.startswith("run: no run here")


@pytest.mark.slow
def test_failed_trials_are_trained_again_when_asked(run_command, capsys):
    lost = {"s0001", "s0002"}
    train = tasks.train_cohort

    def fail_on_some(data, task, start=None):
        if lost & {*task.trials}:
            return [tasks.failed_result(trial, "no memory", 0.0) for trial in task.trials], None
        return train(data, task, start)

    options = "--trials 4 --epochs 1 --workers 1 --confirm 0 --no-baselines --no-report"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "train_cohort", fail_on_some)
        assert run_command("sweep", "iris", *options.split(), "--out", "run") == 0
    assert run_command("resume", "run", "--workers", "1") == 0
    assert {one.trial for one in RunFolder.open(Path("run")).records() if one.reason} == lost
    capsys.readouterr()

    limits = ("--max-failures", "3")
    assert run_command("resume", "run", "--workers", "1", "--failed", *limits) == 0
    assert RunFolder.open(Path("run")).read_manifest()["settings"]["max_failures"] == 3
    assert "of 2 failed trials 2 are trained again" in capsys.readouterr().err
    records = RunFolder.open(Path("run")).records()
    assert {one.outcome for one in records} == {"finished"}
    assert len(records) == 4
    assert run_command("repair", "run") == 0
    assert run_command("verify", "run", "s0001") == 0
    capsys.readouterr()
    assert run_command("resume", "run", "--workers", "1", "--failed") == 0
    assert "of 0 failed trials 0 are trained again" in capsys.readouterr().err
