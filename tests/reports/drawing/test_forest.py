import itertools

import numpy as np
import pandas as pd
import pytest

from reports import theme
from reports.figures.forest import panel
from reports.study_content import ForestFigure

ROWS = [
    ("dropout 0.5 against none, 512 wide", 0.012, 0.006, 0.018, "better"),
    ("dropout 0.5 against none, 64 wide", -0.021, -0.030, -0.012, "worse"),
    ("dropout 0.1 against none, 64 wide", -0.002, -0.004, 0.001, "equivalent"),
    ("short", 0.004, -0.004, 0.012, "undecided"),
]


def draw(rows, margin=0.005):
    figure = ForestFigure(
        id="f", title="F", finding="It is so.", how_to_read="So.", unit="accuracy", margin=margin,
        table=pd.DataFrame(rows, columns=["comparison", "difference", "low", "high", "verdict"]),
    )  # fmt: skip
    return panel(figure).draw()


def texts(figure):
    found = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return [text for text in found if text]


@pytest.fixture(scope="module")
def drawn():
    return draw(ROWS)


def test_every_row_says_its_verdict_and_its_difference_in_words(drawn):
    shown = texts(drawn)
    assert {"better", "worse", "equivalent", "undecided"} <= set(shown)
    assert {"+0.012", "−0.021", "−0.002", "+0.004"} <= set(shown)  # noqa: RUF001 - a minus


def test_names_are_broken_before_their_second_side(drawn):
    shown = texts(drawn)
    assert shown.count("none, 64 wide") == 2
    assert "dropout 0.5 against" in shown
    assert "short" in shown


def test_the_margin_is_a_band_round_zero_and_stands_in_words(drawn):
    (axes,) = drawn.axes
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((-0.005, 0.005))
    assert "right is better; grey: ±0.005, too small to matter" in texts(drawn)
    assert not draw(ROWS, margin=np.nan).axes[0].patches


def test_intervals_stand_at_their_values(drawn):
    (axes,) = drawn.axes
    spans = [tuple(line.get_xdata()) for line in axes.lines if len(set(line.get_ydata())) == 1]
    assert {row[2:4] for row in ROWS} <= set(spans)


def test_verdicts_differ_in_their_mark_and_not_by_colour_alone():
    looks = {(mark.marker, mark.hollow) for mark in theme.COMPARISON_MARKS.values()}
    assert len(looks) == len(theme.COMPARISON_MARKS)


def test_thirty_rows_do_not_overlap():
    rows = [(f"arm {place} against arm 0", 0.01 * place, 0.0, 0.4, "better") for place in range(30)]
    figure = draw(rows)
    figure.draw_without_rendering()
    names = [text for text in figure.axes[0].texts if text.get_text().startswith("arm")]
    boxes = sorted((text.get_window_extent() for text in names), key=lambda box: box.y0)
    assert len(boxes) == 30
    assert all(one.y1 <= other.y0 + 0.5 for one, other in itertools.pairwise(boxes))


def test_everything_a_panel_writes_lies_inside_it(drawn):
    for figure in (drawn, draw([("a long name of an arm " * 20, 0.1, 0.0, 0.2, "undecided")])):
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert min(box.x0, box.y0) >= -0.02
        assert box.y1 <= height + 0.02
        assert box.x1 <= width + 0.02


def test_a_row_beyond_the_axis_is_an_arrow_with_its_number():
    near = [(f"row {place}", 0.001 * place, -0.01, 0.01, "equivalent") for place in range(8)]
    figure = draw([*near, ("far", -0.9, -1.0, -0.8, "worse")])
    assert [line for line in figure.axes[0].lines if line.get_marker() == "<"]
    assert any("0.9" in text for text in texts(figure))


def test_a_far_off_row_without_interval_is_an_arrow_too():
    near = [(f"row {place}", 0.001 * place, -0.01, 0.01, "equivalent") for place in range(8)]
    figure = draw([*near, ("far", 50.0, np.nan, np.nan, "undecided")])
    (arrow,) = [line for line in figure.axes[0].lines if line.get_marker() == ">"]
    assert list(arrow.get_ydata()) == [8]
