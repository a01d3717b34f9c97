from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace
from sweep.space.starting_point import TEXTBOOK, starting_point


def test_default_space_starts_with_the_textbook():
    point = starting_point(SearchSpace())
    assert point == {name: TEXTBOOK[name] for name in point}
    assert set(point) == set(SearchSpace().searched())


def test_values_outside_the_space_become_the_nearest_inside():
    space = parse_space(
        {
            "depth": {"low": 3, "high": 5},
            "width": [16, 64, 500],
            "dropout": {"low": 0.2, "high": 0.5},
            "activation": ["tanh", "sigmoid"],
            "optimizer": "sgd",
        }
    )
    point = starting_point(space)
    assert point["depth"] == 3
    assert point["width"] == 64
    assert point["dropout"] == 0.2
    assert point["activation"] == "tanh"
    assert point["learning_rate_sgd"] == 0.01
    assert "optimizer" not in point  # fixed values are not drawn
