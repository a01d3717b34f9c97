"""The options of every command, and their help."""

import argparse
from importlib import metadata
from typing import Final

from studies.commands.cluster_arguments import add_cluster_arguments
from studies.commands.comparing_arguments import add_comparing_commands
from studies.commands.output_arguments import RUN, add_fail_if, add_output_commands
from studies.commands.parser import Commands, Parser, add_command
from studies.commands.setting_options import add_options
from sweep.data.formats import describe_endings
from sweep.settings.run_settings import PATIENCE, RunSettings
from sweep.settings.study_settings import StudySettings
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import KEYS
from sweep.space.rules import RULES


def build_parser() -> Parser:
    """Build the parser of all commands.

    What it parses has ``command``, the module and function that do it, and ``parser``, the
    command's own.
    """
    parser = Parser(
        prog="fitgap",
        description="Sweep the hyperparameters of Keras MLPs, and learn from the gap between the"
        "\ntraining and the validation score whether a network is too small, too big,"
        "\nbadly trained, or right.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        default=argparse.SUPPRESS,
        help="show the version number and exit",
    )
    commands = parser.add_subparsers(
        metavar="COMMAND", title="commands", required=True, parser_class=Parser
    )
    begun = [_add_sweep(commands), _add_study(commands)]
    resume = _add_run_commands(commands)
    options = {name for one in begun for name in one.options}
    resume.foreign = dict.fromkeys(options - resume.options, _FIXED)
    add_output_commands(commands)
    add_comparing_commands(commands)
    _add_data(commands)
    _add_bench(commands)
    schema = add_command(commands, "schema", "print the JSON Schema of the configuration file")
    schema.set_defaults(command=("studies.commands.report", "print_schema"))
    return parser


class _Version(argparse.Action):
    """Print the version; looking it up takes longer than all the rest of the parser."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version and exit."""
        print(f"fitgap {metadata.version('fitgap')}")  # noqa: T201 - what was asked for
        parser.exit()


def _add_sweep(commands: Commands) -> Parser:
    sweep = add_command(
        commands, "sweep", "search, confirm the best on fresh seeds, and report", _SWEEP_EXAMPLES
    )
    sweep.set_defaults(command=("studies.commands.sweep", "sweep"))
    data, search, result = _groups(sweep, "data", "search", "result")
    data.add_argument("data", metavar="DATA", nargs="?", help=_DATA)
    add_options({"data": data, "run": search, "result": result}, SweepSettings)
    search.add_argument(
        "--batch-size", metavar="N", help="rows per update (default: the space's, which is 32)"
    )
    search.add_argument(
        "--start",
        metavar="FILE.toml|RUN",
        help="begin with known configurations: the tables [[start]] of a file, or the best of an"
        " earlier run that lie in the space",
    )
    search.add_argument(
        "--start-top", metavar="N", help="how many of the earlier run's best to take (default 5)"
    )
    search.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one hyperparameter: depth=3 fixes it, width=32,64,128 gives choices, dropout=0..0.5"
        f" a range; may be repeated. Keys: {', '.join(map(_key, KEYS))} (or"
        " learning_rate.adam ...). --dry-run shows the defaults",
    )
    search.add_argument(
        "--space", metavar="FILE.toml", help="the search space, as --dry-run prints it"
    )
    search.add_argument(
        "--config", metavar="FILE.toml", help="any of these settings, and the space under [space]"
    )
    add_cluster_arguments(sweep)
    _add_ending(result, "DATA", "print what would be done")
    return sweep


def _add_study(commands: Commands) -> Parser:
    study = add_command(
        commands, "study", "answer a question about capacity, with intervals", _STUDY_EXAMPLES
    )
    study.set_defaults(command=("studies.commands.study", "study"))
    study.add_argument("study", metavar="STUDY", help=StudySettings.settings()["study"].help)
    data, design, result = _groups(study, "data", "design", "result")
    data.add_argument("data", metavar="DATA", nargs="?", help=_DATA)
    add_options({"data": data, "run": design, "result": result}, StudySettings)
    design.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one hyperparameter in place of the study's: depth=3 fixes it; several values"
        " (width=32,64,128, or a range) are what the study compares, or what each arm is tuned"
        " over; may be repeated",
    )
    add_cluster_arguments(study)
    _add_ending(result, "STUDY-DATA", "print the arms, the trials and the expected time")
    return study


