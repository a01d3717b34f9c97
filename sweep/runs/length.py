"""How long a sweep is to be: its budget of time, and the trials that are likely to fit into it."""

from typing import Final

import numpy as np

from sweep.data.dataset import TrainingData
from sweep.errors import ConfigurationError
from sweep.runs.audit import SHARE
from sweep.runs.preparation import plan_trials
from sweep.search.budget import TimeBudget
from sweep.search.rungs import expected_share, make_rungs
from sweep.seeds import derive_seed
from sweep.settings.budget import read_budget
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parameters import from_unit
from sweep.space.starts import Given
from sweep.training.cohort_rule import Site
from sweep.training.cost import Work

SAMPLE: Final = 200  # configurations from which it is told how many trials a budget bears
BASELINES: Final = 0.1  # of the time of all trials, which sweep.runs.baselines keeps to


def time_budget(settings: SweepSettings, data: TrainingData) -> TimeBudget | None:
    """Return the time that a sweep may take; None for as long as it takes."""
    seconds = read_budget(settings.budget).seconds
    if seconds is None:
        return None
    rungs = make_rungs(settings.pruner or "none", settings.epochs)
    return TimeBudget(
        seconds=seconds,
        work=Work(
            # The device has no part in it: a sweep is the same on all of them.
            site=Site(data.inputs, data.outputs),
            train_rows=len(data.x_train),
            validation_rows=len(data.x_validation),
            workers=1,
        ),
        top=settings.confirm_top,
        seeds=settings.confirm,
        audited=SHARE if settings.audit else 0.0,
        share=expected_share(rungs, settings.epochs),
        extra=BASELINES if settings.baselines else 0.0,
    )


def expect_trials(settings: SweepSettings, data: TrainingData) -> int:
    """Return the number of slots of the search; with a budget of time, an estimate of it.

    Raises:
        ConfigurationError: The budget is less than a sweep of one trial takes.
    """
    planned, budget = plan_trials(settings, data), time_budget(settings, data)
    if budget is None:
        return planned
    rng = np.random.default_rng(derive_seed(settings.seed, "sampler"))
    searched = settings.space.searched()
    points = (
        {name: from_unit(kind, rng.random()) for name, kind in searched.items()}
        for _ in range(SAMPLE)
    )
    sample = [
        settings.space.suggest(Given(point), epochs=settings.epochs, seed=0) for point in points
    ]
    allowed = [one for one in sample if settings.space.allows(one, data.inputs, data.outputs)]
    expected = budget.expected(allowed or sample)  # the fewest that a cap lets through are few
    if expected < 1:
        raise ConfigurationError(
            f"budget: {settings.budget} is less than one trial and its confirmation take by an"
            " estimate; give more, or fewer --epochs"
        )
    return min(planned, expected)
