import random

import pytest

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError
from sweep.space.feasibility import check_feasible, feasible_share
from sweep.space.parameters import Choices, Fixed, from_unit
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace, parameters_of


def drawn_share(space, *, inputs, outputs):
    """Count what a plain random search over depth, width, shape and bias would be allowed."""
    rng = random.Random(0)

    def draw(parameter):
        return (
            parameter.value if isinstance(parameter, Fixed) else from_unit(parameter, rng.random())
        )

    counts = [
        parameters_of(
            TrialConfig(
                depth=(depth := draw(space.depth)),
                width=draw(space.width) if depth else 0,
                shape=draw(space.shape) if depth else "equal",
                use_bias=draw(space.use_bias),
            ),
            inputs,
            outputs,
        )
        for _ in range(20_000)
    ]
    return sum(count <= space.max_parameters for count in counts) / len(counts)


def test_without_a_cap_everything_is_feasible():
    assert feasible_share(SearchSpace(), 784, 10) == 1.0
    check_feasible(SearchSpace(), 784, 10)


@pytest.mark.parametrize("cap", [3_000, 20_000, 200_000, 2_000_000])
@pytest.mark.parametrize(
    "table",
    [
        {},
        {"depth": {"low": 0, "high": 3}, "shape": ["equal", "tapering"]},
        {"depth": [1, 5], "width": [16, 100, 300], "use_bias": [True, False]},
    ],
)
def test_the_share_is_the_one_that_random_search_meets(table, cap):
    space = parse_space(table | {"max_parameters": cap})

    expected = drawn_share(space, inputs=64, outputs=10)

    assert feasible_share(space, 64, 10) == pytest.approx(expected, abs=0.015)


def test_a_cap_that_allows_everything_has_share_one():
    space = SearchSpace(max_parameters=10**9)

    assert feasible_share(space, 784, 10) == pytest.approx(1.0)


def test_a_cap_that_leaves_almost_nothing_is_refused_with_a_way_out():
    wide = {"width": {"low": 1, "high": 65536, "log": False}, "max_parameters": 1000}
    space = parse_space(wide)

    assert 0 < feasible_share(space, 64, 10) < 0.001
    with pytest.raises(
        ConfigurationError,
        match=r"1000 leaves only 0\.\d+ % of this space; lower width or depth "
        r"\(the widest that fits is 13 at depth 1 and 8 at depth 6\), or raise max_parameters$",
    ):
        check_feasible(space, 64, 10)


def test_a_cap_below_the_smallest_network_is_refused():
    space = SearchSpace(max_parameters=600)  # 64 inputs, 8 units, 10 outputs: 520 + 90

    with pytest.raises(ConfigurationError, match=r"600 is too small, the smallest .* has 610"):
        check_feasible(space, 64, 10)


def test_a_linear_model_above_the_cap_is_refused_without_naming_widths():
    space = SearchSpace(depth=Fixed(value=0), max_parameters=100)

    with pytest.raises(ConfigurationError, match=r"has 650 parameters; raise max_parameters$"):
        check_feasible(space, 64, 10)


def test_choices_count_by_how_many_of_them_fit():
    space = SearchSpace(
        depth=Fixed(value=1), width=Choices(values=(8, 16, 32, 64)), max_parameters=64 * 17 + 187
    )

    assert feasible_share(space, 64, 10) == 0.5
