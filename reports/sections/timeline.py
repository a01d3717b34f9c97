"""The section that shows where the time of a run went."""

from typing import Final

from reports import wording
from reports.content import SweepContent
from reports.figures import timeline as figures
from reports.sections.section import Key, Section, panel
from reports.sections.tables import Column, Table, figure_table
from reports.summaries.timeline import MOST_ROWS, Timeline, timeline

HOW_TO_READ: Final = (
    "How long each trial trained is measured, and so is how long each stage took; which worker "
    "trained which trial, and when, is not recorded. The rows are therefore laid out: in the order "
    "of the slots, each trial goes to the worker that would be free first. Trials of a cohort are "
    "trained together; each has its share of the time, and their bars stand side by side. Full "
    "bars finished, low hollow ones were pruned, those with a cross gave no result. Where only the "
    "thin line runs, a worker had nothing to train: it loaded, compiled, waited for the next "
    "configuration or for the others to end, in truth spread over the whole stage. The number on "
    "the right is the share of the time of the stages that the bars of a row cover. Baselines are "
    "fitted by the run itself, without its workers; stages too short for their names have none."
)
SIGNS: Final = {"finished": "▬", "pruned": "▭", "diverged": "✕", "failed": "✚"}


def timeline_section(content: SweepContent) -> Section | None:
    """Show how long the trials trained and how busy the workers were.

    Args:
        content: The run.

    Returns:
        The section, or None where nothing was trained or the number of workers is not known.
    """
    summary = timeline(content.trials, content.manifest)
    if summary is None:
        return None
    finding = _finding(summary)
    return Section(
        id="timeline",
        title="Where the time went",
        link="Time",
        finding=finding,
        how_to_read=HOW_TO_READ,
        panels=(
            panel(
                figures.timeline(summary, [_percent(share) for share in summary.shares]),
                finding,
                "timeline",
            ),
        ),
        table=_table(summary),
        key=tuple(
            Key(name=kind, glyph=SIGNS[kind], style=f"mark-{kind}", trials=number)
            for kind, number in summary.counts.items()
        ),
        note=_note(summary),
    )


def _finding(summary: Timeline) -> str:
    workers = wording.plural(summary.workers, "worker")
    text = f"The run took {wording.seconds(summary.took)} with {workers}"
    if wording.is_number(summary.busy):
        text += f", busy training {_percent(summary.busy)} of the time"
    trial = wording.shorten(summary.slowest, 24)
    return (
        f"{text}. The slowest trial, {trial}, trained for "
        f"{wording.seconds(summary.slowest_seconds)}: {_percent(summary.slowest_share)} of all "
        "training time."
    )


def _percent(share: float) -> str:
    if not wording.is_number(share):
        return wording.MISSING
    return f"{100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def _note(summary: Timeline) -> str:
    parts = ["Durations are measured; which worker had which trial is not recorded."]
    if summary.is_merged:
        parts.append("In crowded rows a bar stands for several trials, by the outcome of most.")
    if summary.workers > MOST_ROWS:
        parts.append(f"Drawn are {MOST_ROWS} of {wording.count(summary.workers)} workers.")
    return " ".join(parts)


def _table(summary: Timeline) -> Table:
    return figure_table(
        summary.stages,
        "How long each stage took, and how long its trials trained, all workers together.",
        [
            Column(source="stage", title="stage", write=wording.shorten, numeric=False),
            Column(source="trials", title="trials", write=wording.count),
            Column(source="took", title="took", write=wording.seconds),
            Column(source="trained", title="trained", write=wording.seconds),
            Column(source="busy", title="busy", write=_percent),
        ],
    )
