"""A page as one file: a filled template, its style and script, a policy that bars all else."""

import base64
import functools
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import jinja2
from markupsafe import Markup

from reports import theme, wording
from reports.sections import tables
from reports.sections.tables import Table

LARGE: Final = 1000  # trials from which on their table is folded, so that the page opens at once


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
        grids: Every table of the page by its id there, for the alignment of its columns.
        inks: The colours of the page.
        style: Name of a style sheet that only this kind of page has; ``""`` for none.

    Returns:
        A whole HTML document, the same for the same values.
    """
    alignment = "".join(tables.alignment(table, name) for name, table in grids.items())
    own = f"{_asset(style)}\n" if style else ""
    sheet = f"{theme.style_sheet(inks)}\n{_asset('report.css')}\n{own}{alignment}"
    script = _asset("report.js")
    return _environment().get_template(template).render(
        **values,
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


@functools.cache
def _asset(name: str) -> str:
    return (resources.files("reports.pages") / name).read_text(encoding="utf-8").strip()


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=_cleaned, loader=jinja2.FunctionLoader(_asset),
    )  # fmt: skip


def _cleaned(value: object) -> object:
    """Clean whatever the template prints, wherever it comes from, but for our own markup."""
    # A percent sign never begins a line.
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return wording.clean(value).replace(" %", "\u00a0%")
