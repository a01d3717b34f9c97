"""Baselines: what no network, a linear model and boosted trees reach on the same split.

Together they may take about a tenth of the sweep's time, so that on large data they are fitted
on a stratified, seeded subsample, and boosted in fewer rounds. Both follow from the work that the
sweep did and not from a clock, so that a rerun gives the same numbers.
"""

import math
import time
import warnings
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # comes with scikit-learn

from sweep.data.dataset import TrainingData
from sweep.records import TrialRecord
from sweep.scores import scores_of
from sweep.seeds import derive_seed
from sweep.tables import BASELINE_TYPES, INTERVAL_ENDINGS, VALIDATION_SCORES
from sweep.training.measures import measure
from sweep.training.score_intervals import measure_scores
from sweep.training.scoring import predictions_of

SHARE: Final = 0.1  # of the sweep's time, for all baselines together
FEWEST_ROWS: Final = 300
# The training program on one core: seconds per update, and arithmetic per second beside it.
UPDATE_SECONDS: Final = 6e-5
FLOPS_PER_SECOND: Final = 4e10
LINEAR_SECONDS: Final = 3e-7  # per row, feature and output
# Boosted trees: seconds per tree and feature on one core, and what each row adds to that.
TREE_SECONDS: Final = 2.5e-5
TREE_ROW_SECONDS: Final = 1.7e-8
MOST_BOOSTED_ROWS: Final = 4_000
BOOSTING_ROUNDS: Final = (10, 100)


class _Baseline(NamedTuple):
    name: str
    model: Any
    most_rows: float


def fit_baselines(data: TrainingData, records: Iterable[TrialRecord], *, seed: int) -> pd.DataFrame:
    """Fit the baselines on training rows and score them on the validation rows.

    Args:
        data: What the networks were trained on.
        records: The sweep's trials, from which the time allowed is computed.
        seed: The run's seed.

    Returns:
        The baselines table (docs/tables.md).
    """
    half = SHARE * training_seconds(data, records) / 2
    state = derive_seed(seed, "baseline")
    regression = data.task == "regression"
    forest = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    rounds = _boosting_rounds(data, half)
    baselines = [
        _Baseline("dummy", DummyRegressor() if regression else DummyClassifier(), np.inf),
        _Baseline(
            "linear",
            Ridge() if regression else LogisticRegression(max_iter=200),
            half / (LINEAR_SECONDS * data.inputs * data.outputs),
        ),
        _Baseline("boosted trees", forest(max_iter=rounds, random_state=state), MOST_BOOSTED_ROWS),
    ]
    rows = [_fit(baseline, data, state) for baseline in baselines]
    return pd.DataFrame(rows, columns=list(BASELINE_TYPES)).astype(BASELINE_TYPES)


def training_seconds(data: TrainingData, records: Iterable[TrialRecord]) -> float:
    """Estimate how long a sweep trained, from its work alone: updates and arithmetic.

    An example costs 6 floating-point operations a weight when it is trained on, and 2 when it is
    evaluated.
    """
    rows = len(data.x_train)
    evaluated = len(data.x_validation) + (
        rows if data.evaluation_rows is None else len(data.evaluation_rows)
    )
    seconds = []
    for record in records:
        updates = -(-rows // record.config.batch_size)
        flops = (6 * rows + 2 * evaluated) * record.parameters
        per_epoch = updates * UPDATE_SECONDS + flops / FLOPS_PER_SECOND
        seconds.append(len(record.history) * per_epoch)
    return math.fsum(seconds)  # exact, so that the order in which trials ended does not matter


def _boosting_rounds(data: TrainingData, seconds: float) -> int:
    """Return how many rounds of boosting fit into some seconds."""
    rows = min(len(data.x_train), MOST_BOOSTED_ROWS)
    per_tree = data.inputs * (TREE_SECONDS + TREE_ROW_SECONDS * rows)
    fewest, most = BOOSTING_ROUNDS
    return max(fewest, min(most, int(seconds / (per_tree * data.outputs))))


def _fit(baseline: _Baseline, data: TrainingData, state: int) -> dict[str, object]:
    started = time.monotonic()
    chosen = _subsample(data, baseline.most_rows, state)
    x, y = _flat(data.x_train)[chosen], data.y_train[chosen]
    # One thread, as for the networks: on a busy machine several wait for each other for seconds.
    with warnings.catch_warnings(), threadpool_limits(1):
        # A logistic regression that stops early is still a baseline; the trees' own warning
        # about scattered labels is about data that were checked already.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        baseline.model.fit(x, y, sample_weight=_of(data.loss_weights, chosen))
    logits = _logits(baseline.model, x, data)
    _, _, train_score, _ = measure(logits, y, data.task, _of(data.w_train, chosen))
    validation = _logits(baseline.model, _flat(data.x_validation), data)
    loss, _, score, score_se = measure(validation, data.y_validation, data.task, data.w_validation)
    rows = predictions_of(validation, data.y_validation, data.task, data.target_units)
    return {
        "baseline": baseline.name,
        "train_score": train_score,
        "validation_score": score,
        "validation_score_se": score_se,
        "validation_loss": loss,
        "rows": len(x),
        **{
            f"{VALIDATION_SCORES[name]}{ending}": getattr(measured, ending[1:] or "value")
            for name, measured in measure_scores(
                scores_of(data.task), rows, data.w_validation
            ).items()
            for ending in INTERVAL_ENDINGS
        },
        "seconds": time.monotonic() - started,
    }


def _logits(model: Any, x: NDArray[np.float32], data: TrainingData) -> NDArray[np.float64]:  # noqa: ANN401 - any of scikit-learn's models
    """Return a fitted model's output as a network's would be, float64 [rows, outputs]."""
    if data.task == "regression":
        predicted: NDArray[np.float64] = model.predict(x).astype(np.float64)[:, None]
        return predicted
    # A class that the subsample lacks has no column; a log-probability of 0 is cut at float32's.
    smallest = float(np.finfo(np.float32).tiny)
    probabilities = np.full((len(x), data.classes), smallest)
    probabilities[:, model.classes_] = model.predict_proba(x)
    logarithms: NDArray[np.float64] = np.log(np.maximum(probabilities, smallest))
    if data.task == "binary":
        logarithms = logarithms[:, 1:] - logarithms[:, :1]
    return logarithms


def _subsample(data: TrainingData, most_rows: float, state: int) -> NDArray[np.int64]:
    """Choose training rows, at most so many, with every class in its share."""
    rows = np.arange(len(data.x_train))
    if data.loss_weights is not None:
        rows = np.flatnonzero(data.loss_weights)
    most = max(int(min(most_rows, len(rows))), FEWEST_ROWS, 2 * data.classes)
    # What is left over must be shared out, too: a row at least, or one of each class.
    if most + max(data.classes, 1) > len(rows):
        return rows
    if data.task == "regression":
        chosen, _ = train_test_split(rows, train_size=most, random_state=state)
        return np.sort(chosen)
    classes = data.y_train[rows]
    labels, first = np.unique(classes, return_index=True)
    rare = np.bincount(classes)[labels].min() < 2  # a class of one cannot be shared out
    chosen, _ = train_test_split(
        rows, train_size=most, stratify=None if rare else classes, random_state=state
    )
    missing = rows[first[~np.isin(labels, data.y_train[chosen])]]
    return np.sort(np.concatenate([chosen, missing]))


def _of(weights: NDArray[np.float32] | None, rows: NDArray[np.int64]) -> Any:  # noqa: ANN401 - or None
    return None if weights is None else weights[rows]


def _flat(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return x.reshape(len(x), -1)
