"""Make a data set of a table: name the target, type the columns, check all, list every fault."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.dataset import Dataset
from sweep.data.files import fingerprint, name_path
from sweep.data.names import did_you_mean, listed, option, quoted, without_value
from sweep.data.spec import DataSpec
from sweep.data.table_cells import as_texts
from sweep.data.table_checks import drop_useless, table_of, warn_duplicates, warn_leaks
from sweep.data.table_columns import Asked, find_file_decimals, type_column
from sweep.data.table_dates import days_of, read_dates
from sweep.data.table_numbers import Decimal, read_numbers
from sweep.data.table_reader import RawTable, read_table
from sweep.data.target import EncodedTarget, check_log, encode_target, leave_out_unseen
from sweep.data.target_shape import warn_target
from sweep.errors import DataError

FEWEST_ROWS: Final = 10
NO_HEADER: Final = "; line 1 was taken for a row (--header: it names them)"
TARGET_NAMES: Final = ("target", "label", "class", "y")

Value = TypeVar("Value")
Decimals = Mapping[str, Decimal | None]


def build_dataset(table: RawTable, name: str, spec: DataSpec) -> Dataset:
    """Check a table and make a data set of it.

    Args:
        table: The table as read.
        name: The name of the data set.
        spec: What is said of it.

    Raises:
        DataError: Everything that is wrong with the table, in one error.
    """
    target_name = _find_target(table, spec)
    table, test_rows = _join_test(table, target_name, spec)
    decimals = find_file_decimals(table.frame, spec, table.separator)
    faults: list[str] = []
    if len(table.frame) < FEWEST_ROWS:
        faults.append(
            f"{name_path(table.places.source)}: has {len(table.frame)} rows; "
            f"a split needs at least {FEWEST_ROWS}"
        )
    target = _gather(faults, lambda: _encode(table, target_name, spec, decimals, test_rows))
    if target is not None:
        table = _rows_of(table, target.kept)
        test_rows = None if test_rows is None else test_rows[target.kept]
    groups = _read_role(faults, _number_groups, table, spec.group)
    weights = _read_role(faults, functools.partial(_read_weights, decimals), table, spec.weight)
    times = _read_role(faults, functools.partial(_read_times, decimals), table, spec.time)
    others = {target_name, spec.group, spec.weight, *spec.id, *spec.drop}
    others |= {spec.time} - set(spec.keep)
    asked: dict[str, Asked] = {
        **dict.fromkeys(spec.categorical, "categorical"), **dict.fromkeys(spec.numeric, "numeric")
    }  # fmt: skip
    typed = [
        _gather(
            faults,
            functools.partial(
                type_column, table.frame[feature], feature, table.places,
                decimal=decimals.get(feature, "."), asked=asked.get(feature),
            ),
        )
        for feature in table.frame.columns
        if feature not in others
    ]  # fmt: skip
    if faults or target is None:
        raise DataError(faults)
    understood = [column for column in typed if column is not None]
    kept, left_out, warnings = drop_useless(understood, table.places, spec)
    if not kept:
        raise DataError(_explain_no_features(table.places.source, warnings))
    features = table_of(kept)
    numbers = target.numbers[target.kept]
    leaks = warn_leaks(kept, target, target_name)
    return Dataset(
        name=name,
        task=target.task,
        features=features.reset_index(drop=True),
        target=numbers,
        target_name=target_name,
        class_names=target.class_names,
        label_type=target.label_type,
        columns=tuple(column.column for column in kept),
        id_columns=spec.id,
        other_columns=_other_columns(target_name, spec) | left_out,
        log_target=spec.log_target,
        test_rows=test_rows,
        groups=groups,
        weights=weights,
        times=times,
        fingerprint=table.fingerprint,
        source=table.places.source,
        warnings=(
            *table.warnings, *target.warnings, *warn_target(target, target_name, spec),
            *_warn_time(spec), *warnings, *leaks, *warn_duplicates(kept, numbers),
        ),
    )  # fmt: skip


def _encode(
    table: RawTable,
    name: str,
    spec: DataSpec,
    decimals: Decimals,
    test_rows: NDArray[np.bool_] | None,
) -> EncodedTarget:
    decimal = decimals.get(name, ".")
    if decimal is None:  # then it has numbers that only a comma or a point divides
        raise DataError(
            table.places.fault(
                f"target {quoted(name)}: its numbers may be written with a decimal mark or a mark"
                " between thousands; say which with --decimal , or --decimal ."
            )
        )
    target = encode_target(
        table.frame[name], name=name, places=table.places, task=spec.task, decimal=decimal
    )
    if test_rows is not None:
        target = leave_out_unseen(target, test_rows, name, table.places)
    if spec.log_target:
        check_log(target, name, table.places)
    return target


def _rows_of(table: RawTable, rows: NDArray[np.bool_]) -> RawTable:
    if rows.all():
        return table
    places = dataclasses.replace(table.places, numbers=table.places.numbers[rows])
    return dataclasses.replace(table, frame=table.frame[rows], places=places)


def _join_test(
    table: RawTable, target: str, spec: DataSpec
) -> tuple[RawTable, NDArray[np.bool_] | None]:
    """Put the rows of the test file below the others, and say which they are."""
    if spec.test is None:
        return table, None
    test = read_table(spec.test, header=spec.header)
    used = {target, spec.group, spec.weight, spec.time, *table.frame.columns}
    used -= {None, *spec.drop, *spec.id}
    lacking = [name for name in table.frame.columns if name in used and name not in test.frame]
    if lacking:
        raise DataError(
            f"{name_path(spec.test)}: lacks the columns {listed(lacking, most=10)}; give a file"
            f" with the columns of {name_path(table.places.source)}"
        )
    if test.places.word != table.places.word:
        raise DataError(f"{name_path(spec.test)}: is of another format; give both as one")
    rows = np.arange(len(table.frame) + len(test.frame)) >= len(table.frame)
    frame = pd.concat(
        [table.frame, test.frame[table.frame.columns.intersection(test.frame.columns)]]
    )
    places = dataclasses.replace(
        table.places,
        numbers=np.concatenate([table.places.numbers, -test.places.numbers]),
        other=spec.test,
    )
    joined = dataclasses.replace(
        table,
        frame=frame.reset_index(drop=True),
        places=places,
        fingerprint=fingerprint(table.fingerprint.encode(), test.fingerprint.encode()),
        warnings=(*table.warnings, *test.warnings),
    )
    return joined, rows


def _find_target(table: RawTable, spec: DataSpec) -> str:
    """Return the target column's name; check that all named columns are there, and named once."""
    names = [str(name) for name in table.frame.columns]
    source = name_path(table.places.source)
    faults: list[str] = []
    if len(names) < 2:
        raise DataError(
            f"{source}: has the single column {listed(names)}; a table needs a target "
            "and a feature, divided by a comma, semicolon, tab or |"
        )
    roles = _columns_by_role(spec)
    if {"group", "time"} <= roles.keys():
        faults.append(f"{source}: rows are split by --group or by --time; leave one of them out")
    for role, columns in roles.items():
        for column in columns:
            _gather(faults, functools.partial(check_column, column, names, source, role))
    target = spec.target
    if target is None:
        taken = {column for columns in roles.values() for column in columns}
        usual = [name for name in names if name.lower() in TARGET_NAMES and name not in taken]
        if len(usual) != 1:
            found = f"several of {listed(usual)}" if usual else "none of target, label, class or y"
            advice = f"name one with --target; the columns are {listed(names)}"
            advice += NO_HEADER if names[0] == "column 1" else ""
            faults.append(f"{source}: no target was named and it has {found}; {advice}")
            raise DataError(faults)
        [target] = usual
    once = {role: columns for role, columns in roles.items() if role != "keep"}
    once["target"] = (target,)
    for column in dict.fromkeys(column for columns in once.values() for column in columns):
        several = [role for role, columns in once.items() if column in columns]
        if len(several) > 1 and set(several) != {"time", "id"}:
            both = " and ".join(sorted(several, reverse=True))
            faults.append(f"{source}: {quoted(column)} is both {both}; name two columns")
    if faults:
        raise DataError(faults)
    return target


