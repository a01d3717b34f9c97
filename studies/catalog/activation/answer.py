"""Which activation is best: the four of them, learning rate and initialisation retuned in each.

Two things are told apart. An activation may be hard to train: its train loss stays high, because
its units saturate or die. Or it may be trained as well as the others and generalise worse. The
units of the trained networks are counted for the first.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.study_content import ResponseFigure, StudyTable
from reports.wording import is_number, join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    contrasts_table,
    forest,
    records,
    verdicts_on,
)
from studies.answering.figures import POINT_COLUMNS, curves_figure, marks
from studies.answering.paired import paired_interval
from studies.answering.results import StudyResults, pivot
from studies.diagnosis.words import between
from studies.statistics.power import FEWEST_PAIRS
from studies.statistics.several_arms import compare_arms

LOSS_MARGIN: Final = (
    0.02  # nats, or variances of the target: less train loss than that is no matter
)
IDLE: Final = {
    "relu": "dead",
    "leaky_relu": "inactive",
    "sigmoid": "saturated",
    "tanh": "saturated",
}


def answer(results: StudyResults) -> StudyAnswer:
    """Say which activation is best, which are its equals, and why the others are not."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    compared, trained = compare_study(results), compare_training(results)
    units = count_idle(results)
    best = _best(arms)
    generalises = _best_finding(results, arms, compared, best)
    trainable = _training_finding(arms, trained)
    idle = _units_finding(units)
    chosen = _chosen(results)
    return StudyAnswer(
        answer=_headline(results, arms, compared, best=best),
        paragraph=[generalises.sentence, trainable.sentence, idle.sentence],
        findings=[generalises, trainable, idle, *contrast_findings(compared, results)],
        figures=[
            *([] if compared.empty else [forest(compared, results, finding=generalises.sentence)]),
            _splits_figure(results, arms, finding=trainable.sentence),
            *_units_figure(units, finding=idle.sentence),
            curves_figure(results, finding=trainable.sentence),
        ],
        tables=[
            arms_table(results, arms, verdicts),
            _settings_table(results, arms, units, chosen),
            contrasts_table(compared, results),
        ],
    )


def compare_training(results: StudyResults) -> pd.DataFrame:
    """Compare the arms by how far their train loss fell, table of `compare_arms`.

    The difference is that of the negative train loss after the last epoch: above zero, the first
    was trained further. The margin is `LOSS_MARGIN`.
    """
    return compare_arms(
        -results.paired("last_train_loss"),
        results.design.contrasts,
        margin=LOSS_MARGIN,
        folds=results.folds,
    )


def count_idle(results: StudyResults) -> pd.DataFrame:
    """Return the share of hidden units that do no work, one row an arm.

    Returns:
        ``arm``, ``activation``, ``kind`` (what its idle units are), ``share`` with ``low`` and
        ``high`` (95 % t interval over pairs) and ``most`` (largest of one network); NaN where
        nothing was counted.
    """
    rows = []
    for arm in results.design.arms:
        activation = str(arm.scientific["activation"])
        column = "dead_units" if activation in {"relu", "leaky_relu"} else "saturated_units"
        shares = pivot(results.comparison, column, results)[arm.name]
        interval = paired_interval(shares, results)
        rows.append(
            {
                "arm": arm.name,
                "activation": activation,
                "kind": IDLE[activation],
                "share": interval.estimate,
                "low": max(interval.low, 0.0) if is_number(interval.low) else interval.low,
                "high": min(interval.high, 1.0) if is_number(interval.high) else interval.high,
                "most": float(shares.max()),
            }
        )
    return pd.DataFrame(rows)


def _best(arms: pd.DataFrame) -> dict[str, Any]:
    return max(
        (row for row in records(arms) if row["pairs"]), key=lambda row: row["validation_score"]
    )


def _headline(
    results: StudyResults, arms: pd.DataFrame, compared: pd.DataFrame, *, best: dict[str, Any]
) -> str:
    groups = _against(compared, best["arm"])
    interval = between(best["validation_score_low"], best["validation_score_high"], score)
    sentence = (
        f"The best mean {results.metric} is that of {best['arm']}, "
        f"{score(best['validation_score'])} ({interval})"
    )
    words = {
        "better": "clearly better than {}",
        "equivalent": "equivalent to {}",
        "undecided": "undecided against {}",
        "worse": "clearly worse than {}",
    }
    parts = [text.format(join(groups[name])) for name, text in words.items() if groups.get(name)]
    lost = [row["arm"] for row in records(arms) if not row["pairs"]]
    if lost:
        parts.append(f"{join(lost)} lost altogether")
    if results.design.pairs < FEWEST_PAIRS:
        return f"{sentence}; too few seeds for a verdict."
    return f"{sentence}; {'; '.join(parts)}." if parts else f"{sentence}."


