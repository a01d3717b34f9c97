"""Any bytes under any name of a format: a data set comes of them, or a fault in one line."""

import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweep.data.preprocessing import prepare
from sweep.data.rows_reader import read_rows
from sweep.data.sources import load_dataset
from sweep.data.spec import DataSpec
from sweep.data.splitting import split_rows
from sweep.errors import DataError

ROWS = 30
# Far more than a read takes, so that only a hang is one.
TRIED = settings(
    max_examples=40,
    deadline=dt.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def arrays(**parts):
    stream = io.BytesIO()
    np.savez(stream, **parts)
    return stream.getvalue()


X, Y = np.arange(2.0 * ROWS).reshape(ROWS, 2) ** 1.1, np.arange(ROWS) % 2
FRAME = pd.DataFrame(
    {
        "a": [1.5, None] * 15,
        "b": ["x", "y", None] * 10,
        "c": pd.Categorical(["u", "v"] * 15),
        "d": pd.date_range("2020", periods=ROWS),
        "t": [True, False, True] * 10,
        "y": Y,
    }
)
CSV = FRAME.to_csv(index=False).encode()
WHOLE = {
    ".csv": [CSV, CSV.replace(b",", b";"), CSV.replace(b"\n", b"\r\n")],
    ".csv.gz": [gzip.compress(CSV, mtime=0)],
    ".parquet": [
        FRAME.to_parquet(),
        FRAME.to_parquet(compression=None),
        FRAME.to_parquet(compression="zstd", data_page_version="2.0"),
        FRAME.to_parquet(use_dictionary=False, row_group_size=7),
    ],
    ".npz": [
        arrays(x=X, y=Y),
        arrays(x=X.reshape(ROWS, 2, 1).astype(np.uint8), y=np.array(["p", "q"] * 15)),
        arrays(x_train=X, y_train=Y * 1.5, x_test=X, y_test=Y * 1.0),
    ],
}
DAMAGES = ("flip", "cut", "drop", "repeat", "extreme")
EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f")


@st.composite
def damaged(draw, wholes):
    """A good file with a few bytes flipped, cut off, left out, repeated or made extreme."""
    data = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(1, 4))):
        place, length = draw(st.integers(0, len(data))), draw(st.integers(1, 40))
        match draw(st.sampled_from(DAMAGES)):
            case "flip":
                data[place : place + 1] = bytes([draw(st.integers(0, 255))])
            case "cut":
                del data[max(place, len(data) - 200) :]
            case "drop":
                del data[place : place + length]
            case "repeat":
                start = draw(st.integers(0, len(data)))
                data[place:place] = data[start : start + length]
            case "extreme":
                data[place : place + 4] = draw(st.sampled_from(EXTREMES))
    return bytes(data)


def check_faults(faults):
    """Each is a line that says what to do, and that a terminal can show."""
    for fault in faults:
        assert fault.isprintable()
        assert "; " in fault or fault.endswith("?"), fault
        assert len(fault) < 4000


def load_or_refuse(path, **roles):
    """Load and prepare a data set; None where a fault in plain lines says why not."""
    try:
        dataset = load_dataset(str(path), DataSpec(**roles))
        splits = split_rows(dataset, seed=1)
    except DataError as error:
        check_faults(error.faults)
        return None
    training = prepare(dataset, splits, seed=2).training
    assert np.isfinite(training.x_train).all()
    assert np.isfinite(training.y_train).all()
    return dataset


@pytest.mark.parametrize("ending", WHOLE)
def test_the_files_to_be_damaged_are_whole(ending, tmp_path):
    for whole in WHOLE[ending]:
        path = tmp_path / f"whole{ending}"
        path.write_bytes(whole)
        assert load_or_refuse(path) is not None


@pytest.mark.parametrize("ending", WHOLE)
@TRIED
@given(data=st.data())
def test_any_damaged_file_is_read_or_refused(ending, data, tmp_path):
    path = tmp_path / f"damaged{ending}"
    path.write_bytes(data.draw(damaged(WHOLE[ending])))
    load_or_refuse(path)


