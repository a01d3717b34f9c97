"""What the course notes say of loss curves, put to the test on a grid of learning rates.

The arms are called too small, right and too large by the module beside this one, `verdicts`; their
curves, seed by seed, are what is measured here. Every claim is one paired difference, or one mean,
with its t interval.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.wording import loss
from studies.answering.rate_grids import Fall, measure_fall
from studies.answering.results import StudyResults, pivot
from studies.answering.words import claim_finding, in_words, numbers, percent
from studies.catalog.learning_rate.verdicts import curve_verdicts
from studies.diagnosis.rates import SETTLED
from studies.statistics.intervals import Interval, exact_share_interval
from studies.statistics.power import FEWEST_PAIRS

NEAR_FLOOR: Final = 0.1  # of the whole fall left: the loss has arrived
VERDICTS: Final = {
    "small": {"too small"},
    "right": {"right"},
    "large": {"too large", "diverges"},
}

Arms = Mapping[str, Sequence[str]]


def curve_claims(results: StudyResults, judged: pd.DataFrame) -> list[Finding]:
    """Test what the notes say of curves whose rate is too small, too large, or right.

    Args:
        results: The study.
        judged: From `judge_rates`.
    """
    arms = {
        name: judged.loc[judged["verdict"].isin(verdicts), "arm"].tolist()
        for name, verdicts in VERDICTS.items()
    }
    facts = _facts(results)
    return [
        _small(results, facts, arms),
        _large(results, facts, arms),
        _right(results, facts, arms),
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


def _small(results: StudyResults, facts: pd.DataFrame, arms: Arms) -> Finding:
    subject = "too small: many steps"
    if not (arms["small"] and arms["right"]):
        return _untested(subject, "small", "no rate is too small beside one that is right")
    slow, quick = (_per_pair(results, facts, arms[name], "steps") for name in ("small", "right"))
    more = results.mean(slow - quick)
    arrived = _per_pair(results, facts, arms["small"], "arrived").mean()
    longest = int(facts["epochs"].max())
    return _claim(
        subject,
        "small",
        _decided(more, 0.0, results),
        f"it needs {in_words(more, loss)} epochs more than a right rate ({loss(quick.mean())}) for "
        f"nine tenths of the way to the lowest train loss; {percent(arrived)} get there within "
        f"{longest}, the others count as {longest + 1}",
        more,
    )


def _large(results: StudyResults, facts: pd.DataFrame, arms: Arms) -> Finding:
    subject = "too large: the loss swings and never settles"
    if not (arms["large"] and arms["right"]):
        return _untested(subject, "large", "no rate is too large beside one that is right")
    finite = facts[facts["outcome"] == "finished"]
    wild, calm = (
        _per_pair(results, finite, arms[name], "rising_share") for name in ("large", "right")
    )
    more = results.mean(wild - calm)
    ends = facts[facts["arm"].isin(arms["large"])]
    calm_ends = (ends["arrived"] == 1) & (ends["outcome"] == "finished")
    settled = exact_share_interval(int(calm_ends.sum()), len(ends))
    swings, stays = _decided(more, 0.0, results), _decided(settled, 0.5, results)
    verdict = "undecided" if "undecided" in {swings, stays} else "does not hold"
    if swings == "holds" and stays == "does not hold":
        verdict = "holds"
    diverged = float((ends["outcome"] != "finished").mean())
    return _claim(
        subject,
        "large",
        verdict,
        f"the train loss rises in {percent(wild.mean())} of the epochs, with a right rate in "
        f"{percent(calm.mean())}, apart {in_words(more, percent)}; "
        f"{in_words(settled, percent)} end near the lowest loss, {percent(diverged)} are lost",
        more,
    )


def _right(results: StudyResults, facts: pd.DataFrame, arms: Arms) -> Finding:
    subject = "right: falls to a floor"
    if not arms["right"]:
        return _untested(subject, "right", "no rate is right")
    late = results.mean(_per_pair(results, facts, arms["right"], "late_share"))
    verdict = {"holds": "does not hold", "does not hold": "holds"}.get(
        _decided(late, SETTLED, results), "undecided"
    )
    return _claim(
        subject,
        "right",
        verdict,
        f"the last third of the epochs holds {in_words(late, percent)} of the fall of the train "
        f"loss; on a floor it is at most {percent(SETTLED)}",
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


def _claim(subject: str, name: str, verdict: str, because: str, interval: Interval) -> Finding:
    return claim_finding(
        f"study.learning-rate.claim_{name}",
        subject,
        verdict,
        f": {because}",
        "95 % t interval over paired seeds; arms are sorted by probes on the same seeds",
        numbers(interval, "mean"),
    )


def _untested(subject: str, name: str, why: str) -> Finding:
    code = f"study.learning-rate.claim_{name}"
    step = "Try more rates: --set learning_rate.adam=RATE,RATE,..."
    finding = claim_finding(code, subject, "undecided", f": {why}", "not tested", {})
    return dataclasses.replace(finding, next_step=step)
