"""What a sweep says about the network it chose: searched, confirmed and tested."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding, Level
from reports.run_score import RunScore, run_score
from reports.wording import is_number, plural
from studies.diagnosis.words import between
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
    def metric(self) -> str:
        """Return what its score is called."""
        return self.score.title

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
    row, metric, score = winner.row, winner.metric, winner.score.write
    size = plural(int(row["parameters"]), "parameter")
    layers = f"hidden layers {row['widths']}" if row["widths"] else "no hidden layer"
    rate = f"{row['learning_rate']:.2g}"
    among = plural(winner.trials, "finished trial")
    if winner.pruned:
        among += f" ({winner.pruned} more were pruned)"
    parts = [
        f"{winner.trial} ({layers}, {row['activation']}, {row['optimizer']} at {rate}, {size})",
        "was chosen" if winner.final else "is the best so far",
        f"from {among}:",
        f"validation {metric} {score(row[SCORE])} in the search",
    ]
    confirmed = estimate_interval(winner.validation("score"))
    low, high = winner.score.within(confirmed.low, confirmed.high)
    if winner.seeds >= FEWEST_SEEDS:
        parts.append(
            f"and {score(confirmed.estimate)} on {winner.seeds} fresh seeds "
            f"({between(low, high, score)})"
        )
    test = winner.test or {}
    text = " ".join(parts)
    if is_number(test.get("score")):
        text += f"; {score(test['score'])} on the test rows"
    if winner.lost_seeds:
        text += f"; on {plural(winner.lost_seeds, 'fresh seed')} it diverged or failed"
    level: Level = "warning" if winner.lost_seeds else "good" if winner.final else "info"
    return Finding(
        code="sweep.winner",
        about="sweep",
        subject=winner.trial,
        verdict="chosen" if winner.final else "best so far",
        sentence=f"{text}.",
        next_step="" if winner.seeds >= FEWEST_SEEDS else "Confirm it on fresh seeds: --confirm 5.",
        level=level,
        confidence=_over_seeds(winner.seeds),
        numbers={
            "searched_score": as_number(row[SCORE]),
            "searched_loss": float(row["validation_loss"]),
            "confirmed_score": (
                as_number(confirmed.estimate) if winner.seeds >= FEWEST_SEEDS else None
            ),
            "confirmed_score_low": as_number(low),
            "confirmed_score_high": as_number(high),
            "test_score": as_number(test.get("score")),
            "seeds": winner.seeds,
            "lost_seeds": winner.lost_seeds,
            "parameters": int(row["parameters"]),
        },
    )


def judge_search(winner: Winner) -> list[Finding]:
    """Compare the score the search claimed with the confirmed one (the winner's curse)."""
    claimed = Estimate(value=float(winner.row[SCORE]), se=0.0)
    difference = difference_interval(claimed, winner.validation("score"))
    if winner.seeds < FEWEST_SEEDS or not is_number(difference.estimate):
        return []
    ends = [winner.score.gain(end) for end in (difference.low, difference.high)]
    if min(ends) > 0:
        verdict, words = "flattered", "the search flattered it"
    elif max(ends) < 0:
        verdict, words = "understated", "the search understated it"
    else:
        verdict, words = "confirmed", "the interval holds 0: the claim stands"
    return [
        Finding(
            code="sweep.winners_curse",
            about="sweep",
            subject=winner.trial,
            verdict=verdict,
            sentence=(
                f"Searched minus confirmed validation {winner.metric}: "
                f"{_difference(difference, winner.score)}; {words}. "
                f"The best of {winner.trials + winner.pruned} trials always owes something to "
                "chance."
            ),
            next_step="Quote the confirmed score, not the searched one.",
            level="warning" if verdict == "flattered" else "info",
            confidence=_over_seeds(winner.seeds),
            numbers=_numbers(difference, seeds=winner.seeds),
        )
    ]


def judge_test(winner: Winner, manifest: Mapping[str, Any]) -> list[Finding]:
    """State the test score with its interval over rows, and count the touches of the test split."""
    test = winner.test or {}
    if not is_number(test.get("score")):
        return []
    value, rows = float(test["score"]), int(test.get("rows") or 0)
    interval, method, score = tested(winner), _method(winner), winner.score.write
    touches = len(manifest.get("test_touches") or [])
    often = f"The test split was touched {plural(max(touches, 1), 'time')}"
    return [
        Finding(
            code="sweep.test",
            about="sweep",
            subject=winner.trial,
            verdict="touched once" if touches <= 1 else "touched again",
            sentence=(
                f"On {plural(rows, 'test row')} the saved network reaches {winner.metric} "
                f"{score(value)} ({between(interval.low, interval.high, score)}). {often}."
            ),
            next_step=(
                "" if touches <= 1 else "The more often it is looked at, the less it proves."
            ),
            level="info" if touches <= 1 else "warning",
            confidence=f"95 % {method} interval over rows, for this one network",
            numbers={**_numbers(interval), "rows": rows, "touches": touches},
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


def _difference(difference: Interval, shown: RunScore) -> str:
    score = shown.write
    return f"{score(difference.estimate)} ({between(difference.low, difference.high, score)})"


def _numbers(interval: Interval, **more: int) -> dict[str, float | int | str | bool | None]:
    return {
        "estimate": as_number(interval.estimate),
        "low": as_number(interval.low),
        "high": as_number(interval.high),
        **more,
    }


def as_number(value: object) -> float | None:
    """Return a finite number, or None for what JSON cannot hold."""
    return float(value) if is_number(value) else None
