import dataclasses

import numpy as np
import pandas as pd
import pytest

from sweep.data.preprocessing import fit_preprocessor
from sweep.data.rows_reader import read_rows
from sweep.data.sources import load_dataset
from sweep.data.spec import DataSpec
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
    rows = read_rows(path, fitted).features
    assert list(rows.columns) == ["size", "city", "owner"]
    numbers = fitted.transform(rows)
    assert numbers.shape == (2, *fitted.input_shape)
    assert numbers[:, -3:].tolist() == [[0, 0, 0], [0, 1, 0]]


def test_target_column_is_ignored(csv, fitted):
    one = read_rows(csv("size,city,owner,y\n1,Rome,true,whatever\n"), fitted).features
    assert "y" not in one
    assert len(one) == 1


def test_parquet_gives_the_same_numbers_as_csv(csv, fitted, tmp_path):
    path = tmp_path / "new.parquet"
    frame = pd.DataFrame({"size": [1.5, None], "city": ["Rome", None], "owner": [True, False]})
    frame.to_parquet(path)
    from_csv = read_rows(csv("size,city,owner\n1.5,Rome,true\n,,false\n"), fitted).features
    from_parquet = read_rows(str(path), fitted).features
    np.testing.assert_array_equal(fitted.transform(from_csv), fitted.transform(from_parquet))


def test_missing_columns_and_bad_cells_are_reported_together(csv, fitted):
    with pytest.raises(DataError) as caught:
        read_rows(csv("Size,citi,owner\n1,x,true\n2,y,perhaps\n"), fitted)
    missing, cell = caught.value.faults
    assert "has no columns 'size', 'city'; did you mean 'Size'? did you mean 'citi'?" in missing
    assert "'perhaps' is neither true nor false (line 3)" in cell


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,city,owner\n1,Rome,true\nbig,Rome,true\n", r"'big' among numbers \(line 3\)"),
        ("size,city,owner\n1e99,Rome,true\n", r"beyond float32 \(line 2\)"),
        ("size;city;owner\n1,234;Rome;true\n", "may be written with"),
        ("size,city,owner\n", "has a header and no rows"),
        ("a,b\n1,2\n", "its columns are 'a', 'b'"),
    ],
)
def test_bad_rows_are_explained(csv, fitted, text, message):
    with pytest.raises(DataError, match=message):
        read_rows(csv(text), fitted)


def unseen(csv, fitted, text):
    return [line.partition(": ")[::2] for line in read_rows(csv(text), fitted).unseen]


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("1,rome,true", "city", "training never saw 'rome' (line 2); did you mean 'Rome'?"),
        ("1,Romee,true", "city", "training never saw 'Romee' (line 2); did you mean 'Rome'?"),
        ("1,,true", "city", "no value (line 2)"),
        (",Rome,true", "size", "no value (line 2)"),
        ("1,Rome,", "owner", "no value (line 2)"),
        ("2000,Rome,true", "size", "2000 (line 2) is far outside of training: 0.5 to 29.5"),
        ("-40,Rome,true", "size", "-40 (line 2) is far outside"),
    ],
)
def test_what_training_never_saw_is_told(csv, fitted, row, column, said):
    [(where, line)] = unseen(csv, fitted, f"size,city,owner\n{row}\n")
    assert where == f"column '{column}'"
    assert line.startswith(said)


def test_nothing_is_told_of_rows_like_those_of_training(csv, fitted):
    assert unseen(csv, fitted, "size,city,owner\n0.5,Rome,true\n40,NA,false\n") == []


def test_one_column_has_one_line_for_all_its_unseen_categories(csv, fitted):
    text = "size,city,owner\n" + "".join(f"1,town {n},true\n" for n in range(9))
    [(_, line)] = unseen(csv, fitted, text)
    assert "'town 0', 'town 1', 'town 2' and 6 more (lines 2, 3, 4, 5, 6 and 4 more)" in line


