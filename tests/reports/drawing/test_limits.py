import numpy as np
import pandas as pd
import pytest

from reports.drawing import limits


def test_an_axis_shows_everything_where_nothing_is_far_out():
    low, high = limits.robust_limits(np.linspace(0.0, 1.0, 11))
    assert (low, high) == pytest.approx((-0.04, 1.04))


def test_one_network_that_is_far_out_does_not_stretch_the_axis():
    values = np.append(np.linspace(0.5, 0.6, 50), -400.0)
    low, high = limits.robust_limits(values)
    assert low > 0
    assert high == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("values", [[], [np.nan, np.inf]])
def test_an_axis_without_values_is_still_an_axis(values):
    assert limits.robust_limits(np.array(values)) == (0.0, 1.0)


def test_one_value_gets_some_width():
    low, high = limits.robust_limits(np.array([0.5]))
    assert low < 0.5 < high


def test_equal_values_with_one_outlier_keep_the_outlier():
    low, high = limits.robust_limits(np.array([1.0] * 30 + [2.0]))
    assert low < 1.0
    assert high > 2.0


def test_a_loss_axis_starts_at_zero_and_leaves_the_start_of_the_curve_out():
    curve = np.array([100.0, 1.0, 0.5, 0.4, 0.4, 0.4])
    low, high = limits.loss_limits(curve, curve)
    assert low == 0
    assert high == pytest.approx(3 * 0.45 * 1.05)


def test_a_loss_axis_of_a_narrow_band_does_not_start_at_zero():
    low, _ = limits.loss_limits(np.array([2.30, 2.29]), np.array([2.31, 2.30]))
    assert low > 2


def test_a_loss_axis_ignores_what_is_not_finite():
    assert limits.loss_limits(np.array([np.nan, 1.0]), np.array([np.inf, 1.0]))[1] < 2
    assert limits.loss_limits(np.array([]), np.array([])) == (0.0, 1.0)


def test_few_points_are_all_drawn():
    table = pd.DataFrame({"x": [1.0] * 9, "y": [1.0] * 9, "verdict": ["fits"] * 9})
    assert len(limits.thin_points(table, x_log=False)) == 9


def test_of_many_points_in_one_place_one_of_each_verdict_is_drawn():
    table = pd.DataFrame(
        {"x": [1.0] * 3000, "y": [1.0] * 3000, "verdict": ["fits", "overfits", "fits"] * 1000}
    )
    assert limits.thin_points(table, x_log=True)["verdict"].tolist() == ["fits", "overfits"]


def test_a_point_that_must_stay_is_never_thinned_away():
    table = pd.DataFrame({"x": [1.0] * 3000, "y": [1.0] * 3000, "verdict": ["fits"] * 3000})
    keep = np.zeros(3000, bool)
    keep[1234] = True
    assert limits.thin_points(table, x_log=False, keep=keep).index.tolist() == [0, 1234]


def test_thinned_points_cover_the_same_range():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"x": rng.uniform(size=9000), "y": rng.uniform(size=9000), "verdict": "fits"}
    )
    thin = limits.thin_points(table, x_log=False)
    assert len(thin) <= (limits.CELLS[0] + 1) * (limits.CELLS[1] + 1)
    assert thin["x"].max() - thin["x"].min() == pytest.approx(1, abs=0.05)


def test_a_long_curve_keeps_its_first_last_and_marked_epochs():
    epochs = np.arange(1, 1001)
    chosen = epochs[limits.thin_epochs(epochs, (77, None))]
    assert {1, 77, 1000} <= set(chosen)
    assert len(chosen) <= 162


def test_a_short_or_empty_curve_is_not_thinned():
    assert limits.thin_epochs(np.arange(1, 51), (None,)).all()
    assert len(limits.thin_epochs(np.array([], dtype=np.int64), (3,))) == 0


def test_what_matters_less_lengthens_an_axis_by_no_more_than_its_length():
    main, low, high = np.array([1.0, 2.0]), np.array([-50.0]), np.array([50.0])
    start, end = limits.robust_limits(main)
    length = end - start
    assert limits.shared_limits(main, low) == (start - length, end)
    assert limits.shared_limits(main, high) == (start, end + length)
    near = limits.shared_limits(main, np.array([0.9, 1.5]))
    assert start - length < near[0] < start


def test_a_shared_axis_of_one_kind_of_values_is_that_of_these():
    values, none = np.array([1.0, 2.0]), np.array([np.nan])
    assert limits.shared_limits(values, none) == limits.robust_limits(values)
    assert limits.shared_limits(none, values) == limits.robust_limits(values)
    assert limits.shared_limits(none, none) == (0.0, 1.0)


def ends_of(values, half):
    return np.column_stack([values - half, values + half])


def test_a_whole_axis_shows_every_value_however_far_out():
    values = np.append(np.linspace(0.5, 0.6, 50), 400.0)
    low, high = limits.whole_limits(values, ends_of(values, 0.01))
    assert low < 0.5
    assert high > 400.0


def test_a_whole_axis_shows_intervals_wider_than_the_values_lie_apart():
    values = np.array([0.95, 0.951])
    low, high = limits.whole_limits(values, ends_of(values, 0.02))
    assert low < 0.93
    assert high > 0.971


def test_one_interval_far_wider_than_most_does_not_stretch_a_whole_axis():
    values = np.array([0.1, 0.2, 0.3, 0.4])
    low, high = limits.whole_limits(values, ends_of(values, np.array([0.01, 0.01, 0.01, 1e6])))
    assert high - low < 2


@pytest.mark.parametrize("half", [np.nan, 0.0])
def test_a_whole_axis_without_intervals_ends_beside_its_values(half):
    values = np.array([0.0, 1.0])
    assert limits.whole_limits(values, ends_of(values, half)) == pytest.approx((-0.04, 1.04))


def test_a_whole_axis_without_values_is_still_an_axis():
    assert limits.whole_limits(np.array([]), np.empty((0, 2))) == (0.0, 1.0)
    assert limits.whole_limits(np.array([np.nan]), np.full((1, 2), np.nan)) == (0.0, 1.0)
