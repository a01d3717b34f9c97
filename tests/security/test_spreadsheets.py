"""Formulas in names: no cell of any CSV that is written is one."""

import ast
import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from sweep.spreadsheets import formula_safe

ROOT = Path(__file__).parents[2]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?")


def cells(text):
    """Every cell as a spreadsheet reads it, one in which a line ends being one cell."""
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def formulas(text):
    return [cell for cell in cells(text) if cell.startswith(STARTS) and not NUMBER.fullmatch(cell)]


@pytest.mark.slow
def test_no_table_that_a_command_writes_holds_a_formula(hostile, run, tmp_path):
    for name, folder in (("sweep", hostile.sweep), ("study", hostile.study)):
        out = tmp_path / name
        assert run("export", folder, "--format", "csv", "--out", out).code == 0
    assert (
        run(
            "predict", hostile.sweep, hostile.data, "--spreadsheet", "--out", tmp_path / "p.csv"
        ).code
        == 0
    )
    files = {path: path.read_bytes().decode() for path in tmp_path.rglob("*.csv")}

    assert len(files) >= 6
    assert [formulas(text) for text in files.values()] == [[]] * len(files)
    assert "'=1+1 <img src=x onerror=alert(6)>" in cells(files[tmp_path / "study" / "trials.csv"])
    assert {label for label in cells(files[tmp_path / "p.csv"]) if "cmd|" in label} <= {
        "'=cmd|' /C calc'!A0", "probability =cmd|' /C calc'!A0",
    }  # fmt: skip


@pytest.mark.slow
def test_no_prediction_for_a_spreadsheet_is_a_formula(hostile, run):
    assert formulas(run("predict", hostile.sweep, hostile.data, "--spreadsheet").out) == []
    labels = cells(run("predict", hostile.sweep, hostile.data).out)
    assert not [label for label in labels if label.startswith("'=")]  # as they are


def test_every_csv_is_written_from_a_table_without_formulas():
    written = [
        (path.name, ast.unparse(node.value).partition("(")[0])
        for package in ("sweep", "studies", "reports")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "to_csv"
    ]

    assert len(written) >= 2
    assert set(written) == {
        ("csv_files.py", "formula_safe"),
        ("predict.py", "formula_safe"),
        ("predict.py", "table"),  # for programs, unless --spreadsheet is given
    }


def test_a_label_of_very_many_digits_takes_no_time(stuck):
    label = f"+{'1' * 100_000}x"
    with stuck(5):
        assert formula_safe(pd.DataFrame({"a": [label]}))["a"].tolist() == [f"'{label}"]
