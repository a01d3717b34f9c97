import random
import subprocess
import sys

import optuna
import pytest

from sweep.config import TrialConfig, count_parameters
from sweep.errors import ConfigurationError
from sweep.space.parameters import Choices, Fixed, Range
from sweep.space.search_space import LearningRates, SearchSpace, drawn_name, parameters_of


class Dice:
    """Draws at random, by the names and bounds it is asked for, and remembers the names."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []

    def suggest_int(self, name, low, high, *, log=False):  # noqa: ARG002 - the protocol's
        self.names.append(name)
        return self.random.randint(low, high)

    def suggest_float(self, name, low, high, *, log=False):  # noqa: ARG002 - the protocol's
        self.names.append(name)
        return self.random.uniform(low, high)

    def suggest_categorical(self, name, choices):
        self.names.append(name)
        return self.random.choice(choices)


def draw(space, seed=0):
    dice = Dice(seed)
    return space.suggest(dice, epochs=7, seed=11), dice.names


def test_the_defaults_are_the_documented_ones():
    assert SearchSpace().describe() == {
        "depth": "1..6",
        "width": "8..512 (log)",
        "shape": "equal",
        "dropout": "0..0.6",
        "activation": "relu, sigmoid, tanh, leaky_relu",
        "optimizer": "adam, sgd, rmsprop",
        "learning_rate.adam": "0.0001..0.03 (log)",
        "learning_rate.sgd": "0.001..0.3 (log)",
        "learning_rate.rmsprop": "3e-05..0.01 (log)",
        "momentum": "0..0.99",
        "weight_decay": "0",
        "use_bias": "true",
        "batch_size": "32",
    }


def test_each_optimizer_has_learning_rates_over_the_same_number_of_decades():
    rates = LearningRates()

    ratios = [span.high / span.low for span in rates.values()]

    assert ratios == pytest.approx([300, 300, 333], rel=0.01)


def test_a_configuration_takes_epochs_and_seed_as_given():
    config, _ = draw(SearchSpace())

    assert (config.epochs, config.seed) == (7, 11)


def test_fixed_values_are_not_drawn():
    space = SearchSpace(
        depth=Fixed(value=2),
        width=Fixed(value=64),
        dropout=Fixed(value=0.5),
        activation=Fixed(value="tanh"),
        optimizer=Fixed(value="rmsprop"),
        learning_rate=LearningRates(rmsprop=Fixed(value=0.01)),
    )

    config, names = draw(space)

    assert names == []
    assert config == TrialConfig(
        depth=2,
        width=64,
        dropout=0.5,
        activation="tanh",
        optimizer="rmsprop",
        learning_rate=0.01,
        epochs=7,
        seed=11,
    )


def test_without_hidden_layers_nothing_about_them_is_drawn():
    space = SearchSpace(depth=Fixed(value=0), shape=Choices(values=("equal", "tapering")))

    config, names = draw(space)

    assert not {"width", "shape", "dropout", "activation"} & set(names)
    assert (config.width, config.shape, config.dropout, config.widths) == (0, "equal", 0.0, ())
    assert not {"width", "shape", "dropout", "activation"} & set(space.describe())


def test_one_layer_has_no_shape():
    space = SearchSpace(depth=Choices(values=(1, 2)), shape=Choices(values=("equal", "tapering")))

    for seed in range(50):
        config, names = draw(space, seed)
        assert ("shape" in names) == (config.depth == 2)


def test_momentum_and_learning_rate_belong_to_their_optimizer():
    for seed in range(100):
        config, names = draw(SearchSpace(), seed)
        rates = [name for name in names if name.startswith("learning_rate")]
        assert rates == [f"learning_rate_{config.optimizer}"]
        assert ("momentum" in names) == (config.optimizer == "sgd")
        assert config.optimizer == "sgd" or config.momentum == 0.0


def test_the_names_that_are_drawn_are_those_announced():
    space = SearchSpace(depth=Range(low=0, high=3, integer=True), max_parameters=10**6)

    drawn = {name for seed in range(200) for name in draw(space, seed)[1]}

    assert drawn == set(space.searched())


def test_an_optuna_trial_can_draw():
    config = SearchSpace().suggest(
        optuna.trial.FixedTrial(
            {
                "depth": 3,
                "width": 100,
                "dropout": 0.25,
                "activation": "tanh",
                "optimizer": "sgd",
                "learning_rate_sgd": 0.1,
                "momentum": 0.9,
            }
        ),
        epochs=5,
        seed=1,
    )

    assert config == TrialConfig(
        depth=3,
        width=100,
        dropout=0.25,
        activation="tanh",
        optimizer="sgd",
        learning_rate=0.1,
        momentum=0.9,
        epochs=5,
        seed=1,
    )


def test_a_whole_number_given_for_a_number_makes_the_same_configuration():
    one = SearchSpace(dropout=Fixed(value=0), learning_rate=LearningRates(adam=Fixed(value=1)))
    other = SearchSpace(
        dropout=Fixed(value=0.0), learning_rate=LearningRates(adam=Fixed(value=1.0))
    )

    assert draw(one)[0].config_id == draw(other)[0].config_id


def test_every_fault_of_a_space_is_told_at_once():
    with pytest.raises(ConfigurationError) as caught:
        SearchSpace(
            depth=Fixed(value=-1),
            width=Range(low=512, high=8, log=True, integer=True),
            dropout=Fixed(value=1.0),
            learning_rate=LearningRates(sgd=Fixed(value=0.0)),
            max_parameters=0,
        )

    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "depth",
        "width",
        "dropout",
        "learning_rate.sgd",
        "max_parameters",
    ]


def test_a_cap_that_no_network_can_meet_is_refused():
    with pytest.raises(ConfigurationError, match=r"max_parameters: 24 is too small, .* has 25"):
        SearchSpace(max_parameters=24)  # 1 input, 8 units, 1 output: 2 * 8 + 9

    assert SearchSpace(max_parameters=25).max_parameters == 25


def test_the_cap_counts_weights_and_biases():
    config = TrialConfig(depth=2, width=16, shape="tapering", use_bias=False)
    expected = 64 * 16 + 16 * 8 + 8 * 10

    assert parameters_of(config, 64, 10) == expected
    assert SearchSpace(max_parameters=expected).allows(config, 64, 10)
    assert not SearchSpace(max_parameters=expected - 1).allows(config, 64, 10)
    assert SearchSpace().allows(config, 64, 10)


def test_the_smallest_network_may_be_deeper_than_the_shallowest():
    space = SearchSpace(
        depth=Choices(values=(0, 1)), width=Range(low=1, high=8, integer=True, log=True)
    )

    assert space.smallest_parameters(784, 10) == count_parameters(
        (1,), inputs=784, outputs=10, use_bias=True
    )


def test_the_bounds_are_what_a_manifest_holds():
    space = SearchSpace(optimizer=Fixed(value="adam"), max_parameters=1000)

    bounds = space.bounds()

    assert bounds["width"] == {"low": 8, "high": 512, "log": True}
    assert bounds["optimizer"] == {"value": "adam"}
    assert bounds["activation"] == {"choices": ["relu", "sigmoid", "tanh", "leaky_relu"]}
    assert bounds.keys().isdisjoint({"momentum", "learning_rate.sgd", "max_parameters"})
    assert space.describe()["max_parameters"] == "1000"


def test_searching_the_batch_size_is_warned_of_with_the_reason():
    assert SearchSpace().warnings == ()

    (line,) = SearchSpace(batch_size=Choices(values=(16, 32))).warnings

    assert line.startswith("batch_size: ")
    assert "Shallue" in line


def test_what_was_set_but_has_no_effect_is_warned_of():
    space = SearchSpace(
        depth=Fixed(value=0),
        width=Fixed(value=16),
        optimizer=Fixed(value="adam"),
        momentum=Fixed(value=0.9),
    )

    assert space.warnings == (
        "width: 16 has no effect, since depth 0 has no hidden layer; leave it out",
        "momentum: 0.9 has no effect, since sgd is not among the optimizers; leave it out",
    )


def test_equal_spaces_are_equal_and_hash_alike():
    assert SearchSpace() == SearchSpace()
    assert hash(SearchSpace()) == hash(SearchSpace())
    assert SearchSpace() != SearchSpace(depth=Fixed(value=1))


def test_a_drawn_name_has_no_dot():
    assert drawn_name("learning_rate.adam") == "learning_rate_adam"


def test_importing_the_space_drags_nothing_heavy_in():
    code = (
        "import sys, sweep.space.parsing, sweep.space.writing\n"
        "heavy = {'numpy', 'pydantic', 'optuna', 'scipy', 'pandas', 'tensorflow'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
