import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy


def write_idx(name, values, *, magic=0, kind=8, sizes=None):
    values = np.asarray(values)
    sizes = values.shape if sizes is None else sizes
    header = struct.pack(">HBB", magic, kind, len(sizes)) + struct.pack(f">{len(sizes)}I", *sizes)
    Path("idx", name).write_bytes(header + values.astype(np.uint8).tobytes())


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"magic": 7}, ("is no IDX file (it starts with 00070803, not with 0000);"
         " give the file as it was published")),
        ({"kind": 13}, "holds type 0x0d; only unsigned bytes (0x08) can be read"),
        ({"sizes": (30, 2, 3)}, ("has 136 bytes where its header (30, 2, 3) needs 196;"
         " fetch the file again")),
        ({"sizes": (2**31, 2**31, 2)}, ("has 136 bytes where its header (2147483648, 2147483648, 2)"
         " needs 9,223,372,036,854,775,824; fetch the file again")),
        ({"sizes": (120,)}, "has 1 dimensions instead of 3; do not swap images and labels"),
    ],
    ids=["magic", "type", "size", "shape bomb", "dimensions"],
)  # fmt: skip
def test_a_bad_idx_file_is_refused(how, told, refuse):
    Path("idx").mkdir()
    for stem, rows in (("train", 30), ("t10k", 12)):
        write_idx(f"{stem}-images-idx3-ubyte", np.arange(rows * 4).reshape(rows, 2, 2))
        write_idx(f"{stem}-labels-idx1-ubyte", np.arange(rows) % 3)
    write_idx("train-images-idx3-ubyte", np.arange(120).reshape(30, 2, 2), **how)

    code, lines = refuse("data", "check", "idx")

    assert (code, lines) == (3, [f"idx/train-images-idx3-ubyte: {told}"])


def test_counts_of_images_and_labels_that_differ_are_refused(refuse):
    Path("idx").mkdir()
    for stem, rows in (("train", 30), ("t10k", 12)):
        write_idx(f"{stem}-images-idx3-ubyte", np.arange(rows * 4).reshape(rows, 2, 2))
        write_idx(f"{stem}-labels-idx1-ubyte", np.arange(rows - 1) % 3)

    told = [
        "idx: 30 images but 29 labels for train; fetch the files again",
        "idx: 12 images but 11 labels for test; fetch the files again",
    ]
    assert refuse("data", "check", "idx") == (3, told)


X, Y = np.arange(80.0).reshape(40, 2) ** 1.1, np.arange(40) % 2


def header(shape, descr="<f8"):
    stream = io.BytesIO()
    npy.write_array_header_1_0(stream, {"shape": shape, "fortran_order": False, "descr": descr})
    return stream.getvalue()


def of_text(text):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + bytes(8)


SHAPES = "give [rows, columns], [rows, height, width] or [rows, height, width, channels]"


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        (
            {"x": np.array([{}] * 40, dtype=object), "y": Y},
            ("array 'x.npy': holds Python objects, which could run code when read;"
            " convert it to numbers or to texts of fixed length"),
        ),
        (
            {"x": X, "z": Y},
            "holds 'x', 'z'; give either x, y or x_train, y_train, x_test, y_test",
        ),
        ({}, "holds no array; give either x, y or x_train, y_train, x_test, y_test"),
        (
            {"x": X[:30], "y": Y},
            "x has the shape (30, 2) and y (40,); give one row of each per example",
        ),
        ({"x": np.zeros((40, 1, 1, 1, 2)), "y": Y}, f"x has the shape (40, 1, 1, 1, 2); {SHAPES}"),
        ({"x": np.zeros((40, 0)), "y": Y}, f"x has the shape (40, 0); {SHAPES}"),
        ({"x": X * 1j, "y": Y}, "x holds complex128; give an array of numbers"),
        (
            {"x": np.where(X[3, 1] == X, np.nan, X), "y": Y},
            ("x holds nan at index 3, which is missing, infinite or beyond float32;"
            " remove these rows, or use a table, where missing values are filled in"),
        ),
        (
            {"x": X, "y": np.zeros((40, 3))},
            ("y has the shape (40, 3) and is not one-hot (a single 1 in each row, else 0);"
            " give one label or number a row"),
        ),
        (
            {"x": header((10**12, 3)) + bytes(80), "y": Y},
            "array 'x.npy': claims the shape (1000000000000, 3); write it with numpy.savez",
        ),
        (
            {"x": header((10**15, 0)), "y": header((10**15, 0))},
            "array 'x.npy': claims the shape (1000000000000000, 0); write it with numpy.savez",
        ),
        (
            {"x": header((40, 10**9)) + bytes(80), "y": Y},
            ("array 'x.npy': claims the shape (40, 1000000000) of float64, which does not fit its"
            " 80 bytes; write it with numpy.savez"),
        ),
        (
            {"x": of_text("((("), "y": Y},
            "array 'x.npy': has a damaged header; write it with numpy.savez",
        ),
    ],
    ids=[
        "objects", "missing key", "no array", "rows", "dimensions", "no columns", "complex", "NaN",
        "no one-hot", "shape bomb", "shape bomb of nothing", "shape", "header",
    ],
)  # fmt: skip
def test_a_bad_npz_archive_is_refused(arrays, told, refuse):
    with zipfile.ZipFile("a.npz", "w") as archive:
        for name, array in arrays.items():
            stream = io.BytesIO()
            if isinstance(array, bytes):
                stream.write(array)
            else:
                np.save(stream, array)
            archive.writestr(f"{name}.npy", stream.getvalue())

    assert refuse("data", "check", "a.npz") == (3, [f"a.npz: {told}"])
