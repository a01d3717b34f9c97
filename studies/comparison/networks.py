"""The network that stands for a run: the winner of a sweep, or the best arm of a study."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.run_score import epoch_score
from reports.wording import is_number, loss
from studies.answering.results import StudyResults
from studies.comparison.sides import Side, data_key, rows_key
from studies.diagnosis.networks import ConfigVerdict, diagnose, diagnose_config
from studies.findings.network import judge_network
from studies.findings.winner import FEWEST_SEEDS, find_winner, tested
from studies.statistics.intervals import Interval, estimate_interval

UNKNOWN: Final = Interval(estimate=math.nan, low=math.nan, high=math.nan)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Hold a network that stands for its run.

    Attributes:
        side: Its trials, as they are compared.
        words: What it is, such as ``hidden layers 64-64, relu, adam at 0.001``.
        parameters: Its size.
        final: Whether the run has come to its end with it; else it is the best so far.
        verdict: How it fits, in a word.
        gap: Loss gap at the best epoch, with its 95 % interval.
        test: Score on the test rows with its 95 % interval; NaN for what was never tested.
        lost: Its trials on fresh seeds that diverged or failed.
    """

    side: Side
    words: str
    parameters: int
    final: bool
    verdict: str
    gap: Interval
    test: Interval
    lost: int

    @property
    def score(self) -> Interval:
        """Return its validation score: over seeds, or over rows if there is one."""
        return estimate_interval(self.side.estimate(rows=not self.side.fresh))

    @property
    def loss(self) -> Interval:
        """Return its validation loss, likewise."""
        return estimate_interval(self.side.estimate("validation_loss", rows=not self.side.fresh))


def chosen_network(
    manifest: Mapping[str, Any], trials: pd.DataFrame, epochs: pd.DataFrame
) -> Network | None:
    """Return the network that a sweep chose, or the best so far; None if no trial has finished."""
    trials = trials[trials["stage"] != "audit"]
    winner = find_winner(manifest, trials, epoch_score(manifest))
    if winner is None:
        return None
    fresh = winner.seeds >= FEWEST_SEEDS
    over_seeds = diagnose_config(trials, epochs, str(winner.row["config"]))
    verdict = judge_network(winner, diagnose(trials, epochs), over_seeds)
    gap = [verdict.numbers.get(name) for name in ("gap", "gap_low", "gap_high")]
    estimate, low, high = (float(value) if is_number(value) else math.nan for value in gap)
    return Network(
        side=Side(
            name=winner.trial,
            members=winner.replicates if fresh else trials[trials["trial"] == winner.trial],
            fresh=fresh,
            folds=None,
            data=data_key(manifest),
            rows=rows_key(manifest),
        ),
        words=describe_row(winner.row),
        parameters=int(winner.row["parameters"]),
        final=winner.final,
        verdict=verdict.verdict,
        gap=Interval(estimate=estimate, low=low, high=high),
        test=tested(winner),
        lost=winner.lost_seeds,
    )


def best_arm(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> Network | None:
    """Return the arm of a study with the smallest mean validation loss; None if none finished.

    Args:
        results: The study.
        verdicts: On its arms, from `judge_arms`.
    """
    finished = results.finished
    means = finished.groupby("arm")["validation_loss"].mean().dropna()
    if means.empty:
        return None
    name = str(means.idxmin())
    side = arm_side(results, name)
    judged = verdicts.get(name)
    return Network(
        side=side,
        words=f"arm {name}",
        parameters=int(side.members["parameters"].iloc[0]),
        final=results.manifest.get("state") == "finished",
        verdict="undecided" if judged is None else judged.verdict,
        gap=UNKNOWN if judged is None else judged.gap,
        test=UNKNOWN,
        lost=int((results.comparison["arm"] == name).sum()) - len(side.members),
    )


def arm_side(results: StudyResults, name: str) -> Side:
    """Return the networks of one arm of a study, as they are compared."""
    rows = results.comparison
    members = rows[(rows["arm"] == name) & (rows["outcome"] == "finished")]
    return Side(
        name=name,
        members=members,
        fresh=len(members) >= FEWEST_SEEDS,
        folds=results.folds,
        data=data_key(results.manifest),
        rows=rows_key(results.manifest),
    )


def describe_row(row: Mapping[str, Any]) -> str:
    """Describe the configuration of a trial in a few words.

    Args:
        row: Of the trials table.
    """
    layers = f"hidden layers {row['widths']}" if row["widths"] else "no hidden layer"
    rate = f"{row['optimizer']} at {row['learning_rate']:.2g}"
    parts = [layers, str(row["activation"]), rate]
    return ", ".join(parts + ([f"dropout {loss(row['dropout'])}"] if row["dropout"] else []))
