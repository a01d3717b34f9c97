"""Draw the panels of a report: a summary in, a matplotlib figure out, and no arithmetic.

Each function returns one small figure without touching pyplot or any global setting; show it in a
notebook by its value, or save it with ``figure.savefig``.
"""

from typing import Any, Final

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, marks
from reports.run_score import RunScore
from reports.summaries.curves import CurveSummary
from reports.summaries.points import TrialPoints
from reports.summaries.pruning import PruningSummary
from reports.summaries.scores import ScoreSummary

Style = dict[str, Any]

LINES: Final = {
    "train": ("train", 1.8, "-"),
    "validation": ("validation", 1.8, "-"),
    "running": ("train", 1.0, (0, (2, 1.5))),
    "gradient norm": ("ink", 1.5, "-"),
}
SCORE_MARKERS: Final = {"validation": "o", "test": "D", "baseline": "s"}
PAINT_ORDER: Final = (
    "pruned",
    "undecided",
    "fits",
    "undertrained",
    "underfits",
    "overtrained",
    "overfits",
)
DOT: Final = 30.0
SMALL_DOT: Final = 10.0
RING: Final = 11.5
HOLLOW: Final = 0.45  # of a dot's area: an outline looks larger than it is
MANY_DOTS: Final = 300
INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")
DASHES: Final = (0, (3, 3))
TRIAL_LINES: Final[dict[str, Style]] = {
    "finished": {"color": theme.colour("validation"), "linewidth": 1.1, "zorder": 2},
    "pruned": {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (3, 2)), "zorder": 3},
    "audit": {"color": INK, "linewidth": 1.2, "linestyle": (0, (1, 1.2)), "zorder": 3.5},
}


@canvas.in_style
def learning_curves(summary: CurveSummary) -> Figure:
    """Draw train and validation curves with the best epoch marked and the gap shaded."""
    figure, axes = canvas.new_panel(summary.name, summary.unit, right=canvas.LABEL_ROOM)
    train, validation = summary.drawn("train"), summary.drawn("validation")
    both = train.merge(validation, on="epoch", suffixes=("_train", "_validation"))
    axes.fill_between(
        both["epoch"],
        both["mean_train"],
        both["mean_validation"],
        color=MUTED,
        alpha=0.15,
        linewidth=0,
    )
    labels = _lines(axes, summary)
    _epoch_axis(axes, summary)
    _mark_epochs(axes, summary)
    for value, idea in ((summary.best_train, "train"), (summary.best_validation, "validation")):
        if summary.best_epoch is not None:
            dot: Style = {"color": theme.colour(idea), "markeredgecolor": SURFACE}
            axes.plot(summary.best_epoch, value, marker="o", markersize=6, clip_on=False, **dot)
    canvas.label_ends(axes, labels)
    return figure


@canvas.in_style
def gradient_norm(summary: CurveSummary) -> Figure:
    """Draw the norm of the gradient over the epochs."""
    figure, axes = canvas.new_panel(summary.name, summary.unit)
    _lines(axes, summary)
    _epoch_axis(axes, summary)
    _mark_epochs(axes, summary)
    return figure


