"""What accompanies a run fails, one part after the other: the run goes on without it."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import sweep.runs.runner
from studies.reporting import conclude_run
from sweep.errors import StorageError
from sweep.runs.folder import RunFolder
from sweep.search.mirror import Mirror

pytestmark = pytest.mark.slow  # trains networks, draws pages

FIGURES = (
    "scores", "winner", "capacity", "fit_map", "importance", "settings", "parallel", "rate_bands",
    "shapes", "heat_map", "best_of", "chosen", "pruning", "timeline",
)  # fmt: skip
SPACE = ("--set", "depth=1", "--set", "width=8")
RUN_STAGES = ("audit", "baselines", "storage")


def fail(*_, **__):
    raise ZeroDivisionError("bad \x1b[31m luck")


def make_table(folder):
    x = np.random.default_rng(0).normal(size=(60, 2))
    path = folder / "table.csv"
    pd.DataFrame(x, columns=["a", "b"]).assign(y=x.sum(axis=1)).to_csv(path, index=False)
    return path


@pytest.fixture
def table(tmp_path):
    return make_table(tmp_path)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory, run_command):
    """A finished run without a report: two small networks, and two seeds of each."""
    folder = tmp_path_factory.mktemp("small")
    small = ("--trials", 2, "--epochs", 3, "--workers", 1, "--confirm", 2, "--no-report")
    data = make_table(folder)
    assert run_command("sweep", data, *small, *SPACE, "--out", folder / "run") == 0
    return folder / "run"


@pytest.fixture
def run_copy(small_run, tmp_path):
    return shutil.copytree(small_run, tmp_path / "runs" / "small")


def stages(path):
    return [
        entry["stage"] for entry in json.loads((path / "manifest.json").read_text())["left_out"]
    ]


def warnings(captured):
    return [line for line in captured.err.splitlines() if line.startswith("warning: ")]


def told_by_report(path):
    return [
        one.subject for one in conclude_run(RunFolder(path)).findings if one.code == "run.left_out"
    ]


def test_a_network_is_saved_whatever_accompanies_it_fails(
    table, tmp_path, run_command, monkeypatch, capsys
):
    path, rows = tmp_path / "run", tmp_path / "predicted.csv"
    small = ("--trials", 6, "--epochs", 3, "--workers", 1, "--confirm", 2, *SPACE,
             "--pruner", "one-epoch", "--audit", "--storage", f"sqlite:///{tmp_path}/study.db",
    )  # fmt: skip
    with monkeypatch.context() as broken:
        broken.setattr(sweep.runs.runner, "audited_trials", fail)
        broken.setattr(sweep.runs.runner, "fit_baselines", fail)
        broken.setattr(Mirror, "finish", fail)
        assert run_command("sweep", table, *small, "--out", path) == 0
        told = warnings(capsys.readouterr())
        assert [line.split()[1] for line in told] == list(RUN_STAGES)
        assert all(
            "ZeroDivisionError: bad \N{REPLACEMENT CHARACTER}[31m luck" in one for one in told
        )
        assert all("`fitgap resume`" in one for one in told)
        assert stages(path) == list(RUN_STAGES)
        assert told_by_report(path) == list(RUN_STAGES)
        assert "baselines could not be made" in (path / "report.html").read_text()

        assert run_command("predict", path, table, "--out", rows) == 0
        assert len(pd.read_csv(rows)) == 60
        assert run_command("status", path) == 0
        assert capsys.readouterr().out.count("could not be made") == len(RUN_STAGES)
        assert run_command("status", path, "--json") == 0
        shown = json.loads(capsys.readouterr().out)
        assert [one["stage"] for one in shown["left_out"]] == list(RUN_STAGES)
        assert shown["winner"]["test"]["rows"] == 12

    network = (path / "best" / "model.keras").read_bytes()
    assert run_command("resume", path, "--workers", 1) == 0
    assert warnings(capsys.readouterr()) == []
    assert stages(path) == told_by_report(path) == []
    assert len(RunFolder(path).baselines()) == 3
    assert "audit" in {record.stage for record in RunFolder(path).records()}
    assert (path / "best" / "model.keras").read_bytes() == network
    assert len(RunFolder(path).read_manifest()["test_touches"]) == 1


def test_a_full_disk_while_baselines_are_written_ends_the_run_which_keeps_its_network(
    table, tmp_path, run_command, monkeypatch
):
    def full(*_, **__):
        raise StorageError("baselines.parquet: No space left on device; make room")

    path = tmp_path / "run"
    small = ("--trials", 1, "--epochs", 1, "--workers", 1, "--confirm", 0, "--no-report")
    monkeypatch.setattr(RunFolder, "write_baselines", full)
    assert run_command("sweep", table, *small, "--out", path) == 5
    manifest = RunFolder(path).read_manifest()
    assert (manifest["state"], manifest["left_out"]) == ("interrupted", [])
    assert manifest["winner"]["trial"] == "s0000"
    assert run_command("predict", path, table, "--out", tmp_path / "predicted.csv") == 0


def test_a_run_can_go_on_without_what_fails(run_copy, run_command, monkeypatch, capsys):
    (run_copy / "baselines.parquet").unlink()
    monkeypatch.setattr(sweep.runs.runner, "fit_baselines", fail)
    assert run_command("resume", run_copy, "--workers", 1) == 0
    assert stages(run_copy) == ["baselines"]
    assert "`--no-baselines`" in warnings(capsys.readouterr())[0]
    assert run_command("resume", run_copy, "--workers", 1, "--no-baselines") == 0
    assert stages(run_copy) == []
    settings = RunFolder(run_copy).read_manifest()["settings"]
    assert (settings["baselines"], settings["report"]) == (False, False)
    assert run_command("resume", run_copy, "--workers", 1) == 0  # which stays so
    assert warnings(capsys.readouterr()) == []


@pytest.mark.parametrize(
    ("parts", "lacking"),
    [
        (
            ("studies.reporting.diagnose", "studies.reporting.importance_of"),
            ["verdicts", "evidence.importance"],
        ),
        (("reports.pages.document.render",), ["report"]),
    ],
)
def test_conclusions_and_report_are_left_out_and_made_again(
    parts, lacking, run_copy, run_command, monkeypatch, capsys
):
    manifest = RunFolder(run_copy).read_manifest()
    manifest["settings"]["report"] = True
    RunFolder(run_copy).write_manifest(manifest)
    drawn = lacking != ["report"]
    with monkeypatch.context() as broken:
        for part in parts:
            broken.setattr(part, fail)
        assert run_command("resume", run_copy, "--workers", 1) == 0
    captured = capsys.readouterr()
    assert stages(run_copy) == lacking
    assert len(warnings(captured)) == len(lacking)
    assert (run_copy / "report.html").exists() == ("report.html" in captured.out) == drawn
    kept = [finding["code"] for finding in RunFolder(run_copy).findings()]
    assert kept.count("run.left_out") == len(lacking)
    assert {"sweep.winner", "sweep.caveats"} < {*kept}

    assert run_command("resume", run_copy, "--workers", 1) == 0
    assert stages(run_copy) == []
    assert "could not be made" not in (run_copy / "report.html").read_text()
    assert run_command("repair", run_copy) == 0
    assert "All is whole." in capsys.readouterr().out


def test_a_page_goes_without_the_figures_that_cannot_be_drawn(
    run_copy, run_command, monkeypatch, capsys, read_page, tmp_path
):
    for name in FIGURES:
        monkeypatch.setattr(f"reports.figures.{name}.figure", fail)
    assert run_command("report", run_copy) == 0
    told = warnings(capsys.readouterr())
    assert [line.split()[2] for line in told] == [name.replace("_", "-") for name in FIGURES]
    page = read_page((run_copy / "report.html").read_text())
    assert page.figures == []
    assert "s0000" in page.words
    assert "figure timeline" in page.words or "The same holds for" in page.words
    assert run_command("figures", run_copy, "--out", tmp_path / "drawn") == 0
    assert list((tmp_path / "drawn").iterdir()) == []


def test_a_study_answers_without_its_checks_and_its_report(
    tmp_path, run_command, monkeypatch, capsys
):
    path = tmp_path / "study"
    small = ("--seeds", 2, "--epochs", 2, "--set", "width=4,8", "--set", "learning_rate=0.01",
             "--workers", 1, "--out", path)  # fmt: skip
    with monkeypatch.context() as broken:
        broken.setattr("studies.catalog.conclusion.check_study", fail)
        broken.setattr("reports.pages.document.render", fail)
        assert run_command("study", "capacity", "iris", *small) == 0
    told = [line for line in warnings(capsys.readouterr()) if "could not be made" in line]
    assert len(told) == 2
    assert stages(path) == ["findings.checks", "report"]
    assert run_command("status", path, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["answer"]
    assert [one["stage"] for one in shown["left_out"]] == ["findings.checks", "report"]
    assert run_command("resume", path, "--workers", 1) == 0
    assert stages(path) == []
    assert (path / "report.html").exists()

    assert run_command("resume", path, "--no-baselines") == 2
    (path / "report.html").unlink()
    assert run_command("resume", path, "--workers", 1, "--no-report") == 0
    assert not (path / "report.html").exists()


def test_a_run_that_cannot_be_described_is_listed_with_the_reason(
    run_copy, run_command, monkeypatch, capsys
):
    monkeypatch.setattr("studies.comparison.listing._score", fail)
    assert run_command("index", run_copy.parent) == 0
    assert capsys.readouterr().out.startswith("0 runs listed, 1 that cannot be read")
    assert "ZeroDivisionError" in (run_copy.parent / "index.html").read_text()
