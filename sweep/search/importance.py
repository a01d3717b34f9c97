"""How much each hyperparameter matters for the score, and for the gap.

Two methods of Optuna look at the finished trials of a search. fANOVA (Hutter, Hoos and
Leyton-Brown 2014, ICML) fits a forest and asks which share of its variance is due to one
hyperparameter alone. PED-ANOVA (Watanabe, Bansal and Hutter 2023, arXiv:2304.10255, with its
conditional form, arXiv:2601.20800) asks how differently the best trials and all trials are spread
over it. They answer different questions, so both are told.

Every hyperparameter is seen on the scale on which it was searched. The learning rates of the
optimizers are one hyperparameter here, as the place within its optimizer's own range: each trial
has one such place, and a rate that is good for one optimizer is not taken for good for another.
Trials that are far worse than the rest count as three quartile distances worse. What only some
trials have (the momentum of SGD, the shape of two layers or more) PED-ANOVA judges within those;
fANOVA, which needs a full table, leaves it out.
"""

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import (
    BaseImportanceEvaluator,
    FanovaImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)
from optuna.trial import FrozenTrial, create_trial

from sweep.space.applicable import column_of, has_parameter, places, range_of

FEWEST_TRIALS: Final = 10
MOST_TRIALS: Final = 200  # more take longer and change little
TREES: Final = 12  # with DEPTH, a tenth of the time of Optuna's 64 trees of depth 64
DEPTH: Final = 5
GOOD_SHARE: Final = 0.1  # whom PED-ANOVA calls the best ...
FEWEST_GOOD: Final = 5  # ... but not fewer, as Optuna advises, and at most half
FENCE: Final = 3.0  # times the distance of the quartiles: "far out" by Tukey (1977)
SPLITS: Final = 3  # in halves: what the standard error rests on
ERRORS: Final = 2.57  # 97.5 % quantile of Student's t with 5 degrees of freedom, of six halves
MOST_WHOLE: Final = 32  # values of a whole number that are told apart
RATE: Final = "learning_rate"
MEASURES: Final = {"score": "validation_score", "gap": "loss_gap"}
SMALLER_IS_BETTER: Final = {"score": -1.0, "gap": 1.0}
COLUMNS: Final = ("measure", "method", "hyperparameter", "importance", "low", "high", "trials")

Values = dict[str, tuple[BaseDistribution, list[Any]]]


def measure_importance(
    trials: pd.DataFrame, bounds: Mapping[str, Mapping[str, Any]], *, seed: int = 0
) -> pd.DataFrame:
    """Measure how much each hyperparameter matters for the validation score and the loss gap.

    The interval is about the estimate plus and minus 2.57 standard errors, cut to 0 and 1. Those
    are of the delete-half jackknife (Shao and Wu 1989, Annals of Statistics 17): the root mean
    square of the distances between the estimate and those from random halves of the trials.

    Args:
        trials: The table of docs/tables.md; the finished trials of the search count.
        bounds: ``space_bounds`` of the manifest.
        seed: Of the forest, the halves and, beyond ``MOST_TRIALS``, the trials that are drawn.

    Returns:
        One row a measure (``score``, ``gap``), method (``PED-ANOVA``, ``fANOVA``) and
        hyperparameter: ``importance`` (share, adding up to 1 over those of one measure and
        method), ``low``, ``high`` (NaN where the halves do not differ), ``trials`` (number that it
        rests on). No row with fewer than ``FEWEST_TRIALS`` trials or two hyperparameters.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # a study is made for each estimate
    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for measure, column in MEASURES.items():
        usable = _usable(trials, column)
        if len(usable) > MOST_TRIALS:
            usable = usable.iloc[np.sort(rng.permutation(len(usable))[:MOST_TRIALS])]
        values = _values(usable, bounds)
        if len(usable) < FEWEST_TRIALS or len(values) < 2 or usable[column].nunique() < 2:
            continue
        aims = _fenced(SMALLER_IS_BETTER[measure] * usable[column].to_numpy(dtype=np.float64))
        rows += _judge(_frozen(values, aims), measure, rng=rng, seed=seed)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        dict.fromkeys(COLUMNS[:3], "str")
        | dict.fromkeys(COLUMNS[3:6], "float64")
        | {"trials": "int64"}
    )


def _usable(trials: pd.DataFrame, column: str) -> pd.DataFrame:
    known = np.isfinite(trials[column].to_numpy(dtype=np.float64))
    is_search = (trials["stage"] == "search") & (trials["outcome"] == "finished")
    usable: pd.DataFrame = trials[known & is_search].sort_values("trial", kind="stable")
    return usable


def _fenced(aims: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the far worse ones to Tukey's outer fence: one R² of -400 would be all the variance."""
    lower, upper = np.quantile(aims, [0.25, 0.75])
    reach = FENCE * (upper - lower)
    return np.minimum(aims, upper + reach) if reach > 0 else aims


