"""The section that tells which hyperparameters matter, for the score and for the gap."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Section, panel
from reports.figures import importance as figures
from reports.summaries.importance import ImportanceSummary, importance
from reports.tables.table import Column, first_rows

READ: Final = (
    "One row a hyperparameter, its share among all by each method; the dashed line is what each "
    "would have if all mattered the same. Trials that are far worse than the rest count as three "
    "quartile distances worse. fANOVA (Hutter et al. 2014) fits a forest to the trials "
    "and asks which share of its variance is due to one hyperparameter alone, over the whole "
    "space. PED-ANOVA (Watanabe et al. 2023) asks how differently the best trials (a tenth, but at "
    "least 5; for the gap those with the smallest) and all trials are spread over it. They answer "
    "different questions and may differ. The learning rate is its place within the range of its "
    "optimizer, so that the rates of all optimizers are one hyperparameter. What only some trials "
    "have, such as momentum, PED-ANOVA judges within those and fANOVA leaves out. Lines are rough "
    "95 % intervals, from how much random halves of the trials differ from the whole; a line that "
    "reaches zero means that with these trials the hyperparameter cannot be told from one that "
    "does nothing."
)
TITLES: Final = {"score": "For the validation {score}", "gap": "For the loss gap"}
NAMES: Final = {"learning_rate": "learning rate (of its optimizer)", "use_bias": "bias"}


def importance_section(content: SweepContent) -> Section | None:
    """Show how much each hyperparameter matters; None where that was not measured."""
    found = {measure: importance(content.importance, measure) for measure in TITLES}
    known = {measure: one for measure, one in found.items() if one is not None}
    if not known:
        return None
    score = content.score_name
    words = {name: name_of(name) for one in known.values() for name in one.names}
    finding = told(known, score)
    rows = content.importance.assign(
        what=content.importance["measure"].map({"score": score, "gap": "loss gap"}),
        name=content.importance["hyperparameter"].map(name_of),
    ).sort_values(["what", "method", "importance"], ascending=[True, False, False], kind="stable")
    return Section(
        id="importance",
        title="Which hyperparameters matter",
        link="Importance",
        finding=finding,
        how_to_read=READ,
        panels=tuple(
            panel(
                figures.importance(one, TITLES[measure].format(score=score), words),
                _name(one, score),
                f"importance-{measure}",
            )
            for measure, one in known.items()
        ),
        table=first_rows(
            rows,
            "Importance of each hyperparameter, with rough 95 % intervals.",
            [
                Column(source="what", title="for", write=wording.shorten, numeric=False),
                Column(source="method", title="method", write=wording.shorten, numeric=False),
                Column(source="name", title="hyperparameter", write=wording.shorten, numeric=False),
                Column(source="importance", title="importance", write=_share),
                Column(source="low", title="from", write=_share),
                Column(source="high", title="to", write=_share),
                Column(source="trials", title="trials", write=wording.count),
            ],
        ),
        note=_left_out(rows, list(known.values())),
    )


def name_of(key: str) -> str:
    """Write a hyperparameter's name.

    Args:
        key: As in the search space, or ``learning_rate`` for those of all optimizers.
    """
    return NAMES.get(key) or wording.shorten(key.replace("_", " "), 40)


def told(known: Mapping[str, ImportanceSummary], score_name: str) -> str:
    """Say what matters most for each measure, by both methods, and how sure that is.

    Args:
        known: Importances by measure.
        score_name: What the score is called.
    """
    parts = [_leading(one, score_name) for one in known.values()]
    trials = max(one.trials for one in known.values())
    text = f"By {wording.plural(trials, 'finished trial')}: {'; '.join(parts)}."
    if any(clear for one in known.values() for _, _, clear in one.leaders.values()):
        return text
    return f"{text} None of these leads is beyond doubt: no interval lies clear of the next."


def _leading(one: ImportanceSummary, score_name: str) -> str:
    what = {"score": score_name, "gap": "the loss gap"}[one.measure]
    names = {name for name, _, _ in one.leaders.values()}
    shares = [
        f"{method} {_share(value)}{', clearly' if clear else ''}"
        for method, (_, value, clear) in one.leaders.items()
    ]
    if len(names) == 1:
        return f"{name_of(names.pop())} matters most for {what} ({wording.join(shares)})"
    each = [
        f"{name_of(name)} by {shown}"
        for (name, _, _), shown in zip(one.leaders.values(), shares, strict=True)
    ]
    return f"for {what} the methods disagree on what matters most: {wording.join(each)}"


def _name(one: ImportanceSummary, score_name: str) -> str:
    text = _leading(one, score_name)
    return f"{text[:1].upper()}{text[1:]}; {wording.plural(one.trials, 'finished trial')}."


def _left_out(rows: pd.DataFrame, shown: Sequence[ImportanceSummary]) -> str:
    parts = []
    more = rows["hyperparameter"].nunique() - max(len(one.names) for one in shown)
    if more > 0:
        parts.append(f"{wording.plural(more, 'hyperparameter')} of least importance not drawn.")
    by = rows.groupby("method")["hyperparameter"].unique()
    if {"PED-ANOVA", "fANOVA"} <= set(by.index):
        only = sorted(set(by["PED-ANOVA"]) - set(by["fANOVA"]))
        if only:
            names = wording.join([name_of(name) for name in only])
            parts.append(f"Not every trial has {names}: judged by PED-ANOVA alone.")
    return " ".join(parts)


def _share(value: float) -> str:
    return f"{value:.2f}" if wording.is_number(value) else wording.MISSING
