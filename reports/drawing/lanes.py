"""Lanes: one row a worker, one bar a trial where and when it was trained."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows, spans

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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Hold one panel of lanes.

    Attributes:
        name: Its accessible name.
        title: What is drawn.
        remark: What stands below the title.
        workers: Name of each row.
        shares: What stands right of each row.
        bars: ``row``, ``start``, ``end`` and ``outcome``.
        lost: ``row``, ``at`` and ``outcome`` of trials that diverged or failed.
        stages: ``stage``, ``start``, ``end``, ``trials`` and ``is_long`` (whether there is room
            for its name).
        end: Where the axis ends; it begins at zero.
        x_label: What stands below the axis.
    """

    name: str
    title: str
    remark: str
    workers: Sequence[str]
    shares: Sequence[str]
    bars: pd.DataFrame
    lost: pd.DataFrame
    stages: pd.DataFrame
    end: float
    x_label: str

    @canvas.in_style
    def draw(self) -> Figure:
        """Draw the bars, which begin where seaborn's could not, the stages and the shares."""
        names = [[f"worker {wording.shorten(name, NAME)}"] for name in self.workers]
        pitch = NARROW if len(names) > MANY else PITCH
        figure, axes = canvas.new_panel(
            self.title, self.remark, left=rows.room_for(names), right=BESIDE,
            height=canvas.TOP + pitch * max(len(names), 2) + canvas.BOTTOM,
        )  # fmt: skip
        rows.lay_rows(axes, names, (0.0, self.end))
        for place, text in enumerate(self.shares):
            rows.write_beside(axes, place, (text, {"color": MUTED}))
        self._stages(axes)
        for outcome, bars in self.bars.groupby("outcome", sort=True):
            axes.barh(
                bars["row"], bars["end"] - bars["start"], left=bars["start"], linewidth=0.5,
                height=HEIGHTS[str(outcome)], zorder=3, **STYLES[str(outcome)],
            )  # fmt: skip
        for outcome in theme.UNUSABLE:
            lost = self.lost[self.lost["outcome"] == outcome]
            mark: Style = {"marker": theme.MARKS[outcome].marker, "markersize": 5, "color": LOST}
            axes.plot(lost["at"], lost["row"] - 0.42, linestyle="", clip_on=False, zorder=4, **mark)
        canvas.number_axis(axes, "x", floor=0.0, most=rows.most_ticks(axes))
        canvas.finish(axes, self.x_label)
        return figure

    def _stages(self, axes: Axes) -> None:
        names: list[spans.Span] = []
        for stage in self.stages.to_dict("records"):
            start, end = float(stage["start"]), float(stage["end"])
            if stage["trials"]:  # the line shows where a row waits
                axes.hlines(range(len(self.workers)), start, end, color=MUTED, linewidth=0.8)
            if start:
                axes.axvline(start, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
            if stage["is_long"]:
                names.append((str(stage["stage"]), (start, end), MUTED))
        spans.name_spans(axes, names)