def _key(key: str) -> str:
    """Return a key of the space with its values, where these have names."""
    rule = RULES.get(key)
    return f"{key} ({', '.join(rule.names)})" if rule is not None and rule.names else key


def _groups(parser: Parser, *titles: str) -> "list[argparse._ArgumentGroup]":
    return [parser.add_argument_group(title) for title in titles]


def _add_ending(result: "argparse._ArgumentGroup", name: str, plan: str) -> None:
    """Add where a run goes, what it is judged by, and how to look at it first."""
    add_fail_if(result)
    result.add_argument(
        "--out", metavar="DIR", help=f"the run folder (default: runs/{name}-DATE-TIME)"
    )
    result.add_argument(
        "--dry-run", action="store_true", help=f"check everything, {plan}, and train nothing"
    )


def _add_run_commands(commands: Commands) -> Parser:
    resume = add_command(
        commands,
        "resume",
        "continue an interrupted or finished run",
        "examples:\n  fitgap resume runs/first\n  fitgap resume runs/first --trials 100",
    )
    resume.set_defaults(command=("studies.commands.sweep", "resume"))
    resume.add_argument("run", metavar="RUN", help=RUN)
    resume.add_argument(
        "--failed",
        action="store_true",
        help="train failed trials again, each with its configuration and seed",
    )
    add_options({"run": resume, "result": resume}, SweepSettings, only=_CHANGES, helps=_CHANGES)
    add_cluster_arguments(resume)

    status = add_command(
        commands,
        "status",
        "say how far a run is, and what it found",
        "examples:\n  fitgap status runs/first\n  fitgap status runs/first --json",
    )
    status.set_defaults(command=("studies.commands.status", "status"))
    status.add_argument("run", metavar="RUN", help=RUN)
    status.add_argument("--json", action="store_true", help="print one JSON object, for programs")

    predict = add_command(
        commands,
        "predict",
        "predict new rows with the confirmed network of a run",
        "example:\n  fitgap predict runs/first new.csv --out predictions.csv\n\n"
        "Classification: the class and the probability of each; regression: the value in"
        "\noriginal units. One line a row, in the order of the file.",
    )
    predict.set_defaults(command=("studies.commands.predict", "predict"))
    predict.add_argument("run", metavar="RUN", help=RUN)
    predict.add_argument(
        "rows", metavar="ROWS", help="a table with the feature columns, or an .npz file with x"
    )
    predict.add_argument(
        "--out", metavar="FILE", help="a .csv or .parquet file (default: CSV to standard output)"
    )
    predict.add_argument(
        "--strict",
        action="store_true",
        help="refuse rows of which training never saw the like (default: tell them on stderr)",
    )
    predict.add_argument(
        "--spreadsheet",
        action="store_true",
        help="put ' before labels that a spreadsheet would run as a formula (default: as they are)",
    )

    verify = add_command(
        commands,
        "verify",
        "train a trial again and compare its whole history",
        "example:\n  fitgap verify runs/first s0007\n\n"
        "Exits with 0 if every number of every epoch is equal (with --alone: to 1e-5 in the first"
        " epochs), else with 1.",
    )
    verify.set_defaults(command=("studies.commands.verify", "verify"))
    verify.add_argument("run", metavar="RUN", help=RUN)
    verify.add_argument("trial", metavar="TRIAL", help="such as s0007, as the report names it")
    verify.add_argument(
        "--alone",
        action="store_true",
        help="without the trials it was trained with, which agrees to rounding",
    )

    repair = add_command(
        commands,
        "repair",
        "check every file of a run, and rebuild what is damaged",
        "example:\n  fitgap repair runs/first\n\n"
        "Says of each file whether it was whole, is rebuilt, or is made again by `fitgap resume`."
        "\nExits with 0 if nothing is lost for good, else with 5. See docs/run-folder.md.",
    )
    repair.set_defaults(command=("studies.commands.repair", "repair"))
    repair.add_argument("run", metavar="RUN", help=RUN)
    return resume


