"""The table of all scores, as a page and Markdown show it: a row a score, the first one marked."""

from collections.abc import Mapping
from typing import Any

from reports import wording
from reports.content import SweepContent
from reports.run_score import RunScore, run_scores
from reports.sections.tables import Table
from reports.summaries.score_table import score_table

CAPTION = (
    "95 % intervals: of the validation over fresh seeds if it was confirmed, of all others over "
    "rows. Of several classes, ROC AUC and average precision are the mean of one against the rest; "
    "of two they are of {second}. F1 is the mean over classes."
)


def all_scores(content: SweepContent) -> Table | None:
    """Write every score of the winner and of the baselines; None if they are not known.

    Args:
        content: The run.
    """
    data = score_table(content)
    if data.empty:
        return None
    ofs = list(dict.fromkeys(zip(data["of"], data["rows"], strict=True)))
    titles = [
        f"Network, {rows}" if of == "network" else wording.shorten(of[:1].upper() + of[1:], 24)
        for of, rows in ofs
    ]
    cells = {(row["score"], row["of"], row["rows"]): row for row in data.to_dict("records")}
    scores = run_scores(content.manifest)
    lines = [
        (_title(score), *(_cell(score, cells.get((score.name, *of))) for of in ofs))
        for score in scores
    ]
    classes = list(content.data.get("classes") or ())
    second = wording.shorten(str(classes[1]), 24) if len(classes) == 2 else "the second"
    told = {} if content.is_regression else {"second": second}
    caption = CAPTION.format(**told) if told else CAPTION.partition(" Of several")[0]
    return Table(
        caption=caption,
        header=("Score", *titles),
        numeric=(False, *(True for _ in ofs)),
        rows=tuple(lines),
        winner=0,
    )


def _title(score: RunScore) -> str:
    return f"{score.heading} (chose the winner)" if score.chooses else score.heading


def _cell(score: RunScore, row: Mapping[Any, Any] | None) -> str:
    if row is None or not wording.is_number(row["value"]):
        return str((row or {}).get("reason") or wording.MISSING)
    if not wording.is_number(row["low"]):
        return score.write(row["value"])
    low, high = score.write(float(row["low"])), score.write(float(row["high"]))
    return f"{score.write(row['value'])} ({low} to {high})"
