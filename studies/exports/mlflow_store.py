"""Runs for MLflow: one parent run, and a child run a trial, in an SQLite store.

MLflow 3 refuses its old store of plain files; SQLite needs no server, and `mlflow ui` opens it.
"""

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from reports.outputs.facts import run_facts
from reports.outputs.markdown import render_markdown
from reports.wording import is_number
from studies.exports.trial_series import (
    CURVES,
    Row,
    begun,
    curves_by_trial,
    results_of,
    settings_of,
)
from studies.reporting import Content, conclude_run, write_page
from sweep.errors import ConfigurationError, StorageError
from sweep.runs.folder import RunFolder

STORE: Final = "mlflow.db"
ARTIFACTS: Final = "artifacts"
EXPERIMENT: Final = "fitgap"
KEY: Final = "fitgap.run"  # the tag by which a run is known again
MOST_METRICS: Final = 1000  # that MLflow takes at a time
MOST_ENTRIES: Final = 100  # the same of parameters
STATUS: Final = {"finished": "FINISHED", "pruned": "KILLED"}
PARENT: Final = "mlflow.parentRunId"  # the tags that MLflow's own pages read
NOTE: Final = "mlflow.note.content"
LONGEST: Final = 5000  # of a tag or a parameter

Measured = tuple[str, float, int, float]  # name, value, epoch, seconds since 1970


def write_runs(folder: RunFolder, out: Path) -> list[Path]:
    """Add a run and its trials to a store.

    Args:
        folder: The run.
        out: The folder of the store; other runs may be in it already.

    Returns:
        The store's file.

    Raises:
        ConfigurationError: The run is in the store already.
        StorageError: The run cannot be read, or the store not be written.
    """
    content = conclude_run(folder)
    manifest = content.manifest
    key, start = run_key(manifest), begun(manifest)
    with _mlflow(out / STORE):
        store = _Store(out)
        if (known := store.find(key)) is not None:
            raise ConfigurationError(
                f"--out: {str(out / STORE)!r} holds this run already, as {known!r}; give another"
                " folder"
            )
        run = store.begin(str(manifest.get("name") or "run"), start)
        try:
            _write_parent(store, run, content)
            _write_report(store, run, content)
            _write_trials(store, run, folder, content)
            store.mark_whole(run, key)  # last of all: what has no key is not whole
        except BaseException:
            store.end(run, "FAILED")
            raise
        spent = (manifest.get("seconds") or {}).get("total")
        store.end(run, "FINISHED", start + float(spent or 0))
    return [out / STORE]


def run_key(manifest: Mapping[str, Any]) -> str:
    """Return by what a run is known again: its beginning and its data."""
    data = manifest.get("data") or {}
    return f"{manifest.get('created')} {str(data.get('fingerprint'))[:16]}".replace("'", "")


class _Store:
    """Write runs into one experiment of a store."""

    def __init__(self, out: Path) -> None:
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - seconds, and after `_mlflow`

        self._client = MlflowClient(tracking_uri=f"sqlite:///{(out / STORE).resolve()}")
        known = self._client.get_experiment_by_name(EXPERIMENT)
        place = (out / ARTIFACTS).resolve().as_uri()
        self._experiment: str = (
            known.experiment_id
            if known
            else self._client.create_experiment(EXPERIMENT, artifact_location=place)
        )

    def find(self, key: str) -> str | None:
        """Return the name of the run that has a key; None if none has it."""
        found = self._client.search_runs(
            [self._experiment], f"tags.`{KEY}` = '{key}'", max_results=1
        )
        return str(found[0].info.run_name) if found else None

    def begin(self, name: str, moment: float, parent: str | None = None) -> str:
        """Begin a run, or one below another, and return its identifier."""
        tags = {PARENT: parent} if parent else {}
        run = self._client.create_run(self._experiment, _milliseconds(moment), tags, name)
        return str(run.info.run_id)

    def log(
        self, run: str, *, metrics: Sequence[Measured] = (), settings: Mapping[str, object],
        tags: Mapping[str, object],
    ) -> None:  # fmt: skip
        """Write metrics, parameters and tags, as many at a time as MLflow takes."""
        from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415 - as above

        numbers = [Metric(name, value, _milliseconds(moment), step)
                   for name, value, step, moment in metrics]  # fmt: skip
        told = [RunTag(name, str(value)[:LONGEST]) for name, value in tags.items() if value]
        params = [Param(name, _text(value)[:LONGEST]) for name, value in settings.items()]
        self._client.log_batch(run, params=params[:MOST_ENTRIES], tags=told)
        for first in range(0, len(numbers), MOST_METRICS):
            self._client.log_batch(run, metrics=numbers[first : first + MOST_METRICS])

    def add_file(self, run: str, path: Path) -> None:
        """Keep a file with a run."""
        self._client.log_artifact(run, str(path))

    def end(self, run: str, status: str, moment: float | None = None) -> None:
        """End a run."""
        at = None if moment is None else _milliseconds(moment)
        self._client.set_terminated(run, status=status, end_time=at)

    def mark_whole(self, run: str, key: str) -> None:
        """Give a run the key by which it is known again."""
        self._client.set_tag(run, KEY, key)


