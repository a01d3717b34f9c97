import matplotlib as mpl
import pytest

from reports.drawing import canvas


def test_labels_that_are_apart_stay_where_they_are():
    assert canvas.spread([0.0, 50.0], 10.0, (0.0, 100.0)) == [0.0, 50.0]


def test_labels_in_one_place_are_moved_apart_and_keep_their_order():
    moved = canvas.spread([30.0, 31.0, 30.5], 10.0, (0.0, 100.0))
    assert moved == [30.0, 50.0, 40.0]


def test_labels_at_the_top_are_moved_down():
    assert canvas.spread([99.0, 100.0], 10.0, (0.0, 100.0)) == [90.0, 100.0]


def test_no_label_needs_no_place():
    assert canvas.spread([], 10.0, (0.0, 100.0)) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0001, "0.0001"), (0.00001, "1e-5"), (500.0, "500"), (20000.0, "20 k"), (3e6, "3 M"),
     (1e9, "1 G")],
)  # fmt: skip
def test_ticks_of_a_log_axis_are_short(value, text):
    assert canvas.log_label(value) == text


def ticks(axis, low, high):
    return [tick for tick in axis.get_majorticklocs() if low <= tick <= high]


def test_an_axis_of_epochs_has_whole_numbers_even_for_one_epoch():
    _, axes = canvas.new_panel("Loss")
    axes.set_xlim(0.5, 1.5)
    canvas.number_axis(axes, "x", whole=True)
    assert ticks(axes.xaxis, 0.5, 1.5) == [1.0]


def test_no_number_stands_in_the_strip_below_the_floor():
    _, axes = canvas.new_panel("Score")
    axes.set_ylim(-1.0, 1.0)
    canvas.number_axis(axes, "y", floor=0.0)
    assert min(axes.yaxis.get_majorticklocs()) == 0.0


def test_a_panel_changes_no_global_setting():
    before = dict(mpl.rcParams)

    @canvas.in_style
    def draw():
        assert mpl.rcParams["text.parse_math"] is False
        return canvas.new_panel("x")[0]

    draw()
    assert dict(mpl.rcParams) == before


def test_ticks_stand_at_the_values_where_their_numbers_keep_apart():
    _, axes = canvas.new_panel("Loss")
    axes.set_xlim(0, 1)
    canvas.number_axis(axes, "x")
    before = list(axes.xaxis.get_majorticklocs())
    canvas.value_ticks(axes, [0.35, 0.1, 0.7])
    assert list(axes.xaxis.get_majorticklocs()) == [0.1, 0.35, 0.7]
    canvas.number_axis(axes, "x")
    canvas.value_ticks(axes, [0.1, 0.11, 0.12])
    assert list(axes.xaxis.get_majorticklocs()) == before


def test_a_log_axis_of_less_than_a_decade_has_several_numbers():
    _, axes = canvas.new_panel("Loss")
    axes.set_ylim(0.11, 0.19)
    canvas.log_axis(axes, "y")
    assert len(ticks(axes.yaxis, 0.11, 0.19)) >= 3


def test_a_narrow_axis_has_few_numbers():
    _, axes = canvas.new_panel("Loss", left=200, right=100)
    axes.set_xlim(0, 1)
    canvas.number_axis(axes, "x", most=2)
    assert len(ticks(axes.xaxis, 0, 1)) <= 3
