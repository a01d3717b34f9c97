import math

import numpy as np
import pandas as pd
import pytest

from studies.statistics.power_law import fit_power_law

SIZES = np.array([100, 200, 400, 800, 1600])


def errors(*, scale=1.0, exponent=0.5, floor=0.02, seeds=10, spread=0.05, seed=0, sizes=SIZES):
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, spread, (seeds, 1)) + rng.normal(0, spread, (seeds, len(sizes)))
    law = scale * sizes.astype(float) ** -exponent + floor
    return pd.DataFrame(law * (1 + noise), columns=sizes)


@pytest.mark.parametrize(("exponent", "floor"), [(0.5, 0.02), (0.3, 0.0), (1.0, 0.1), (0.1, 0.0)])
def test_a_law_without_noise_is_found_exactly(exponent, floor):
    law = fit_power_law(errors(exponent=exponent, floor=floor, spread=0), predict_at=[100, 3200])

    assert law.unsupported == ""
    assert law.exponent.estimate == pytest.approx(exponent, rel=0.01)
    assert law.floor.estimate == pytest.approx(floor, abs=0.003)
    assert law.scale == pytest.approx(1, rel=0.03)
    assert law.misfit < 1e-3
    assert [one.rows for one in law.predictions] == [100, 3200]
    for one in law.predictions:
        assert one.error.estimate == pytest.approx(one.rows**-exponent + floor, rel=2e-3)


def test_the_default_prediction_is_at_twice_the_largest_size():
    (prediction,) = fit_power_law(errors()).predictions

    assert prediction.rows == 3200
    assert prediction.error.low < prediction.error.estimate < prediction.error.high


def test_a_floor_is_never_below_zero():
    for seed in range(6):
        law = fit_power_law(errors(floor=0.0, seed=seed))
        assert law.floor.low >= 0
        assert law.predictions[0].error.low > 0


def test_beyond_twice_the_largest_size_nothing_is_predicted():
    with pytest.raises(ValueError, match=r"no prediction beyond 3200 rows.*got 3201"):
        fit_power_law(errors(), predict_at=[3201])


def test_sizes_ascend():
    with pytest.raises(ValueError, match="sizes must ascend"):
        fit_power_law(errors()[[200, 100, 400, 800]])


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (errors(sizes=SIZES[:3]), "3 sizes"),
        (errors(seeds=5), "5 seeds"),
        (errors().mul([1, 1, 1, 1, 3]), "rises"),
        (errors(exponent=0.001), "does not fall"),
        (errors().where(errors() > errors().iloc[5]), "seeds that have every size"),
    ],
)
def test_what_supports_no_law_is_named_and_has_no_figures(table, reason):
    law = fit_power_law(table)

    assert reason in law.unsupported
    assert math.isnan(law.exponent.estimate)
    assert law.predictions == ()


def test_a_curve_that_is_no_power_law_shows_a_misfit():
    table = errors(spread=0.001)
    table[[400, 800, 1600]] *= 0.7
    assert fit_power_law(table).misfit > 0.1


def test_the_fit_repeats_exactly():
    assert fit_power_law(errors(), seed=3) == fit_power_law(errors(), seed=3)


@pytest.mark.slow
@pytest.mark.parametrize(("exponent", "floor"), [(0.5, 0.02), (0.5, 0.0)])
def test_intervals_of_prediction_and_exponent_cover_in_nine_cases_of_ten_or_more(exponent, floor):
    truth = 3200.0**-exponent + floor
    hits = []
    for seed in range(120):
        law = fit_power_law(errors(exponent=exponent, floor=floor, seed=seed))
        error = law.predictions[0].error
        hits.append(
            (
                error.low <= truth <= error.high,
                law.exponent.low <= exponent <= law.exponent.high,
            )
        )
    prediction, found = np.mean(hits, axis=0)

    assert prediction >= 0.9
    assert found >= 0.88
