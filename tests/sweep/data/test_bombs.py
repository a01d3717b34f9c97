"""Files that hold a thousand times their size are refused in little memory and in little time."""

import gzip
import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sweep.data.array_reader import read_npz
from sweep.data.files import FREE_BYTES, MOST_BYTES, MOST_GROWTH, decompress, decompressed_limit
from sweep.data.table_csv import MOST_COLUMNS
from sweep.data.table_reader import read_table
from sweep.errors import DataError

MOST_SECONDS = 120  # the slowest takes ten on two busy cores

CHECK = """
import re, sys
from pathlib import Path
from sweep.data.sources import load_dataset
from sweep.data.spec import DataSpec
from sweep.errors import DataError
try:
    load_dataset(sys.argv[1], DataSpec(target=sys.argv[2] or None))
except DataError as error:
    print(error.faults[0])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def refuse(path, target="", megabytes=500):
    """Load a file in a process of its own, which needs 220 MB for its imports; its fault."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(path), target],
        capture_output=True, text=True, timeout=MOST_SECONDS, check=True,
    )  # fmt: skip
    *faults, memory = done.stdout.splitlines()
    assert int(memory) < megabytes * 1000
    assert done.stderr == ""
    return faults[0].removeprefix(f"{path}: ")


def gzipped(head, unit, size):
    """Gzip data of a beginning and a repeated unit; members are joined as files are."""
    block = gzip.compress(unit * (2**20 // len(unit)), mtime=0)
    return gzip.compress(head, mtime=0) + block * (size // 2**20)


@pytest.mark.parametrize(
    ("size", "limit"),
    [
        (0, FREE_BYTES),
        (FREE_BYTES // MOST_GROWTH + 1, FREE_BYTES + MOST_GROWTH - FREE_BYTES % MOST_GROWTH),
        (2**40, MOST_BYTES),
    ],
)
def test_what_may_come_out_grows_with_what_is_there(size, limit):
    assert decompressed_limit(size) == limit


def test_a_table_that_shrinks_well_is_no_bomb():
    text = b"".join(b"%d,%d\n" % (n % 1000, n % 7) for n in range(200_000))
    assert decompress(gzip.compress(text), "t.csv.gz") == text


def test_a_gzip_bomb_is_left_as_soon_as_it_shows():
    bomb = gzipped(b"a,target\n", b"0", 2**36 // 1024)
    with pytest.raises(DataError, match=r"t\.gz: holds [\d,]+ bytes or more once decompressed, "):
        decompress(bomb, "t.gz")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("unit", "size", "memory", "told"),
    [
        (b"0", 2**32, 400, "once decompressed, more than 33,554,432; use a sample of the rows, or"),
        (b",", 30 * 2**20, 500, "line 2 has more than 16,777,216 characters; is it a table?"),
        (b'"', 30 * 2**20, 500, "line 2 has more than 16,777,216 characters; is it a table?"),
        (b"\n", 8 * 2**20, 400, "has a header and no rows; add the rows"),
        (b"1\n", 8 * 2**20, 400, "line 2: 1 cell where the header has 2; mend the line"),
        (b"1,2\n", 8 * 2**20, 600, "target 'target': every row has the class '2', so there is"),
    ],
    ids=["letters", "commas", "quotes", "blank lines", "short lines", "rows"],
)
def test_a_gzipped_table_takes_little_memory(unit, size, memory, told, tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzipped(b"a,target\n", unit, size))
    assert told in refuse(path, megabytes=memory)


@pytest.mark.slow
def test_idx_files_that_grow_take_little_memory(tmp_path):
    images = struct.pack(">HBB3I", 0, 8, 3, 4096, 1024, 1024)
    for stem in ("train", "t10k"):
        labels = struct.pack(">HBBI", 0, 8, 1, 4096) + bytes(4096)
        (tmp_path / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzipped(images, b"\0", 2**32))
        (tmp_path / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    assert "once decompressed, more than 33,554,432; use a sample" in refuse(tmp_path)


@pytest.fixture(scope="module")
def large_archive(tmp_path_factory):
    """An archive of one array of 800 MB, all nought, in less than one."""
    path = tmp_path_factory.mktemp("npz") / "large.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("x.npy", "w") as member,
    ):
        header = {"shape": (10**8,), "fortran_order": False, "descr": "<f8"}
        np.lib.format.write_array_header_1_0(member, header)
        for _ in range(800):
            member.write(bytes(10**6))
    return path


@pytest.mark.slow
def test_an_archive_that_grows_takes_little_memory(large_archive):
    assert "holds 800,000,128 bytes or more once decompressed, more than " in refuse(large_archive)


@pytest.mark.slow
def test_an_archive_that_lies_about_its_size_takes_little_memory(large_archive, tmp_path):
    path = tmp_path / "lie.npz"
    real, claimed = struct.pack("<I", 800_000_128), struct.pack("<I", 128 + 80)
    data = large_archive.read_bytes()
    assert data.count(real) >= 1
    path.write_bytes(data.replace(real, claimed))
    assert refuse(path) == "is no readable NPZ archive; write it with numpy.savez"


def test_a_member_is_read_in_pieces_whatever_its_size_says(tmp_path, monkeypatch):
    path = tmp_path / "x.npz"
    np.savez_compressed(path, x=np.zeros(10**6))
    asked = []
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda self, n=-1: asked.append(n) or read(self, n)
    )
    assert read_npz(str(path)).parts["x"].shape == (10**6,)
    assert set(asked) == {2**20}


def test_compression_that_numpy_never_uses_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.npy", bytes(10**6))
    with pytest.raises(DataError, match=r"'x\.npy': is compressed as numpy never does \(method 14"):
        read_npz(str(path))


def test_an_array_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", stream.getvalue())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("x.npy", stream.getvalue())
    with pytest.raises(DataError, match=r"array 'x\.npy': is there twice; write it with numpy"):
        read_npz(str(path))


def texts(length, rows):
    """A column of equal texts, which Parquet holds once."""
    places = pa.array(np.zeros(rows, np.int32))
    return pa.DictionaryArray.from_arrays(places, pa.array(["x" * length]))


@pytest.fixture(scope="module")
def equal_numbers(tmp_path_factory):
    """Two Parquet files of 100 million noughts: as a run, and as compressed pages."""
    folder = tmp_path_factory.mktemp("parquet")
    table = pa.table({"target": np.zeros(10**7, np.int64)})
    for name, dictionary in (("run", True), ("pages", False)):
        path = folder / f"{name}.parquet"
        with pq.ParquetWriter(
            path, table.schema, compression="zstd", use_dictionary=dictionary
        ) as writer:
            for _ in range(10):
                writer.write_table(table, row_group_size=10**7)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "pages"])
def test_a_parquet_file_that_grows_takes_little_memory(name, equal_numbers):
    told = refuse(equal_numbers / f"{name}.parquet", "target")
    assert "bytes or more once decompressed, more than " in told


@pytest.mark.slow
@pytest.mark.parametrize("categories", [True, False])
def test_equal_texts_in_parquet_take_little_memory(categories, tmp_path):
    path = tmp_path / "t.parquet"
    table = pa.table({"a": texts(100_000, 10**6), "target": np.arange(10**6) % 2})
    pq.write_table(table, path, store_schema=categories)
    assert path.stat().st_size < 500_000
    told = refuse(path, "target")
    assert told.startswith("holds 100,000,000,000 bytes or more once decompressed, more than ")


def test_a_text_longer_than_a_cell_of_csv_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": texts(131_073, 20), "y": np.arange(20) % 2}), path)
    with pytest.raises(DataError, match="a cell has more than 131,072 bytes; leave such columns"):
        read_table(str(path))


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_more_columns_than_can_be_looked_at_are_refused(ending, tmp_path, monkeypatch):
    monkeypatch.setattr("sweep.data.table_csv.MOST_COLUMNS", 50)
    path = Path(tmp_path, f"t{ending}")
    names = [f"c{place}" for place in range(51)]
    if ending == ".csv":
        path.write_text(",".join(names) + "\n")
    else:
        pq.write_table(pa.table({name: [1, 2] for name in names}), path)
    with pytest.raises(DataError, match="has 51 columns, more than 50; leave columns out"):
        read_table(str(path))
    assert MOST_COLUMNS > 20_000  # the genes of a man are a table
