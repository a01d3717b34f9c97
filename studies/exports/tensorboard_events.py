"""Runs for TensorBoard: the curves of every trial, and its settings for the HParams dashboard.

Only TensorBoard's own record writer and messages are used: its summary writer would import
TensorFlow where that is installed, for seconds and hundreds of megabytes.
"""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from studies.exports.trial_series import (
    CURVES,
    RESULTS,
    Row,
    Setting,
    begun,
    curves_by_trial,
    results_of,
    settings_of,
)
from sweep.runs.folder import RunFolder
from sweep.safe_files import storage_error, write_bytes

VERSION: Final = "brain.Event:2"  # of the file format
FAILURES: Final = ("diverged", "failed")
KINDS: Final = {
    bool: api_pb2.DATA_TYPE_BOOL,
    str: api_pb2.DATA_TYPE_STRING,
    float: api_pb2.DATA_TYPE_FLOAT64,
}

Event = Any  # TensorBoard ships no types
Value = Any


def write_events(folder: RunFolder, out: Path) -> list[Path]:
    """Write one event file a trial, and one that names settings and measures.

    Args:
        folder: The run.
        out: A folder that is empty: TensorBoard's log directory. Each trial has one of its own in
            it, called as the trial.

    Returns:
        The log directory; the bytes in it are the same for the same run.

    Raises:
        StorageError: The run cannot be read, or a file not be written.
    """
    manifest = folder.read_manifest()
    trials, epochs = folder.tables()
    start = begun(manifest)
    curves = curves_by_trial(epochs)
    experiment = _file([_experiment(trials, manifest, start)], start)
    write_bytes(out / _file_name(start), experiment)
    for trial in trials.to_dict("records"):
        name = str(trial["trial"])
        place = out / re.sub(r"[^A-Za-z0-9-]+", "-", name)
        try:
            place.mkdir(exist_ok=True)
        except OSError as err:
            raise storage_error(place, err) from err
        events = _trial_events(trial, curves.get(name), start)
        write_bytes(place / _file_name(start), _file(events, start))
    return [out]


def _trial_events(trial: Row, curves: pd.DataFrame | None, start: float) -> list[Event]:
    """Return the events of one trial: what it was trained with, its curves, its results."""
    lost = trial["outcome"] in FAILURES
    status = api_pb2.STATUS_FAILURE if lost else api_pb2.STATUS_SUCCESS
    end = start + float(trial["seconds"])
    events = [_event(start, 0, [_session_start(trial, start)])]
    if curves is not None:
        columns = [curves[column].to_numpy(float) for column in CURVES.values()]
        epochs, elapsed = curves["epoch"].to_numpy(int), curves["elapsed"].to_numpy(float)
        for place, (epoch, seconds) in enumerate(zip(epochs, elapsed, strict=True)):
            values = zip(CURVES, columns, strict=True)
            scalars = [_scalar(name, column[place]) for name, column in values]
            events.append(_event(start + seconds, int(epoch), scalars))
    results = [_scalar(name, value) for name, value in results_of(trial).items()]
    if results:
        events.append(_event(end, int(trial["best_epoch"]), results))
    return [*events, _event(end, 0, [_session_end(status, end)])]


def _session_start(trial: Row, start: float) -> Value:
    info = plugin_data_pb2.SessionStartInfo(group_name=str(trial["trial"]), start_time_secs=start)
    for name, value in settings_of(trial).items():
        field = info.hparams[name]
        if isinstance(value, bool):
            field.bool_value = value
        elif isinstance(value, str):
            field.string_value = value
        else:
            field.number_value = value
    data = plugin_data_pb2.HParamsPluginData(session_start_info=info)
    return _hparams(metadata.SESSION_START_INFO_TAG, data)


def _session_end(status: int, end: float) -> Value:
    info = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=end)
    data = plugin_data_pb2.HParamsPluginData(session_end_info=info)
    return _hparams(metadata.SESSION_END_INFO_TAG, data)


def _experiment(trials: pd.DataFrame, manifest: Mapping[str, Any], start: float) -> Event:
    """Return the event that names the settings and the measures of the whole run."""
    tried: dict[str, list[Setting]] = {}
    for trial in trials.to_dict("records"):
        for name, value in settings_of(trial).items():
            tried.setdefault(name, []).append(value)
    settings = [_setting(name, values) for name, values in tried.items()]
    tags = [(tag, api_pb2.MetricName(tag=tag)) for tag in RESULTS]
    measures = [
        api_pb2.MetricInfo(name=name, display_name=tag.removeprefix("best/")) for tag, name in tags
    ]
    experiment = api_pb2.Experiment(
        description=str(manifest.get("name") or ""),
        time_created_secs=start,
        hparam_infos=settings,
        metric_infos=measures,
    )
    data = plugin_data_pb2.HParamsPluginData(experiment=experiment)
    return _event(start, 0, [_hparams(metadata.EXPERIMENT_TAG, data)])


def _setting(name: str, values: Sequence[Setting]) -> Value:
    kind = KINDS[type(values[0])]
    info = api_pb2.HParamInfo(name=name, type=kind, differs=len(set(values)) > 1)
    if isinstance(values[0], float):
        numbers = [float(value) for value in values]
        info.domain_interval.min_value = min(numbers)
        info.domain_interval.max_value = max(numbers)
    else:
        info.domain_discrete.extend(sorted(set(values)))
    return info


def _hparams(tag: str, data: Value) -> Value:
    told = metadata.create_summary_metadata(data)
    return summary_pb2.Summary.Value(tag=tag, metadata=told, tensor=metadata.NULL_TENSOR)


def _scalar(name: str, value: float) -> Value:
    return summary_pb2.Summary.Value(tag=name, simple_value=value)


def _event(time: float, step: int, values: Sequence[Value]) -> Event:
    summary = summary_pb2.Summary(value=values)
    return event_pb2.Event(wall_time=time, step=step, summary=summary)


def _file(events: Sequence[Event], start: float) -> bytes:
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in (event_pb2.Event(wall_time=start, file_version=VERSION), *events):
        writer.write(event.SerializeToString(deterministic=True))
    return buffer.getvalue()


def _file_name(start: float) -> str:
    return f"events.out.tfevents.{start:010.0f}.fitgap"
