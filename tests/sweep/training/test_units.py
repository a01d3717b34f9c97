import numpy as np
import pytest

from sweep.activations import ACTIVATIONS
from sweep.config import TrialConfig
from sweep.training.units import (
    MOST_ROWS,
    NOT_COUNTED,
    choose_rows,
    count_units,
    hidden_layers,
)

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(50, 3)).astype(np.float32)


def layer(kernel, bias):
    return np.vstack([kernel, bias]).astype(np.float32)


def network(*biases, kernel=None):
    """One hidden layer whose units see an input of the given biases, and an output."""
    units = len(biases)
    kernel = np.zeros((3, units)) if kernel is None else kernel
    return [layer(kernel, np.array(biases)), layer(np.ones((units, 2)), np.zeros(2))]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_unit_that_is_never_above_zero_is_dead(activation):
    found = count_units(network(-1.0, 0.0, 0.1, 2.0), ROWS, activation)

    assert found == (0.5, None)


def test_a_unit_that_is_above_zero_on_one_row_is_alive():
    kernel = np.array([[1.0], [0.0], [0.0]])
    highest = float(ROWS[:, 0].max())

    for bias, share in ((-highest - 0.01, 1.0), (-highest + 0.01, 0.0)):
        assert count_units(network(bias, kernel=kernel), ROWS, "relu").dead == share


@pytest.mark.parametrize(
    ("activation", "inside", "beyond"),
    # sigmoid(2.94) = 0.9498 and tanh(1.83) = 0.9498: just inside; the others just beyond
    [("sigmoid", 2.94, 2.95), ("tanh", 1.83, 1.84)],
)
def test_a_unit_near_either_end_of_its_range_is_saturated(activation, inside, beyond):
    found = count_units(network(inside, -inside, 0.0), ROWS, activation)
    assert found == (None, 0.0)

    found = count_units(network(beyond, -beyond, 0.0, 0.0), ROWS, activation)
    assert found == (None, 0.5)


@pytest.mark.parametrize(("calm", "share"), [(5, 1.0), (6, 0.0)])
def test_saturated_is_a_unit_that_is_so_on_95_percent_of_the_rows(calm, share):
    rows = np.full((100, 1), 10, dtype=np.float32)
    rows[:calm] = 0
    weights = [layer(np.ones((1, 1)), np.zeros(1)), layer(np.ones((1, 1)), np.zeros(1))]

    assert count_units(weights, rows, "tanh").saturated == share


def test_a_unit_of_gelu_that_is_never_entered_by_more_than_minus_two_is_inactive():
    kernel = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    highest = float(ROWS[:, 0].max())
    biases = (-2.01 - highest, -1.99 - highest)

    assert count_units(network(*biases, kernel=kernel), ROWS, "gelu") == (0.5, None)


def test_units_of_an_activation_that_nobody_knows_are_not_counted_as_anything():
    with pytest.raises(KeyError, match="swish"):
        count_units(network(1.0), ROWS, "swish")


def test_all_hidden_layers_count_by_their_units_and_the_output_does_not():
    weights = [
        layer(np.zeros((3, 3)), np.ones(3)),
        layer(np.zeros((3, 1)), -np.ones(1)),
        layer(np.ones((1, 9)), -np.ones(9)),
    ]

    assert count_units(weights, ROWS, "relu").dead == 0.25


def test_a_linear_model_has_no_hidden_unit():
    assert count_units([layer(np.ones((3, 2)), np.zeros(2))], ROWS, "relu") == NOT_COUNTED


def test_rows_are_all_of_few_and_spread_over_many():
    assert choose_rows(ROWS) is ROWS
    chosen = choose_rows(np.arange(5000)[:, None])
    assert len(chosen) == MOST_ROWS
    assert (chosen[0, 0], chosen[-1, 0]) == (0, 4999)
    assert np.ptp(np.diff(chosen[:, 0])) <= 1


def test_large_inputs_of_sigmoid_do_not_overflow():
    with np.errstate(all="raise"):
        assert count_units(network(-1e4, 1e4), ROWS, "sigmoid").saturated == 1.0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hidden_activations_are_those_of_keras(activation):
    from sweep.training.engine import keras  # noqa: PLC0415 - seconds, for this test only
    from sweep.training.network import (  # noqa: PLC0415
        build_network,
        initial_weights,
        put_weights,
    )

    config = TrialConfig(depth=2, width=7, activation=activation, dropout=0.5, seed=3)
    weights = initial_weights(config, inputs=12, outputs=4)
    rng = np.random.default_rng(1)
    for matrix in weights:
        matrix[-1] = rng.normal(size=matrix.shape[1])
    images = rng.normal(size=(20, 3, 4)).astype(np.float32)
    model = build_network(config, task="multiclass", input_shape=(3, 4), outputs=4)
    put_weights(model, weights)
    outputs = [each.output for each in model.layers if each.name.startswith(activation)]
    expected = keras.Model(model.inputs[0], outputs)(images, training=False)

    found = [after for _, after in hidden_layers(weights, images, activation)]

    assert len(found) == len(expected) == 2
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, np.asarray(theirs), rtol=2e-5, atol=1e-6)
