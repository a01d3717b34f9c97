"""The sections of a study's page: its figures with their numbers, and its tables."""

import contextlib
import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing.figure import Guard, Key, Section, panel
from reports.figures import categories, response
from reports.figures import forest as forest_figure
from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.summaries.forest import ForestSummary, forest
from reports.summaries.response import (
    ResponsePanel,
    response_panels,
    series_names,
    shares_axis,
)
from reports.tables.study import shown_table
from reports.tables.table import Column, Table, first_rows

TAKEN: Final = frozenset(
    {"alerts", "filter", "main", "method", "remarks", "shown", "theme", "tools", "trial-table",
     "trials"}
)  # fmt: skip
DERIVED: Final = re.compile(r"-(table|finding|p\d+(-\d+)?)$")  # ids that a section makes itself
DIGITS: Final = 4  # of the numbers behind a figure
LONGEST_TITLE: Final = 120
LONGEST_LINK: Final = 40
NOTHING: Final = "There is nothing to draw: no trial gave a value."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TableSection:
    """Hold one table of the page that belongs to no figure."""

    id: str
    title: str
    link: str
    table: Table


def figure_sections(
    figures: Sequence[ResponseFigure | ForestFigure],
    *,
    first: Sequence[str] = (),
    guard: Guard = contextlib.nullcontext,
) -> list[Section]:
    """Draw the figures of a study, with the same mark for a series in all of them.

    Args:
        figures: In the order in which they are read.
        first: Series that have the first marks, on a page with other figures of them.
        guard: What each is drawn in, given its name: it may end without it.
    """
    named = [one for one in figures if isinstance(one, ResponseFigure)]
    marks = theme.series_marks([*first, *(name for one in named for name in series_names(one))])
    anchors = make_anchors([one.id for one in figures], TAKEN)
    drawn: list[Section] = []
    for one, anchor in zip(figures, anchors, strict=True):
        with guard(f"figure.{anchor}"):
            drawn.append(
                _response(one, anchor, marks)
                if isinstance(one, ResponseFigure)
                else _forest(one, anchor)
            )
    return drawn


def table_sections(tables: Sequence[StudyTable], drawn: Sequence[Section]) -> list[TableSection]:
    """Write the tables of a study.

    Args:
        tables: In the order in which they are read.
        drawn: The sections before them, whose anchors are taken.
    """
    anchors = make_anchors([one.id for one in tables], TAKEN | {section.id for section in drawn})
    return [
        TableSection(
            id=anchor,
            title=wording.shorten(one.title, LONGEST_TITLE),
            link=wording.shorten(one.title, LONGEST_LINK),
            table=shown_table(one),
        )
        for one, anchor in zip(tables, anchors, strict=True)
    ]


def make_anchors(names: Sequence[str], taken: frozenset[str] | set[str]) -> list[str]:
    """Turn names into anchors: letters, digits and hyphens, each of them once.

    Args:
        names: Any texts.
        taken: Anchors that stand elsewhere on the page.
    """
    used = set(taken)
    anchors = []
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "part"
        slug = f"{slug}-part" if DERIVED.search(slug) else slug
        anchor, number = slug, 1
        while anchor in used:
            number += 1
            anchor = f"{slug}-{number}"
        used.add(anchor)
        anchors.append(anchor)
    return anchors


def _response(figure: ResponseFigure, anchor: str, marks: Mapping[str, theme.Mark]) -> Section:
    panels = response_panels(figure)
    drawn = _response_panels(figure, panels, marks)
    return Section(
        id=anchor,
        title=wording.shorten(figure.title, LONGEST_TITLE),
        link=wording.shorten(figure.title, LONGEST_LINK),
        finding=figure.finding,
        how_to_read=figure.how_to_read,
        panels=tuple(
            panel(one, _panel_name(shown, figure, len(panels)), f"{anchor}-p{place}")
            for place, (one, shown) in enumerate(zip(drawn, panels, strict=True))
        ),
        table=_response_table(figure),
        key=_key(figure, marks),
        note=_response_note(panels),
    )


def _forest(figure: ForestFigure, anchor: str) -> Section:
    summary = forest(figure)
    drawn = _forest_panels(summary)
    return Section(
        id=anchor,
        title=wording.shorten(figure.title, LONGEST_TITLE),
        link=wording.shorten(figure.title, LONGEST_LINK),
        finding=figure.finding,
        how_to_read=figure.how_to_read,
        panels=tuple(panel(one, figure.finding, f"{anchor}-p0") for one in drawn),
        table=_forest_table(figure),
        note=_forest_note(summary),
    )


