"""Read a search space from TOML tables and from ``--set KEY=VALUE``.

Both forms become the same entries, hyperparameter by hyperparameter, so that what a later source
says replaces exactly that and nothing else. Faults are collected, never raised one by one: a file
is mended once and not once a line.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from sweep.errors import ConfigurationError, Fault
from sweep.optimizers import OPTIMIZERS
from sweep.space.parameters import Choices, Fixed, Parameter, Range, Value
from sweep.space.rules import (
    MAX_PARAMETERS,
    RULES,
    Rule,
    did_you_mean,
    parameter_faults,
    plain,
    shorten,
    value_faults,
)
from sweep.space.search_space import LearningRates, SearchSpace

EPOCHS_REASON: Final = (
    "epochs are never tuned: each trial is judged by its best epoch, and trials that were trained "
    "for different times cannot be compared; give one number as --epochs"
)
_ENDS: Final = ("low", "high")
_RANGE_KEYS: Final = (*_ENDS, "log")
_RATE_KEYS: Final = tuple(f"learning_rate.{optimizer}" for optimizer in OPTIMIZERS)
KEYS: Final = (*dict.fromkeys(key.partition(".")[0] for key in RULES), "max_parameters")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Hold what one source says about one hyperparameter.

    Attributes:
        key: A key of `sweep.space.rules.RULES`, or ``max_parameters``.
        source: How a fault names the place, such as ``space.toml: width`` or ``--set width``.
        parameter: The value; None if it could not be read.
        faults: What is wrong with it, without the place.
    """

    key: str
    source: str
    parameter: Parameter[Value] | None = None
    faults: tuple[str, ...] = ()


def parse_space(table: Mapping[str, object]) -> SearchSpace:
    """Make a search space of a mapping such as a TOML table; what is left out has its default.

    Args:
        table: Keys are `KEYS`; values a value, a list of choices, or ``{low, high, log}``;
            ``learning_rate`` may be a mapping of optimizers to such values.

    Raises:
        ConfigurationError: With every fault of the table.
    """
    return build_space(read_table(table, ""))


def build_space(entries: Iterable[Entry]) -> SearchSpace:
    """Make a search space of entries, the later ones replacing the earlier ones.

    Raises:
        ConfigurationError: With every fault of every entry, replaced ones included.
    """
    faults: list[Fault] = []
    latest: dict[str, Entry] = {}
    for entry in entries:
        faults += [Fault(entry.source, fault) for fault in entry.faults]
        if entry.parameter is not None and not entry.faults:
            latest[entry.key] = entry
    try:
        space = _space_of(
            {key: entry.parameter for key, entry in latest.items() if entry.parameter}
        )
    except ConfigurationError as err:
        faults += [fault.moved({key: latest[key].source for key in latest}) for fault in err.faults]
        raise ConfigurationError(dict.fromkeys(faults)) from err
    if faults:  # one wrong value for all optimizers is one fault
        raise ConfigurationError(dict.fromkeys(faults))
    return space


def read_table(
    table: Mapping[str, object], place: str, *, rules: Mapping[str, Rule] = RULES
) -> list[Entry]:
    """Read a mapping such as a TOML table.

    Args:
        table: As for `parse_space`.
        place: What stands before a key in a fault, such as ``sweep.toml: space.``.
        rules: What each hyperparameter may be; those of a search space by default.
    """
    entries: list[Entry] = []
    for key, raw in table.items():
        source = f"{place}{plain(key)}"
        if key == "learning_rate":
            entries += _read_learning_rates(raw, source)
        elif key in rules and "." not in key:
            entries.append(_read_entry(key, raw, source, rules))
        elif key == "max_parameters" and rules is RULES:
            entries.append(_read_cap(raw, source))
        else:
            entries.append(_unknown(key, source, _keys(rules)))
    return entries


def read_set_values(texts: Iterable[str], *, rules: Mapping[str, Rule] = RULES) -> list[Entry]:
    """Read the arguments of ``--set``: ``depth=3``, ``width=32,64``, ``dropout=0..0.5``.

    A later argument replaces an earlier one, and ``learning_rate.adam`` is more special than
    ``learning_rate`` wherever it stands.

    Args:
        texts: The arguments, without ``--set``.
        rules: As for `read_table`.
    """
    general: list[Entry] = []
    special: list[Entry] = []
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        source = f"--set {plain(key)}"
        if not (key and equals and value):
            faults = (f"{shorten(text)} is not KEY=VALUE; write it so, such as depth=3",)
            general.append(Entry(key=key, source="--set", faults=faults))
        elif key in rules:
            target = special if "." in key else general
            target.append(_read_entry(key, _from_text(rules[key], value), source, rules))
        elif key == "learning_rate":
            general += [
                _read_entry(name, _from_text(RULES[name], value), source) for name in _RATE_KEYS
            ]
        elif key == "max_parameters" and rules is RULES:
            general.append(_read_cap(_scalar(MAX_PARAMETERS, value), source))
        else:
            general.append(_unknown(key, source, _keys(rules)))
    return general + special