def _against(compared: pd.DataFrame, best: str) -> dict[str, list[str]]:
    """Return the other arms by the verdict on the best one against them."""
    groups: dict[str, list[str]] = {}
    for other, verdict in verdicts_on(best, compared).items():
        groups.setdefault(verdict, []).append(other)
    return groups


def _best_finding(
    results: StudyResults, arms: pd.DataFrame, compared: pd.DataFrame, best: dict[str, Any]
) -> Finding:
    """Name the best activation, and which others are as good for all that is known."""
    groups = _against(compared, best["arm"])
    equal = join(groups.get("equivalent", [])) or "none"
    behind = [
        f"{row['arm']} {score(row['validation_score'])} (gap at the end "
        f"{score(row['last_score_gap'])})"
        for row in records(arms)
        if row["pairs"]
    ]
    enough = results.design.pairs >= FEWEST_PAIRS
    clear = groups.get("better", [])
    verdict = "undecided"
    if enough and clear and len(clear) == len(arms) - 1:
        verdict = "better"
    elif enough and len(groups.get("equivalent", [])) == len(arms) - 1:
        verdict = "equivalent"
    elif enough and clear:
        verdict = "differ"
    return Finding(
        code="study.activation.best",
        about="study",
        subject=best["arm"],
        verdict=verdict,
        sentence=(
            f"Validation {results.metric}: {join(behind)}. Equivalent to {best['arm']} within "
            f"{score(results.design.margin)}: {equal}; clearly worse: {join(clear) or 'none'}; "
            f"undecided: {join(groups.get('undecided', [])) or 'none'}."
        ),
        next_step=(
            "Repeat the study with more --seeds to settle the rest."
            if groups.get("undecided")
            else ""
        ),
        level="good" if verdict in {"better", "equivalent", "differ"} else "info",
        confidence="paired t and equivalence tests over seeds, Holm over all pairs of activations",
        numbers={
            "validation_score": best["validation_score"],
            "low": _number(best["validation_score_low"]),
            "high": _number(best["validation_score_high"]),
        },
    )


def _training_finding(arms: pd.DataFrame, trained: pd.DataFrame) -> Finding:
    """Tell the activations that could not be trained as far from those that generalise worse."""
    finished = [row for row in records(arms) if row["pairs"]]
    lowest = min(finished, key=lambda row: row["last_train_loss"])
    groups = _against(trained, lowest["arm"])
    by_arm = {row["arm"]: row for row in finished}
    harder = [
        f"{name} ({loss(by_arm[name]['last_train_loss'])})" for name in groups.get("better", [])
    ]
    alike = [f"{name}" for name in groups.get("equivalent", [])]
    lost = [f"{row['arm']} {row['lost']}" for row in records(arms) if row["lost"]]
    sentence = (
        f"Trainability: {lowest['arm']} ends with the lowest train loss, "
        f"{loss(lowest['last_train_loss'])}"
    )
    if harder:
        sentence += f"; clearly higher, so trained less far: {join(harder)}"
    if alike:
        sentence += f"; within {LOSS_MARGIN:g}, so that any difference on validation rows is one of"
        sentence += f" generalisation: {join(alike)}"
    if groups.get("undecided"):
        sentence += f"; undecided: {join(groups['undecided'])}"
    sentence += f"; networks lost: {join(lost)}." if lost else "; no network was lost."
    return Finding(
        code="study.activation.trainability",
        about="study",
        subject=lowest["arm"],
        verdict="differ" if harder else "equivalent" if alike else "undecided",
        sentence=sentence,
        next_step="Train longer: --epochs." if harder else "",
        level="info",
        confidence="paired t and equivalence tests on the train loss over seeds, Holm over all "
        "pairs",
        numbers={f"train_loss_{row['arm']}": row["last_train_loss"] for row in finished},
    )


def _units_finding(units: pd.DataFrame) -> Finding:
    parts = [
        f"{row['arm']} none {row['kind']}"
        if row["most"] == 0
        else f"{row['arm']} {_percent(row['share'])} {row['kind']} "
        f"({between(row['low'], row['high'], _percent)})"
        for row in records(units)
        if is_number(row["share"])
    ]
    counted = join(parts) or "none were counted"
    return Finding(
        code="study.activation.units",
        about="study",
        subject="",
        verdict="measured",
        sentence=f"Hidden units that do no work, at the best epoch on training rows: {counted}.",
        level="info",
        confidence="95 % t interval over seeds; counted on at most 1,000 training rows",
        numbers={f"idle_{row['arm']}": _number(row["share"]) for row in records(units)},
    )


