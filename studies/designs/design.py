"""A study as a value: its question, its arms, and how they are compared.

Every parameter has a role. The scientific ones make the arms; the nuisance ones are retuned inside
each arm, with the same number of candidates; the others are fixed, and what is concluded holds for
their values only. All of it is fixed before the study runs, and kept in its manifest.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from sweep.config import TrialConfig
from sweep.variant import AS_SPLIT, DataVariant

Value: TypeAlias = int | float | str | bool
Objective = Literal["validation_loss", "train_loss"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Hold one answer that is compared with the others.

    Attributes:
        name: As a person reads it, unique in the study.
        scientific: The values that make it, by key.
        candidates: The configuration with each setting of the nuisance parameters; the seed is 0.
        variant: What of the data it is trained on, folds apart.
        follows: The arm whose chosen setting it takes; empty if it is tuned itself. So one thing
            alone can be changed: retuning changes others with it.
    """

    name: str
    scientific: Mapping[str, Value]
    candidates: tuple[TrialConfig, ...]
    variant: DataVariant = AS_SPLIT
    follows: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """Describe the short trials beside each arm that confirm what is said of its learning rate.

    Attributes:
        factors: Of the arm's learning rate.
        epochs: How long.
        seeds: How many of the seeds of the comparison, the first ones; a probe begins with the
            weights that the arm began with.
    """

    factors: tuple[float, ...]
    epochs: int
    seeds: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudyDesign:
    """Hold a study before it runs.

    Attributes:
        study: Name of the built-in study, or ``custom``.
        question: What it answers, as a question.
        arms: What is compared, at least one.
        contrasts: Pairs of arms by name; each is first minus second.
        seeds: Fresh seeds on which every arm is trained, the same for all arms.
        folds: Folds in which each seed is trained; 0 for the one split of the run.
        tuning_seeds: Seeds on which each candidate of an arm is tried; 0 where each arm has one.
        objective: What tuning minimises: the mean over those seeds, of the best epoch.
        margin: The largest difference in score that is no matter.
        nuisance: What was retuned, by key, with the values tried.
        fixed: What was not varied, by key.
        options: What else the conclusion depends on, by name.
        probes: Short trials beside each arm; None for none.
        units: Whether the dead and saturated hidden units of what is compared are counted.
    """

    study: str
    question: str
    arms: tuple[Arm, ...]
    contrasts: tuple[tuple[str, str], ...]
    seeds: int
    folds: int
    tuning_seeds: int
    objective: Objective
    margin: float
    nuisance: Mapping[str, tuple[Value, ...]]
    fixed: Mapping[str, Value]
    options: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    probes: Probes | None = None
    units: bool = False

    @property
    def pairs(self) -> int:
        """Return how many times each arm is trained for the comparison."""
        return self.seeds * max(self.folds, 1)

    @property
    def candidates(self) -> int:
        """Return how many settings of the nuisance parameters each arm tries."""
        return len(self.arms[0].candidates)

    @property
    def tuned(self) -> tuple[Arm, ...]:
        """Return the arms that are tuned themselves; none if there is nothing to tune."""
        return tuple(arm for arm in self.arms if self.tuning_seeds and not arm.follows)

    def arm(self, name: str) -> Arm:
        """Return an arm by its name."""
        return next(arm for arm in self.arms if arm.name == name)

    def variants(self) -> set[DataVariant]:
        """Return every variant of the data that some arm is trained on."""
        folds = range(self.folds) if self.folds else (-1,)
        return {in_fold(arm.variant, fold, self.folds) for arm in self.arms for fold in folds}

    def as_json(self) -> dict[str, Any]:
        """Return the design as the manifest keeps it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "StudyDesign":
        """Return the design that `as_json` wrote."""
        probes = values["probes"]
        known = dict(values) | {
            "arms": tuple(_arm(arm) for arm in values["arms"]),
            "contrasts": tuple((first, second) for first, second in values["contrasts"]),
            "nuisance": {key: tuple(tried) for key, tried in values["nuisance"].items()},
            "probes": probes and Probes(**{**probes, "factors": tuple(probes["factors"])}),
        }
        return cls(**known)


def in_fold(variant: DataVariant, fold: int, folds: int) -> DataVariant:
    """Return a variant in one fold; the same where there are none."""
    return dataclasses.replace(variant, fold=fold, folds=folds) if folds else variant


def _arm(values: Mapping[str, Any]) -> Arm:
    return Arm(
        name=values["name"],
        scientific=values["scientific"],
        candidates=tuple(TrialConfig(**candidate) for candidate in values["candidates"]),
        variant=DataVariant(**values["variant"]),
        follows=values["follows"],
    )
