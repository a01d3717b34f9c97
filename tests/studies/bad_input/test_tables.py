import re
from pathlib import Path

import pytest


def table(row, header="a,target", rows=40):
    """A table of rows made by number."""
    return "".join(f"{line}\n" for line in [header, *(row(n) for n in range(rows))])


def with_line(n, line, good=lambda n: f"{n * 7 % 11}.5,{'uv'[n % 2]}"):
    """A good table but for one row, which stands on line n + 2 of the file."""
    return table(lambda place: line if place == n else good(place))


def label(n):
    return "uv"[n % 2]


REFUSED_TABLES = [
    ("empty", "", "is empty; give a header and rows"),
    ("header only", "a,target\n", "has a header and no rows; add the rows"),
    (
        "too few rows",
        table(lambda n: f"{n},{label(n)}", rows=6),
        "has 6 rows; a split needs at least 10",
    ),
    (
        "target missing",
        table(lambda n: f"{n},{label(n)}", "a,tarqet"),
        (
            "no target was named and it has none of target, label, class or y;"
            " name one with --target; the columns are 'a', 'tarqet'"
        ),
    ),
    (
        "infinite values",
        with_line(3, "inf,u"),
        (
            "column 'a': inf is infinite or beyond float32 (line 5);"
            " leave the cell empty, or rescale the column"
        ),
    ),
    (
        "numbers beyond float32",
        with_line(3, "1e39,u"),
        (
            "column 'a': 1e39 is infinite or beyond float32 (line 5);"
            " leave the cell empty, or rescale the column"
        ),
    ),
    (
        "target beyond float32",
        table(lambda n: f"{n},{'1e39' if n == 3 else n + 0.5}"),
        (
            "target 'target': 1e39 is infinite or beyond float32 (line 5);"
            " remove these rows, or rescale the target"
        ),
    ),
    (
        "mixed types",
        table(lambda n: f"{'4 kg' if n == 3 else n + 0.5},{label(n)}"),
        (
            "column 'a': '4 kg' among numbers (line 5); write a number, or leave the cell empty,"
            " or give --numeric a or --categorical a"
        ),
    ),
    (
        "thousands separators or decimal commas, which cannot be told apart",
        table(lambda n: f"{n + 1},234;{label(n)}", "a;target"),
        (
            "column 'a': '1,234' may be written with a decimal comma or commas between thousands;"
            " say which with --decimal , or --decimal ."
        ),
    ),
    (
        "single class",
        table(lambda n: f"{n},u"),
        (
            "target 'target': every row has the class 'u', so there is nothing to learn;"
            " name another column as target"
        ),
    ),
    (
        "single value",
        table(lambda n: f"{n},1.5"),
        (
            "target 'target': every row has the value 1.5, so there is nothing to learn;"
            " name another column as target"
        ),
    ),
    (
        "texts without classes",
        table(lambda n: f"{n % 7},text {n}"),
        (
            "target 'target': 40 different texts in 40 rows are no classes;"
            " name another column as target"
        ),
    ),
    (
        "ragged row, too many",
        with_line(3, "1,u,9"),
        "line 5: 3 cells where the header has 2; mend the line (separator ',')",
    ),
    (
        "ragged row, too few",
        with_line(3, "1"),
        "line 5: 1 cell where the header has 2; mend the line (separator ',')",
    ),
    (
        "unclosed quote",
        with_line(3, '1,"u'),
        'line 5: a quote (") is opened and never closed; close it, or write "" for a quote',
    ),
    (
        "UTF-16 without",
        table(lambda n: f"{n},{label(n)}").encode("utf-16-le"),
        "line 1 holds a NUL byte; it may be UTF-16: save it as UTF-8",
    ),
    (
        "NUL bytes",
        with_line(3, "1\0,u"),
        "line 5 holds a NUL byte; remove it, or write the file again",
    ),
    (
        "wrong separator",
        table(lambda n: f"{n}:{label(n)}", "a:target"),
        (
            "has the single column 'a:target'; a table needs a target and a feature,"
            " divided by a comma, semicolon, tab or |"
        ),
    ),
    (
        "another format",
        b"PAR1" + bytes(40),
        (
            "its content is a Parquet file, not CSV text; give it the name that belongs to its"
            " format (.csv, .tsv, .txt, .data, .parquet, .npz), or export it as CSV"
        ),
    ),
]


