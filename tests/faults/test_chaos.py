import json
import subprocess
import sys
from pathlib import Path

import pytest

CHAOS = Path(__file__).parents[2] / "benchmarks" / "chaos.py"


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="it mounts a file system and reads /proc")
def test_sweeps_disturbed_at_random_equal_one_that_was_not(tmp_path):
    out = tmp_path / "out.json"

    done = subprocess.run(
        [sys.executable, CHAOS, "--seconds", "60", "--seed", "3", "--trials", "6", "--out", out],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(out.read_text())["results"]
    assert results["wrong"] == []
    assert results["rounds"] >= 1
    assert sum(row["injected"] for row in results["rows"]) >= 3
