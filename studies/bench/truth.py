"""What is true of a network, from its population curve: the other half of every error rate.

A verdict is wrong if its sentence is false. The truth takes the definitions and the practical
margins of docs/verdicts.md, and puts in place of every estimate the value it estimates: losses on
the population rows instead of the few validation rows, and no allowance for noise. For several
seeds it is the mean curve of all seeds that were trained. That a network is undertrained is
measured outright: twice as many epochs make it better.

Truth has three values (Kleene 1952): 1 true, 0 false, and 0.5 where the effect lies close to its
margin: there neither answer is an error. "And" is the minimum, "or" the maximum.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.bench.training import TrainedProblem
from sweep.config import count_parameters
from sweep.records import TrainingHistory

TRUE: Final = 1.0
GREY: Final = 0.5
FALSE: Final = 0.0
CLEAR: Final = 1.25  # an effect of this many margins is there, of one over this many is not

RISE: Final = (0.05, 0.005)  # practical margins: share of the loss, and at least
GAP: Final = (0.1, 0.01)
DEFICIT: Final = (0.05, 0.005)
IMPROVEMENT: Final = (0.02, 0.005)
TRAIN_CHANGE: Final = (0.05, 0.0)
SCORE_RISE: Final = 0.005


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkCurves:
    """Hold a network as it is, means over its seeds.

    Attributes:
        parameters: Its capacity.
        train: Train loss [epochs].
        population: Population loss [epochs, or more].
        score: Population score [the same].
        kept_train: Train loss of the weights that are kept: those of the best epoch by the
            validation rows.
        kept_loss: Their population loss.
        kept_epoch: Mean of that epoch, from 1.
    """

    parameters: int
    train: NDArray[np.float64]
    population: NDArray[np.float64]
    score: NDArray[np.float64]
    kept_train: float
    kept_loss: float
    kept_epoch: float

    @property
    def gap(self) -> float:
        """Return the loss gap of the weights that are kept."""
        return self.kept_loss - self.kept_train


def network_truths(trained: TrainedProblem, *, seeds: int) -> Mapping[str, float]:
    """Say of each verdict whether it is true of the subject.

    Args:
        trained: The run.
        seeds: Of each network, as many as the truth is to be known of: 1 for one network, all of
            them for a configuration.
    """
    run = [_curves(trained, place, seeds) for place in range(len(trained.seen))]
    subject = run[trained.problem.subject]
    if subject is None:
        lost = [history.diverged_epoch is not None for history in _seen_of_subject(trained, seeds)]
        names = ("overfits", "underfits", "fits", "undertrained", "overtrained")
        if all(lost):
            return {**dict.fromkeys(names, FALSE), "diverged": TRUE}
        return dict.fromkeys((*names, "diverged"), GREY)  # some seeds did: it is neither
    others = [curves for curves in run if curves is not None]  # a network is never behind itself
    rises, overfits = _overfits(subject, others)
    underfits = max(
        min(
            _beyond(subject.kept_loss - other.kept_loss, other.kept_loss, DEFICIT),
            _beyond(subject.kept_train - other.kept_train, other.kept_train, DEFICIT),
        )
        for other in others
    )
    best = min(other.kept_loss for other in others)
    behind = _beyond(subject.kept_loss - best, best, DEFICIT)
    undertrained = _undertrained(subject)
    fits = 1 - max(overfits, underfits, undertrained, rises, behind)
    early = 1 - _late(subject)
    return {
        "overfits": overfits,
        "underfits": underfits,
        "fits": fits,
        "undertrained": undertrained,
        "overtrained": min(rises, early, 1 - _train_worsens(subject)),
        "diverged": FALSE,
    }


def beyond(effect: float, margin: float) -> float:
    """Say whether an effect reaches a margin: 1, 0, or 0.5 where it is too close to say."""
    if not math.isfinite(effect):
        return TRUE if effect > 0 else FALSE
    if effect >= CLEAR * margin:
        return TRUE
    return FALSE if effect <= margin / CLEAR else GREY


def kept_losses(trained: TrainedProblem, place: int) -> NDArray[np.float64]:
    """Return the population loss of each seed's kept weights [seeds]; NaN where it diverged."""
    pairs = zip(trained.seen[place], trained.population[place], strict=True)
    return np.array([_at(known, "validation_loss", seen.best_epoch) for seen, known in pairs])


