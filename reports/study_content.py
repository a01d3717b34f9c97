"""What a study's report is made from: its answer, its figures as tables, and its trials."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from reports.findings import Finding
from reports.run_score import epoch_score

Scale = Literal["linear", "log", "category"]
MeasureScale = Literal["linear", "log"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFigure:
    """Hold a measure against a setting: lines or points, with intervals.

    Attributes:
        id: Its anchor: lower-case letters, digits and hyphens.
        title: What it is about.
        finding: The caption: what it shows, with numbers.
        how_to_read: What is drawn and how it is meant.
        x_name: The setting, with its unit.
        x_scale: How the setting is laid out; ``category`` for names.
        y_name: The measure, with its unit.
        y_scale: How the measure is laid out.
        table: One row a point: ``panel``, ``series`` (str), ``x`` (float; str if categories),
            ``mean``, ``low``, ``high`` (float; NaN without interval). Several panels are several
            small figures side by side.
        marks: Values of ``x`` to point out: ``panel``, ``x``, ``label``. May have no row.
        shade_gap: Whether the gap between the series ``train`` and ``validation`` is shaded.
    """

    id: str
    title: str
    finding: str
    how_to_read: str
    x_name: str
    x_scale: Scale
    y_name: str
    y_scale: MeasureScale = "linear"
    table: pd.DataFrame
    marks: pd.DataFrame = dataclasses.field(
        default_factory=lambda: pd.DataFrame(columns=["panel", "x", "label"])
    )
    shade_gap: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ForestFigure:
    """Hold paired differences between arms, and the margin within which they do not matter.

    Attributes:
        id: Its anchor: lower-case letters, digits and hyphens.
        title: What it is about.
        finding: The caption: what it shows, with numbers.
        how_to_read: What is drawn and how it is meant.
        unit: Of the differences, such as ``accuracy`` or ``nats``.
        margin: A difference of less than this does not matter; NaN or 0 if none was set.
        table: One row a comparison: ``comparison`` (str), ``difference``, ``low``, ``high``
            (float), ``verdict`` (``better``, ``worse``, ``equivalent`` or ``undecided``).
    """

    id: str
    title: str
    finding: str
    how_to_read: str
    unit: str
    margin: float
    table: pd.DataFrame


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudyTable:
    """Hold a table that is shown as it is.

    Attributes:
        id: Its anchor: lower-case letters, digits and hyphens.
        title: What it holds.
        table: Any columns, named for people.
        note: What else is to be known about it; ``""`` if nothing.
    """

    id: str
    title: str
    table: pd.DataFrame
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudyContent:
    """Hold everything the report of one study shows.

    Attributes:
        manifest: ``manifest.json`` of the run folder; its ``study`` is the design: ``name``,
            ``question``, ``arms``, ``nuisance``, ``fixed``, ``seeds``, ``folds``.
        question: What was asked.
        answer: The conclusion in one sentence.
        paragraph: Further sentences, with numbers.
        findings: The conclusions, most important first.
        figures: In the order in which they are read.
        tables: Such as the arms and the comparisons.
        trials: One row a trial; docs/tables.md.
        verdicts: One row a trial; docs/verdicts.md. May have no row.
        epochs: One row a trial and epoch, docs/tables.md; None if the page is to have no curves of
            single trials.
    """

    manifest: Mapping[str, Any]
    question: str
    answer: str
    paragraph: Sequence[str]
    findings: Sequence[Finding]
    figures: Sequence[ResponseFigure | ForestFigure]
    tables: Sequence[StudyTable]
    trials: pd.DataFrame
    verdicts: pd.DataFrame
    epochs: pd.DataFrame | None = None

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the manifest's description of the data."""
        return self.manifest.get("data") or {}

    @property
    def design(self) -> Mapping[str, Any]:
        """Return the manifest's description of the study."""
        return self.manifest.get("study") or {}

    @property
    def score_name(self) -> str:
        """Return what a score is called."""
        return epoch_score(self.manifest).title
