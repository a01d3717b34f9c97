import numpy as np
import pandas as pd
import pytest

from sweep.data.names import RowPlaces
from sweep.data.spec import DataSpec
from sweep.data.table_checks import drop_useless, warn_duplicates, warn_leaks
from sweep.data.table_columns import type_column
from sweep.data.target import encode_target

ROWS = 30
PLACES = RowPlaces(source="d.csv", word="line", numbers=np.arange(2, ROWS + 2))


def column(cells, name="c", dtype="str"):
    return type_column(pd.Series(cells, dtype=dtype), name, PLACES)


OTHER = column([str(number % 7) for number in range(ROWS)], "other")


@pytest.mark.parametrize(
    ("cells", "name", "reason"),
    [
        ([None] * ROWS, "c", "no row has a value"),
        (["x"] * ROWS, "c", "constant: every row has the value 'x'"),
        (["5"] * ROWS, "c", "constant"),
        ([f"k{n}" for n in range(ROWS)], "c", "an identifier or free text: every row has another"),
        ([f"k{max(n, 2)}" for n in range(ROWS)], "c", "28 different values in 30 rows"),
        ([str(n + 1) for n in range(ROWS)], "c", "row numbers"),
        ([str(n * 7 % 101) for n in range(ROWS)], "customer_id", "an identifier by its name"),
        ([str(n * 7 % 101) for n in range(ROWS)], "customerID", "an identifier by its name"),
    ],
)
def test_useless_columns_are_dropped_with_the_reason(cells, name, reason):
    kept, _, warnings = drop_useless([column(cells, name), OTHER], PLACES, DataSpec())
    assert [one.name for one in kept] == ["other"]
    assert warnings[0].startswith(f"column '{name}': dropped, ")
    assert reason in warnings[0]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ([str(n * 7 % 101) for n in range(ROWS)], "price"),
        ([str(n * 7 % 101) for n in range(ROWS)], "humid"),
        ([f"{n}.5" for n in range(ROWS)], "id"),
        (["x"] * 29 + [None], "c"),
        (["a", "b", "c"] * 10, "id"),
        ([str(1990 + n) for n in range(ROWS)], "year"),
        ([f"2020-01-{n + 1}" for n in range(ROWS)], "c"),
    ],
)
def test_useful_columns_stay(cells, name):
    kept, _, _ = drop_useless([column(cells, name), OTHER], PLACES, DataSpec())
    assert len(kept) == 2


def test_growing_numbers_stay_as_the_only_feature():
    kept, _, _ = drop_useless([column([str(n) for n in range(ROWS)], "x")], PLACES, DataSpec())
    assert len(kept) == 1


def test_many_categories_are_warned_of():
    places = RowPlaces(source="d.csv", word="line", numbers=np.arange(300))
    many = type_column(pd.Series([f"k{n % 100}" for n in range(300)], dtype="str"), "c", places)
    kept, _, warnings = drop_useless([many], places, DataSpec())
    assert len(kept) == 1
    assert "100 categories in 300 rows; the 49 most frequent are told apart" in warnings[0]


def test_feature_that_renames_the_classes_is_a_leak():
    target = encode_target(
        pd.Series(["yes", "no", "no"] * 10, dtype="str"), name="y", places=PLACES
    )
    same = column(["1", "0", "0"] * 10, "same")
    assert warn_leaks([same, OTHER], target, "y")[0].startswith("leak: column 'same' gives")
    assert len(warn_leaks([same, OTHER], target, "y")) == 1


def test_feature_that_is_the_target_in_other_units_is_a_leak():
    numbers = np.random.default_rng(0).normal(size=ROWS)
    target = encode_target(pd.Series(numbers), name="y", places=PLACES)
    scaled = column(numbers * -2.54 + 7, "cm", "float64")
    noisy = column(numbers + 0.01 * np.sin(np.arange(ROWS)), "noisy", "float64")
    huge = column(np.linspace(-3e38, 3e38, ROWS), "huge", "float64")
    assert [line.split("'")[1] for line in warn_leaks([scaled, noisy, huge], target, "y")] == ["cm"]


def test_repeated_rows_are_counted_with_their_target():
    columns = [column(["1"] * 29 + ["2"], "a"), column(["x"] * 29 + [None], "b")]
    target = np.arange(ROWS) // 3
    assert warn_duplicates(columns, target)[0].startswith("19 rows repeat")
    assert warn_duplicates(columns, np.arange(ROWS) // 29)[0].startswith("28 rows repeat")
    assert warn_duplicates(columns, np.arange(ROWS)) == ()


@pytest.mark.parametrize("role", ["keep", "categorical", "numeric"])
def test_what_the_user_names_stays(role):
    numbers = column([str(n + 1) for n in range(ROWS)], "no")
    _, _, [warning] = drop_useless([numbers, OTHER], PLACES, DataSpec())
    assert "--keep no" in warning
    kept, _, warnings = drop_useless([numbers, OTHER], PLACES, DataSpec(**{role: ("no",)}))
    assert [one.name for one in kept] == ["no", "other"]
    assert warnings == ()
