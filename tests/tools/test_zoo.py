"""A zoo of a few tables in the style of R's, and what `make zoo` makes of them."""

import dataclasses

import numpy as np
import pytest

from tools.zoo.document import BEGIN, END, update_page, zoo_table
from tools.zoo.pool import DIED, TIMED_OUT, Commands, Outcome
from tools.zoo.tables import Table, read_table
from tools.zoo.visit import Check, Sweep, check_tables, choose, sweep_tables

ROWS = 60
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=ROWS).round(3)
COUNTS = RNG.integers(1, 40, size=ROWS)


def r_table(header, *columns, labels=None):
    """A table as R's write.csv leaves it: labels in front, texts in quotes."""
    labels = range(1, ROWS + 1) if labels is None else labels
    lines = [",".join(f'"{name}"' for name in ("", *header))]
    for label, *cells in zip(labels, *columns, strict=True):
        texts = [f'"{cell}"' if isinstance(cell, str) and cell != "NA" else cell for cell in cells]
        lines.append(",".join([f'"{label}"', *map(str, texts)]))
    return "\n".join(lines) + "\n"


def cycle(*values):
    return [values[row % len(values)] for row in range(ROWS)]


def some_missing(values):
    return ["NA" if row % 9 == 0 else value for row, value in enumerate(values)]


def months(year):
    return [f"{year + row // 12}-{row % 12 + 1:02}-01" for row in range(ROWS)]


def few(values, odd):
    """Values of which the eighth is another."""
    return [odd if row == 7 else value for row, value in enumerate(values)]


