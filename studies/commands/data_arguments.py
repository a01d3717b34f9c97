"""The options that say how data are to be understood: of `sweep`, `study` and `data check`."""

import argparse
from typing import Final

TEXTS: Final = ("data", "target", "task", "group", "class_weight", "data_dir", "decimal", "test")
LISTS: Final = ("categorical", "numeric", "drop", "keep", "id")
COLUMNS: Final = (*LISTS, "weight", "time")


def add_data_arguments(parser: "argparse._ActionsContainer") -> None:
    """Add the options to a parser or a group of it."""
    parser.add_argument(
        "--target",
        metavar="COL",
        help="the column to predict (default: the one called target, label, class or y)",
    )
    parser.add_argument(
        "--task", metavar="TASK", help="classification or regression (default: from the target)"
    )
    parser.add_argument(
        "--group", metavar="COL", help="a column whose rows of equal value stay in one split"
    )
    parser.add_argument(
        "--time",
        metavar="COL",
        help="a column by which rows are ordered: later ones validate, the latest test",
    )
    for name, meaning in (
        ("categorical", "whose values are categories, even if they are numbers"),
        ("numeric", "of numbers; anything else that stands there is missing"),
        ("drop", "that is left out"),
        ("keep", "that stays, although it looks useless"),
        ("id", "that is never learnt from, and carried into predictions"),
    ):
        parser.add_argument(
            f"--{name}", metavar="COL", action="append", help=f"a column {meaning}; repeatable"
        )
    parser.add_argument("--weight", metavar="COL", help="a column with the weight of each row")
    parser.add_argument(
        "--class-weight",
        metavar="NAME",
        help="balanced: in the training loss classes count alike, however many rows each has"
        " (default: rows do)",
    )
    parser.add_argument(
        "--log-target", action="store_true", help="learn the logarithm of a positive target"
    )
    parser.add_argument("--test", metavar="FILE", help="a file whose rows are the test split")
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the file's first line names the columns (default: find out)",
    )
    parser.add_argument(
        "--decimal", metavar="MARK", help="the decimal mark, . or , (default: find out)"
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", help="the folder of fashion-mnist's four IDX files"
    )


def read_data_arguments(options: argparse.Namespace) -> dict[str, object]:
    """Return what the options say, by setting; what was not given is left out."""
    values = {name: getattr(options, name) for name in TEXTS}
    values["columns"] = {
        name: getattr(options, name) for name in COLUMNS if getattr(options, name) is not None
    }
    values["log_target"] = True if options.log_target else None
    values["header"] = options.header
    return {name: value for name, value in values.items() if value not in (None, {})}
