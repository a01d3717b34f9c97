import re
from pathlib import Path

import pytest

from sweep.tables import BASELINE_TYPES, EPOCH_TYPES, TRIAL_TYPES

DOCUMENT = Path(__file__).parents[1] / "docs" / "tables.md"
ROW = re.compile(
    r"^\| `(?P<name>\w+)` \| (?P<type>\w+) \| (?P<unit>[^|]*)\| (?P<meaning>[^|]+) \|$"
)


def documented(section):
    """The rows of one section's table, from its heading to the next."""
    text = DOCUMENT.read_text(encoding="utf-8")
    body = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in body.splitlines() if line.startswith("| `")]
    rows = [ROW.match(line) for line in lines]
    assert all(rows), f"{section}: a line of the table cannot be read"
    return rows


@pytest.mark.parametrize(
    ("section", "types"),
    [("trials", TRIAL_TYPES), ("epochs", EPOCH_TYPES), ("baselines", BASELINE_TYPES)],
)
def test_every_column_stands_in_the_document_in_order_and_with_its_type(section, types):
    written = [(row["name"], row["type"].replace("string", "str")) for row in documented(section)]

    assert written == list(types.items())


@pytest.mark.parametrize("section", ["trials", "epochs", "baselines"])
def test_losses_and_scores_have_their_unit(section):
    for row in documented(section):
        name = row["name"].removesuffix("_se").removesuffix("_gap")
        if name.endswith(("loss", "score")):
            assert row["unit"].strip() == name.rpartition("_")[2], row["name"]


@pytest.mark.parametrize(
    "file",
    [
        "manifest.json", "trials.parquet", "epochs.parquet", "baselines.parquet", "findings.json",
        "records.jsonl", "study.journal", "best/", "report.html",
    ],
)  # fmt: skip
def test_every_file_of_a_run_is_named(file):
    assert f"\n| `{file}` |" in DOCUMENT.read_text(encoding="utf-8")
