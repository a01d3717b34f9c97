import re
import subprocess
import sys
from pathlib import Path

import pytest

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
