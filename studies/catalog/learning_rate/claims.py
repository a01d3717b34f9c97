"""What the course notes say of loss curves, put to the test on a grid of learning rates.

The arms are called too small, right and too large by the module beside this one, `verdicts`; their
curves, seed by seed, are what is measured here. Every claim is one paired difference, or one mean,
with its t interval.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.wording import loss
from studies.answering.paired import paired_interval
from studies.answering.rate_grids import LEVELS, Fall, claim, measure_fall
from studies.answering.results import StudyResults, pivot
from studies.catalog.learning_rate.verdicts import curve_verdicts
from studies.diagnosis.rates import SETTLED
from studies.diagnosis.words import between
from studies.statistics.intervals import Interval, exact_share_interval
from studies.statistics.power import FEWEST_PAIRS

NEAR_FLOOR: Final = 0.1  # of the whole fall left: the loss has arrived
TOO_LARGE: Final = frozenset({"too large", "diverges"})


def curve_claims(results: StudyResults, judged: pd.DataFrame) -> list[Finding]:
    """Test what the notes say of curves whose rate is too small, too large, or right.

    Args:
        results: The study.
        judged: From `studies.catalog.learning_rate.verdicts.judge_rates`.
    """
    by_verdict = {
        "small": judged.loc[judged["verdict"] == "too small", "arm"].tolist(),
        "right": judged.loc[judged["verdict"] == "right", "arm"].tolist(),
        "large": judged.loc[judged["verdict"].isin(TOO_LARGE), "arm"].tolist(),
    }
    facts = _facts(results)
    return [
        _small(results, facts, by_verdict["small"], by_verdict["right"]),
        _large(results, facts, by_verdict["large"], by_verdict["right"]),
        _right(results, facts, by_verdict["right"]),
    ]


def _facts(results: StudyResults) -> pd.DataFrame:
    """Return the comparison trials with what the claims are about.

    Those are ``rising_share``, ``late_share``, ``steps`` and ``arrived``: the epochs until the
    train loss has come nine tenths of its way, one more than were trained if it never does; and
    whether it is there at the end.
    """
    fall = measure_fall(results)
    height = fall.floor + NEAR_FLOOR * fall.size
    trials = curve_verdicts(results)
    epochs = results.epochs[results.epochs["trial"].isin(trials["trial"])]
    reached = epochs[epochs["train_loss"] <= height].groupby("trial")["epoch"].min()
    steps = trials["trial"].map(reached).astype("float64").fillna(trials["epochs"] + 1.0)
    return trials.assign(steps=steps, arrived=_ends_low(trials, fall))


def _ends_low(trials: pd.DataFrame, fall: Fall) -> pd.Series:
    left = trials["last_train_loss"] - fall.floor
    return (left <= NEAR_FLOOR * fall.size).astype("float64")


def _small(
    results: StudyResults, facts: pd.DataFrame, small: Sequence[str], right: Sequence[str]
) -> Finding:
    subject = "too small: many steps"
    if not (small and right):
        return _untested(subject, "small", "no rate is too small beside one that is right")
    slow, quick = (_per_pair(results, facts, arms, "steps") for arms in (small, right))
    more = paired_interval(slow - quick, results)
    verdict = _decided(more, 0.0, results)
    arrived = _per_pair(results, facts, small, "arrived").mean()
    longest = int(facts["epochs"].max())
    return _finding(
        subject,
        "small",
        verdict,
        f"too small a rate needs {loss(more.estimate)} more epochs "
        f"({between(more.low, more.high)}) than a right one to come nine tenths of the way to the "
        f"lowest train loss; a right one needs "
        f"{loss(float(quick.mean()))}; {_percent(arrived)} of these networks get there within "
        f"{longest}, the others count as {longest + 1}",
        more,
    )


def _large(
    results: StudyResults, facts: pd.DataFrame, large: Sequence[str], right: Sequence[str]
) -> Finding:
    subject = "too large: the loss swings and never settles"
    if not (large and right):
        return _untested(subject, "large", "no rate is too large beside one that is right")
    finite = facts[facts["outcome"] == "finished"]
    wild, calm = (_per_pair(results, finite, arms, "rising_share") for arms in (large, right))
    more = paired_interval(wild - calm, results)
    ends = facts[facts["arm"].isin(large)]
    calm_ends = (ends["arrived"] == 1) & (ends["outcome"] == "finished")
    settled = exact_share_interval(int(calm_ends.sum()), len(ends))
    swings = _decided(more, 0.0, results)
    stays = _decided(settled, 0.5, results)
    if swings == "holds" and stays == "does not hold":
        verdict = "holds"
    elif "undecided" in {swings, stays}:
        verdict = "undecided"
    else:
        verdict = "does not hold"
    diverged = float((ends["outcome"] != "finished").mean())
    return _finding(
        subject,
        "large",
        verdict,
        f"with too large a rate the train loss clearly rises in {_percent(float(wild.mean()))} of "
        f"the epochs, with a right one in {_percent(float(calm.mean()))} (difference: "
        f"{between(more.low, more.high, _percent)}); {_percent(settled.estimate)} of these "
        f"networks ({between(settled.low, settled.high, _percent)}) end near the lowest train "
        f"loss, and {_percent(diverged)} are lost altogether",
        more,
    )


def _right(results: StudyResults, facts: pd.DataFrame, right: Sequence[str]) -> Finding:
    subject = "right: falls to a floor"
    if not right:
        return _untested(subject, "right", "no rate is right")
    late = paired_interval(_per_pair(results, facts, right, "late_share"), results)
    verdict = {"holds": "does not hold", "does not hold": "holds"}.get(
        _decided(late, SETTLED, results), "undecided"
    )
    return _finding(
        subject,
        "right",
        verdict,
        f"at a right rate the last third of the epochs holds {_percent(late.estimate)} of the fall "
        f"of the train loss ({between(late.low, late.high, _percent)}); on a floor it is at most "
        f"{_percent(SETTLED)}",
        late,
    )


def _per_pair(
    results: StudyResults, facts: pd.DataFrame, arms: Sequence[str], measure: str
) -> pd.Series:
    """Return the mean of a measure over arms, pair by pair; a network that was lost is left out."""
    rows = facts.assign(outcome="finished") if measure == "steps" else facts
    return pivot(rows, measure, results)[list(arms)].mean(axis=1)


def _decided(interval: Interval, border: float, results: StudyResults) -> str:
    """Return whether a mean is clearly above a border; undecided for too few pairs."""
    if results.design.pairs < FEWEST_PAIRS:
        return "undecided"
    if interval.low > border:
        return "holds"
    return "does not hold" if interval.high < border else "undecided"


def _finding(subject: str, name: str, verdict: str, because: str, interval: Interval) -> Finding:
    return Finding(
        code=f"study.learning-rate.claim_{name}",
        about="study",
        subject=subject,
        verdict=verdict,
        sentence=f"{claim(subject, verdict)}: {because}.",
        next_step="" if verdict != "undecided" else "Repeat the study with more --seeds.",
        level=LEVELS[verdict],
        confidence="95 % t interval over paired seeds; arms are sorted by probes on the same seeds",
        numbers={"mean": interval.estimate, "low": interval.low, "high": interval.high},
    )


def _untested(subject: str, name: str, why: str) -> Finding:
    return Finding(
        code=f"study.learning-rate.claim_{name}",
        about="study",
        subject=subject,
        verdict="undecided",
        sentence=f"{claim(subject, 'undecided')}: {why}.",
        next_step="Try more rates: --set learning_rate.adam=RATE,RATE,...",
        confidence="not tested",
    )


def _percent(share: float | None) -> str:
    return f"{loss(None if share is None else 100 * share)} %"
