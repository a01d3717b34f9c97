"""The search space: what may vary from trial to trial, and how one configuration is drawn.

The space is a tree. Without hidden layers there is no width, activation, dropout or shape; one
layer has no shape; momentum belongs to SGD; each optimizer has a learning rate of its own, since
a good rate for one is a bad one for another. What does not apply is never drawn, so that no
sampler learns from values that changed nothing.

Epochs are not part of it: a run has one budget, and every trial reports its best epoch.
"""

# ruff: noqa: RUF009 - the defaults are frozen values of sweep.space.parameters, safe to share

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Final

from sweep.activations import USUAL_ACTIVATIONS
from sweep.config import Shape, TrialConfig, count_parameters, layer_widths
from sweep.errors import ConfigurationError, Fault
from sweep.optimizers import OPTIMIZERS, USUAL_OPTIMIZERS, WITH_MOMENTUM
from sweep.space.parameters import (
    Choices,
    Fixed,
    Parameter,
    Range,
    Suggester,
    Value,
    bounds,
    describe,
    show,
    suggest,
    values_of,
    whole_numbers,
)
from sweep.space.rules import MAX_PARAMETERS, RULES, parameter_faults, value_faults

# A hyperparameter of hidden layers is of networks with so many, and some are of few optimizers.
FEWEST_LAYERS: Final = {"width": 1, "dropout": 1, "activation": 1, "shape": 2}
OWNERS: Final = {"momentum": WITH_MOMENTUM}

BATCH_SIZE_WARNING: Final = (
    "batch_size: it is searched for the best validation loss, but any batch size can reach the "
    "same loss once learning rate and regularisation suit it (Shallue et al. 2019, "
    "arXiv:1811.03600), so the choice says little and trials take unequal times; fix the batch "
    "size that trains fastest"
)