def _add_data(commands: Commands) -> None:
    data = add_command(commands, "data", "list and check data sets")
    actions = data.add_subparsers(
        metavar="ACTION", title="actions", required=True, parser_class=Parser
    )
    listing = add_command(actions, "list", "list the bundled data sets, and what files can be read")
    listing.set_defaults(command=("studies.commands.data", "list_datasets"))
    check = add_command(
        actions,
        "check",
        "say what is understood of a data set, before anything is trained",
        "examples:\n  fitgap data check iris\n  fitgap data check data.csv --target price",
    )
    check.set_defaults(command=("studies.commands.data", "check_dataset"))
    check.add_argument("data", metavar="DATA", help=_DATA)
    add_options({"data": check}, RunSettings)


def _add_bench(commands: Commands) -> None:
    bench = add_command(commands, "bench", "measure how far the tool can be trusted")
    subjects = bench.add_subparsers(
        metavar="SUBJECT", title="subjects", required=True, parser_class=Parser
    )
    verdicts = add_command(
        subjects,
        "verdicts",
        "measure how often each verdict errs, on problems whose truth is known",
        "examples:\n  fitgap bench verdicts --instances 5\n  fitgap bench verdicts --out bench",
    )
    verdicts.set_defaults(command=("studies.commands.bench", "bench"))
    verdicts.add_argument("--instances", metavar="N", help="problems of each family (default 40)")
    verdicts.add_argument(
        "--set",
        metavar="NAME",
        default="report",
        help="calibration, on which thresholds were set, or report (default), which shares no"
        " problem with it",
    )
    verdicts.add_argument(
        "--seed", metavar="S", help="where all random numbers come from (default 0)"
    )
    verdicts.add_argument(
        "--workers", metavar="N", help="processes; they change no result (default: one per core)"
    )
    verdicts.add_argument(
        "--out", metavar="DIR", help="a new folder for error_rates.json and the page of docs"
    )


_DATA: Final = (
    "a bundled data set (see `fitgap data list`), or a file that ends in " + describe_endings()
)
_CHANGES: Final = {  # what a run may go on with; what is said of it where that differs
    "trials": "configurations in all (default: as the run began)",
    "budget": "more time, for a sweep that began with a budget of time",
    "storage": "another database for the study, or none to do without",
    "baselines": "from now on fit no simple models",
    "report": "from now on write no report.html",
    **dict.fromkeys(("workers", "audit", *PATIENCE), ""),
}
_FIXED: Final = (
    "it is fixed when a run begins, so that its trials can be compared; begin a new run with it, as"
    " `fitgap sweep DATA ... --start RUN` does with the best of this one"
)
_EPILOG: Final = """\
examples:
  fitgap sweep digits                    a first sweep, in about two minutes
  fitgap sweep data.csv --target price   your own table
  fitgap study dropout digits            does dropout help, and how much of it?
  fitgap status runs/NAME                how far it is, and what it found

exit codes: 0 done; 1 unexpected; 2 usage or configuration; 3 data; 4 no trial
finished; 5 storage or engine; 6 a --fail-if condition holds; 130 interrupted,
resumable"""
_STUDY_EXAMPLES: Final = """\
examples:
  fitgap study list
  fitgap study dropout digits --dry-run
  fitgap study capacity fashion-mnist --rows 2000 --label-noise 0.2
  fitgap study mine.toml data.csv --target price --seeds 20"""
_SWEEP_EXAMPLES: Final = """\
examples:
  fitgap sweep digits --trials 50 --set depth=1..3 --set activation=relu
  fitgap sweep data.csv --target price --out runs/price --workers 4
  fitgap sweep data.csv --target price --dry-run"""
