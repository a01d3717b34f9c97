"""The scores that a network can be judged by: one table.

All of them are functions of weighted rows, as scikit-learn's of the same names are, to which tests
hold them equal. They take many weightings of the same rows at once, so that an interval
(`sweep.training.score_intervals`) costs little more than the score. NumPy alone: workers compute
them, and the command line reads their names.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ScoreTask = Literal["classification", "regression"]
Link = Literal["share", "positive", "one minus positive"]

LEAST_PROBABILITY: Final = float(np.finfo(np.float64).eps)  # where scikit-learn cuts it


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Hold what was predicted of some rows, and what is true.

    Attributes:
        target: [rows]: int64 classes, or float64 values in the target's own units.
        predicted: float64 [rows, classes], probabilities; or [rows, 1], values in those units.
    """

    target: NDArray[Any]
    predicted: Floats

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return int(self.predicted.shape[1])

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Return whether each row has its class, bool [rows, classes]."""
        return np.asarray(self.target[:, None] == np.arange(self.classes))

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """Return whether each row is given a class, the most probable one: bool [rows, classes]."""
        return np.asarray(self.predicted.argmax(axis=1)[:, None] == np.arange(self.classes))

    @property
    def errors(self) -> Floats:
        """Return predicted minus true values, [rows]."""
        return np.asarray(self.predicted[:, 0] - self.target)


Measure = Callable[[Predictions, Floats], Floats]
"""Turns weights [weightings, rows] into a score for each weighting; NaN where there is none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Hold what a score is.

    Attributes:
        name: What the user and the tables call it.
        title: What a sentence calls it.
        task: What it judges.
        higher: Whether more is better.
        unit: What it is counted in; empty for a pure number.
        link: On which scale its error is about normal: that of a ``share`` of rows, or the
            logarithm, of itself (``positive``) or of what it lacks to 1.
        by_class: Whether it needs rows of every class, so that the rarest decides how sure it is.
        most_rows: Of a share by class: as how many rows at most its value counts, by the rows of
            each class. A rare class that happens to be all right shows no spread, and yet is rare.
        row_values: Of a mean over rows, or what follows from one: the value of each row, [rows].
        is_mean: Whether it is that mean itself.
        measure: Computes it.
    """

    name: str
    title: str
    task: ScoreTask
    higher: bool = True
    unit: str = ""
    link: Link = "share"
    by_class: bool = False
    most_rows: Callable[[float, Floats], float] | None = None
    row_values: Callable[[Predictions], Floats] | None = None
    is_mean: bool = False
    measure: Measure

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Return the least and the most that it can be; None for no end."""
        ends = {"share": (0.0, 1.0), "positive": (0.0, None), "one minus positive": (None, 1.0)}
        return ends[self.link]

    @property
    def key(self) -> str:
        """Return the name as columns and facts have it, such as ``roc_auc``."""
        return self.name.replace("-", "_")


