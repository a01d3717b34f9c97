"""What a study is told before it meets its data: the role of every parameter.

A specification names values by hyperparameter; `studies.designs.building` turns it into arms and
candidates.
"""

import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from studies.designs.design import Objective, Probes, Value
from sweep.config import INITIALIZERS
from sweep.errors import ConfigurationError
from sweep.optimizers import OPTIMIZERS, Optimizer
from sweep.space.parameters import Fixed, Range, grid_values
from sweep.space.parsing import Entry
from sweep.space.rules import RULES, Rule

STUDY_RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        **RULES,
        "initializer": Rule(
            kind="name", meaning="How the kernels are drawn, as Keras names it.", names=INITIALIZERS
        ),
        "train_rows": Rule(
            kind="integer", meaning="Training rows, nested; all by default.", low=10, high=1e9
        ),
        "label_noise": Rule(
            kind="number", meaning="Share of the training rows with permuted targets.", high=1.0
        ),
    }
)

FIXED: Final[Mapping[str, Value]] = MappingProxyType(
    {
        "depth": 2,
        "width": 64,
        "shape": "equal",
        "dropout": 0.0,
        "activation": "relu",
        "optimizer": "adam",
        "momentum": 0.0,
        "weight_decay": 0.0,
        "use_bias": True,
        "initializer": "glorot_uniform",
        "batch_size": 32,
    }
)
"""What a study holds fixed where nothing else is said."""

RANGE_POINTS: Final = 5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """Hold the roles of a study's parameters.

    Attributes:
        study: Name of the built-in study, or ``custom``.
        question: What it answers, as a question.
        arms: The scientific values of each arm, by key.
        names: Of the arms; made of their values if empty.
        follows: Arms that are not tuned, by name, with the arm whose setting each takes.
        nuisance: The values to try inside each arm, by key of `STUDY_RULES`.
        fixed: What differs from `FIXED`, by key.
        reference: Name of the arm with which every other is compared; empty for all pairs.
        contrasts: The pairs of arms that are compared instead, each first minus second; empty
            where what is compared is no pair of arms.
        epochs: Passes over the training rows, unless the user says otherwise.
        tuning_seeds: Seeds on which each candidate is tried.
        objective: What tuning minimises.
        margin: The largest difference in score that is no matter, unless the user says otherwise.
        options: What the conclusion needs besides, by name.
        probes: Short trials beside each arm.
        units: Whether dead and saturated hidden units are counted.
    """

    study: str
    question: str
    arms: tuple[Mapping[str, Value], ...]
    names: tuple[str, ...] = ()
    follows: Mapping[str, str] = dataclasses.field(default_factory=dict)
    nuisance: Mapping[str, tuple[Value, ...]] = dataclasses.field(
        default_factory=lambda: rate_candidates(Overrides())
    )
    fixed: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    reference: str = ""
    contrasts: tuple[tuple[str, str], ...] | None = None
    epochs: int = 30
    tuning_seeds: int = 3
    objective: Objective = "validation_loss"
    margin: float = 0.01
    options: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    probes: Probes | None = None
    units: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Hold what the user said of hyperparameters, in place of the study's own values.

    Attributes:
        given: The values by key of `STUDY_RULES`; several where the user gave choices or a range.
    """

    given: Mapping[str, tuple[Value, ...]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, entries: list[Entry]) -> "Overrides":
        """Read entries as `sweep.space.parsing` makes them, the later ones replacing earlier ones.

        Raises:
            ConfigurationError: With every fault of every entry.
        """
        faults = [f"{entry.source}: {fault}" for entry in entries for fault in entry.faults]
        if faults:
            raise ConfigurationError(dict.fromkeys(faults))
        given: dict[str, tuple[Value, ...]] = {}
        for entry in entries:
            parameter = entry.parameter
            match parameter:
                case None:
                    continue
                case Fixed(value=value):
                    given[entry.key] = (value,)
                case Range():
                    given[entry.key] = spaced(parameter)
                case _:
                    given[entry.key] = tuple(grid_values(parameter))
        return cls(given=given)

    def values(self, key: str, default: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the values of a hyperparameter: the user's, or the study's own."""
        return self.given.get(key, default)

    def without(self, *keys: str) -> dict[str, tuple[Value, ...]]:
        """Return what was said of all other hyperparameters."""
        return {key: values for key, values in self.given.items() if key not in keys}


def rate_candidates(
    overrides: Overrides,
    rates: Callable[[Optimizer], tuple[Value, ...]] = attrgetter("tuned_rates"),
) -> dict[str, tuple[Value, ...]]:
    """Return the learning rates that each arm tries, by key, for each optimizer.

    Args:
        overrides: What the user said.
        rates: What an optimizer is tried with otherwise.
    """
    return {
        f"learning_rate.{name}": overrides.values(f"learning_rate.{name}", rates(row))
        for name, row in OPTIMIZERS.items()
    }


def spaced(span: Range[Value], points: int = RANGE_POINTS) -> tuple[Value, ...]:
    """Return evenly spaced values of a range, on its scale, both ends included."""
    low, high = float(span.low), float(span.high)
    shares = [point / (points - 1) for point in range(points)]
    if span.log:
        values = [low ** (1 - share) * high**share for share in shares]
    else:
        values = [low + (high - low) * share for share in shares]
    if span.integer:
        return tuple(dict.fromkeys(round(value) for value in values))
    return tuple(float(f"{value:.6g}") for value in values)
