"""The options of every command, and their help."""

import argparse
from importlib import metadata
from typing import Final

from studies.commands.cluster_arguments import add_cluster_arguments
from studies.commands.comparing_arguments import add_comparing_commands
from studies.commands.data_arguments import add_data_arguments
from studies.commands.output_arguments import RUN, add_fail_if, add_output_commands
from studies.commands.parser import Commands, Parser, add_command
from sweep.activations import ACTIVATIONS
from sweep.data.formats import describe_endings
from sweep.optimizers import OPTIMIZERS


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
    data = sweep.add_argument_group("data")
    data.add_argument("data", metavar="DATA", nargs="?", help=_DATA)
    add_data_arguments(data)
    _add_rows(data)
    search = sweep.add_argument_group("search")
    search.add_argument("--trials", metavar="N", help="configurations to train (default 30)")
    search.add_argument("--budget", metavar="MOST", help=_BUDGET)
    search.add_argument(
        "--epochs", metavar="N", help="passes over the training rows in each trial (default 30)"
    )
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
    search.add_argument("--sampler", metavar="NAME", help="tpe (default), random, qmc or grid")
    search.add_argument(
        "--pruner",
        metavar="NAME",
        help="how bad trials are stopped early: halving (default from 20 trials on), one-epoch or"
        " none",
    )
    search.add_argument("--audit", action="store_true", help=_AUDIT)
    search.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one hyperparameter: depth=3 fixes it, width=32,64,128 gives choices, dropout=0..0.5"
        " a range; may be repeated. Keys: depth, width, shape, dropout, activation"
        f" ({', '.join(ACTIVATIONS)}), optimizer ({', '.join(OPTIMIZERS)}), learning_rate (or"
        " learning_rate.adam ...), momentum, weight_decay, use_bias, batch_size, max_parameters."
        " --dry-run shows the defaults",
    )
    search.add_argument(
        "--space", metavar="FILE.toml", help="the search space, as --dry-run prints it"
    )
    search.add_argument(
        "--config", metavar="FILE.toml", help="any of these settings, and the space under [space]"
    )
    search.add_argument(
        "--seed",
        metavar="S",
        help="where all random numbers come from: an equal seed gives an equal sweep (default 0)",
    )
    search.add_argument(
        "--workers",
        metavar="N",
        help="trials trained at a time; up to four change no result, nor do more with the same lag"
        " (default: one per core)",
    )
    search.add_argument(
        "--lag",
        metavar="N",
        help="draw a configuration from the results of this many trials before it and earlier; at"
        " most so many trials are trained at a time (default: 8, or 4 for each of many workers)",
    )
    search.add_argument("--storage", metavar="URL", help=_STORAGE)
    _add_limits(search)
    add_cluster_arguments(sweep)
    result = sweep.add_argument_group("result")
    result.add_argument(
        "--confirm",
        metavar="SEEDS",
        help="fresh seeds on which each of the best 3 configurations is trained again"
        " (default 5; 0 for none)",
    )
    result.add_argument(
        "--score",
        metavar="NAME",
        help="what is shown first, and chooses the winner: accuracy, balanced-accuracy, roc-auc,"
        " average-precision, f1, log-loss or brier; r2, rmse or mae (default: accuracy or r2 is"
        " shown, and the validation loss, which the search minimises, chooses)",
    )
    result.add_argument(
        "--no-baselines", action="store_true", help="fit no simple models to compare with"
    )
    result.add_argument("--no-report", action="store_true", help="write no report.html")
    add_fail_if(result)
    result.add_argument(
        "--out", metavar="DIR", help="the run folder (default: runs/DATA-DATE-TIME)"
    )
    result.add_argument(
        "--dry-run",
        action="store_true",
        help="check everything, print what would be done, and train nothing",
    )
    return sweep


