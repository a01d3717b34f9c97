import os
import sqlite3
from pathlib import Path

import pytest

from studies.exports.mlflow_store import EXPERIMENT, STORE, run_key, write_runs
from sweep.errors import ConfigurationError, StorageError

pytestmark = [
    pytest.mark.slow,  # MLflow takes seconds to import, and to make its tables
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # MLflow's own
]


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory):
    """A store with MLflow's tables and no run, which tests copy: making it takes seconds."""
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - slow tests only

    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    path = tmp_path_factory.mktemp("store") / STORE
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path.read_bytes()


@pytest.fixture
def out(store, tmp_path):
    folder = tmp_path / "tracking"
    folder.mkdir()
    (folder / STORE).write_bytes(store)
    return folder


@pytest.fixture
def client(out):
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - slow tests only

    return MlflowClient(tracking_uri=f"sqlite:///{out / STORE}")


def runs(client):
    """The parent runs and their children by name."""
    experiment = client.get_experiment_by_name(EXPERIMENT)
    found = client.search_runs([experiment.experiment_id])
    parents = [one for one in found if "mlflow.parentRunId" not in one.data.tags]
    children = {one.info.run_name: one for one in found if one not in parents}
    return parents, children


def test_mlflow_reads_everything_back(told_run, out, client):
    assert write_runs(told_run, out) == [out / STORE]
    (parent,), children = runs(client)
    assert set(children) == {"s0000", "s0001", "c0000-01", "c0000-02"}
    assert {one.data.tags["mlflow.parentRunId"] for one in children.values()} == {
        parent.info.run_id
    }

    assert parent.data.metrics["score"] == 0.7
    assert parent.data.metrics["diverged_share"] == 0.5
    assert "test_score" not in parent.data.metrics  # not known
    assert parent.data.tags["fitgap.kind"] == "sweep"
    assert parent.data.tags["mlflow.note.content"].startswith("## fitgap sweep: iris")
    assert parent.data.params["data"] == "iris"
    assert parent.info.status == "FINISHED"
    assert parent.info.start_time == 1795428900000
    assert [file.path for file in client.list_artifacts(parent.info.run_id)] == ["report.html"]
    report = Path(client.download_artifacts(parent.info.run_id, "report.html"))
    assert "<html" in report.read_text(encoding="utf-8")[:300]

    winner = children["s0000"]
    history = client.get_metric_history(winner.info.run_id, "loss/validation")
    assert [(one.step, one.value) for one in history] == [(1, 0.5), (2, 0.4), (3, 0.3)]
    assert winner.data.metrics["best/validation_score"] == 0.7
    assert winner.data.params["optimizer"] == "adam"
    assert (winner.data.params["depth"], winner.data.params["use_bias"]) == ("2", "True")
    assert winner.info.status == "FINISHED"
    assert children["s0001"].info.status == "FAILED"
    assert children["s0001"].data.tags["fitgap.outcome"] == "diverged"


def test_a_run_is_in_a_store_once_and_another_beside_it(told_run, out, client):
    write_runs(told_run, out)
    with pytest.raises(ConfigurationError, match=r"mlflow.db' holds this run already, as 'fresh'"):
        write_runs(told_run, out)
    (parent,), _ = runs(client)
    told_run.write_manifest(told_run.read_manifest() | {"created": "2026-11-24T10:15:00+00:00"})
    write_runs(told_run, out)
    parents, _ = runs(client)
    assert len(parents) == 2
    assert parent.info.run_id in {one.info.run_id for one in parents}


def test_an_export_that_broke_off_does_not_bar_the_next(told_run, out, client, monkeypatch):
    from studies.exports import mlflow_store  # noqa: PLC0415 - slow tests only

    with monkeypatch.context() as patch:
        patch.setattr(mlflow_store, "settings_of", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_runs(told_run, out)
    (broken,), _ = runs(client)
    assert broken.info.status == "FAILED"
    write_runs(told_run, out)
    parents, _ = runs(client)
    assert sorted(one.info.status for one in parents) == ["FAILED", "FINISHED"]


def test_what_is_no_store_is_one_line(told_run, tmp_path):
    (tmp_path / STORE).write_text("no database\n" * 99)
    with pytest.raises(StorageError, match=r"mlflow.db: MLflow cannot use it \(.*; give another"):
        write_runs(told_run, tmp_path)


def test_a_loss_that_is_not_finite_is_left_out(told_run, record_of, out, client):
    told_run.append_record(record_of(5, (0.5, float("nan")), outcome="diverged"))
    write_runs(told_run, out)
    _, children = runs(client)
    history = client.get_metric_history(children["s0005"].info.run_id, "loss/validation")
    assert [one.value for one in history] == [0.5]


def test_mlflow_reports_nothing_of_its_use(told_run, out):
    write_runs(told_run, out)
    from mlflow.telemetry.utils import is_telemetry_disabled  # noqa: PLC0415 - slow tests only

    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert is_telemetry_disabled()


def test_the_store_is_an_ordinary_database(told_run, out):
    write_runs(told_run, out)
    with sqlite3.connect(out / STORE) as database:
        assert database.execute("select count(*) from runs").fetchone() == (5,)


def test_a_key_is_of_beginning_and_data():
    key = run_key({"created": "2026", "data": {"fingerprint": "ab'c" + 64 * "0"}})
    assert key == "2026 abc" + 12 * "0"
