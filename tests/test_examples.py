import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from studies.main import main

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_tour_leaves_tables_a_figure_and_a_report(tmp_path):
    folder = tmp_path / "tour"
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "tour.py", folder],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert re.findall(r"^([sc])\d", done.stdout, re.MULTILINE) == ["s"] * 6 + ["c"] * 3 * 2
    assert "<svg" in (folder / "curves.svg").read_text()
    assert (folder / "report.html").stat().st_size > 50_000


def readme_commands():
    """The commands of README's first five minutes, with fewer trials and epochs."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("## Five minutes")[2].split("```")[1]
    lines = re.findall(r"^\$ fitgap (.*)$", block, re.MULTILINE)
    commands = [shlex.split(line, comments=True) for line in lines]
    for command in commands:
        if "--out" in command and command[0] == "sweep":
            command += ["--trials", "3", "--epochs", "3", "--confirm", "1"]
    return commands


@pytest.mark.slow
def test_readme_runs_as_written_from_check_to_predictions(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    commands = readme_commands()
    names = ["data", "sweep", "sweep", "status", "predict"]
    assert [command[0] for command in commands] == names
    said = {}
    for command in commands:
        assert main(command) == 0, command
        said[" ".join(command[:2])] = capfd.readouterr().out
    assert re.search(r"^task +regression$", said["data check"], re.MULTILINE)
    kinds = dict(
        re.findall(r"^(\w+) {2,}(\w+)", said["data check"].partition("\n\n")[2], re.MULTILINE)
    )
    expected = {
        "neighbourhood": "categorical",
        "area": "numeric",
        "sold": "date",
        "bedrooms": "numeric",
    }
    assert {name: kinds[name] for name in expected} == expected
    assert "3 of 3" in said["status runs/houses"]
    prices = pd.read_csv("prices.csv")["prediction"]
    assert len(prices) == 20
    assert prices.between(30_000, 2_000_000).all()


def test_houses_are_what_their_script_makes(tmp_path):
    subprocess.run([sys.executable, ROOT / "examples" / "make_houses.py", tmp_path], check=True)
    for name in ("houses.csv", "new-houses.csv"):
        assert (tmp_path / name).read_bytes() == (ROOT / "examples" / name).read_bytes()