def _add_study(commands: Commands) -> Parser:
    study = add_command(
        commands, "study", "answer a question about capacity, with intervals", _STUDY_EXAMPLES
    )
    study.set_defaults(command=("studies.commands.study", "study"))
    study.add_argument(
        "study", metavar="STUDY", help="list, the name of a built-in study, or a TOML file"
    )
    data = study.add_argument_group("data")
    data.add_argument("data", metavar="DATA", nargs="?", help=_DATA)
    add_data_arguments(data)
    _add_rows(data)
    data.add_argument(
        "--label-noise",
        metavar="SHARE",
        help="permute the targets of this share of the training rows (default 0)",
    )
    design = study.add_argument_group("design")
    design.add_argument(
        "--seeds", metavar="N", help="paired seeds on which every arm is compared (default 10)"
    )
    design.add_argument(
        "--folds", metavar="K", help="train every seed in K folds (default: one split)"
    )
    design.add_argument(
        "--budget",
        metavar="MOST",
        help="at most so much: trials, such as 200, or time, such as 5m (default: no limit)",
    )
    design.add_argument(
        "--epochs", metavar="N", help="passes over the training rows (default: the study's)"
    )
    design.add_argument(
        "--margin",
        metavar="SCORE",
        help="the largest difference in score that is no matter (default 0.01)",
    )
    design.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one hyperparameter in place of the study's: depth=3 fixes it; several values"
        " (width=32,64,128, or a range) are what the study compares, or what each arm is tuned"
        " over; may be repeated",
    )
    design.add_argument(
        "--seed", metavar="S", help="where all random numbers come from (default 0)"
    )
    design.add_argument(
        "--workers", metavar="N", help="trials trained at a time (default: one per core)"
    )
    _add_limits(design)
    add_cluster_arguments(study)
    result = study.add_argument_group("result")
    result.add_argument("--no-report", action="store_true", help="write no report.html")
    add_fail_if(result)
    result.add_argument(
        "--out", metavar="DIR", help="the run folder (default: runs/STUDY-DATA-DATE-TIME)"
    )
    result.add_argument(
        "--dry-run",
        action="store_true",
        help="check everything, print the arms, the trials and the expected time",
    )
    return study


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
        "--trials", metavar="N", help="configurations in all (default: as the run began)"
    )
    resume.add_argument(
        "--budget", metavar="MOST", help="more time, for a sweep that began with a budget of time"
    )
    resume.add_argument(
        "--workers", metavar="N", help="trials trained at a time (default: one per core)"
    )
    resume.add_argument(
        "--failed",
        action="store_true",
        help="train failed trials again, each with its configuration and seed",
    )
    _add_limits(resume)
    resume.add_argument("--audit", action="store_true", help=_AUDIT)
    add_cluster_arguments(resume)
    resume.add_argument(
        "--storage", metavar="URL", help="another database for the study, or none to do without"
    )
    resume.add_argument(
        "--no-baselines", action="store_true", help="from now on fit no simple models"
    )
    resume.add_argument("--no-report", action="store_true", help="from now on write no report.html")

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
    add_data_arguments(check)


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


def _add_limits(parser: "argparse._ActionsContainer") -> None:
    parser.add_argument(
        "--trial-timeout",
        metavar="SECONDS",
        help="a trial that trains longer has failed, and its worker is renewed (default: no limit)",
    )
    parser.add_argument(
        "--memory-limit",
        metavar="GB",
        help="a trial whose worker takes more has failed, and its worker is renewed; TensorFlow"
        " alone takes 0.6 (default: no limit)",
    )
    parser.add_argument(
        "--max-failures",
        metavar="N",
        help="failed trials in a row that stop the run (default 10)",
    )


def _add_rows(parser: "argparse._ActionsContainer") -> None:
    parser.add_argument(
        "--rows", metavar="N", help="use only so many rows, drawn by class (default: all)"
    )


_DATA: Final = (
    "a bundled data set (see `fitgap data list`), or a file that ends in " + describe_endings()
)
_BUDGET: Final = (
    "at most so much: trials, such as 200, or time, such as 10m or 2h, of one worker and by an"
    " estimate from the work in the trials, so that no clock decides; with --trials, both"
)
_FIXED: Final = (
    "it is fixed when a run begins, so that its trials can be compared; begin a new run with it, as"
    " `fitgap sweep DATA ... --start RUN` does with the best of this one"
)
_AUDIT: Final = "train a random tenth of the pruned trials to their end, to tell what pruning cost"
_STORAGE: Final = (
    "keep the Optuna study in a database too: postgresql+psycopg://USER@HOST/DATABASE, whose"
    " password comes from PGPASSWORD or ~/.pgpass, or sqlite:///FILE (see docs/storage.md)"
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