ZOO = {  # the task of each, and the table
    "cars": ("regression", r_table(("cyl", "gear", "mpg"), COUNTS, cycle("3", "4"), NUMBERS,
                                   labels=[f"Mazda RX{row}" for row in range(ROWS)])),
    "missing": ("regression", r_table(("a", "b", "y"), some_missing(COUNTS), cycle("u", "v", "w"),
                                      some_missing(NUMBERS))),
    "decay": ("binary", r_table(("age", "sex", "dead"), COUNTS, cycle("m", "f"),
                                cycle("TRUE", "FALSE", "FALSE"))),
    "status": ("binary", r_table(("age", "x", "event"), COUNTS, NUMBERS,
                                  some_missing(cycle(0, 1)))),
    "species": ("multiclass", r_table(("length", "width", "species"), NUMBERS, COUNTS,
                                      few(cycle("setosa", "virginica", "versicolor"), "hybrid"))),
    "levels": ("multiclass", r_table(("dose", "x", "severity"), cycle(0.5, 1, 2), NUMBERS,
                                     cycle(1, 2, 3, 4))),
    "economy": ("regression", r_table(("date", "pop", "rate"),
                                      months(1960),
                                      COUNTS, NUMBERS)),
    "panel": ("regression", r_table(("firm", "year", "value"), cycle(*range(6)),
                                    [1990 + row // 6 for row in range(ROWS)], NUMBERS)),
}  # fmt: skip


@pytest.fixture(name="zoo")
def _zoo(tmp_path):
    folder = tmp_path / "zoo"
    folder.mkdir()
    for name, (_, text) in ZOO.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [read_table(folder / f"{name}.csv") for name in ZOO]


@pytest.mark.slow
def test_tables_of_r_are_read_as_they_are(zoo):
    assert [table.is_fit for table in zoo] == [True] * len(ZOO)
    checks = check_tables(zoo, processes=1)
    assert [(check.fate, check.reason) for check in checks] == [("read", "")] * len(ZOO)
    assert [check.task for check in checks] == [task for task, _ in ZOO.values()]


@pytest.mark.long
def test_a_table_of_each_task_is_swept_and_predicted(zoo, tmp_path):
    chosen = choose(check_tables(zoo, processes=1), 3)
    assert {check.task for check in chosen} == {"binary", "multiclass", "regression"}
    sweeps = sweep_tables(chosen, tmp_path, processes=1)
    assert [sweep.reason for sweep in sweeps] == [""] * 3


@pytest.mark.slow
def test_a_command_that_hangs_or_dies_takes_no_other_along(zoo):
    commands = Commands(time_limit=0.001)
    path, target = str(zoo[0].path), zoo[0].target
    assert commands.run("data", "check", path, "--target", target).code == TIMED_OUT
    commands = Commands(time_limit=120)
    done = commands.run("data", "check", path, "--target", target)
    assert (done.code, done.is_broken) == (0, False)
    assert "regression" in done.stdout
    commands._process.kill()
    assert commands.run("data", "list").code == DIED
    assert commands.run("data", "list", "--nonsense").code == 2
    commands.close()


@pytest.mark.parametrize(
    ("code", "stderr", "broken"),
    [
        (0, "", False),
        (3, "error: x.csv: has no rows", False),
        (1, "error: unexpected", True),
        (DIED, "", True),
        (TIMED_OUT, "", True),
        (3, "Traceback (most recent call last):", True),
    ],
)
def test_what_is_broken(code, stderr, broken):
    assert Outcome(code=code, stdout="", stderr=stderr, seconds=0).is_broken is broken


def target_only(values):
    return r_table(("a", "b", "y"), NUMBERS, COUNTS, values)


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        (target_only(NUMBERS), True),
        (target_only(cycle("u", "v")), True),
        (target_only([f"name {row}" for row in range(ROWS)]), False),
        (target_only(cycle("u")), False),
        (target_only(cycle(7)), False),
        (target_only(few(cycle(7), 8)), False),
        (target_only(["NA" if row < 21 else row for row in range(ROWS)]), False),  # 39 rows
        (target_only(["NA" if row < 20 else row for row in range(ROWS)]), True),
        (r_table(("a", "y"), NUMBERS, COUNTS), False),  # one feature
    ],
)
def test_a_table_is_fit_by_its_rows_features_and_target(tmp_path, text, fit):
    path = tmp_path / "t.csv"
    path.write_text(text)
    assert read_table(path).is_fit is fit
    assert read_table(path).rows == ROWS


def made_up(folder, name, task, rows, **more):
    table = Table(path=folder / f"{name}.csv", target="y", rows=rows, is_fit=True)
    return Check(**{"table": table, "fate": "read", "task": task, **more})


def test_small_and_large_tables_of_each_task_are_chosen(tmp_path):
    checks = [made_up(tmp_path, f"r{rows}", "regression", rows) for rows in range(40, 140)]
    checks += [made_up(tmp_path, f"b{rows}", "binary", rows) for rows in range(40, 60)]
    checks += [made_up(tmp_path, f"m{rows}", "multiclass", rows) for rows in (50, 90)]
    checks.append(made_up(tmp_path, "refused", "", 90, fate="refused"))
    unfit = dataclasses.replace(checks[0].table, is_fit=False)
    checks.append(dataclasses.replace(checks[0], table=unfit))
    chosen = choose(checks, 12)
    assert len({check.table.name for check in chosen}) == 12
    rows = {task: [check.table.rows for check in chosen if check.task == task]
            for task in ("binary", "multiclass", "regression")}  # fmt: skip
    assert [len(found) for found in rows.values()] == [5, 2, 5]
    assert [(found[0], found[-1]) for found in rows.values()] == [(40, 59), (50, 90), (40, 139)]
    assert choose(checks, 12) == chosen


def test_what_was_not_read_or_swept_is_listed_and_the_page_keeps_the_rest(tmp_path):
    folder = tmp_path / "MASS"
    checks = [
        made_up(folder, "one", "binary", 90),
        made_up(folder, "two", "regression", 90),
        made_up(folder, "bad", "", 90, fate="refused", reason=f"{folder}/bad.csv: has | no rows"),
    ]
    sweeps = [
        Sweep(check=check, reason=reason, seconds=1)
        for check, reason in zip(checks, ("", "1: a crash"), strict=False)
    ]
    text = zoo_table(checks, sweeps, minutes=2)
    assert "| MASS | 3 | 2 | 1 | 0 | 3 | 2 | 1 of 2 |" in text
    assert "| MASS/bad | refused | yes | has \\| no rows |" in text
    assert "| MASS/two | not swept | yes | 1: a crash |" in text
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    update_page(page, text)
    update_page(page, text)
    assert page.read_text() == f"before\n{BEGIN}\n\n{text}\n{END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(ValueError, match=r"page\.md: lacks the lines"):
        update_page(page, text)