@canvas.in_style
def pruning(summary: PruningSummary) -> Figure:
    """Draw the validation loss of each trial over the epochs, and where it was pruned."""
    figure, axes = canvas.new_panel("Validation loss", "one line a trial; ◇ where it was pruned")
    small: Style = {"color": MUTED, "fontsize": canvas.SMALL_SIZE, "ha": "center", "va": "bottom"}
    for epoch in summary.rungs["epoch"]:
        axes.axvline(epoch, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
        place = axes.get_xaxis_transform()
        axes.text(epoch, 1.02, wording.count(epoch), transform=place, **small)
    for (kind, _), line in summary.lines.groupby(["kind", "trial"], sort=False):
        axes.plot(line["epoch"], line["loss"], **TRIAL_LINES[str(kind)])
    mark = theme.MARKS["pruned"]
    ends: Style = {"linestyle": "", "markersize": 3.8, "markeredgewidth": 0.8, "zorder": 4}
    ends |= {"markerfacecolor": SURFACE, "markeredgecolor": theme.colour(mark.ink)}
    axes.plot(summary.ends["epoch"], summary.ends["loss"], marker=mark.marker, **ends)
    axes.set_xlim(*summary.x_limits)
    axes.set_ylim(*summary.y_limits)
    canvas.epoch_axes(axes, y_scale=summary.scale)
    return figure


@canvas.in_style
def capacity(points: TrialPoints) -> Figure:
    """Draw the loss gap of every trial against its number of trainable parameters."""
    figure, axes = canvas.new_panel("Loss gap", "validation minus train loss, at the best epoch")
    axes.axhline(0, color=MUTED, linewidth=0.8)
    draw_trials(axes, points)
    canvas.finish(axes, points.x_name)
    return figure


@canvas.in_style
def fit_map(points: TrialPoints) -> Figure:
    """Draw the validation loss of every trial against its train loss, or score against score."""
    title = f"{points.y_name[:1].upper()}{points.y_name[1:]}"
    figure, axes = canvas.new_panel(title, "on the diagonal there is no gap")
    axes.plot(points.x_limits, points.x_limits, color=MUTED, linewidth=0.8)
    draw_trials(axes, points)
    if points.x_scale == "log":
        canvas.log_axis(axes, "y")
    canvas.finish(axes, points.x_name)
    return figure


@canvas.in_style
def hyperparameter(points: TrialPoints, remark: str) -> Figure:
    """Draw the validation score of every trial against one of its settings.

    Args:
        points: As `summary_space.hyperparameter` returns them.
        remark: What stands below the title.
    """
    figure, axes = canvas.new_panel(points.x_name, remark)
    for edge in points.edges or ():
        axes.axvline(edge, color=MUTED, linewidth=0.8, linestyle=DASHES)
    draw_trials(axes, points)
    canvas.finish(axes, "log scale" if points.x_scale == "log" else "")
    return figure


@canvas.in_style
def scores(summary: ScoreSummary) -> Figure:
    """Draw claimed, confirmed and test score with their intervals, and the baselines."""
    better = "right" if summary.score.higher else "left"
    told = f"dot and 95 % interval; {better} is better"
    figure, axes = canvas.new_panel(summary.score.heading, told, left=84)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=theme.colour("grid"), linewidth=0.8)
    axes.set_xlim(*summary.limits)
    axes.set_ylim(len(summary.table) - 0.4, -0.7)
    for place, row in enumerate(summary.table.to_dict("records")):
        _score(axes, {str(key): value for key, value in row.items()}, place, summary.score)
    names = [wording.shorten(str(name), 14) for name in summary.table["what"]]
    axes.set_yticks(range(len(names)), names)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
        label.set_color(INK)
    canvas.number_axis(axes, "x")
    canvas.finish(axes, "")
    return figure


def draw_trials(axes: Axes, points: TrialPoints) -> None:
    """Draw one mark a trial, the winner's ring, the strip of those without a result, and the axes.

    Args:
        axes: An empty panel.
        points: As `reports.summaries.points.place_trials` returns them.
    """
    axes.set_xlim(*points.x_limits)
    axes.set_ylim(*points.y_limits)
    size = DOT if len(points.table) < MANY_DOTS else SMALL_DOT
    for verdict in sorted(points.table["verdict"].unique(), key=_paint_order):
        # One call a mark: points that look the same are then written as one shape, many times.
        mark = theme.mark_of(str(verdict))
        rows = points.table[points.table["verdict"] == verdict]
        # Not seaborn's scatterplot, which takes ten times as long: a third of the whole page.
        drawn = axes.scatter(
            rows["x"],
            rows["y"],
            marker=mark.marker,
            s=HOLLOW * size if mark.hollow else size,
            facecolor=SURFACE if mark.hollow else theme.colour(mark.ink),
            edgecolor=theme.colour(mark.ink) if mark.hollow else SURFACE,
            linewidth=0.8 if mark.hollow else 0.4,
            clip_on=False,
            zorder=3,
        )
        marks.name_marks(drawn, rows["trial"])
    marks.name_axes(axes, points.x_name, points.y_name)
    _unusable(axes, points)
    winner = points.table[points.table["trial"] == points.winner]
    ring: Style = {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.5}
    if len(winner):
        axes.plot(winner["x"], winner["y"], "o", markersize=RING, clip_on=False, zorder=5, **ring)
    canvas.number_axis(axes, "y", floor=points.floor)
    if points.x_scale == "category":
        canvas.category_axis(axes, points.categories)
    elif points.x_scale == "log":
        canvas.log_axis(axes, "x")
    else:
        canvas.number_axis(axes, "x")


