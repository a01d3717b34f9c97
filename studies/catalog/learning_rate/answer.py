"""Which learning rates are right: every optimizer at every rate of a grid, confirmed by probes.

The rate is the question, so that nothing is tuned. What a rate is, too small, right or too large,
is read off its loss curves and confirmed by short trainings at a third and at three times the rate,
from the same initial weights.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.study_content import ResponseFigure, StudyTable
from reports.wording import is_number, join, loss, plural, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import records
from studies.answering.figures import log_or_linear, marks, points
from studies.answering.paired import paired_interval
from studies.answering.rate_grids import (
    KERAS_RATES,
    LEVELS,
    TITLES,
    RateGrid,
    claim,
    compare_with_default,
    default_words,
    measure_fall,
    rate_grids,
    rate_words,
    span_words,
)
from studies.answering.results import StudyResults
from studies.catalog.learning_rate.claims import curve_claims
from studies.catalog.learning_rate.verdicts import GAIN_MARGIN, judge_rates
from studies.diagnosis.words import between
from studies.statistics.cross_fitting import choose_best
from studies.statistics.intervals import exact_share_interval
from studies.statistics.power import FEWEST_PAIRS

KINDS: Final = ("too small", "right", "too large", "diverges")
UNTRIED: Final = "Try others: --set learning_rate.{}=RATE,RATE,..."


def answer(results: StudyResults) -> StudyAnswer:
    """Say which rates are right, and whether the notes' pictures of curves hold."""
    grids, judged = rate_grids(results), judge_rates(results)
    arms = summarise_arms(results)
    arms["rate"] = [results.design.arm(name).candidates[0].learning_rate for name in arms["arm"]]
    bands = [_band_finding(results, grid, judged, arms) for grid in grids]
    agreement = _agreement(judged)
    adam = [_default_finding(results, grid) for grid in grids if grid.optimizer == "adam"]
    claims = curve_claims(results, judged)
    headline = f"Right learning rates: {'; '.join(_short(one) for one in bands)}."
    verdicts = judge_arms(results)
    return StudyAnswer(
        answer=headline,
        paragraph=[*(one.sentence for one in bands), agreement.sentence],
        findings=[*bands, agreement, *adam, *claims],
        figures=[
            _response(results, grids, arms, judged, measure="loss", finding=headline),
            _response(results, grids, arms, judged, measure="score", finding=_best_words(bands)),
            *_examples(results, judged),
        ],
        tables=[_verdict_table(judged), arms_table(results, arms, verdicts)],
    )


def _band_finding(
    results: StudyResults, grid: RateGrid, judged: pd.DataFrame, arms: pd.DataFrame
) -> Finding:
    mine = judged[judged["optimizer"] == grid.optimizer]
    right = mine.loc[mine["verdict"] == "right", "rate"].tolist()
    verdicts = mine["verdict"].to_numpy()
    decades = float(grid.decades(verdicts == "right"))
    scores = results.paired("validation_score")
    best = choose_best(scores, grid.arms) if len(scores) else grid.arms[0]
    row = next(row for row in records(arms) if row["arm"] == best)
    reach = paired_interval(_close_decades(results, grid), results)
    interval = between(row["validation_score_low"], row["validation_score_high"], score)
    reached = (
        f"validation {results.metric} is highest at {grid.rate_of(best):g}: "
        f"{score(row['validation_score'])} ({interval}; the best of {len(grid.arms)} is a little "
        f"flattered)"
        if row["pairs"]
        else "no network came to its end"
    )
    band = (
        f"{grid.title}: right at {rate_words(right)}, about {decades:.3g} "
        f"{'decade' if decades == 1 else 'decades'}"
        if right
        else f"{grid.title}: no rate is clearly right"
    )
    at_edge = bool(right) and verdicts[[0, -1]].tolist().count("right") > 0
    unclear = int((verdicts == "undecided").sum())
    doubt = f"; {plural(unclear, 'rate')} undecided" if unclear else ""
    return Finding(
        code="study.learning-rate.band",
        about="study",
        subject=grid.optimizer,
        verdict="right" if right else "undecided",
        sentence=(
            f"{band}{doubt}; {reached}. Seed by seed the train loss ends within "
            f"{100 * GAIN_MARGIN:g} % of the way from the lowest over {span_words(reach)}."
        ),
        next_step=UNTRIED.format(grid.optimizer) if at_edge or not right else "",
        level="warning" if at_edge or not right else "good",
        confidence="loss curves of all seeds, probes on paired seeds with 95 % t intervals",
        numbers={
            "low": min(right) if right else None,
            "high": max(right) if right else None,
            "decades": decades,
            "best_rate": grid.rate_of(best),
            "best_score": _number(row["validation_score"]),
            "close_decades": _number(reach.estimate),
            "close_decades_low": _number(reach.low),
            "close_decades_high": _number(reach.high),
        },
    )


