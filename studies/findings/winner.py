"""What a sweep says about the network it chose: searched, confirmed and tested."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding, Level
from reports.wording import is_number, plural, score
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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """Hold the network a sweep chose.

    Attributes:
        row: Its row in the trials table, from the search.
        replicates: The finished trials of its configuration on fresh seeds; may be empty.
        metric: ``accuracy`` or ``R²``.
        task: What was learnt, as in the manifest.
        lost_seeds: Fresh seeds on which the configuration diverged or failed.
        trials: Finished configurations of the search that it was chosen from.
        pruned: Trials of the search that were pruned before they could be chosen.
        final: Whether the run itself named it; else it is the best so far.
        test: ``winner.test`` of the manifest; None if test was not touched.
    """

    row: Mapping[str, Any]
    replicates: pd.DataFrame
    metric: str
    task: str
    lost_seeds: int
    trials: int
    pruned: int
    final: bool
    test: Mapping[str, Any] | None

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
        if self.seeds >= FEWEST_SEEDS:
            return mean_estimate(self.replicates[f"validation_{name}"].to_numpy(dtype="float64"))
        return Estimate(value=float(self.row[f"validation_{name}"]), se=math.nan)

    def row_error(self, name: str) -> float:
        """Return the standard error over validation rows of the ``score`` or ``loss``."""
        if self.seeds >= FEWEST_SEEDS:
            return float(self.replicates[f"validation_{name}_se"].mean())
        return float(self.row[f"validation_{name}_se"])


def find_winner(manifest: Mapping[str, Any], trials: pd.DataFrame) -> Winner | None:
    """Return the network the run named, or else the best so far; None if no trial finished."""
    finished = trials[(trials["outcome"] == "finished") & trials["validation_loss"].notna()]
    search = finished[finished["stage"] == "search"]
    named = manifest.get("winner")
    row = search[search["trial"] == named["trial"]] if named else search.iloc[:0]
    final = not row.empty
    if row.empty:
        row = search.nsmallest(1, "validation_loss")
    if row.empty:
        return None
    config = row["config"].iloc[0]
    fresh = trials[(trials["config"] == config) & (trials["stage"] == "confirmation")]
    task = str((manifest.get("data") or {}).get("task", ""))
    return Winner(
        row={str(name): value for name, value in row.iloc[0].items()},
        replicates=fresh[fresh["trial"].isin(finished["trial"])],
        lost_seeds=int((fresh["outcome"] != "finished").sum()),
        metric="R²" if task == "regression" else "accuracy",
        task=task,
        trials=search["config"].nunique(),
        pruned=int(((trials["stage"] == "search") & (trials["outcome"] == "pruned")).sum()),
        final=final,
        test=(named or {}).get("test") if final else None,
    )


def name_winner(winner: Winner) -> Finding:
    """State which network was chosen and how good it is, searched, confirmed and tested."""
    row, metric = winner.row, winner.metric
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
        f"validation {metric} {score(row['validation_score'])} in the search",
    ]
    confirmed = estimate_interval(winner.validation("score"))
    if winner.seeds >= FEWEST_SEEDS:
        parts.append(
            f"and {score(confirmed.estimate)} on {winner.seeds} fresh seeds "
            f"({between(confirmed.low, confirmed.high, score)})"
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
            "searched_score": float(row["validation_score"]),
            "searched_loss": float(row["validation_loss"]),
            "confirmed_score": confirmed.estimate if winner.seeds >= FEWEST_SEEDS else None,
            "confirmed_score_low": as_number(confirmed.low),
            "confirmed_score_high": as_number(confirmed.high),
            "test_score": as_number(test.get("score")),
            "seeds": winner.seeds,
            "lost_seeds": winner.lost_seeds,
            "parameters": int(row["parameters"]),
        },
    )


def judge_search(winner: Winner) -> list[Finding]:
    """Compare the score the search claimed with the confirmed one (the winner's curse)."""
    if winner.seeds < FEWEST_SEEDS:
        return []
    claimed = Estimate(value=float(winner.row["validation_score"]), se=0.0)
    difference = difference_interval(claimed, winner.validation("score"))
    if difference.low > 0:
        verdict, words = "flattered", "the search flattered it"
    elif difference.high < 0:
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
                f"Searched minus confirmed validation {winner.metric}: {_difference(difference)}; "
                f"{words}. The best of {winner.trials + winner.pruned} trials always owes "
                "something to chance."
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
    if winner.task == "regression":
        se = as_number(test.get("score_se"))
        interval = estimate_interval(Estimate(value=value, se=math.nan if se is None else se))
        method = "normal"
    else:
        interval, method = proportion_interval(value, rows), "Wilson"
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


def _over_seeds(seeds: int) -> str:
    if seeds < FEWEST_SEEDS:
        return "one seed: no interval over seeds"
    return f"95 % t interval over {seeds} seeds, on one split"


def _difference(difference: Interval) -> str:
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
