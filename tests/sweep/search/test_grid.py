import itertools

import optuna
import pytest

from sweep.errors import ConfigurationError
from sweep.search.grid import (
    LARGEST_GRID,
    every_configuration,
    grid_point,
    grid_points,
    grid_size,
    make_grid,
)
from sweep.space.parameters import Fixed, Range
from sweep.space.parsing import parse_space
from sweep.space.search_space import LearningRates, SearchSpace, parameters_of


def configurations(space, *, inputs=64, outputs=10, seed=0):
    grid = make_grid(space, inputs, outputs)
    return [
        space.suggest(optuna.trial.FixedTrial(grid_point(grid, seed, number)), epochs=1, seed=0)
        for number in range(len(grid))
    ]


def test_the_grid_is_exactly_the_product():
    space = parse_space(
        {
            "depth": [1, 2],
            "width": [8, 16, 32],
            "dropout": [0.0, 0.5],
            "activation": "relu",
            "optimizer": "adam",
            "learning_rate": {"adam": [0.1, 0.01]},
        }
    )

    found = {
        (config.depth, config.width, config.dropout, config.learning_rate)
        for config in configurations(space)
    }

    assert found == set(itertools.product((1, 2), (8, 16, 32), (0.0, 0.5), (0.1, 0.01)))
    assert grid_size(space, 64, 10) == 2 * 3 * 2 * 2


def test_what_does_not_apply_makes_no_copies():
    space = parse_space(
        {
            "depth": [0, 1, 2],
            "width": [16, 32],
            "shape": ["equal", "tapering"],
            "dropout": [0.0, 0.5],
            "activation": ["relu", "tanh"],
            "optimizer": ["adam", "sgd"],
            "learning_rate": 0.01,
            "momentum": [0.0, 0.9],
        }
    )

    configs = configurations(space)

    networks = 1 + (2 + 2 * 2) * 2 * 2  # linear; one layer has no shape, two have two
    assert len(configs) == networks * (1 + 2)  # Adam has no momentum
    assert len(set(configs)) == len(configs)


def test_two_shapes_of_the_same_widths_are_one_network():
    space = parse_space({"depth": 3, "width": [8, 16], "shape": ["equal", "tapering"]})

    widths = {config.widths for config in configurations(space)}

    assert widths == {(8, 8, 8), (16, 16, 16), (16, 8, 8)}
    assert len(set(configurations(space))) == grid_size(space, 64, 10)


def test_a_range_is_three_points():
    assert grid_size(SearchSpace(), 64, 10) == 3 * 3 * 3 * 4 * (3 + 3 * 3 + 3)
    assert {config.width for config in configurations(SearchSpace())} == {8, 64, 512}


FINITE = {
    "depth": [0, 1, 2], "width": {"low": 8, "high": 11}, "dropout": [0.0, 0.5],
    "activation": "relu", "optimizer": ["adam", "sgd"], "learning_rate": 0.01, "momentum": 0.9,
}  # fmt: skip


def test_a_space_without_a_continuous_range_has_an_end():
    whole = every_configuration(parse_space(FINITE), 64, 10)

    assert len(whole) == (1 + 2 * 4 * 2) * 2
    assert sorted(map(str, grid_points(whole, 3))) == sorted(
        str(whole.point(place)) for place in range(len(whole))
    )


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": {"low": 0.01, "high": 0.02}},
        {"learning_rate": {"sgd": {"low": 0.01, "high": 0.02}, "adam": 0.01}},
        {"momentum": {"low": 0.0, "high": 0.9}},
        {"dropout": {"low": 0.0, "high": 0.5}},
        {"width": {"low": 1, "high": 65536}},
    ],
)
def test_a_space_with_a_continuous_range_or_too_many_networks_is_endless(change):
    assert every_configuration(parse_space(FINITE | change), 64, 10) is None


def test_a_continuous_range_that_no_network_within_the_cap_has_makes_no_space_endless():
    linear = FINITE | {"dropout": {"low": 0.0, "high": 0.5}, "max_parameters": 651}

    assert every_configuration(parse_space(linear | {"max_parameters": 700}), 64, 10) is None
    assert len(every_configuration(parse_space(linear | {"width": 600}), 64, 10)) == 2


def test_a_range_of_one_value_is_that_value():
    space = SearchSpace(
        depth=Fixed(value=1), width=Fixed(value=8), dropout=Range(low=0.3, high=0.3),
        optimizer=Fixed(value="adam"), learning_rate=LearningRates(adam=Fixed(value=0.1)),
    )  # fmt: skip

    assert len(every_configuration(space, 64, 10)) == 4  # activations


def test_networks_above_the_cap_are_left_out():
    free, capped = SearchSpace(), SearchSpace(max_parameters=20_000)

    allowed = [config for config in configurations(free) if parameters_of(config, 64, 10) <= 20_000]

    assert 0 < len(allowed) < len(configurations(free))
    assert set(configurations(capped)) == set(allowed)


def test_the_order_is_shuffled_by_the_seed_and_nothing_else():
    space = SearchSpace()

    first, again, other = (configurations(space, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert set(first) == set(other)


def test_a_beginning_of_the_shuffled_grid_is_a_sample_of_the_whole():
    beginning = configurations(SearchSpace())[:100]

    assert {config.depth for config in beginning} == {1, 4, 6}
    assert {config.optimizer for config in beginning} == {"adam", "sgd", "rmsprop"}


def test_a_space_without_anything_to_search_has_one_point():
    space = parse_space(
        {
            "depth": 2,
            "width": 32,
            "dropout": 0.1,
            "activation": "relu",
            "optimizer": "adam",
            "learning_rate": 0.001,
        }
    )

    assert grid_size(space, 64, 10) == 1
    assert len(configurations(space)) == 1


def test_a_place_past_the_end_is_an_index_error():
    grid = make_grid(SearchSpace(), 64, 10)

    with pytest.raises(IndexError):
        grid_point(grid, 0, len(grid))


def test_a_grid_too_large_is_refused_before_it_is_made():
    thousand = [value / 1001 for value in range(1, 1001)]
    space = parse_space(
        {"dropout": thousand, "momentum": thousand, "weight_decay": thousand, "depth": 1}
    )

    with pytest.raises(ConfigurationError, match=rf"more than {LARGEST_GRID}; fix more"):
        grid_size(space, 64, 10)


def test_a_grid_without_a_feasible_network_is_refused():
    with pytest.raises(ConfigurationError, match="max_parameters: 100 is less than every network"):
        grid_size(SearchSpace(max_parameters=100), 64, 10)
