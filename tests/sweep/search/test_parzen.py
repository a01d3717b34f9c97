import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy import integrate, stats

from sweep.search.parzen import Density, place_of, value_at
from sweep.space.parameters import Choices, Range

PARAMETERS = {
    "depth": Range(low=1, high=60, integer=True),
    "width": Range(low=8, high=512, log=True, integer=True),
    "rate": Range(low=1e-4, high=3e-2, log=True),
    "dropout": Range(low=0.0, high=0.6),
    "activation": Choices(values=("relu", "tanh", "sigmoid")),
}
DISTRIBUTIONS = {
    "depth": IntDistribution(1, 60),
    "width": IntDistribution(8, 512, log=True),
    "rate": FloatDistribution(1e-4, 3e-2, log=True),
    "dropout": FloatDistribution(0.0, 0.6),
    "activation": CategoricalDistribution(("relu", "tanh", "sigmoid")),
}


def observations(count, seed=0):
    """Values as Optuna's estimator takes them; no number occurs twice."""
    rng = np.random.default_rng(seed)
    return {
        "depth": rng.permutation(np.arange(1, 61))[:count].astype(float),
        "width": rng.permutation(np.arange(8, 513))[:count].astype(float),
        "rate": np.exp(rng.uniform(np.log(1e-4), np.log(3e-2), count)),
        "dropout": rng.uniform(0, 0.6, count),
        "activation": rng.integers(0, 3, count).astype(float),
    }


def on_axes(values, parameters):
    columns = [
        np.log(values[name]) if getattr(parameter, "log", False) else values[name]
        for name, parameter in parameters.items()
    ]
    return np.stack(columns, axis=1)


def optunas(values, names):
    parameters = _ParzenEstimatorParameters(
        prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False,
        weights=default_weights, multivariate=True,
    )  # fmt: skip
    return _ParzenEstimator(
        {name: values[name] for name in names},
        {name: DISTRIBUTIONS[name] for name in names},
        parameters,
    )


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 26, 60])
def test_the_density_is_that_of_optunas_estimator(count):
    values, points = observations(count), observations(50, seed=1)

    density = Density(PARAMETERS, on_axes(values, PARAMETERS)).at(on_axes(points, PARAMETERS))

    expected = np.exp(optunas(values, list(PARAMETERS)).log_pdf(points))
    np.testing.assert_allclose(density, expected, rtol=1e-9)


def test_the_density_of_values_that_were_observed_often_is_that_of_optuna():
    values = {"depth": np.repeat([2.0, 3.0, 50.0], 8)}  # all weigh the same
    parameters = {"depth": PARAMETERS["depth"]}
    points = {"depth": np.arange(1.0, 61.0)}

    density = Density(parameters, on_axes(values, parameters)).at(on_axes(points, parameters))

    expected = np.exp(optunas(values, ["depth"]).log_pdf(points))
    np.testing.assert_allclose(density, expected, rtol=1e-9)


@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("name", ["depth", "width", "activation"])
def test_probabilities_add_up_to_one_and_are_what_is_drawn(name, count):
    parameters = {name: PARAMETERS[name]}
    density = Density(parameters, on_axes(observations(count), parameters))
    kind = parameters[name]
    values = kind.values if isinstance(kind, Choices) else range(kind.low, kind.high + 1)
    probabilities = density.at(np.array([[place_of(kind, value)] for value in values]))

    drawn = [value_at(kind, p) for p in density.draw(np.random.default_rng(3), 20_000)[:, 0]]

    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    often = probabilities * len(drawn) > 5  # the rule for the chi-squared test
    seen = np.array([drawn.count(value) for value in values])
    counts = np.append(seen[often], seen[~often].sum())
    expected = np.append(probabilities[often], probabilities[~often].sum()) * len(drawn)
    kept = expected > 0
    assert stats.chisquare(counts[kept], expected[kept]).pvalue > 0.001


@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("name", ["rate", "dropout"])
def test_densities_integrate_to_one_and_are_what_is_drawn(name, count):
    parameters = {name: PARAMETERS[name]}
    density = Density(parameters, on_axes(observations(count), parameters))
    low, high = (
        place_of(PARAMETERS[name], v) for v in (PARAMETERS[name].low, PARAMETERS[name].high)
    )
    grid = np.linspace(low, high, 20_001)
    shares = integrate.cumulative_simpson(density.at(grid[:, None]), x=grid, initial=0)

    drawn = density.draw(np.random.default_rng(3), 5_000)[:, 0]

    assert shares[-1] == pytest.approx(1, abs=1e-6)
    assert stats.kstest(drawn, lambda place: np.interp(place, grid, shares)).pvalue > 0.001


def test_far_kernels_underflow_without_a_warning_and_leave_the_prior():
    parameters = {"dropout": PARAMETERS["dropout"]}
    crowded = Density(parameters, np.full((2000, 1), 0.0))

    (density,) = crowded.at(np.array([[0.6]]))

    weight = 1 / (1 + 25 + np.linspace(1 / 2000, 1, 1975).sum())
    prior = stats.truncnorm(-0.5, 0.5, loc=0.3, scale=0.6)
    assert density == pytest.approx(weight * prior.pdf(0.6), rel=1e-9)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Range(low=1, high=6, integer=True), 4),
        (Range(low=8, high=512, log=True, integer=True), 511),
        (Range(low=0.0, high=0.6), 0.25),
        (Range(low=1e-4, high=3e-2, log=True), 3e-2),
        (Choices(values=(0.1, 0.2)), 0.2),
        (Choices(values=(True, False)), False),
        (Choices(values=("relu", "tanh")), "relu"),
    ],
)
def test_a_value_comes_back_from_its_place_with_its_type(parameter, value):
    again = value_at(parameter, place_of(parameter, value))

    assert again == pytest.approx(value)
    assert type(again) is type(value)


def test_drawn_values_keep_to_the_ends_of_their_range():
    parameters = {"rate": PARAMETERS["rate"], "width": PARAMETERS["width"]}
    at_the_ends = np.log([[1e-4, 8], [3e-2, 512]] * 5)
    drawn = Density(parameters, at_the_ends).draw(np.random.default_rng(0), 5000)

    rates = [value_at(PARAMETERS["rate"], place) for place in drawn[:, 0]]
    widths = [value_at(PARAMETERS["width"], place) for place in drawn[:, 1]]

    assert min(rates) >= 1e-4
    assert max(rates) <= 3e-2
    assert (min(widths), max(widths)) == (8, 512)
