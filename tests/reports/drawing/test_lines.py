import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from reports import theme
from reports.drawing import canvas
from reports.drawing.lines import MUTED
from reports.figures.response import MOST_DOTS, lines_panel, response_panels, series_names
from reports.study_content import ResponseFigure

POINT = ["panel", "series", "x", "mean", "low", "high"]
NO_MARKS = pd.DataFrame({"panel": [], "x": [], "label": []})


def capacity_curve():
    """Loss against the number of parameters on log axes, with the interpolation threshold."""
    sizes = np.round(np.geomspace(700, 900_000, 12)).astype(float)
    rows = []
    for size in sizes:
        place = np.log10(size)
        train = max(0.9 - 0.28 * (place - 2.8), 0.004)
        validation = 0.55 + 0.5 * np.exp(-(((place - 4.6) / 0.45) ** 2)) - 0.09 * (place - 4)
        for series, mean, half in (("train", train, 0.002), ("validation", validation, 0.03)):
            rows.append(("", series, size, mean, mean - half, mean + half))
    return ResponseFigure(
        id="capacity", title="Loss against capacity",
        finding="The validation loss rises to 1.0 at the interpolation threshold, 41,000 "
        "parameters, and falls again.",
        how_to_read="Dashed lines mark what was concluded.",
        x_name="trainable parameters", x_scale="log", y_name="cross-entropy, nats",
        table=pd.DataFrame(rows, columns=POINT),
        marks=pd.DataFrame(
            {"panel": ["", "", ""], "x": [sizes[2], sizes[6], sizes[11]],
             "label": ["smallest adequate", "interpolation threshold", "best"]}
        ),
        shade_gap=True,
    )  # fmt: skip


def learning_rates():
    """Validation loss against the learning rate, one line an optimizer; the largest diverge."""
    grid = np.geomspace(1e-5, 1.0, 11)
    rows = []
    for name, best, width in (("adam", 1e-3, 1.4), ("rmsprop", 8e-4, 1.1), ("sgd", 8e-2, 0.8)):
        for rate in grid:
            mean = 0.08 + 0.25 * (np.log10(rate / best) / width) ** 2
            mean = np.nan if rate > 250 * best else min(mean, 2.3)
            rows.append(("", name, rate, mean, mean * 0.93, mean * 1.08))
    return ResponseFigure(
        id="rates", title="Which learning rates work",
        finding="Adam works within 0.20 nats of its best over 2.5 decades, SGD over 1.4.",
        how_to_read="A cross on the axis is a rate at which every seed diverged.",
        x_name="learning rate", x_scale="log", y_name="validation loss", y_scale="log",
        table=pd.DataFrame(rows, columns=POINT), marks=NO_MARKS,
    )  # fmt: skip


def draw(figure):
    """Draw the first panel of a response."""
    panel = response_panels(figure)[0]
    marks = theme.series_marks(series_names(figure))
    return lines_panel(figure, panel, marks, figure.finding).draw()


def texts(figure):
    found = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return [text for text in found if text]


def points_of(axes, marker):
    """Return the places of one series' dots in the axes, without the one beside its name."""
    (line, *_) = [
        line
        for line in axes.lines
        if line.get_marker() == marker and line.get_transform() == axes.transData
    ]
    return line.get_xydata()


@pytest.fixture(scope="module")
def capacity():
    return draw(capacity_curve())


@pytest.fixture(scope="module")
def rates():
    return draw(learning_rates())


def test_every_point_stands_at_its_value_on_log_axes(capacity):
    (axes,) = capacity.axes
    table = capacity_curve().table.query("series == 'validation'")
    assert points_of(axes, "o").tolist() == table[["x", "mean"]].to_numpy().tolist()
    assert axes.get_xscale() == "log"
    assert axes.get_yscale() == "linear"


def test_series_are_named_at_their_ends_with_their_mark(rates):
    assert {"adam", "rmsprop", "sgd"} <= set(texts(rates))
    (axes,) = rates.axes
    beside = [line for line in axes.lines if line.get_transform() == axes.transAxes]
    assert len({line.get_marker() for line in beside}) == 3


def test_names_at_the_ends_of_lines_do_not_overlap(rates):
    rates.draw_without_rendering()
    boxes = [
        t.get_window_extent()
        for t in rates.axes[0].texts
        if t.get_text() in {"adam", "rmsprop", "sgd"}
    ]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for a, b in pairs)