def _columns_by_role(spec: DataSpec) -> dict[str, Sequence[str]]:
    single = {
        role: (column,)
        for role, column in (
            ("target", spec.target), ("group", spec.group), ("weight", spec.weight),
            ("time", spec.time),
        )
        if column is not None
    }  # fmt: skip
    several = {
        role: getattr(spec, role) for role in ("categorical", "numeric", "drop", "keep", "id")
    }
    return {**dict(sorted(single.items())), **several}


def check_column(name: str, names: Sequence[str], source: str, role: str) -> None:
    """Refuse a column name that the table does not have.

    Args:
        name: The name that was asked for.
        names: The names that there are.
        source: The path, for messages.
        role: What the column was to be, for messages.

    Raises:
        DataError: There is no such column.
    """
    if name not in names:
        advice = did_you_mean(name, names) or f"the columns are {listed(names)}"
        raise DataError(f"{source}: has no {role} column {quoted(name)}; {advice}")


def _gather(faults: list[str], step: Callable[[], Value]) -> Value | None:
    """Run one check and keep its faults beside those of the others."""
    try:
        return step()
    except DataError as error:
        faults.extend(error.faults)
        return None


def _read_role(
    faults: list[str], read: Callable[[RawTable, str], Value], table: RawTable, column: str | None
) -> Value | None:
    return None if column is None else _gather(faults, lambda: read(table, column))


