"""Which settings work: one hyperparameter at a time, its trials and the best of each value."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue, verdict_key, words
from reports.drawing.points import (
    PointAxes,
    Points,
    Scale,
    TrialPoints,
    not_in_place,
    place_trials,
)
from reports.figures import pruned
from reports.judged import best_trials, by_outcome, searched, winner_of
from reports.tables.table import Table, figure_table

Edge = Literal["", "lower", "upper"]

# Hidden layers without which a network does not have a hyperparameter, whatever its row holds.
FEWEST_LAYERS: Final = {"width": 1, "dropout": 1, "activation": 1, "shape": 2}
FEWEST_FOR_EDGE: Final = 3  # values that are compared; of two, each is at an edge
COLUMNS: Final = ("value", "low", "high", "x", "trials", "draws", "expected", "lower", "upper")
UNNAMED: Final = theme.Mark(ink="ink", marker="o", glyph="●")  # one of very many choices
MOST_PANELS: Final = 24
MOST_NAMED: Final = 4
READ: Final = (
    "Below, one mark a trial. Above, on a scale of its own, the best {score} to expect of the "
    "same number of trials for each value or bin, with its 95 % interval: a third of the trials "
    "of the least tried value that is compared, since a value tried more often would look better "
    "for that alone. Values with fewer than 6 trials, or less than half of the average, are not "
    "compared. Adaptive samplers (tpe) make the interval a guide only. Dashed lines are the edges "
    "of the search space: a best value there asks for a wider range. Trials without a result "
    "stand at the bottom. The other settings vary too, so no panel alone proves anything."
)


class Isolation(NamedTuple):
    """Hold one hyperparameter by itself.

    Attributes:
        key: Its key in the search space, such as ``learning_rate.adam``.
        points: Its trials.
        compared: One row a value or bin with a finished trial: ``value`` (a choice; ``""`` for a
            bin), ``low``, ``high`` (ends of a bin; NaN for a choice), ``x`` (its place on the
            axis), ``trials``, ``draws``, ``expected``, ``lower``, ``upper``; those are NaN where
            too few trials finished to compare it.
        known: Those that are compared.
        edge: The end of the space at which the best bin lies, clearly above the middle of the
            others; else empty.
    """

    key: str
    points: TrialPoints
    compared: pd.DataFrame
    known: pd.DataFrame
    edge: Edge

    @property
    def draws(self) -> int:
        """Return the number of trials of which the best is expected; 0 if nothing is compared."""
        return int(self.known["draws"].max()) if len(self.known) else 0

    @property
    def best(self) -> int:
        """Return the place of the best value in ``known``, or -1 if nothing is compared."""
        return int(self.known["expected"].to_numpy(float).argmax()) if len(self.known) else -1

    @property
    def worst(self) -> int:
        """Return the place of the worst value, or -1."""
        return int(self.known["expected"].to_numpy(float).argmin()) if len(self.known) else -1

    @property
    def is_clear(self) -> bool:
        """Return whether the intervals of best and worst are apart."""
        known = self.known
        return len(known) > 1 and bool(
            known["lower"].iloc[self.best] > known["upper"].iloc[self.worst]
        )

    def panel(
        self, score_name: str, marks: Mapping[tuple[str, str], theme.Mark], *, compare: bool
    ) -> Points:
        """Lay out its trials, and above them the expected best of each value.

        Args:
            score_name: What the score is called.
            marks: Of the values of hyperparameters; a bin has none.
            compare: Whether there is a part above the trials.
        """
        points, best = self.points, best_span(self.points)
        ends = self.known[["lower", "upper"]].to_numpy(float)
        bounds = limits.whole_limits(self.known["expected"].to_numpy(float), ends)
        across = {name: self.known[name].clip(*points.x_limits) for name in ("low", "high")}
        up = {name: self.known[name].clip(*bounds) for name in ("expected", "lower", "upper")}
        of = f"expected best of {wording.plural(self.draws, 'trial')}, 95 % interval"
        mark = [
            marks.get((self.key, str(value)), UNNAMED) if value else None
            for value in self.known["value"]
        ]
        return Points(
            name=self._name(score_name),
            title=points.axes.x_name,
            remark=f"{score_name}; best trials: {best}" if best else f"validation {score_name}",
            points=points,
            x_label="log scale" if points.axes.scale == "log" else "",
            compared=self.known.assign(
                mark=pd.Series(mark, index=self.known.index, dtype=object), **across, **up
            )
            if compare
            else None,
            compared_limits=bounds,
            compared_name=of if self.draws else "too few trials to compare its values",
        )

    def _name(self, score_name: str) -> str:
        name, best = self.points.axes.x_name, best_span(self.points)
        text = f"Validation {score_name} against {name.lower()}"
        text += f"; the best trials have {best}." if best else "."
        text += f" Searched: {searched_span(self.points.axes)}."
        if not self.draws:
            return text
        row = self.known.iloc[self.best]
        expected, low, high = (wording.score(row[end]) for end in ("expected", "lower", "upper"))
        return (
            f"{text} Expected best of {self.draws} is highest for {span_of(row)}: {expected}, "
            f"{low} to {high}."
        )


def figure(content: SweepContent) -> FigureValue | None:
    """Show the validation score against each hyperparameter.

    Returns:
        The figure, or None if nothing was varied or nothing was tried.
    """
    judged, score, winner = searched(content), content.score_name, winner_of(content)
    bounds = content.manifest.get("space_bounds") or {}
    tried = [(str(n), hyperparameter(judged, str(n), b, winner=winner)) for n, b in bounds.items()]
    varied = [(name, points) for name, points in tried if points is not None]
    if not varied:
        return None
    alone = isolate(varied[:MOST_PANELS], content.equal_counts)
    marks, compare = theme.value_marks(content.choices), any(one.draws for one in alone)
    return FigureValue(
        id="settings",
        title="Which settings work",
        link="Settings",
        finding=words(
            told(best_trials(judged), [one.points for one in alone], len(judged)),
            differences(alone, score),
            edges(alone),
            pruned.told(judged),
        ),
        how_to_read=pruned.explained(READ.format(score=score), judged),
        panels=tuple(one.panel(score, marks, compare=compare) for one in alone),
        table=_table(alone, score),
        key=verdict_key(judged["verdict"]),
        note=_note(judged, alone, len(varied) - len(alone)),
    )


def hyperparameter(
    judged: pd.DataFrame, name: str, bounds: Mapping[str, Any], *, winner: str = ""
) -> TrialPoints | None:
    """Place each trial by one hyperparameter and its validation score.

    Args:
        judged: Trials with verdicts.
        name: A column, or ``column.optimizer`` for what only one optimizer has.
        bounds: The manifest's bounds: ``low``, ``high`` and ``log``, or ``choices``.
        winner: The trial to point out.

    Returns:
        The points, or None where the value is fixed, the table has no such column or no trial
        has a value. A network with too few hidden layers to have one is left out.
    """
    column, _, optimizer = name.partition(".")
    if column not in judged.columns or "value" in bounds:
        return None
    rows = judged[judged["optimizer"] == optimizer] if optimizer else judged
    rows = rows[rows[column].notna() & _has_layers(rows, column)]
    if rows.empty:
        return None
    title = column.replace("_", " ").capitalize()
    x, names, scale, edges = _axis(rows[column], bounds)
    axes = PointAxes(
        x_name=f"{title} of {optimizer}" if optimizer else title,
        y_name="validation score",
        scale=scale,
        edges=edges,
        y_limits=limits.shared_limits(*by_outcome(judged, "validation_score")),
        categories=names,
    )
    return place_trials(rows.assign(x=x, y=rows["validation_score"]), axes, winner)


def _axis(
    values: pd.Series, bounds: Mapping[str, Any]
) -> tuple["pd.Series[float]", tuple[str, ...], Scale, tuple[float, float] | None]:
    """Return the place of each value, the names if they are names, the scale and the edges."""
    if "choices" in bounds or not pd.api.types.is_numeric_dtype(values):
        texts = values.map(wording.choice)
        names = list(dict.fromkeys(map(wording.choice, bounds.get("choices", ()))))
        names += sorted(set(texts) - set(names))
        places = texts.map({name: float(place) for place, name in enumerate(names)})
        # Points of one name stand apart by their place in the table, and not by chance.
        turn = places.groupby(places).cumcount()
        return (
            places + 0.5 * ((turn * 0.618033988749895) % 1.0 - 0.5),
            tuple(names),
            "category",
            None,
        )
    low, high = float(bounds.get("low", math.nan)), float(bounds.get("high", math.nan))
    x = values.astype(float)
    is_log = bool(bounds.get("log")) and bool((x > 0).all()) and low > 0
    is_known = math.isfinite(low) and math.isfinite(high)
    return x, (), "log" if is_log else "linear", (low, high) if is_known else None


def without_layers(judged: pd.DataFrame, names: Iterable[str]) -> dict[int, tuple[int, list[str]]]:
    """Count the trials that have too few hidden layers to have a hyperparameter.

    Args:
        judged: Trials with verdicts.
        names: Hyperparameters.

    Returns:
        By the fewest layers that are needed: the number of trials with fewer, and the names of
        what they do not have; only where there are such trials.
    """
    found: dict[int, tuple[int, list[str]]] = {}
    for name in names:
        trials = int((~_has_layers(judged, name)).sum())
        if trials:
            found.setdefault(FEWEST_LAYERS[name], (trials, []))[1].append(name)
    return found


def _has_layers(table: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    fewest = FEWEST_LAYERS.get(column, 0)
    if not fewest or "depth" not in table.columns:
        return np.ones(len(table), dtype=np.bool_)
    return np.asarray(table["depth"].to_numpy(float) >= fewest)


def isolate(
    found: Sequence[tuple[str, TrialPoints]], equal_counts: pd.DataFrame
) -> tuple[Isolation, ...]:
    """Put the values of hyperparameters, compared at equal counts, on the axes of their trials.

    Args:
        found: Hyperparameters, each with its trials as `hyperparameter` places them.
        equal_counts: The table of `reports.content.SweepContent`; with any rows, or none.
    """
    return tuple(_isolation(key, points, equal_counts) for key, points in found)


def _isolation(key: str, points: TrialPoints, equal_counts: pd.DataFrame) -> Isolation:
    rows = equal_counts
    if len(rows):
        rows = rows[rows["hyperparameter"] == key].reset_index(drop=True)
    if rows.empty:
        rows = pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
    compared = rows.assign(x=_places(rows, points.axes))[list(COLUMNS)]
    known = compared[compared["expected"].notna() & compared["x"].notna()].reset_index(drop=True)
    return Isolation(key, points, compared, known, _edge(compared, known))


def told(best: pd.DataFrame, panels: Sequence[TrialPoints], trials: int) -> str:
    """Say where the best trials lie.

    Args:
        best: The best trials of the search.
        panels: One a hyperparameter; those that only some trials have are left out here.
        trials: Number of trials of the search.
    """
    if best.empty:
        return "Too few trials finished to say which settings work; the marks show what was tried."
    for_all = [points for points in panels if sum(points.counts.values()) == trials]
    parts = [f"{one.axes.x_name.lower()} {span}" for one in for_all if (span := best_span(one))]
    who = f"The best {len(best)} of {wording.count(trials)} trials"
    return (
        f"{who} have {wording.join(parts)}." if parts else f"{who} stand at the top of each panel."
    )


def best_span(points: TrialPoints) -> str:
    """Write the values of the best trials of a panel: a range, or the names; ``""`` if too few."""
    if not points.best:
        return ""
    if points.axes.scale == "category":
        places = sorted({round(value) for value in points.best})
        names = points.axes.categories
        return wording.join([wording.shorten(names[place], 20) for place in places])
    low, high = wording.setting(min(points.best)), wording.setting(max(points.best))
    return low if low == high else f"{low} to {high}"


def searched_span(axes: PointAxes) -> str:
    """Write between which values, or among which names, was searched."""
    if axes.edges is None:
        return ", ".join(wording.shorten(name, 20) for name in axes.categories[:12])
    low, high = map(wording.setting, axes.edges)
    return f"{low} to {high}{', log scale' if axes.scale == 'log' else ''}"


def differences(alone: Sequence[Isolation], score_name: str) -> str:
    """Say in which hyperparameters the best value is clearly ahead of the worst.

    Args:
        alone: Each hyperparameter by itself.
        score_name: What the score is called.
    """
    compared = [one for one in alone if len(one.known) > 1]
    clear = [one for one in compared if one.is_clear]
    if not compared:
        return ""
    if not clear:
        return (
            f"Compared at equal counts, the intervals of the best and of the worst value overlap "
            f"in {'each of ' if len(compared) > 1 else ''}"
            f"{wording.plural(len(compared), 'hyperparameter')}: these trials do not tell them "
            "apart."
        )
    parts = [_ahead(one) for one in clear[:MOST_NAMED]]
    more = len(clear) - len(parts)
    also = f", and so do {wording.count(more)} more" if more else ""
    return (
        f"Compared at equal counts, values differ clearly in expected best {score_name} for "
        f"{wording.join(parts)}{also}."
    )


def edges(alone: Sequence[Isolation]) -> str:
    """Say which hyperparameters are best at an edge of what was searched.

    Args:
        alone: Each hyperparameter by itself.
    """
    parts = [
        f"{one.points.axes.x_name.lower()} ({one.edge} edge, {span_of(one.known.iloc[one.best])})"
        for one in alone
        if one.edge
    ]
    return f"Best at an edge of the space: {wording.join(parts)}." if parts else ""


def _ahead(one: Isolation) -> str:
    best, worst = one.known.iloc[one.best], one.known.iloc[one.worst]
    return (
        f"{one.points.axes.x_name.lower()} ({wording.score(best['expected'])} at "
        f"{span_of(one.known.iloc[one.best])} against {wording.score(worst['expected'])} at "
        f"{span_of(one.known.iloc[one.worst])}, best of {one.draws})"
    )


def span_of(row: pd.Series) -> str:
    """Write which values a row of the comparison stands for: a choice, a number or a bin.

    Args:
        row: Of what is `compared`.
    """
    if row["value"]:
        return wording.shorten(str(row["value"]), 20)
    low, high = float(row["low"]), float(row["high"])
    if high - low == 1 and low % 1 == 0.5:  # the bin of one whole number
        return wording.setting(low + 0.5)
    return f"{wording.setting(low)} to {wording.setting(high)}"


def _places(rows: pd.DataFrame, axes: PointAxes) -> "pd.Series[float]":
    if axes.scale == "category":
        places = {name: float(place) for place, name in enumerate(axes.categories)}
        return rows["value"].astype(str).map(places).astype(float)
    low, high = rows["low"].astype(float), rows["high"].astype(float)
    return (low * high) ** 0.5 if axes.scale == "log" else (low + high) / 2


def _edge(values: pd.DataFrame, known: pd.DataFrame) -> Edge:
    if len(known) < FEWEST_FOR_EDGE or known["low"].isna().any():
        return ""
    best = int(known["expected"].to_numpy(float).argmax())
    row, others = known.iloc[best], known["expected"].drop(best)
    if not row["lower"] > float(np.median(others)) or not math.isfinite(row["lower"]):
        return ""
    if row["high"] == values["high"].max():
        return "upper"
    return "lower" if row["low"] == values["low"].min() else ""


def _table(alone: Sequence[Isolation], score_name: str) -> Table:
    parts = [one.compared.assign(name=one.points.axes.x_name) for one in alone if len(one.compared)]
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in ("name", *COLUMNS)})
    rows = pd.concat(parts, ignore_index=True) if parts else empty
    texts = pd.Series([span_of(row) for _, row in rows.iterrows()], index=rows.index, dtype=object)
    titles = {
        "name": "Hyperparameter", "span": "Value", "trials": "Trials", "draws": "Best of",
        "expected": f"Expected {score_name}", "lower": "from", "upper": "to",
    }  # fmt: skip
    return figure_table(
        rows.assign(span=texts)[list(titles)].rename(columns=titles),
        f"Expected best {score_name} of as many finished trials for each value of a "
        "hyperparameter, with 95 % intervals.",
        {"Trials": wording.count, "Best of": _draws}
        | dict.fromkeys([titles["expected"], "from", "to"], wording.score),
    )


def _draws(value: float) -> str:
    return wording.count(value) if value else wording.MISSING


def _note(judged: pd.DataFrame, alone: Sequence[Isolation], more: int) -> str:
    lacking = without_layers(judged, (one.key for one in alone))
    return words(
        not_in_place(*(one.points for one in alone)),
        f"{wording.plural(more, 'further hyperparameter')} not drawn." if more else "",
        *(
            f"{wording.plural(trials, 'trial')} with {_fewer(layers)}: not in the "
            f"{'panel' if len(names) == 1 else 'panels'} of {wording.join(names)}."
            for layers, (trials, names) in lacking.items()
        ),
    )


def _fewer(layers: int) -> str:
    return "no hidden layer" if layers == 1 else f"fewer than {layers} hidden layers"
