import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.parquet_pages import Claims, read_claims

ROWS = 3000
FRAME = pd.DataFrame(
    {
        "s": ["a", "b", None] * (ROWS // 3),
        "c": pd.Categorical(["u", "v", "w"] * (ROWS // 3)),
        "i": range(ROWS),
        "t": pd.date_range("2020", periods=ROWS),
        "b": [True, False] * (ROWS // 2),
    }
)


def write(frame=FRAME, **options):
    stream = io.BytesIO()
    frame.to_parquet(stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_dictionary": False},
        {"compression": None},
        {"compression": "zstd", "data_page_version": "2.0"},
        {"write_page_index": True, "write_page_checksum": True},
        {"row_group_size": 700, "data_page_size": 100},
    ],
    ids=["usual", "plain", "uncompressed", "version 2", "index", "many pages"],
)
def test_the_sizes_of_all_pages_are_those_of_the_metadata(options):
    data = write(**options)
    metadata = pq.ParquetFile(io.BytesIO(data)).metadata
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    told = sum(group.total_byte_size for group in groups)  # with the headers of pages

    claims = read_claims(data)

    assert claims.cells == ROWS * 5
    assert 0.8 * told < claims.pages < told


def test_a_file_without_rows_holds_nothing():
    assert read_claims(write(FRAME.iloc[:0])) == Claims(pages=0, cells=0)


def test_a_page_that_claims_more_than_the_metadata_is_believed():
    schema = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    table = pa.table({"x": np.arange(1000)}, schema=schema)
    stream = io.BytesIO()
    pq.write_table(table, stream, use_dictionary=False, compression=None, write_statistics=False)
    data = stream.getvalue()
    header = data.index(b"\x15\x80\x7d\x15\x80\x7d")  # 8,000 bytes, twice: as integers of Thrift
    larger = b"\x15\xfe\x7f\x15\x80\x7d"  # 8,191 bytes in 8,000
    assert read_claims(data[:header] + larger + data[header + 6 :]).pages == 8191


@pytest.mark.parametrize(
    "data",
    [b"", b"PAR1", b"PAR1PAR1", b"\xff" * 40, write()[:-9], b"\x1c" * 500 + b"\x90\1\0\0PAR1"],
)
def test_what_is_no_parquet_file_is_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        read_claims(data)


def test_columns_that_share_their_bytes_are_refused():
    stream = io.BytesIO()
    pq.write_table(pa.table({"x": np.arange(10.0)}), stream, compression=None)
    data = stream.getvalue()
    size = int.from_bytes(data[-8:-4], "little")
    metadata = data[-8 - size : -8]
    chunk = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0)

    def number(value):  # as Thrift writes what takes two bytes
        return bytes([value << 1 & 127 | 128, value >> 6])

    claimed = number(chunk.total_compressed_size)
    assert metadata.count(claimed) >= 1
    with pytest.raises(ValueError, match=r"more room than the file has|beyond the end"):
        read_claims(data[: -8 - size] + metadata.replace(claimed, number(8000)) + data[-8:])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_metadata_are_read_or_refused(data):
    whole = data + len(data).to_bytes(4, "little") + b"PAR1"
    try:
        claims = read_claims(whole)
    except ValueError:
        return
    assert claims.cells >= 0


FLIP = """
import sys
from sweep.data.table_parquet import read_columns
from sweep.errors import DataError
data = open(sys.argv[1], "rb").read()
refused = 0
for place in range(len(data) - int.from_bytes(data[-8:-4], "little") - 8, len(data)):
    for bit in (1, 2, 4):
        damaged = data[:place] + bytes([data[place] ^ bit]) + data[place + 1:]
        try:
            read_columns(damaged, "flipped.parquet")
        except DataError:
            refused += 1
print(refused)
"""


@pytest.mark.slow
def test_no_flipped_bit_of_the_metadata_ends_the_process(tmp_path):
    # Arrow's own view of a column's metadata does, where statistics do not fit the schema.
    path = tmp_path / "whole.parquet"
    path.write_bytes(write(FRAME[["s", "i"]].head(20)))
    done = subprocess.run(
        [sys.executable, "-c", FLIP, str(path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100
