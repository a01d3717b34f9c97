import math

import numpy as np
import pandas as pd
import pytest

from studies.statistics.hump import find_hump


def curve(means, *, pairs=10, noise=0.02, seed=0):
    generator = np.random.default_rng(seed)
    shared = generator.normal(0, 0.2, (pairs, 1))
    values = np.asarray(means) + shared + generator.normal(0, noise, (pairs, len(means)))
    return pd.DataFrame(values, columns=[f"w{place}" for place in range(len(means))])


def test_a_planted_hump_is_found_with_its_rise_and_its_fall():
    hump = find_hump(curve([1.8, 1.4, 1.6, 1.9, 1.5, 1.3]), margin=0.1)

    assert (hump.verdict, hump.before, hump.peak, hump.last) == ("seen", "w1", "w3", "w5")
    assert hump.rise.low < 0.5 < hump.rise.high
    assert hump.fall.low < -0.6 < hump.fall.high
    assert hump.descent.low < -0.4 < hump.descent.high
    assert hump.is_second
    assert hump.pairs == 10


def test_a_rise_from_the_first_arm_on_is_no_second_descent():
    hump = find_hump(curve([1.4, 1.9, 1.3]), margin=0.1)

    assert hump.verdict == "seen"
    assert hump.descent is None
    assert not hump.is_second


def test_a_curve_that_only_falls_has_none():
    hump = find_hump(curve([1.8, 1.4, 1.2, 1.1]), margin=0.1)

    assert hump.verdict == "not seen"
    assert hump.most < 0.1


def test_a_curve_that_only_rises_has_none():
    assert find_hump(curve([1.0, 1.2, 1.4, 1.8]), margin=0.1).verdict == "not seen"


def test_a_hump_lower_than_the_margin_does_not_matter():
    hump = find_hump(curve([1.0, 1.05, 1.0], noise=0.001), margin=0.1)

    assert hump.verdict == "not seen"
    assert hump.most == pytest.approx(0.05, abs=0.01)


def test_a_hump_that_drowns_in_noise_is_undecided():
    assert find_hump(curve([1.0, 1.3, 1.0], noise=0.5), margin=0.1).verdict == "undecided"


def test_five_pairs_settle_nothing():
    hump = find_hump(curve([1.0, 1.9, 1.0], pairs=5, noise=0.001), margin=0.1)

    assert hump.verdict == "undecided"
    assert math.isinf(hump.most)


def test_a_pair_that_lacks_an_arm_is_left_out():
    losses = curve([1.0, 1.9, 1.0])
    losses.iloc[0, 1] = np.nan

    assert find_hump(losses, margin=0.1).pairs == 9


@pytest.mark.parametrize(
    ("losses", "margin", "fault"),
    [
        (curve([1.0, 2.0]), 0.1, "a hump needs 3 arms"),
        (curve([1.0, 2.0, 1.0]) * np.nan, 0.1, "a whole pair"),
        (curve([1.0, 2.0, 1.0]), 0.0, "margin must be above 0"),
    ],
)
def test_what_has_no_hump_at_all_is_refused(losses, margin, fault):
    with pytest.raises(ValueError, match=fault):
        find_hump(losses, margin=margin)


def test_a_flat_curve_is_said_to_have_a_hump_in_at_most_one_case_of_twenty():
    seen = [
        find_hump(curve([1.0] * 6, pairs=8, seed=seed), margin=1e-6).verdict == "seen"
        for seed in range(300)
    ]

    # A hump takes two false moves at once, so that this is far below the level.
    assert np.mean(seen) <= 0.05
