"""The sampler that learns: TPE, with a cost that hardly grows with the number of trials.

What is drawn for a trial follows from its seed and from the trials of the study alone, which are
read once each: `History` keeps their values as arrays. It ranks and splits them as Optuna's TPE
does, and like it counts running trials among the bad ones, which keeps parallel trials apart
(constant liar). Beyond `REMEMBERED` trials the good ones are still chosen among all, while the
bad ones are the most recent.
"""

import bisect
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from sweep.search.independent import IndependentSampler
from sweep.search.parzen import Density, Floats, Searched, place_of, value_at
from sweep.space.parameters import Range, Value, from_unit, whole_numbers
from sweep.space.search_space import SearchSpace

STARTUP_TRIALS: Final = 10  # drawn at random before there is anything to learn from
CANDIDATES: Final = 24  # drawn among the good, of which the most promising is taken
GOOD_SHARE: Final = 0.1
MOST_GOOD: Final = 25
REMEMBERED: Final = 250  # bad trials that have ended; docs/decisions/0009 says what it costs

Rows = NDArray[np.intp]


class History:
    """Hold what TPE knows of the trials of one study.

    Args:
        space: The search space that the study draws from.
    """

    def __init__(self, space: SearchSpace) -> None:
        searched = space.searched()
        self.searched = {name: kind for name, kind in searched.items() if _varies(kind)}
        self.constant = {
            name: from_unit(searched[name], 0.0) for name in searched.keys() - self.searched.keys()
        }
        self.groups = drawn_together(space, self.searched)
        self._columns = {name: column for column, name in enumerate(self.searched)}
        self._places = np.full((64, len(self.searched)), np.nan)
        self._ranked: list[tuple[float, float, float, int]] = []
        self._told = np.zeros(64, dtype=bool)
        self._running: list[int] = []
        self._ended = 0  # all trials before this one have ended, and are known

    def read(self, trials: Sequence[FrozenTrial]) -> None:
        """Learn what is new of all trials of the study, in the order of their numbers."""
        while len(trials) > len(self._told):
            self._places = np.vstack([self._places, np.full_like(self._places, np.nan)])
            self._told = np.concatenate([self._told, np.zeros_like(self._told)])
        self._running = []
        for number in range(self._ended, len(trials)):
            trial = trials[number]
            if not trial.state.is_finished():
                self._running.append(number)
            elif trial.state in {TrialState.COMPLETE, TrialState.PRUNED} and not self._told[number]:
                bisect.insort(self._ranked, (*_rank(trial), number))
                self._told[number] = True
            for name in trial.params.keys() & self.searched.keys():
                place = place_of(self.searched[name], trial.params[name])
                self._places[number, self._columns[name]] = place
        self._ended = self._running[0] if self._running else len(trials)

    def __len__(self) -> int:
        """Return how many trials have ended with a result, good or bad."""
        return len(self._ranked)

    def split(self, number: int) -> tuple[Rows, Rows]:
        """Return the numbers of the good and of the bad trials, as trial ``number`` sees them."""
        share = min(math.ceil(GOOD_SHARE * len(self)), MOST_GOOD)
        good = np.array(sorted(rank[-1] for rank in self._ranked[:share]), dtype=np.intp)
        others = self._told.copy()
        others[good] = False
        running = [other for other in self._running if other != number]
        bad = [*np.flatnonzero(others)[-REMEMBERED:].tolist(), *running]
        return good, np.array(sorted(bad), dtype=np.intp)

    def places(self, rows: Rows, names: Sequence[str]) -> Floats:
        """Return the places of those of the trials that have all the hyperparameters."""
        places: Floats = self._places[rows][:, [self._columns[name] for name in names]]
        return places[~np.isnan(places).any(axis=1)]


class TreeParzenSampler(IndependentSampler):
    """Draw the values of one trial.

    Args:
        history: Of the study that the trial belongs to.
        seed: Of this trial.
    """

    def __init__(self, history: History, seed: int) -> None:
        self._history = history
        self._rng = np.random.default_rng(seed)
        self._split: tuple[Rows, Rows] | None = None
        self._drawn = dict(history.constant)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Value:
        """Return the value of one hyperparameter, drawn with those that it always goes with."""
        del param_distribution
        if self._split is None:
            self._history.read(study.get_trials(deepcopy=False))
            self._split = self._history.split(trial.number)
        if param_name not in self._drawn:
            group = next(names for names in self._history.groups if param_name in names)
            self._drawn |= self._draw(group, *self._split)
        return self._drawn[param_name]

    def _draw(self, names: Sequence[str], good: Rows, bad: Rows) -> dict[str, Value]:
        parameters = {name: self._history.searched[name] for name in names}
        if len(self._history) < STARTUP_TRIALS:
            return {
                name: from_unit(parameter, self._rng.random())
                for name, parameter in parameters.items()
            }
        promising = Density(parameters, self._history.places(good, names))
        candidates = promising.draw(self._rng, CANDIDATES)
        other = Density(parameters, self._history.places(bad, names))
        best = candidates[np.argmax(promising.at(candidates) / other.at(candidates))]
        return {
            name: value_at(parameter, place)
            for (name, parameter), place in zip(parameters.items(), best.tolist(), strict=True)
        }


def drawn_together(space: SearchSpace, names: Iterable[str]) -> list[tuple[str, ...]]:
    """Group hyperparameters of a space: those of a group apply to the same configurations.

    Each group has a joint density (Falkner et al. 2018, arXiv:1807.01774).

    Args:
        space: The search space.
        names: The hyperparameters, by the names under which they are drawn.
    """
    owners: dict[str, list[int]] = {name: [] for name in names}
    kinds = itertools.product(whole_numbers(space.depth), space.optimizers)
    for kind, (depth, optimizer) in enumerate(kinds):
        probe = _Probe({"depth": depth, "optimizer": optimizer})
        space.suggest(probe, epochs=1, seed=0)
        for name in probe.asked & owners.keys():
            owners[name].append(kind)
    together: dict[tuple[int, ...], list[str]] = {}
    for name, owned_by in owners.items():
        together.setdefault(tuple(owned_by), []).append(name)
    return [tuple(group) for group in together.values()]


class _Probe:
    """Answer suggestions with anything, and note what was asked for."""

    def __init__(self, given: dict[str, Value]) -> None:
        self._given = given
        self.asked: set[str] = set()

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        del high, log
        return int(self._answer(name, low))

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        del high, log
        return float(self._answer(name, low))

    def suggest_categorical(self, name: str, choices: Sequence[Value]) -> object:
        return self._answer(name, choices[0])

    def _answer(self, name: str, other: Value) -> Value:
        self.asked.add(name)
        return self._given.get(name, other)


def _varies(kind: Searched) -> bool:
    """Return whether there is more than one value, without which nothing is drawn."""
    if isinstance(kind, Range):
        return float(kind.low) < float(kind.high)
    return len(kind.values) > 1


def _rank(trial: FrozenTrial) -> tuple[float, float, float]:
    """Order trials, the best first: complete ones by value, then those pruned latest by loss.

    A pruned trial without any value, which diverged, is behind all of them.
    """
    if trial.state is TrialState.COMPLETE:
        return 0, 0, cast("float", trial.value)
    step = trial.last_step
    if step is None:
        return 2, 0, 0
    return 1, -step, trial.intermediate_values[step]
