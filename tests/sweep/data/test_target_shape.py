import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.sources import load_dataset
from sweep.data.spec import DataSpec
from sweep.data.target import EncodedTarget
from sweep.data.target_shape import warn_of_order, warn_of_shape, warn_target


def target_of(values):
    values = np.asarray(values)
    classes = values.dtype.kind == "i"
    names = tuple(f"c{place}" for place in range(values.max() + 1)) if classes else ()
    task = ("binary" if len(names) == 2 else "multiclass") if classes else "regression"
    kept = values >= 0 if classes else ~np.isnan(values)
    return EncodedTarget(task=task, numbers=values, kept=kept, class_names=names)


def walk(rows=300, seed=0):
    return np.random.default_rng(seed).normal(size=rows).cumsum()


def states(rows=300, seed=0):
    generator = np.random.default_rng(seed)
    changes = generator.random(rows) < 0.15
    return (changes.cumsum() % 3).astype(np.int64)


@pytest.mark.parametrize(
    "values",
    [walk(), np.arange(100.0), -(np.arange(100.0) ** 3), np.sin(np.arange(400) / 9), states()],
)
def test_rows_in_order_are_warned_of_and_shuffled_ones_are_not(values):
    [warning] = warn_of_order(target_of(values), "y")
    assert "--time" in warning
    shuffled = np.random.default_rng(1).permutation(values)
    assert warn_of_order(target_of(shuffled), "y") == ()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 400), st.floats(0.01, 0.99), st.integers(2, 9), st.integers(0, 2**31 - 1))
def test_shuffled_rows_are_never_warned_of(rows, share, classes, seed):
    generator = np.random.default_rng(seed)
    many = generator.integers(0, classes, rows)
    few = np.where(generator.random(rows) < share, 0, classes - 1)
    for values in (many, few, generator.normal(size=rows), generator.pareto(1.0, rows)):
        assert warn_of_order(target_of(values), "y") == ()


@pytest.mark.parametrize("name", ["digits", "breast-cancer", "wine", "iris", "diabetes"])
def test_bundled_data_have_no_warning(name):
    dataset = load_dataset(name)
    target = EncodedTarget(
        task=dataset.task,
        numbers=dataset.target,
        kept=np.ones(len(dataset), dtype=bool),
        class_names=dataset.class_names,
    )
    assert warn_of_order(target, "y") == ()
    assert warn_of_shape(target, "y", log_target=False) == ()


def test_rows_without_a_target_do_not_matter():
    values = walk()
    values[::7] = np.nan
    assert warn_of_order(target_of(values), "y")
    amounts = np.exp(np.random.default_rng(0).normal(size=300))
    amounts[::7] = np.nan
    assert warn_of_shape(target_of(amounts), "y", log_target=False)


@pytest.mark.parametrize("sigma", [0.8, 1.0, 3.0])
def test_amounts_over_orders_of_magnitude_are_warned_of(sigma):
    amounts = target_of(np.exp(np.random.default_rng(0).normal(0, sigma, 500)))
    [warning] = warn_of_shape(amounts, "y", log_target=False)
    assert "--log-target" in warning
    assert warn_of_shape(amounts, "y", log_target=True) == ()


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).normal(100, 15, 500),
        np.random.default_rng(0).uniform(0, 1, 500),
        np.exp(np.random.default_rng(0).normal(size=500)) - 0.5,
        np.exp(np.random.default_rng(0).normal(size=20)),
        np.array([1.0, 1.0 + 1e-15] * 50),
        np.array([1e-300, 1e300] * 50),
    ],
)
def test_other_values_are_not(values):
    assert warn_of_shape(target_of(values), "y", log_target=False) == ()


def test_a_class_that_nearly_all_rows_have_is_warned_of():
    [warning] = warn_of_shape(target_of(np.repeat([0, 1], [990, 10])), "y", log_target=False)
    assert "99.0% of the rows have the class 'c0'" in warning
    assert "--class-weight" in warning
    assert "--score" in warning
    even = target_of(np.repeat([0, 1], [940, 60]))
    assert warn_of_shape(even, "y", log_target=False) == ()


def test_options_that_are_given_are_not_named():
    grows = target_of(np.exp(np.arange(300) / 40))
    assert len(warn_target(grows, "y", DataSpec())) == 2
    for spec in (DataSpec(time="t"), DataSpec(group="g")):
        [warning] = warn_target(grows, "y", spec)
        assert "--log-target" in warning
    [warning] = warn_target(grows, "y", DataSpec(log_target=True))
    assert "--time" in warning


def test_many_equal_values_are_no_order():
    generator = np.random.default_rng(0)
    amounts = np.where(generator.random(500) < 0.9, 0.0, generator.pareto(1.0, 500))
    assert warn_of_order(target_of(amounts), "y") == ()
