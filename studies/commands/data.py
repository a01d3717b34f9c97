"""What `fitgap data list` and `fitgap data check` print: what the tool understood, before training.

Names from the user's file pass through ``printable`` and are never read as rich markup.
"""

import argparse
import collections
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from studies.commands.console import open_console, print_facts, print_table
from studies.commands.setting_options import read_options
from sweep.data.dataset import Column, Dataset
from sweep.data.names import printable
from sweep.data.preprocessing import fit_preprocessor
from sweep.data.sources import BUNDLED, ENDINGS
from sweep.data.splitting import Splits, duplicated_across, split_rows
from sweep.runs.preparation import load_data
from sweep.seeds import derive_seed
from sweep.settings.reading import load_settings
from sweep.settings.run_settings import RunSettings

MOST_LISTED: Final = 40
NAME_WIDTH: Final = 40


def list_datasets(_: argparse.Namespace) -> int:
    """Print the bundled data sets and the kinds of files that can be read: `fitgap data list`."""
    console = open_console()
    table = _table("data set", "what it is")
    for name, description in BUNDLED.items():
        table.add_row(Text(name), Text(description))
    print_table(console, table)
    console.print(
        Text(f"Or a file that ends in {ENDINGS}, or a folder of IDX files."),
        soft_wrap=True,
    )
    return 0


def check_dataset(options: argparse.Namespace) -> int:
    """Print what was understood of a data set: `fitgap data check`.

    Raises:
        ConfigurationError: The task is unknown.
        DataError: Everything that is wrong with the data.
    """
    given = {"data": options.data, **read_options(RunSettings, options)}
    settings = load_settings(None, given, set_values=[], space_file=None)
    dataset = load_data(settings)
    splits = split_rows(dataset, seed=derive_seed(settings.seed, "split"))
    console = open_console()
    _print_summary(console, dataset, splits)
    if dataset.columns:
        _print_columns(console, dataset)
    if dataset.class_names:
        _print_classes(console, dataset, splits)
    else:
        _print_target(console, dataset)
    _print_warnings(console, dataset, splits)
    return 0


def _table(*headings: str) -> Table:
    """Return an empty table; the first column holds names, the others are kept narrow."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < 2 else "right", overflow="fold")
    return table


def _name(text: str) -> Text:
    return Text(printable(text, longest=NAME_WIDTH))


def _print_summary(console: Console, dataset: Dataset, splits: Splits) -> None:
    preprocessor = fit_preprocessor(dataset, splits.train)
    shape = "x".join(str(size) for size in preprocessor.input_shape)
    task: str = dataset.task
    if dataset.class_names:
        task += f" classification, {len(dataset.class_names):,} classes"
    own = " (its own)" if dataset.test_rows is not None else ""
    lines = {
        "data set": printable(dataset.name),
        "task": task.replace("multiclass classification", "classification"),
        "target": printable(dataset.target_name),
        "rows": f"{len(dataset):,}",
        "features": _count_features(dataset),
        "missing": _count_missing(dataset),
        "network input": f"{shape} numbers a row" if shape != "1" else "1 number a row",
        "splits": (
            f"train {len(splits.train):,}, validation {len(splits.validation):,}, "
            f"test {len(splits.test):,}{own}"
        ),
    }
    if dataset.groups is not None:
        lines["groups"] = f"{len(np.unique(dataset.groups)):,}, each within one split"
    lines["fingerprint"] = f"sha256 {dataset.fingerprint[:16]}"
    print_facts(console, lines.items())


def _count_features(dataset: Dataset) -> str:
    if not dataset.columns:
        shape = "x".join(str(size) for size in dataset.features.shape[1:])
        kind = "numbers" if dataset.features.ndim == 2 else "images"
        return f"{kind} of {shape}"
    kinds = collections.Counter(column.kind for column in dataset.columns)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    word = "column" if len(dataset.columns) == 1 else "columns"
    return f"{len(dataset.columns):,} {word} ({counts})"


def _count_missing(dataset: Dataset) -> str:
    missing = [column.missing for column in dataset.columns]
    if not sum(missing):
        return "none"
    touched = sum(count > 0 for count in missing)
    cells = len(missing) * len(dataset)
    share = sum(missing) / cells
    columns = "column" if touched == 1 else "columns"
    return f"{sum(missing):,} of {cells:,} cells ({share:.1%}) in {touched:,} {columns}"


def _print_columns(console: Console, dataset: Dataset) -> None:
    table = _table("column", "what it is", "missing", "distinct")
    for column in dataset.columns[:MOST_LISTED]:
        missing, distinct = f"{column.missing:,}", f"{column.distinct:,}"
        table.add_row(_name(column.name), Text(_describe(column)), Text(missing), Text(distinct))
    for name, role in list(dataset.other_columns.items())[:MOST_LISTED]:
        table.add_row(_name(name), Text(role), Text(""), Text(""))
    console.print()
    print_table(console, table)
    _print_rest(console, len(dataset.columns), "columns")
    _print_rest(console, len(dataset.other_columns), "columns that are not learnt from")


def _describe(column: Column) -> str:
    """Return the kind of a column, and how it is written or learnt from."""
    notes = [
        f"in {column.unit}" if column.unit else "",
        "with a decimal comma" if column.decimal else "",
        f"as {', '.join(column.parts)}" if column.parts else "",
    ]
    return " ".join([column.kind, *(note for note in notes if note)])


def _print_classes(console: Console, dataset: Dataset, splits: Splits) -> None:
    classes = len(dataset.class_names)
    parts = [np.arange(len(dataset)), splits.train, splits.validation, splits.test]
    counts = [
        np.bincount(dataset.target[part].astype(np.int64), minlength=classes) for part in parts
    ]
    table = _table("class", "share", "rows", "train", "validation", "test")
    for place, name in enumerate(dataset.class_names[:MOST_LISTED]):
        numbers = [Text(f"{count[place]:,}") for count in counts]
        table.add_row(_name(name), Text(f"{counts[0][place] / len(dataset):.1%}"), *numbers)
    console.print()
    print_table(console, table)
    _print_rest(console, classes, "classes")


def _print_rest(console: Console, count: int, what: str) -> None:
    if count > MOST_LISTED:
        console.print(Text(f"and {count - MOST_LISTED:,} more {what}"))


def _print_target(console: Console, dataset: Dataset) -> None:
    values = dataset.target
    console.print()
    console.print(
        Text(
            f"target: mean {values.mean():.6g}, standard deviation {values.std():.6g}, "
            f"from {values.min():.6g} to {values.max():.6g}, "
            f"{len(np.unique(values)):,} different values"
        ),
        soft_wrap=True,
    )


def _print_warnings(console: Console, dataset: Dataset, splits: Splits) -> None:
    warnings = list(dataset.warnings)
    copies = duplicated_across(dataset, splits)
    if copies:
        rows = "row stands" if copies == 1 else "rows stand"
        warnings.append(f"{copies:,} validation or test {rows} in the training split too")
    console.print()
    if not warnings:
        console.print(Text("no warnings", style="green"))
    for warning in warnings[:MOST_LISTED]:
        console.print(Text.assemble(("warning: ", "yellow"), warning), soft_wrap=True)
    _print_rest(console, len(warnings), "warnings")
