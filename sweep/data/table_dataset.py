"""Make a data set of a table: name the target, type the columns, check all, list every fault."""

import functools
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.data.dataset import Column, ColumnKind, Dataset
from sweep.data.files import name_path
from sweep.data.names import did_you_mean, listed, quoted, without_value
from sweep.data.spec import DataSpec
from sweep.data.table_checks import drop_useless, warn_duplicates, warn_header, warn_leaks
from sweep.data.table_columns import TypedColumn, type_column
from sweep.data.table_reader import RawTable
from sweep.data.target import encode_target
from sweep.errors import DataError

FEWEST_ROWS: Final = 10
TARGET_NAMES: Final = ("target", "label", "class", "y")

Value = TypeVar("Value")


def build_dataset(table: RawTable, name: str, spec: DataSpec) -> Dataset:
    """Check a table and make a data set of it.

    Args:
        table: The table as read.
        name: The name of the data set.
        spec: What is said of it.

    Raises:
        DataError: Everything that is wrong with the table, in one error.
    """
    frame, places = table.frame, table.places
    target_name = _find_target(frame, spec, places.source)
    faults: list[str] = []
    if len(frame) < FEWEST_ROWS:
        faults.append(
            f"{name_path(places.source)}: has {len(frame)} rows; "
            f"a split needs at least {FEWEST_ROWS}"
        )
    target = _gather(
        faults,
        lambda: encode_target(frame[target_name], name=target_name, places=places, task=spec.task),
    )
    groups = None if spec.group is None else _gather(faults, lambda: _number(table, spec.group))
    typed = [
        _gather(faults, functools.partial(type_column, frame[feature], feature, places))
        for feature in frame.columns
        if feature not in (target_name, spec.group)
    ]
    if faults or target is None:
        raise DataError(faults)
    understood = [column for column in typed if column is not None]
    kept, warnings = drop_useless(understood, places)
    if not kept:
        raise DataError(_explain_no_features(places.source, warnings))
    features = pd.DataFrame({column.name: column.cells for column in kept})
    leaks = warn_leaks(kept, target, target_name)
    headers = warn_header(list(frame.columns))
    copies = warn_duplicates(features, target.numbers)
    return Dataset(
        name=name,
        task=target.task,
        features=features.reset_index(drop=True),
        target=target.numbers,
        target_name=target_name,
        class_names=target.class_names,
        columns=tuple(_describe(column) for column in kept),
        groups=groups,
        fingerprint=table.fingerprint,
        source=places.source,
        warnings=(*headers, *target.warnings, *warnings, *leaks, *copies),
    )


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
        raise DataError(f"{name_path(source)}: has no {role} column {quoted(name)}; {advice}")


def _find_target(frame: pd.DataFrame, spec: DataSpec, source: str) -> str:
    """Return the target column's name and check that target and group are columns, and differ."""
    names = [str(name) for name in frame.columns]
    faults: list[str] = []
    if len(names) < 2:
        raise DataError(
            f"{name_path(source)}: has the single column {listed(names)}; a table needs a target "
            "and a feature, divided by a comma, semicolon, tab or |"
        )
    if spec.group is not None:
        group = spec.group
        _gather(faults, lambda: check_column(group, names, source, "group"))
    target = spec.target
    if target is None:
        usual = [name for name in names if name.lower() in TARGET_NAMES and name != spec.group]
        if len(usual) != 1:
            found = f"several of {listed(usual)}" if usual else "none of target, label, class or y"
            advice = f"name one with --target; the columns are {listed(names)}"
            faults.append(f"{name_path(source)}: no target was named and it has {found}; {advice}")
            raise DataError(faults)
        target = usual[0]
    wanted = target
    _gather(faults, lambda: check_column(wanted, names, source, "target"))
    if wanted == spec.group:
        faults.append(
            f"{name_path(source)}: {quoted(wanted)} is both target and group; name two columns"
        )
    if faults:
        raise DataError(faults)
    return wanted


def _gather(faults: list[str], step: Callable[[], Value]) -> Value | None:
    """Run one check and keep its faults beside those of the others."""
    try:
        return step()
    except DataError as error:
        faults.extend(error.faults)
        return None


def _number(table: RawTable, group: str | None) -> NDArray[np.int64]:
    """Number the groups in the order in which they appear."""
    column = table.frame[group]
    missing = column.isna().to_numpy()
    if missing.any():
        raise DataError(
            table.places.fault(
                f"group column {quoted(str(group))}: {without_value(missing)} "
                f"({table.places.of(missing)}); fill them in or remove these rows"
            )
        )
    return pd.factorize(column)[0].astype(np.int64)


def _explain_no_features(source: str, warnings: tuple[str, ...]) -> list[str]:
    head = f"{name_path(source)}: no feature column is left; add columns that tell rows apart"
    return [head, *(f"{name_path(source)}: {warning}; replace it" for warning in warnings)]


def _describe(column: TypedColumn) -> Column:
    kinds: dict[str, ColumnKind] = {
        "numeric": "numeric",
        "categorical": "categorical",
        "boolean": "boolean",
    }
    return Column(
        name=column.name,
        kind=kinds[column.understanding],
        missing=int(column.cells.isna().sum()),
        distinct=int(column.cells.nunique()),
    )
