import pandas as pd

from reports import wording
from reports.tables.table import LONGEST_TABLE, alignment, figure_table


def test_a_long_table_behind_a_figure_is_cut_and_says_so():
    table = figure_table(pd.DataFrame({"x": range(1000)}), "Numbers.")
    assert len(table.rows) == LONGEST_TABLE
    assert table.caption == "Numbers. The first 200 of 1,000 rows."


def test_columns_of_text_begin_where_reading_does():
    table = figure_table(pd.DataFrame({"x": [1], "y": ["a"]}), "Numbers.")
    assert alignment(table, "t") == "#t td:nth-child(2){text-align:start}"


def test_a_format_comes_from_what_a_column_holds_unless_it_has_its_own():
    data = pd.DataFrame({"name": ["a" * 99], "k": [1000], "loss": [0.123456], "score": [0.9]})
    table = figure_table(data, "Numbers.", {"score": wording.score})
    assert table.header == ("name", "k", "loss", "score")
    assert table.rows[0][1:] == ("1,000", "0.123", "0.900")
    assert len(table.rows[0][0]) == wording.LONGEST_NAME


def test_columns_of_one_name_are_all_written():
    data = pd.DataFrame([[1, 2]], columns=["from", "from"])
    assert figure_table(data, "Numbers.").rows == (("1", "2"),)