def _score(axes: Axes, row: dict[str, Any], place: int, score: RunScore) -> None:
    ink = theme.colour(str(row["kind"]))
    line: Style = {"color": ink, "linewidth": 2.4, "solid_capstyle": "round"}
    axes.plot([row["shown_low"], row["shown_high"]], [place, place], **line)
    beyond, align = ("<", "left") if score.higher else (">", "right")
    marker = beyond if row["beyond"] else SCORE_MARKERS[str(row["kind"])]
    dot: Style = {"marker": marker, "markersize": 7.5, "color": ink, "markeredgecolor": SURFACE}
    axes.plot(row["shown"], place, clip_on=False, **dot)
    axes.annotate(
        score.write(row["score"]),
        (row["shown"], place),
        xytext=(0, 5),
        textcoords="offset points",
        ha=align if row["beyond"] else "center",
        va="bottom",
        color=ink,
        fontweight="bold",
        parse_math=False,
    )


def _lines(axes: Axes, summary: CurveSummary) -> list[tuple[str, float, str]]:
    labels = []
    for series in summary.table["series"].unique():
        rows = summary.drawn(str(series))
        idea, width, style = LINES[str(series)]
        ink = theme.colour(idea)
        if rows["low"].notna().any():
            axes.fill_between(
                rows["epoch"], rows["low"], rows["high"], color=ink, alpha=0.18, linewidth=0
            )
        sns.lineplot(
            data=rows,
            x="epoch",
            y="mean",
            ax=axes,
            color=ink,
            linewidth=width,
            linestyle=style,
            errorbar=None,
            legend=False,
            marker="o" if len(rows) == 1 else None,
        )
        labels.append((str(series), float(rows["mean"].iloc[-1]), idea))
    return labels


def _epoch_axis(axes: Axes, summary: CurveSummary) -> None:
    axes.set_xlim(*summary.x_limits)
    axes.set_ylim(*summary.y_limits)
    canvas.number_axis(axes, "x", whole=True)
    canvas.number_axis(axes, "y")
    canvas.finish(axes, "epoch")


def _mark_epochs(axes: Axes, summary: CurveSummary) -> None:
    if summary.best_epoch is None:
        return
    text = f"best epoch {summary.best_epoch}"
    axes.axvline(summary.best_epoch, color=MUTED, linewidth=0.9, linestyle=DASHES)
    if summary.onset_epoch is not None:
        text = f"{text}, overfits from {summary.onset_epoch}"
        axes.axvline(
            summary.onset_epoch,
            color=theme.colour("overfits"),
            linewidth=1.1,
            linestyle=(0, (1, 1.5)),
        )
    late = summary.best_epoch > sum(summary.x_limits) / 2
    axes.annotate(
        text,
        (summary.best_epoch, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3 if late else -3, 3),
        textcoords="offset points",
        ha="right" if late else "left",
        va="bottom",
        color=MUTED,
        fontsize=canvas.SMALL_SIZE,
        parse_math=False,
    )


def _unusable(axes: Axes, points: TrialPoints) -> None:
    for verdict in theme.UNJUDGED:  # a pruned one stands here only without a finite value
        rows = points.unusable[points.unusable["verdict"] == verdict]
        if rows.empty:
            continue
        mark = theme.mark_of(verdict)
        (drawn,) = axes.plot(
            rows["x"],
            rows["y"],
            mark.marker,
            markersize=6,
            markeredgewidth=1.4,
            fillstyle="none" if mark.hollow else "full",
            clip_on=False,
            color=theme.colour(mark.ink),
            zorder=4,
        )
        marks.name_marks(drawn, rows["trial"])
    if len(points.unusable):
        axes.annotate(
            "no result",
            (0, points.unusable["y"].iloc[0]),
            xycoords=("axes fraction", "data"),
            xytext=(-3, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=theme.colour("failed"),
            fontsize=canvas.SMALL_SIZE,
        )


def _paint_order(verdict: object) -> int:
    """Paint the common and vague first, so that the telling ones lie on top."""
    return PAINT_ORDER.index(str(verdict)) if verdict in PAINT_ORDER else -1
