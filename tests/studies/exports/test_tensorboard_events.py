import subprocess
import sys
import types

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata

from studies.exports.tensorboard_events import write_events
from studies.exports.trial_series import CURVES


@pytest.fixture(autouse=True)
def _without_tensorflow(monkeypatch):
    """TensorBoard's own switch: read event files with its own reader."""
    name = "tensorboard.compat.notf"
    monkeypatch.setitem(sys.modules, name, types.ModuleType(name))


@pytest.fixture
def logs(told_run, tmp_path):
    out = tmp_path / "logs"
    out.mkdir()
    assert write_events(told_run, out) == [out]
    return out


def read(folder):
    return EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()


def told(events, tag):
    return events.SummaryMetadata(tag).plugin_data.content


def test_every_trial_has_a_folder_of_its_own(logs):
    assert sorted(path.name for path in logs.iterdir() if path.is_dir()) == [
        "c0000-01", "c0000-02", "s0000", "s0001",
    ]  # fmt: skip


def test_tensorboard_reads_every_curve_back(logs, told_run):
    events = read(logs / "s0000")
    epochs = told_run.tables()[1].query("trial == 's0000'")
    assert set(CURVES) <= set(events.Tags()["scalars"])
    for tag in ("loss/train", "loss/validation", "score/train", "score/validation"):
        values = [event.value for event in events.Scalars(tag)]
        name, _, part = tag.partition("/")
        assert values == pytest.approx(epochs[f"{part}_{name}"].tolist(), rel=1e-6)  # float32
        assert [event.step for event in events.Scalars(tag)] == [1, 2, 3]


def test_gaps_have_the_sign_they_have_everywhere(logs):
    events = read(logs / "s0000")
    assert [one.value for one in events.Scalars("loss/gap")] == pytest.approx([-0.5, -0.6, -0.7])
    assert [one.value for one in events.Scalars("score/gap")] == pytest.approx([0.5, 0.4, 0.3])


def test_time_goes_on_from_the_beginning_of_the_run(logs):
    times = [event.wall_time for event in read(logs / "s0000").Scalars("loss/train")]
    assert times == [1795428900.0 + passed for passed in (1, 2, 3)]


def test_the_hparams_dashboard_finds_settings_and_outcome(logs):
    events = read(logs / "s0000")
    start = metadata.parse_session_start_info_plugin_data(
        told(events, metadata.SESSION_START_INFO_TAG)
    )
    assert start.hparams["depth"].number_value == 2
    assert start.hparams["optimizer"].string_value == "adam"
    assert start.hparams["use_bias"].bool_value
    assert "momentum" not in start.hparams
    end = metadata.parse_session_end_info_plugin_data(told(events, metadata.SESSION_END_INFO_TAG))
    assert end.status == api_pb2.STATUS_SUCCESS
    lost = read(logs / "s0001")
    end = metadata.parse_session_end_info_plugin_data(told(lost, metadata.SESSION_END_INFO_TAG))
    assert end.status == api_pb2.STATUS_FAILURE


def test_the_hparams_dashboard_finds_the_measures_of_the_best_epoch(logs):
    experiment = metadata.parse_experiment_plugin_data(told(read(logs), metadata.EXPERIMENT_TAG))
    tags = [one.name.tag for one in experiment.metric_infos]
    scalars = read(logs / "s0000").Scalars
    assert {tag: scalars(tag)[0].value for tag in tags} == pytest.approx(
        {"best/validation_score": 0.7, "best/validation_loss": 0.3, "best/score_gap": 0.3,
         "best/loss_gap": -0.7}
    )  # fmt: skip
    kinds = {one.name: one.type for one in experiment.hparam_infos}
    assert kinds["depth"] == api_pb2.DATA_TYPE_FLOAT64
    assert kinds["optimizer"] == api_pb2.DATA_TYPE_STRING
    assert kinds["use_bias"] == api_pb2.DATA_TYPE_BOOL


def test_a_diverged_loss_is_kept_as_it_is(told_run, record_of, tmp_path):
    told_run.append_record(record_of(5, (0.5, float("nan"), float("inf")), outcome="diverged"))
    write_events(told_run, tmp_path)
    values = [event.value for event in read(tmp_path / "s0005").Scalars("loss/validation")]
    assert [repr(value) for value in values] == ["0.5", "nan", "inf"]


def test_a_trial_without_an_epoch_has_its_settings(told_run, record_of, tmp_path):
    told_run.append_record(record_of(5, (), outcome="failed", reason="out of memory"))
    write_events(told_run, tmp_path)
    events = read(tmp_path / "s0005")
    assert events.Tags()["scalars"] == []
    assert metadata.SESSION_START_INFO_TAG in events.Tags()["tensors"]


def test_a_run_in_which_nothing_happened_names_no_setting(fresh_run, tmp_path):
    write_events(fresh_run.folder, tmp_path)
    content = told(read(tmp_path), metadata.EXPERIMENT_TAG)
    assert len(metadata.parse_experiment_plugin_data(content).hparam_infos) == 0


def test_the_same_run_gives_the_same_bytes(told_run, logs, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    write_events(told_run, again)
    files = [path.relative_to(logs) for path in logs.rglob("*tfevents*")]
    assert len(files) == 5
    assert all((logs / one).read_bytes() == (again / one).read_bytes() for one in files)


@pytest.mark.slow
def test_tensorflow_is_not_imported(told_run, tmp_path):
    program = """
import sys, pathlib
from studies.exports.tensorboard_events import write_events
from sweep.runs.folder import RunFolder
write_events(RunFolder.open(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]))
print("tensorflow" in sys.modules)
"""
    command = [sys.executable, "-c", program, told_run.path, tmp_path]
    assert subprocess.check_output(command, text=True) == "False\n"
