import re

import numpy as np
import pandas as pd
import pytest

from sweep.data.sources import load_dataset
from sweep.data.spec import DataSpec
from sweep.data.splitting import split_rows
from sweep.errors import DataError


@pytest.fixture
def table(tmp_path):
    def write(columns: dict[str, list[str]], name: str = "t.csv") -> str:
        path = tmp_path / name
        pd.DataFrame(columns).to_csv(path, index=False)
        return str(path)

    return write


def columns(rows=30):
    return {
        "size": [f"{n * 1.5}" for n in range(rows)],
        "city": ["Rome", "Bern", ""] * (rows // 3),
        "owner": ["true", "false"] * (rows // 2),
        "flat": [f"f{n // 3}" for n in range(rows)],
        "y": ["yes", "no"] * (rows // 2),
    }


def test_table_is_understood(table):
    dataset = load_dataset(table(columns()), DataSpec(group="flat"))
    assert (dataset.name, dataset.task, dataset.target_name) == ("t.csv", "binary", "y")
    assert dataset.class_names == ("no", "yes")
    assert [(c.name, c.kind, c.missing, c.distinct) for c in dataset.columns] == [
        ("size", "numeric", 0, 30),
        ("city", "categorical", 10, 2),
        ("owner", "boolean", 0, 2),
    ]
    assert dataset.groups.tolist() == [n // 3 for n in range(30)]
    assert len(dataset.fingerprint) == 64


def test_csv_and_parquet_give_the_same_features(table, tmp_path):
    from_csv = load_dataset(table(columns()))
    path = tmp_path / "t.parquet"
    typed = {
        **columns(),
        "size": [n * 1.5 for n in range(30)],
        "city": ["Rome", "Bern", None] * 10,
        "owner": [True, False] * 15,
    }
    pd.DataFrame(typed).to_parquet(path)
    from_parquet = load_dataset(str(path))
    assert from_parquet.columns == from_csv.columns
    pd.testing.assert_frame_equal(from_parquet.features, from_csv.features)
    np.testing.assert_array_equal(from_parquet.target, from_csv.target)


def test_copy_of_the_target_is_warned_of(table):
    dataset = load_dataset(table({**columns(), "copy": ["1", "0"] * 15}))
    leaks = [line.split("'")[1] for line in dataset.warnings if line.startswith("leak:")]
    assert leaks == ["owner", "copy"]


@pytest.mark.parametrize("name", ["target", "label", "class", "y", "Target"])
def test_usual_target_names_are_found(table, name):
    cells = columns()
    cells[name] = cells.pop("y")
    assert load_dataset(table(cells)).target_name == name


def test_unnamed_target_is_asked_for_with_the_columns(table):
    cells = columns()
    cells["label"] = cells["y"]
    with pytest.raises(DataError, match="several of 'y', 'label'; name one with --target"):
        load_dataset(table(cells))
    with pytest.raises(DataError, match=r"none of target, label, class or y.* are 'a', 'b'"):
        load_dataset(table({"a": ["1"] * 10, "b": ["2"] * 10}))


def test_misspelt_columns_are_reported_together(table):
    with pytest.raises(DataError) as caught:
        load_dataset(table(columns()), DataSpec(target="sice", group="flats"))
    assert "no group column 'flats'; did you mean 'flat'?" in caught.value.faults[0]
    assert "no target column 'sice'; did you mean 'size'?" in caught.value.faults[1]


def test_target_as_group_is_refused(table):
    with pytest.raises(DataError, match="'y' is both target and group"):
        load_dataset(table(columns()), DataSpec(target="y", group="y"))


def test_missing_group_is_refused_with_its_line(table):
    cells = columns()
    cells["flat"][2] = ""
    with pytest.raises(DataError, match=r"group column 'flat': 1 row has no value \(line 4\)"):
        load_dataset(table(cells), DataSpec(group="flat"))


def test_every_fault_of_a_table_is_reported_at_once(table):
    cells = columns()
    cells["size"][1] = "many"
    cells["city"][2] = "inf"
    cells["more"] = ["1e99"] * 30
    cells["y"] = ["yes"] * 30
    with pytest.raises(DataError) as caught:
        load_dataset(table(cells))
    assert len(caught.value.faults) == 3
    assert all("t.csv: " in fault and "; " in fault for fault in caught.value.faults)


def test_too_few_rows_are_refused(table):
    with pytest.raises(DataError, match="has 3 rows; a split needs at least 10"):
        load_dataset(table({"a": ["1", "2", "3"], "y": ["u", "v", "u"]}))


def test_single_column_is_refused(table):
    with pytest.raises(DataError, match="has the single column 'y'"):
        load_dataset(table({"y": ["1"] * 10}))


def test_table_without_a_useful_feature_is_refused_with_the_reasons(table):
    with pytest.raises(DataError, match="no feature column is left") as caught:
        load_dataset(table({"a": ["5"] * 10, "y": ["u", "v"] * 5}))
    assert "column 'a': dropped, constant" in caught.value.faults[1]


@pytest.mark.parametrize(
    "name",
    [
        "n" * 500,
        "\N{PILE OF POO}",
        "\N{RIGHT-TO-LEFT OVERRIDE}evil",
        "\x1b[31mred\x07",
        "../x",
        "<script>alert(1)</script>",
        r"$\frac{1}{0}$",
        "_leading",
        "[bold]",
    ],
)
def test_odd_names_are_harmless(table, name):
    cells = {name: [f"{n * 1.5}" for n in range(30)], "odd": ["5"] * 30, "y": ["u", name] * 15}
    dataset = load_dataset(table(cells))
    assert dataset.columns[0].name == name
    assert name in dataset.class_names
    with pytest.raises(DataError) as caught:
        load_dataset(table({**cells, name: ["1e99"] * 30}))
    assert caught.value.faults[0].replace("\N{PILE OF POO}", "").isprintable()


def test_row_numbers_restart_at_zero_in_the_features(table):
    assert list(load_dataset(table(columns())).features.index) == list(range(30))


def test_roles_take_columns_out_of_the_features(table):
    cells = {
        **columns(),
        "w": [f"{1 + n % 3}" for n in range(30)],
        "when": [f"2024-01-{n + 1:02}" for n in range(30)],
        "no": [f"{n}" for n in range(30)],
    }
    spec = DataSpec(weight="w", time="when", id=("no", "flat"), drop=("owner",))
    dataset = load_dataset(table(cells), spec)
    assert [column.name for column in dataset.columns] == ["size", "city"]
    assert dataset.weights.tolist() == [1 + n % 3 for n in range(30)]
    assert np.diff(dataset.times).tolist() == [1.0] * 29
    assert dataset.id_columns == ("no", "flat")
    assert dataset.other_columns.keys() == {"y", "w", "when", "no", "flat", "owner"}
    kept = load_dataset(table(cells), DataSpec(time="when", keep=("when", "no")))
    assert {"when", "no"} < {column.name for column in kept.columns}


def test_kinds_that_the_user_says_hold(table):
    cells = {**columns(), "zip": [f"{10_000 + n % 5}" for n in range(30)]}
    kinds = {column.name: column.kind for column in load_dataset(table(cells)).columns}
    assert kinds["zip"] == "numeric"
    dataset = load_dataset(table(cells), DataSpec(categorical=("zip", "size")))
    kinds = {column.name: column.kind for column in dataset.columns}
    assert kinds["zip"] == kinds["size"] == "categorical"


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        (DataSpec(weight="sice", id=("flet",)), ["no weight column 'sice'", "no id column 'flet'"]),
        (DataSpec(id=("flat",), group="flat"), ["'flat' is both id and group"]),
        (DataSpec(categorical=("size",), numeric=("size",)), ["'size' is both numeric and cat"]),
        (DataSpec(weight="y", target="y"), ["'y' is both weight and target"]),
        (DataSpec(time="size", group="flat"), ["by --group or by --time"]),
        (DataSpec(weight="city"), ["weight column 'city': 'Rome' is no number (lines 2, 3"]),
        (DataSpec(time="flat"), ["'f0' is neither a date nor a number (lines 2, 3"]),
        (DataSpec(log_target=True), ["classes have no logarithm"]),
        (DataSpec(target="size", log_target=True), ["0 has no logarithm (line 2)"]),
    ],
)
def test_roles_that_do_not_fit_are_refused(table, spec, faults):
    with pytest.raises(DataError) as caught:
        load_dataset(table(columns()), spec)
    assert len(caught.value.faults) == len(faults)
    for fault, part in zip(caught.value.faults, faults, strict=True):
        assert part in fault


@pytest.mark.parametrize(("weight", "said"), [("-1", "-1 (line 3)"), ("0", "all are 0")])
def test_weights_are_checked(table, weight, said):
    cells = {**columns(), "w": [weight if n == 1 or weight == "0" else "1" for n in range(30)]}
    with pytest.raises(DataError, match=re.escape(said)):
        load_dataset(table(cells), DataSpec(weight="w"))


def test_rows_without_a_target_are_left_out_everywhere(table):
    cells = {**columns(), "w": [str(n + 1) for n in range(30)]}
    cells["y"][4] = ""
    dataset = load_dataset(table(cells), DataSpec(weight="w", group="flat"))
    assert len(dataset) == len(dataset.features) == 29
    assert 5 not in dataset.weights
    assert len(dataset.groups) == 29


def test_a_test_file_is_the_test_split(table):
    train, later = columns(), columns()
    later["size"] = [f"{n},5" for n in range(30)]
    later["extra"] = ["1"] * 30
    path = table(later, "later.csv")
    with pytest.raises(DataError) as caught:
        load_dataset(table({**train, "more": ["1"] * 30}), DataSpec(test=path))
    assert "later.csv: lacks the columns 'more'" in caught.value.faults[0]
    dataset = load_dataset(
        table({**train, "size": [f"{n},1" for n in range(30)]}), DataSpec(test=path)
    )
    assert dataset.test_rows.tolist() == [False] * 30 + [True] * 30
    assert dataset.features["size"].tolist()[29:31] == [29.1, 0.5]
    splits = split_rows(dataset, seed=1)
    assert splits.test.tolist() == list(range(30, 60))
    assert len(splits.train) + len(splits.validation) == 30
    assert dataset.fingerprint != load_dataset(table(train)).fingerprint
    later = columns()
    later["size"][7] = "x"
    with pytest.raises(DataError, match=r"'x' among numbers \(line 9 of later\.csv\)"):
        load_dataset(table(train), DataSpec(test=table(later, "later.csv")))


def test_columns_of_lists_do_not_keep_a_parquet_file_out(tmp_path):
    path = tmp_path / "data.parquet"
    frame = pd.DataFrame(columns())
    frame.assign(tags=[["a"]] * len(frame)).to_parquet(path)
    for spec in (DataSpec(), DataSpec(drop=("tags",))):
        dataset = load_dataset(str(path), spec)
        assert "tags" not in [column.name for column in dataset.columns]
        assert any("'tags'" in warning for warning in dataset.warnings)


def test_a_limit_is_no_weight(table):
    rows = columns()
    rows["w"] = ["<0.5", *["1"] * (len(next(iter(rows.values()))) - 1)]
    with pytest.raises(DataError, match=r"'<0\.5' is no number"):
        load_dataset(table(rows), DataSpec(weight="w"))
