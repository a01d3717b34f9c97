"""The three kinds of value that a hyperparameter of a search space can have.

Knowing nothing of any search library, they ask whoever draws through `Suggester`, which Optuna's
trials fit. A fixed value is never drawn, so that it costs the search no dimension.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Generic, Protocol, TypeAlias, TypeVar, cast

Value: TypeAlias = int | float | str | bool

T = TypeVar("T", bound=Value)
T_co = TypeVar("T_co", bound=Value, covariant=True)  # the kinds are frozen, so this is sound


class Suggester(Protocol):
    """Draw values by name; `optuna.Trial` is one."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Draw an integer in [low, high]."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Draw a number in [low, high]."""

    def suggest_categorical(self, name: str, choices: Sequence[Value]) -> object:
        """Draw one of the choices."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Generic[T_co]):
    """Hold the one value of a hyperparameter that is not searched."""

    value: T_co


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Generic[T_co]):
    """Hold the values to choose from, in the order given, without an order among them."""

    values: tuple[T_co, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Range(Generic[T_co]):
    """Hold an interval, both ends included.

    Attributes:
        low: Smallest value.
        high: Largest value.
        log: Whether equal ratios are equally likely, rather than equal differences.
        integer: Whether only whole numbers are drawn.
    """

    low: T_co
    high: T_co
    log: bool = False
    integer: bool = False


Parameter: TypeAlias = Fixed[T] | Choices[T] | Range[T]


def suggest(trial: Suggester, name: str, parameter: Parameter[T]) -> T:
    """Draw a value; a fixed one is returned without asking.

    Args:
        trial: Who draws.
        name: Under which name.
        parameter: From what.
    """
    match parameter:
        case Fixed(value=value):
            return value
        case Choices(values=values):
            return cast("T", trial.suggest_categorical(name, values))
        case Range(low=low, high=high, log=log, integer=True):
            return cast("T", trial.suggest_int(name, int(low), int(high), log=log))
        case Range(low=low, high=high, log=log):
            return cast("T", trial.suggest_float(name, float(low), float(high), log=log))


def values_of(parameter: Fixed[T] | Choices[T]) -> tuple[T, ...]:
    """Return the values of a parameter that has no range."""
    return (parameter.value,) if isinstance(parameter, Fixed) else parameter.values


def whole_numbers(parameter: Parameter[int]) -> Sequence[int]:
    """Return every value of an integer parameter, smallest first where it is a range."""
    if isinstance(parameter, Range):
        return range(parameter.low, parameter.high + 1)
    return values_of(parameter)


def grid_values(parameter: Parameter[T]) -> tuple[T, ...]:
    """Return the values that a grid has for a parameter, each once.

    A range has three, evenly spaced on its scale: low, middle and high; fewer where whole
    numbers coincide.
    """
    if not isinstance(parameter, Range):
        return tuple(dict.fromkeys(values_of(parameter)))
    low, high = float(parameter.low), float(parameter.high)
    middle = math.sqrt(low) * math.sqrt(high) if parameter.log else low + (high - low) / 2
    inner = cast("T", round(middle) if parameter.integer else middle)
    return tuple(dict.fromkeys([parameter.low, inner, parameter.high]))


def from_unit(parameter: Choices[T] | Range[T], position: float) -> T:
    """Map a position in [0, 1) to a value, so that even positions give even values.

    Whole numbers share the unit interval as Optuna's random sampler shares it: each owns the
    stretch half a step to either side, on the range's scale.

    Args:
        parameter: The values.
        position: Where, from 0 to just below 1.
    """
    if isinstance(parameter, Choices):
        last = len(parameter.values) - 1
        return parameter.values[min(int(position * len(parameter.values)), last)]
    half = 0.5 if parameter.integer else 0.0
    low, high = float(parameter.low) - half, float(parameter.high) + half
    if parameter.log:
        value = math.exp(math.log(low) + position * (math.log(high) - math.log(low)))
    else:
        value = low + position * (high - low)
    rounded = math.floor(value + 0.5) if parameter.integer else value
    return cast("T", min(max(rounded, parameter.low), parameter.high))


def share_up_to(parameter: Parameter[int], limit: int) -> float:
    """Return the probability that a whole number drawn from a parameter is at most a limit.

    Args:
        parameter: Whole numbers; a log range spreads them as `from_unit` does.
        limit: The largest value that counts.
    """
    if not isinstance(parameter, Range):
        values = values_of(parameter)
        return sum(value <= limit for value in values) / len(values)
    if limit < parameter.low:
        return 0.0
    if limit >= parameter.high:
        return 1.0
    low, top, high = parameter.low - 0.5, limit + 0.5, parameter.high + 0.5
    if parameter.log:
        return math.log(top / low) / math.log(high / low)
    return (top - low) / (high - low)


def describe(parameter: Parameter[T]) -> str:
    """Write a parameter in one line, such as ``8..512 (log)`` or ``relu, tanh``."""
    if isinstance(parameter, Range):
        scale = " (log)" if parameter.log else ""
        return f"{show(parameter.low)}..{show(parameter.high)}{scale}"
    return ", ".join(show(value) for value in values_of(parameter))


def bounds(parameter: Parameter[T]) -> dict[str, object]:
    """Return a parameter as JSON has it: low, high and log; or choices; or value."""
    match parameter:
        case Fixed(value=value):
            return {"value": value}
        case Choices(values=values):
            return {"choices": list(values)}
        case Range(low=low, high=high, log=log):
            return {"low": low, "high": high, "log": log}


def show(value: Value) -> str:
    """Write a value as the command line and TOML take it, exactly."""
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")


def duplicates(values: Sequence[T]) -> tuple[T, ...]:
    """Return the values that occur more than once, each once, in the order of their return."""
    repeated = [value for place, value in enumerate(values) if value in values[:place]]
    return tuple(dict.fromkeys(repeated))
