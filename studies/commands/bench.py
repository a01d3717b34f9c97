"""The command that measures how often the verdicts err: `fitgap bench verdicts`."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from studies.commands.console import open_console, open_progress_console, print_table
from studies.commands.output_paths import run_folder_faults
from studies.commands.setting_options import read_number
from sweep.errors import ConfigurationError
from sweep.imports import large_imports
from sweep.safe_files import write_bytes, write_json
from sweep.training.device import default_workers

SETS: Final = ("calibration", "report")
SMALLEST: Final[Mapping[str, int]] = {"instances": 1, "seed": 0, "workers": 1}
INSTANCES: Final = 40
EVERY: Final = 20  # problems between two lines where there is no live display


def bench(options: argparse.Namespace) -> int:
    """Judge problems of known truth and print how often each verdict errs.

    Raises:
        ConfigurationError: Everything that is wrong with the options.
    """
    numbers = _read_options(options)
    with large_imports():
        from studies.bench.running import run_bench  # noqa: PLC0415 - seconds, which a wrong option does without
        from studies.bench.tables import document_of, results_of  # noqa: PLC0415 - the same

    with _Watch(open_progress_console()) as watch:
        cases = run_bench(stream=options.set, after_problem=watch.tell, **numbers)
    results = results_of(
        cases,
        instances=numbers["instances"],
        seed=numbers["seed"],
        stream=options.set,
    )
    _print_rates(results, open_console())
    if options.out is not None:
        folder = Path(options.out)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "error_rates.json", results)
        write_bytes(folder / "verdict-error-rates.md", document_of(results).encode())
        print(folder)  # noqa: T201 - the command's result
    return 0


def _read_options(options: argparse.Namespace) -> dict[str, int]:
    given = {"instances": INSTANCES, "seed": 0, "workers": default_workers()}
    faults = run_folder_faults(options.out)
    for name, smallest in SMALLEST.items():
        value = read_number(getattr(options, name))
        if value is None:
            continue
        if not isinstance(value, int) or value < smallest:
            faults.append(
                f"--{name}: {value!r} is no whole number from {smallest} on; give such a number"
            )
        else:
            given[name] = value
    if options.set not in SETS:
        faults.append(f"--set: {options.set!r} is none of {', '.join(SETS)}; give one of them")
    if faults:
        raise ConfigurationError(faults)
    return given


class _Watch:
    """Show how far the bench is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal and not console.is_dumb_terminal
        columns = (TextColumn("problems"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=console, disable=not self._live)
        self._task = self._progress.add_task("problems", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, done: int, total: int) -> None:
        """Show that some problems are done."""
        self._progress.update(self._task, completed=done, total=total)
        if not self._live and (done % EVERY == 0 or done == total):
            self._console.print(f"[{done}/{total}] problems judged", soft_wrap=True)


def _print_rates(results: Mapping[str, Any], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("about", "verdict", "seeds", "said though false", "missed though true"):
        table.add_column(name, justify="left" if name in {"about", "verdict"} else "right")
    for rate in results["rates"]:
        missed = rate["undecided"] + rate["wrong"]
        table.add_row(
            rate["about"],
            rate["verdict"],
            str(rate["seeds"]),
            _share(rate["said_though_false"], rate["false"], rate["false_positive"]),
            _share(missed, rate["true"], rate["false_negative"]),
        )
    print_table(console, table)


def _share(part: int, whole: int, interval: Mapping[str, float | None]) -> str:
    if interval["low"] is None or interval["high"] is None:
        return f"{part} of {whole}"
    low, high = 100 * interval["low"], 100 * interval["high"]
    return f"{part} of {whole} ({low:.1f} to {high:.1f} %)"
