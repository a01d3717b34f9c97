"""docs/security.md points to the tests of each defence; this keeps them there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_names_is_there():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = page.split("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ") and "---" not in row][1:]
    named = re.findall(r"`(tests/[^`]+|make \w+)`", table)

    assert len(rows) >= 15
    assert all("`tests/" in row.rpartition(" | ")[2] for row in rows)
    assert [path for path in named if path[:5] == "tests" and not (ROOT / path).exists()] == []
