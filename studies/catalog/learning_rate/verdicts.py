"""What each learning rate of a grid is: by the loss curves, and by probes at other rates.

A curve tells how a training went; only other rates tell whether it went as well as it could. The
probes begin with the weights that the arm began with and run at a third and at three times its
rate. Their train loss is compared with the arm's own after as many epochs. A gain matters if it is
more than `GAIN_MARGIN` of the way that the loss can fall at all.
"""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from studies.answering.rate_grids import Fall, RateGrid, measure_fall, rate_grids
from studies.answering.results import StudyResults
from studies.answering.words import numbers
from studies.diagnosis.networks import diagnose
from studies.diagnosis.rates import rate_facts
from studies.statistics.intervals import Interval, mean_interval
from studies.statistics.power import FEWEST_PAIRS

GAIN_MARGIN: Final = 0.05  # of the whole fall of the train loss
LEARNT: Final = 0.5  # of the whole fall: with less, no rate is right
MOST_LOSS: Final = 2.0  # times the loss of knowing nothing: worse than that is all the same
MAJORITY: Final = 0.5

NOTHING: Final = Interval(estimate=np.nan, low=np.nan, high=np.nan)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Hold what the probes show of one arm.

    Attributes:
        pairs: Probe seeds at which both probes and the arm itself were trained.
        third: Train loss that a third of the rate saves, in shares of the whole fall.
        triple: Train loss that three times the rate saves, likewise.
        learnt: Share of the whole fall that the arm itself came by its end.
        best: Train loss that the optimizer's best rate saves by the end, likewise.
        best_is_smaller: Whether that rate is smaller than the arm's.
        lost: Share of the arm's trials that diverged or failed.
    """

    pairs: int
    third: Interval
    triple: Interval
    learnt: float
    best: Interval
    best_is_smaller: bool
    lost: float


def judge_rates(results: StudyResults) -> pd.DataFrame:
    """Judge every arm of a grid of learning rates.

    Args:
        results: A study whose design has probes at a smaller and a larger rate.

    Returns:
        One row an arm, optimizer by optimizer, the smallest rate first: ``arm``, ``optimizer``,
        ``rate``; ``curve`` (verdict of most of its curves), ``curve_share`` of them; ``third``,
        ``triple`` with ``_low`` and ``_high`` (see `Evidence`), ``probe`` (verdict of the probes),
        ``verdict``, ``basis`` (what it rests on), ``lost`` (share of the trials).
    """
    fall = measure_fall(results)
    curves = curve_verdicts(results)
    rows = []
    for grid in rate_grids(results):
        best = best_trained(results, grid)
        for arm, rate in zip(grid.arms, grid.rates.tolist(), strict=True):
            verdicts = curves[curves["arm"] == arm]["verdict"]
            curve, share = _majority(verdicts)
            evidence = _evidence(results, arm, fall, best=best, best_rate=grid.rate_of(best))
            probe = probe_verdict(evidence)
            verdict, basis = combine(curve, probe)
            rows.append(
                {"arm": arm, "optimizer": grid.optimizer, "rate": rate, "curve": curve}
                | {"curve_share": share, "probe": probe, "verdict": verdict, "basis": basis}
                | numbers(evidence.third, "third", "third_")
                | numbers(evidence.triple, "triple", "triple_")
                | {"learnt": evidence.learnt, "lost": evidence.lost}
            )
    return pd.DataFrame(rows)


def curve_verdicts(results: StudyResults) -> pd.DataFrame:
    """Read the loss curve of every trial of the comparison.

    Returns:
        The comparison trials with ``verdict`` (of the learning rate), ``rising_share`` and
        ``late_share`` as `studies.diagnosis.rates.rate_facts` has them.
    """
    trials = results.comparison
    epochs = results.epochs[results.epochs["trial"].isin(trials["trial"])]
    verdicts = diagnose(trials, epochs).set_index("trial")["learning_rate_verdict"]
    facts = rate_facts(epochs)[["rising_share", "late_share"]].astype("float64")
    return trials.assign(verdict=trials["trial"].map(verdicts)).join(facts, on="trial")


def probe_verdict(evidence: Evidence) -> str:
    """Return what the probes say of a rate: too small, right, too large or undecided.

    Too small or too large is a rate beside which another saves clearly more than the margin. Where
    neither does, it is right, if the network learnt at all. If it did not (both neighbours may
    fail as well), the optimizer's best rate tells on which side it lies.
    """
    if evidence.lost > MAJORITY:
        return "too large"
    if evidence.pairs < FEWEST_PAIRS:
        return "undecided"
    slower, faster = evidence.third.low > GAIN_MARGIN, evidence.triple.low > GAIN_MARGIN
    if slower or faster:
        return "undecided" if slower and faster else "too large" if slower else "too small"
    if evidence.learnt < LEARNT:
        if not evidence.best.low > GAIN_MARGIN:
            return "undecided"
        return "too large" if evidence.best_is_smaller else "too small"
    alike = max(evidence.third.estimate, evidence.triple.estimate) <= GAIN_MARGIN
    return "right" if alike else "undecided"


def combine(curve: str, probe: str) -> tuple[str, str]:
    """Return the verdict that follows from curve and probes, and what it rests on."""
    if curve == probe == "undecided":
        return "undecided", "neither decides"
    if curve == probe or (curve == "diverges" and probe == "too large"):
        return curve, "curve and probes"
    if curve == "undecided":
        return probe, "probes"
    if probe == "undecided":
        return "undecided", f"curve says {curve}, probes undecided"
    return "undecided", f"curve says {curve}, probes {probe}"


def best_trained(results: StudyResults, grid: RateGrid) -> str:
    """Return the arm of an optimizer that ends with the lowest mean train loss."""
    ends = results.finished.groupby("arm")["last_train_loss"].mean()
    return min(grid.arms, key=lambda arm: ends.get(arm, np.inf))


def _majority(verdicts: pd.Series) -> tuple[str, float]:
    """Return the verdict of more than half of the curves, or undecided, and its share."""
    counts = verdicts.value_counts()
    if counts.empty:
        return "undecided", 0.0
    share = float(counts.iloc[0]) / len(verdicts)
    return (str(counts.index[0]), share) if share > MAJORITY else ("undecided", share)


def _evidence(
    results: StudyResults, arm: str, fall: Fall, *, best: str, best_rate: float
) -> Evidence:
    mine = results.comparison[results.comparison["arm"] == arm]
    rate = results.design.arm(arm).candidates[0].learning_rate
    gains = _probe_gains(results, arm, rate, fall)
    ends = results.paired("last_train_loss")[[*dict.fromkeys((arm, best))]]
    ends = ends.clip(upper=MOST_LOSS * fall.start)
    finished = mine.loc[mine["outcome"] == "finished", "last_train_loss"]
    return Evidence(
        pairs=len(gains),
        third=mean_interval(gains["third"].to_numpy()) if len(gains) else NOTHING,
        triple=mean_interval(gains["triple"].to_numpy()) if len(gains) else NOTHING,
        learnt=fall.share(float(finished.mean())) if len(finished) else 0.0,
        best=mean_interval(((ends[arm] - ends[best]) / fall.size).to_numpy(dtype=np.float64)),
        best_is_smaller=best_rate < rate,
        lost=float((mine["outcome"] != "finished").mean()) if len(mine) else 0.0,
    )


def _probe_gains(results: StudyResults, arm: str, rate: float, fall: Fall) -> pd.DataFrame:
    """Return what the two probes of each seed save, in shares of the whole fall."""
    probes = results.design.probes
    trials = results.trials[results.trials["arm"] == arm]
    trials = trials[trials["fold"].fillna(0) == 0]
    if probes is None:
        return pd.DataFrame({"third": [], "triple": []})
    early = results.epochs[results.epochs["epoch"] == probes.epochs]
    losses = early.set_index("trial")["train_loss"]
    most = MOST_LOSS * fall.start
    # A network that diverged before is as bad as any that forgot everything; a failed one is none.
    reached = trials["trial"].map(losses).where(np.isfinite, np.nan)
    reached = reached.fillna(most).clip(upper=most).mask(trials["outcome"] == "failed")
    trials = trials.assign(reached=reached)
    own = trials[trials["stage"] == "comparison"].set_index("seed")["reached"]
    near = trials[trials["stage"] == "probe"]
    slower = near[near["learning_rate"] < rate].set_index("seed")["reached"]
    faster = near[near["learning_rate"] > rate].set_index("seed")["reached"]
    gains = {"third": (own - slower) / fall.size, "triple": (own - faster) / fall.size}
    return pd.DataFrame(gains).dropna()
