"""A page as one file: a filled template, its style and script, a policy that bars all else."""

import base64
import collections
import functools
import hashlib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from reports import theme, wording
from reports.pages import trial_rows
from reports.tables import table as tables
from reports.tables.table import Table

_SHORT: Final = {verdict: f"m{place}" for place, verdict in enumerate(theme.MARKS)}
LARGE: Final = 1000  # trials from which on their table is folded, so that the page opens at once
SCRIPTS: Final = (
    "report.js", "trial_table.js", "trial_chart.js", "trial_marks.js", "trial_panel.js",
    "downloads.js",
)  # fmt: skip


def render(
    template: str,
    values: Mapping[str, Any],
    grids: Mapping[str, Table],
    *,
    inks: Mapping[str, theme.Ink] = theme.INKS,
    style: str = "",
) -> str:
    """Fill a template.

    Args:
        template: Name of the file, beside this one.
        values: What the template prints, by name; everything is escaped but `Markup`.
        grids: Every table of the page by its id there, for the alignment of its columns. Names
            of trials in sentences become links to the rows of ``trial-table``, where these have
            anchors.
        inks: The colours of the page.
        style: Name of a style sheet that only this kind of page has; ``""`` for none.

    Returns:
        A whole HTML document, the same for the same values.
    """
    alignment = "".join(tables.alignment(table, name) for name, table in grids.items())
    own = f"{_asset(style)}\n" if style else ""
    sheet = f"{theme.style_sheet(inks)}\n{_glyphs()}\n{_asset('report.css')}\n{own}{alignment}"
    script = '"use strict";\n' + "\n".join(_asset(name) for name in SCRIPTS)
    return _environment().get_template(template).render(
        **values,
        linked=_linker(grids.get("trial-table")),
        isolated=_isolated,
        glyphs={verdict: mark.glyph for verdict, mark in theme.MARKS.items()},
        style=Markup(sheet),  # noqa: S704  # our own file and palette
        script=Markup(script),  # noqa: S704  # our own file
        policy=_policy(sheet, script),
    )  # fmt: skip


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def body_rows(table: Table, *, lean: bool = False) -> Markup:
    """Write the rows of a table; the template would take ten times as long for 10,000 of them.

    Args:
        table: Any table.
        lean: Whether cells and rows go without their end tags, as HTML allows, and classes have
            short names: two fifths of the bytes of a long table.
    """
    end_head, end_cell, end_row = ("", "", "") if lean else ("</th>", "</td>", "</tr>")
    given = _SHORT if lean else {verdict: f"mark-{verdict}" for verdict in theme.MARKS}
    classes = collections.defaultdict(lambda: given["undecided"], given)
    known: dict[str, str] = {}
    lines = []
    for place, row in enumerate(table.rows):
        texts = [_escaped(text, known) for text in row]
        name = f' id="{table.ids[place]}"' if table.ids and table.ids[place] else ""
        style = ' class="winner"' if place == table.winner else ""
        cells = [f"<td>{text}{end_cell}" for text in texts[1:]]
        if table.marks and table.marks[place] and cells:
            cells[0] = f'<td class="{classes[table.marks[place]]}">{texts[1]}{end_cell}'
        first = f'<th scope="row">{texts[0]}{end_head}' if texts else ""
        lines.append(f"<tr{name}{style}>{first}{''.join(cells)}{end_row}\n")
    return Markup("".join(lines))  # noqa: S704  # every text in it is escaped


def _escaped(text: str, known: dict[str, str]) -> str:
    """Clean and escape a text, once for all that are the same."""
    if isinstance(text, Markup):
        return str(text)
    if text not in known:
        known[text] = str(escape(_cleaned(text)))
    return known[text]


def _glyphs() -> str:
    """Return the CSS that puts a verdict's mark before its name; it is not read aloud."""
    return "\n".join(
        f".mark-{verdict}:not(span)::before,.{_SHORT[verdict]}::before"
        f'{{content:"{mark.glyph} "/"";color:var(--{mark.ink})}}'
        for verdict, mark in theme.MARKS.items()
    )


def _linker(trials: Table | None) -> Callable[[str], Markup]:
    links = trial_rows.row_links(trials) if trials else {}
    return lambda text: trial_rows.linked(_isolated(text), links)


def _isolated(text: str) -> str:
    """Clean a sentence and keep names that run from right to left off the numbers beside them."""
    return wording.isolate(str(_cleaned(text)))


@functools.cache
def _asset(name: str) -> str:
    return (resources.files("reports.pages") / name).read_text(encoding="utf-8").strip()


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=_cleaned, loader=jinja2.FunctionLoader(_asset),
    )  # fmt: skip
    environment.globals["body_rows"] = body_rows
    return environment


def _cleaned(value: object) -> object:
    """Clean whatever the template prints, wherever it comes from, but for our own markup."""
    # A percent sign never begins a line.
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return wording.clean(value).replace(" %", "\u00a0%")