def _values(trials: pd.DataFrame, bounds: Mapping[str, Mapping[str, Any]]) -> Values:
    """Return how each hyperparameter that varies is spread, and its values, None for without."""
    found: Values = {}
    for key, bound in bounds.items():
        if column_of(key) == RATE:
            continue
        one = _one(trials, key, bound)
        if one is not None:
            found[key] = one
    place = _rate_places(trials, bounds)
    if len(set(place)) > 1:
        found[RATE] = FloatDistribution(0.0, 1.0), place
    return found


def _one(
    trials: pd.DataFrame, key: str, bound: Mapping[str, Any]
) -> tuple[BaseDistribution, list[Any]] | None:
    has = has_parameter(trials, key)
    ends = range_of(bound)
    if "value" in bound or not has.any():
        return None
    column = trials[column_of(key)]
    if ends is None:
        names = [str(value) if own else None for value, own in zip(column, has, strict=True)]
        known = sorted({name for name in names if name is not None})
        return (CategoricalDistribution(known), names) if len(known) > 1 else None
    numbers = column.to_numpy(dtype=np.float64)
    low, high, log = ends
    whole = bool((numbers[has] % 1 == 0).all()) and high - low < MOST_WHOLE and not log
    if len(set(numbers[has])) < 2:
        return None
    if whole:
        inside = np.clip(np.where(has, numbers, low), low, high)
        kind: BaseDistribution = IntDistribution(math.floor(low), math.ceil(high))
        return kind, [int(v) if own else None for v, own in zip(inside, has, strict=True)]
    inside = places(np.where(has, numbers, low), ends)
    kind = FloatDistribution(0.0, 1.0)
    return kind, [float(v) if own else None for v, own in zip(inside, has, strict=True)]


def _rate_places(trials: pd.DataFrame, bounds: Mapping[str, Mapping[str, Any]]) -> list[float]:
    """Return the place of each trial's learning rate in its optimizer's range, or the middle."""
    found = np.full(len(trials), 0.5)
    for key, bound in bounds.items():
        if column_of(key) != RATE:
            continue
        own = has_parameter(trials, key)
        rates = trials[RATE].to_numpy(dtype=np.float64)[own]
        ends = range_of(bound)
        if ends is not None:
            found[own] = places(rates, ends)
        elif len(set(rates)) > 1:
            known = np.unique(rates)
            found[own] = np.searchsorted(known, rates) / (len(known) - 1)
    return [float(place) for place in found]


def _frozen(values: Values, aims: NDArray[np.float64]) -> list[FrozenTrial]:
    found = []
    for row, aim in enumerate(aims):
        own = {name: known[row] for name, (_, known) in values.items() if known[row] is not None}
        kinds = {name: values[name][0] for name in own}
        found.append(create_trial(params=own, distributions=kinds, value=float(aim)))
    return found


def _judge(
    trials: list[FrozenTrial], measure: str, *, rng: np.random.Generator, seed: int
) -> Iterator[tuple[Any, ...]]:
    whole = _importances(trials, seed)
    halves = []
    for _ in range(SPLITS):
        order = rng.permutation(len(trials))
        for half in (order[: len(order) // 2], order[len(order) // 2 :]):
            halves.append(_importances([trials[place] for place in half], seed))  # noqa: PERF401 - two loops deep
    for method, importances in whole.items():
        for name, estimate in sorted(importances.items()):
            others = np.array([half[method][name] for half in halves if name in half[method]])
            error = math.sqrt(np.mean((others - estimate) ** 2)) if len(others) > 1 else 0.0
            error = error or math.nan  # all the same: too few trials have it to tell
            low, high = estimate - ERRORS * error, estimate + ERRORS * error
            bounds = (round(float(np.clip(end, 0, 1)), 6) for end in (low, high))
            yield measure, method, name, round(estimate, 6), *bounds, len(trials)


def _importances(trials: list[FrozenTrial], seed: int) -> dict[str, dict[str, float]]:
    """Return the importance of each hyperparameter by method; none where it cannot be told."""
    study = optuna.create_study(direction="minimize")
    study.add_trials(trials)
    share = max(GOOD_SHARE, min(FEWEST_GOOD / len(trials), 0.5))
    evaluators: dict[str, BaseImportanceEvaluator] = {
        "PED-ANOVA": PedAnovaImportanceEvaluator(target_quantile=share),
        "fANOVA": FanovaImportanceEvaluator(n_trees=TREES, max_depth=DEPTH, seed=seed),
    }
    found: dict[str, dict[str, float]] = {}
    for method, evaluator in evaluators.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # of few trials with a hyperparameter: intervals say it
                told = get_param_importances(study, evaluator=evaluator)
        except RuntimeError:  # every tree of the forest is a stump: all values are equal
            told = {}
        found[method] = {name: float(value) for name, value in told.items()}
    return found
