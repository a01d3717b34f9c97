"""Read a study of the user's own from a TOML file: its question, its arms, and what is retuned.

A file names the role of each parameter by the table in which it stands::

    question = "Does weight decay help a wide network?"
    epochs = 40

    [scientific]                      # every combination is an arm
    weight_decay = [0.0, 0.0001, 0.001]

    [nuisance]                        # each arm chooses its own; left out: the learning rate
    learning_rate = {low = 0.0003, high = 0.03}

    [fixed]
    depth = 2
    width = 256

In place of ``[scientific]``, ``[[arms]]`` lists the arms one by one, each with a ``name``.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from studies.designs.building import MOST_ARMS, all_combinations, name_arm
from studies.designs.design import Value
from studies.designs.spec import STUDY_RULES, Overrides, StudySpec, rate_candidates
from sweep.errors import ConfigurationError
from sweep.optimizers import OPTIMIZERS
from sweep.settings.reading import read_toml
from sweep.space.parsing import read_table
from sweep.space.rules import did_you_mean, plain, shorten

TABLES: Final = ("scientific", "nuisance", "fixed")
KEYS: Final = ("question", "epochs", "margin", "reference", "tuning_seeds", "arms", *TABLES)
LONGEST_NAME: Final = 200
MARGIN: Final = 0.01
MOST_MARGIN: Final = 1000  # as in the settings


def read_spec(path: Path, overrides: Overrides, *, study: str) -> StudySpec:
    """Read a study from its file.

    Args:
        path: The file.
        overrides: What the command line says of hyperparameters; it beats the file.
        study: What the study is called.

    Raises:
        ConfigurationError: With every fault of the file.
    """
    faults: list[str] = []
    values = read_toml(path, faults)
    if faults:
        raise ConfigurationError(faults)
    where = repr(str(path))[1:-1]
    faults += _unknown_keys(values, where)
    question = _text(values, "question", where, faults)
    tables = {name: _roles(values, name, where, faults) for name in TABLES}
    scientific = {key: overrides.values(key, tried) for key, tried in tables["scientific"].items()}
    arms, names = _arms(values, scientific, where, faults)
    faults += _fixed_by_the_file(values, arms, overrides, where)
    epochs, fault = _number(values, "epochs", 30, 100_000)
    tuning_seeds, other = _number(values, "tuning_seeds", 3, 100)
    faults += [f"{where}: {wrong}" for wrong in (fault, other) if wrong]
    margin = _margin(values, where, faults)
    reference = values.get("reference", names[0] if names else "")
    if names and reference not in (*names, ""):
        guess = did_you_mean(reference, names) or f"the arms are {', '.join(names[:10])}"
        faults.append(f"{where}: reference: {shorten(reference)} is no arm; {guess}")
    faults += _several_roles(tables, arms, where)
    if faults:
        raise ConfigurationError(dict.fromkeys(faults))
    nuisance = {**_rates(arms, tables["fixed"], overrides), **tables["nuisance"]}
    nuisance = {key: overrides.values(key, tried) for key, tried in nuisance.items()}
    return StudySpec(
        study=study,
        question=question,
        arms=arms,
        names=names,
        nuisance=nuisance,
        fixed={key: tried[0] for key, tried in tables["fixed"].items()},
        reference=str(reference),
        margin=margin,
        epochs=epochs,
        tuning_seeds=tuning_seeds,
    )


def _rates(
    arms: Sequence[Mapping[str, Value]],
    fixed: Mapping[str, tuple[Value, ...]],
    overrides: Overrides,
) -> dict[str, tuple[Value, ...]]:
    """Return the learning rates to try where the file names none: no arm is to go untuned."""
    if all("learning_rate" in arm for arm in arms):
        return {}
    # A rate that the file fixes is not retuned, unless the command line says so.
    return {
        key: tried
        for key, tried in rate_candidates(overrides).items()
        if key not in fixed or key in overrides.given
    }


def _unknown_keys(values: Mapping[str, object], where: str) -> list[str]:
    known = ", ".join(KEYS)
    return [
        f"{where}: {plain(key)}: unknown key; {did_you_mean(key, KEYS) or f'the keys are {known}'}"
        for key in values
        if key not in KEYS
    ]


def _text(values: Mapping[str, object], key: str, where: str, faults: list[str]) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value.strip():
        faults.append(f"{where}: {key}: it is missing or no text; write what the study asks")
        return ""
    return value.strip()


def _number(values: Mapping[str, object], key: str, default: int, most: int) -> tuple[int, str]:
    """Return a whole number and what is wrong with it."""
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        return (
            default,
            f"{key}: {shorten(value)} is not a whole number from 1 to {most:,}; give one",
        )
    return value, ""


def _margin(values: Mapping[str, Any], where: str, faults: list[str]) -> float:
    value = values.get("margin", MARGIN)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and 0 < value < MOST_MARGIN:
        return float(value)
    faults.append(
        f"{where}: margin: {shorten(value)} is not a number above 0 and below {MOST_MARGIN};"
        " give one"
    )
    return MARGIN


def _roles(
    values: Mapping[str, object], name: str, where: str, faults: list[str]
) -> dict[str, tuple[Value, ...]]:
    """Read the table of one role; the values of each hyperparameter, by key."""
    table = values.get(name, {})
    if not isinstance(table, dict):
        faults.append(f"{where}: {name}: it is not a table; write its keys under [{name}]")
        return {}
    try:
        found = dict(Overrides.of(read_table(table, f"{where}: {name}.", rules=STUDY_RULES)).given)
    except ConfigurationError as err:
        faults += err.faults
        return {}
    faults += [
        f"{where}: {name}.{key}: it has {len(tried)} values; give one, or make it scientific"
        for key, tried in found.items()
        if name == "fixed" and len(tried) > 1
    ]
    return found


def _arms(
    values: Mapping[str, Any],
    scientific: Mapping[str, tuple[Value, ...]],
    where: str,
    faults: list[str],
) -> tuple[tuple[dict[str, Value], ...], tuple[str, ...]]:
    """Return the arms and their names, from whichever of the two forms the file has."""
    listed = values.get("arms")
    count = math.prod(map(len, _one_rate(scientific).values()))
    fault = ""
    if listed is not None and values.get("scientific"):
        fault = "they stand under [scientific] too; keep one of the two"
    elif listed is None and not values.get("scientific"):
        fault = "there are none; give [scientific] or [[arms]]"
    elif listed is None and count > MOST_ARMS:
        fault = f"{count:,} combinations are too many; give at most {MOST_ARMS}"
    elif listed is None and scientific:  # where it is empty, its faults are told
        arms = all_combinations(_one_rate(scientific))
        return arms, tuple(name_arm(arm) for arm in arms)
    elif listed is not None and not _is_list_of_tables(listed):
        fault = "it is no list of tables; write each under [[arms]]"
    elif listed is not None and len(listed) > MOST_ARMS:
        fault = f"{len(listed):,} are too many; give at most {MOST_ARMS}"
    elif listed is not None:
        read = [_listed_arm(arm, f"{where}: arms[{n}]", faults) for n, arm in enumerate(listed, 1)]
        return tuple(arm for _, arm in read), tuple(name for name, _ in read)
    if fault:
        faults.append(f"{where}: arms: {fault}")
    return (), ()


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _fixed_by_the_file(
    values: Mapping[str, Any],
    arms: Sequence[Mapping[str, Value]],
    overrides: Overrides,
    where: str,
) -> list[str]:
    """List what the command line would change in arms that the file lists one by one."""
    if "arms" not in values:
        return []
    keys = {key for arm in arms for key in arm}
    given = _one_rate(overrides.given)
    return [
        f"--set {key}: the arms of {where} say what it is; change it there"
        for key in given
        if key in keys or (key.startswith("learning_rate.") and "learning_rate" in keys)
    ]


def _listed_arm(
    table: dict[str, object], where: str, faults: list[str]
) -> tuple[str, dict[str, Value]]:
    rest = dict(table)
    name = rest.pop("name", None)
    try:
        given = Overrides.of(read_table(rest, f"{where}.", rules=STUDY_RULES)).given
    except ConfigurationError as err:
        faults += err.faults
        given = {}
    faults += [
        f"{where}.{key}: an arm has one value of each; give one, or list more arms"
        for key, tried in given.items()
        if len(tried) > 1
    ]
    arm = {key: tried[0] for key, tried in _one_rate(given).items()}
    if name is not None and (not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME):
        faults.append(f"{where}.name: {shorten(name)} is no name; give a short text")
        name = None
    return str(name or name_arm(arm)), arm


def _one_rate(given: Mapping[str, tuple[Value, ...]]) -> dict[str, tuple[Value, ...]]:
    """Return the values with one learning rate for all optimizers under its short name."""
    rates = {key: tried for key, tried in given.items() if key.startswith("learning_rate.")}
    if len(rates) < len(OPTIMIZERS) or len(set(rates.values())) != 1:
        return dict(given)
    rest = {key: tried for key, tried in given.items() if key not in rates}
    return {**rest, "learning_rate": next(iter(rates.values()))}


def _several_roles(
    tables: Mapping[str, Mapping[str, tuple[Value, ...]]],
    arms: Sequence[Mapping[str, Value]],
    where: str,
) -> list[str]:
    """List the hyperparameters that have more than one role."""
    roles = {"scientific": _with_each_rate(key for arm in arms for key in arm)}
    roles |= {name: set(tables[name]) for name in ("nuisance", "fixed")}
    faults = []
    for first, second in itertools.combinations(roles, 2):
        faults += [
            f"{where}: {key}: it is both {first} and {second}; give it one role"
            for key in sorted(roles[first] & roles[second])
        ]
    return faults


def _with_each_rate(keys: Iterable[str]) -> set[str]:
    """Return keys with one learning rate for all optimizers as the rate of each."""
    rates = {f"learning_rate.{name}" for name in OPTIMIZERS}
    return {every for key in keys for every in (rates if key == "learning_rate" else {key})}
