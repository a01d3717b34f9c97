"""Write what came of the zoo as Markdown, between two marks of a page."""

import datetime as dt
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.zoo.visit import TASKS, Check, Sweep

BEGIN = "<!-- zoo: written by `make zoo` -->"
END = "<!-- zoo: end -->"
LONGEST_REASON = 160


def zoo_table(checks: Sequence[Check], sweeps: Sequence[Sweep], *, minutes: float) -> str:
    """Return the table of folders, and below it every table that was not read or not swept."""
    lines = [
        "| package | tables | read | refused | broken | fit | read of these | predicted |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    folders = list(dict.fromkeys(check.table.path.parent.name for check in checks))
    lines += [_row(name, *_within(name, checks, sweeps)) for name in folders]
    lines += [_row("all", checks, sweeps), ""]
    tasks = Counter(sweep.check.task for sweep in sweeps)
    swept = ", ".join(f"{tasks[task]} {task}" for task in TASKS)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    lines += [
        f"Measured {today} in {minutes:.0f} minutes on {os.cpu_count()} cores. Swept: {swept}.",
        "",
    ]
    unread = [check for check in checks if check.fate != "read"]
    told: list[tuple[str, str, str, bool]] = [
        (check.table.name, check.fate, check.reason, check.table.is_fit) for check in unread
    ]
    failed = [sweep for sweep in sweeps if sweep.reason]
    told += [(sweep.check.table.name, "not swept", sweep.reason, True) for sweep in failed]
    if told:
        lines += ["| table | | fit | reason |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {name} | {fate} | {'yes' if is_fit else ''} | {_cell(reason)} |"
        for name, fate, reason, is_fit in told
    ]
    return "\n".join(lines).strip() + "\n"


def update_page(page: Path, text: str) -> None:
    """Put a text between the marks of a page.

    Raises:
        ValueError: The page does not have both marks.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"{page}: lacks the lines {BEGIN} and {END}; write them where the table goes"
        raise ValueError(message)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _within(
    folder: str, checks: Sequence[Check], sweeps: Sequence[Sweep]
) -> tuple[list[Check], list[Sweep]]:
    inside = [check for check in checks if check.table.path.parent.name == folder]
    swept = [sweep for sweep in sweeps if sweep.check.table.path.parent.name == folder]
    return inside, swept


def _row(name: str, checks: Sequence[Check], sweeps: Sequence[Sweep]) -> str:
    fates = Counter(check.fate for check in checks)
    fit = [check.fate for check in checks if check.table.is_fit]
    good = sum(not sweep.reason for sweep in sweeps)
    cells = [len(checks), fates["read"], fates["refused"], fates["broken"], len(fit)]
    cells += [fit.count("read")]
    return f"| {name} | {' | '.join(map(str, cells))} | {good} of {len(sweeps)} |"


def _cell(reason: str) -> str:
    """Return a reason without the path that it begins with, short enough for a cell."""
    text = " ".join(reason.split(".csv: ", 1)[-1].split()).replace("|", "\\|")
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