def _number_groups(table: RawTable, group: str) -> NDArray[np.int64]:
    """Number the groups in the order in which they appear."""
    _refuse_missing(table, f"group column {quoted(group)}", table.frame[group].isna().to_numpy())
    return pd.factorize(table.frame[group])[0].astype(np.int64)


def _read_weights(decimals: Decimals, table: RawTable, name: str) -> NDArray[np.float64]:
    """Return the weights of the rows."""
    where = f"weight column {quoted(name)}"
    weights = _numbers(table.frame[name], decimals)
    odd = np.isnan(weights) & table.frame[name].notna().to_numpy()
    if odd.any():
        first = quoted(str(table.frame[name][odd].iloc[0]))
        raise DataError(
            table.places.fault(
                f"{where}: {first} is no number ({table.places.of(odd)}); correct it, or name"
                " another column"
            )
        )
    _refuse_missing(table, where, np.isnan(weights))
    wrong = (weights < 0) | np.isinf(weights)
    if wrong.any() or not weights.any():
        shown = f"{weights[wrong][0]:g} ({table.places.of(wrong)})" if wrong.any() else "all are 0"
        raise DataError(table.places.fault(f"{where}: {shown}; give weights of 0 or more"))
    return weights


def _read_times(decimals: Decimals, table: RawTable, name: str) -> NDArray[np.float64]:
    """Return by what the rows are ordered: dates, or numbers such as years."""
    raw = table.frame[name]
    if types.is_datetime64_any_dtype(raw.dtype):
        times = days_of(raw)
    elif np.isnan(times := _numbers(raw, decimals)).all():
        times = read_dates(as_texts(raw)).days
    where = f"time column {quoted(name)}"
    wrong = np.isnan(times) & raw.notna().to_numpy()
    if wrong.any():
        first = quoted(str(raw[wrong].iloc[0]))
        raise DataError(
            table.places.fault(
                f"{where}: {first} is neither a date nor a number ({table.places.of(wrong)});"
                " correct it, or name another column"
            )
        )
    _refuse_missing(table, where, np.isnan(times))
    return times


def _numbers(raw: pd.Series, decimals: Decimals) -> NDArray[np.float64]:
    if types.is_numeric_dtype(raw.dtype):
        return raw.to_numpy(dtype=np.float64, na_value=np.nan)
    mark = decimals.get(str(raw.name)) or "."
    return read_numbers(as_texts(raw), mark, most_limits=0).numbers  # <0.5 is no weight nor time


def _refuse_missing(table: RawTable, where: str, missing: NDArray[np.bool_]) -> None:
    if missing.any():
        raise DataError(
            table.places.fault(
                f"{where}: {without_value(missing)} ({table.places.of(missing)}); "
                "fill them in or remove these rows"
            )
        )


def _other_columns(target: str, spec: DataSpec) -> dict[str, str]:
    """Say what the columns are that the user took out of the features."""
    roles: dict[str | None, str] = {
        spec.group: "group: its rows stay in one split",
        spec.weight: "weight of the row",
        spec.time: "time, by which rows are split",
        **dict.fromkeys(spec.drop, "left out by --drop"),
        **dict.fromkeys(spec.id, "identifier, carried into predictions"),
        target: "target",
    }
    kept = {None, spec.time} if spec.time in spec.keep else {None}
    return {name: role for name, role in roles.items() if name is not None and name not in kept}


def _warn_time(spec: DataSpec) -> tuple[str, ...]:
    if spec.time is None or spec.time in spec.keep:
        return ()
    keep = option("keep", spec.time)
    return (f"column {quoted(spec.time)}: orders the rows; {keep} also learns from it",)


def _explain_no_features(source: str, warnings: tuple[str, ...]) -> list[str]:
    head = f"{name_path(source)}: no feature column is left; add columns that tell rows apart"
    return [head, *(f"{name_path(source)}: {warning}; replace it" for warning in warnings)]
