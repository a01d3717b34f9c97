"""Does capacity widen the gap: gap and losses by size, and where sizes are too small or overfit."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue, verdict_key, words
from reports.drawing.points import (
    PointAxes,
    Points,
    Region,
    TrialPoints,
    not_in_place,
    place_trials,
)
from reports.figures import pruned
from reports.findings import Finding
from reports.judged import by_outcome, is_finished, searched, winner_of
from reports.tables.table import figure_table

FINDING: Final = "capacity.smallest_adequate"
DECIDED: Final = "smallest adequate"
TOO_SMALL: Final = "too small"
ADEQUATE: Final = "adequate"
OVERFITTING: Final = "mostly overfit"
INKS: Final = {TOO_SMALL: "underfits", ADEQUATE: "fits", OVERFITTING: "overfits"}
FEWEST_OVERFITTING: Final = 3  # finished trials that a region of overfitting rests on, at least
SERIES: Final = {"train": "train_loss", "validation": "validation_loss"}
READ: Final = (
    "Left, one mark a trial, at its best epoch: above zero it does better on rows it has seen. "
    "Right, the train (■) and the validation loss (●) of each finished trial; lines: the best "
    "loss of any network up to this size. The ring is the winner. Too small: below the smallest "
    "adequate network. Mostly overfit: from the size on from which at least half of the finished "
    "trials, three or more, overfit. A dotted line: the smallest network within one standard "
    "error of the best, where the rows do not show whether it is enough. Other settings vary too: "
    "what capacity does, a study shows."
)


class Correlation(NamedTuple):
    """Hold a rank correlation with its 95 % interval; NaN where four trials or fewer allow none."""

    rho: float
    low: float
    high: float
    trials: int


class Band(NamedTuple):
    """Hold one region of sizes.

    Attributes:
        name: ``too small``, ``adequate`` or ``mostly overfit``.
        low: Where it starts, in parameters.
        high: Where it ends.
        smallest: The fewest parameters of a finished trial in it; NaN without one.
        trials: Finished trials in it.
        verdicts: How many of them bear each verdict.
    """

    name: str
    low: float
    high: float
    smallest: float
    trials: int
    verdicts: dict[str, int]


class Sizes(NamedTuple):
    """Hold the regions of the axis of parameters.

    Attributes:
        bands: From the smallest to the largest sizes; empty if it is not decided which is enough.
        smallest: Parameters of the smallest network within one standard error of the best
            validation loss; None if none is named.
        subject: The trial that has them; ``""`` if none is named.
        finished: Number of finished trials.
    """

    bands: tuple[Band, ...]
    smallest: float | None
    subject: str
    finished: int

    @property
    def regions(self) -> list[Region]:
        """Return what is shaded and named, or the line at the size that may be enough."""
        if self.smallest is not None and not self.bands:
            name = f"{wording.shorten(self.subject, 12)}: enough? undecided"
            return [Region(name=name, low=self.smallest, high=self.smallest, ink="muted")]
        return [
            Region(name=one.name, low=one.low, high=one.high, ink=INKS[one.name])
            for one in self.bands
        ]


class Losses(NamedTuple):
    """Hold the losses of the finished trials by their capacity.

    Attributes:
        points: A mark a trial and series, its series in the place of the verdict.
        envelope: One row a series and size: ``series``, ``x`` and ``y``: the smallest loss of all
            networks up to this size.
        sizes: One row a size: ``parameters``, ``trials``, ``train``, ``validation`` (the smallest
            losses at this size) and ``best``, the smallest validation loss up to it.
    """

    points: TrialPoints
    envelope: pd.DataFrame
    sizes: pd.DataFrame


def figure(content: SweepContent) -> FigureValue | None:
    """Show the gap and the losses against the number of parameters; None without any trial."""
    judged, winner = searched(content), winner_of(content)
    if judged.empty:
        return None
    points = place_gaps(judged, winner=winner)
    losses = place_losses(judged, points.x_limits, winner=winner)
    sizes = find_sizes(judged, content.findings, points.x_limits)
    gap = told_gap(rank_correlation(judged))
    told = words(told_losses(losses), told_sizes(sizes))
    panels = (gap_panel(points, sizes, gap), loss_panel(losses, sizes, told))
    beyond = losses.points.beyond
    titles = ["parameters", "finished trials", "train loss", "validation loss",
              "best up to this size"]  # fmt: skip
    return FigureValue(
        id="capacity",
        title="Does capacity widen the gap?",
        link="Capacity",
        finding=words(gap, told, pruned.told(judged)),
        how_to_read=pruned.explained(READ, judged),
        panels=panels if len(losses.sizes) else panels[:1],
        table=figure_table(
            losses.sizes.set_axis(titles, axis=1),
            "The smallest losses of the finished trials of each size, at their best epochs.",
        ),
        key=verdict_key(judged["verdict"]),
        note=words(
            not_in_place(points),
            f"{wording.count(beyond)} of the losses beyond the axis, drawn at its edge."
            if beyond
            else "",
        ),
    )


def place_gaps(judged: pd.DataFrame, *, winner: str = "") -> TrialPoints:
    """Place each trial by its capacity and its loss gap."""
    low, high = limits.shared_limits(*by_outcome(judged, "parameters", "loss_gap", of="loss_gap"))
    axes = PointAxes(
        x_name="trainable parameters",
        y_name="loss gap",
        scale="log",
        y_limits=(min(low, 0.0), max(high, 0.0)),
    )
    table = judged.assign(x=judged["parameters"].astype(float), y=judged["loss_gap"])
    return place_trials(table, axes, winner)


def place_losses(
    judged: pd.DataFrame, x_limits: tuple[float, float], *, winner: str = ""
) -> Losses:
    """Place the train and the validation loss of each finished trial by its capacity.

    Args:
        judged: Trials with verdicts.
        x_limits: Where the axis of parameters starts and ends.
        winner: The trial to point out, by its validation loss; ``""`` for none.
    """
    finished = judged[is_finished(judged, *SERIES.values())]
    parts = [
        finished.assign(x=finished["parameters"].astype(float), y=finished[column], verdict=name)
        for name, column in SERIES.items()
    ]
    both = pd.concat(parts, ignore_index=True)
    values = both["y"].to_numpy(float)
    is_log = limits.is_wide(values, limits.WIDE)
    axes = PointAxes(
        x_name="trainable parameters",
        y_name="loss",
        scale="log",
        y_scale="log" if is_log else "linear",
        x_limits=x_limits,
        y_limits=limits.log_limits(values) if is_log else limits.robust_limits(values),
    )
    points = place_trials(both, axes, winner)
    sizes = finished.groupby("parameters", sort=True).agg(
        trials=("trial", "count"),
        train=("train_loss", "min"),
        validation=("validation_loss", "min"),
    ).reset_index()  # fmt: skip
    sizes = sizes.assign(best=sizes["validation"].cummin())
    return Losses(points, _envelope(sizes, x_limits[1], points.y_limits), sizes)


def gap_panel(points: TrialPoints, sizes: Sizes, name: str) -> Points:
    """Lay out the loss gap of every trial against its parameters, over the regions."""
    return Points(
        name=name,
        title="Loss gap",
        remark="validation minus train loss, at the best epoch",
        points=points,
        x_label=points.axes.x_name,
        level=0.0,
        regions=sizes.regions,
    )


def loss_panel(losses: Losses, sizes: Sizes, name: str) -> Points:
    """Lay out both losses of every finished trial, with the best up to each size."""
    return Points(
        name=name,
        title="Train and validation loss",
        remark="of each finished trial; line: the best up to this size",
        points=losses.points,
        x_label=losses.points.axes.x_name,
        marks={series: theme.MEASURED_MARKS[series] for series in SERIES},
        regions=sizes.regions,
        steps=losses.envelope,
    )


def find_sizes(
    judged: pd.DataFrame, findings: Sequence[Finding], x_limits: tuple[float, float]
) -> Sizes:
    """Divide the sizes by the finding on the smallest adequate network and by the verdicts.

    Below the smallest adequate network every network is too small. Most overfit from the smallest
    size above it from which on at least half of the finished trials, and three at least, are judged
    to overfit.

    Args:
        judged: Trials with verdicts.
        findings: The conclusions; without ``capacity.smallest_adequate`` there is no region.
        x_limits: Where the axis of parameters starts and ends.
    """
    finished = judged[is_finished(judged, *SERIES.values())]
    found = next((one for one in findings if one.code == FINDING), None)
    size = None if found is None else found.numbers.get("parameters")
    if found is None or not wording.is_number(size):
        return Sizes(bands=(), smallest=None, subject="", finished=len(finished))
    edges = [x_limits[0], x_limits[1]]
    names = [ADEQUATE]
    if found.verdict == DECIDED:
        sizes = np.unique(finished["parameters"].to_numpy(float))
        if (sizes < size).any():
            names.insert(0, TOO_SMALL)
            edges.insert(1, _between(sizes, float(size)))
        start = _overfitting_from(finished, float(size))
        if start is not None:
            names.append(OVERFITTING)
            edges.insert(-1, _between(sizes, start))
    bands = [
        _band(name, finished, (low, high))
        for name, low, high in zip(names, edges[:-1], edges[1:], strict=True)
    ]
    return Sizes(
        bands=tuple(bands) if found.verdict == DECIDED else (),
        smallest=float(size),
        subject=found.subject,
        finished=len(finished),
    )


def rank_correlation(judged: pd.DataFrame) -> Correlation:
    """Correlate capacity and loss gap by ranks.

    Spearman's rho with the interval of Bonett and Wright (2000, Psychometrika 65): Fisher's z
    with the standard error sqrt((1 + rho^2 / 2) / (n - 3)).

    Args:
        judged: Trials with verdicts; only those that finished count.
    """
    rows = judged[is_finished(judged, "parameters", "loss_gap")]
    number = len(rows)
    if number < 5 or rows["parameters"].nunique() < 2 or rows["loss_gap"].nunique() < 2:
        return Correlation(rho=math.nan, low=math.nan, high=math.nan, trials=number)
    ranks = rows[["parameters", "loss_gap"]].rank().to_numpy(float)
    rho = float(np.clip(np.corrcoef(ranks.T)[0, 1], -1 + 1e-9, 1 - 1e-9))
    half = float(stats.norm.ppf(0.975)) * math.sqrt((1 + rho**2 / 2) / (number - 3))
    centre = math.atanh(rho)
    low, high = math.tanh(centre - half), math.tanh(centre + half)
    return Correlation(rho=rho, low=low, high=high, trials=number)


def told_gap(correlation: Correlation) -> str:
    """Say whether the gap and the capacity go together."""
    trials = wording.plural(correlation.trials, "finished trial")
    if not math.isfinite(correlation.rho):
        return f"With {trials} it cannot be told whether larger networks have larger gaps."
    span = (
        f"rank correlation {correlation.rho:.2f}, 95 % interval {correlation.low:.2f} to "
        f"{correlation.high:.2f}, {trials}"
    ).replace("-", wording.MINUS)
    if correlation.low > 0:
        return f"Larger networks have larger gaps here ({span})."
    if correlation.high < 0:
        return f"Larger networks have smaller gaps here ({span})."
    return f"In these trials the gap does not clearly depend on the number of parameters ({span})."


def told_losses(losses: Losses) -> str:
    """Say how far the best validation loss falls with the size; ``""`` below two sizes."""
    if len(losses.sizes) < 2:
        return ""
    first = losses.sizes.iloc[0]
    best = losses.sizes.iloc[int(losses.sizes["validation"].to_numpy(float).argmin())]
    at = wording.plural(int(first["parameters"]), "parameter")
    if best["parameters"] == first["parameters"]:
        return (
            f"The smallest size, {at}, already has the best validation loss, "
            f"{wording.loss(best['validation'])}."
        )
    is_largest = best["parameters"] == losses.sizes["parameters"].iloc[-1]
    end = "the largest size tried" if is_largest else "and none of the larger sizes is better"
    return (
        f"The best validation loss falls from {wording.loss(first['validation'])} at {at} to "
        f"{wording.loss(best['validation'])} at {wording.count(best['parameters'])}, {end}."
    )


def told_sizes(found: Sizes) -> str:
    """Say where networks are too small, adequate and overfit, or why that is not drawn."""
    if found.smallest is None:
        trials = wording.plural(found.finished, "finished trial")
        return f"With {trials} no smallest adequate network is named, so no region is drawn."
    size = wording.plural(int(found.smallest), "parameter")
    who = wording.shorten(found.subject, 24)
    if not found.bands:
        return (
            f"No region is drawn: {who}, with {size}, is the smallest network within one standard "
            "error of the best loss, but so few validation rows do not show that it is enough."
        )
    bands = {band.name: band for band in found.bands}
    small, enough = bands.get(TOO_SMALL), bands[ADEQUATE]
    if small is None:
        parts = [f"The smallest size tried, {size}, is adequate."]
    else:
        judged = small.verdicts.get("underfits", 0)
        trials = wording.plural(small.trials, "smaller trial")
        parts = [
            f"{who} with {size} is the smallest adequate network.",
            f"Judged to underfit: {wording.count(judged)} of {trials}.",
        ]
    over = bands.get(OVERFITTING)
    if over is None:
        judged, trials = enough.verdicts.get("overfits", 0), wording.plural(enough.trials, "trial")
        parts.append(
            f"Judged to overfit: {wording.count(judged)} of {trials} from there on; there is no "
            "size from which on most do."
        )
    else:
        judged, trials = over.verdicts.get("overfits", 0), wording.plural(over.trials, "trial")
        parts.append(
            f"From {wording.count(over.smallest)} parameters on most overfit: "
            f"{wording.count(judged)} of {trials}."
        )
    return " ".join(parts)


def _between(sizes: NDArray[np.float64], size: float) -> float:
    """Return the geometric mean of a size and the next smaller one, so that no mark is cut."""
    return math.sqrt(size * float(sizes[sizes < size].max(initial=1.0)))


def _overfitting_from(finished: pd.DataFrame, smallest: float) -> float | None:
    """Return the smallest size above ``smallest`` from which on at least half overfit, or None."""
    larger = finished[finished["parameters"] > smallest]
    by_size = (
        (larger["verdict"] == "overfits")
        .groupby(larger["parameters"].to_numpy(float))
        .agg(["sum", "count"])
        .sort_index(ascending=False)
    )
    reached = by_size.cumsum()  # from the largest size down to each
    most = reached["sum"] >= (reached["count"] / 2).clip(lower=FEWEST_OVERFITTING)
    starts = by_size.index[(most & (by_size["sum"] > 0)).to_numpy(bool)]
    return float(starts.min()) if len(starts) else None


def _band(name: str, finished: pd.DataFrame, edges: tuple[float, float]) -> Band:
    inside = finished[finished["parameters"].between(*edges)]
    counts = inside["verdict"].value_counts()
    return Band(
        name=name,
        low=edges[0],
        high=edges[1],
        smallest=float(inside["parameters"].min()),
        trials=len(inside),
        verdicts={str(verdict): int(number) for verdict, number in counts.items()},
    )


def _envelope(sizes: pd.DataFrame, end: float, y_limits: tuple[float, float]) -> pd.DataFrame:
    """Return the falling steps of the smallest losses, up to the end of the axis."""
    parts = []
    for name in SERIES:
        best = sizes[name].cummin()
        steps = pd.DataFrame({"series": name, "x": sizes["parameters"].astype(float), "y": best})
        steps = steps[~best.duplicated()]
        if len(steps):
            last = pd.DataFrame({"series": [name], "x": [end], "y": [float(best.iloc[-1])]})
            parts.append(pd.concat([steps, last]))
    if not parts:
        return pd.DataFrame({"series": [], "x": [], "y": []})
    table = pd.concat(parts, ignore_index=True)
    return table.assign(y=table["y"].clip(*y_limits))
