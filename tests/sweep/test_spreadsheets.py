import io

import numpy as np
import pandas as pd
import pytest

from sweep.spreadsheets import formula_safe


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\n=1",
        "\uff1d1",
        "-inf",
        "-",
        "+1e",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_quoted(text):
    table = pd.DataFrame({"a": [text, "plain"]})

    assert formula_safe(table)["a"].tolist() == [f"'{text}", "plain"]


@pytest.mark.parametrize("text", ["-1", "+1", "-0.5", "-1e-05", "+.5", "-3."])
def test_class_names_that_are_numbers_stay_as_they_are(text):
    assert formula_safe(pd.DataFrame({"a": [text]}))["a"].tolist() == [text]


def test_column_names_are_quoted_too():
    table = pd.DataFrame({"=A1": [1], "-x": ["a"], "y": [2]})

    assert list(formula_safe(table).columns) == ["'=A1", "'-x", "y"]


def test_numbers_stay_numbers_and_missing_stays_missing():
    table = pd.DataFrame({"n": [-1.5, np.nan], "b": [True, False], "t": ["=x", None]})

    safe = formula_safe(table)

    assert safe["n"].dtype == np.float64
    assert safe["n"].iloc[0] == -1.5
    assert safe["b"].tolist() == [True, False]
    assert safe["t"].isna().tolist() == [False, True]


def test_categories_are_quoted():
    table = pd.DataFrame({"c": pd.Categorical(["=x", "y"])})

    assert formula_safe(table)["c"].tolist() == ["'=x", "y"]


def test_the_table_that_was_given_is_not_changed():
    table = pd.DataFrame({"=a": ["=x"]})

    formula_safe(table)

    assert table.to_dict("list") == {"=a": ["=x"]}


def test_an_empty_table_stays_empty():
    table = pd.DataFrame({"a": pd.Series([], dtype="str")})

    assert formula_safe(table).shape == (0, 1)


def test_the_quoting_survives_a_csv_file():
    text = formula_safe(pd.DataFrame({"a": ["\r=1", "=2"]})).to_csv(index=False)

    back = pd.read_csv(io.StringIO(text, newline=""), lineterminator="\n")["a"].tolist()
    assert all(value.startswith("'") for value in back)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_no_line_within_a_text_becomes_a_row_of_its_own(end):
    safe = formula_safe(pd.DataFrame({"a": [f"lost{end}=1+1", f"{end}=1"]}))
    assert safe["a"].tolist() == ["lost\n=1+1", "'\n=1"]
    assert safe.to_csv(index=False, lineterminator="\n") == 'a\n"lost\n=1+1"\n"\'\n=1"\n'
