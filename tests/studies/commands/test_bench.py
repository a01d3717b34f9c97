import json

import pytest

from studies.bench import running
from studies.bench.scoring import Case


@pytest.fixture
def quick_bench(monkeypatch):
    """A bench whose problems are judged without being trained."""

    def judge(place, **_):
        truths = {"overfits": 0.0, "fits": 1.0}
        return [Case(family=place[0], about="network", seeds=1, said="fits", truths=truths)]

    monkeypatch.setattr(running, "_judge", judge)


@pytest.mark.usefixtures("quick_bench")
def test_the_bench_prints_rates_and_writes_results_and_page(run_command, tmp_path, capsys):
    folder = tmp_path / "out"

    code = run_command(
        "bench", "verdicts", "--instances", 2, "--seed", 4, "--workers", 1, "--out", folder
    )

    out, err = capsys.readouterr()
    results = json.loads((folder / "error_rates.json").read_text())
    assert code == 0
    assert (results["set"], results["seed"], results["instances"]) == ("report", 4, 2)
    assert "overfits" in out
    assert "problems judged" in err
    assert "how often they err" in (folder / "verdict-error-rates.md").read_text()


def test_everything_wrong_with_the_options_is_told_at_once(run_command, tmp_path, capsys):
    (tmp_path / "file").touch()

    code = run_command(
        "bench", "verdicts", "--instances", 0, "--seed", "x", "--set", "best",
        "--out", tmp_path / "file",
    )  # fmt: skip

    err = capsys.readouterr().err
    assert code == 2
    assert [line.split(":")[1].strip() for line in err.splitlines()] == [
        "--out", "--instances", "--seed", "--set",
    ]  # fmt: skip
    assert "0 is no whole number from 1 on" in err
