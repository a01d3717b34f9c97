"""Training of a problem's run: once for the verdict to see, once more for the truth.

TensorFlow is loaded when the first problem is trained, not when this module is imported.
"""

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from studies.bench.problems import Problem
from sweep.config import TrialConfig, count_parameters
from sweep.data.dataset import TrainingData
from sweep.records import (
    Stage,
    TrainingHistory,
    TrialRecord,
    confirmation_trial_id,
    search_trial_id,
)
from sweep.seeds import derive_seed
from sweep.tables import epochs_table, trials_table
from sweep.training.loading import load_trainer

SEEDS: Final = 10  # replicates of each network
LONGER: Final = 2  # the truth of "undertrained" is what this many times the epochs bring

Histories = tuple[tuple[TrainingHistory, ...], ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedProblem:
    """Hold the histories of a run, each [network][seed].

    Attributes:
        problem: What was trained.
        seeds: Seeds of weights, order and dropout, the same for each network.
        seen: With the validation rows of the user.
        population: The very same networks with the population in their place, the subject perhaps
            for more epochs; empty where the truth needs no population.
    """

    problem: Problem
    seeds: tuple[int, ...]
    seen: Histories
    population: Histories


def train_problem(
    problem: Problem, *, seed: int, seeds: int = SEEDS, population: int = LONGER
) -> TrainedProblem:
    """Train the networks of a run on several seeds, the same ones for each network.

    Args:
        problem: What to train.
        seed: Where the seeds come from.
        seeds: How many.
        population: How many times the epochs the subject is trained for where its population is
            measured; 0 to measure no population.
    """
    chosen = tuple(derive_seed(seed, "trial", replicate) for replicate in range(seeds))
    known: Histories = ()
    if population:
        longer = list(problem.configs)
        subject = longer[problem.subject]
        longer[problem.subject] = dataclasses.replace(subject, epochs=population * subject.epochs)
        known = _train(problem.training_data(problem.population), longer, chosen)
    return TrainedProblem(
        problem=problem,
        seeds=chosen,
        seen=_train(problem.training_data(problem.validation), problem.configs, chosen),
        population=known,
    )


def run_tables(
    problem: Problem, seen: Histories, *, seeds: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of trials and of epochs as a user would have them.

    Args:
        problem: The problem.
        seen: Histories with the user's validation rows, [network][seed].
        seeds: 1 for a search, one trial a network; more for so many fresh seeds of each.
    """
    records = [
        _record(problem, slot, replicate, history)
        for slot, histories in enumerate(seen)
        for replicate, history in enumerate(histories[:seeds], start=int(seeds > 1))
    ]
    return trials_table(records), epochs_table(records)


def _train(data: TrainingData, configs: Sequence[TrialConfig], seeds: Sequence[int]) -> Histories:
    """Return histories [config][seed]; the seeds of a configuration are trained together."""
    load_trainer()
    from sweep.training.trainer import Trainer  # noqa: PLC0415 - TensorFlow loads where training is done

    trainer = Trainer(data)
    return tuple(
        tuple(
            network.history for network in trainer.train([config.with_seed(seed) for seed in seeds])
        )
        for config in configs
    )


def _record(problem: Problem, slot: int, replicate: int, history: TrainingHistory) -> TrialRecord:
    config = problem.configs[slot]
    inputs = problem.train.x.shape[1]
    stage: Stage = "confirmation" if replicate else "search"
    return TrialRecord(
        trial=confirmation_trial_id(slot, replicate) if replicate else search_trial_id(slot),
        stage=stage,
        slot=slot,
        replicate=replicate,
        config=config,
        outcome="finished" if history.diverged_epoch is None else "diverged",
        reason="",
        parameters=count_parameters(
            config.widths, inputs=inputs, outputs=1, use_bias=config.use_bias
        ),
        history=history,
        seconds=float(np.sum(history.column("seconds"))),
    )
