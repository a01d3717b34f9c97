"""The list of many runs: one page that leads to the report of each."""

import dataclasses
import math
import os
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from reports import theme, wording
from reports.comparison_content import IndexContent, ListedFolder
from reports.pages import document
from reports.pages.cards import Card
from reports.pages.conclusion import other_trials
from reports.pages.method import day
from reports.tables.table import Column, Table, whole_table

LONGEST_CONCLUSION: Final = 260
STATES: Final = ("finished", "running", "interrupted", "created")


def render_index(content: IndexContent) -> str:
    """Write the list of runs.

    Args:
        content: The runs. Without any, the page says so.

    Returns:
        A whole HTML document, the same for the same content.
    """
    listed = [one for one in content.folders if not one.fault]
    faults = [one for one in content.folders if one.fault]
    runs = _table(listed)
    values = {
        "title": wording.shorten(content.name),
        "headline": _headline(content.name, listed),
        "note": content.note,
        "cards": _cards(listed, faults),
        "runs": runs,
        "faults": [
            (wording.shorten(one.path, 120), wording.shorten(one.fault, 300)) for one in faults
        ],
        "is_large": len(listed) > document.LARGE,
    }
    grids = {"trial-table": runs}
    return document.render("index_report.html", values, grids, inks=theme.INKS, style="index.css")


def _headline(name: str, listed: list[ListedFolder]) -> str:
    place = wording.shorten(name, 60)
    if not listed:
        return f"No run in {place}."
    newest = day(max(one.created for one in listed))
    since = f", the newest of {newest}" if newest else ""
    return f"{wording.plural(len(listed), 'run')} in {place}{since}."


def _cards(listed: list[ListedFolder], faults: list[ListedFolder]) -> list[Card]:
    states = [one.state for one in listed]
    kinds = [one.kind for one in listed]
    told = [f"{wording.count(states.count(state))} {state}" for state in STATES if state in states]
    studies = sum(kind != "sweep" for kind in kinds)
    cards = [
        Card(
            name="Runs",
            value=wording.count(len(listed)),
            remark=f"{wording.plural(len(listed) - studies, 'sweep')}, "
            f"{wording.count(studies)} {'study' if studies == 1 else 'studies'}",
        ),
        Card(
            name="Finished",
            value=wording.count(states.count("finished")),
            remark=", ".join(told) or "none",
        ),
        Card(
            name="Data sets",
            value=wording.count(len({one.data for one in listed})),
            remark="by their names",
        ),
    ]
    if faults:
        remark = "listed below, with the reason"
        cards.append(Card(name="Cannot be read", value=wording.count(len(faults)), remark=remark))
    return cards


def _table(listed: list[ListedFolder]) -> Table:
    table = pd.DataFrame([_row(one) for one in listed], columns=list(COLUMN_NAMES))
    columns = [
        Column(source="verdict", title="Fit", write=wording.shorten, numeric=False),
        Column(source="conclusion", title="Conclusion", write=str, numeric=False),
        Column(source="score", title="Score", write=wording.score),
        Column(source="interval", title="95 % interval", write=str, numeric=False),
        Column(source="data", title="Data", write=wording.shorten, numeric=False),
        Column(source="kind", title="Kind", write=wording.shorten, numeric=False),
        Column(source="started", title="Started", write=str, numeric=False),
        Column(source="state", title="State", write=wording.shorten, numeric=False),
        Column(source="finished", title="Finished", write=wording.count),
        Column(source="others", title="Other trials", write=str, numeric=False),
    ]
    caption = (
        f"{wording.plural(len(listed), 'run')}, newest first. Score: of the winner of a sweep, "
        "its validation score, over fresh seeds where there is an interval, else as the search "
        "claims it; fit: how that winner fits. A name leads to the report, if there is one."
    )
    made = whole_table(table, caption, columns)
    return dataclasses.replace(
        made,
        # A data frame would make plain text of the links.
        rows=tuple((_link(one), *row) for one, row in zip(listed, made.rows, strict=True)),
        header=("Run", *made.header),
        numeric=(False, *made.numeric),
        marks=tuple(one.verdict for one in listed),
    )


COLUMN_NAMES: Final = (
    "verdict", "kind", "data", "started", "state", "finished", "others", "score",
    "interval", "conclusion",
)  # fmt: skip


def _row(one: ListedFolder) -> Mapping[str, Any]:
    finished = one.counts.get("finished")
    return {
        "verdict": one.verdict or wording.MISSING,
        "kind": one.kind,
        "data": one.data,
        "started": day(one.created),
        "state": one.state,
        "finished": finished if wording.is_number(finished) else math.nan,
        "others": _others(one),
        "score": one.score[0],
        "interval": _interval(one),
        "conclusion": wording.shorten(one.conclusion, LONGEST_CONCLUSION),
    }


def _others(one: ListedFolder) -> str:
    planned = one.counts.get("planned")
    of_planned = [f"{wording.count(planned)} planned"] if wording.is_number(planned) else []
    return ", ".join([*of_planned, *other_trials({"counts": one.counts})])


def _interval(one: ListedFolder) -> str:
    score, low, high = one.score
    if wording.is_number(low):
        return wording.ends(low, high)
    return "not confirmed" if wording.is_number(score) else wording.MISSING


def _link(one: ListedFolder) -> str:
    """Return the run's name, as a link to its report if it has one."""
    name = wording.shorten(one.path, 120)
    if not one.report:
        return name
    # A path that begins with a dot is never read as a scheme, and a quoted one ends no attribute.
    address = f"./{quote(os.fsencode(one.report.removeprefix('./')))}"
    return Markup('<a href="{}">{}</a>').format(address, name)
