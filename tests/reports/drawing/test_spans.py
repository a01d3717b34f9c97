import pytest

from reports.drawing import canvas
from reports.drawing.spans import LONGEST, name_spans


@canvas.in_style
def named(*names):
    figure, axes = canvas.new_panel("Loss")
    axes.set_xlim(1.0, 10_000.0)
    canvas.log_axis(axes, "x")
    name_spans(axes, [(name, ends, "#000000") for name, ends in names])
    figure.draw_without_rendering()
    return axes.texts


def test_a_name_stands_above_the_middle_of_its_stretch_on_a_log_axis_too():
    (text,) = named(("search", (10.0, 1000.0)))
    assert text.xy == (pytest.approx(0.5), 1)


def test_names_of_short_stretches_are_moved_apart():
    first, second = named(("search", (99.0, 100.0)), ("audit", (100.0, 101.0)))
    width = canvas.WIDTH - canvas.LEFT - canvas.RIGHT
    assert (second.xy[0] - first.xy[0]) * width >= 67


@pytest.mark.parametrize("ends", [(1.0, 1.1), (9999.0, 10_000.0)])
def test_a_name_at_an_edge_stays_inside(ends):
    (text,) = named(("adequate", ends))
    assert 0.05 < text.xy[0] < 0.95


def test_a_long_name_is_cut_and_drawn_as_it_is():
    (text,) = named(("$x$" * 100, (10.0, 1000.0)))
    assert len(text.get_text()) == LONGEST
    assert not text.get_parse_math()


def test_no_name_is_no_text():
    assert len(named()) == 0
