import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = (
    "trials_per_hour", "efficiency", "time_to_score", "scaling", "memory", "epoch_time", "pruners",
    "report_pages", "long_run", "waiting",
)  # fmt: skip


def run_benchmark(name, *options):
    done = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", *map(str, options)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_and_read(name, path, *options):
    printed = run_benchmark(name, *options, "--out", path)
    record = json.loads(path.read_text())
    assert record["benchmark"] == name
    assert {"date", "processor", "cores", "versions"} <= set(record)
    return printed, record["results"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_script_says_what_it_takes(name):
    assert "--out OUT" in run_benchmark(name, "--help")


@pytest.mark.long
def test_trials_per_hour_compares_fitgap_with_scikit_learn_and_times_tracing(tmp_path):
    printed, results = run_and_read(
        "trials_per_hour", tmp_path / "out.json",
        "--cases", "digits-100", "--trials", 4, "--epochs", 2,
        "--contenders", "fitgap, random", "scikit-learn",
    )  # fmt: skip
    result = results["digits-100"]
    fitgap, peer = result["rows"]
    assert [fitgap["trials"], peer["trials"]] == [4, 4]
    assert fitgap["trials_per_hour"] == pytest.approx(4 * 3600 / fitgap["seconds"])
    assert peer["ratio"] == pytest.approx(peer["seconds"] / fitgap["seconds"])
    assert peer["fitgap_best_score_of_as_many"] == fitgap["best_score"]
    assert 0 < peer["best_score"] <= 1
    assert 0 < result["trace_seconds"] < result["worker_seconds"]
    assert "scikit-learn" in printed


@pytest.mark.long
def test_time_to_score_stops_fitgap_at_the_target(tmp_path):
    _, results = run_and_read(
        "time_to_score", tmp_path / "out.json",
        "--data", "digits", "--epochs", 3, "--trials", 200, "--seeds", 0,
        "--contenders", "fitgap, default", "--target", 0.5,
    )  # fmt: skip
    result = results[0]
    assert result["best"] >= 0.5
    assert 0 < result["epoch"] <= result["trial"] <= result["end"]
    assert result["trials"] < 200


@pytest.mark.long
def test_efficiency_is_a_share_of_a_matrix_product(tmp_path):
    _, results = run_and_read(
        "efficiency", tmp_path / "out.json",
        "--data", "digits", "--networks", "2x64", "--epochs", 2, "--rounds", 1,
    )  # fmt: skip
    assert [(row["batch_size"], row["dropout"]) for row in results] == [
        (32, 0.0), (32, 0.2), (128, 0.0), (128, 0.2),
    ]  # fmt: skip
    for row in results:
        assert row["threads"] == 1
        # 1,078 rows trained on; 1,078 and 360 evaluated; 64-64-64-10 units.
        weights, first = 64 * 64 + 64 * 64 + 64 * 10, 64 * 64
        operations = 1078 * (6 * weights - 2 * first) + (1078 + 360) * 2 * weights
        assert row["flops"] * row["epoch_seconds"] == pytest.approx(operations)
        assert 0 < row["efficiency"] < 1


@pytest.mark.long
def test_scaling_measures_the_driver_with_simulated_workers(tmp_path):
    _, results = run_and_read(
        "scaling", tmp_path / "out.json",
        "--parts", "simulated", "dask", "--workers", 1, 4, "--simulated-trials", 30,
    )  # fmt: skip
    rows = {(row["pruner"], row["workers"]): row for row in results["simulated"]}
    assert set(rows) == {(name, number) for name in ("none", "default") for number in (1, 4)}
    assert rows["none", 1]["busy"] == pytest.approx(1)  # there is always a next trial for one
    assert all(row["processor_seconds"] > 0 for row in rows.values())
    # One worker is this process, without Dask.
    assert {(row["pruner"], row["workers"]) for row in results["dask"]} == {
        ("none", 4), ("default", 4)
    }  # fmt: skip


@pytest.mark.long
def test_scaling_compares_two_workers_with_one(tmp_path):
    _, results = run_and_read(
        "scaling", tmp_path / "out.json",
        "--parts", "real", "--data", "digits", "--trials", 4, "--epochs", 2, "--rounds", 1,
    )  # fmt: skip
    assert [run["workers"] for run in results["real"]] == [1, 2]
    for run in results["real"]:
        assert 0 < run["work_seconds"] < run["total_seconds"]


@pytest.mark.long
def test_waiting_is_compared_with_what_does_as_little(tmp_path):
    _, results = run_and_read(
        "waiting", tmp_path / "out.json", "--rows", 100, "--records", 10, "--looks", 1
    )
    tables = [
        f"{verb} 100 x 20, {quotes}"
        for quotes in ("no quotes", "some quotes", "all quoted")
        for verb in ("read", "read and check")
    ]
    assert [row["what"] for row in results] == ["--help", "digits", *tables, "10 records"]
    for row in results:
        assert row["ratio"] == pytest.approx(row["seconds"] / row["peer_seconds"])


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_memory_is_read_of_driver_and_workers(tmp_path):
    _, results = run_and_read(
        "memory", tmp_path / "out.json", "--trials", 8, "--every", 4, "--workers", 2
    )
    assert results["samples"][-1]["trials"] == 8
    for sample in results["samples"]:
        assert len(sample["workers"]) == 2
        assert min(sample["driver"], *sample["workers"]) > 50  # MB
