"""What training yields: a history per trial, and the record that the run folder keeps of it."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sweep.config import TrialConfig
from sweep.variant import AS_SPLIT, DataVariant

Stage = Literal["search", "confirmation", "audit", "tuning", "comparison", "probe"]
Outcome = Literal["finished", "pruned", "diverged", "failed"]

SWEEP_STAGES: Final[tuple[Stage, ...]] = ("search", "confirmation", "audit")  # in their order
STUDY_STAGES: Final[tuple[Stage, ...]] = ("tuning", "comparison", "probe")
STAGES: Final[tuple[Stage, ...]] = (*SWEEP_STAGES, *STUDY_STAGES)
OUTCOMES: Final[tuple[Outcome, ...]] = ("finished", "pruned", "diverged", "failed")

HISTORY_COLUMNS: Final = (
    "train_loss",
    "train_loss_se",
    "train_score",
    "train_score_se",
    "validation_loss",
    "validation_loss_se",
    "validation_score",
    "validation_score_se",
    "running_loss",
    "gradient_norm",
    "seconds",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrainingHistory:
    """Hold the values of every epoch of one trial.

    Attributes:
        array: float64 [epochs trained, len(HISTORY_COLUMNS)]; what each column means stands in
            docs/tables.md. The row of an epoch that diverged is kept: it may hold NaN or Inf.
        diverged_epoch: The epoch (from 1) in which a loss or weight was no longer finite, or None.
    """

    array: NDArray[np.float64]
    diverged_epoch: int | None = None

    @classmethod
    def empty(cls) -> "TrainingHistory":
        """Return the history of a trial that failed before its first epoch ended."""
        return cls(array=np.empty((0, len(HISTORY_COLUMNS))))

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one column, float64 [epochs trained]."""
        return self.array[:, HISTORY_COLUMNS.index(name)]

    def __len__(self) -> int:
        return len(self.array)

    @property
    def best_epoch(self) -> int | None:
        """Return the epoch (from 1) of the smallest finite validation loss, the first of equals."""
        losses = self.column("validation_loss")
        finite = np.isfinite(losses)
        if self.diverged_epoch is not None:
            finite[self.diverged_epoch - 1 :] = False
        if not finite.any():
            return None
        return int(np.argmin(np.where(finite, losses, np.inf))) + 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTrial:
    """Hold a trial that is to be trained.

    The attributes are those of its `TrialRecord`; ``units`` says whether its hidden units are
    counted.
    """

    trial: str
    stage: Stage
    slot: int
    config: TrialConfig
    replicate: int = 0
    number: int | None = None
    arm: str = ""
    variant: DataVariant = AS_SPLIT
    units: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpan:
    """Hold who did a task, and when: the members of a cohort share the spans of its tasks.

    Attributes:
        worker: The worker's number, from 0, in the order in which workers were heard of since the
            run was last started. Whoever takes the place of one that died has its number.
        start: Seconds since the run began, without the pauses between its starts.
        end: Likewise.
    """

    worker: str
    start: float
    end: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """Hold one trial as the tables show it.

    Attributes:
        trial: Identifier, such as ``s0007``.
        stage: ``search``, ``confirmation`` or ``audit`` in a sweep; ``tuning``, ``comparison`` or
            ``probe`` in a study.
        slot: Place in the search, from 0; in the confirmation and the audit, that of the trial of
            the search whose configuration is confirmed, or whose pruning is audited. In a study,
            the place of the configuration among those of its stage.
        replicate: 0 in the search and the audit, from 1 elsewhere; replicates of one number share
            their seed and their data.
        config: The configuration with its seed.
        outcome: How it ended; a pruned one was stopped after the epochs of its history.
        reason: Why it was pruned, diverged or failed; empty if finished.
        parameters: Trainable parameters.
        history: One row an epoch; empty if the trial failed before its first epoch ended.
        seconds: Time to train, on the monotonic clock.
        number: The trial's number in the Optuna study; None outside the search. It runs ahead of
            the slot where configurations over ``max_parameters`` were drawn and rejected.
        cohort: The first trial of the cohort that it was trained in; empty if it was alone.
        arm: The arm of a study; empty in a sweep.
        variant: What of the data it was trained on.
        dead_units: Share of the hidden units that are dead; None where that was not counted.
        saturated_units: Share of the hidden units that are saturated, likewise.
        spans: The tasks that trained it, in their order: more than one if it went on from a rung.
            Of a task that was done again, the time that counted. Empty where that is not known.
        scores: Every score of `sweep.scores` on the validation rows at the best epoch, by name,
            but those that are not defined there; empty unless it was trained to its end.
    """

    trial: str
    stage: Stage
    slot: int
    replicate: int
    config: TrialConfig
    outcome: Outcome
    reason: str
    parameters: int
    history: TrainingHistory
    seconds: float
    number: int | None = None
    cohort: str = ""
    arm: str = ""
    variant: DataVariant = AS_SPLIT
    dead_units: float | None = None
    saturated_units: float | None = None
    spans: tuple[TaskSpan, ...] = ()
    scores: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def validation_loss(self) -> float:
        """Return the validation loss of the best epoch; NaN if there is none."""
        best = self.history.best_epoch
        return math.nan if best is None else float(self.history.column("validation_loss")[best - 1])

    @property
    def validation_score(self) -> float:
        """Return the validation score of the best epoch; NaN if there is none."""
        best = self.history.best_epoch
        if best is None:
            return math.nan
        return float(self.history.column("validation_score")[best - 1])


def search_trial_id(slot: int) -> str:
    """Name the trial of a slot of the search."""
    return f"s{slot:04d}"


def confirmation_trial_id(slot: int, replicate: int) -> str:
    """Name a replicate (from 1) of the configuration of a slot."""
    return f"c{slot:04d}-{replicate:02d}"


def audit_trial_id(slot: int) -> str:
    """Name the trial that trains the pruned trial of a slot to its end."""
    return f"a{slot:04d}"


def worked_until(records: Iterable[TrialRecord]) -> float:
    """Return when the last task of some trials ended, in seconds since their run began, or 0."""
    return max((span.end for record in records for span in record.spans), default=0.0)


def cohort_of(record: TrialRecord, records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Return the trials that a trial was trained with, itself among them, in their order.

    Args:
        record: The trial.
        records: All records of its run.
    """
    members = {
        other.trial: other
        for other in records
        if record.cohort and (other.stage, other.cohort) == (record.stage, record.cohort)
    }
    members[record.trial] = record
    # The order of a cohort is that of its slots, or of its replicates.
    return sorted(members.values(), key=lambda member: (member.slot, member.replicate))