def _space_of(values: Mapping[str, Parameter[Value]]) -> SearchSpace:
    rates = {key.partition(".")[2]: values[key] for key in _RATE_KEYS if key in values}
    named: dict[str, Any] = {key: values[key] for key in values if key not in _RATE_KEYS}
    cap = named.pop("max_parameters", None)
    typed_rates: dict[str, Any] = rates
    return SearchSpace(
        **named,
        learning_rate=LearningRates(**typed_rates),
        max_parameters=cap.value if cap else None,
    )


def _read_learning_rates(raw: object, source: str) -> list[Entry]:
    """Read one value for all optimizers, or a mapping of optimizers to values."""
    if not isinstance(raw, Mapping) or not raw or set(raw) & set(_RANGE_KEYS):
        return [_read_entry(key, raw, source) for key in _RATE_KEYS]
    return [
        _read_entry(f"learning_rate.{optimizer}", value, f"{source}.{optimizer}")
        if optimizer in OPTIMIZERS
        else _unknown(optimizer, f"{source}.{plain(optimizer)}", OPTIMIZERS)
        for optimizer, value in raw.items()
    ]


def _read_cap(raw: object, source: str) -> Entry:
    faults = tuple(value_faults(MAX_PARAMETERS, raw))
    if faults or not isinstance(raw, int):
        return Entry(key="max_parameters", source=source, faults=faults)
    return Entry(key="max_parameters", source=source, parameter=Fixed(value=raw))


def _read_entry(key: str, raw: object, source: str, rules: Mapping[str, Rule] = RULES) -> Entry:
    rule = rules[key]
    if isinstance(raw, Mapping):
        parameter, faults = _read_range(rule, raw)
    elif isinstance(raw, list | tuple):
        parameter = Choices(values=tuple(raw))
        faults = parameter_faults(rule, parameter)
    else:
        faults = value_faults(rule, raw)
        parameter = None if faults else Fixed(value=cast("Value", raw))
    if faults or parameter is None:
        return Entry(key=key, source=source, faults=tuple(faults))
    return Entry(key=key, source=source, parameter=_canonical(rule, parameter))


def _read_range(rule: Rule, raw: Mapping[str, object]) -> tuple[Parameter[Value] | None, list[str]]:
    """Read ``{low, high, log}``; the scale is the hyperparameter's own unless it is said."""
    absent = [key for key in _RANGE_KEYS if key not in raw]
    faults = [
        f"{plain(key)} is no key of a range; {did_you_mean(key, absent) or 'leave it out'}"
        for key in raw
        if key not in _RANGE_KEYS
    ]
    faults += [f"the range has no {key}; give both ends" for key in _ENDS if key not in raw]
    log = raw.get("log")
    if log is not None and not isinstance(log, bool):
        faults.append(f"log: {shorten(log)} is not true or false; give one of them")
    if faults:
        return None, faults
    low, high = (cast("Value", raw[key]) for key in _ENDS)
    scale = rule.scale_is_log(low) if log is None and isinstance(low, int | float) else bool(log)
    span = Range(low=low, high=high, log=scale, integer=rule.kind == "integer")
    return span, parameter_faults(rule, span)


def _canonical(rule: Rule, parameter: Parameter[Value]) -> Parameter[Value]:
    """Return a faultless parameter in its one form: floats for numbers, fixed if it cannot vary."""
    convert = float if rule.kind == "number" else _unchanged
    match parameter:
        case Range(low=low, high=high) if low != high:
            return dataclasses.replace(parameter, low=convert(low), high=convert(high))
        case Choices(values=values) if len(values) > 1:
            return Choices(values=tuple(convert(value) for value in values))
        case Choices(values=(value,)) | Fixed(value=value) | Range(low=value):
            return Fixed(value=convert(value))
    return parameter


def _unchanged(value: Value) -> Value:
    return value


def _keys(rules: Mapping[str, Rule]) -> Iterable[str]:
    return KEYS if rules is RULES else dict.fromkeys(key.partition(".")[0] for key in rules)


def _unknown(key: str, source: str, known: Iterable[str] = KEYS) -> Entry:
    if key == "epochs":
        return Entry(key=key, source=source, faults=(EPOCHS_REASON,))
    if key == "space":
        fault = "the keys of the space stand by themselves here; leave out the heading [space]"
        return Entry(key=key, source=source, faults=(fault,))
    guess = did_you_mean(key, (*known, *_RATE_KEYS) if "." in key else known)
    advice = guess or f"the keys are {', '.join(known)}"
    return Entry(key=key, source=source, faults=(f"unknown key; {advice}",))


def _from_text(rule: Rule, text: str) -> object:
    """Turn the value of ``--set`` into what TOML would have held."""
    if ".." in text and rule.has_range:
        low, _, high = text.partition("..")
        return {"low": _scalar(rule, low), "high": _scalar(rule, high)}
    if "," in text:
        return [_scalar(rule, part) for part in text.split(",")]
    return _scalar(rule, text)


def _scalar(rule: Rule, text: str) -> Value:
    """Turn text into a number or truth value if the rule wants one; the rule judges the rest."""
    text = text.strip()
    if rule.kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if rule.has_range:
        for convert in (int, float):
            try:
                return convert(text)
            except ValueError:
                continue
    return text
