"""Write a search space as `sweep.space.parsing` reads it."""

from sweep.space.parameters import Choices, Fixed, Parameter, Range, Value, show
from sweep.space.search_space import SearchSpace


def space_table(space: SearchSpace) -> dict[str, object]:
    """Write every hyperparameter of a space as `parse_space` reads it; JSON holds it exactly.

    Defaults are written too, so that a run keeps its space when a later version has others.
    """
    table: dict[str, object] = {}
    rates: dict[str, object] = {}
    for key, parameter in space.parameters():
        name, _, optimizer = key.partition(".")
        if optimizer:
            rates[optimizer] = _plain_value(parameter)
            table[name] = rates
        else:
            table[name] = _plain_value(parameter)
    if space.max_parameters is not None:
        table["max_parameters"] = space.max_parameters
    return table


def space_toml(space: SearchSpace) -> str:
    """Write every hyperparameter of a space as a TOML file that ``--space`` takes."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in space_table(space).items())


def _plain_value(parameter: Parameter[Value]) -> object:
    match parameter:
        case Fixed(value=value):
            return value
        case Choices(values=values):
            return list(values)
        case Range(low=low, high=high, log=log):
            return {"low": low, "high": high, "log": log}


def _toml(value: object) -> str:
    match value:
        case dict():
            inside = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
            return f"{{{inside}}}"
        case list():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case str():
            return f'"{value}"'  # one of the names that the rules allow
        case _:
            return show(value) if isinstance(value, int | float) else str(value)
