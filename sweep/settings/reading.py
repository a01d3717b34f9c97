"""Gather the settings of a sweep from its sources, and report every fault of all of them at once.

The command line beats ``--set``, which beats the file of ``--space``, which beats the file of
``--config``, which beats the defaults.
"""

import dataclasses
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sweep.errors import ConfigurationError, Fault
from sweep.settings.storage_address import mask_passwords
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import Entry, build_space, read_set_values, read_table
from sweep.space.rules import plain, shorten

LARGEST_FILE: Final = 1_000_000  # bytes; a configuration has a few hundred
MOST_DOTS: Final = 1_200  # in a line; Python's reader of TOML takes hours for a key of many parts
MOST_KEYS: Final = 5_000  # of all tables; a study of 200 arms has a thousand
LONGEST_PATH: Final = 200  # characters of a path that a message repeats


def load_settings(
    config_file: Path | None,
    overrides: Mapping[str, object],
    set_values: Sequence[str],
    space_file: Path | None,
    start_file: Path | None = None,
) -> SweepSettings:
    """Read the settings of a sweep.

    Args:
        config_file: A TOML file with the fields of `SweepSettings`; its table ``space`` holds the
            search space.
        overrides: What the command line gave, by field; ``batch_size`` fixes the batch size; None
            counts as not given.
        set_values: The arguments of ``--set``.
        space_file: A TOML file whose keys are those of the search space.
        start_file: A TOML file whose tables ``[[start]]`` are configurations to begin with.

    Raises:
        ConfigurationError: With every fault of every source, each named by its source.
    """
    faults: list[str] = []
    values = read_toml(config_file, faults)
    origins = {key: f"{_label(config_file)}: {plain(key)}" for key in values}
    entries = _space_of_config(values, _label(config_file), faults)
    entries += read_table(read_toml(space_file, faults), f"{_label(space_file)}: ")
    entries += read_set_values(set_values)
    given = {key: value for key, value in overrides.items() if value is not None}
    if "batch_size" in given:
        batch_size = read_table({"batch_size": given.pop("batch_size")}, "")
        entries += [dataclasses.replace(entry, source="--batch-size") for entry in batch_size]
    options = {key: option for key, (option, _) in SweepSettings.options().items()}
    for key, value in given.items():
        if isinstance(value, dict):  # each part has a source of its own
            origins |= {f"{key}.{name}": options[f"{key}.{name}"] for name in value}
            table = values.get(key)
            values[key] = {**table, **value} if isinstance(table, dict) else value
        else:
            origins[key], values[key] = options.get(key, key), value
    if start_file is not None:
        values["start"] = _starts_in(start_file, faults)
        origins["start"] = f"{_label(start_file)}: start"
    if faults and "data" not in values:
        values["data"] = "named in the file that could not be read"
    try:
        values["space"] = build_space(entries)
    except ConfigurationError as err:
        faults += err.faults
    try:
        settings = SweepSettings.read(values)
    except ConfigurationError as err:
        raise ConfigurationError(
            [*faults, *(fault.moved(origins) for fault in err.faults)]
        ) from err
    if faults:
        raise ConfigurationError(faults)
    return settings


def _space_of_config(values: dict[str, object], file: str, faults: list[str]) -> list[Entry]:
    """Take the table of the search space out of a configuration file's values."""
    table = values.pop("space", {})
    if isinstance(table, dict):
        return read_table(table, f"{file}: space.")
    faults.append(Fault(f"{file}: space", "it is not a table; write its keys under [space]"))
    return []


def _starts_in(path: Path, faults: list[str]) -> object:
    """Read the configurations to begin with from a file that holds nothing else."""
    before = len(faults)
    table = read_toml(path, faults)
    starts = table.pop("start", [])
    faults += [
        Fault(
            f"{_label(path)}: {plain(key)}", "unknown key; write each configuration under [[start]]"
        )
        for key in table
    ]
    if starts == [] and len(faults) == before:
        faults.append(Fault(_label(path), "it has no configuration; write each under [[start]]"))
    return starts


def _label(path: Path | None) -> str:
    text = repr(str(path))[1:-1]  # with control characters escaped
    return text if len(text) <= LONGEST_PATH else f"{text[: LONGEST_PATH - 1]}…"


def read_toml(path: Path | None, faults: list[str]) -> dict[str, object]:
    """Read a TOML file; what is wrong with it is added to ``faults``."""
    if path is None:
        return {}
    file_name = _label(path)
    try:
        if not path.is_file():
            found = "is not a file" if path.exists() else "does not exist"
            faults.append(Fault(file_name, f"it {found}; give the path of a TOML file"))
            return {}
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            reason = f"it is larger than {LARGEST_FILE} bytes; is it the right file?"
            faults.append(Fault(file_name, reason))
            return {}
        return _parse(content.decode("utf-8-sig"), file_name, faults)
    except UnicodeDecodeError as err:
        line = err.object[: err.start].count(b"\n") + 1
        faults.append(Fault(file_name, f"line {line}: it is not UTF-8 text; save it as UTF-8"))
    except OSError as err:
        faults.append(Fault(file_name, f"{err.strerror}; give a file that can be read"))
    return {}


def _parse(text: str, file_name: str, faults: list[str]) -> dict[str, object]:
    lines = text.split("\n")
    crowded = [n for n, line in enumerate(lines, 1) if line.count(".") > MOST_DOTS]
    if crowded:
        reason = f"line {crowded[0]}: it has more than {MOST_DOTS:,} points; divide it"
        faults.append(Fault(file_name, reason))
        return {}
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        faults.append(Fault(file_name, _toml_fault(str(err), text.splitlines())))
    except RecursionError:
        faults.append(Fault(file_name, "it is nested too deeply; write the keys at the top"))
    except ValueError:  # Python's limit to the digits of an integer
        faults.append(Fault(file_name, "a number has thousands of digits; shorten it"))
    else:
        if _count_keys(table) <= MOST_KEYS:
            return table
        faults.append(
            Fault(file_name, f"it has more than {MOST_KEYS:,} keys; is it the right file?")
        )
    return {}


def _count_keys(table: object) -> int:
    """Count tables and their keys, however they are nested."""
    count, rest = 0, [table]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            count += 1 + len(value)
            rest += value.values()
        elif isinstance(value, list):
            rest += value
    return count


def _toml_fault(message: str, lines: Sequence[str]) -> str:
    """Put the line first, as compilers do, and show it."""
    match = re.fullmatch(
        r"(?P<what>.*) \(at (?P<where>line (?P<line>\d+), column \d+|end of document)\)", message
    )
    if match is None:
        return f"it is not TOML: {message}; mend it"
    number = int(match["line"] or len(lines))
    shown = (
        f" in {shorten(mask_passwords(lines[number - 1].strip()))}"
        if 0 < number <= len(lines)
        else ""
    )
    return f"{match['where']}: {match['what']}{shown}; mend it (texts stand in quotes)"
