"""The configurations that a search begins with: known ones, checked against the space.

A table of one has the keys of the space, each with one value. What it leaves out is the textbook's
value, or the nearest that the space allows; what the search would never draw is a fault.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError, Fault
from sweep.space.parameters import Value, describe, grid_values
from sweep.space.rules import RULES, did_you_mean, plain, shorten, value_faults
from sweep.space.search_space import SearchSpace, applies
from sweep.space.starting_point import nearest_point

MOST_STARTS: Final = 1000
START_RULES: Final = {key.partition(".")[0]: rule for key, rule in RULES.items()}

Table = dict[str, Value]


def read_starts(tables: Sequence[object], space: SearchSpace) -> list[Table]:
    """Check configurations against a space, and write each of them whole.

    Args:
        tables: Mappings of the keys of a space to values.
        space: Where they have to lie.

    Returns:
        As `start_table` writes them.

    Raises:
        ConfigurationError: With every fault; each begins with the place of its table, from 1, and
            the key, such as ``start.2.width``.
    """
    faults: list[Fault] = []
    found: dict[TrialConfig, int] = {}
    if len(tables) > MOST_STARTS:
        reason = f"{len(tables)} configurations are too many; give {MOST_STARTS}"
        faults.append(Fault("start", reason))
    for place, table in enumerate(tables[:MOST_STARTS], start=1):
        if not isinstance(table, Mapping):
            wrong = f"{shorten(table)} is no table; write the configuration under [[start]]"
            faults.append(Fault(f"start.{place}", wrong))
            continue
        misfits, config = read_start(table, space)
        faults += [Fault(f"start.{place}.{misfit.place}", misfit.reason) for misfit in misfits]
        first = place if misfits else found.setdefault(config.effective, place)
        if first != place:
            reason = f"it is the same as start.{first}; leave one of them out"
            faults.append(Fault(f"start.{place}", reason))
    if faults:
        raise ConfigurationError(faults)
    return [start_table(config) for config in found]


def start_table(config: TrialConfig) -> Table:
    """Write a configuration as `read_starts` reads it, without what does not apply to it."""
    return {key: getattr(config, key) for key in START_RULES if applies(key, config)}


def start_config(
    table: Mapping[str, Value], space: SearchSpace, *, epochs: int = 1, seed: int = 0
) -> TrialConfig:
    """Return the configuration of a space that is nearest to a table, or to the textbook's.

    Args:
        table: Values by the keys of a space; some or all.
        space: The search space.
        epochs: Passes over the training rows.
        seed: Of the trial.
    """
    wanted: Table = {
        name: value
        for key, value in table.items()
        for name in (key, *(f"{key}_{optimizer}" for optimizer in space.optimizers))
    }
    return space.suggest(Given(nearest_point(space, wanted)), epochs=epochs, seed=seed)


def is_on_grid(table: Mapping[str, Value], space: SearchSpace) -> bool:
    """Return whether a configuration, as `start_table` writes it, is one of the space's grid."""
    config = start_config(table, space)
    return all(
        getattr(config, key.partition(".")[0]) in grid_values(parameter)
        for key, parameter in space.applicable().items()
        if applies(key, config)
    )


class Given:
    """Answer suggestions with values that are known, by the names under which they are drawn."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Return the value of this name."""
        del low, high, log
        return int(self._values[name])

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return the value of this name."""
        del low, high, log
        return float(self._values[name])

    def suggest_categorical(self, name: str, choices: Sequence[Value]) -> object:
        """Return the value of this name."""
        del choices
        return self._values[name]


def read_start(table: Mapping[str, Any], space: SearchSpace) -> tuple[list[Fault], TrialConfig]:
    """Check one configuration against a space.

    Args:
        table: Values by the keys of a space.
        space: Where it has to lie.

    Returns:
        What is wrong with it, a line a key, and the nearest configuration of the space.
    """
    faults, known = list[Fault](), dict[str, Any]()
    for key, value in table.items():
        if key not in START_RULES:
            advice = did_you_mean(key, START_RULES) or f"the keys are {', '.join(START_RULES)}"
            faults.append(Fault(plain(key), f"unknown key; {advice}"))
        elif wrong := value_faults(START_RULES[key], value):
            faults += [Fault(key, fault) for fault in wrong]
        else:
            known[key] = value
    config = start_config(known, space)
    faults += [
        Fault(key, _misfit(key, value, config, space))
        for key, value in known.items()
        if getattr(config, key) != value
    ]
    return faults, config


def _misfit(key: str, value: Any, config: TrialConfig, space: SearchSpace) -> str:  # noqa: ANN401 - any of a configuration's
    if not applies(key, config):
        what = f"depth {config.depth}" if key != "momentum" else config.optimizer
        return f"{shorten(value)} has no effect with {what}; leave it out"
    wide = space.applicable()
    allowed = describe(wide.get(key) or wide[f"{key}.{config.optimizer}"])
    return f"{shorten(value)} lies outside the space, which has {allowed}; change one of the two"
