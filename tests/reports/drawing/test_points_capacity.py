import dataclasses
import itertools

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from reports import theme
from reports.drawing.points import SHADE
from reports.drawing.svg import inline_svg
from reports.figures import capacity
from reports.findings import Finding
from reports.judged import with_verdicts


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def finding(size, verdict="smallest adequate"):
    return Finding(
        code="capacity.smallest_adequate", about="capacity", subject="s0007", verdict=verdict,
        sentence="", numbers={"parameters": size},
    )  # fmt: skip


def drawn(judged, *findings):
    """Draw both panels; return their axes."""
    points = capacity.place_gaps(judged, winner="s0000")
    sizes = capacity.find_sizes(judged, findings, points.x_limits)
    losses = capacity.place_losses(judged, points.x_limits, winner="s0000")
    both = capacity.gap_panel(points, sizes, "gap"), capacity.loss_panel(losses, sizes, "losses")
    return tuple(one.draw().axes[0] for one in both)


def names(axes):
    return [text.get_text() for text in axes.texts]


def test_each_region_is_shaded_and_named_on_both_panels(judged):
    middle = float(judged["parameters"].median())
    for axes in drawn(judged, finding(middle)):
        assert {"too small", "adequate"} <= set(names(axes))
        assert to_hex(axes.patches[0].get_facecolor()) == theme.colour("underfits")
        assert to_hex(axes.patches[1].get_facecolor()) == theme.colour("fits")
        assert axes.patches[0].get_alpha() == SHADE


def test_a_region_of_overfitting_is_named(judged):
    finished = judged["outcome"] == "finished"
    large = judged["parameters"] > judged["parameters"].median()
    verdicts = judged["verdict"].mask(finished & large, "overfits")
    size = float(judged["parameters"].min())
    axes, _ = drawn(judged.assign(verdict=verdicts), finding(size))
    assert "mostly overfit" in names(axes)


def test_what_is_undecided_is_a_line_and_no_shade(judged):
    size = float(judged["parameters"].median())
    for axes in drawn(judged, finding(size, "undecided")):
        assert "s0007: enough? undecided" in names(axes)
        assert not axes.patches
        assert any(list(line.get_xdata()) == [size, size] for line in axes.lines)


def test_without_a_finding_nothing_is_shaded_or_named(judged):
    for axes in drawn(judged):
        assert not axes.patches
        assert not any("undecided" in name or "adequate" in name for name in names(axes))


def test_train_and_validation_differ_by_mark_and_dash_and_not_only_by_colour(judged):
    _, axes = drawn(judged)
    steps = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
    assert len({line.get_linestyle() for line in steps}) == 2
    assert {"● validation", "■ train"} <= set(names(axes))


def test_names_stay_apart_and_inside_the_axes(judged):
    for size in judged["parameters"].quantile([0.0, 0.1, 0.9, 1.0]):
        for axes in drawn(judged, finding(float(size))):
            regions = {"too small", "adequate", "mostly overfit"}
            at = [text.xy[0] for text in axes.texts if text.get_text() in regions]
            assert all(0 < place < 1 for place in at)
            assert all(b - a > 0.15 for a, b in itertools.pairwise(at))


@pytest.mark.parametrize("rows", [0, 1])
def test_both_panels_can_be_drawn_from_next_to_nothing(judged, rows):
    for axes in drawn(judged.head(rows), finding(1000.0)):
        axes.figure.draw_without_rendering()


def test_a_hostile_subject_is_plain_text(judged, hostile_name):
    hostile = dataclasses.replace(finding(1000.0, "undecided"), subject=hostile_name)
    _, axes = drawn(judged, hostile)
    svg = inline_svg(axes.figure, name="a", prefix="f0")
    assert "<script" not in svg
    assert "</script" not in svg


def test_the_same_trials_give_the_same_bytes(judged):
    first, second = (
        inline_svg(drawn(judged, finding(3000.0))[1].figure, name="a", prefix="f0")
        for _ in range(2)
    )
    assert first == second


def test_many_trials_stay_small(judged):
    many = pd.concat([judged] * 100, ignore_index=True)
    _, axes = drawn(many)
    assert len(inline_svg(axes.figure, name="a", prefix="f0")) < 60_000
