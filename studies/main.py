"""The command line. Nothing heavy is imported here: each command imports what it needs."""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from typing import NoReturn

from studies.interruption import Interrupted, interruptions
from sweep.errors import FitgapError

UNEXPECTED = 1


class _Parser(argparse.ArgumentParser):
    """Report wrong usage as every other fault: in one line, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {without_controls(message)}; see `{self.prog} --help`\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments without the program's name; those of the process by default.

    Returns:
        The exit code: 0 done, 1 unexpected, 2 usage or configuration, 3 data, 4 no trial
        finished, 5 storage or engine, 128 + n ended by signal n.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = build_parser().parse_args(arguments)
    options.arguments = arguments
    module, function = options.command
    try:
        with interruptions():
            command = getattr(importlib.import_module(module), function)
            code: int = command(options)
            sys.stdout.flush()
            return code
    except FitgapError as err:
        return _fail(err.faults, err.exit_code, debug=options.debug)
    except Interrupted as err:
        return _fail((), err.exit_code, debug=options.debug)
    except BrokenPipeError:
        # Who reads our output has enough, as `head` does; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as err:  # noqa: BLE001 - the outermost border: a bug must not look like a crash
        text = " ".join(str(err).split())
        line = f"unexpected {type(err).__name__}: {text}; run again with --debug and report it"
        return _fail((line,), UNEXPECTED, debug=options.debug)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = _Parser(
        prog="fitgap",
        description="Sweep the hyperparameters of Keras MLPs, and learn from the gap between the"
        " training and the validation score whether a network is too small, too big, badly"
        " trained, or right.",
    )
    parser.add_argument(
        "--version", action="version", version=f"fitgap {metadata.version('fitgap')}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    _add_sweep(commands)
    _add_run_commands(commands)
    _add_data(commands)
    schema = _command(commands, "schema", "print the JSON Schema of the configuration file")
    schema.set_defaults(command=("studies.sweep_command", "print_schema"))
    return parser


def _add_sweep(commands: "argparse._SubParsersAction[_Parser]") -> None:
    sweep = _command(commands, "sweep", "search, confirm, and report")
    sweep.set_defaults(command=("studies.sweep_command", "sweep"))
    sweep.add_argument("data", metavar="DATA", nargs="?", help=_DATA)
    _add_reading(sweep)
    sweep.add_argument("--trials", metavar="N", help="configurations to train (default 30)")
    sweep.add_argument("--epochs", metavar="N", help="passes over the training rows (default 30)")
    sweep.add_argument("--batch-size", metavar="N", help="rows per update (default 32)")
    sweep.add_argument("--workers", metavar="N", help="trials at a time (default: one per core)")
    sweep.add_argument("--seed", metavar="S", help="where all random numbers come from (default 0)")
    sweep.add_argument("--sampler", metavar="NAME", help="tpe (default), random, qmc or grid")
    sweep.add_argument("--space", metavar="FILE.toml", help="the search space")
    sweep.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one hyperparameter: depth=3 fixes it, width=32,64 gives choices, dropout=0..0.5 a"
        " range; may be repeated",
    )
    sweep.add_argument("--config", metavar="FILE.toml", help="settings; see `fitgap schema`")
    sweep.add_argument("--out", metavar="DIR", help="the run folder (default: a new one in runs/)")
    sweep.add_argument(
        "--confirm",
        metavar="SEEDS",
        help="fresh seeds for each of the best configurations (default 5; 0 for none)",
    )
    sweep.add_argument("--no-baselines", action="store_true", help="fit no simple models")
    sweep.add_argument("--no-report", action="store_true", help="write no report.html")
    sweep.add_argument(
        "--dry-run", action="store_true", help="print what would be done, and train nothing"
    )


def _add_run_commands(commands: "argparse._SubParsersAction[_Parser]") -> None:
    resume = _command(commands, "resume", "continue an interrupted or finished run")
    resume.set_defaults(command=("studies.sweep_command", "resume"))
    resume.add_argument("run", metavar="RUN", help=_RUN)
    resume.add_argument("--trials", metavar="N", help="continue up to so many configurations")
    resume.add_argument("--workers", metavar="N", help="trials at a time (default: one per core)")

    status = _command(commands, "status", "say how far a run is, and what it found")
    status.set_defaults(command=("studies.status_command", "status"))
    status.add_argument("run", metavar="RUN", help=_RUN)
    status.add_argument("--json", action="store_true", help="for programs")

    report = _command(commands, "report", "draw the report again")
    report.set_defaults(command=("studies.sweep_command", "report"))
    report.add_argument("run", metavar="RUN", help=_RUN)
    report.add_argument("--out", metavar="FILE", help="where to (default: RUN/report.html)")

    predict = _command(commands, "predict", "predict new rows with the network of a run")
    predict.set_defaults(command=("studies.predict_command", "predict"))
    predict.add_argument("run", metavar="RUN", help=_RUN)
    predict.add_argument("rows", metavar="ROWS", help="a file of rows with the same columns")
    predict.add_argument(
        "--out", metavar="FILE", help="a .csv or .parquet file (default: CSV to the terminal)"
    )

    verify = _command(commands, "verify", "train a trial again and compare its history")
    verify.set_defaults(command=("studies.verify_command", "verify"))
    verify.add_argument("run", metavar="RUN", help=_RUN)
    verify.add_argument("trial", metavar="TRIAL", help="such as s0007, as the report names it")


def _add_data(commands: "argparse._SubParsersAction[_Parser]") -> None:
    data = _command(commands, "data", "list and check data sets")
    actions = data.add_subparsers(metavar="ACTION", required=True, parser_class=_Parser)
    listing = _command(actions, "list", "list the bundled data sets")
    listing.set_defaults(command=("studies.data_command", "list_datasets"))
    check = _command(actions, "check", "say what is understood of a data set")
    check.set_defaults(command=("studies.data_command", "check_dataset"))
    check.add_argument("data", metavar="DATA", help=_DATA)
    _add_reading(check)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", metavar="COL", help="the column to predict")
    parser.add_argument(
        "--task", metavar="TASK", help="classification or regression (default: from the target)"
    )
    parser.add_argument("--group", metavar="COL", help="rows of equal value stay in one split")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of fashion-mnist's IDX files")


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    return parser


_DATA = "a bundled data set (see `fitgap data list`), or a .csv, .csv.gz, .parquet or .npz file"
_RUN = "the folder of a run"


def _fail(faults: Sequence[str], code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    for fault in faults:
        print(f"error: {without_controls(fault)}", file=sys.stderr)  # noqa: T201 - the command line
    return code


def without_controls(text: str) -> str:
    """Replace what could move a terminal's cursor or fake a line of its own."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


if __name__ == "__main__":
    sys.exit(main())
