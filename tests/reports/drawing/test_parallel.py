import numpy as np
import pytest
from matplotlib.colors import to_hex

from reports.drawing.parallel import BEST, MUTED, Parallel
from reports.drawing.svg import inline_svg
from reports.figures.parallel import parallel
from reports.judged import with_verdicts


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


@pytest.fixture
def summary(run, judged):
    winner = run.manifest["winner"]["trial"]
    return parallel(judged, run.manifest["space_bounds"], "accuracy", winner=winner)


def drawn(summary, remark=""):
    axes = [one.axis for one in summary.settings]
    return Parallel(
        name="a", title="All", remark=remark, axes=axes, lines=summary.lines,
        is_best=summary.is_best, winner=summary.winner,
    ).draw()  # fmt: skip


def polylines(axes, summary):
    return [line for line in axes.lines if len(line.get_xdata()) == len(summary.settings)]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_best_are_bold_with_dots_and_the_others_thin(summary):
    axes = drawn(summary).axes[0]
    lines = polylines(axes, summary)
    bold = [line for line in lines if to_hex(line.get_color()) == BEST]
    thin = [line for line in lines if to_hex(line.get_color()) == MUTED]
    assert len(bold) == summary.is_best.sum()
    assert len(thin) == (~summary.is_best).sum()
    assert {line.get_marker() for line in bold} == {"o"}
    assert min(line.get_linewidth() for line in bold) > 2 * thin[0].get_linewidth()


def test_the_winner_has_a_ring_on_every_axis(summary):
    axes = drawn(summary).axes[0]
    (ring,) = [line for line in polylines(axes, summary) if line.get_markersize() > 7]
    assert ring.get_xdata() == pytest.approx(summary.lines[summary.winner])


def test_every_axis_has_its_name_and_its_ends(summary):
    shown = texts(drawn(summary).axes[0])
    assert {"depth", "width", "learning rate", "loss gap", "validation", "accuracy"} <= set(shown)
    assert {"8", "512", "adam", "sgd", "rmsprop", "leaky_relu"} <= set(shown)
    assert "none" in shown  # momentum, which only sgd has


def test_the_drawing_grows_with_the_axes_and_keeps_its_width(run, judged):
    few = {name: run.manifest["space_bounds"][name] for name in ("depth", "width")}
    small = drawn(parallel(judged, few, "accuracy"))
    whole = drawn(parallel(judged, run.manifest["space_bounds"], "accuracy"))
    assert small.get_figwidth() == whole.get_figwidth()
    assert small.get_figheight() < whole.get_figheight()


def test_many_names_leave_room_for_each_other(judged):
    names = [f"name {place}" for place in range(40)]
    many = judged.assign(activation=[names[place] for place in range(len(judged))])
    bounds = {"activation": {"choices": names}, "depth": {"low": 1, "high": 6}}
    shown = texts(drawn(parallel(many, bounds, "accuracy")).axes[0])
    assert 4 <= sum("name" in text or "…" in text for text in shown) <= 7


def test_hostile_names_are_plain_text(judged, hostile_name):
    odd = judged.assign(activation=np.where(judged["depth"] > 2, hostile_name, "$x^2$"))
    bounds = {"activation": {"choices": [hostile_name]}, "depth": {"low": 1, "high": 6}}
    summary = parallel(odd, bounds, hostile_name)
    svg = inline_svg(drawn(summary), name="a", prefix="f0")
    assert "<script" not in svg
    assert "$x^2$" in svg


def test_the_same_trials_give_the_same_bytes(summary):
    first, second = (inline_svg(drawn(summary, "r"), name="a", prefix="f0") for _ in range(2))
    assert first == second
