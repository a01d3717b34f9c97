import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.formats import FORMATS, PACKINGS
from sweep.data.table_csv import read_records
from sweep.data.table_reader import read_table
from sweep.errors import DataError
from tests.sweep.data.dialects import CASES


@pytest.mark.parametrize("name", CASES)
def test_every_dialect_is_read_and_every_damage_is_named(name, tmp_path):
    case = CASES[name]
    path = tmp_path / "t.csv"
    path.write_bytes(case.data)
    if not case.rows:
        with pytest.raises(DataError, match=case.told):
            read_table(str(path), header=case.header)
        return
    table = read_table(str(path), header=case.header)
    assert list(table.frame.columns) == case.names.split("|")
    rows = table.frame.fillna("").to_numpy().tolist()
    assert rows == [row.split("|") for row in case.rows]
    assert re.search(case.told, " / ".join(table.warnings))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.endings[0])
def test_the_documentation_lists_every_format(form):
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text()
    assert form.title in page
    assert all(f"`{ending}`" in page or f"`FILE{ending}`" in page for ending in form.endings)
    assert all(f"`{packing}`" in page for packing in PACKINGS[1:])


def packed(data, ending):
    if ending == ".zip":
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", data)
        return stream.getvalue()
    return {".gz": gzip, ".bz2": bz2, ".xz": lzma}[ending].compress(data)


@pytest.mark.parametrize("ending", PACKINGS[1:])
def test_every_packing_is_read_and_its_damage_refused(ending, tmp_path):
    path = tmp_path / f"t.txt{ending}"
    data = packed(b"a,b\n" + b"1,x\n" * 999, ending)
    path.write_bytes(data)
    assert len(read_table(str(path)).frame) == 999
    path.write_bytes(data[:-10])
    with pytest.raises(DataError, match="data is damaged or cut short"):
        read_table(str(path))
    path.write_bytes(packed(bytes(2**26), ending))
    with pytest.raises(DataError, match="bytes or more once decompressed, more than"):
        read_table(str(path))


def test_an_archive_of_several_files_is_refused(tmp_path):
    path = tmp_path / "t.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
        archive.writestr("b.csv", "a,b\n1,2\n")
    with pytest.raises(DataError, match="it holds 2 files instead of one"):
        read_table(str(path))


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=6)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_python_writes_comes_back(rows, separator, end, quoting):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting)
    rows.append(["1", "x", "2"])  # lines of separators only at the end are left out
    writer.writerows([["one", "two", "three"], *rows])
    records = read_records(stream.getvalue().encode(), "x.csv", header=True)
    assert records.header == ("one", "two", "three")
    spaces = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85"
    for column, cells in zip(records.columns, zip(*rows, strict=True), strict=True):
        found = ["" if cell is None else cell for cell in column.to_pylist()]
        assert [cell.strip(spaces) for cell in found] == [
            cell.strip(spaces).strip().strip(spaces) for cell in cells
        ]