def test_columns_are_carried_along(csv, fitted):
    carrying = dataclasses.replace(fitted, id_columns=("no", "name"))
    rows = read_rows(csv("size,city,owner,no\n1,Rome,true,007\n"), carrying)
    assert rows.ids.to_dict("list") == {"no": ["007"]}
    assert rows.unseen == ("column 'name': is not there to be carried along",)


def learn(tmp_path, cells, *, rows=30, **told):
    """Fit to a file with one feature, whose cells are repeated."""
    path = tmp_path / "learnt.csv"
    some = [cells[n % len(cells)] for n in range(rows)]
    path.write_text("a;y\n" + "".join(f"{cell};{'uv'[n % 2]}\n" for n, cell in enumerate(some)))
    return fit_preprocessor(load_dataset(str(path), DataSpec(**told)), np.arange(rows))


def test_numbers_are_read_as_in_training(tmp_path, csv):
    fitted = learn(tmp_path, ["7.463,00", "1.000,50", "12,00"])
    rows = read_rows(csv("a;b\n7.000;1\n7.000,00;1\n7;1\n"), fitted)
    assert rows.features["a"].tolist() == [7000, 7000, 7]


def test_another_unit_is_told(tmp_path, csv):
    fitted = learn(tmp_path, ["5 kg", "7 kg", "9 kg"])
    assert read_rows(csv("a;b\n6 kg;1\n"), fitted).unseen == ()
    [line] = read_rows(csv("a;b\n6 g;1\n"), fitted).unseen
    assert line == "column 'a': the unit is 'g', in training 'kg'"


def test_whole_categories_may_be_written_with_a_point(tmp_path, csv):
    fitted = learn(tmp_path, ["1", "2", "3"], categorical=("a",))
    rows = read_rows(csv("a;b\n1.0;x\n2;x\n5.0;x\n"), fitted)
    assert rows.features["a"].tolist() == ["1", "2", "5.0"]
    assert rows.unseen == ("column 'a': training never saw '5.0' (line 4)",)


def test_dates_are_read_as_in_training(tmp_path, csv):
    fitted = learn(tmp_path, [f"{day}/3/2024" for day in range(1, 31)])
    rows = read_rows(csv("a;b\n4/3/2024;x\n4/3/1950;x\n"), fitted)
    assert rows.features["a"][0] == 19_786
    [line] = rows.unseen
    assert (
        line
        == "column 'a': 1950-03-04 (line 3) is far outside of training: 2024-03-01 to 2024-03-30"
    )


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
    rows = image_fitted.transform(read_rows(str(path), image_fitted).features)
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


def test_pixels_on_another_scale_are_told(tmp_path):
    path = tmp_path / "images.npz"
    images = np.random.default_rng(0).random((20, 2, 3))
    np.savez(path, x=images, y=np.arange(20) % 2)
    fitted = fit_preprocessor(load_dataset(str(path)), np.arange(20))
    assert read_rows(str(path), fitted).unseen == ()
    np.savez(path, x=images * 255)
    assert "far outside of training" in read_rows(str(path), fitted).unseen[0]


def test_bytes_on_a_smaller_scale_are_told(image_fitted, tmp_path):
    path = tmp_path / "new.npz"
    np.savez(path, x=np.eye(2, 3, dtype=np.uint8)[None])
    assert "another scale?" in read_rows(str(path), image_fitted).unseen[0]


def test_a_row_without_a_header_is_read_as_in_training(tmp_path, csv):
    path = tmp_path / "bare.csv"
    path.write_text("".join(f"{n * 1.5},{n % 7},{'uv'[n % 2]}\n" for n in range(30)))
    dataset = load_dataset(str(path), DataSpec(target="column 3"))
    fitted = fit_preprocessor(dataset, np.arange(30))
    for text in ("4.5,2\n", "4.5,2,u\n", "column 1,column 2\n4.5,2\n"):
        assert read_rows(csv(text), fitted).features.to_numpy().tolist() == [[4.5, 2.0]]


def test_table_for_a_network_of_images_is_refused(image_fitted, csv):
    with pytest.raises(DataError, match="the network was trained on arrays"):
        read_rows(csv("a,b\n1,2\n"), image_fitted)
