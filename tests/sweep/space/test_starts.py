import pytest

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError
from sweep.search.grid import grid_points, make_grid
from sweep.space.parsing import parse_space
from sweep.space.starts import MOST_STARTS, is_on_grid, read_starts, start_config, start_table

SPACE = parse_space(
    {"depth": [0, 1, 2], "width": {"low": 8, "high": 64}, "shape": ["equal", "tapering"],
     "optimizer": ["adam", "sgd"], "batch_size": 64}
)  # fmt: skip


def faults_of(tables, space=SPACE):
    with pytest.raises(ConfigurationError) as caught:
        read_starts(tables, space)
    return [fault.partition("; ")[0] for fault in caught.value.faults]


def test_what_is_left_out_is_the_textbooks_or_the_nearest_that_the_space_allows():
    (table,) = read_starts([{"depth": 2, "optimizer": "sgd"}], SPACE)

    assert table == {
        "depth": 2, "width": 64, "shape": "equal", "dropout": 0.0, "activation": "relu",
        "optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.9, "weight_decay": 0.0,
        "use_bias": True, "batch_size": 64,
    }  # fmt: skip
    assert read_starts([table], SPACE) == [table]


@pytest.mark.parametrize(
    ("table", "absent"),
    [
        ({"depth": 0}, {"width", "shape", "dropout", "activation", "momentum"}),
        ({"depth": 1}, {"shape", "momentum"}),
        ({"depth": 1, "optimizer": "sgd"}, {"shape"}),
    ],
)
def test_a_table_holds_what_applies_and_makes_its_configuration_again(table, absent):
    config = start_config(table, SPACE, epochs=7, seed=3)
    written = start_table(config)

    assert {*start_table(TrialConfig(depth=2, width=8, optimizer="sgd"))} - {*written} == absent
    assert start_config(written, SPACE, epochs=7, seed=3) == config


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"width": 65}, "start.1.width: 65 lies outside the space, which has 8..64 (log)"),
        ({"depth": 3}, "start.1.depth: 3 lies outside the space, which has 0, 1, 2"),
        ({"batch_size": 32}, "start.1.batch_size: 32 lies outside the space, which has 64"),
        ({"optimizer": "rmsprop"}, "start.1.optimizer: 'rmsprop' lies outside the space, .*"),
        (
            {"optimizer": "sgd", "learning_rate": 0.0002},
            "start.1.learning_rate: 0.0002 lies outside the space, which has 0.001..0.3 (log)",
        ),
        ({"depth": 0, "dropout": 0.5}, "start.1.dropout: 0.5 has no effect with depth 0"),
        ({"depth": 1, "shape": "tapering"}, "start.1.shape: 'tapering' has no effect with depth 1"),
        ({"momentum": 0.5}, "start.1.momentum: 0.5 has no effect with adam"),
        ({"depht": 1}, "start.1.depht: unknown key"),
        ({"epochs": 1}, "start.1.epochs: unknown key"),
        ({"width": 10**400}, "start.1.width: a huge number is too large"),
        ({"width": True}, "start.1.width: true is not a whole number from 1 up to 65536"),
        ({"learning_rate": float("nan")}, "start.1.learning_rate: nan is not a finite number"),
        (3, "start.1: 3 is no table"),
    ],
)
def test_what_the_search_would_never_draw_is_a_fault(table, fault):
    (found,) = faults_of([table])
    assert found.startswith(fault.removesuffix(".*"))


def test_all_faults_are_told_at_once_each_with_its_place():
    found = faults_of([{"depth": 9, "width": "a"}, {"depth": 2}, {"opt": 1, "momentum": 2}])

    assert [fault.partition(":")[0] for fault in found] == [
        "start.1.width", "start.1.depth", "start.3.opt", "start.3.momentum",
    ]  # fmt: skip


def test_two_of_one_configuration_are_a_fault_however_they_are_written():
    tapering = {"depth": 2, "width": 8, "shape": "tapering"}

    assert faults_of([{"depth": 0}, {"depth": 2, "width": 8}, tapering]) == [
        "start.3: it is the same as start.2"
    ]


def test_too_many_are_a_fault():
    assert faults_of([{}] * (MOST_STARTS + 1))[0].startswith("start: 1001 configurations")


def test_what_is_on_the_grid_is_told_from_what_is_not():
    space = parse_space(
        {"depth": [0, 1, 2], "width": [8, 64], "shape": ["equal", "tapering"],
         "dropout": [0.0, 0.5], "activation": "relu", "optimizer": ["adam", "sgd"],
         "learning_rate": {"low": 0.01, "high": 0.09}, "momentum": 0.9}
    )  # fmt: skip
    points = grid_points(make_grid(space, 64, 10), 0)
    tables = [
        {key.removesuffix("_adam").removesuffix("_sgd"): value for key, value in point.items()}
        for point in points
    ]

    assert len(tables) == (1 + (2 + 3) * 2) * 2 * 3
    assert all(is_on_grid(table, space) for table in tables)
    assert not is_on_grid({"depth": 1, "learning_rate": 0.02}, space)
