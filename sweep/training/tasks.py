"""What is trained at a time, what comes of it, and the training itself.

A task is a pure function of the configurations of a cohort and the training data, so that neither
the number of workers nor the order in which they finish changes any result, and the task of a
worker that was lost is simply run again.
"""

import dataclasses
import importlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.records import Outcome, PlannedTrial, TaskSpan, TrainingHistory, TrialRecord
from sweep.training.units import NOT_COUNTED, UnitShares, choose_rows, count_units
from sweep.variant import AS_SPLIT, DataVariant

if TYPE_CHECKING:
    from sweep.training.trainer import Checkpoint  # loads TensorFlow

TrainingSets = Mapping[DataVariant, TrainingData]
"""What can be trained on: the data as the run splits them, and what a study varies of them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CohortTask:
    """Describe one task: train a cohort until an epoch.

    Attributes:
        trials: Identifiers of the members; the first one and ``until`` name the task.
        configs: Their configurations.
        until: The epoch to train to; beyond it the members may be trained on if it is not the
            last of their epochs.
        continues: Name of the task that trained these members, and perhaps others, to a rung
            before, and that no other task continues; None to begin with initial weights.
        priority: Of the tasks that wait, the one with the smallest is done first.
        cohort: The first trial of the cohort as it began; empty for a trial alone.
        variant: What of the data they are trained on.
        units: Whether the hidden units of the trained networks are counted.
    """

    trials: tuple[str, ...]
    configs: tuple[TrialConfig, ...]
    until: int
    continues: str | None = None
    priority: int = 0
    cohort: str = ""
    variant: DataVariant = AS_SPLIT
    units: bool = False

    @property
    def name(self) -> str:
        """Return the name of the task, by which another one continues it."""
        return f"{self.trials[0]}@{self.until}"

    @property
    def is_last(self) -> bool:
        """Return whether there is nothing left to train after it."""
        return self.until >= self.configs[0].epochs


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """Hold how far one trial was trained.

    Attributes:
        trial: Its identifier.
        outcome: How it ended; ``finished`` also at a rung.
        reason: Why it diverged or failed; empty if finished.
        history: One row an epoch, from the first; empty if it failed.
        seconds: Time to train, from the first epoch.
        cohort: The first trial of the cohort that it was trained in; empty if it was alone.
        units: Shares of its hidden units that do no work, if it finished and they were counted.
        spans: The tasks that trained it so far, as its record has them.
        scores: As its record has them.
    """

    trial: str
    outcome: Outcome
    reason: str
    history: TrainingHistory
    seconds: float
    cohort: str = ""
    units: UnitShares = NOT_COUNTED
    spans: tuple[TaskSpan, ...] = ()
    scores: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def record(self, planned: PlannedTrial, parameters: int) -> TrialRecord:
        """Make the record of the trial from this result.

        Args:
            planned: The trial.
            parameters: Its trainable parameters.
        """
        return TrialRecord(
            trial=planned.trial,
            stage=planned.stage,
            slot=planned.slot,
            replicate=planned.replicate,
            config=planned.config,
            outcome=self.outcome,
            reason=self.reason,
            parameters=parameters,
            history=self.history,
            seconds=self.seconds,
            number=planned.number,
            cohort=self.cohort,
            arm=planned.arm,
            variant=planned.variant,
            dead_units=self.units.dead,
            saturated_units=self.units.saturated,
            spans=self.spans,
            scores=self.scores,
        )


def training_sets(data: TrainingData | TrainingSets) -> TrainingSets:
    """Return what can be trained on by variant, also where there is but one."""
    return {AS_SPLIT: data} if isinstance(data, TrainingData) else data


def train_cohort(
    data: TrainingData, task: CohortTask, start: "Checkpoint | None" = None
) -> tuple[list[TrialResult], "Checkpoint | None"]:
    """Train a cohort and say how far each member got; an exception of the engine is a failed trial.

    A cohort that fails is trained member by member, so that none fails for the others' sake.

    Args:
        data: What to train on.
        task: What to train.
        start: The checkpoint of the task that this one continues. Without it, which is no more
            than a shortcut, members start from their initial weights.

    Returns:
        One result a trial, in their order, and the checkpoint from which they can be trained on;
        None if nobody can, or if they were trained one by one.
    """
    from sweep.training.scoring import validation_scores  # noqa: PLC0415 - SciPy's statistics, likewise
    from sweep.training.trainer import trainer_for  # noqa: PLC0415 - TensorFlow loads where training is done

    started = time.monotonic()
    try:
        networks, checkpoint = trainer_for(data).advance(
            task.configs, until=task.until, start=start
        )
    except Exception as err:  # noqa: BLE001 - the trial's border: whatever it was, the sweep goes on
        if len(task.trials) == 1:
            return [failed_result(task.trials[0], err, time.monotonic() - started)], None
        singles = [
            dataclasses.replace(task, trials=(trial,), configs=(config,), cohort="")
            for trial, config in zip(task.trials, task.configs, strict=True)
        ]
        return [train_cohort(data, single)[0][0] for single in singles], None
    results = []
    rows = choose_rows(data.x_train)
    for trial, config, network in zip(task.trials, task.configs, networks, strict=True):
        diverged = network.history.diverged_epoch
        counted = task.units and diverged is None
        reason = "" if diverged is None else f"loss or weights not finite in epoch {diverged}"
        results.append(
            TrialResult(
                trial=trial,
                outcome="finished" if diverged is None else "diverged",
                reason=reason,
                history=network.history,
                seconds=network.seconds,
                cohort=task.cohort,
                units=(
                    count_units(network.best_weights, rows, config.activation)
                    if counted
                    else NOT_COUNTED
                ),
                scores=(
                    validation_scores(network, data, config)
                    if task.is_last and diverged is None
                    else {}
                ),
            )
        )
    return results, checkpoint


def train_task(
    data: TrainingData, task: CohortTask, start: "Checkpoint | None" = None, worker: str = ""
) -> tuple[list[TrialResult], "Checkpoint | None"]:
    """Train as `train_cohort`, and say who did and for how long.

    Args:
        data: What to train on.
        task: What to train.
        start: The checkpoint of the task that this one continues.
        worker: Whatever tells the workers of a run apart.

    Returns:
        As `train_cohort`; each result has the span of the task, counted from its end, which
        `RunClock.note` puts at its time.
    """
    importlib.import_module("sweep.training.trainer")  # TensorFlow, whose loading is no training
    began = time.monotonic()
    results, checkpoint = train_cohort(data, task, start)
    span = TaskSpan(worker=worker, start=began - time.monotonic(), end=0.0)
    return [dataclasses.replace(result, spans=(span,)) for result in results], checkpoint


def train_trial(data: TrainingData, trial: str, config: TrialConfig) -> TrialResult:
    """Train one trial alone, to its end."""
    task = CohortTask(trials=(trial,), configs=(config,), until=config.epochs)
    return train_cohort(data, task)[0][0]


def one_line(err: BaseException) -> str:
    """Say in one line what went wrong."""
    return f"{type(err).__name__}: {' '.join(str(err).split())}"[:500]


def failed_result(trial: str, err: BaseException, seconds: float) -> TrialResult:
    """Return the result of a trial that an exception ended."""
    return TrialResult(
        trial=trial,
        outcome="failed",
        reason=f"{type(err).__name__}: {str(err).strip().partition(chr(10))[0]}"[:500],
        history=TrainingHistory.empty(),
        seconds=seconds,
    )
