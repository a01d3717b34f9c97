"""From a run folder to its conclusions: findings.json, and the report drawn from them."""

import dataclasses
import math
from pathlib import Path
from typing import Any, TypeAlias

from reports.content import SweepContent
from reports.findings import Finding
from reports.study_content import StudyContent
from studies.catalog.conclusion import conclude_study, read_results
from studies.diagnosis.networks import diagnose
from studies.findings.conclusions import SweepTables, conclude
from studies.findings.evidence import best_of_trials, importance_of
from studies.page_file import write_page_file
from studies.statistics.equal_counts import compare_settings
from sweep.runs.folder import RunFolder, is_study

Content: TypeAlias = SweepContent | StudyContent


def write_conclusions(folder: RunFolder, *, report: Path | None) -> list[Finding]:
    """Draw the conclusions of a run once, and write findings.json and the report from them.

    Args:
        folder: The run.
        report: Where the report goes; None for none.

    Raises:
        StorageError: The run cannot be read, or a file not be written.
    """
    content = conclude_run(folder)
    folder.write_findings(findings_as_json(content))
    if report is not None:
        write_page(report, content)
    return list(content.findings)


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
    verdicts = diagnose(trials, epochs)
    return SweepContent(
        manifest=tables.manifest,
        trials=trials,
        epochs=epochs,
        baselines=tables.baselines,
        findings=conclude(tables, verdicts),
        verdicts=verdicts,
    )


def findings_as_json(content: Content) -> list[dict[str, Any]]:
    """Return the findings of a run as findings.json holds them."""
    return [_as_json(finding) for finding in content.findings]


def render_page(content: Content) -> str:
    """Write the report of a run as one HTML document."""
    if isinstance(content, StudyContent):
        from reports.pages.study_page import render_study  # noqa: PLC0415 - what draws takes a second to import

        return render_study(content)
    from reports.pages.sweep_page import render_sweep  # noqa: PLC0415 - the same

    return render_sweep(_measured(content))


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
    return _measured(content) if isinstance(content, SweepContent) else content


def _measured(content: SweepContent) -> SweepContent:
    return dataclasses.replace(
        content,
        equal_counts=compare_settings(content.trials, content.manifest.get("space_bounds") or {}),
        importance=importance_of(content.manifest, content.trials),
        best_of=best_of_trials(content.trials),
    )


def write_page(path: Path, content: Content) -> None:
    """Write the report of a run as one HTML file.

    Raises:
        StorageError: It cannot be written; an old one is untouched.
    """
    folder = RunFolder(path.parent)
    is_own = path == folder.report_path and folder.manifest_path.is_file()
    write_page_file(
        path,
        render_page(content),
        then="then draw it with `fitgap report`",
        mover="`fitgap repair`" if is_own else "",  # it looks nowhere but in the run
    )


def _as_json(finding: Finding) -> dict[str, Any]:
    values = dataclasses.asdict(finding)
    values["numbers"] = {name: _finite(value) for name, value in finding.numbers.items()}
    return values


def _finite(value: Any) -> Any:  # noqa: ANN401 - a number, a text, or nothing
    """Return a value as JSON has it: NumPy's as Python's, NaN and infinity as null."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
