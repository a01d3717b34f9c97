"""What a page about several runs is made from: each run in short, and what follows from them."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reports.findings import Finding
from reports.study_content import ForestFigure, MeasureScale, ResponseFigure, StudyTable

Span = tuple[float, float, float]  # a value between the ends of its interval; NaN if unknown


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunSide:
    """Hold one run as it stands beside the others.

    Attributes:
        label: What the page calls it, unique there.
        manifest: ``manifest.json`` of its folder.
        trials: The trials table; docs/tables.md.
        network: The network that stands for it, in words; ``""`` if there is none.
        parameters: Of that network; 0 if there is none.
        seeds: How many of its trials the score is a mean of.
        score: Its validation score, over seeds, or over rows if there is one seed.
        loss: Its validation loss, likewise.
        test: Its score on the test rows; NaN for what was never tested.
        gap: Its loss gap at the best epoch.
        verdict: How it fits, in a word; ``""`` if unknown.
    """

    label: str
    manifest: Mapping[str, Any]
    trials: pd.DataFrame
    network: str
    parameters: int
    seeds: int
    score: Span
    loss: Span
    test: Span
    gap: Span
    verdict: str

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the manifest's description of the data."""
        return self.manifest.get("data") or {}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CurvesPanel:
    """Hold lines over each other, one a run.

    Attributes:
        title: What is drawn.
        remark: Its unit; ``""`` for none.
        x_name: What it is drawn against, with its unit.
        x_scale: How that is laid out: ``linear`` or ``log``.
        table: One row a point: ``series`` (the run's label), ``x``, ``y``, ``low``, ``high``
            (float; NaN without interval), in the order of ``x``.
        steps: Whether a line keeps its value until the next point.
        loss: Whether high values at the start of a line may be cut off, as they are of a loss.
    """

    title: str
    remark: str
    x_name: str
    x_scale: MeasureScale = "linear"
    table: pd.DataFrame
    steps: bool = False
    loss: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CurvesFigure:
    """Hold panels of curves of the same runs, side by side.

    Attributes:
        id: Its anchor: lower-case letters, digits and hyphens.
        title: What it is about.
        finding: The caption: what it shows, with numbers.
        how_to_read: What is drawn and how it is meant.
        panels: One or more.
        note: What is not shown; ``""`` if all is.
    """

    id: str
    title: str
    finding: str
    how_to_read: str
    panels: Sequence[CurvesPanel]
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonContent:
    """Hold everything the page of a comparison shows.

    Attributes:
        runs: In the order in which they were given, two or more.
        metric: What a score is called.
        best: The label of the run whose network scores best; ``""`` if scores of different data
            stand beside each other.
        answer: The conclusion in one sentence.
        paragraph: Further sentences, with numbers.
        findings: The conclusions, most important first.
        figures: In the order in which they are read.
        tables: What the figures do not show.
        differing: The settings that differ, a column a run.
        same: The settings that are the same.
        method: How it was compared and what that cannot show.
        command: What was typed.
    """

    runs: Sequence[RunSide]
    metric: str
    best: str
    answer: str
    paragraph: Sequence[str]
    findings: Sequence[Finding]
    figures: Sequence[CurvesFigure | ResponseFigure | ForestFigure]
    tables: Sequence[StudyTable]
    differing: StudyTable
    same: StudyTable
    method: Sequence[str]
    command: str

    @property
    def labels(self) -> list[str]:
        """Return the labels of the runs, in their order."""
        return [run.label for run in self.runs]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ListedFolder:
    """Hold one run folder in a list of many.

    Attributes:
        path: Where it is, relative to the list, with ``/`` between the names.
        fault: Why it cannot be read, in one line; ``""`` if it can. Then the rest means nothing.
        report: The report, relative to the list; ``""`` if there is none.
        kind: ``sweep``, or the study's name.
        data: What it learnt from.
        created: When it began, ISO 8601; ``""`` if unknown.
        state: ``running``, ``interrupted``, ``finished`` or ``created``.
        counts: Numbers of trials by outcome, and how many were ``planned``.
        metric: What a score is called.
        score: The winner's confirmed score, or else the one it claims; NaN in a study.
        verdict: How the winner fits, in a word; ``""`` if unknown.
        conclusion: In one sentence; ``""`` if there is none yet.
    """

    path: str
    fault: str = ""
    report: str = ""
    kind: str = ""
    data: str = ""
    created: str = ""
    state: str = ""
    counts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    metric: str = "accuracy"
    score: Span = (float("nan"), float("nan"), float("nan"))
    verdict: str = ""
    conclusion: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IndexContent:
    """Hold everything the list of runs shows.

    Attributes:
        name: What was listed: the folder's name.
        folders: Newest first, those that cannot be read last.
        note: What was left out; ``""`` if nothing was.
    """

    name: str
    folders: Sequence[ListedFolder]
    note: str = ""
