"""From a run folder to its conclusions: findings.json, and the report drawn from them."""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from reports.content import SweepContent
from reports.findings import About, Finding
from reports.study_content import StudyContent
from reports.words.saying import finding_json
from studies.catalog.conclusion import conclude_study, read_results
from studies.diagnosis.networks import COLUMNS, diagnose
from studies.findings.conclusions import SweepTables, conclude
from studies.findings.evidence import best_of_trials, importance_of
from studies.findings.left_out import find_left_out, tell_left_out
from studies.page_file import write_page_file
from studies.statistics.equal_counts import compare_settings
from sweep.runs.folder import RunFolder, is_study
from sweep.runs.left_out import RUN_STAGES, LeftOut, guarded, run_left_out

if TYPE_CHECKING:
    from reports.drawing.figure import Section  # matplotlib

Content: TypeAlias = SweepContent | StudyContent


def write_conclusions(folder: RunFolder, *, report: Path | None) -> list[Finding]:
    """Draw the conclusions of a run once, and write findings.json and the report from them.

    What cannot be drawn is a finding too, and stands in the manifest's ``left_out``.

    Args:
        folder: The run.
        report: Where the report goes; None for none.

    Raises:
        StorageError: The run cannot be read, or a file not be written.
    """
    content, page = conclude_with_page(folder) if report else (conclude_run(folder), None)
    note_left_out(folder, content, lock=folder.locked)
    folder.write_findings(findings_as_json(content))
    if report is not None and page is not None:
        put_page(report, page)
    return list(content.findings)


def note_left_out(
    folder: RunFolder,
    content: Content,
    *,
    lock: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
) -> None:
    """Write into the manifest of a run what it lacks, unless that stands there.

    Args:
        folder: The run.
        content: What was concluded.
        lock: What keeps others from writing meanwhile, if nothing does.

    Raises:
        StorageError: Another process works on the run, or the manifest cannot be written.
    """
    told = [dict(finding.numbers) for finding in find_left_out(content.findings)]
    if folder.read_manifest().get("left_out", []) != told:
        with lock():
            folder.write_manifest(folder.read_manifest() | {"left_out": told})


def write_findings(folder: RunFolder) -> list[Finding]:
    """Draw the conclusions of a run and write findings.json, without a report.

    Raises:
        StorageError: The run cannot be read, or the file not be written.
    """
    return write_conclusions(folder, report=None)


def write_report(folder: RunFolder, path: Path) -> None:
    """Draw the report of a run from its tables; TensorFlow is not needed.

    Raises:
        StorageError: The run cannot be read, or the file not be written.
    """
    write_page(path, conclude_run(folder))


def conclude_run(folder: RunFolder) -> Content:
    """Draw the conclusions of a run from its tables, and write nothing.

    Raises:
        StorageError: The run cannot be read.
    """
    manifest = folder.current_manifest()
    if is_study(manifest):
        return conclude_study(read_results(folder))
    trials, epochs = folder.tables()
    tables = SweepTables(
        manifest=manifest,
        trials=trials,
        epochs=epochs,
        baselines=folder.baselines(),
    )
    left_out = [one for one in run_left_out(manifest) if one.stage in RUN_STAGES]
    verdicts = pd.DataFrame(columns=list(COLUMNS))
    with guarded("verdicts", left_out):
        verdicts = diagnose(trials, epochs)
    return SweepContent(
        manifest=tables.manifest,
        trials=trials,
        epochs=epochs,
        baselines=tables.baselines,
        findings=conclude(tables, verdicts) + tell_left_out(left_out),
        verdicts=verdicts,
    )


def conclude_with_page(folder: RunFolder) -> tuple[Content, str | None]:
    """Draw the conclusions of a run and its report, and write nothing.

    Returns:
        What was concluded, with what of the report could not be drawn; and the report, None if
        nothing of it could be.

    Raises:
        StorageError: The run cannot be read.
    """
    content, left_out, page = conclude_run(folder), list[LeftOut](), None
    with guarded("report", left_out):
        content, page = draw_page(content)
    return _with(content, left_out), page


def findings_as_json(content: Content) -> list[dict[str, Any]]:
    """Return the findings of a run as findings.json holds them."""
    return [finding_json(finding) for finding in content.findings]


def draw_sections(content: Content) -> tuple[Content, list["Section"]]:
    """Draw the figures of a run, each by itself.

    Returns:
        The content with its evidence, and with what could not be drawn; and the figures.
    """
    from reports.outputs.figure_files import all_sections  # noqa: PLC0415 - what draws takes a second to import

    content, left_out = with_evidence(content), list[LeftOut]()
    sections = all_sections(content, functools.partial(guarded, left_out=left_out))
    return _with(content, left_out), sections


def draw_page(content: Content) -> tuple[Content, str]:
    """Write the report of a run as one HTML document.

    Returns:
        The content with its evidence, and with what could not be drawn; and the document.
    """
    content, sections = draw_sections(content)
    if isinstance(content, StudyContent):
        from reports.pages.study_page import render_study  # noqa: PLC0415 - as above

        return content, render_study(content, sections)
    from reports.pages.sweep_page import render_sweep  # noqa: PLC0415 - as above

    return content, render_sweep(content, sections)


def render_page(content: Content) -> str:
    """Write the report of a run as one HTML document."""
    return draw_page(content)[1]


def conclude_for_figures(folder: RunFolder) -> Content:
    """Draw the conclusions of a run with what only its figures need, and write nothing.

    Raises:
        StorageError: The run cannot be read.
    """
    return with_evidence(conclude_run(folder))


def with_evidence(content: Content) -> Content:
    """Add what only the figures of a sweep need, and what takes seconds: which settings matter.

    Args:
        content: As `conclude_run` returns it; a study has all its figures need.
    """
    if isinstance(content, StudyContent):
        return content
    trials, bounds = content.trials, content.manifest.get("space_bounds") or {}
    measures: dict[str, Callable[[], pd.DataFrame]] = {
        "equal_counts": lambda: compare_settings(trials, bounds),
        "importance": lambda: importance_of(content.manifest, trials),
        "best_of": lambda: best_of_trials(trials),
    }
    found, left_out = dict[str, Any](), list[LeftOut]()
    for name, measure in measures.items():
        with guarded(f"evidence.{name}", left_out):
            found[name] = measure()
    return _with(dataclasses.replace(content, **found), left_out)


def write_page(path: Path, content: Content) -> None:
    """Write the report of a run as one HTML file.

    Raises:
        StorageError: It cannot be written; an old one is untouched.
    """
    put_page(path, render_page(content))


def put_page(path: Path, page: str) -> None:
    """Write a page that was rendered; raises as `write_page` does."""
    folder = RunFolder(path.parent)
    is_own = path == folder.report_path and folder.manifest_path.is_file()
    write_page_file(
        path,
        page,
        then="then draw it with `fitgap report`",
        mover="`fitgap repair`" if is_own else "",  # it looks nowhere but in the run
    )


def _with(content: Content, left_out: Sequence[LeftOut]) -> Content:
    """Add what could not be made to the findings."""
    about: About = "study" if isinstance(content, StudyContent) else "sweep"
    findings = [*content.findings, *tell_left_out(left_out, about)]
    return dataclasses.replace(content, findings=findings)
