import gzip
import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy

from sweep.data.array_reader import parse_idx, read_idx_folder, read_npz
from sweep.errors import DataError


def idx(array, *, kind=8, sizes=None):
    sizes = array.shape if sizes is None else sizes
    header = struct.pack(">HBB", 0, kind, len(sizes)) + struct.pack(f">{len(sizes)}I", *sizes)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for split, rows in (("train", 12), ("t10k", 6)):
        images = rng.integers(0, 256, (rows, 3, 4))
        (tmp_path / f"{split}-images-idx3-ubyte").write_bytes(idx(images))
        labels = gzip.compress(idx(np.arange(rows) % 3))
        (tmp_path / f"{split}-labels-idx1-ubyte.gz").write_bytes(labels)
    return tmp_path


def header(shape, descr="<f8"):
    stream = io.BytesIO()
    npy.write_array_header_1_0(stream, {"shape": shape, "fortran_order": False, "descr": descr})
    return stream.getvalue()


@pytest.fixture
def archive(tmp_path):
    def write(members):
        path = tmp_path / "a.npz"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in members.items():
                file.writestr(name, data)
        return str(path)

    return write


def test_plain_and_gzipped_idx_files_are_read(folder):
    parts = read_idx_folder(str(folder)).parts
    assert parts["x_train"].shape == (12, 3, 4)
    assert parts["x_test"].dtype == np.uint8
    assert parts["y_test"].tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"is no IDX file \(it starts with nothing"),
        (b"\x01\x02\x03\x04", "is no IDX file .it starts with 01020304"),
        (idx(np.zeros(4), kind=0x0D), "holds type 0x0d; only unsigned bytes"),
        (idx(np.zeros((4, 2))), "has 2 dimensions instead of 1"),
        (idx(np.zeros(4), sizes=(5,)), r"has 12 bytes where its header \(5,\) needs 13"),
        (idx(np.zeros(4), sizes=(3,)), "has 12 bytes where its header"),
        (idx(np.zeros(4), sizes=(2**32 - 1,)), "needs 4,294,967,303"),
        (b"\0\0\x08\x01\0", "ends inside its header"),
        (idx(np.zeros(0)), "holds nothing"),
        (gzip.compress(idx(np.zeros(4)), mtime=0)[:-9], "the gzip data is damaged"),
    ],
)
def test_bad_idx_content_is_explained(data, message):
    with pytest.raises(DataError, match=message):
        parse_idx(data, "labels", dimensions=1)


def test_missing_idx_files_are_reported_together(tmp_path):
    with pytest.raises(DataError, match="has no file train-images-idx3-ubyte") as caught:
        read_idx_folder(str(tmp_path))
    assert len(caught.value.faults) == 4


def test_counts_of_images_and_labels_must_agree(folder):
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(5))))
    with pytest.raises(DataError, match="6 images but 5 labels for test"):
        read_idx_folder(str(folder))


def test_image_sizes_of_both_splits_must_agree(folder):
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(np.zeros((6, 5, 5))))
    with pytest.raises(DataError, match=r"images of \(3, 4\) for training and \(5, 5\)"):
        read_idx_folder(str(folder))


def test_npz_arrays_come_back(tmp_path):
    path = tmp_path / "a.npz"
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3)).astype(">f8")
    np.savez_compressed(path, x=x, y=np.array(["a", "b"]))
    parts = read_npz(str(path)).parts
    np.testing.assert_array_equal(parts["x"], x)
    assert parts["x"].dtype == np.float64
    assert parts["y"].tolist() == ["a", "b"]


def test_python_objects_are_never_unpickled(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match="holds Python objects, which could run code"):
        read_npz(str(path))


def raw_header(text):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    "text",
    [
        "(((",
        "-" * 9000 + "1",
        "{'descr': '<f8,,', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': 1}",
        "{'descr': 3, 'fortran_order': False, 'shape': (1,)}",
        "__import__('os').abort()",
        "",
    ],
)
def test_a_header_that_is_no_description_is_refused(archive, text):
    with pytest.raises(DataError, match=r"array 'x\.npy': (has a damaged header|claims the shape)"):
        read_npz(archive({"x.npy": raw_header(text) + bytes(8)}))


@pytest.mark.parametrize("size", ["1L", "True"])
def test_an_odd_header_is_read_without_a_warning(archive, size):
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({size},), }}"
    assert read_npz(archive({"x.npy": raw_header(text) + bytes(8)})).parts["x"].tolist() == [0]


def test_more_rows_than_bytes_are_refused(archive):
    with pytest.raises(DataError, match=r"claims the shape \(1000000000000000, 0\); write it"):
        read_npz(archive({"x.npy": header((10**15, 0))}))


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 10**6), (-1,), (1,), (2**62, 4)])
def test_shape_that_does_not_fit_the_bytes_is_refused(archive, shape):
    with pytest.raises(DataError, match="claims the shape"):
        read_npz(archive({"x.npy": header(shape) + bytes(16)}))


def test_archive_beyond_the_budget_is_refused_before_decompressing(archive):
    path = archive({"x.npy": header((10**5,)) + bytes(8 * 10**5)})
    with pytest.raises(DataError, match="once decompressed, more than 100,000; use a sample"):
        read_npz(path, budget=100_000)


@pytest.mark.parametrize("data", [b"", b"abc", b"PK\x03\x04", b"PAR1"])
def test_other_content_is_no_archive(tmp_path, data):
    path = tmp_path / "a.npz"
    path.write_bytes(data)
    with pytest.raises(DataError, match="is no readable NPZ archive"):
        read_npz(str(path))


def test_damaged_member_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(100))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\x07\0\0\0\0\0\0\0", b"\x77\0\0\0\0\0\0\0"))
    with pytest.raises(DataError, match="is no readable NPZ archive"):
        read_npz(str(path))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_flipped_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "flipped.npz"
    stream = io.BytesIO()
    np.savez(stream, x=np.arange(8), y=np.array(["a", "b"]))
    content = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        parts = read_npz(str(path)).parts
    except DataError:
        return
    assert all(part.dtype != object for part in parts.values())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.integers(1, 3))
def test_any_idx_bytes_are_read_or_refused(data, dimensions):
    try:
        array = parse_idx(data, "labels", dimensions=dimensions)
    except DataError:
        return
    assert array.ndim == dimensions
