"""From a run folder to its conclusions: findings.json, and the report drawn from them."""

import dataclasses
import math
from pathlib import Path
from typing import Any, Final

import pandas as pd

from reports.content import SweepContent
from reports.findings import Finding
from studies.catalog.conclusion import conclude_study, read_results
from studies.diagnosis.networks import diagnose
from studies.findings.conclusions import SweepTables, conclude
from sweep.errors import StorageError
from sweep.runs.folder import RunFolder
from sweep.safe_files import write_json

SCHEMA: Final = 1


def write_findings(folder: RunFolder) -> list[Finding]:
    """Draw the conclusions of a run and write findings.json.

    Raises:
        StorageError: The run cannot be read, or the file not be written.
    """
    if is_study(folder):
        findings = list(conclude_study(read_results(folder)).findings)
    else:
        findings = _conclude(folder)[2]
    values = [_as_json(finding) for finding in findings]
    write_json(folder.findings_path, {"schema": SCHEMA, "findings": values})
    return findings


def is_study(folder: RunFolder) -> bool:
    """Return whether a run is a study's, not a sweep's.

    Raises:
        StorageError: The run cannot be read.
    """
    return folder.read_manifest().get("kind") == "study"


def write_report(folder: RunFolder, path: Path) -> None:
    """Draw the report of a run from its tables; TensorFlow is not needed.

    Raises:
        StorageError: The run cannot be read, or the file not be written.
    """
    page = _study_page(folder) if is_study(folder) else _sweep_page(folder)
    from reports.page import write_report as write  # noqa: PLC0415 - as below

    try:
        write(path, page)
    except OSError as err:
        size = len(page.encode())
        raise StorageError(
            f"{path}: {err.strerror}; the report needs {size:,} bytes there: make room or"
            " give write permission, then draw it with `fitgap report`"
        ) from err


def _study_page(folder: RunFolder) -> str:
    from reports.study_page import render_study  # noqa: PLC0415 - what draws takes a second to import

    return render_study(conclude_study(read_results(folder)))


def _sweep_page(folder: RunFolder) -> str:
    from reports.page import render_sweep  # noqa: PLC0415 - what draws takes a second to import

    tables, verdicts, findings = _conclude(folder)
    content = SweepContent(
        manifest=tables.manifest,
        trials=tables.trials,
        epochs=tables.epochs,
        baselines=tables.baselines,
        findings=findings,
        verdicts=verdicts,
    )
    return render_sweep(content)


def _conclude(folder: RunFolder) -> tuple[SweepTables, pd.DataFrame, list[Finding]]:
    trials, epochs = folder.tables()
    tables = SweepTables(
        manifest=folder.read_manifest(),
        trials=trials,
        epochs=epochs,
        baselines=folder.baselines(),
    )
    verdicts = diagnose(trials, epochs)
    return tables, verdicts, conclude(tables, verdicts)


def _as_json(finding: Finding) -> dict[str, Any]:
    values = dataclasses.asdict(finding)
    values["numbers"] = {name: _finite(value) for name, value in finding.numbers.items()}
    return values


def _finite(value: Any) -> Any:  # noqa: ANN401 - a number, a text, or nothing
    """Return a value as JSON has it: NumPy's as Python's, NaN and infinity as null."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
