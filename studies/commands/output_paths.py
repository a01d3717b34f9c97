"""Where results go: what is wrong with a path is told before there is any result to lose."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sweep.errors import ConfigurationError
from sweep.runs.entries import is_free
from sweep.spelling import closest

if TYPE_CHECKING:
    from sweep.runs.folder import RunFolder


# What a run consists of; a report may be drawn again at any time, and replaced.
OWN_FILES: Final = frozenset(
    {
        "manifest.json", "manifest.backup.json", "records.jsonl", "study.journal",
        "study.journal.lock", "records.damaged.jsonl", "records.failed.jsonl",
        "baselines.parquet", "trials.parquet", "epochs.parquet", "findings.json", "run.lock",
        "run.owner", "model.keras", "preprocessing.json",
    }
)  # fmt: skip


LONGEST_SHOWN: Final = 200  # characters of a path that a message repeats


def run_folder_faults(text: str | None) -> list[str]:
    """List what is wrong with the ``--out`` of a new run; empty if nothing is.

    Args:
        text: The option's value; None if it is left out.
    """
    if text is None:
        return []
    if not text.strip() or "\0" in text:
        return ["--out: it is empty or holds NUL; give a folder, or leave it out"]
    if "://" in text:
        return [f"--out: {_shown(text)} is an address, and runs are kept in folders; give one"]
    try:
        fault = _folder_fault(Path(text))
    except OSError as err:
        fault = f"{_shown(text)} cannot be used ({err.strerror})"
    return [f"--out: {fault}; give another folder"] if fault else []


def _shown(text: str) -> str:
    """Write what the user gave, and of what is longer than any path its beginning."""
    shown = repr(text)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[: LONGEST_SHOWN - 1]}…"


def _folder_fault(path: Path) -> str:
    """Say why a run cannot begin in a folder; empty if it can."""
    name = str(path)
    if (path / "manifest.json").exists():
        return f"{name!r} holds a run already, which `fitgap resume {shlex.quote(name)}` continues"
    if path.exists() and not path.is_dir():
        return f"{name!r} is a file"
    if path.is_dir() and not is_free(path):
        return f"{name!r} holds other files"
    place = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not place.is_dir():
        return f"{str(place)!r} is a file"
    if not os.access(place, os.W_OK | os.X_OK):
        return f"nothing may be written in {str(place)!r}"
    return ""


def output_file(text: str | None, endings: tuple[str, ...]) -> Path | None:
    """Return the path of ``--out`` where a file is to be written; None if it is left out.

    Args:
        text: The option's value.
        endings: What its name may end in; empty for anything.

    Raises:
        ConfigurationError: No file can be written there.
    """
    if text is None:
        return None
    path = Path(text)
    if not text.strip() or "\0" in text:
        raise ConfigurationError("--out: it is empty or holds NUL; give a file, or leave it out")
    if endings and path.suffix.lower() not in endings:
        names = " or ".join(endings)
        raise ConfigurationError(f"--out: {_shown(text)} does not end in {names}; give such a file")
    try:
        if path.is_dir():
            raise ConfigurationError(f"--out: {text!r} is a folder; give a file in it")
        if _is_of_a_run(path):
            raise ConfigurationError(
                f"--out: {text!r} is a file of the run itself; give another path"
            )
        if not path.parent.is_dir():
            raise ConfigurationError(
                f"--out: there is no folder {str(path.parent)!r}; make it, or give another path"
            )
    except OSError as err:
        raise ConfigurationError(
            f"--out: {_shown(text)} cannot be used ({err.strerror}); give another path"
        ) from err
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"--out: nothing may be written in {str(path.parent)!r}; give another path"
        )
    return path


def _is_of_a_run(path: Path) -> bool:
    """Tell whether a run, or its saved network, would lose or be given one of its own files."""
    real = path.resolve()
    return real.name in OWN_FILES and (real.parent / "manifest.json").is_file()


def output_folder(text: str, *, empty: bool) -> Path:
    """Return the path of ``--out`` where files are to be written; the folder may not exist yet.

    Args:
        text: The option's value.
        empty: Whether there may be nothing in it yet.

    Raises:
        ConfigurationError: No file can be written there.
    """
    if not text.strip() or "\0" in text:
        raise ConfigurationError("--out: it is empty or holds NUL; give a folder")
    path = Path(text)
    try:
        if path.exists() and not path.is_dir():
            fault = f"{text!r} is a file"
        elif empty and path.is_dir() and any(path.iterdir()):
            fault = f"{text!r} holds files already"
        else:
            place = next(place for place in (path, *path.absolute().parents) if place.exists())
            may_write = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
            fault = "" if may_write else f"nothing may be written in {str(place)!r}"
    except OSError as err:
        fault = f"{_shown(text)} cannot be used ({err.strerror})"
    if fault:
        raise ConfigurationError(f"--out: {fault}; give another folder")
    return path


def format_faults(name: str, known: Sequence[str]) -> list[str]:
    """List what is wrong with a ``--format``; empty if nothing is.

    Args:
        name: The option's value.
        known: The formats there are.
    """
    if name in known:
        return []
    guess = closest(name, known)
    advice = f"did you mean {guess}?" if guess else "give one of them"
    return [f"--format: {name!r} is not {', '.join(known[:-1])} or {known[-1]}; {advice}"]


def open_run(text: str, faults: Sequence[str]) -> "RunFolder":
    """Open the run of a command, once its options are read.

    Args:
        text: The run's folder.
        faults: What is wrong with the options.

    Raises:
        ConfigurationError: There is no run, or there are faults; all together.
    """
    from sweep.runs.folder import RunFolder  # noqa: PLC0415 - a second to import, after the options

    try:
        folder = RunFolder.open(Path(text))
    except ConfigurationError as err:
        raise ConfigurationError([*err.faults, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return folder
