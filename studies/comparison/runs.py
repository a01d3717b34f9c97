"""The runs that are compared: read from their folders, or refused, each with its own reason."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.run_score import epoch_score
from reports.wording import clean, shorten
from studies.answering.arms import judge_arms
from studies.answering.results import StudyResults
from studies.catalog.conclusion import conclude_study, read_results
from studies.comparison.networks import Network, best_arm, chosen_network
from studies.comparison.sides import data_key
from sweep.errors import ConfigurationError, FitgapError, StorageError
from sweep.runs.folder import RunFolder, is_study
from sweep.runs.manifest_file import damaged_manifest

LONGEST_LABEL: Final = 20
LONGEST_DATA: Final = 32
HEAD: Final = 8  # characters of a long name before its middle is cut


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRun:
    """Hold one of the runs that are compared.

    Attributes:
        label: What the comparison calls it, unique there.
        manifest: ``manifest.json``; a run that nobody works on is not said to be running.
        trials: The trials table; docs/tables.md.
        epochs: The epochs table; docs/tables.md.
        network: What stands for it: a sweep's winner, or the arm of a study that does best. None
            if no trial has finished.
        results: What a study has found; None of a sweep.
        answer: What a study answers; ``""`` of a sweep.
        findings: What a study concludes; none of a sweep.
    """

    label: str
    manifest: Mapping[str, Any]
    trials: pd.DataFrame
    epochs: pd.DataFrame
    network: Network | None
    results: StudyResults | None = None
    answer: str = ""
    findings: Sequence[Finding] = ()

    @property
    def metric(self) -> str:
        """Return what a score is called."""
        return epoch_score(self.manifest).title

    @property
    def data_name(self) -> str:
        """Return what its data are called."""
        return shorten(str(self.manifest["data"].get("name") or "data"), LONGEST_DATA)

    @property
    def is_finished(self) -> bool:
        """Return whether it has come to its end."""
        return self.manifest.get("state") == "finished"


def read_runs(paths: Sequence[Path]) -> list[ComparedRun]:
    """Read the runs that are to be compared.

    Args:
        paths: Their folders.

    Raises:
        ConfigurationError: There are fewer than two, one is there twice, one is no run, or they
            cannot be compared: scores of two kinds, or a sweep with a study of other data.
        StorageError: A run cannot be read.
    """
    if len(paths) < 2:
        raise ConfigurationError(
            f"{paths[0]}: one run cannot be compared; give the folders of two or more"
        )
    _refuse_doubles(paths)
    opened: list[tuple[RunFolder, dict[str, Any]]] = []
    errors: list[FitgapError] = []
    for path in paths:
        try:
            folder = RunFolder.open(path)
            opened.append((folder, _manifest(folder)))
        except FitgapError as err:
            errors.append(err)
    if errors:
        errors += _record_faults([folder for folder, _ in opened])
    _raise_all(errors)
    _refuse_mixtures(opened)
    labels = make_labels([folder.path for folder, _ in opened])
    runs = []
    for (folder, manifest), label in zip(opened, labels, strict=True):
        try:
            runs.append(_read(folder, manifest, label))
        except (KeyError, TypeError, AttributeError, IndexError) as err:
            errors.append(_damaged(folder, err))
    _raise_all(errors)
    return runs


def make_labels(paths: Sequence[Path]) -> list[str]:
    """Name runs by their folders, with as many of the folders above as tell them apart.

    Args:
        paths: Of the runs, none of them twice.

    Returns:
        Clean, about 20 characters each, which is what figures have room for: longer ones go without
        the words that all begin with, up to a hyphen, and are then cut in their middle, since runs
        are told apart by their ends. Those that are still alike are numbered.
    """
    parts = [path.resolve().parts for path in paths]
    depth = 1
    while len({part[-depth:] for part in parts}) < len(parts):
        depth += 1
    whole = _without_common_words(["/".join(part[-depth:]).lstrip("/") for part in parts])
    return number_alike([_cut(clean(name)) for name in whole])


def number_alike(names: Sequence[str]) -> list[str]:
    """Number the names that are alike, such as ``a``, ``a (2)``."""
    numbered: list[str] = []
    for name in names:
        label, number = name, 1
        while label in numbered:
            number += 1
            label = f"{name} ({number})"
        numbered.append(label)
    return numbered


def _cut(name: str) -> str:
    if len(name) <= LONGEST_LABEL:
        return name
    return f"{name[:HEAD].rstrip()}…{name[HEAD + 1 - LONGEST_LABEL :].lstrip()}"


def _without_common_words(names: Sequence[str]) -> list[str]:
    """Drop leading words that all names have, until what is left is short: figures have no room."""
    left = list(names)
    while max(map(len, left)) > LONGEST_LABEL:
        heads = {name.partition("-")[0] for name in left}
        if len(heads) > 1 or any(not name.partition("-")[2] for name in left):
            break
        left = [name.partition("-")[2] for name in left]
    return left


def _refuse_doubles(paths: Sequence[Path]) -> None:
    places = [path.resolve() for path in paths]
    doubles = [path for number, path in enumerate(paths) if places[number] in places[:number]]
    if doubles:
        raise ConfigurationError(
            f"{path}: this run is given twice; give each run once" for path in doubles
        )


def _manifest(folder: RunFolder) -> dict[str, Any]:
    manifest = folder.current_manifest()
    if not isinstance(manifest["data"], Mapping) or "task" not in manifest["data"]:
        raise _damaged(folder, KeyError("data"))
    return manifest


def _refuse_mixtures(opened: Sequence[tuple[RunFolder, Mapping[str, Any]]]) -> None:
    """Refuse what has nothing to compare, each run that is unlike the first by itself."""
    (first, told), *others = opened
    faults = []
    for folder, manifest in others:
        is_regression = manifest["data"]["task"] == "regression"
        if is_regression != (told["data"]["task"] == "regression"):
            names = ("R²", "accuracy") if is_regression else ("accuracy", "R²")
            faults.append(
                f"{folder.path}: its score is {names[0]}, that of {first.path} is {names[1]};"
                " compare runs of one kind of task"
            )
        elif is_study(manifest) != is_study(told) and data_key(manifest) != data_key(told):
            kinds = ("study", "sweep") if is_study(manifest) else ("sweep", "study")
            faults.append(
                f"{folder.path}: it is a {kinds[0]} of other data than the {kinds[1]}"
                f" {first.path}, so nothing can be compared; give runs of the same data, or only"
                " sweeps, or only studies"
            )
    if faults:
        raise ConfigurationError(faults)


def _read(folder: RunFolder, manifest: Mapping[str, Any], label: str) -> ComparedRun:
    if not is_study(manifest):
        trials, epochs = folder.tables()
        return ComparedRun(
            label=label,
            manifest=manifest,
            trials=trials,
            epochs=epochs,
            network=chosen_network(manifest, trials, epochs),
        )
    results = read_results(folder)
    verdicts = judge_arms(results)
    content = conclude_study(results, verdicts)
    return ComparedRun(
        label=label,
        manifest=manifest,
        trials=results.trials,
        epochs=results.epochs,
        network=best_arm(results, verdicts),
        results=results,
        answer=content.answer,
        findings=content.findings,
    )


def _record_faults(folders: Sequence[RunFolder]) -> list[FitgapError]:
    """Find what else is to be mended, where it is known that something is."""
    errors: list[FitgapError] = []
    for folder in folders:
        try:
            folder.records()
        except FitgapError as err:
            errors.append(err)
    return errors


def _damaged(folder: RunFolder, err: Exception) -> StorageError:
    return damaged_manifest(folder.manifest_path, f"what should stand at {err} is not there")


def _raise_all(errors: Sequence[FitgapError]) -> None:
    """Raise the faults of all runs together; a wrong argument counts before a damaged file."""
    if not errors:
        return
    first = min(errors, key=lambda err: err.exit_code)
    raise type(first)([fault for err in errors for fault in err.faults])
