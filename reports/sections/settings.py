"""The section with one panel a hyperparameter: which of its values work."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import Panel, Section, key, panel
from reports.figures import panels
from reports.figures.isolation import isolation
from reports.judged import best_trials
from reports.sections import captions
from reports.summaries.isolation import Isolation, isolate
from reports.summaries.space import hyperparameter, without_layers
from reports.tables.table import Column, Table, first_rows

MOST_PANELS: Final = 24
MOST_NAMED: Final = 4
READ_SETTINGS: Final = (
    "One panel a hyperparameter. Its lower part has one mark a trial, upwards the validation "
    "{score}. Its upper part, on a scale of its own, has for each value or bin the best {score} to "
    "be expected of the same number of trials that have it, whatever their other settings, with "
    "its 95 % interval. The number of draws is a third of the trials of the least tried value that "
    "is compared: a value that was tried more often would otherwise look better for that alone. "
    "Values with fewer than 6 trials, or less than half of what a value has on average, are not "
    "compared. The interval takes the trials for independent draws, which adaptive samplers (tpe) "
    "do not make: there it is a guide only. Dashed lines are the edges of the search space: a best "
    "value at an edge asks for a wider range. Trials that diverged or failed stand in the strip at "
    "the bottom, at the value they tried; they and the pruned count in no expectation. The other "
    "settings vary too, so no panel alone proves anything."
)


def settings_section(content: SweepContent, judged: pd.DataFrame, winner: str) -> Section | None:
    """Show the validation score against each hyperparameter.

    Args:
        content: The run.
        judged: The search's trials with verdicts.
        winner: The trial to point out.

    Returns:
        The section, or None if nothing was varied or nothing was tried.
    """
    bounds = content.manifest.get("space_bounds") or {}
    tried = [(str(n), hyperparameter(judged, str(n), b, winner=winner)) for n, b in bounds.items()]
    varied = [(name, points) for name, points in tried if points is not None]
    if not varied:
        return None
    found, more = varied[:MOST_PANELS], len(varied[MOST_PANELS:])
    alone = isolate(found, content.equal_counts)
    points = [one.points for one in alone]
    parts = (
        captions.settings(best_trials(judged), points, len(judged)),
        differences(alone, content.score_name),
        edges(alone),
        captions.pruned(judged),
    )
    explained = READ_SETTINGS.format(score=content.score_name)
    is_pruned = (judged["outcome"] == "pruned").any()
    return Section(
        id="settings",
        title="Which settings work",
        link="Settings",
        finding=" ".join(part for part in parts if part),
        how_to_read=f"{explained} {captions.READ_PRUNED}" if is_pruned else explained,
        panels=_panels(content, alone),
        table=_table(alone, content.score_name),
        key=key(judged["verdict"]),
        note=_note(judged, alone, more),
    )


def _note(judged: pd.DataFrame, alone: Sequence[Isolation], more: int) -> str:
    parts = [captions.not_in_place(*(one.points for one in alone)), _undrawn(more)]
    parts += [
        f"{wording.plural(trials, 'trial')} with {_fewer(layers)}: not in the "
        f"{'panel' if len(names) == 1 else 'panels'} of {wording.join(names)}."
        for layers, (trials, names) in without_layers(judged, (one.key for one in alone)).items()
    ]
    return " ".join(part for part in parts if part)


def _fewer(layers: int) -> str:
    return "no hidden layer" if layers == 1 else f"fewer than {layers} hidden layers"


def _undrawn(more: int) -> str:
    return f"{wording.plural(more, 'further hyperparameter')} not drawn." if more else ""


def _panels(content: SweepContent, alone: Sequence[Isolation]) -> tuple[Panel, ...]:
    """Draw each hyperparameter; only its trials, where too few of them allow any comparison."""
    score, marks = content.score_name, theme.value_marks(content.choices)
    is_compared = any(one.draws for one in alone)
    remarks = [captions.setting_remark(one.points, score) for one in alone]
    return tuple(
        panel(
            isolation(one, remark, marks)
            if is_compared
            else panels.hyperparameter(one.points, remark),
            _name(one, score),
            f"setting-{place}",
        )
        for place, (one, remark) in enumerate(zip(alone, remarks, strict=True))
    )


def differences(alone: Sequence[Isolation], score_name: str) -> str:
    """Say in which hyperparameters the best value is clearly ahead of the worst.

    Args:
        alone: Each hyperparameter by itself.
        score_name: What the score is called.
    """
    compared = [one for one in alone if len(one.shown) > 1]
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
        f"{one.points.x_name.lower()} ({one.edge} edge, {_span(one, one.best)})"
        for one in alone
        if one.edge
    ]
    return f"Best at an edge of the space: {wording.join(parts)}." if parts else ""


def _ahead(one: Isolation) -> str:
    best, worst = one.known.iloc[one.best], one.known.iloc[one.worst]
    return (
        f"{one.points.x_name.lower()} ({wording.score(best['expected'])} at "
        f"{_span(one, one.best)} against {wording.score(worst['expected'])} at "
        f"{_span(one, one.worst)}, best of {one.draws})"
    )


def _span(one: Isolation, place: int) -> str:
    return span_of(one.known.iloc[place])


def span_of(row: pd.Series) -> str:
    """Write which values a row of the comparison stands for: a choice, a number or a bin.

    Args:
        row: Of `reports.summaries.isolation.Isolation.compared`.
    """
    if row["value"]:
        return wording.shorten(str(row["value"]), 20)
    low, high = float(row["low"]), float(row["high"])
    if high - low == 1 and low % 1 == 0.5:  # the bin of one whole number
        return wording.setting(low + 0.5)
    return f"{wording.setting(low)} to {wording.setting(high)}"


def _name(one: Isolation, score_name: str) -> str:
    text = captions.setting_name(one.points, score_name)
    text = f"{text} Searched: {captions.searched_span(one.points)}."
    if not one.draws:
        return text
    best = one.known.iloc[one.best]
    return (
        f"{text} Expected best of {one.draws} is highest for {_span(one, one.best)}: "
        f"{wording.score(best['expected'])}, {wording.score(best['lower'])} to "
        f"{wording.score(best['upper'])}."
    )


def _table(alone: Sequence[Isolation], score_name: str) -> Table:
    parts = [one.compared.assign(name=one.points.x_name) for one in alone if len(one.compared)]
    columns = ["name", "value", "low", "high", "trials", "draws", "expected", "lower", "upper"]
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    rows = pd.concat(parts, ignore_index=True) if parts else empty
    texts = [span_of(row) for _, row in rows.iterrows()]
    return first_rows(
        rows.assign(span=pd.Series(texts, index=rows.index, dtype=object)),
        f"Expected best {score_name} of as many finished trials for each value of a "
        "hyperparameter, with 95 % intervals.",
        [
            Column(source="name", title="Hyperparameter", write=wording.shorten, numeric=False),
            Column(source="span", title="Value", write=wording.shorten, numeric=False),
            Column(source="trials", title="Trials", write=wording.count),
            Column(source="draws", title="Best of", write=_draws),
            Column(source="expected", title=f"Expected {score_name}", write=wording.score),
            Column(source="lower", title="from", write=wording.score),
            Column(source="upper", title="to", write=wording.score),
        ],
    )


def _draws(value: float) -> str:
    return wording.count(value) if value else wording.MISSING
