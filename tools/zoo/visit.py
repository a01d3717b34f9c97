"""Run `data check` on every table, and whole sweeps with predictions on some of each task."""

import csv
import dataclasses
import functools
import io
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tools.zoo.pool import Commands, Outcome, run_jobs
from tools.zoo.tables import Table

TASKS = ("binary", "multiclass", "regression")
SWEEP = ("--trials", "3", "--epochs", "3", "--confirm", "1", "--workers", "1")

Fate = Literal["read", "refused", "broken"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What `data check` made of a table; the reason is empty for one that was read."""

    table: Table
    fate: Fate
    task: str = ""
    reason: str = ""
    warnings: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a sweep and its predictions made of a table; the reason is empty where all went well."""

    check: Check
    reason: str
    seconds: float


def check_tables(
    tables: Sequence[Table], *, processes: int = 2, time_limit: float = 60
) -> list[Check]:
    """Check each table, unmodified, with its last column as target."""
    jobs = [functools.partial(_check, table) for table in tables]
    return run_jobs(jobs, processes=processes, time_limit=time_limit)


def sweep_tables(
    checks: Sequence[Check], folder: Path, *, processes: int = 2, time_limit: float = 300
) -> list[Sweep]:
    """Sweep each table with few trials and epochs, and predict its own rows with the result.

    Args:
        checks: Tables that were read.
        folder: Where runs may lie for a while.
        processes: Tables that are worked on at a time.
        time_limit: Seconds for each command.
    """
    jobs = [functools.partial(_sweep, check, folder) for check in checks]
    return run_jobs(jobs, processes=processes, time_limit=time_limit)


def choose(checks: Sequence[Check], number: int) -> list[Check]:
    """Choose tables to sweep: as many of each task as there are, from the smallest to the largest.

    Args:
        checks: All of them; those that are fit and were read are chosen from.
        number: How many to choose.
    """
    fit = sorted(
        (check for check in checks if check.table.is_fit and check.fate == "read"),
        key=lambda check: (check.table.rows, check.table.name),
    )
    chosen: list[Check] = []
    groups = sorted(([check for check in fit if check.task == task] for task in TASKS), key=len)
    for place, group in enumerate(groups):  # what the rarer tasks lack, the others give
        wanted = min(len(group), round((number - len(chosen)) / (len(groups) - place)))
        last = len(group) - 1
        chosen += [group[round(n * last / max(wanted - 1, 1))] for n in range(wanted)]
    return chosen


def _check(table: Table, commands: Commands) -> Check:
    done = commands.run("data", "check", str(table.path), "--target", table.target)
    if reason := _why(done):
        return Check(table=table, fate="broken" if done.is_broken else "refused", reason=reason)
    said = re.search(r"^task +(binary|regression)?", done.stdout, re.MULTILINE)
    assert said, done.stdout
    warnings = len(re.findall(r"^warning: ", done.stdout, re.MULTILINE))
    return Check(table=table, fate="read", task=said[1] or "multiclass", warnings=warnings)


def _sweep(check: Check, folder: Path, commands: Commands) -> Sweep:
    table, run = check.table, folder / check.table.name.replace("/", "-")
    path = str(table.path)
    done = commands.run("sweep", path, "--target", table.target, *SWEEP, "--out", str(run))
    seconds, reason = done.seconds, _why(done)
    if not reason:
        predicted = commands.run("predict", str(run), path)
        seconds += predicted.seconds
        reason = _why(predicted) or _lacking(predicted.stdout, table.rows)
    shutil.rmtree(run, ignore_errors=True)
    print(f"{table.name}: {reason or 'swept'} in {seconds:.0f} s", file=sys.stderr)
    return Sweep(check=check, reason=reason, seconds=seconds)


def _why(done: Outcome) -> str:
    """Return why a command did not do what it should; an empty text if it did."""
    if done.code == 0 and not done.is_broken:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    said = lines[0].removeprefix("error: ") if lines else done.stderr.strip()[-200:]
    return said if done.code in (2, 3) else f"{done.code}: {said}"


def _lacking(predictions: str, rows: int) -> str:
    found = list(csv.DictReader(io.StringIO(predictions)))
    if len(found) != rows:
        return f"{len(found)} predictions for {rows} rows"
    empty = sum(not line["prediction"] or line["prediction"] == "nan" for line in found)
    return f"{empty} empty predictions" if empty else ""
