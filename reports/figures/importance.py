"""Which hyperparameters matter, for the score and for the gap, by each method."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import FigureValue, words
from reports.drawing.forest import Forest
from reports.tables.table import figure_table

METHODS: Final = ("PED-ANOVA", "fANOVA")
MOST_ROWS: Final = 12
MARKS: Final[dict[str, theme.Mark]] = {
    "PED-ANOVA": theme.Mark(ink="ink", marker="o", glyph="●"),
    "fANOVA": theme.Mark(ink="muted", marker="D", glyph="◆", hollow=True),
}
TITLES: Final = {"score": "For the validation {score}", "gap": "For the loss gap"}
NAMES: Final = {"learning_rate": "learning rate (of its optimizer)", "use_bias": "bias"}
READ: Final = (
    "The share of each hyperparameter by two methods; the dashed line is what each would have if "
    "all mattered the same. fANOVA (Hutter et al. 2014) asks which share of the variance is due "
    "to one alone, PED-ANOVA (Watanabe et al. 2023) how differently the best tenth and all trials "
    "are spread over it: they may differ. The learning rate is its place within the range of its "
    "optimizer. Trials that are far worse than the rest count as three quartile distances worse. "
    "Lines are rough 95 % intervals from random halves of the trials: one that reaches zero may "
    "do nothing."
)


class Importance(NamedTuple):
    """Hold the importance of the hyperparameters for one measure.

    Attributes:
        measure: ``score`` or ``gap``.
        rows: One row a method and hyperparameter: ``method``, ``hyperparameter``, ``place`` (its
            row in the figure), ``importance``, ``low``, ``high``.
        names: The hyperparameters, the most important by the mean of the methods first.
        trials: Number of finished trials that it rests on.
        even: What each would have if all mattered the same.
        leaders: The first hyperparameter of each method, its importance, and whether its interval
            lies above that of the second.
    """

    measure: str
    rows: pd.DataFrame
    names: tuple[str, ...]
    trials: int
    even: float
    leaders: dict[str, tuple[str, float, bool]]


def figure(content: SweepContent) -> FigureValue | None:
    """Show how much each hyperparameter matters; None where that was not measured."""
    found = [importance(content.importance, measure) for measure in TITLES]
    known, score = [one for one in found if one is not None], content.score_name
    if not known:
        return None
    rows = content.importance.assign(
        what=content.importance["measure"].map({"score": score, "gap": "loss gap"}),
        name=content.importance["hyperparameter"].map(name_of),
    ).sort_values(["what", "method", "importance"], ascending=[True, False, False], kind="stable")
    columns = ["what", "method", "name", "importance", "low", "high", "trials"]
    titles = ["for", "method", "hyperparameter", "importance", "from", "to", "trials"]
    return FigureValue(
        id="importance",
        title="Which hyperparameters matter",
        link="Importance",
        finding=told(known, score),
        how_to_read=READ,
        panels=tuple(panel(one, score) for one in known),
        table=figure_table(
            rows[columns].set_axis(titles, axis=1),
            "Importance of each hyperparameter, with rough 95 % intervals.",
            dict.fromkeys(titles[3:6], _share),
        ),
        note=_left_out(rows, known),
    )


def importance(table: pd.DataFrame, measure: str) -> Importance | None:
    """Order the hyperparameters by how much they matter for one measure.

    Args:
        table: As `reports.content.SweepContent` has it; may have no row, nor any column.
        measure: ``score`` or ``gap``.

    Returns:
        None where nothing was measured.
    """
    rows = table[table["measure"] == measure] if len(table) else table
    if rows.empty:
        return None
    means = rows.groupby("hyperparameter")["importance"].mean()
    order = sorted(means.index, key=lambda name: (-means[name], name))
    places = {str(name): place for place, name in enumerate(order[:MOST_ROWS])}
    kept = rows[rows["hyperparameter"].isin(list(places))]
    shown = kept.assign(place=kept["hyperparameter"].map(places).astype("int64"))
    methods = [name for name in METHODS if (rows["method"] == name).any()]
    return Importance(
        measure,
        shown.sort_values(["place", "method"], kind="stable").reset_index(drop=True),
        tuple(places),
        int(rows["trials"].max()),
        1 / len(means),
        {method: _leader(rows[rows["method"] == method]) for method in methods},
    )


def panel(one: Importance, score_name: str) -> Forest:
    """Lay out one measure, one row a hyperparameter."""
    trials, lead = wording.plural(one.trials, "finished trial"), _leading(one, score_name)
    columns = {"place": "row", "method": "series", "importance": "value"}
    return Forest(
        name=f"{lead[:1].upper()}{lead[1:]}; {trials}.",
        title=TITLES[one.measure].format(score=score_name),
        remark=f"share of each method; {trials}",
        rows=[name_of(name) for name in one.names],
        points=one.rows.rename(columns=columns),
        marks={method: MARKS[method] for method in one.leaders},
        limits=(-0.02, 1.02),
        even=one.even,
    )


def name_of(key: str) -> str:
    """Write a hyperparameter's name.

    Args:
        key: As in the search space, or ``learning_rate`` for those of all optimizers.
    """
    return NAMES.get(key) or wording.shorten(key.replace("_", " "), 40)


def told(known: Sequence[Importance], score_name: str) -> str:
    """Say what matters most for each measure, by both methods, and how sure that is."""
    parts = [_leading(one, score_name) for one in known]
    trials = max(one.trials for one in known)
    text = f"By {wording.plural(trials, 'finished trial')}: {'; '.join(parts)}."
    if any(clear for one in known for _, _, clear in one.leaders.values()):
        return text
    return f"{text} None of these leads is beyond doubt: no interval lies clear of the next."


def _leader(rows: pd.DataFrame) -> tuple[str, float, bool]:
    ordered = rows.sort_values(["importance", "hyperparameter"], ascending=[False, True])
    first = ordered.iloc[0]
    others = ordered["high"].iloc[1:].to_numpy(dtype=float)
    low, known = float(first["low"]), others[np.isfinite(others)]
    is_clear = math.isfinite(low) and bool(len(known)) and bool(low > known.max())
    return str(first["hyperparameter"]), float(first["importance"]), is_clear


def _leading(one: Importance, score_name: str) -> str:
    what = {"score": score_name, "gap": "the loss gap"}[one.measure]
    shares = {
        method: f"{method} {_share(value)}{', clearly' if clear else ''}"
        for method, (_, value, clear) in one.leaders.items()
    }
    if len({name for name, _, _ in one.leaders.values()}) == 1:
        name = next(iter(one.leaders.values()))[0]
        return f"{name_of(name)} matters most for {what} ({wording.join([*shares.values()])})"
    each = [f"{name_of(name)} by {shares[m]}" for m, (name, _, _) in one.leaders.items()]
    return f"for {what} the methods disagree on what matters most: {wording.join(each)}"


def _left_out(rows: pd.DataFrame, shown: Sequence[Importance]) -> str:
    more = rows["hyperparameter"].nunique() - max(len(one.names) for one in shown)
    by: Mapping[object, set[str]] = rows.groupby("method")["hyperparameter"].agg(set).to_dict()
    has_both = {"PED-ANOVA", "fANOVA"} <= set(by)
    only = sorted(by["PED-ANOVA"] - by["fANOVA"]) if has_both else []
    names = wording.join([name_of(name) for name in only])
    return words(
        f"{wording.plural(more, 'hyperparameter')} of least importance not drawn."
        if more > 0
        else "",
        f"Not every trial has {names}: judged by PED-ANOVA alone." if only else "",
    )  # fmt: skip


def _share(value: float) -> str:
    return f"{value:.2f}" if wording.is_number(value) else wording.MISSING
