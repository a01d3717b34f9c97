"""Draw where the time of a run went: one row a worker, one bar a trial."""

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows, spans
from reports.summaries.timeline import Timeline

Style = dict[str, Any]

PITCH: Final = 26.0  # from one row to the next, in points
NARROW: Final = 14.0  # the same where rows are many
MANY: Final = 8
NAME: Final = 12  # characters of a worker's
BESIDE: Final = 46.0  # room for the shares on the right, in points
HEIGHTS: Final = {"finished": 0.62, "pruned": 0.34, "diverged": 0.62, "failed": 0.62}
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")
LOST: Final = theme.colour("failed")
STYLES: Final[dict[str, Style]] = {
    "finished": {"facecolor": theme.colour("validation"), "edgecolor": SURFACE},
    "pruned": {"facecolor": SURFACE, "edgecolor": MUTED},
    "diverged": {"facecolor": LOST, "edgecolor": SURFACE},
    "failed": {"facecolor": LOST, "edgecolor": SURFACE},
}


@canvas.in_style
def timeline(summary: Timeline, shares: list[str]) -> Figure:
    """Draw the bars of each worker, the stages, and what share of the time the bars cover.

    Args:
        summary: As `summaries.timeline.timeline` returns it.
        shares: What stands right of each row that is drawn.
    """
    names = [[f"worker {wording.shorten(name, NAME)}"] for name in summary.drawn["worker"]]
    pitch = NARROW if len(names) > MANY else PITCH
    figure, axes = canvas.new_panel(
        "Workers over time" if summary.is_recorded else "Training time, laid out",
        "one bar a trial, or a part of it; right: busy"
        if summary.is_recorded
        else "one bar a trial, in the order of the slots; right: busy",
        left=rows.room_for(names),
        right=BESIDE,
        height=canvas.TOP + pitch * max(len(names), 2) + canvas.BOTTOM,
    )
    rows.lay_rows(axes, names, summary.x_limits)
    for place, text in enumerate(shares):
        rows.write_beside(axes, place, (text, {"color": MUTED}))
    _stages(axes, summary)
    for outcome, bars in summary.bars.groupby("outcome", sort=True):
        axes.barh(
            bars["row"],
            bars["end"] - bars["start"],
            left=bars["start"],
            height=HEIGHTS[str(outcome)],
            linewidth=0.5,
            zorder=3,
            **STYLES[str(outcome)],
        )
    for outcome in theme.UNUSABLE:
        lost = summary.lost[summary.lost["outcome"] == outcome]
        mark: Style = {"marker": theme.MARKS[outcome].marker, "markersize": 5, "color": LOST}
        axes.plot(lost["at"], lost["row"] - 0.42, linestyle="", clip_on=False, zorder=4, **mark)
    canvas.number_axis(axes, "x", floor=0.0, most=rows.most_ticks(axes))
    since = " since the run began" if summary.is_recorded else ", stage after stage"
    canvas.finish(axes, f"{summary.unit}{since}")
    return figure


def _stages(axes: Axes, summary: Timeline) -> None:
    names: list[spans.Span] = []
    for stage in summary.stages.to_dict("records"):
        start, end = float(stage["start"]), float(stage["end"])
        if stage["trials"]:  # the line shows where a row waits
            axes.hlines(range(len(summary.drawn)), start, end, color=MUTED, linewidth=0.8)
        if start:
            axes.axvline(start, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        if stage["is_long"]:
            names.append((str(stage["stage"]), (start, end), MUTED))
    spans.name_spans(axes, names)