def _close_decades(results: StudyResults, grid: RateGrid) -> pd.Series:
    """Return over how many decades the train loss ends close to the lowest, pair by pair."""
    ends = results.paired("last_train_loss")[list(grid.arms)].dropna(how="all")
    above = ends.sub(ends.min(axis=1), axis=0)
    chosen = (above <= GAIN_MARGIN * measure_fall(results).size).to_numpy(dtype=bool)
    return pd.Series(grid.decades(chosen), index=ends.index)


def _agreement(judged: pd.DataFrame) -> Finding:
    """Say how often the probes confirm what the curves say."""
    both = judged[(judged["curve"] != "undecided") & (judged["probe"] != "undecided")]
    agreed = int((both["basis"] == "curve and probes").sum())
    share = exact_share_interval(agreed, len(both))
    apart = judged[judged["basis"].str.contains("probes") & (judged["verdict"] == "undecided")]
    rest = [f"{row['arm']} ({row['basis']})" for row in records(apart)]
    alone = int((judged["basis"] == "probes").sum())
    told = f" They differ for {join(rest)}." if rest else ""
    return Finding(
        code="study.learning-rate.agreement",
        about="study",
        subject="",
        verdict="agree" if agreed == len(both) and agreed else "differ" if rest else "undecided",
        sentence=(
            f"Probes at a third and at three times the rate confirm {agreed} of "
            f"{plural(len(both), 'verdict')} of the curves ({between(share.low, share.high, score)}"
            f" as a share); {plural(alone, 'rate')} were decided by the probes alone.{told}"
        ),
        level="info",
        confidence="exact interval of a share, as if the rates were independent",
        numbers={"agreed": agreed, "both": len(both), "probes_alone": alone},
    )


def _default_finding(results: StudyResults, grid: RateGrid) -> Finding:
    """Put to the test that 0.001 is a good rate for Adam."""
    rate = KERAS_RATES[grid.optimizer]
    subject = f"{grid.title}: {rate:g} is a good learning rate"
    compared = compare_with_default(results, grid)
    numbers: dict[str, float | int | str | bool | None] = {}
    if compared is None:
        verdict = "undecided"
        sentence = f"{claim(subject, verdict)}: it is not among the rates tried."
    else:
        row = records(compared)[0]
        verdict = {"equivalent": "holds", "better": "holds", "worse": "does not hold"}.get(
            row["verdict"], "undecided"
        )
        numbers = {name: _number(row[name]) for name in ("difference", "low", "high")}
        sentence = f"{claim(subject, verdict)}: {default_words(row, grid, results)}."
    return Finding(
        code="study.learning-rate.claim_adam",
        about="study",
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        next_step="Repeat the study with more --seeds." if verdict == "undecided" else "",
        level=LEVELS[verdict],
        confidence="cross-fitted paired t interval and equivalence test over seeds",
        numbers=numbers,
    )


def _response(
    results: StudyResults,
    grids: Sequence[RateGrid],
    arms: pd.DataFrame,
    judged: pd.DataFrame,
    *,
    measure: str,
    finding: str,
) -> ResponseFigure:
    """Draw train and validation against the rate, a panel an optimizer, the right band marked."""
    parts, places = [], []
    for grid in grids:
        mine = arms[arms["arm"].isin(grid.arms)]
        for series in ("train", "validation"):
            part = points(
                mine, f"last_{series}_{measure}", x="rate", series=series, panel=grid.title
            )
            parts.append(part)
        right = judged[(judged["optimizer"] == grid.optimizer) & (judged["verdict"] == "right")]
        ends = sorted({right["rate"].min(), right["rate"].max()}) if len(right) else []
        words = ["right from", "right to"] if len(ends) == 2 else ["right"]
        places += [(grid.title, end, word) for end, word in zip(ends, words, strict=False)]
    name = "loss" if measure == "loss" else results.metric
    return ResponseFigure(
        id=f"rates-{measure}",
        title=f"{name.capitalize() if name != 'R²' else name} against the learning rate",
        finding=finding,
        how_to_read=(
            f"Mean train and validation {name} after the last epoch over seeds, with 95 % t "
            "intervals; the shaded distance is the gap. The marks are the smallest and the largest "
            "rate that are right: left of them training is too slow, right of them it swings, "
            "forgets or diverges. A cross: no network of that rate came to its end."
        ),
        x_name="learning rate",
        x_scale="log",
        y_name=name,
        y_scale=log_or_linear(results) if measure == "loss" else "linear",
        table=pd.concat(parts, ignore_index=True),
        marks=marks(places),
        shade_gap=True,
    )


