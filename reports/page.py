"""The report: one HTML file that needs nothing else, not even a network."""

import base64
import contextlib
import functools
import hashlib
import os
import tempfile
from importlib import resources
from pathlib import Path
from typing import Final

import jinja2
import pandas as pd
from markupsafe import Markup

from reports import cards, conclusion, method, summary_trials, tables, theme, wording
from reports.content import SweepContent
from reports.section_curves import chosen_section, winner_section
from reports.section_pruning import pruning_section
from reports.section_scores import scores_section
from reports.section_trials import capacity_section, fit_map_section, settings_section
from reports.sections import Section

LARGE: Final = 1000  # trials from which on their table is folded, so that the page opens at once


def render_sweep(content: SweepContent) -> str:
    """Write the report of a sweep.

    Args:
        content: The run. A run without any finished trial yields a page that says so.

    Returns:
        A whole HTML document, the same for the same content.
    """
    judged = summary_trials.with_verdicts(content.trials, content.verdicts)
    winner = str((content.winner or {}).get("trial", ""))
    searched = judged[judged["stage"] == "search"]
    drawn = _sections(content, searched, winner)
    trials = tables.trial_table(judged, winner=winner, score_name=content.score_name)
    shown = {f"{section.id}-table": section.table for section in drawn} | {"trial-table": trials}
    alignment = "".join(tables.alignment(table, name) for name, table in shown.items())
    script = _asset("report.js")
    style = f"{theme.style_sheet()}\n{_asset('report.css')}\n{alignment}"
    return _template().render(
        title=_title(content),
        created=method.day(content.manifest.get("created")),
        source=method.source(content),
        headline=conclusion.headline(content),
        paragraph=conclusion.paragraph(content),
        cards=cards.cards(content),
        alerts=cards.notices(content.findings, ("alarm", "warning")),
        remarks=cards.notices(content.findings, ("good", "info")),
        sections=drawn,
        trials=trials,
        failures=tables.failures(judged),
        glyphs={verdict: mark.glyph for verdict, mark in theme.MARKS.items()},
        is_large=len(judged) > LARGE,
        method=method.sentences(content),
        facts=method.facts(content),
        command=wording.clean(str(content.manifest.get("command") or "")),
        style=Markup(style),  # noqa: S704  # our own file and palette
        script=Markup(script),  # noqa: S704  # our own file
        policy=_policy(style, script),
    )


def write_report(path: Path, html: str) -> None:
    """Write a report so that the file is whole at every moment: the old one, or the new one.

    Args:
        path: The file; its folder must exist.
        html: The document.

    Raises:
        OSError: The folder cannot be written, or is full; an old report is untouched.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(html.encode("utf-8", errors="replace"))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sections(content: SweepContent, searched: pd.DataFrame, winner: str) -> list[Section]:
    """Draw the figures, in the order in which they are read."""
    drawn = (
        scores_section(content, searched),
        winner_section(content),
        capacity_section(searched, winner),
        fit_map_section(searched, winner),
        settings_section(content, searched, winner),
        chosen_section(content, searched),
        pruning_section(content),
    )
    return [section for section in drawn if section is not None]


def _title(content: SweepContent) -> str:
    name = content.data.get("name") or content.manifest.get("name") or "sweep"
    return wording.shorten(str(name))


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
    return (resources.files("reports") / name).read_text(encoding="utf-8").strip()


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=_cleaned,
    )  # fmt: skip
    return environment.from_string(_asset("sweep_report.html"))


def _cleaned(value: object) -> object:
    """Clean whatever the template prints, wherever it comes from, but for our own markup."""
    # A percent sign never begins a line.
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return wording.clean(value).replace(" %", "\u00a0%")
