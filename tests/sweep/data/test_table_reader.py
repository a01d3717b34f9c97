import gzip
import os
from csv import QUOTE_ALL
from csv import writer as csv_writer
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.sources import load_dataset
from sweep.data.table_csv import read_records
from sweep.data.table_reader import read_table
from sweep.errors import DataError

ROWS = "".join(f"{i},{i % 3}.5,{'ab'[i % 2]}\n" for i in range(20))


@pytest.fixture
def csv(tmp_path):
    def write(content: str | bytes, name: str = "data.csv") -> str:
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return write


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_each_separator_is_detected(csv, separator):
    path = csv(("a,b,target\n" + ROWS).replace(",", separator))
    assert list(read_table(path).frame.columns) == ["a", "b", "target"]


def test_separator_inside_quotes_does_not_count(csv):
    path = csv('a;b\n"1,2,3";x\n"4,5,6";y\n')
    assert read_table(path).frame["a"].tolist() == ["1,2,3", "4,5,6"]


def test_plain_gzipped_and_marked_utf8_read_alike(csv):
    text = "a,b\n1,é\n2,\N{SNOWMAN}\n"
    plain = read_table(csv(text)).frame
    pd.testing.assert_frame_equal(plain, read_table(csv(text, "data.csv.gz")).frame)
    marked = csv(b"\xef\xbb\xbf" + text.encode(), "bom.csv")
    pd.testing.assert_frame_equal(plain, read_table(marked).frame)


def test_line_ends_of_every_system_read_alike(csv):
    text = "a,b\n1,x\n2,y\n"
    frames = [read_table(csv(text.replace("\n", end))).frame for end in ("\n", "\r\n", "\r")]
    assert [frame.to_numpy().tolist() for frame in frames] == [[["1", "x"], ["2", "y"]]] * 3


def test_only_empty_cells_are_missing_and_words_stay(csv):
    path = csv('a,b\n,NA\n"",None\n  ,null\n1,nan\n')
    frame = read_table(path).frame
    assert frame["a"].isna().tolist() == [True, True, True, False]
    assert frame["b"].tolist() == ["NA", "None", "null", "nan"]


def test_lines_are_counted_as_an_editor_does(csv):
    path = csv('a,b\n1,"two\nlines"\n\n2,x\n   \n3,y\n')
    assert read_table(path).places.numbers.tolist() == [2, 5, 7]


def test_quoted_quotes_and_separators_are_kept(csv):
    assert read_table(csv('a,b\n"say ""x"", y",2\n')).frame["a"].tolist() == ['say "x", y']


def test_chunks_of_many_rows_join(csv):
    path = csv("a,b\n" + "".join(f"{i},x\n" for i in range(45_000)))
    table = read_table(path)
    assert table.frame["a"].astype(int).tolist() == list(range(45_000))
    assert table.places.numbers[-1] == 45_001


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b\n", "has a header and no rows"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 cells where the header has 2"),
        ("a,b\n1,2\n1\n", "line 3: 1 cell where the header has 2"),
        ('a,b\n1,2\n3,"4\n5,6\n', "line 3: a quote .* is opened and never closed"),
        ('a,b\n1,"2"x\n', "line 2: text follows a closing quote"),
        ("a,b\n" + "x" * 200_000 + ",1\n", "line 2: a cell has more than 131,072 characters"),
        ("a,b\n1,2\n3,\0\n", "line 3 holds a NUL byte"),
        (b"a,b\n1,\xc3\xa9\n2,\xe9\n", r"line 3 is not UTF-8 \(byte 0xe9"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "begins as UTF-16, but is not"),
        ("a,b\n1,2\n".encode("utf-16-le"), "may be UTF-16"),
        (b"PAR1....", "its content is a Parquet file, not CSV"),
        (b"PK\x03\x04....", "its content is a zip archive, an Excel workbook"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "its content is gzip data, not CSV"),
    ],
)
def test_bad_content_is_explained(csv, content, message):
    with pytest.raises(DataError, match=message) as caught:
        read_table(csv(content))
    assert all(fault.count("; ") >= 1 for fault in caught.value.faults)


def test_all_ragged_lines_are_reported_together(csv):
    path = csv("a,b\n" + "1\n1,2\n" * 8)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert len(caught.value.faults) == 6
    assert "3 more lines of the wrong length" in caught.value.faults[-1]


def test_parquet_columns_of_one_name_are_told_apart(tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table([[1, 2], [3, 4]], names=["a", "a"]), path)
    table = read_table(str(path))
    assert table.frame.to_dict("list") == {"a": [1, 2], "a.1": [3, 4]}
    assert len(table.warnings) == 1


def test_address_is_refused_without_fetching():
    with pytest.raises(DataError, match="is an address, and nothing is ever downloaded"):
        read_table("http://localhost:1/data.csv")


def test_folder_is_refused(tmp_path):
    (tmp_path / "data.csv").mkdir()
    with pytest.raises(DataError, match="is a folder, not a file"):
        read_table(str(tmp_path / "data.csv"))


def test_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    path = tmp_path / "data.csv"
    os.mkfifo(path)
    with pytest.raises(DataError, match="is a pipe or a device"):
        read_table(str(path))


def test_missing_file_suggests_its_neighbour(csv):
    path = csv("a,b\n1,2\n", "houses.csv")
    with pytest.raises(DataError, match=r"does not exist; did you mean 'houses\.csv'\?"):
        read_table(path.replace("houses", "hoses"))


def test_missing_folder_is_named():
    with pytest.raises(DataError, match="its folder 'nowhere' cannot be listed"):
        read_table("nowhere/data.csv")


