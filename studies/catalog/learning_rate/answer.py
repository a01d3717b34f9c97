"""Which learning rates are right: every optimizer at every rate of a grid, confirmed by probes.

The rate is the question, so that nothing is tuned. What a rate is, too small, right or too large,
is read off its loss curves and confirmed by short trainings at a third and at three times the rate,
from the same initial weights.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.wording import between, is_number, join, plural, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, summarise_arms
from studies.answering.rate_grids import (
    RateGrid,
    by_optimizer,
    compare_with_default,
    judge_default,
    measure_fall,
    rate_grids,
    rate_words,
    span_words,
)
from studies.answering.results import StudyResults, records
from studies.answering.words import claim_finding, in_words, measured, numbers, percent
from studies.catalog.learning_rate.claims import curve_claims
from studies.catalog.learning_rate.figures import example_figures, rates_figure, rates_table
from studies.catalog.learning_rate.verdicts import GAIN_MARGIN, judge_rates
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.cross_fitting import choose_best
from studies.statistics.intervals import exact_share_interval
from sweep.optimizers import OPTIMIZERS

UNTRIED: Final = "Try others: --set learning_rate.{}=RATE,RATE,..."


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say which rates are right, and whether the notes' pictures of curves hold."""
    grids, judged, arms = rate_grids(results), judge_rates(results), summarise_arms(results)
    bands = [_band_finding(results, grid, judged, arms) for grid in grids]
    agreement = _agreement(judged)
    defaults = [_default_finding(results, grid) for grid in grids if grid.optimizer == "adam"]
    headline = f"Right learning rates: {'; '.join(map(_short, bands))}."
    panels = by_optimizer(grids, arms)
    return StudyAnswer(
        answer=headline,
        paragraph=[one.sentence for one in (*bands, agreement)],
        findings=[*bands, agreement, *defaults, *curve_claims(results, judged)],
        figures=[
            rates_figure(results, panels, judged, measure="loss", finding=headline),
            rates_figure(results, panels, judged, measure="score", finding=_best_words(bands)),
            *example_figures(results, judged),
        ],
        tables=[rates_table(judged), arms_table(results, arms, verdicts)],
    )


def _band_finding(
    results: StudyResults, grid: RateGrid, judged: pd.DataFrame, arms: pd.DataFrame
) -> Finding:
    mine = judged[judged["optimizer"] == grid.optimizer]
    right = mine.loc[mine["verdict"] == "right", "rate"].tolist()
    decades = float(grid.decades((mine["verdict"] == "right").to_numpy()))
    scores = results.paired("validation_score")
    best = choose_best(scores, grid.arms) if len(scores) else grid.arms[0]
    row = next(row for row in records(arms) if row["arm"] == best)
    reached = measured(row, "validation_score")
    highest = "no network came to its end"
    if row["pairs"]:
        highest = (
            f"validation {results.metric} is highest at {grid.rate_of(best):g}, "
            f"{in_words(reached)}, which choosing flatters a little"
        )
    band = f"right at {rate_words(right)}, decades: {decades:.3g}" if right else "none is right"
    at_edge = "right" in mine["verdict"].iloc[[0, -1]].tolist()
    unclear = int((mine["verdict"] == "undecided").sum())
    doubt = f"; {plural(unclear, 'rate')} undecided" if unclear else ""
    close = results.mean(_close_decades(results, grid))
    return Finding(
        code="study.learning-rate.band",
        subject=grid.optimizer,
        verdict="right" if right else "undecided",
        sentence=(
            f"{grid.title}: {band}{doubt}; {highest}. Seed by seed, the train loss ends within "
            f"{percent(GAIN_MARGIN)} of the way from the lowest over {span_words(close)}."
        ),
        next_step=UNTRIED.format(grid.optimizer) if at_edge or not right else "",
        level="warning" if at_edge or not right else "good",
        confidence="loss curves of all seeds, probes on paired seeds with 95 % t intervals",
        numbers={
            "low": min(right, default=None),
            "high": max(right, default=None),
            "decades": decades,
            "best_rate": grid.rate_of(best),
            "best_score": reached.estimate,
            **numbers(close, "close_decades", "close_decades_"),
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
    differing = f" They differ for {join(rest)}." if rest else ""
    return Finding(
        code="study.learning-rate.agreement",
        verdict="agree" if agreed == len(both) and agreed else "differ" if rest else "undecided",
        sentence=(
            f"Probes at a third and at three times the rate confirm {agreed} of "
            f"{plural(len(both), 'verdict')} of the curves (share: "
            f"{between(share.low, share.high, score)}), and decide {alone} alone.{differing}"
        ),
        confidence="exact interval of a share, as if the rates were independent",
        numbers={"agreed": agreed, "both": len(both), "probes_alone": alone},
    )


def _default_finding(results: StudyResults, grid: RateGrid) -> Finding:
    """Put to the test that 0.001 is a good rate for Adam."""
    contrast = compare_with_default(results, grid)
    verdict, because = judge_default(contrast, grid, results)
    return claim_finding(
        "study.learning-rate.claim_adam",
        f"{grid.title}: {grid.default_rate:g} is a good learning rate",
        verdict,
        f": {because}",
        "cross-fitted paired t interval and equivalence test over seeds",
        {} if contrast is None else numbers(contrast.difference),
    )


def _short(band: Finding) -> str:
    low, high, best = (_number(band, name) for name in ("low", "high", "best_rate"))
    if math.isnan(low):
        return f"{OPTIMIZERS[band.subject].title} none for sure"
    return f"{OPTIMIZERS[band.subject].title} {rate_words([low, high])} (best {best:g})"


def _best_words(bands: Sequence[Finding]) -> str:
    parts = [
        f"{OPTIMIZERS[one.subject].title} {score(_number(one, 'best_score'))} at "
        f"{_number(one, 'best_rate'):g}"
        for one in bands
    ]
    return f"The highest mean at the best epoch: {join(parts)}."


def _number(finding: Finding, name: str) -> float:
    value = finding.numbers[name]
    return float(value) if is_number(value) else math.nan
