import numpy as np
import pandas as pd
import pytest

from reports import theme
from reports.figures.response import response_panels, rows_panel, series_names
from reports.study_content import ResponseFigure

LADDER = [
    ("1x128", 0.962, 0.941),
    ("3x128", 0.998, 0.957),
    ("3x128 with three Dropout(0.5) layers", 0.971, 0.955),
]
COLUMNS = ["panel", "series", "x", "mean", "low", "high"]


def rows(networks=tuple(LADDER)):
    return [
        ("", series, name, mean, mean - 0.005, mean + 0.005)
        for name, *means in networks
        for series, mean in zip(("train", "validation"), means, strict=True)
    ]


def draw(table, marks=()):
    figure = ResponseFigure(
        id="f", title="F", finding="It is so.", how_to_read="So.", x_name="network",
        x_scale="category", y_name="accuracy", table=pd.DataFrame(table, columns=COLUMNS),
        marks=pd.DataFrame(list(marks), columns=["panel", "x", "label"]), shade_gap=True,
    )  # fmt: skip
    (panel,) = response_panels(figure)
    marks = theme.series_marks(series_names(figure))
    return rows_panel(figure, panel, marks, "It is so.").draw()


def texts(figure):
    found = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return [text for text in found if text]


@pytest.fixture(scope="module")
def ladder():
    return draw(rows())


def test_names_stand_whole_beside_their_rows(ladder):
    shown = texts(ladder)
    assert {"1x128", "3x128", "3x128 with three", "Dropout(0.5) layers"} <= set(shown)


def test_series_are_named_in_the_panel_with_their_mark(ladder):
    assert {"train", "validation"} <= set(texts(ladder))
    (axes,) = ladder.axes
    beside = [line for line in axes.lines if line.get_transform() == ladder.transFigure]
    assert {line.get_marker() for line in beside} == {"s", "o"}


def test_points_stand_at_their_values_and_series_apart(ladder):
    (axes,) = ladder.axes
    dots = {
        line.get_marker(): line.get_xydata()
        for line in axes.lines
        if line.get_transform() == axes.transData and len(line.get_xdata()) == 3
    }
    assert dots["s"][:, 0].tolist() == [train for _, train, _ in LADDER]
    assert dots["o"][:, 0].tolist() == [validation for _, _, validation in LADDER]
    assert (dots["s"][:, 1] < dots["o"][:, 1]).all()


def test_a_bar_spans_each_gap(ladder):
    (axes,) = ladder.axes
    spans = sorted(round(abs(bar.get_width()), 4) for bar in axes.patches)
    assert spans == sorted(round(train - validation, 4) for _, train, validation in LADDER)


def test_a_category_is_pointed_out_beside_its_row():
    figure = draw(rows(), [("", "3x128", "smallest adequate network of all")])
    assert {"smallest", "adequate…"} <= set(texts(figure)) or "smallest" in " ".join(texts(figure))


def test_a_network_that_diverged_is_a_cross():
    figure = draw(rows([*LADDER, ("9x128", np.nan, np.nan)]))
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert sum(len(line.get_xdata()) for line in crosses) == 2


def test_everything_a_panel_writes_lies_inside_it(ladder):
    many = [(f"network {place} " + "a long name of an arm " * 9, 0.9, 0.8) for place in range(12)]
    crowd = [("", f"series {place} of the figure", "one", 0.5, 0.4, 0.6) for place in range(9)]
    for figure in (ladder, draw(rows(many), [("", many[3][0], "best " * 9)]), draw(crowd)):
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert min(box.x0, box.y0) >= -0.02
        assert box.x1 <= width + 0.02
        assert box.y1 <= height + 0.02
