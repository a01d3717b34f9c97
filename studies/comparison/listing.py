"""The runs below a folder: what each is and concluded, as far as it can be read."""

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from reports.comparison_content import IndexContent, ListedFolder, Span
from reports.run_score import run_score
from reports.wording import is_number
from sweep.data.names import printable
from sweep.errors import ConfigurationError, FitgapError
from sweep.runs.folder import RunFolder, is_study
from sweep.runs.left_out import LeftOut, guarded
from sweep.runs.manifest_file import BACKUP, MANIFEST, repair_command

MOST: Final = 10_000
DEEPEST: Final = 8  # folders below the one that is listed
LONGEST: Final = 300
RUN_FILES: Final = frozenset({MANIFEST, BACKUP})  # either tells of a run
UNKNOWN: Final[Span] = (math.nan, math.nan, math.nan)


def list_runs(folder: Path, page: Path) -> IndexContent:
    """List the runs below a folder, newest first.

    Symbolic links are not followed, and a run is not looked into: what lies in it, such as its
    best network, is no run. A run that cannot be read is listed with the reason.

    Args:
        folder: Where to look, itself included.
        page: Where the list will be written: its links are relative to that.

    Raises:
        ConfigurationError: There is no such folder, or it cannot be looked into.
    """
    try:
        if not folder.is_dir():
            raise ConfigurationError(f"{folder}: there is no such folder; give one that holds runs")
        os.scandir(folder).close()
    except OSError as err:
        raise ConfigurationError(
            f"{folder}: it cannot be looked into ({err.strerror}); give another folder"
        ) from err
    root, base = folder.resolve(), page.resolve().parent
    found: list[ListedFolder] = []
    for path, fault in _find(root, 0):
        if len(found) == MOST:
            break
        if fault:
            found.append(ListedFolder(path=_relative(path, root), fault=fault))
        else:
            found.append(_list(path, root, base))
    newest = sorted(found, key=lambda one: one.path)
    newest.sort(key=lambda one: one.created, reverse=True)
    newest.sort(key=lambda one: one.fault != "")
    return IndexContent(
        name=root.name or str(root),
        folders=newest,
        note=f"Only the first {MOST:,} runs are listed." if len(found) == MOST else "",
    )


def _find(folder: Path, depth: int) -> Iterator[tuple[Path, str]]:
    """Find the run folders, in the order of their names, and why others cannot be looked into."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as err:
        yield folder, f"it cannot be looked into ({err.strerror})"
        return
    # A pipe of that name would be waited for without end; links are told of, and not followed.
    if any(entry.name in RUN_FILES and (entry.is_symlink() or entry.is_file()) for entry in inside):
        yield folder, ""
        return
    for entry in inside:
        if depth < DEEPEST and entry.is_dir(follow_symlinks=False):
            yield from _find(Path(entry.path), depth + 1)


def _list(path: Path, root: Path, base: Path) -> ListedFolder:
    """List a run; whatever is wrong with it, the others are listed too."""
    left_out, entry = list[LeftOut](), None
    with guarded("entry", left_out):
        entry = _list_sound(path, root, base)
    return entry or ListedFolder(path=_relative(path, root), fault=left_out[0].sentence)


def _list_sound(path: Path, root: Path, base: Path) -> ListedFolder:
    name = _relative(path, root)
    run = RunFolder(path)
    try:
        if run.manifest_path.is_symlink():
            return ListedFolder(path=name, fault="its manifest.json is a symbolic link")
        manifest = run.current_manifest()
        return _describe(run, manifest, str(manifest["state"]), (name, base))
    except FitgapError as err:
        return ListedFolder(path=name, fault=_without_path(err.faults[0], run))
    except OSError as err:
        return ListedFolder(path=name, fault=err.strerror or "it cannot be read")
    except (KeyError, TypeError, ValueError, AttributeError):
        return ListedFolder(path=name, fault="its manifest.json is damaged")


def _describe(
    run: RunFolder, manifest: Mapping[str, Any], state: str, place: tuple[str, Path]
) -> ListedFolder:
    name, base = place
    data, findings = manifest["data"], _findings(run)
    winner = manifest["winner"] or {}
    design = manifest.get("study") or {}
    report = run.report_path
    return ListedFolder(
        path=name,
        report=_relative(report, base) if report.is_file() and not report.is_symlink() else "",
        kind=f"study {design.get('study', '')}".strip() if is_study(manifest) else "sweep",
        data=str(data.get("name") or ""),
        created=str(manifest.get("created") or ""),
        state=state,
        counts=dict(manifest["counts"]),
        metric=run_score(manifest).title,
        score=_score(winner),
        verdict=_verdict(findings) if winner else "",
        conclusion=_conclusion(findings) if state == "finished" else "",
    )


def _findings(run: RunFolder) -> list[Mapping[str, Any]]:
    """Read findings.json; nothing if it is not there, or damaged, or not the run's own."""
    try:
        if run.findings_path.is_symlink() or not run.findings_path.is_file():
            return []
        return [each for each in run.findings() if isinstance(each, Mapping)]
    except (FitgapError, OSError):
        return []


def _conclusion(findings: list[Mapping[str, Any]]) -> str:
    """Return the first thing that the run says, in a study its answer."""
    for each in findings:
        sentence = each.get("sentence")
        if isinstance(sentence, str) and sentence:
            return printable(sentence, longest=LONGEST)
    return ""


def _verdict(findings: list[Mapping[str, Any]]) -> str:
    told = [each.get("verdict") for each in findings if each.get("about") == "network"]
    return str(told[0]) if told else ""


def _score(winner: Mapping[str, Any]) -> Span:
    """Return the confirmed score, or what the search claims, which has no interval over seeds."""
    confirmed = winner.get("confirmed")
    values = confirmed or winner.get("validation") or {}
    score, low, high = (values.get(name) for name in ("score", "score_low", "score_high"))
    if not is_number(score):
        return UNKNOWN
    ends = (float(low), float(high)) if is_number(low) and is_number(high) else UNKNOWN[1:]
    return float(score), *ends


def _relative(path: Path, base: Path) -> str:
    shown = Path(os.path.relpath(path, base)).as_posix()
    return path.name if shown == "." else shown


def _without_path(fault: str, run: RunFolder) -> str:
    """Return what is wrong, without the path that the list shows in relative form."""
    for path in (run.manifest_path, run.path):
        fault = fault.removeprefix(f"{path}: ")
    fault = fault.replace(repair_command(run.path), "`fitgap repair`")
    return printable(fault, longest=LONGEST)