def _splits_figure(results: StudyResults, arms: pd.DataFrame, *, finding: str) -> ResponseFigure:
    """Draw train and validation, score and loss, for each activation."""
    parts = []
    for panel, measure in ((results.metric, "last_{}_score"), ("loss", "last_{}_loss")):
        for series in ("train", "validation"):
            name = measure.format(series)
            values = (arms[name], arms[f"{name}_low"], arms[f"{name}_high"])
            rows = zip(arms["arm"], *values, strict=True)
            parts += [(panel, series, *row) for row in rows]
    return ResponseFigure(
        id="splits",
        title="Trained as far, or generalising worse?",
        finding=finding,
        how_to_read=(
            f"Mean {results.metric} and loss after the last epoch on train and validation rows, "
            "with 95 % t intervals over seeds; the distance between the two is the gap. A high "
            "train loss: the activation was hard to train. A low train loss with a poor validation "
            "value: it generalises worse."
        ),
        x_name="activation",
        x_scale="category",
        y_name="after the last epoch",
        table=pd.DataFrame(parts, columns=list(POINT_COLUMNS)),
        marks=marks(),
    )


def _units_figure(units: pd.DataFrame, *, finding: str) -> Sequence[ResponseFigure]:
    """Draw the share of idle units of each activation; nothing if none were counted."""
    known = units[units["share"].notna()]
    if known.empty:
        return []
    table = pd.DataFrame(
        {
            "panel": "",
            "series": "idle units",
            "x": known["arm"],
            "mean": known["share"],
            "low": known["low"],
            "high": known["high"],
        },
        columns=list(POINT_COLUMNS),
    )
    return [
        ResponseFigure(
            id="units",
            title="Hidden units that do no work",
            finding=finding,
            how_to_read=(
                "Share of all hidden units, mean over seeds with 95 % t intervals, in the network "
                "of the best epoch. relu: dead, above zero on no row; leaky relu: the same, though "
                "such a unit still learns slowly; sigmoid and tanh: saturated, within 0.05 of an "
                "end of their range (of 1 and -1 for tanh) on at least 95 % of the rows."
            ),
            x_name="activation",
            x_scale="category",
            y_name="share of hidden units",
            table=table,
            marks=marks(),
        )
    ]


def _chosen(results: StudyResults) -> pd.DataFrame:
    columns = ["arm", "optimizer", "learning_rate", "initializer"]
    return results.comparison.drop_duplicates("arm")[columns].set_index("arm")


def _settings_table(
    results: StudyResults, arms: pd.DataFrame, units: pd.DataFrame, chosen: pd.DataFrame
) -> StudyTable:
    names = arms["arm"].tolist()
    settings = chosen.reindex(names)
    table = pd.DataFrame(
        {
            "Activation": names,
            "Learning rate": settings["learning_rate"].map(loss).tolist(),
            "Initialisation": settings["initializer"].tolist(),
            "Train loss at the end": [_cell(row, "last_train_loss", loss) for row in records(arms)],
            f"Validation {results.metric} at the end": [
                _cell(row, "last_validation_score", score) for row in records(arms)
            ],
            "Idle units": [_percent(row["share"]) for row in records(units)],
            "Most of one network": [_percent(row["most"]) for row in records(units)],
            "Epochs to its best": [loss(row["best_epoch"]) for row in records(arms)],
        }
    )
    return StudyTable(
        id="settings",
        title="What was chosen, and how it trained",
        table=table,
        note="Learning rate and initialisation were chosen in each arm on other seeds, by the mean "
        "validation loss. Idle: dead (relu, leaky relu) or saturated (sigmoid, tanh).",
    )


def _cell(row: dict[str, Any], measure: str, write: Callable[[float | None], str]) -> str:
    value, low, high = row[measure], row[f"{measure}_low"], row[f"{measure}_high"]
    if not (is_number(low) and is_number(high)):
        return write(value)
    return f"{write(value)} ({write(low)} to {write(high)})"


def _percent(share: float | None) -> str:
    return f"{loss(100 * share)} %" if is_number(share) else "not counted"


def _number(value: object) -> float | None:
    return float(value) if is_number(value) else None