def _examples(results: StudyResults, judged: pd.DataFrame) -> list[ResponseFigure]:
    """Draw the curves of one network of each kind: a mean over seeds would hide the swings."""
    parts, shown = [], []
    for kind in KINDS:
        found = judged[(judged["verdict"] == kind) & (judged["basis"] == "curve and probes")]
        found = found if len(found) else judged[judged["verdict"] == kind]
        if found.empty:
            continue
        # The clearest of each kind: next to the right rates, where training still does something.
        arm = str(found.sort_values("learnt", ascending=False, kind="stable")["arm"].iloc[0])
        trials = results.comparison[results.comparison["arm"] == arm]
        curve = results.epochs[results.epochs["trial"] == trials["trial"].iloc[0]]
        shown.append(f"{kind}: {arm}")
        parts += [
            pd.DataFrame(
                {
                    "panel": shown[-1],
                    "series": series,
                    "x": curve["epoch"].astype("float64"),
                    "mean": curve[f"{series}_loss"],
                    "low": math.nan,
                    "high": math.nan,
                }
            )
            for series in ("train", "validation")
        ]
    if not parts:
        return []
    return [
        ResponseFigure(
            id="examples",
            title="How it shows in the loss curve",
            finding=f"One network of each kind: {'; '.join(shown)}.",
            how_to_read=(
                "The losses of a single network, that of the first seed, since a mean over seeds "
                "would smooth what is to be seen. Both are measured after the epoch."
            ),
            x_name="epoch",
            x_scale="linear",
            y_name="loss",
            table=pd.concat(parts, ignore_index=True),
            marks=marks(),
            shade_gap=True,
        )
    ]


def _verdict_table(judged: pd.DataFrame) -> StudyTable:
    rows = records(judged)
    table = pd.DataFrame(
        {
            "Optimizer": [TITLES.get(row["optimizer"], row["optimizer"]) for row in rows],
            "Learning rate": [loss(row["rate"]) for row in rows],
            "Verdict": judged["verdict"],
            "Rests on": judged["basis"],
            "Its curves": [f"{row['curve']} ({100 * row['curve_share']:.0f} %)" for row in rows],
            "The probes": judged["probe"],
            "A third saves": [_saved(row, "third") for row in rows],
            "Three times saves": [_saved(row, "triple") for row in rows],
            "Lost": [f"{100 * row['lost']:.0f} %" for row in rows],
        }
    )
    return StudyTable(
        id="rates",
        title="What each rate is",
        table=table,
        note="Saves: train loss that a probe at that rate has less than the arm itself after as "
        f"many epochs, in shares of the whole fall, with 95 % t intervals over {FEWEST_PAIRS} "
        f"seeds or more; above {GAIN_MARGIN:g} for sure, the rate is wrong on that side.",
    )


def _saved(row: dict[str, Any], name: str) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if not (is_number(low) and is_number(high)):
        return score(value)
    return f"{score(value)} ({score(low)} to {score(high)})"


def _short(finding: Finding) -> str:
    title = TITLES.get(finding.subject, finding.subject)
    low, high, best = (finding.numbers[name] for name in ("low", "high", "best_rate"))
    if low is None:
        return f"{title} none for sure"
    words = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"{title} {words} (best {best:g})"


def _best_words(bands: Sequence[Finding]) -> str:
    parts = [
        f"{TITLES.get(one.subject, one.subject)} {score(_as_float(one.numbers['best_score']))} at "
        f"{one.numbers['best_rate']:g}"
        for one in bands
    ]
    return f"The highest mean at the best epoch: {join(parts)}."


def _as_float(value: object) -> float:
    return float(value) if is_number(value) else math.nan


def _number(value: object) -> float | None:
    return float(value) if is_number(value) else None
