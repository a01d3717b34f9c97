"""How long a study takes, before it runs, and the largest form of it that a budget allows."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from studies.designs.design import Arm, StudyDesign, Value
from studies.designs.planning import count_trials
from sweep.config import TrialConfig
from sweep.errors import ConfigurationError
from sweep.settings.budget import Budget
from sweep.training.cost import START_SECONDS, Work, trial_seconds

FEWEST_SEEDS: Final = 5  # below, nothing is concluded
FEWEST_CANDIDATES: Final = 3


def study_seconds(design: StudyDesign, work: Work) -> float:
    """Estimate how long a study takes, its start and its report included."""
    total = 0.0
    for arm in design.arms:
        rows = arm.variant.train_rows
        tried = [
            trial_seconds(candidate, work, train_rows=rows, together=design.candidates)
            for candidate in arm.candidates
        ]
        if not arm.follows:
            total += design.tuning_seeds * sum(tried)
        mean = sum(tried) / len(tried)
        total += design.pairs * mean
        if design.probes is not None:
            share = design.probes.epochs / arm.candidates[0].epochs
            total += len(design.probes.factors) * design.probes.seeds * share * mean
    return START_SECONDS + total / work.workers


def fit_budget(design: StudyDesign, budget: Budget, work: Work) -> StudyDesign:
    """Return the largest form of a design that a budget allows.

    Less is tuned first, then fewer seeds are compared, never fewer than conclusions need. What is
    left out is left out before the study begins, so that results decide nothing about it.

    Raises:
        ConfigurationError: Even the smallest form needs more.
    """
    for smaller in _forms(design):
        seconds, trials = study_seconds(smaller, work), count_trials(smaller)
        within = seconds <= budget.seconds if budget.seconds is not None else True
        if within and (budget.trials is None or trials <= budget.trials):
            return smaller
    need = f"{trials:,} trials" if budget.trials is not None else f"about {seconds / 60:.0f}m"
    raise ConfigurationError(
        f"--budget: even with {smaller.seeds} seeds the study needs {need}; give more, or fewer"
        " arms with --set"
    )


def _forms(design: StudyDesign) -> list[StudyDesign]:
    """Return the design and its smaller forms, largest first."""
    replace = dataclasses.replace
    forms = [design]
    while forms[-1].tuning_seeds > 1:
        forms.append(replace(forms[-1], tuning_seeds=forms[-1].tuning_seeds - 1))
    if design.candidates > FEWEST_CANDIDATES:
        # Every other one: the ends of each range stay.
        arms = tuple(replace(arm, candidates=_thinned(arm.candidates)) for arm in forms[-1].arms)
        nuisance = _still_tried(design.nuisance, arms)
        forms.append(replace(forms[-1], arms=arms, nuisance=nuisance))
    for seeds in range(design.seeds - 1, FEWEST_SEEDS - 1, -1):
        forms.append(replace(forms[-1], seeds=seeds))
    return forms


def _thinned(candidates: tuple[TrialConfig, ...]) -> tuple[TrialConfig, ...]:
    places = np.linspace(0, len(candidates) - 1, FEWEST_CANDIDATES).round().astype(int)
    return tuple(candidates[place] for place in places)


def _still_tried(
    nuisance: Mapping[str, tuple[Value, ...]], arms: Sequence[Arm]
) -> dict[str, tuple[Value, ...]]:
    """Return the values that some candidate still has."""
    tried = {
        key: {
            getattr(candidate, key.partition(".")[0])
            for arm in arms
            for candidate in arm.candidates
            if key.partition(".")[2] in {"", candidate.optimizer}
        }
        for key in nuisance
    }
    return {key: tuple(v for v in nuisance[key] if v in tried[key]) for key in nuisance}