@pytest.mark.parametrize(
    ("content", "told"),
    [pytest.param(content, told, id=what) for what, content, told in REFUSED_TABLES],
)
def test_a_bad_table_is_refused(content, told, refuse):
    Path("t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())

    for command in (["data", "check"], ["sweep", "--dry-run", "--out", "run"]):
        assert refuse(*command, "t.csv") == (3, [f"t.csv: {told}"])


ACCEPTED_TABLES = [
    (
        "duplicated column names",
        table(lambda n: f"{n % 7},{n % 5},{label(n)}", "a,a,target"),
        "warning: a name that another column has, called apart: 'a.1'",
    ),
    (
        "empty column name",
        table(lambda n: f"{n % 7},{n % 5},{label(n)}", "a,,target"),
        "warning: no name, called apart: 'Unnamed: 1'",
    ),
    (
        "missing values in the target",
        with_line(5, "3,"),
        "warning: target 'target': 1 row without a value is left out (line 7)",
    ),
    (
        "class with one member",
        with_line(3, "1,w"),
        (
            "warning: target 'target': classes with one row are left out, since they cannot be"
            " split: 'w'"
        ),
    ),
    (
        "target duplicated among the features",
        table(lambda n: f"{n % 7},{label(n)},{label(n)}", "a,target,target"),
        "warning: leak: column 'target.1' gives the target 'target' away",
    ),
    (
        "a trailing comma on every row",
        table(lambda n: f"{n % 7},{label(n)},"),
        "warning: every row ends with a separator too many; it was left out",
    ),
    (
        "a trailing comma on every row and on the header",
        table(lambda n: f"{n % 7},{label(n)},", "a,target,"),
        "warning: no name and no value, left out: 'column 3'",
    ),
    (
        "not UTF-8",
        with_line(3, "1,é", lambda n: f"{n % 7},{'ué'[n % 2]}").encode("latin-1"),
        "warning: line 3 is not UTF-8 (byte 0xe9); read as Windows-1252",
    ),
    (
        "UTF-16 with its mark",
        table(lambda n: f"{n % 7},{label(n)}").encode("utf-16"),
        "warning: the file is UTF-16, and was read as such",
    ),
    (
        "all-missing column",
        table(lambda n: f"{n % 7},,{label(n)}", "a,b,target"),
        "warning: column 'b': dropped, no row has a value",
    ),
    (
        "missing values in a feature",
        table(lambda n: f"{'' if n in (3, 8) else n % 7},{label(n)}"),
        "missing 2 of 40 cells (5.0%) in 1 column",
    ),
    (
        "mixed types, mostly texts",
        table(lambda n: f"{n % 3 or 'x'},{label(n)}"),
        (
            "warning: column 'a': numbers and other texts mixed ('x', lines 2, 5, 8, 11, 14 and"
            " 9 more); read as categories"
        ),
    ),
    (
        "thousands separators",
        table(lambda n: f"{n + 1},234.5;{label(n)}", "a;target"),
        "warning: column 'a': read as numbers with commas between thousands",
    ),
    (
        "decimal commas",
        table(lambda n: f"{n + 1},5;{label(n)}", "a;target"),
        "warning: column 'a': read as numbers with a decimal comma",
    ),
    (
        "labels NA, None and null are labels",
        table(lambda n: f"{n % 7},{['NA', 'None', 'null'][n % 3]}"),
        "task classification, 3 classes",
    ),
    (
        "constant column",
        table(lambda n: f"{n % 7},5,{label(n)}", "a,b,target"),
        "warning: column 'b': dropped, constant: every row has the value '5.0'",
    ),
    (
        "identifier column",
        table(lambda n: f"{1000 + 3 * n},{n % 7},{label(n)}", "customer_id,a,target"),
        "warning: column 'customer_id': dropped, an identifier by its name",
    ),
    (
        "date column",
        table(lambda n: f"2020-01-{n % 28 + 1:02},{n % 7},{label(n)}", "when,a,target"),
        "warning: column 'when': dates, learnt from as days, weekday",
    ),
    (
        "feature that equals the target",
        table(lambda n: f"{n % 7},{label(n)},{label(n)}", "a,copy,target"),
        "warning: leak: column 'copy' gives the target 'target' away",
    ),
    (
        "duplicated rows across splits",
        table(lambda n: f"{n % 4},{label(n)}"),
        "validation or test rows stand in the training split too",
    ),
    (
        "a byte order mark is no part of the first name",
        b"\xef\xbb\xbf" + table(lambda n: f"{n % 7},{label(n)}").encode(),
        "\na numeric",
    ),
    ("a thousand classes", table(lambda n: f"{n % 7},c{n % 1000}", rows=4000), "1,000 classes"),
]


@pytest.mark.parametrize(
    ("content", "said"),
    [pytest.param(content, said, id=what) for what, content, said in ACCEPTED_TABLES],
)
def test_an_odd_table_is_accepted_and_that_is_said(content, said, accept):
    Path("t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())

    assert said in re.sub(" +", " ", accept("data", "check", "t.csv"))


def test_a_misspelt_target_is_guessed(refuse):
    Path("t.csv").write_text(table(lambda n: f"{n},{label(n)}", "a,price"))

    told = "t.csv: has no target column 'prize'; did you mean 'price'?"
    assert refuse("data", "check", "t.csv", "--target", "prize") == (3, [told])


def test_a_class_unseen_in_training_is_named(refuse):
    rows = table(lambda n: f"{n % 7},{n // 20},{'uvw'[n // 20]}", "a,g,target", rows=60)
    Path("t.csv").write_text(rows)

    code, told = refuse("data", "check", "t.csv", "--group", "g")

    assert code == 3
    assert re.fullmatch(
        r"t\.csv: classes without a row in the training split: '.', '.'; add rows, .*", told[0]
    )


def test_all_faults_of_a_table_are_told_at_once(refuse):
    header = "a,b,target"
    rows = table(lambda n: f"{'x' if n == 3 else n},{'inf' if n == 5 else n},u", header)
    Path("t.csv").write_text(rows)

    code, told = refuse("data", "check", "t.csv")

    assert code == 3
    assert [line.partition(":")[2].split(":")[0] for line in told] == [
        " target 'target'", " column 'a'", " column 'b'",
    ]  # fmt: skip
