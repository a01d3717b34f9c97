"""The page of a comparison: several runs side by side, in one HTML file."""

from collections.abc import Sequence
from typing import Final

from reports import theme, wording
from reports.comparison_content import ComparisonContent, RunSide
from reports.figures.page import TableSection, comparison_sections, table_sections
from reports.pages import document
from reports.pages.cards import Card, notices
from reports.pages.conclusion import PHRASES, other_trials
from reports.pages.method import Facts, day, group, source
from reports.tables.runs import runs_table
from reports.tables.study import shown_table

INKS: Final = theme.INKS | theme.SERIES_INKS
TOLD_EACH: Final = 12  # findings of one kind that are told one by one
MOST_CARDS: Final = 6
MOST_NAMED: Final = 4
FEW_RUNS: Final = 8  # a table of more has a filter


def render_comparison(content: ComparisonContent) -> str:
    """Write the page of a comparison.

    Args:
        content: What the runs say together. Where there is nothing to compare, it says so.

    Returns:
        A whole HTML document, the same for the same content.
    """
    drawn = comparison_sections(content)
    shown = table_sections([*content.tables, content.differing], drawn)
    runs = runs_table(content)
    same = shown_table(content.same)
    values = {
        "kind": "comparison",
        "title": _title(content),
        "created": "",
        "source": _sources(content.runs),
        "headline": content.answer,
        "paragraph": content.paragraph,
        "cards": _cards(content),
        "alerts": notices(content.findings, ("alarm", "warning"), each=TOLD_EACH),
        "remarks": notices(content.findings, ("good", "info"), each=TOLD_EACH),
        "sections": [_link(content), *drawn, *shown],
        "figures": drawn,
        "tables": shown,
        "runs": runs,
        "has_filter": len(content.runs) > FEW_RUNS,
        "same": same,
        "same_id": "same-settings-table",
        "settings_id": shown[-1].id,
        "method": content.method,
        "facts": _facts(content.runs),
        "command": content.command,
    }
    grids = {f"{section.id}-table": section.table for section in drawn}
    grids |= {f"{section.id}-table": section.table for section in shown}
    grids |= {"same-settings-table": same, "trial-table": runs}
    return document.render("compare_report.html", values, grids, inks=INKS, style="study.css")


def _link(content: ComparisonContent) -> TableSection:
    """Return the table of runs as the table of contents names it."""
    return TableSection(id="runs", title="The runs", link="Runs", table=runs_table(content))


def _title(content: ComparisonContent) -> str:
    labels = content.labels
    if len(labels) > MOST_NAMED:
        return f"Comparison of {wording.count(len(labels))} runs"
    return f"Comparison of {wording.join(labels)}"


def _sources(runs: Sequence[RunSide]) -> str:
    """Describe the data once, or name all of them."""
    names = list(dict.fromkeys(str(run.data.get("name") or "unknown") for run in runs))
    described = {source(run.data) for run in runs}
    if len(names) == len(described) == 1:
        return f"{wording.shorten(names[0])}: {described.pop()}"
    shown = [wording.shorten(name, 40) for name in names[:MOST_NAMED]]
    more = [f"{len(names) - len(shown)} more"] if len(names) > len(shown) else []
    return wording.join([*shown, *more])


def _cards(content: ComparisonContent) -> list[Card]:
    shown = [_run_card(run, content) for run in content.runs[:MOST_CARDS]]
    rest = len(content.runs) - len(shown)
    differ = len(content.differing.table)
    settings = Card(
        name="Settings that differ",
        value=wording.count(differ),
        remark=f"of {wording.count(differ + len(content.same.table))} recorded",
    )
    more = Card(name="Further runs", value=wording.count(rest), remark="in the table below")
    return [*shown, *([more] if rest else []), settings]


def _run_card(run: RunSide, content: ComparisonContent) -> Card:
    if not run.network:
        remark = ", ".join(other_trials(run.manifest)) or "no trial has ended"
        return Card(name=run.label, value=wording.MISSING, remark=f"no network: {remark}")
    span = wording.between(run.score[1], run.score[2], wording.score)
    over = wording.plural(run.seeds, "seed") if run.seeds > 1 else "one seed, over rows"
    size = wording.plural(run.parameters, "parameter")
    name = "" if len({str(one.data.get("name")) for one in content.runs}) == 1 else (
        f"{wording.shorten(str(run.data.get('name')), 20)}: "
    )  # fmt: skip
    remark = (
        f"{name}{content.metric}, {span}, {over}; {size}; {PHRASES.get(run.verdict, run.verdict)}"
    )
    return Card(name=run.label, value=wording.score(run.score[0]), remark=remark)


def _facts(runs: Sequence[RunSide]) -> Facts:
    """Return what tells each run from all others, and how to make it again."""
    told: Facts = []
    for run in runs:
        manifest = run.manifest
        told += group(
            run.label,
            {
                "name": manifest.get("name"),
                "data": run.data.get("name"),
                "fingerprint (SHA-256)": run.data.get("fingerprint"),
                "state": manifest.get("state"),
                "started": day(manifest.get("created")),
                "finished": day(manifest.get("finished")),
                "fitgap": manifest.get("fitgap"),
                "command": manifest.get("command"),
            },
        )
    return told
