"""The sections of a comparison's page: curves of the runs, and the runs side by side."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports import theme, wording
from reports.comparison_content import ComparisonContent, CurvesFigure, RunSide
from reports.drawing.figure import Key, Section, panel
from reports.figures import compare as figure
from reports.sections.study import NOTHING, figure_sections
from reports.summaries.compare import Overlay, overlay
from reports.tables.table import Column, Format, Table, first_rows, whole_table

LONGEST_NETWORK: Final = 80


def comparison_sections(content: ComparisonContent) -> list[Section]:
    """Draw the figures of a comparison, with the same mark for a run in all of them."""
    marks = theme.series_marks(content.labels)
    marks = {name: marks[name] for name in content.labels}
    drawn: list[Section] = []
    for one in content.figures:
        if isinstance(one, CurvesFigure):
            drawn.append(_curves(one, marks))
        else:
            drawn += map(_any_pairs, figure_sections([one], first=content.labels))
    return drawn


def runs_table(content: ComparisonContent) -> Table:
    """Write the runs side by side, one a row, in the order in which they were given."""
    table = pd.DataFrame([_row(run) for run in content.runs])
    write = _written(content.runs)
    columns = [
        Column(source="run", title="Run", write=wording.shorten, numeric=False),
        Column(source="verdict", title="Fit", write=str, numeric=False),
        Column(source="kind", title="Kind", write=wording.shorten, numeric=False),
        Column(source="data", title="Data", write=wording.shorten, numeric=False),
        Column(source="score", title=f"Validation {content.metric}", write=wording.score),
        Column(source="score_low", title="from", write=wording.score),
        Column(source="score_high", title="to", write=wording.score),
        Column(source="seeds", title="Seeds", write=wording.count),
        Column(source="loss", title="Loss", write=write),
        Column(source="gap", title="Loss gap", write=wording.loss),
        Column(source="gap_low", title="Gap from", write=wording.loss),
        Column(source="gap_high", title="Gap to", write=wording.loss),
        Column(source="test", title=f"Test {content.metric}", write=wording.score),
        Column(source="parameters", title="Parameters", write=wording.count),
        Column(source="network", title="Network", write=_network, numeric=False),
        Column(source="trials", title="Trials", write=wording.count),
        Column(source="seconds", title="Seconds", write=wording.loss),
        Column(source="state", title="State", write=wording.shorten, numeric=False),
    ]
    labels = content.labels
    caption = (
        f"{wording.plural(len(labels), 'run')}, each by the network that stands for it: score and "
        "loss are means over its seeds with 95 % intervals, or over rows where there is one seed; "
        "the gap is validation minus train loss. The highlighted row has the highest mean score, "
        "which alone shows nothing."
    )
    if not content.best:
        caption = caption.rpartition(" The highlighted")[0]
    return dataclasses.replace(
        whole_table(table, caption, columns),
        marks=tuple(run.verdict or "failed" for run in content.runs),
        winner=labels.index(content.best) if content.best else -1,
    )


def _any_pairs(section: Section) -> Section:
    """Call differences what they are: those of runs need not be paired, as those of arms are."""
    caption = section.table.caption.replace("Paired differences", "Differences")
    return dataclasses.replace(section, table=dataclasses.replace(section.table, caption=caption))


def _row(run: RunSide) -> dict[str, object]:
    design, counts = run.manifest.get("study") or {}, run.manifest.get("counts") or {}
    study = str(design.get("study") or "") if isinstance(design, Mapping) else ""
    spent = (run.manifest.get("seconds") or {}).get("total")
    planned = counts.get("planned")
    return {
        "run": run.label,
        "verdict": run.verdict or "none finished",
        "kind": f"study {study}".strip() if run.manifest.get("kind") == "study" else "sweep",
        "data": str(run.data.get("name") or wording.MISSING),
        "score": run.score[0],
        "score_low": run.score[1],
        "score_high": run.score[2],
        "seeds": run.seeds or math.nan,
        "loss": run.loss[0],
        "gap": run.gap[0],
        "gap_low": run.gap[1],
        "gap_high": run.gap[2],
        "test": run.test[0],
        "parameters": run.parameters or math.nan,
        "network": run.network,
        "trials": planned if wording.is_number(planned) else math.nan,
        "seconds": spent if wording.is_number(spent) else math.nan,
        "state": str(run.manifest.get("state") or "unknown"),
    }


def _written(runs: Sequence[RunSide]) -> Format:
    return wording.aligned([run.loss[0] for run in runs])


def _network(value: object) -> str:
    return wording.shorten(str(value), LONGEST_NETWORK) or wording.MISSING


def _curves(one: CurvesFigure, marks: Mapping[str, theme.Mark]) -> Section:
    summaries = [overlay(each) for each in one.panels]
    return Section(
        id=one.id,
        title=one.title,
        link=one.title,
        finding=one.finding,
        how_to_read=one.how_to_read,
        panels=tuple(
            panel(
                figure.overlay(summary, marks),
                f"{summary.title}, one line a run, against {summary.x_name}. {one.finding}",
                f"{one.id}-p{place}",
            )
            for place, summary in enumerate(summaries)
        ),
        table=_curves_table(one),
        key=_key(summaries, marks),
        note=" ".join(part for part in (one.note, _note(summaries)) if part),
    )


def _key(summaries: Sequence[Overlay], marks: Mapping[str, theme.Mark]) -> tuple[Key, ...]:
    """Name the runs in full, since the drawing has no room for long names."""
    drawn = {line.name for summary in summaries for line in summary.lines}
    return tuple(
        Key(name=wording.shorten(name), glyph=theme.glyph(mark), style=f"ink-{mark.ink}")
        for name, mark in marks.items()
        if name in drawn
    )


def _note(summaries: Sequence[Overlay]) -> str:
    cut = sum(summary.cut for summary in summaries)
    if not any(summary.lines for summary in summaries):
        return NOTHING
    return f"{wording.plural(cut, 'point')} beyond the axis, drawn at its end." if cut else ""


def _curves_table(one: CurvesFigure) -> Table:
    parts = [each.table.assign(panel=each.title) for each in one.panels]
    values = pd.concat(parts, ignore_index=True)
    columns = [
        Column(source="panel", title="panel", write=wording.shorten, numeric=False),
        Column(source="series", title="run", write=wording.shorten, numeric=False),
        Column(source="x", title=" or ".join(_x_names(one)), write=wording.setting),
        Column(source="y", title="value", write=wording.loss),
        Column(source="low", title="from", write=wording.loss),
        Column(source="high", title="to", write=wording.loss),
    ]
    return first_rows(values, f"{one.title}, with 95 % intervals where there are any.", columns)


def _x_names(one: CurvesFigure) -> list[str]:
    return list(dict.fromkeys(each.x_name for each in one.panels))
