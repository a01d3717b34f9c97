"""Draw paired differences between arms: a forest plot with the margin that does not matter."""

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows
from reports.figures.response import dots, say_nothing
from reports.summaries.forest import ForestSummary

Style = dict[str, Any]

TOP: Final = 44.0
ROW: Final = 28.0
MUTED: Final = theme.colour("muted")


@canvas.in_style
def forest(summary: ForestSummary) -> Figure:
    """Draw paired differences with their intervals, and the margin within which none matters."""
    names = [rows.wrap(str(name)) for name in summary.rows["comparison"]]
    row = rows.height_of(names, ROW)
    unit = wording.shorten(summary.unit, 24)
    figure, axes = canvas.new_panel(
        f"Difference in {unit}",
        _remark(summary),
        left=rows.room_for(names),
        right=rows.BESIDE,
        top=TOP,
        height=TOP + row * max(len(names), 1) + canvas.BOTTOM,
    )
    rows.lay_rows(axes, names, summary.limits)
    canvas.number_axis(axes, "x", most=rows.most_ticks(axes))
    axes.axvline(0, color=MUTED, linewidth=1.0)
    if summary.margin:
        band: Style = {"color": MUTED, "alpha": 0.15, "linewidth": 0}
        axes.axvspan(-summary.margin, summary.margin, **band)
    write = wording.aligned(summary.rows["difference"].to_list())
    for place, values in enumerate(summary.rows.to_dict("records")):
        row_values = {str(key): value for key, value in values.items()}
        _difference(axes, row_values | {"text": write(values["difference"])}, place)
    if not names:
        say_nothing(axes)
    canvas.finish(axes, "")
    return figure


def _difference(axes: Axes, row: dict[str, Any], place: int) -> None:
    mark = theme.COMPARISON_MARKS.get(str(row["verdict"]), theme.COMPARISON_MARKS["undecided"])
    ink = theme.colour(mark.ink)
    line: Style = {"color": ink, "linewidth": 2.2, "solid_capstyle": "round", "zorder": 3}
    axes.plot([row["shown_low"], row["shown_high"]], [place, place], **line)
    for marker, edge, is_cut in zip(
        "<>", axes.get_xlim(), (row["cut_low"], row["cut_high"]), strict=True
    ):
        if is_cut:
            axes.plot(edge, place, marker, markersize=5, color=ink, clip_on=False)
    if not row["beyond"]:
        dots(axes, [row["shown"]], [place], mark)
    verdict = wording.shorten(str(row["verdict"]), 12)
    rows.write_beside(
        axes,
        place,
        (verdict, {"color": ink, "fontweight": "bold"}),
        (_signed(row), rows.SMALL),
    )


def _signed(row: dict[str, Any]) -> str:
    value = row["difference"]
    return f"+{row['text']}" if wording.is_number(value) and value > 0 else str(row["text"])


def _remark(summary: ForestSummary) -> str:
    parts = [f"{summary.better} is better"] if summary.better else []
    if summary.margin:
        parts.append(f"grey: ±{wording.setting(summary.margin)}, too small to matter")
    return "; ".join(parts) or "dot and interval"
