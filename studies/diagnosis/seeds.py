"""What the replicates of one configuration show together: means over seeds, with t intervals.

A gap varies over seeds and over rows. The seeds of a run share their rows, so the errors over rows
do not average out: they are added to the error over seeds. A rise from the minimum is biased
upwards if each seed chooses its own minimum; here the other seeds choose the epoch
(leave-one-out), which leaves no bias.
"""

import dataclasses
import math
from typing import Final

import numpy as np
import pandas as pd

from studies.diagnosis.arrays import FEWEST_EPOCHS, DenseCurves, dense_curves, smooth, trend_drop
from studies.diagnosis.curves import (
    DROP_SHARE,
    FACTS,
    LOSS_FLOOR,
    SCORE_RISE,
    TRAIN_CHANGE,
    curve_facts,
    last_block,
    last_third,
    rise_after,
    rise_margin,
)
from studies.diagnosis.rates import rate_facts
from studies.statistics.intervals import (
    Estimate,
    Interval,
    difference_estimate,
    estimate_interval,
    mean_estimate,
    replicates_needed,
)
from sweep.records import search_trial_id

FEWEST_SEEDS: Final = 2
# Two seeds choose their epochs by nearly the same others, so their values vary together and the
# plain error of the mean is too small, by 1.1 to 1.6 times in simulations of flat and bent curves.
LEFT_OUT: Final = math.sqrt(2)
AGREEING: Final = 0.8  # of the seeds: one odd seed in five does not undo what the others show
MEASURES: Final = (
    "train_loss",
    "validation_loss",
    "gap",
    "score_gap",
    "last_gap",
    "last_score_gap",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEvidence:
    """Hold what the replicates of one configuration show.

    Attributes:
        seeds: Number of replicates.
        row: One row in the form that the rules of `studies.diagnosis.verdicts` read.
        references: The configurations with replicates, this one among them, as means over seeds.
            Single trials are left out: the best of them owe their place to chance.
        sizes: Parameters of every finished trial of the run.
        pruned_sizes: Parameters of every pruned trial of the run.
        gap: Loss gap at the best epoch.
        last_gap: Loss gap after the last epoch.
        rise: Validation loss at the end above the epoch chosen by the other seeds.
        onset_epoch: Median over the seeds where overfitting sets in; None if in none.
        seeds_for_rise: Replicates with which a rise of this size would be clear, or None.
    """

    seeds: int
    row: pd.DataFrame
    references: pd.DataFrame
    sizes: pd.Series
    pruned_sizes: pd.Series
    gap: Interval
    last_gap: Interval
    rise: Interval
    onset_epoch: int | None
    seeds_for_rise: int | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Trend:
    rise: Interval
    drop: Interval
    rise_deviation: float
    flags: dict[str, bool]


def seed_references(trials: pd.DataFrame, epochs: pd.DataFrame) -> pd.DataFrame:
    """Measure every configuration that has replicates: what each of them is compared with.

    Args:
        trials: The table of docs/tables.md.
        epochs: The table of docs/tables.md.
    """
    finished = trials[(trials["outcome"] == "finished") & (trials["stage"] != "audit")]
    return _references(_replicated(finished), epochs)


def config_evidence(
    trials: pd.DataFrame,
    epochs: pd.DataFrame,
    config: str,
    *,
    references: pd.DataFrame | None = None,
) -> ConfigEvidence | None:
    """Measure one configuration over its replicates.

    Args:
        trials: The table of docs/tables.md.
        epochs: The table of docs/tables.md.
        config: Identifier of the configuration.
        references: From `seed_references`, if they are known already.

    Returns:
        The evidence, or None with fewer than ``FEWEST_SEEDS`` finished replicates.
    """
    finished = trials[(trials["outcome"] == "finished") & (trials["stage"] != "audit")]
    chosen = _replicates(finished, config)
    part = epochs[epochs["trial"].isin(chosen["trial"])]
    facts = curve_facts(part)
    if len(facts) < FEWEST_SEEDS:
        return None
    trend = _trend(part, rise_margin(np.array([facts["validation_loss"].mean()]))[0])
    unit = _unit(facts, chosen)
    intervals = {name: estimate_interval(_total(facts, name)) for name in MEASURES}
    row = pd.DataFrame(
        {
            **unit,
            **{f"{name}_low": interval.low for name, interval in intervals.items()},
            **{f"{name}_high": interval.high for name, interval in intervals.items()},
            **trend.flags,
            "outcome": "finished",
            "seeds": len(facts),
            "reason": "",
            "rise": trend.rise.estimate,
            "rise_noise": trend.rise.estimate - trend.rise.low,
            "drop": trend.drop.estimate,
            "drop_noise": trend.drop.estimate - trend.drop.low,
            "learning_rate_verdict": _agreed(rate_facts(part)["learning_rate_verdict"]),
        },
        index=pd.Index([_name(chosen)], dtype=object),
    )
    onset = facts["onset_epoch"].median()
    return ConfigEvidence(
        seeds=len(facts),
        row=row,
        references=seed_references(trials, epochs) if references is None else references,
        sizes=finished["parameters"],
        pruned_sizes=trials.loc[trials["outcome"] == "pruned", "parameters"],
        gap=intervals["gap"],
        last_gap=intervals["last_gap"],
        rise=trend.rise,
        onset_epoch=None if math.isnan(onset) else round(onset),
        seeds_for_rise=(
            replicates_needed(trend.rise_deviation, trend.rise.estimate)
            if trend.rise.estimate > 0
            else None
        ),
    )


def _replicates(finished: pd.DataFrame, config: str) -> pd.DataFrame:
    mine = finished[finished["config"] == config]
    fresh = mine[mine["stage"] == "confirmation"]
    return fresh if len(fresh) >= FEWEST_SEEDS else mine


def _unit(facts: pd.DataFrame, chosen: pd.DataFrame) -> dict[str, float]:
    """Return the configuration as one network: means over seeds, errors of seeds and rows."""
    unit = {name: float(facts[name].mean()) for name in FACTS if facts[name].dtype != bool}
    unit.update({f"{name}_se": _total(facts, name).se for name in MEASURES})
    unit["parameters"] = float(chosen["parameters"].iloc[0])
    unit["learning_rate"] = float(chosen["learning_rate"].iloc[0])
    unit["best_epoch"] = float(round(facts["best_epoch"].median()))
    return unit


def _total(facts: pd.DataFrame, name: str) -> Estimate:
    over_rows = math.sqrt(float((facts[f"{name}_se"] ** 2).mean()))
    over_seeds = mean_estimate(facts[name].to_numpy())
    return difference_estimate(over_seeds, Estimate(value=0, se=over_rows))


def _references(replicated: dict[str, pd.DataFrame], epochs: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for name, part in replicated.items():
        facts = curve_facts(epochs[epochs["trial"].isin(part["trial"])])
        if not facts.empty:
            rows[name] = _unit(facts, part)
    columns = ["parameters", "train_loss", "train_loss_se", "validation_loss"]
    columns += ["validation_loss_se", "gap", "gap_se"]
    return pd.DataFrame.from_dict(rows, orient="index")[columns]


def _replicated(finished: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the replicates of each configuration that has several, by its name."""
    counts = finished["config"].value_counts()
    found = {}
    for config in counts.index[counts >= FEWEST_SEEDS]:
        part = _replicates(finished, str(config))
        found[_name(part)] = part
    return found


def _name(replicates: pd.DataFrame) -> str:
    """Return what a configuration is called: its trial in the search, unless it has a name."""
    first = replicates.iloc[0]
    return str(first["name"]) if "name" in replicates else search_trial_id(int(first["slot"]))


def _trend(epochs: pd.DataFrame, margin: float) -> _Trend:
    groups = list(dense_curves(epochs))
    curves = max(groups, key=lambda group: len(group.trials))
    n, length = len(curves.trials), curves.length
    if n < FEWEST_SEEDS or length < FEWEST_EPOCHS:
        nothing = Interval(estimate=math.nan, low=math.nan, high=math.nan)
        flags = dict.fromkeys(
            ("rises", "train_falls", "train_worsens", "score_rises", "improving"), False
        )
        return _Trend(rise=nothing, drop=nothing, rise_deviation=math.nan, flags=flags)
    best = _others_best(curves)
    block = last_block(length)
    rises = rise_after(curves.measures["validation_loss"], best)[0]
    scores = _left_out_interval(rise_after(curves.measures["validation_score"], best)[0])
    train = smooth(curves.measures["train_loss"])[np.arange(n), best].mean()
    train_end = curves.measures["train_loss"][:, -block:].mean()
    late = curves.measures["validation_loss"][:, -last_third(length) :]
    rise = _left_out_interval(rises)
    drop = estimate_interval(mean_estimate(trend_drop(late)[0]))
    worth = max(DROP_SHARE * float(late[:, -2:].mean()), LOSS_FLOOR)
    flags = {
        "rises": rise.low > 0 and rise.estimate > margin,
        "train_falls": bool(train_end < (1 - TRAIN_CHANGE) * train),
        "train_worsens": bool(train_end > (1 + TRAIN_CHANGE) * train),
        "score_rises": scores.low > 0 and scores.estimate > SCORE_RISE,
        "improving": drop.low > 0 and drop.estimate > worth,
    }
    return _Trend(
        rise=rise, drop=drop, rise_deviation=LEFT_OUT * float(rises.std(ddof=1)), flags=flags
    )


def _others_best(curves: DenseCurves) -> np.ndarray:
    """Return, for each seed, the place of the best epoch on the mean curve of the others."""
    smoothed = smooth(curves.measures["validation_loss"])
    return np.asarray((smoothed.sum(axis=0) - smoothed).argmin(axis=1))


def _left_out_interval(values: np.ndarray) -> Interval:
    """Return the t interval of a mean of leave-one-out values, wider for what they share."""
    mean = mean_estimate(values)
    return estimate_interval(dataclasses.replace(mean, se=LEFT_OUT * mean.se))


def _agreed(verdicts: pd.Series) -> str:
    shares = verdicts.value_counts(normalize=True)
    return str(shares.index[0]) if shares.iloc[0] >= AGREEING else "undecided"