def test_rates_at_which_all_diverged_are_crosses_on_the_axis(rates):
    (axes,) = rates.axes
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    places = sorted(x for line in crosses for x in line.get_xdata())
    assert places == pytest.approx([10**-0.5, 10**-0.5, 1.0, 1.0])
    heights = [tuple(line.get_ydata()) for line in crosses if len(line.get_ydata())]
    assert len(set(heights)) == 2


def test_values_are_pointed_out_by_labels_that_do_not_overlap(capacity):
    capacity.draw_without_rendering()
    wanted = {"smallest adequate", "interpolation threshold", "best"}
    labels = [text for text in capacity.axes[0].texts if text.get_text() in wanted]
    assert len(labels) == 3
    rows = {round(label.get_window_extent().y0) for label in labels}
    assert len(rows) == 3
    below = capacity.axes[0].bbox.y1
    assert all(label.get_window_extent().y0 > below for label in labels)


def test_everything_a_panel_writes_lies_inside_it(capacity, rates):
    wide = dataclasses.replace(capacity_curve(), x_name="a setting " * 20)
    for figure in (capacity, rates, draw(wide)):
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert min(box.x0, box.y0) >= -0.02
        assert box.x1 <= width + 0.02
        assert box.y1 <= height + 0.02


def test_the_gap_is_shaded_between_train_and_validation(capacity):
    shades = [
        part for part in capacity.axes[0].collections
        if part.get_facecolor()[0][:3].tolist() == list(
            to_rgb(MUTED))
    ]  # fmt: skip
    assert len(shades) == 1


def test_an_interval_without_neighbours_is_a_line_and_not_an_invisible_band():
    figure = dataclasses.replace(learning_rates(), table=learning_rates().table.head(1))
    (axes,) = draw(figure).axes
    assert not axes.collections
    row = figure.table.iloc[0]
    spans = [line.get_ydata() for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert any(list(span) == [row["low"], row["high"]] for span in spans)


def test_a_long_curve_bears_few_marks_and_its_whole_line():
    epochs = np.arange(1, 101, dtype=float)
    table = pd.DataFrame({"panel": "", "series": "train", "x": epochs, "mean": 1 / epochs})
    figure = dataclasses.replace(
        learning_rates(), x_scale="linear", table=table.assign(low=np.nan, high=np.nan)
    )
    (axes,) = draw(figure).axes
    assert len(points_of(axes, "s")) <= MOST_DOTS
    assert max(len(line.get_xdata()) for line in axes.lines) == 100


def test_every_value_of_a_short_setting_is_written_on_its_axis():
    table = learning_rates().table.iloc[:7].assign(x=[0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9])
    figure = dataclasses.replace(learning_rates(), x_scale="linear", table=table)
    (axes,) = draw(figure).axes
    assert list(axes.xaxis.get_majorticklocs()) == list(table["x"])


def test_a_panel_without_any_value_says_so():
    nothing = learning_rates().table.assign(mean=np.nan, low=np.nan, high=np.nan)
    assert "no result to draw" in texts(draw(dataclasses.replace(learning_rates(), table=nothing)))


def test_ten_series_differ_in_mark_or_fill():
    table = pd.concat(
        [learning_rates().table.head(5).assign(series=f"width {2**place}") for place in range(10)]
    )
    (axes,) = draw(dataclasses.replace(learning_rates(), table=table)).axes
    beside = [line for line in axes.lines if line.get_transform() == axes.transAxes]
    looks = {(line.get_marker(), line.get_markerfacecolor()) for line in beside}
    assert len(looks) == len(beside) == 10
    assert canvas.WIDTH > axes.bbox.width > 150


def test_only_intervals_without_a_neighbour_stand_alone():
    table = learning_rates().table.head(4).assign(x=[1.0, 2.0, 3.0, 4.0], mean=1.0, low=0.9)
    table["high"] = 1.1
    table.loc[table.index[1], ["low", "high"]] = np.nan
    figure = dataclasses.replace(learning_rates(), x_scale="linear", y_scale="linear", table=table)
    (axes,) = draw(figure).axes
    spans = [line for line in axes.lines if list(line.get_ydata()) == [0.9, 1.1]]
    assert [line.get_xdata()[0] for line in spans] == [1.0]
    (band,) = axes.collections
    assert band.get_paths()[-1].vertices[:, 0].min() == 3.0