def _response_panels(
    figure: ResponseFigure, panels: Sequence[ResponsePanel], marks: Mapping[str, theme.Mark]
) -> list[Figure]:
    draw = categories.categories if figure.x_scale == "category" else response.response
    return [draw(one, marks) for one in panels]


def _forest_panels(summary: ForestSummary) -> list[Figure]:
    return [forest_figure.forest(summary)] if len(summary.rows) else []


def _panel_name(panel_: ResponsePanel, figure: ResponseFigure, panels: int) -> str:
    if panels == 1:
        return figure.finding
    return f"{panel_.title}: {figure.y_name} against {figure.x_name}."


def _key(figure: ResponseFigure, marks: Mapping[str, theme.Mark]) -> tuple[Key, ...]:
    """Name the series in full, where the drawing has no room for that."""
    names = series_names(figure)
    room = categories.LONGEST_KEY if figure.x_scale == "category" else response.LONGEST_LABEL
    if all(len(name) <= room for name in names):
        return ()
    return tuple(
        Key(
            name=wording.shorten(name),
            glyph=theme.glyph(marks[name]),
            style=f"ink-{marks[name].ink}",
        )
        for name in names
    )


def _response_note(panels: Sequence[ResponsePanel]) -> str:
    if not panels:
        return NOTHING
    lost, cut = sum(len(one.lost) for one in panels), sum(one.cut for one in panels)
    undrawn = sum(one.undrawn for one in panels)
    parts = []
    if lost:
        parts.append(f"{wording.plural(lost, 'point')} without a result (✕).")
    if undrawn:
        points = wording.plural(undrawn, "point")
        parts.append(f"{points} not drawn: a log axis has no place for zero or less.")
    if cut:
        parts.append(f"{wording.plural(cut, 'interval')} longer than the axis, cut at its edge.")
    if not shares_axis(panels):
        parts.append("Each panel has its own scale.")
    return " ".join(parts)


def _forest_note(summary: ForestSummary) -> str:
    if summary.rows.empty:
        return NOTHING
    parts = []
    beyond = int((summary.rows["beyond"] != "").sum())
    if beyond:
        parts.append(f"{wording.plural(beyond, 'difference')} beyond the axis, drawn as an arrow.")
    unknown = int(summary.rows["difference"].isna().sum())
    if unknown:
        parts.append(f"{wording.plural(unknown, 'comparison')} without a result.")
    if summary.left_out:
        parts.append(f"{wording.count(summary.left_out)} more stand in the table.")
    return " ".join(parts)


def _response_table(figure: ResponseFigure) -> Table:
    of_names = figure.x_scale == "category"
    values = figure.table[["mean", "low", "high"]].to_numpy(float).ravel()
    write = wording.aligned(values.tolist(), digits=DIGITS)
    columns = [
        Column(source="panel", title="panel", write=_name, numeric=False),
        Column(source="series", title="series", write=_name, numeric=False),
        Column(source="x", title=figure.x_name, write=_name if of_names else wording.setting,
               numeric=not of_names),
        Column(source="mean", title=figure.y_name, write=write),
        Column(source="low", title="from", write=write),
        Column(source="high", title="to", write=write),
    ]  # fmt: skip
    table = figure.table
    if table["panel"].astype(str).nunique() < 2:
        columns = columns[1:]
    return first_rows(table, f"{figure.y_name} against {figure.x_name}, with intervals.", columns)


def _forest_table(figure: ForestFigure) -> Table:
    margin = (
        f", margin {wording.setting(figure.margin)}" if wording.is_number(figure.margin) else ""
    )
    values = figure.table[["difference", "low", "high"]].to_numpy(float).ravel()
    write = wording.aligned(values.tolist(), digits=DIGITS)
    return first_rows(
        figure.table,
        f"Paired differences in {figure.unit} with intervals{margin}.",
        [
            Column(source="comparison", title="comparison", write=_name, numeric=False),
            Column(source="difference", title="difference", write=write),
            Column(source="low", title="from", write=write),
            Column(source="high", title="to", write=write),
            Column(source="verdict", title="verdict", write=_name, numeric=False),
        ],
    )


def _name(value: object) -> str:
    return wording.shorten(str(value), 120)
