import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from reports import theme
from reports.drawing import canvas, marks
from reports.drawing.svg import inline_svg


@canvas.in_style
def draw(number, *, named=True, artist="points", x_scale="linear"):
    figure, axes = canvas.new_panel("Gap")
    axes.set_xlim(1, 100)
    axes.set_ylim(0, 1)
    axes.set_xscale(x_scale)
    x, y = np.linspace(2, 99, number), np.linspace(0.1, 0.9, number)
    if artist == "points":
        drawn = axes.scatter(x, y, color=theme.colour("fits"), clip_on=False)
    else:
        (drawn,) = axes.plot(x, y, "x", color=theme.colour("failed"), clip_on=False)
    if named:
        marks.name_marks(drawn, [f"s{place:04d}" for place in range(number)])
        marks.name_axes(axes, "size", "gap")
    return figure


def root_of(figure):
    return ET.fromstring(inline_svg(figure, name="a", prefix="f"))


def named_part(root):
    (part,) = [part for part in root.iter() if marks.NAMES in part.attrib]
    return part


@pytest.mark.parametrize("artist", ["points", "line"])
@pytest.mark.parametrize("number", [1, 3, marks.FEWEST, 200])
def test_marks_keep_the_names_of_their_trials_in_order(number, artist):
    part = named_part(root_of(draw(number, artist=artist)))
    assert part.get(marks.NAMES).split(" ") == [f"s{place:04d}" for place in range(number)]
    if part.tag.endswith("path"):
        points = part.get("d").removeprefix("M").split("L")
        lefts = [float(point.split(" ")[0]) for point in points]
    else:
        lefts = [float(use.get("x")) for use in part]
    wanted = 46 + (np.linspace(2, 99, number) - 1) / 99 * 300
    assert lefts == pytest.approx(wanted, abs=0.006)


def test_many_marks_become_one_path_with_their_shape_and_colour_in_a_marker():
    root = root_of(draw(200))
    part = named_part(root)
    (marker,) = [one for one in root.iter() if one.tag.endswith("marker")]
    assert part.get("marker-mid") == f"url(#{marker.get('id')})"
    assert part.get("fill") == "none"
    assert marker[0].get("fill") == theme.colour("fits")
    assert not [one for one in root.iter() if one.tag.endswith("}a")]


def test_gathering_makes_a_drawing_of_many_marks_much_smaller():
    few, many = (len(inline_svg(draw(number), name="a", prefix="f")) for number in (23, 1023))
    assert (many - few) / 1000 < 25


def test_without_names_nothing_is_told():
    root = root_of(draw(5, named=False))
    assert "data-axes" not in root.attrib
    assert not [part for part in root.iter() if marks.NAMES in part.attrib]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_axes_are_told_with_their_places_limits_and_names(scale):
    (axes,) = json.loads(root_of(draw(3, x_scale=scale)).get("data-axes"))
    assert axes["x"] == [46, 346, 1, 100]
    assert axes["y"] == [214, 54, 0, 1]
    assert axes["log"] == [scale == "log", False]
    assert axes["names"] == ["size", "gap"]


def test_names_that_do_not_fit_the_marks_are_left_out():
    figure = draw(3)
    marks.name_marks(figure.axes[0].collections[0], ["only one"])
    assert not [part for part in root_of(figure).iter() if marks.NAMES in part.attrib]


@pytest.mark.parametrize("name", ['"><script>', "a b", "x" * 99, ""])
def test_an_anchor_is_safe_in_an_address_and_a_list(name):
    anchor = marks.trial_anchor(name)
    assert anchor
    assert anchor.replace("-", "").isalnum()


def test_the_same_figure_gives_the_same_bytes():
    made = [inline_svg(draw(200), name="a", prefix="f") for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("names", [["relu", "tanh"], ["32", "64"]], ids=["words", "numbers"])
def test_the_choices_on_an_axis_are_told_by_their_places(names):
    figure = draw(3)
    canvas.category_axis(figure.axes[0], names)
    (axes,) = json.loads(marks.axes_of(figure))
    assert axes["values"] == dict(zip(["0", "1"], names, strict=True))


def test_an_axis_of_numbers_has_no_choices():
    figure = draw(3)
    canvas.number_axis(figure.axes[0], "x")
    (axes,) = json.loads(marks.axes_of(figure))
    assert axes["values"] == {}