@contextlib.contextmanager
def _mlflow(store: Path) -> Iterator[None]:
    """Let MLflow work without a word: nothing of its use over the network, nothing of its tables.

    Raises:
        StorageError: MLflow could not write or read the store.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - seconds, and after the above
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - the same

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # MLflow's own, of SQLAlchemy
        try:
            yield
        except (MlflowException, SQLAlchemyError) as err:
            reason = " ".join(str(err).split())[:300]
            raise StorageError(
                f"{store}: MLflow cannot use it ({reason}); give another folder"
            ) from err


def _write_parent(store: _Store, run: str, content: Content) -> None:
    """Write what is known of the whole run: its facts, its settings, its conclusion."""
    manifest, facts = content.manifest, run_facts(content)
    tags = {
        "fitgap.kind": manifest.get("kind"),
        "fitgap.version": manifest.get("fitgap"),
        "fitgap.command": manifest.get("command"),
        "fitgap.state": manifest.get("state"),
        "fitgap.verdict": facts.get("verdict"),
        "fitgap.data": content.data.get("name"),
        "fitgap.fingerprint": content.data.get("fingerprint"),
        NOTE: render_markdown(content),
    }
    start = begun(manifest)
    metrics = [(name, float(value), 0, start) for name, value in facts.items() if is_number(value)]
    settings = manifest.get("settings") or {}
    plain = {key: one for key, one in settings.items() if isinstance(one, str | int | float)}
    store.log(run, metrics=metrics, settings=plain, tags=tags)


def _write_report(store: _Store, run: str, content: Content) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "report.html"
        write_page(path, content)
        store.add_file(run, path)


def _write_trials(store: _Store, parent: str, folder: RunFolder, content: Content) -> None:
    """Write a child run a trial."""
    trials, epochs = folder.tables()
    start = begun(content.manifest)
    curves = curves_by_trial(epochs)
    verdicts = content.verdicts.set_index("trial")["verdict"].to_dict()
    for trial in trials.to_dict("records"):
        name = str(trial["trial"])
        tags = {
            "fitgap.stage": trial["stage"],
            "fitgap.outcome": trial["outcome"],
            "fitgap.reason": trial["reason"],
            "fitgap.config": trial["config"],
            "fitgap.verdict": verdicts.get(name),
        }
        run = store.begin(name, start, parent)
        metrics = [*_results(trial, start), *_curves(curves.get(name), start)]
        store.log(run, metrics=metrics, settings=settings_of(trial), tags=tags)
        outcome = STATUS.get(str(trial["outcome"]), "FAILED")
        store.end(run, outcome, start + float(trial["seconds"]))


def _results(trial: Row, start: float) -> list[Measured]:
    end = start + float(trial["seconds"])
    return [
        (name, value, int(trial["best_epoch"]), end) for name, value in results_of(trial).items()
    ]


def _curves(epochs: pd.DataFrame | None, start: float) -> list[Measured]:
    """Return what was measured after each epoch; MLflow keeps no NaN, so it is left out."""
    if epochs is None:
        return []
    moments = (epochs["elapsed"] + start).tolist()
    return [
        (name, value, step, moment)
        for name, column in CURVES.items()
        for value, step, moment in zip(
            epochs[column].tolist(), epochs["epoch"].tolist(), moments, strict=True
        )
        if is_number(value)
    ]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _text(value: object) -> str:
    """Write a parameter: whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
