import json
import re
from pathlib import Path

import pandas as pd
import pytest

from studies.catalog.index import list_studies

ROWS = [f"{n % 7},{n * 3 % 11},{'uv'[n % 2]}" for n in range(60)]


@pytest.fixture(autouse=True, name="here")
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def faults(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert all(re.fullmatch(r"error: .+?: .+(; .+|\?.*)", line) for line in lines), lines
    return [line.removeprefix("error: ") for line in lines]


def write_csv(rows=ROWS):
    Path("t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")


def test_the_list_names_every_study_with_its_question(run_command, capsys):
    assert run_command("study", "list") == 0
    lines = capsys.readouterr().out.splitlines()

    for line, (name, question) in zip(lines, list_studies().items(), strict=False):
        assert line.split(maxsplit=1) == [name, question]
    assert lines[-1] == "Run one with: fitgap study NAME DATA"


WRONG = [
    ("laddr iris", "STUDY: 'laddr' is no built-in study and no file; did you mean ladder?"),
    ("list iris", "DATA: `fitgap study list` takes no data; leave them out"),
    ("lst iris", "STUDY: 'lst' is no built-in study and no file; did you mean list?"),
    (
        "zzzzzzz iris",
        "STUDY: 'zzzzzzz' is no built-in study and no file; the studies are ladder, .*",
    ),
    ("no.toml iris", "STUDY: there is no file no.toml; give the path of a TOML file"),
    ("ladder", "data: it is missing; name a bundled data set or a file"),
    ("ladder iris --seeds 1", "--seeds: 1 is too small; give a whole number from 2 up to 1000"),
    (
        "ladder iris --seeds x",
        "--seeds: 'x' is not a whole number from 2 up to 1000; give such a value",
    ),
    ("ladder iris --folds 1", "--folds: 1 fold leaves nothing to train on; give 2 or more, .*"),
    (
        "ladder iris --folds 2.5",
        "--folds: 2.5 is not a whole number from 0 up to 100; give such a value",
    ),
    ("ladder iris --epochs 0", "--epochs: 0 is too small; give a whole number from 1 up to 100000"),
    (
        "ladder iris --rows 5",
        "--rows: 5 is too small; give a whole number from 20 up to 1000000000",
    ),
    ("ladder iris --workers 0", "--workers: 0 is too small; give a whole number from 1 up to 1024"),
    ("ladder iris --label-noise 2", "--label-noise: 2 is too large; give a number from 0 up to 1"),
    ("ladder iris --margin 0", "--margin: 0 is too small; give a number above 0 to below 1000"),
    ("ladder iris --budget soon", "--budget: 'soon' is neither trials nor time; give trials, .*"),
    (
        "ladder iris --budget 3",
        "--budget: even with 5 seeds the study needs .* trials; give more, .*",
    ),
    ("ladder iris --set widht=3", "--set widht: unknown key; did you mean width?"),
    ("ladder iris --set width=0", "--set width: 0 is too small; give a whole number from 1 .*"),
    ("ladder iris --set train_rows=20,40", "--set train_rows: an arm cannot choose what .*; .*"),
    ("ladder iris --task clasification", "--task: 'clasification' is not .*; did you mean .*?"),
    (
        "ladder iris --class-weight balancd",
        "--class-weight: 'balancd' is not .*; did you mean balanced?",
    ),
    (
        "ladder diabetes --class-weight balanced",
        "--class-weight: balanced is for classes, and 'progression' is the target of .*; .*",
    ),
    ("ladder iris --out=", "--out: it is empty or holds NUL; give a folder, or leave it out"),
]


@pytest.mark.parametrize(("arguments", "fault"), WRONG)
def test_a_wrong_option_is_one_line_with_its_value(arguments, fault, run_command, here, capsys):
    assert run_command("study", *arguments.split()) == 2
    (line,) = faults(capsys)
    assert re.fullmatch(re.escape(fault).replace(r"\.\*", ".*"), line), line
    assert list(here.iterdir()) == []


def test_every_fault_is_told_at_once(run_command, capsys):
    Path("run").mkdir()
    Path("run/manifest.json").touch()
    Path("mine.toml").write_text("[scientific]\nwidht = 3\n")
    options = "--seeds 0 --folds 1 --set depht=3 --budget x --out run --rows 1"
    assert run_command("study", "mine.toml", *options.split()) == 2

    keys = [line.partition(": ")[0] for line in faults(capsys)]
    assert sorted(keys) == sorted(
        [
            "data", "--rows", "--seeds", "--folds", "mine.toml", "mine.toml", "--set depht",
            "--budget", "--out",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ("--folds 60", "t.csv: 48 rows cannot be divided into 60 folds; give fewer --folds"),
        ("--rows 70", "t.csv: 70 rows were asked for, it has 60; give fewer, or leave --rows out"),
        ("--set train_rows=50", "t.csv: 50 training rows were asked for; give 10 to 36"),
        ("--target z", "t.csv: has no target column 'z'; .*"),
    ],
)
def test_wrong_data_are_told_before_any_folder_is_made(
    options, fault, dry, run_command, here, capsys
):
    write_csv()
    assert run_command("study", "ladder", "t.csv", *options.split(), *dry) == 3
    (line,) = faults(capsys)
    assert re.match(re.escape(fault).replace(r"\.\*", ".*"), line), line
    assert [path.name for path in here.iterdir()] == ["t.csv"]


def test_a_dry_run_prints_the_design_and_makes_nothing(run_command, here, capsys):
    options = "--seeds 7 --folds 2 --set width=16 --workers 1 --dry-run"
    assert run_command("study", "ladder", "iris", *options.split()) == 0
    out = capsys.readouterr().out

    assert list(here.iterdir()) == []
    facts = dict(line.split(": ", 1) for line in out.splitlines() if ": " in line)
    assert facts["question"].endswith("?")
    assert facts["data"].startswith("iris: multiclass, train 90 rows, validation 30; the test rows")
    assert facts["arms"] == "4"
    assert facts["retuned in each arm"].startswith("learning_rate.adam 0.0001, 0.0003, ")
    assert "epochs 40" in facts["fixed"]
    assert re.match(r"\d+ trials: 6 settings x 3 seeds an arm", facts["tuning"])
    assert facts["comparison"] == "56 trials: 7 paired seeds x 2 folds an arm"
    assert re.fullmatch(r"about .+ with 1 worker", facts["time"])
    assert "\n  3x16 + dropout 0.5\n" in out
    assert out.endswith("Nothing was trained; leave out --dry-run to begin.\n")


def test_a_budget_makes_the_dry_run_smaller(run_command, capsys):
    assert run_command("study", "ladder", "iris", "--budget", "40 trials", "--dry-run") == 0
    facts = dict(
        line.split(": ", 1) for line in capsys.readouterr().out.splitlines() if ": " in line
    )

    tuning, compared = (int(facts[name].split()[0]) for name in ("tuning", "comparison"))
    assert tuning + compared <= 40
    assert facts["retuned in each arm"].count(",") == 2


def test_a_dry_run_of_a_file_has_its_arms(run_command, capsys):
    Path("mine.toml").write_text('question = "Wide?"\n[scientific]\nwidth = [4, 8]\n')
    assert run_command("study", "mine.toml", "iris", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "question: Wide?" in out
    assert "\n  width 4\n  width 8\n" in out


MINE = """
question = "Does a wider network of one layer do better?"
epochs = 12
tuning_seeds = 1

[scientific]
width = [2, 12]

[nuisance]
learning_rate = [0.01, 0.05]

[fixed]
depth = 1
"""


@pytest.fixture(scope="module", name="finished")
def _finished(tmp_path_factory, run_command):
    """A small study of one's own, done."""
    folder = tmp_path_factory.mktemp("studies")
    (folder / "mine.toml").write_text(MINE)
    options = ("--seeds", 5, "--workers", 1, "--out", folder / "run")
    assert run_command("study", folder / "mine.toml", "iris", *options) == 0
    return folder / "run"


@pytest.mark.slow
def test_a_study_leaves_tables_an_answer_and_a_report(finished):
    trials = pd.read_parquet(finished / "trials.parquet")
    findings = json.loads((finished / "findings.json").read_text())["findings"]
    html = (finished / "report.html").read_text()

    assert trials["stage"].value_counts().to_dict() == {"comparison": 10, "tuning": 4}
    compared = trials[trials["stage"] == "comparison"]
    seeds = compared.groupby("arm")["seed"].apply(tuple)
    assert seeds["width 2"] == seeds["width 12"]
    for arm, tried in trials[trials["stage"] == "tuning"].groupby("arm"):
        best = tried.loc[tried["validation_loss"].idxmin(), "learning_rate"]
        assert set(compared.loc[compared["arm"] == arm, "learning_rate"]) == {best}
    assert findings[0]["verdict"] == "answer"
    assert findings[0]["sentence"].startswith("The best mean is that of width ")
    assert "Does a wider network of one layer do better?" in html


@pytest.mark.slow
def test_a_study_never_touches_the_test_rows(finished):
    manifest = json.loads((finished / "manifest.json").read_text())
    assert manifest["test_touches"] == []
    assert manifest["kind"] == "study"
    assert manifest["command"].startswith("fitgap study ")


@pytest.mark.slow
def test_a_finished_study_that_is_resumed_stays_as_it_is(finished, run_command, capsys):
    before = (finished / "records.jsonl").read_bytes()
    findings = (finished / "findings.json").read_bytes()
    assert run_command("resume", finished, "--workers", 1) == 0

    answer = json.loads(findings)["findings"][0]["sentence"]
    assert answer in capsys.readouterr().out
    assert (finished / "records.jsonl").read_bytes() == before
    assert (finished / "findings.json").read_bytes() == findings


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--trials", "50"], ["--audit"]])
def test_a_study_takes_no_more_trials_and_no_audit(options, finished, run_command, capsys):
    assert run_command("resume", finished, *options) == 2
    (line,) = faults(capsys)
    assert line.startswith(f"{finished}: it is a study, whose trials its design has fixed; leave")


@pytest.mark.slow
def test_the_report_of_a_study_is_drawn_again(finished, run_command, capsys, tmp_path):
    assert run_command("report", finished, "--out", tmp_path / "again.html") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'again.html'}\n"
    assert "width 12" in (tmp_path / "again.html").read_text()


@pytest.mark.slow
def test_the_status_of_a_finished_study_is_its_answer(finished, run_command, capsys):
    assert run_command("status", finished) == 0
    facts = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    findings = json.loads((finished / "findings.json").read_text())["findings"]

    assert facts["question"].strip() == "Does a wider network of one layer do better?"
    assert facts["trials"].strip() == "14 of 14"
    assert (facts["tuning"].strip(), facts["comparison"].strip()) == ("4 of 4", "10 of 10")
    assert facts["answer"].strip() == findings[0]["sentence"]


@pytest.mark.slow
@pytest.mark.parametrize("trial", ["t0000-01", "r001-03"])
def test_a_trial_of_a_study_that_is_trained_again_is_equal(trial, finished, run_command, capsys):
    assert run_command("verify", finished, trial) == 0
    assert capsys.readouterr().out.startswith(f"{trial}: equal in all 12 epochs")


@pytest.mark.slow
def test_a_trial_is_trained_again_on_its_own_variant(run_command, capsys):
    Path("mine.toml").write_text(
        'question = "q"\nepochs = 3\n[scientific]\ntrain_rows = [20, 60]\n'
        "label_noise = [0.0, 1.0]\n[fixed]\ndepth = 1\nwidth = 8\nlearning_rate = 0.01\n"
    )
    options = "--seeds 2 --folds 2 --workers 1 --no-report --out run"
    assert run_command("study", "mine.toml", "iris", *options.split()) == 0
    capsys.readouterr()
    trials = pd.read_parquet("run/trials.parquet")
    assert len(trials) == 16
    assert len(trials[["fold", "train_rows", "label_noise"]].drop_duplicates()) == 8
    for trial in ("r000-01", "r003-04"):
        assert run_command("verify", "run", trial) == 0
        assert capsys.readouterr().out.startswith(f"{trial}: equal in all 3 epochs")


@pytest.mark.slow
def test_a_study_has_no_network_that_could_predict(finished, run_command, capsys):
    Path("rows.csv").write_text("a\n1\n")
    assert run_command("predict", finished, "rows.csv") == 2
    (line,) = faults(capsys)
    assert line == (
        f"{finished}: it is a study, which compares networks and saves none; find one with"
        " `fitgap sweep`, and predict with that run"
    )


@pytest.mark.slow
def test_a_study_in_which_no_network_is_trained_to_its_end_exits_with_4(run_command, capsys):
    Path("mine.toml").write_text(
        'question = "q"\nepochs = 2\n[scientific]\nwidth = [60, 64]\n[fixed]\ndepth = 6\n'
        'optimizer = "sgd"\nmomentum = 0.99\nlearning_rate = 1000.0\n'
    )
    Path("t.csv").write_text(
        "\n".join(["a,y", *(f"{n % 7},{n * 1.37 % 13}" for n in range(200))]) + "\n"
    )
    options = "--seeds 2 --workers 1 --no-report --out run"
    code = run_command("study", "mine.toml", "t.csv", *options.split())
    captured = capsys.readouterr()
    assert code == 4
    assert "error: run: no network of the comparison was trained to its end; see" in captured.err
    assert "No conclusion: no network of the comparison could be trained" in captured.out