@pytest.fixture
def without_privileges():
    """Act as nobody while the test runs as root, who may read every file."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_unreadable_file_is_refused(csv, request):
    path = csv("a,b\n1,2\n")
    Path(path).chmod(0)
    request.getfixturevalue("without_privileges")
    with pytest.raises(DataError, match="may not be read by this user"):
        read_table(path)


def test_damaged_gzip_is_refused(csv, tmp_path):
    path = Path(csv("a,b\n" + "1,2\n" * 999, "data.csv.gz"))
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    with pytest.raises(DataError, match="the gzip data is damaged or cut short"):
        read_table(str(path))
    flipped = tmp_path / "flipped.csv.gz"
    flipped.write_bytes(data[:20] + bytes([data[20] ^ 0xFF]) + data[21:])
    with pytest.raises(DataError, match="the gzip data is damaged or cut short"):
        read_table(str(flipped))


def test_text_named_gz_is_refused(tmp_path):
    path = tmp_path / "data.csv.gz"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"ends in \.gz but its content is not gzip"):
        read_table(str(path))


def test_parquet_keeps_types_and_drops_pandas_row_labels(tmp_path):
    path = tmp_path / "data.parquet"
    frame = pd.DataFrame({"a": [1.5, None], "b": ["x", None], "c": [True, False]}, index=[7, 9])
    frame.to_parquet(path)
    read = read_table(str(path)).frame
    assert list(read.columns) == ["a", "b", "c"]
    assert read["a"].dtype == np.float64
    assert read["c"].dtype == np.bool_


def test_damaged_parquet_is_refused(tmp_path):
    path = tmp_path / "data.parquet"
    pd.DataFrame({"a": [1, 2]}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="is no readable Parquet file"):
        read_table(str(path))


def test_parquet_lists_and_bytes_are_missing_cells(tmp_path):
    path = tmp_path / "data.parquet"
    pd.DataFrame({"a": [[1], [2]], "b": [b"x", b"y"], "c": [1, 2]}).to_parquet(path)
    read = read_table(str(path))
    assert list(read.frame.columns) == ["a", "b", "c"]
    assert read.frame["a"].isna().all()
    assert read.frame["b"].isna().all()
    assert list(read.frame["c"]) == [1, 2]
    assert [warning for warning in read.warnings if "'a', 'b'" in warning]


def test_parquet_without_rows_is_refused(tmp_path):
    path = tmp_path / "data.parquet"
    pd.DataFrame({"a": [1, 2]}).iloc[:0].to_parquet(path)
    with pytest.raises(DataError, match="has columns and no rows"):
        read_table(str(path))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        table = read_table(str(path))
    except DataError:
        return
    assert len(table.frame) == len(table.places.numbers) > 0


SUSPECT_CELLS = ("", "1", "2", "0.5", "1,5", "1.234", "1,234", "NA", "nan", "inf", "1e400")
ODD_CELLS = ("true", "2020-01-02", '"', '"a"', "-", "9" * 5000, "\N{RIGHT-TO-LEFT OVERRIDE}x", "\r")


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damaged_parquet_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "flipped.parquet"
    pd.DataFrame({"a": [1.5, None] * 6, "b": ["x", "y"] * 6, "y": [0, 1] * 6}).to_parquet(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        dataset = load_dataset(str(path))
    except DataError:
        return
    assert len(dataset.features) == len(dataset) > 0


CELLS = st.one_of(st.sampled_from(SUSPECT_CELLS + ODD_CELLS), st.text(max_size=4))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(CELLS, st.sampled_from(SUSPECT_CELLS[1:4])), min_size=5, max_size=20),
    st.lists(CELLS, min_size=5, max_size=20),
)
def test_any_table_is_understood_or_refused(tmp_path_factory, rows, more):
    path = tmp_path_factory.getbasetemp() / "table.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv_writer(file, quoting=QUOTE_ALL)
        writer.writerow(["a", "target", "b"])
        writer.writerows((*row, cell) for row in rows for cell in more)
    try:
        dataset = load_dataset(str(path))
    except DataError:
        return
    assert len(dataset.features) == len(dataset) > 9
    assert set(np.unique(dataset.target)) <= set(range(len(dataset.class_names))) or (
        dataset.task == "regression" and np.isfinite(dataset.target).all()
    )


@given(
    st.lists(
        st.tuples(
            *[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))] * 2
        ),
        min_size=1,
        max_size=8,
    )
)
def test_cells_that_were_quoted_come_back(rows):
    def quote(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    text = "a,b\n" + "".join(f"{quote(a)},{quote(b)}\n" for a, b in rows)
    records = read_records(text.encode(), "x.csv")
    spaces = " \t\n\r\v\f"
    for column, cells in zip(records.columns, zip(*rows, strict=True), strict=True):
        found = ["" if cell is None else cell for cell in column.to_pylist()]
        assert [cell.strip() for cell in found] == [cell.strip(spaces).strip() for cell in cells]


def test_a_header_that_stands_again_is_no_row(csv):
    table = read_table(csv("a,b\n1,x\n2,y\na,b\n3,z\n"))
    assert table.frame["a"].tolist() == ["1", "2", "3"]
    assert table.places.numbers.tolist() == [2, 3, 5]
    assert table.warnings == ("line 4: the header again; left out",)


def test_categories_that_pandas_wrote_stay_categories(tmp_path):
    path = tmp_path / "c.parquet"
    frame = pd.DataFrame(
        {
            "code": pd.Categorical([100 + n % 5 for n in range(60)]),
            "share": pd.Categorical([n % 3 / 2 for n in range(60)]),
            "y": pd.Categorical([n % 25 for n in range(60)]),
        }
    )
    frame.to_parquet(path)
    dataset = load_dataset(str(path))
    assert [column.kind for column in dataset.columns][:2] == ["categorical", "categorical"]
    assert dataset.task == "multiclass"