class LearningRates(Mapping[str, Parameter[float]]):
    """Hold the learning rates of each optimizer, by its name."""

    def __init__(self, **given: Parameter[float]) -> None:
        """Take those of some optimizers; those of the others are the range of their row.

        Raises:
            TypeError: There is no such optimizer.
        """
        if unknown := given.keys() - OPTIMIZERS.keys():
            msg = f"there is no optimizer {min(unknown)}; give one of {', '.join(OPTIMIZERS)}"
            raise TypeError(msg)
        self._rates = {
            name: Range(low=row.searched_rates[0], high=row.searched_rates[1], log=True)
            for name, row in OPTIMIZERS.items()
        } | given

    def __getitem__(self, optimizer: str) -> Parameter[float]:
        return self._rates[optimizer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rates)

    def __len__(self) -> int:
        return len(self._rates)

    def __hash__(self) -> int:
        return hash(tuple(self._rates.items()))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpace:
    """Hold what each hyperparameter of a sweep may be; see `sweep.config.TrialConfig` for each.

    Attributes:
        max_parameters: Most trainable parameters a configuration may have; None for no limit.

    Raises:
        ConfigurationError: If a hyperparameter is outside its limits, with every such fault.
    """

    depth: Parameter[int] = Range(low=1, high=6, integer=True)
    width: Parameter[int] = Range(low=8, high=512, log=True, integer=True)
    shape: Fixed[Shape] | Choices[Shape] = Fixed(value="equal")
    dropout: Parameter[float] = Range(low=0.0, high=0.6)
    activation: Fixed[str] | Choices[str] = Choices(values=USUAL_ACTIVATIONS)
    optimizer: Fixed[str] | Choices[str] = Choices(values=USUAL_OPTIMIZERS)
    learning_rate: LearningRates = LearningRates()
    momentum: Parameter[float] = Range(low=0.0, high=0.99)
    weight_decay: Parameter[float] = Fixed(value=0.0)
    use_bias: Fixed[bool] | Choices[bool] = Fixed(value=True)
    batch_size: Parameter[int] = Fixed(value=32)
    max_parameters: int | None = None

    def __post_init__(self) -> None:
        faults = [
            Fault(key, fault)
            for key, parameter in self.parameters()
            for fault in parameter_faults(RULES[key], parameter)
        ]
        if self.max_parameters is not None:
            cap_faults = value_faults(MAX_PARAMETERS, self.max_parameters)
            faults += [Fault("max_parameters", fault) for fault in cap_faults]
        if not faults and self.max_parameters is not None:
            smallest = self.smallest_parameters(1, 1)
            if smallest > self.max_parameters:
                reason = (
                    f"{self.max_parameters} is too small, since the smallest network of this space"
                    f" has {smallest} parameters even with one input and one output; give more, or"
                    " lower width or depth"
                )
                faults.append(Fault("max_parameters", reason))
        if faults:
            raise ConfigurationError(faults)

    def parameters(self) -> Iterator[tuple[str, Parameter[Value]]]:
        """Yield every hyperparameter with its key, such as ``learning_rate.adam``, in order."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, LearningRates):
                for optimizer, rates in value.items():
                    yield f"{field.name}.{optimizer}", rates
            elif field.name != "max_parameters":
                yield field.name, value

    def applicable(self) -> dict[str, Parameter[Value]]:
        """Return the hyperparameters that some configuration of the space has, by key."""
        return {key: value for key, value in self.parameters() if self._applies(key)}

    def searched(self) -> dict[str, Choices[Value] | Range[Value]]:
        """Return the hyperparameters that are drawn, by the name under which they are drawn."""
        return {
            drawn_name(key): value
            for key, value in self.applicable().items()
            if not isinstance(value, Fixed)
        }

    @property
    def optimizers(self) -> tuple[str, ...]:
        """Return the optimizers of the space."""
        return values_of(self.optimizer)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what a user should know about the space before the sweep, one line each."""
        lines = [] if isinstance(self.batch_size, Fixed) else [BATCH_SIZE_WARNING]
        standard = {field.name: field.default for field in dataclasses.fields(self)}
        lines += [
            f"{key}: {describe(value)} has no effect, {reason}; leave it out"
            for key, value in self.parameters()
            if key in standard and value != standard[key]
            if (reason := self._why_not(key))
        ]
        return tuple(lines)

    def suggest(self, trial: Suggester, *, epochs: int, seed: int) -> TrialConfig:
        """Draw one configuration; what does not apply to it is not drawn.

        Args:
            trial: Who draws, such as an Optuna trial.
            epochs: Passes over the training rows.
            seed: The trial's seed.
        """
        depth = suggest(trial, "depth", self.depth)
        layered = depth > 0
        width = suggest(trial, "width", self.width) if layered else 0
        shape = suggest(trial, "shape", self.shape) if depth > 1 else "equal"
        dropout = suggest(trial, "dropout", self.dropout) if layered else 0.0
        activation = suggest(trial, "activation", self.activation) if layered else "relu"
        optimizer = suggest(trial, "optimizer", self.optimizer)
        rate_name = drawn_name(f"learning_rate.{optimizer}")
        learning_rate = suggest(trial, rate_name, self.learning_rate[optimizer])
        momentum = suggest(trial, "momentum", self.momentum) if optimizer in WITH_MOMENTUM else 0.0
        return TrialConfig(
            depth=depth,
            width=width,
            shape=shape,
            dropout=float(dropout),
            activation=activation,
            optimizer=optimizer,
            learning_rate=float(learning_rate),
            momentum=float(momentum),
            weight_decay=float(suggest(trial, "weight_decay", self.weight_decay)),
            use_bias=suggest(trial, "use_bias", self.use_bias),
            batch_size=suggest(trial, "batch_size", self.batch_size),
            epochs=epochs,
            seed=seed,
        )

    def allows(self, config: TrialConfig, inputs: int, outputs: int) -> bool:
        """Return whether a configuration has no more parameters than ``max_parameters``."""
        cap = self.max_parameters
        return cap is None or parameters_of(config, inputs, outputs) <= cap

    def smallest_parameters(self, inputs: int, outputs: int) -> int:
        """Return the number of parameters of the smallest network of the space.

        It is not always the shallowest: a narrow layer can have fewer than a linear model.

        Args:
            inputs: Numbers per row after flattening.
            outputs: Units of the output layer.
        """
        width = smallest(self.width)
        return min(
            count_parameters(
                layer_widths(depth, width, shape), inputs=inputs, outputs=outputs, use_bias=bias
            )
            for depth in whole_numbers(self.depth)
            for shape in values_of(self.shape)
            for bias in values_of(self.use_bias)
        )

    def describe(self) -> dict[str, str]:
        """Write each applicable hyperparameter in one line, such as ``8..512 (log)``, by key."""
        lines = {key: describe(value) for key, value in self.applicable().items()}
        if self.max_parameters is not None:
            lines["max_parameters"] = show(self.max_parameters)
        return lines

    def bounds(self) -> dict[str, dict[str, object]]:
        """Return each applicable hyperparameter as JSON has it, by key."""
        return {key: bounds(value) for key, value in self.applicable().items()}

    def _applies(self, key: str) -> bool:
        return not self._why_not(key)

    def _why_not(self, key: str) -> str:
        """Say why no configuration has a hyperparameter; empty if one has it."""
        deepest = largest(self.depth)
        if key in {"width", "dropout", "activation"} and deepest == 0:
            return "since depth 0 has no hidden layer"
        if key == "shape" and deepest < 2:
            return "since there is at most one hidden layer"
        column, _, optimizer = key.partition(".")
        owners = (optimizer,) if optimizer else OWNERS.get(column, self.optimizers)
        if not set(owners) & set(self.optimizers):
            return f"since {' or '.join(owners)} is not among the optimizers"
        return ""


def applies(key: str, config: TrialConfig) -> bool:
    """Return whether a configuration has a hyperparameter, such as ``learning_rate.adam``."""
    column, _, optimizer = key.partition(".")
    owners = (optimizer,) if optimizer else OWNERS.get(column, (config.optimizer,))
    return config.depth >= FEWEST_LAYERS.get(column, 0) and config.optimizer in owners


def drawn_name(key: str) -> str:
    """Return the name under which a hyperparameter is drawn: its key with ``_`` for the dot."""
    return key.replace(".", "_")


def smallest(parameter: Parameter[int]) -> int:
    """Return the smallest value of a parameter."""
    return parameter.low if isinstance(parameter, Range) else min(values_of(parameter))


def largest(parameter: Parameter[int]) -> int:
    """Return the largest value of a parameter."""
    return parameter.high if isinstance(parameter, Range) else max(values_of(parameter))


def parameters_of(config: TrialConfig, inputs: int, outputs: int) -> int:
    """Count the trainable parameters of a configuration without building the network.

    Args:
        config: The network.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
    """
    return count_parameters(config.widths, inputs=inputs, outputs=outputs, use_bias=config.use_bias)
