"""The section that shows where the time of a run went."""

from typing import Final

import numpy as np

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Key, Section, panel
from reports.figures import timeline as figures
from reports.summaries.timeline import MOST_ROWS, Timeline, timeline
from reports.tables.table import Column, Table, first_rows

MARKS: Final = (
    "Full bars finished, low hollow ones were pruned, those with a cross gave no result. "
)
RECORDED: Final = (
    "A row is a worker, a bar a trial, where and when it was trained. A trial that went on after "
    "a rung of the pruner has a bar for each part, perhaps on several rows. Trials of a cohort "
    "are trained together and share the time: their bars stand side by side. "
    + MARKS
    + "Where only the thin line runs, a worker had nothing to train that counted: it loaded "
    "libraries at the start, waited for a configuration, for a decision at a rung or for the "
    "others to end, or did something that was lost or done for a trial that had its result. The "
    "number on the right is the share of the time with bars. Time stands still while a run is "
    "interrupted: a resumed run goes on from the end of its last trial, perhaps with other "
    "processes as its workers. What follows the last trial, such as fitting baselines, is not "
    "drawn; stages too short for their names have none."
)
LAID_OUT: Final = (
    "How long each trial trained is measured, and so is how long each stage took; which worker "
    "trained which trial, and when, is not recorded. The rows are therefore laid out: in the "
    "order of the slots, each trial goes to the worker that would be free first. Trials of a "
    "cohort are trained together; each has its share of the time, and their bars stand side by "
    "side. "
    + MARKS
    + "Where only the thin line runs, a worker had nothing to train: it loaded, compiled, waited "
    "for the next configuration or for the others to end, in truth spread over the whole stage. "
    "The number on the right is the share of the time of the stages that the bars of a row "
    "cover. Baselines are fitted by the run itself, without its workers; stages too short for "
    "their names have none."
)
SIGNS: Final = {"finished": "▬", "pruned": "▭", "diverged": "✕", "failed": "✚"}


def timeline_section(content: SweepContent) -> Section | None:
    """Show when each worker trained what, and how busy they were.

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
        how_to_read=RECORDED if summary.is_recorded else LAID_OUT,
        panels=(
            panel(
                figures.timeline(summary, [_percent(share) for share in summary.drawn["share"]]),
                finding,
                "timeline",
            ),
        ),
        table=_workers(summary) if summary.is_recorded else _stages(summary),
        key=tuple(
            Key(name=kind, glyph=SIGNS[kind], style=f"mark-{kind}", trials=number)
            for kind, number in summary.counts.items()
        ),
        note=_note(summary),
    )


def _finding(summary: Timeline) -> str:
    trial = wording.shorten(summary.slowest, 24)
    return (
        f"{_busy(summary)} The slowest trial, {trial}, trained for "
        f"{wording.seconds(summary.slowest_seconds)}: {_percent(summary.slowest_share)} of all "
        "training time."
    )


def _busy(summary: Timeline) -> str:
    workers = wording.plural(len(summary.workers), "worker")
    took = wording.seconds(summary.took)
    if not summary.is_recorded:
        text = f"The run took {took} with {workers}"
        if wording.is_number(summary.busy):
            text += f", busy training {_percent(summary.busy)} of the time"
        return f"{text}."
    longest = summary.workers.iloc[int(np.argmax(summary.workers["idle"].to_numpy(float)))]
    since = f"from {wording.seconds(longest['since'])} on" if longest["since"] else "at the start"
    return (
        f"The last trial ended after {took}; {workers} trained for {_percent(summary.busy)} of "
        f"that time. The longest that one had nothing to train was "
        f"{wording.seconds(longest['idle'])}: worker {wording.shorten(longest['worker'], 24)}, "
        f"{since}."
    )


def _percent(share: float) -> str:
    if not wording.is_number(share):
        return wording.MISSING
    return f"{100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def _note(summary: Timeline) -> str:
    parts = []
    if not summary.is_recorded:
        parts = ["Durations are measured; which worker had which trial is not recorded."]
    if summary.is_merged:
        parts.append("In crowded rows a bar stands for several trials, by the outcome of most.")
    if len(summary.workers) > MOST_ROWS:
        parts.append(f"Drawn are {MOST_ROWS} of {wording.count(len(summary.workers))} workers.")
    return " ".join(parts)


def _workers(summary: Timeline) -> Table:
    return first_rows(
        summary.drawn,
        "What each worker trained, and the longest time that it had nothing to train.",
        [
            Column(source="worker", title="worker", write=wording.shorten, numeric=False),
            Column(source="trials", title="trials", write=wording.count),
            Column(source="trained", title="trained", write=wording.seconds),
            Column(source="share", title="busy", write=_percent),
            Column(source="idle", title="longest idle", write=wording.seconds),
            Column(source="since", title="from", write=wording.seconds),
        ],
    )


def _stages(summary: Timeline) -> Table:
    return first_rows(
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
