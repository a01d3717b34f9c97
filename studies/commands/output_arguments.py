"""The options of the commands that pass a run on: report, figures and export."""

from typing import TYPE_CHECKING, Final

from reports.outputs.fact_names import FACTS, WORDS
from studies.commands.parser import Commands, add_command

if TYPE_CHECKING:
    import argparse

RUN: Final = "the folder of a run, as `fitgap sweep` named it"


def add_output_commands(commands: Commands) -> None:
    """Add `fitgap report`, `fitgap figures` and `fitgap export`.

    Args:
        commands: What argparse holds sub-commands in.
    """
    _add_report(commands)
    _add_figures(commands)
    _add_export(commands)


def add_fail_if(parser: "argparse._ActionsContainer") -> None:
    """Add `--fail-if`.

    Args:
        parser: Of a command that ends with the conclusion of a run.
    """
    parser.add_argument(
        "--fail-if",
        metavar="CONDITION",
        action="append",
        default=[],
        help="exit with 6 if this holds of the run, such as 'gap > 0.1' or 'verdict == overfits';"
        " may be repeated. `fitgap report --help` lists the facts",
    )


def _add_report(commands: Commands) -> None:
    report = add_command(
        commands,
        "report",
        "write the report of a run again, or its conclusion as Markdown or JSON",
        f"{_REPORT_EXAMPLES}\n\n{_list_facts()}",
    )
    report.set_defaults(command=("studies.commands.report", "report"))
    report.add_argument("run", metavar="RUN", help=RUN)
    report.add_argument(
        "--format",
        metavar="NAME",
        default="html",
        help="html (default): the whole report; md: findings and tables for a pull request; json:"
        " the same for programs",
    )
    report.add_argument(
        "--out",
        metavar="FILE",
        help="where to; - is standard output (default: RUN/report.html, .md or .json)",
    )
    add_fail_if(report)


def _add_figures(commands: Commands) -> None:
    figures = add_command(
        commands,
        "figures",
        "draw each figure of a report as a file of its own",
        "example:\n  fitgap figures runs/first --out figures --format pdf\n\n"
        "Files of the same names are replaced; their paths are printed.",
    )
    figures.set_defaults(command=("studies.commands.figures", "figures"))
    figures.add_argument("run", metavar="RUN", help=RUN)
    figures.add_argument("--out", metavar="DIR", required=True, help="the folder they go to")
    figures.add_argument(
        "--format", metavar="NAME", default="svg", help="svg (default), png or pdf"
    )


def _add_export(commands: Commands) -> None:
    export = add_command(
        commands,
        "export",
        "write the tables and curves of a run for another program",
        _EXPORT_EXAMPLES,
    )
    export.set_defaults(command=("studies.commands.export", "export"))
    export.add_argument("run", metavar="RUN", help=RUN)
    export.add_argument(
        "--format", metavar="NAME", required=True, help="csv, tensorboard or mlflow"
    )
    export.add_argument(
        "--out",
        metavar="DIR",
        help="where to: csv replaces trials.csv and epochs.csv there (default: RUN); tensorboard"
        " wants an empty folder; mlflow adds to the store in it",
    )


def _list_facts() -> str:
    """List what conditions can be about, for people."""
    lines = []
    common = FACTS["sweep"].keys() & FACTS["study"].keys()
    for title, kind in (("of a sweep", "sweep"), ("of a study", "study")):
        lines += [f"facts {title}:"]
        lines += [f"  {name:<22}{text}" for name, text in FACTS[kind].items() if name not in common]
    lines += ["facts of both:"]
    lines += [f"  {name:<22}{text}" for name, text in FACTS["sweep"].items() if name in common]
    words = ", ".join(WORDS["verdict"])
    return "\n".join([*lines, "", f"comparisons: < <= > >= == !=; a verdict is one of {words}"])


_REPORT_EXAMPLES: Final = """\
examples:
  fitgap report runs/first --out first.html
  fitgap report runs/first --format md --out - >> "$GITHUB_STEP_SUMMARY"
  fitgap report runs/first --format json --fail-if 'gap > 0.1' --fail-if 'alarms > 0'"""
_EXPORT_EXAMPLES: Final = """\
examples:
  fitgap export runs/first --format csv
  fitgap export runs/first --format tensorboard --out logs/first
  fitgap export runs/first --format mlflow --out tracking

tensorboard and mlflow are extras: pip install 'fitgap[tensorboard,mlflow]'"""
