"""What a sweep says about the network it chose: searched, confirmed and tested."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding, Level
from reports.run_score import RunScore, run_score
from reports.wording import is_number
from reports.words.configurations import network, training
from studies.statistics.intervals import (
    Estimate,
    Interval,
    difference_interval,
    estimate_interval,
    mean_estimate,
    proportion_interval,
)

FEWEST_SEEDS: Final = 2
SCORE: Final = "score"  # the column of the score that is told, beside those of the trials table


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """Hold the network a sweep chose.

    Attributes:
        row: Its row in the trials table, from the search; ``score`` is its validation score.
        replicates: The finished trials of its configuration on fresh seeds, likewise; may be empty.
        score: What its scores are: the run's, or what epochs are judged by.
        task: What was learnt, as in the manifest.
        lost_seeds: Fresh seeds on which the configuration diverged or failed.
        trials: Finished configurations of the search that it was chosen from.
        pruned: Trials of the search that were pruned before they could be chosen.
        final: Whether the run itself named it; else it is the best so far.
        test: ``winner.test`` of the manifest; None if test was not touched.
        score_se: Standard error of the score over validation rows; NaN if it is not known.
    """

    row: Mapping[str, Any]
    replicates: pd.DataFrame
    score: RunScore
    task: str
    lost_seeds: int
    trials: int
    pruned: int
    final: bool
    test: Mapping[str, Any] | None
    score_se: float = math.nan

    @property
    def trial(self) -> str:
        """Return its identifier in the search."""
        return str(self.row["trial"])

    @property
    def seeds(self) -> int:
        """Return the number of fresh seeds it was confirmed on."""
        return len(self.replicates)

    def validation(self, name: str) -> Estimate:
        """Return the validation ``score`` or ``loss``: over fresh seeds, or of the one search."""
        column = SCORE if name == "score" else f"validation_{name}"
        if self.seeds >= FEWEST_SEEDS:
            return mean_estimate(self.replicates[column].to_numpy(dtype="float64"))
        return Estimate(value=float(self.row[column]), se=math.nan)

    def row_error(self, name: str) -> float:
        """Return the standard error over validation rows of the ``score`` or ``loss``."""
        # Of a logarithmic target, epochs have the error of another R² than the winner.
        if name == "score" and (is_number(self.score_se) or not self.score.is_by_epoch):
            return self.score_se
        if self.seeds >= FEWEST_SEEDS:
            return float(self.replicates[f"validation_{name}_se"].mean())
        return float(self.row[f"validation_{name}_se"])


def find_winner(
    manifest: Mapping[str, Any], trials: pd.DataFrame, shown: RunScore | None = None
) -> Winner | None:
    """Return the network the run named, or else the best so far; None if no trial finished.

    Args:
        manifest: Of the run.
        trials: Of the run, without audits.
        shown: Which score is told of it; left out, the one that the run shows first.
    """
    told = shown or run_score(manifest)
    trials = trials.assign(**{SCORE: told.of(trials)})
    finished = trials[(trials["outcome"] == "finished") & trials["validation_loss"].notna()]
    search = finished[finished["stage"] == "search"]
    named = manifest.get("winner")
    row = search[search["trial"] == named["trial"]] if named else search.iloc[:0]
    final = not row.empty
    if row.empty:
        row = run_score(manifest).best_first(search).head(1)
    if row.empty:
        return None
    config = row["config"].iloc[0]
    fresh = trials[(trials["config"] == config) & (trials["stage"] == "confirmation")]
    task = str((manifest.get("data") or {}).get("task", ""))
    return Winner(
        row={str(name): value for name, value in row.iloc[0].items()},
        replicates=fresh[fresh["trial"].isin(finished["trial"])],
        lost_seeds=int((fresh["outcome"] != "finished").sum()),
        score=told,
        task=task,
        trials=search["config"].nunique(),
        pruned=int(((trials["stage"] == "search") & (trials["outcome"] == "pruned")).sum()),
        final=final,
        test=_test(named or {}, told) if final else None,
        score_se=_finite(_scores(named or {}, told).get("validation", {}).get("se")),
    )


def _scores(named: Mapping[str, Any], score: RunScore) -> Mapping[str, Any]:
    return (named.get("scores") or {}).get(score.name) or {}


def _test(named: Mapping[str, Any], score: RunScore) -> Mapping[str, Any] | None:
    """Return the test of the winner with the score that is told."""
    test, measured = named.get("test"), _scores(named, score).get("test")
    if not test or not measured:
        return test
    ends = {f"score_{end}": measured[end] for end in ("low", "high", "se")}
    return {**test, **ends, "score": measured["value"]}


def _finite(value: object) -> float:
    return float(value) if is_number(value) else math.nan


def name_winner(winner: Winner) -> Finding:
    """State which network was chosen and how good it is, searched, confirmed and tested."""
    row, is_confirmed = winner.row, winner.seeds >= FEWEST_SEEDS
    confirmed = estimate_interval(winner.validation("score"))
    low, high = winner.score.within(confirmed.low, confirmed.high)
    level: Level = "warning" if winner.lost_seeds else "good" if winner.final else "info"
    widths = [int(width) for width in str(row["widths"]).split("-") if width]
    return Finding(
        code="sweep.winner",
        about="sweep",
        subject=winner.trial,
        verdict="chosen" if winner.final else "best so far",
        level=level,
        confidence=_over_seeds(winner.seeds),
        numbers={
            "searched_score": float(row[SCORE]),
            "searched_loss": float(row["validation_loss"]),
            "confirmed_score": confirmed.estimate if is_confirmed else None,
            "confirmed_score_low": low,
            "confirmed_score_high": high,
            "test_score": (winner.test or {}).get("score"),
            "seeds": winner.seeds,
            "lost_seeds": winner.lost_seeds,
            "parameters": int(row["parameters"]),
            "trials": winner.trials,
            "pruned": winner.pruned,
        },
        details={
            "score": winner.score,
            "network": network({**row, "widths": widths}),
            "training": training(row),
        },
    )


def judge_search(winner: Winner) -> list[Finding]:
    """Compare the score the search claimed with the confirmed one (the winner's curse)."""
    claimed = Estimate(value=float(winner.row[SCORE]), se=0.0)
    confirmed = winner.validation("score")
    difference = difference_interval(claimed, confirmed)
    if winner.seeds < FEWEST_SEEDS or not is_number(difference.estimate):
        return []
    ends = [winner.score.gain(end) for end in (difference.low, difference.high)]
    verdict = "flattered" if min(ends) > 0 else "understated" if max(ends) < 0 else "confirmed"
    return [
        Finding(
            code="sweep.winners_curse",
            about="sweep",
            subject=winner.trial,
            verdict=verdict,
            level="warning" if verdict == "flattered" else "info",
            confidence=_over_seeds(winner.seeds),
            numbers={**dataclasses.asdict(difference), "seeds": winner.seeds},
            details={
                "score": winner.score,
                "searched_score": claimed.value,
                "confirmed_score": confirmed.value,
            },
        )
    ]


def judge_test(winner: Winner, manifest: Mapping[str, Any]) -> list[Finding]:
    """State the test score with its interval over rows, and count the touches of the test split."""
    test = winner.test or {}
    if not is_number(test.get("score")):
        return []
    touches = max(len(manifest.get("test_touches") or []), 1)
    return [
        Finding(
            code="sweep.test",
            about="sweep",
            subject=winner.trial,
            verdict="touched once" if touches == 1 else "touched again",
            level="info" if touches == 1 else "warning",
            confidence=f"95 % {_method(winner)} interval over rows, for this one network",
            numbers={
                **dataclasses.asdict(tested(winner)),
                "rows": int(test.get("rows") or 0),
                "touches": touches,
            },
            details={"score": winner.score},
        )
    ]


def tested(winner: Winner) -> Interval:
    """Return the test score with its 95 % interval over rows; NaN for what is not known.

    Runs from before all scores were computed have no interval of their own.
    """
    test = winner.test or {}
    value = _finite(test.get("score"))
    if is_number(test.get("score_low")):
        return Interval(estimate=value, low=test["score_low"], high=_finite(test["score_high"]))
    if winner.score.name == "accuracy":
        return proportion_interval(value, int(test.get("rows") or 0))
    return estimate_interval(Estimate(value=value, se=_finite(test.get("score_se"))))


def _method(winner: Winner) -> str:
    if winner.score.name == "accuracy":
        return "Wilson"
    return "jackknife" if "score_low" in (winner.test or {}) else "normal"


def _over_seeds(seeds: int) -> str:
    if seeds < FEWEST_SEEDS:
        return "one seed: no interval over seeds"
    return f"95 % t interval over {seeds} seeds, on one split"
