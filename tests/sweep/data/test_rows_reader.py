import numpy as np
import pandas as pd
import pytest

from sweep.data.preprocessing import fit_preprocessor
from sweep.data.rows_reader import read_rows
from sweep.data.sources import load_dataset
from sweep.errors import DataError


@pytest.fixture
def fitted(tmp_path):
    lines = [
        f"{n}.5,{['Rome', 'Bern', 'NA'][n % 3]},{['true', 'false'][n % 2]},{'uv'[n % 2]}{n % 2}"
        for n in range(30)
    ]
    path = tmp_path / "train.csv"
    path.write_text("\n".join(["size,city,owner,y", *lines]))
    dataset = load_dataset(str(path))
    return fit_preprocessor(dataset, np.arange(30))


@pytest.fixture
def csv(tmp_path):
    def write(text):
        path = tmp_path / "new.csv"
        path.write_text(text)
        return str(path)

    return write


def test_unseen_category_and_missing_values_are_fine(csv, fitted):
    path = csv("city,extra,owner,size\nParis,x,,\nNA,y,TRUE,2\n")
    rows = read_rows(path, fitted)
    assert list(rows.columns) == ["size", "city", "owner"]
    numbers = fitted.transform(rows)
    assert numbers.shape == (2, *fitted.input_shape)
    assert numbers[:, -3:].tolist() == [[0, 0, 0], [0, 1, 0]]


def test_target_column_is_ignored(csv, fitted):
    one = read_rows(csv("size,city,owner,y\n1,Rome,true,whatever\n"), fitted)
    assert "y" not in one
    assert len(one) == 1


def test_parquet_gives_the_same_numbers_as_csv(csv, fitted, tmp_path):
    path = tmp_path / "new.parquet"
    frame = pd.DataFrame({"size": [1.5, None], "city": ["Rome", None], "owner": [True, False]})
    frame.to_parquet(path)
    from_csv = read_rows(csv("size,city,owner\n1.5,Rome,true\n,,false\n"), fitted)
    from_parquet = read_rows(str(path), fitted)
    np.testing.assert_array_equal(fitted.transform(from_csv), fitted.transform(from_parquet))


def test_missing_columns_and_bad_cells_are_reported_together(csv, fitted):
    with pytest.raises(DataError) as caught:
        read_rows(csv("Size,citi,owner\n1,x,true\n2,y,perhaps\n"), fitted)
    assert "has no column 'size'; did you mean 'Size'?" in caught.value.faults[0]
    assert "has no column 'city'; did you mean 'citi'?" in caught.value.faults[1]
    assert "'perhaps' is neither true nor false (line 3)" in caught.value.faults[2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,city,owner\n1,Rome,true\nbig,Rome,true\n", r"'big' among numbers \(line 3\)"),
        ("size,city,owner\n1e99,Rome,true\n", r"beyond float32 \(line 2\)"),
        ('size,city,owner\n"1,234",Rome,true\n', "may be written with"),
        ("size,city,owner\n", "has a header and no rows"),
        ("a,b\n1,2\n", "the columns are 'a', 'b'"),
    ],
)
def test_bad_rows_are_explained(csv, fitted, text, message):
    with pytest.raises(DataError, match=message):
        read_rows(csv(text), fitted)


def test_file_of_another_kind_is_refused(fitted, tmp_path):
    path = tmp_path / "rows.npz"
    np.savez(path, x=np.zeros((2, 3)))
    with pytest.raises(DataError, match="the network was trained on a table"):
        read_rows(str(path), fitted)
    with pytest.raises(DataError, match="does not exist"):
        read_rows(str(tmp_path / "none.npz"), fitted)
    with pytest.raises(DataError, match="is an address"):
        read_rows("ftp://x/rows.csv", fitted)


@pytest.fixture
def image_fitted(tmp_path):
    path = tmp_path / "images.npz"
    images = np.random.default_rng(0).integers(0, 256, (20, 2, 3), dtype=np.uint8)
    np.savez(path, x=images, y=np.arange(20) % 2)
    return fit_preprocessor(load_dataset(str(path)), np.arange(20))


def test_new_images_are_read_and_scaled_as_in_training(image_fitted, tmp_path):
    path = tmp_path / "new.npz"
    np.savez(path, x=np.full((1, 2, 3), 51))
    rows = image_fitted.transform(read_rows(str(path), image_fitted))
    np.testing.assert_allclose(rows, np.full((1, 2, 3), 0.2))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3)}, "has no array 'x'; it holds 'a'"),
        ({"x": np.zeros((0, 2, 3))}, "x has no rows"),
        ({"x": np.float64(1)}, "x has no rows"),
        ({"x": np.zeros((4, 3, 2))}, r"rows of the shape \(3, 2\), but the network takes \(2, 3\)"),
        ({"x": np.full((4, 2, 3), 0.2)}, "other numbers than whole ones from 0 to 255"),
        ({"x": np.full((4, 2, 3), np.nan)}, "missing, infinite or beyond float32"),
    ],
)
def test_bad_arrays_are_explained(image_fitted, tmp_path, arrays, message):
    path = tmp_path / "new.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=message):
        read_rows(str(path), image_fitted)


def test_table_for_a_network_of_images_is_refused(image_fitted, csv):
    with pytest.raises(DataError, match="the network was trained on arrays"):
        read_rows(csv("a,b\n1,2\n"), image_fitted)