def _seen_of_subject(trained: TrainedProblem, seeds: int) -> Sequence[TrainingHistory]:
    return trained.seen[trained.problem.subject][:seeds]


def _curves(trained: TrainedProblem, place: int, seeds: int) -> NetworkCurves | None:
    seen, known = trained.seen[place][:seeds], trained.population[place][:seeds]
    if any(history.diverged_epoch is not None for history in seen):
        return None
    config = trained.problem.configs[place]
    best = [history.best_epoch or 1 for history in seen]
    return NetworkCurves(
        parameters=count_parameters(
            config.widths,
            inputs=trained.problem.train.x.shape[1],
            outputs=1,
            use_bias=config.use_bias,
        ),
        train=_mean(seen, "train_loss"),
        population=_mean(known, "validation_loss"),
        score=_mean(known, "validation_score"),
        kept_train=float(
            np.mean([_at(h, "train_loss", e) for h, e in zip(seen, best, strict=True)])
        ),
        kept_loss=float(
            np.mean([_at(h, "validation_loss", e) for h, e in zip(known, best, strict=True)])
        ),
        kept_epoch=float(np.mean(best)),
    )


def _overfits(subject: NetworkCurves, others: Sequence[NetworkCurves]) -> tuple[float, float]:
    """Say whether the population loss rises with no gain in score, and whether that is overfitting.

    Overfitting is that rise while the train loss falls, with a gap; or a gap that a smaller network
    does without, at a lower loss.
    """
    epochs = len(subject.train)
    loss, train = _blocks(subject.population[:epochs]), _blocks(subject.train)
    score = _blocks(subject.score[:epochs])
    low = int(loss.argmin())
    rises = min(
        _beyond(loss[-1] - loss[low], loss[low], RISE),
        1 - beyond(score[-1] - score[low], SCORE_RISE),
    )
    train_falls = _beyond(train[low] - train[-1], train[low], TRAIN_CHANGE)
    gap = _beyond(subject.gap, subject.kept_loss, GAP)
    gap_at_end = _beyond(subject.population[epochs - 1] - subject.train[-1], subject.kept_loss, GAP)
    memorises = min(rises, train_falls, max(gap, min(_late(subject), gap_at_end)))
    smaller_is_better = max(
        (
            _beyond(subject.kept_loss - other.kept_loss, other.kept_loss, DEFICIT)
            for other in others
            if other.parameters < subject.parameters and other.gap < subject.gap
        ),
        default=FALSE,
    )
    return rises, max(memorises, min(gap, smaller_is_better))


def _undertrained(subject: NetworkCurves) -> float:
    epochs = len(subject.train)
    loss = _blocks(subject.population, window=_window(epochs))
    reached = float(loss[: epochs - _window(epochs) + 1].min())
    return _beyond(reached - float(loss.min()), reached, IMPROVEMENT)


def _late(subject: NetworkCurves) -> float:
    """Say whether the best epoch lies in the second half."""
    share = subject.kept_epoch / len(subject.train)
    if share > 0.5 * CLEAR:
        return TRUE
    return FALSE if share < 0.5 / CLEAR else GREY


def _train_worsens(subject: NetworkCurves) -> float:
    train = _blocks(subject.train)
    low = int(_blocks(subject.population[: len(subject.train)]).argmin())
    return _beyond(train[-1] - train[low], train[low], TRAIN_CHANGE)


def _window(epochs: int) -> int:
    """Return over how many epochs a curve is averaged: weights wander from one to the next."""
    return max(2, epochs // 10)


def _blocks(curve: NDArray[np.float64], window: int | None = None) -> NDArray[np.float64]:
    """Return the running means of a curve."""
    size = _window(len(curve)) if window is None else window
    return np.convolve(curve, np.full(size, 1 / size), mode="valid")


def _mean(histories: Sequence[TrainingHistory], name: str) -> NDArray[np.float64]:
    shortest = min(len(history) for history in histories)
    return np.asarray(np.mean([history.column(name)[:shortest] for history in histories], axis=0))


def _at(history: TrainingHistory, name: str, epoch: int | None) -> float:
    return math.nan if epoch is None else float(history.column(name)[epoch - 1])


def _beyond(effect: float, loss: float, margin: tuple[float, float]) -> float:
    share, least = margin
    return beyond(effect, max(share * loss, least))
