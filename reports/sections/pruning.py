"""The section that shows what pruning stopped, and where."""

from typing import Final

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Key, Section, panel
from reports.figures import panels
from reports.sections import captions
from reports.summaries.pruning import PruningSummary, pruning
from reports.tables.table import Column, first_rows

HOW_TO_READ: Final = (
    "One line a trial of the search: its validation loss after each epoch. A dashed line ends at a "
    "hollow diamond, where the trial was pruned: its smallest loss so far was not among the best "
    "of the trials that had come as far. Dotted verticals, their epoch above, are where trials may "
    "be pruned. How a pruned line would have gone on is not known{}."
)
READ_AUDIT: Final = (
    ", but for the audits, the dotted lines: pruned trials, drawn at random, that were trained to "
    "the end to tell what pruning costs. They take no part in the search. One that ends below all "
    "solid lines is a good network that pruning missed"
)
SIGNS: Final[dict[str, str]] = {"finished": "━", "pruned": "◇", "audit": "┅"}


def pruning_section(content: SweepContent) -> Section | None:
    """Show the loss curves with those that were cut short; None where nothing was pruned."""
    rungs = [int(rung) for rung in content.manifest.get("rungs") or () if wording.is_number(rung)]
    summary = pruning(content.trials, content.epochs, rungs)
    if summary is None:
        return None
    finding = captions.pruning(summary)
    audited = summary.counts["audit"] > 0
    return Section(
        id="pruning",
        title="What pruning stopped",
        link="Pruning",
        finding=finding,
        how_to_read=HOW_TO_READ.format(READ_AUDIT if audited else ""),
        panels=(panel(panels.pruning(summary), finding, "pruning"),),
        table=first_rows(
            summary.rungs,
            "Trials of the search at each epoch at which they may be pruned.",
            [
                Column(source="epoch", title="after epoch", write=wording.count),
                Column(source="reached", title="came as far", write=wording.count),
                Column(source="pruned", title="pruned", write=wording.count),
                Column(source="saved", title="epochs not trained", write=wording.count),
            ],
        ),
        key=_key(summary),
        note=captions.lines_left_out(summary),
    )


def _key(summary: PruningSummary) -> tuple[Key, ...]:
    return tuple(
        Key(name=kind, glyph=SIGNS[kind], style=f"mark-{kind}", trials=number)
        for kind, number in summary.counts.items()
        if number
    )