def _mean(values: Floats, weights: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = (weights * values).sum(axis=-1) / weights.sum(axis=-1)
    return mean


def _row_mean(row_values: Callable[[Predictions], Floats]) -> dict[str, Any]:
    return {
        "row_values": row_values,
        "is_mean": True,
        "measure": lambda rows, weights: _mean(row_values(rows), weights),
    }


def _correct(rows: Predictions) -> Floats:
    return np.asarray(rows.predicted.argmax(axis=1) == rows.target, np.float64)


def _surprise(rows: Predictions) -> Floats:
    own = rows.predicted[np.arange(len(rows.target)), rows.target]
    return np.asarray(-np.log(np.clip(own, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)))


def _squares(rows: Predictions) -> Floats:
    """Return squared distances, of two classes those of the second one alone, as Brier had it."""
    first = 1 if rows.classes == 2 else 0
    distances = (rows.predicted - rows.hits)[:, first:]
    return np.asarray((distances**2).sum(axis=1))


def _over_classes(values: Floats, counted: Floats) -> Floats:
    """Return the mean over the classes that count at all, [weightings]."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(counted > 0, values / counted, 0.0)
        mean: Floats = shares.sum(axis=-1) / (counted > 0).sum(axis=-1)
    return mean


def _rows_of_recalls(value: float, counts: Floats) -> float:
    """Return as how many rows a mean of shares of each class counts if they are equal."""
    del value
    return float(len(counts) ** 2 / (1 / counts).sum())


def _rows_of_area(value: float, counts: Floats) -> float:
    """Return as how many rows a ROC AUC counts by half the variance of Hanley and McNeil (1982).

    Theirs is of exponential scores, of which that of the rarer class scatters more. It is too
    large for most others, and here but a floor.
    """
    rare = counts[1:] if len(counts) == 2 else counts
    few, many = np.minimum(rare, counts.sum() - rare), np.maximum(rare, counts.sum() - rare)
    rows = 2 * few * many / (1 + (many - 1) * value / (1 + value))
    return _rows_of_recalls(value, rows)


def _per_class(marks: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the weight of the marked rows, [weightings, classes]."""
    return np.stack([(weights * column).sum(axis=-1) for column in marks.T], axis=-1)


def _balanced_accuracy(rows: Predictions, weights: Floats) -> Floats:
    right = _per_class(rows.hits & rows.chosen, weights)
    return _over_classes(right, _per_class(rows.hits, weights))


def _f1(rows: Predictions, weights: Floats) -> Floats:
    right = _per_class(rows.hits & rows.chosen, weights)
    told = _per_class(rows.hits, weights) + _per_class(rows.chosen, weights)
    return _over_classes(2 * right, told)


def _one_against_rest(
    rows: Predictions, weights: Floats, ranked: Callable[[Floats, Floats], Floats]
) -> Floats:
    """Return the mean over the classes of what ranking by their probability is worth.

    Of two classes that of the second one. ``ranked`` takes the weight of the class' own rows and
    that of the others for each probability, the smallest first: [weightings, probabilities].
    """
    found = []
    for one in [1] if rows.classes == 2 else range(rows.classes):
        order = np.argsort(rows.predicted[:, one], kind="stable")
        probability = rows.predicted[order, one]
        starts = np.flatnonzero(np.diff(probability, prepend=-np.inf))
        own = (rows.target == one)[order]
        sorted_weights = weights[:, order]
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(
                ranked(
                    np.add.reduceat(sorted_weights * own, starts, axis=-1),
                    np.add.reduceat(sorted_weights * ~own, starts, axis=-1),
                )
            )
    return np.asarray(np.mean(found, axis=0))


def _area(own: Floats, others: Floats) -> Floats:
    """Return the chance that a row of the class ranks above another one, ties half."""
    below = np.cumsum(others, axis=-1) - others / 2
    area: Floats = (own * below).sum(axis=-1) / (own.sum(axis=-1) * others.sum(axis=-1))
    return area


def _average_precision(own: Floats, others: Floats) -> Floats:
    """Return the mean precision at the ranks of the class' rows, without interpolation."""
    right = np.cumsum(own[:, ::-1], axis=-1)
    told = right + np.cumsum(others[:, ::-1], axis=-1)
    precision = np.where(told > 0, right / told, 0.0)
    # Without a row of the others it is 1 whatever the ranking.
    mean: Floats = (own[:, ::-1] * precision).sum(axis=-1) / right[:, -1]
    return np.where(told[:, -1] > right[:, -1], mean, np.nan)


def _r2(rows: Predictions, weights: Floats) -> Floats:
    target = rows.target.astype(np.float64)
    squares = (weights * rows.errors**2).sum(axis=-1)
    centred = target - _mean(target, weights)[:, None]
    total = (weights * centred**2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, 1 - squares / total, 0.0)  # a constant: nothing to explain


def _rmse(rows: Predictions, weights: Floats) -> Floats:
    return np.asarray(np.sqrt(_mean(_squared_errors(rows), weights)))


def _squared_errors(rows: Predictions) -> Floats:
    return rows.errors**2


_UNITS: Final = "the target's units"
_TABLE: Final = (
    Score(name="accuracy", title="accuracy", task="classification", **_row_mean(_correct)),
    Score(
        name="balanced-accuracy",
        title="balanced accuracy",
        task="classification",
        by_class=True,
        most_rows=_rows_of_recalls,
        measure=_balanced_accuracy,
    ),
    Score(
        name="roc-auc",
        title="ROC AUC",
        task="classification",
        by_class=True,
        most_rows=_rows_of_area,
        measure=lambda rows, weights: _one_against_rest(rows, weights, _area),
    ),
    Score(
        name="average-precision",
        title="average precision",
        task="classification",
        by_class=True,
        measure=lambda rows, weights: _one_against_rest(rows, weights, _average_precision),
    ),
    Score(name="f1", title="F1", task="classification", by_class=True, measure=_f1),
    Score(
        name="log-loss",
        title="log loss",
        task="classification",
        higher=False,
        unit="nats",
        link="positive",
        **_row_mean(_surprise),
    ),
    Score(
        name="brier",
        title="Brier score",
        task="classification",
        higher=False,
        link="positive",
        **_row_mean(_squares),
    ),
    Score(
        name="r2",
        title="R²",
        task="regression",
        link="one minus positive",
        row_values=_squared_errors,
        measure=_r2,
    ),
    Score(
        name="rmse",
        title="RMSE",
        task="regression",
        higher=False,
        unit=_UNITS,
        link="positive",
        row_values=_squared_errors,
        measure=_rmse,
    ),
    Score(
        name="mae",
        title="MAE",
        task="regression",
        higher=False,
        unit=_UNITS,
        link="positive",
        **_row_mean(lambda rows: np.abs(rows.errors)),
    ),
)
SCORES: Final[Mapping[str, Score]] = {score.name: score for score in _TABLE}


def scores_of(task: str) -> list[Score]:
    """Return the scores of a task, that which every epoch is judged by first.

    Args:
        task: ``classification`` or one of its kinds, or ``regression``.
    """
    kind = "regression" if task == "regression" else "classification"
    return [score for score in _TABLE if score.task == kind]


def predictions(logits: Floats, target: NDArray[Any], task: str) -> Predictions:
    """Turn what a classifier puts out into probabilities.

    Args:
        logits: [rows, outputs], before softmax or sigmoid.
        target: [rows], classes.
        task: ``binary`` (one output, that of the second class) or ``multiclass``.
    """
    if task == "binary":
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return Predictions(target=target.astype(np.int64), predicted=probabilities)


def compute(score: Score, rows: Predictions, weights: NDArray[Any] | None = None) -> float:
    """Compute one score, without its interval; NaN where it is not defined.

    Args:
        score: Which.
        rows: Of its task.
        weights: What each row counts, [rows]; left out, all count alike.
    """
    return float(score.measure(rows, row_weights(rows, weights)[None])[0])


def row_weights(rows: Predictions, weights: NDArray[Any] | None) -> Floats:
    """Return what each row counts, float64 [rows]: 1 where nothing is said."""
    if weights is None:
        return np.ones(len(rows.target))
    return weights.astype(np.float64)
