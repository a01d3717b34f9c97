"""A density over hyperparameters: a kernel around each observation, and a broad prior.

It is the estimator of TPE, the tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms
for Hyper-Parameter Optimization"), with the choices of Optuna 5, which Watanabe 2023
(arXiv:2304.11127) explains: a kernel is a product over the hyperparameters, and old observations
weigh less. Optuna evaluates the Gaussian integrals one by one in Python; here they are arrays.

A value is seen as a place on an axis: the number, or its logarithm where the range is logarithmic;
of choices the index.
"""

import math
from collections.abc import Mapping
from typing import Final, TypeAlias, cast

import numpy as np
import scipy.special
from numpy.typing import NDArray

from sweep.space.parameters import Choices, Range, Value

Searched: TypeAlias = Choices[Value] | Range[Value]
Floats: TypeAlias = NDArray[np.float64]

RECENT: Final = 25  # observations with full weight; the oldest of n has 1 / n, those between a line
FINEST: Final = 100  # the narrowest kernels have this part of the range as deviation


def place_of(parameter: Searched, value: Value) -> float:
    """Return where a value lies on the axis of its hyperparameter."""
    if isinstance(parameter, Choices):
        return float(parameter.values.index(value))
    return math.log(float(value)) if parameter.log else float(value)


def value_at(parameter: Searched, place: float) -> Value:
    """Return the value at a place that `Density.draw` has drawn."""
    if isinstance(parameter, Choices):
        return parameter.values[int(place)]
    number = math.exp(place) if parameter.log else place
    if parameter.integer:
        return round(number)
    return min(max(number, float(parameter.low)), float(parameter.high))


class Density:
    """Hold a mixture of kernels.

    Args:
        parameters: The hyperparameters, by name.
        observed: Places [observations, hyperparameters], oldest first; there may be none.
    """

    def __init__(self, parameters: Mapping[str, Searched], observed: Floats) -> None:
        weights = np.append(_weights(len(observed)), 1.0)  # the last kernel is the prior
        self._weights = weights / weights.sum()
        self._axes = [
            _Indices(parameter, column)
            if isinstance(parameter, Choices)
            else _Numbers(parameter, column)
            for parameter, column in zip(parameters.values(), observed.T, strict=True)
        ]

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw places, float64 [count, hyperparameters]."""
        kernels = rng.choice(len(self._weights), size=count, p=self._weights)
        return np.stack([axis.draw(rng, kernels) for axis in self._axes], axis=1)

    def at(self, places: Floats) -> Floats:
        """Return the density at places [count, hyperparameters], float64 [count].

        Along whole numbers and choices it is a probability. The prior keeps it well above zero,
        so that kernels too far away to count may underflow.
        """
        product: Floats = np.ones((len(places), len(self._weights)))
        for axis, column in zip(self._axes, places.T, strict=True):
            product *= axis.at(column)
        return cast("Floats", product @ self._weights)


class _Indices:
    """Hold kernels over choices: the observed one is likely, the others share a little."""

    def __init__(self, choices: Choices[Value], observed: Floats) -> None:
        kernels, count = len(observed) + 1, len(choices.values)
        table = np.full((kernels, count), 1 / kernels)
        table[np.arange(len(observed)), observed.astype(np.intp)] += 1
        self._table = table / table.sum(axis=1, keepdims=True)

    def draw(self, rng: np.random.Generator, kernels: NDArray[np.intp]) -> Floats:
        """Draw an index from each kernel."""
        cumulated = self._table[kernels, :-1].cumsum(axis=1)
        passed = cumulated < rng.random((len(kernels), 1))
        return cast("Floats", passed.sum(axis=1, dtype=np.float64))

    def at(self, indices: Floats) -> Floats:
        """Return the probabilities [indices, kernels]."""
        return cast("Floats", self._table.T[indices.astype(np.intp)])


class _Numbers:
    """Hold Gaussian kernels over a range, cut off at its ends, each with an integral of one.

    A whole number owns the stretch of half a step to either side.
    """

    def __init__(self, span: Range[Value], observed: Floats) -> None:
        self._span = span
        half = 0.5 if span.integer else 0.0
        self._ends = self._on_axis(np.array([float(span.low) - half, float(span.high) + half]))
        low, high = self._ends.tolist()
        self._centres = np.append(observed, (low + high) / 2)
        self._deviations = np.append(_deviations(observed, low, high), high - low)
        self._left, right = self._cumulated(self._ends)
        self._inside = right - self._left

    def draw(self, rng: np.random.Generator, kernels: NDArray[np.intp]) -> Floats:
        """Draw a place from each kernel."""
        shares = self._left[kernels] + rng.random(len(kernels)) * self._inside[kernels]
        offsets = scipy.special.ndtri(shares) * self._deviations[kernels]
        places: Floats = np.clip(self._centres[kernels] + offsets, *self._ends)
        if not self._span.integer:
            return places
        whole = np.clip(self._whole(places), float(self._span.low), float(self._span.high))
        return self._on_axis(whole)

    def at(self, places: Floats) -> Floats:
        """Return the densities, or the probabilities of whole numbers, [places, kernels]."""
        if self._span.integer:
            whole, which = np.unique(self._whole(places), return_inverse=True)
            left, right = (self._cumulated(self._on_axis(whole + half)) for half in (-0.5, 0.5))
            return cast("Floats", ((right - left) / self._inside)[which])
        distances = (places[:, None] - self._centres) / self._deviations
        scale = math.sqrt(2 * math.pi) * self._deviations * self._inside
        return cast("Floats", np.exp(-0.5 * distances * distances) / scale)

    def _on_axis(self, numbers: Floats) -> Floats:
        return np.log(numbers) if self._span.log else numbers

    def _whole(self, places: Floats) -> Floats:
        return np.rint(np.exp(places) if self._span.log else places)

    def _cumulated(self, places: Floats) -> Floats:
        """Return how much of each kernel lies left of places, [places, kernels]."""
        distances = (places[:, None] - self._centres) / self._deviations
        return cast("Floats", scipy.special.ndtr(distances))


def _weights(count: int) -> Floats:
    """Return the weights of observations, oldest first."""
    ramp = np.linspace(1 / max(count, 1), 1, num=max(count - RECENT, 0))
    return np.concatenate([ramp, np.ones(min(count, RECENT))])


def _deviations(centres: Floats, low: float, high: float) -> Floats:
    """Return a kernel's deviation for each centre: the larger distance to its two neighbours.

    The ends of the axis count as neighbours, but not for the outermost of several centres.
    """
    order = np.argsort(centres, kind="stable")
    places = np.concatenate([[low], centres[order], [high]])
    gaps = places[1:] - places[:-1]
    wider: Floats = np.maximum(gaps[:-1], gaps[1:])
    if len(centres) > 1:
        wider[0], wider[-1] = gaps[1], gaps[-2]
    deviations = np.empty_like(wider)
    narrowest = (high - low) / min(FINEST, len(centres) + 2)
    deviations[order] = np.clip(wider, narrowest, high - low)
    return deviations
