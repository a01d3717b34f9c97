"""The answer to a study's question, with everything that a report shows of it."""

import dataclasses
from collections.abc import Sequence

from reports.findings import Finding
from reports.study_content import ForestFigure, ResponseFigure, StudyTable


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudyAnswer:
    """Hold what a study concludes.

    Attributes:
        answer: One sentence that answers the question, with its numbers.
        paragraph: Further sentences.
        findings: The conclusions that are its own, most important first.
        figures: What shows it.
        tables: What the figures do not show.
    """

    answer: str
    paragraph: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    figures: Sequence[ResponseFigure | ForestFigure] = ()
    tables: Sequence[StudyTable] = ()
