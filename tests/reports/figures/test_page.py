import numpy as np
import pandas as pd
import pytest

from reports.figures.page import TAKEN, figure_sections, make_anchors, table_sections
from reports.study_content import ForestFigure, ResponseFigure, StudyTable

POINT = ["panel", "series", "x", "mean", "low", "high"]
WORDS = {"title": "A title", "finding": "It falls by 0.1.", "how_to_read": "Down is better."}


def response(rows=None, **changes):
    table = [("", "adam", 1.0, 0.51234, 0.5, 0.52)] if rows is None else rows
    given = {
        "id": "loss", "x_name": "width", "x_scale": "linear", "y_name": "loss",
        "table": pd.DataFrame(table, columns=POINT),
        "marks": pd.DataFrame({"panel": [], "x": [], "label": []}),
    }  # fmt: skip
    return ResponseFigure(**{**WORDS, **given, **changes})


def forest(rows=(("a against b", 0.01234, -0.01, 0.03, "undecided"),)):
    table = pd.DataFrame(list(rows), columns=["comparison", "difference", "low", "high", "verdict"])
    return ForestFigure(**WORDS, id="forest", unit="accuracy", margin=0.01, table=table)


def test_the_numbers_behind_a_response_are_its_table():
    (section,) = figure_sections([response()])
    assert section.table.header == ("series", "width", "loss", "from", "to")
    assert section.table.rows == (("adam", "1", "0.5123", "0.5000", "0.5200"),)
    (named,) = figure_sections([response([("p", "s", 1, 1, 1, 1), ("q", "s", 1, 1, 1, 1)])])
    assert named.table.header[0] == "panel"
    assert [row[0] for row in named.table.rows] == ["p", "q"]


def test_the_numbers_behind_a_forest_are_its_table():
    (section,) = figure_sections([forest()])
    assert section.table.rows == (
        ("a against b", "0.01234", "\u22120.01000", "0.03000", "undecided"),
    )
    assert "margin 0.01" in section.table.caption


def test_words_are_passed_on():
    (section,) = figure_sections([response()])
    assert (section.title, section.finding, section.how_to_read) == tuple(WORDS.values())
    assert WORDS["finding"] in str(section.panels[0])


def test_figures_without_a_row_say_so():
    for section in figure_sections([response([]), forest([])]):
        assert section.panels == ()
        assert "nothing to draw" in section.note


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([("", "s", 1.0, np.nan, np.nan, np.nan)], "1 point without a result"),
        ([("", "s", 1.0, 0.0, 0.0, 0.0)], "1 point not drawn: a log axis"),
        ([("a", "s", 1.0, 1.0, 1.0, 1.0), ("b", "s", 1.0, 1e6, 1e6, 1e6)], "its own scale"),
    ],
)
def test_what_is_not_in_its_place_is_noted(rows, note):
    (section,) = figure_sections([response(rows, y_scale="log")])
    assert note in section.note


def test_a_forest_notes_what_lies_beyond_its_axis_and_what_is_unknown():
    near = [(f"row {place}", 0.001 * place, -0.01, 0.01, "equivalent") for place in range(8)]
    far = [("far", -0.9, -1.0, -0.8, "worse"), ("gone", np.nan, np.nan, np.nan, "undecided")]
    (section,) = figure_sections([forest([*near, *far])])
    assert "1 difference beyond the axis" in section.note
    assert "1 comparison without a result." in section.note


def test_a_series_bears_one_mark_in_all_figures():
    first = response([("", name, 1.0, 1.0, 1.0, 1.0) for name in ("a" * 20, "b" * 20)])
    second = response([("", name, 1.0, 1.0, 1.0, 1.0) for name in ("b" * 20, "c" * 20)])
    one, other = figure_sections([first, second])
    assert one.key[1] == other.key[0]
    assert len({(key.glyph, key.style) for key in (*one.key, *other.key)}) == 3


def test_a_key_names_series_only_where_the_drawing_cuts_them():
    assert figure_sections([response()])[0].key == ()
    long = response([("", "sgd with momentum 0.9", 1.0, 1.0, 1.0, 1.0)])
    assert figure_sections([long])[0].key[0].name == "sgd with momentum 0.9"


def test_anchors_are_slugs_each_of_them_once():
    names = ["Dose & response", "dose-response", "", "trials", "a-table", "<script>", "é"]
    anchors = make_anchors(names, TAKEN)
    assert anchors == [
        "dose-response", "dose-response-2", "part", "trials-2", "a-table-part", "script", "part-2",
    ]  # fmt: skip


def test_tables_take_no_anchor_of_a_figure():
    drawn = figure_sections([response(id="arms")])
    table = StudyTable(id="arms", title="Arms", table=pd.DataFrame({"Arm": ["a"]}))
    assert [section.id for section in table_sections([table], drawn)] == ["arms-2"]