@pytest.mark.parametrize("ending", WHOLE)
@TRIED
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(ending, data, tmp_path):
    path = tmp_path / f"any{ending}"
    path.write_bytes(data)
    load_or_refuse(path)


@TRIED
@given(content=damaged([CSV]))
def test_any_damaged_table_is_read_or_refused_from_whole_gzip_data(content, tmp_path):
    path = tmp_path / "damaged.tsv.gz"
    path.write_bytes(gzip.compress(content, 1, mtime=0))
    load_or_refuse(path)


@TRIED
@given(data=st.data())
def test_any_damaged_header_of_an_array_is_read_or_refused(data, tmp_path):
    stream, labels = io.BytesIO(), io.BytesIO()
    np.save(stream, X)
    np.save(labels, Y)
    head, body = stream.getvalue()[:128], stream.getvalue()[128:]
    path = tmp_path / "header.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", data.draw(damaged([head])) + body)
        archive.writestr("y.npy", labels.getvalue())
    load_or_refuse(path)


NAMES = st.sampled_from(["a", "b", "id", "a.b", "x" * 500, "\N{RIGHT-TO-LEFT OVERRIDE}z", "=1"])
COLUMNS = st.sampled_from(
    [
        np.arange(ROWS),
        np.arange(ROWS, dtype=np.uint64) + np.uint64(2**63),
        np.arange(ROWS).astype(np.float16),
        [None] * ROWS,
        ["u", "v", None] * 10,
        ["", "1", "x"] * 10,
        [float("inf"), 1.5, None] * 10,
        np.full(ROWS, 1e308),
        pd.array([1, 2, None] * 10, dtype="Int64"),
        pd.array([True, None, False] * 10, dtype="boolean"),
        pd.date_range("2020", periods=ROWS, tz="UTC"),
        pd.to_timedelta(range(ROWS)),
        pd.period_range("2020", periods=ROWS),
        pd.interval_range(0, ROWS, periods=ROWS),
        pd.Categorical([1, 2.5] * 15),
        [dt.date(2020, 1, 1 + n % 28) for n in range(ROWS)],
        [dt.time(1, n) for n in range(ROWS)],
        [b"bytes"] * ROWS,
        [[1, 2]] * ROWS,
        [{"a": 1}] * ROWS,
    ]
)


@TRIED
@given(
    columns=st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=4),
    target=COLUMNS,
    task=st.sampled_from([None, "classification", "regression"]),
)
def test_a_parquet_file_of_any_types_is_read_or_refused(columns, target, task, tmp_path):
    path = tmp_path / "types.parquet"
    pd.DataFrame({**columns, "y": target}).to_parquet(path)
    load_or_refuse(path, target="y", task=task)


@pytest.fixture(scope="module")
def preprocessor(tmp_path_factory):
    path = tmp_path_factory.mktemp("trained") / "whole.csv"
    path.write_bytes(CSV)
    dataset = load_dataset(str(path))
    return prepare(dataset, split_rows(dataset, seed=1), seed=2).preprocessor


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@TRIED
@given(data=st.data())
def test_any_damaged_new_rows_are_read_or_refused(ending, data, preprocessor, tmp_path):
    path = tmp_path / f"rows{ending}"
    path.write_bytes(data.draw(damaged(WHOLE[ending])))
    try:
        rows = read_rows(str(path), preprocessor).features
    except DataError as error:
        check_faults(error.faults)
        return
    assert np.isfinite(preprocessor.transform(rows)).all()


def test_what_needs_more_memory_than_there_is_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(CSV)

    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr("sweep.data.sources.build_dataset", fail)
    with pytest.raises(DataError, match=r"t\.csv: needs more memory than there is; use a sample"):
        load_dataset(str(path))


def test_a_file_of_the_kernel_that_has_nothing_to_say_does_not_block(tmp_path):
    path = tmp_path / "log.csv"
    path.symlink_to("/proc/kmsg")
    if not Path("/proc/kmsg").exists():
        pytest.skip("has no /proc/kmsg")
    with pytest.raises(DataError, match=r"log\.csv: "):
        load_dataset(str(path))
