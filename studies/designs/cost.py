"""How long a study takes, before it runs: an estimate from the work in it.

The constants are those of one core of a 2020s server; a machine may be twice as fast or slow. They
say what a dry run prints and how many trials a budget in minutes buys, never what is concluded.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from studies.designs.design import Arm, StudyDesign, Value
from studies.designs.planning import count_trials
from sweep.config import TrialConfig, count_parameters
from sweep.errors import ConfigurationError
from sweep.training.cohort_rule import Site, largest_cohort

UPDATE_SECONDS: Final = 0.00012  # what an update takes before any arithmetic
LAYER_SECONDS: Final = 0.00005  # and each of its layers
FLOPS: Final = 6e10  # of one core, in products as small as an MLP's
START_SECONDS: Final = 12.0  # libraries, workers, traces, the report
FEWEST_SEEDS: Final = 5  # below, nothing is concluded
FEWEST_CANDIDATES: Final = 3

BUDGET: Final = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>[a-z]*)")
SECONDS: Final[Mapping[str, float]] = {"s": 1, "m": 60, "min": 60, "minutes": 60, "h": 3600}


class Work(NamedTuple):
    """Hold what the time of a trial depends on besides its configuration.

    Attributes:
        site: Inputs, outputs and device.
        train_rows: Rows of the training split.
        validation_rows: Rows of the validation split.
        workers: Trials trained at a time.
    """

    site: Site
    train_rows: int
    validation_rows: int
    workers: int


class Budget(NamedTuple):
    """Hold the most that a study may take; None is no limit."""

    trials: float | None
    seconds: float | None


def read_budget(text: str | None) -> Budget:
    """Read a budget: trials, such as ``200``, or time, such as ``90s``, ``5m`` or ``2h``.

    Raises:
        ConfigurationError: It is neither.
    """
    if text is None:
        return Budget(None, None)
    match = BUDGET.fullmatch(text.strip().lower())
    unit = match["unit"] if match else ""
    if match is None or unit not in {"", "trials", *SECONDS} or float(match["number"]) <= 0:
        raise ConfigurationError(
            f"--budget: {text[:60]!r} is neither trials nor time; give trials, such as 200, or"
            " time, such as 5m"
        )
    number = float(match["number"])
    if unit in {"", "trials"}:
        return Budget(number, None)
    return Budget(None, number * SECONDS[unit])


def trial_seconds(config: TrialConfig, work: Work, *, train_rows: int, together: int) -> float:
    """Estimate how long one worker trains a trial.

    Args:
        config: The trial.
        work: Where and on what.
        train_rows: Rows that it trains on; 0 for all.
        together: Trials of its shape that could be trained with it.
    """
    site = work.site
    sizes = (site.inputs, *config.widths, site.outputs)
    weights = count_parameters(
        config.widths, inputs=site.inputs, outputs=site.outputs, use_bias=config.use_bias
    )
    rows = train_rows or work.train_rows
    updates = -(-rows // config.batch_size)
    shared = min(together, largest_cohort(config, site))
    fixed = (UPDATE_SECONDS + LAYER_SECONDS * config.depth) / shared
    # Forward and backward, but no gradient of the input; each evaluation is one forward pass.
    training = rows * (6 * weights - 2 * sizes[0] * sizes[1])
    evaluation = 2 * weights * (rows + work.validation_rows)
    return config.epochs * (updates * fixed + (training + evaluation) / FLOPS)


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
