import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.dataset import Dataset
from sweep.data.sources import load_dataset
from sweep.data.splitting import duplicated_across, split_rows
from sweep.errors import ConfigurationError, DataError


def make(target, **fields):
    target = np.asarray(target)
    classes = target.dtype.kind == "i"
    names = tuple(str(place) for place in range(target.max() + 1)) if classes else ()
    values = {
        "name": "d",
        "task": ("binary" if len(names) == 2 else "multiclass") if classes else "regression",
        "features": np.arange(len(target) * 2, dtype=np.float32).reshape(-1, 2),
        "target": target,
        "target_name": "y",
        "class_names": names,
        "fingerprint": "",
        "source": "d.npz",
    }
    return Dataset(**{**values, **fields})


def parts(splits):
    return splits.train, splits.validation, splits.test


def assert_partition(splits, rows):
    assert all(len(part) for part in parts(splits))
    assert all(part.dtype == np.int64 and (np.diff(part) > 0).all() for part in parts(splits))
    assert np.sort(np.concatenate(parts(splits))).tolist() == list(range(rows))


def test_classes_are_divided_in_proportion():
    dataset = make(np.repeat([0, 1, 2], [500, 300, 200]))
    splits = split_rows(dataset, seed=0)
    assert_partition(splits, 1000)
    counts = [np.bincount(dataset.target[part]).tolist() for part in parts(splits)]
    assert counts == [[300, 180, 120], [100, 60, 40], [100, 60, 40]]


def test_fractions_are_kept():
    splits = split_rows(make(np.arange(1000) / 7), fractions=(0.5, 0.3, 0.2), seed=0)
    assert [len(part) for part in parts(splits)] == [500, 300, 200]


def test_same_seed_same_splits_and_another_seed_others():
    dataset = load_dataset("iris")
    first, again, other = (split_rows(dataset, seed=seed) for seed in (5, 5, 6))
    for one, two in zip(parts(first), parts(again), strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first.test, other.test)


def test_groups_stay_together_and_shares_are_close():
    groups = np.repeat(np.arange(100), 10)
    dataset = make(np.arange(1000) % 2, groups=groups)
    splits = split_rows(dataset, seed=1)
    assert_partition(splits, 1000)
    assert sum(len(set(groups[part])) for part in parts(splits)) == 100
    assert 150 <= len(splits.test) <= 250


def test_grouped_split_keeps_every_class_in_training():
    groups = np.arange(30)
    target = np.zeros(30, dtype=np.int64)
    target[:3] = 1
    splits = split_rows(make(target, groups=groups), seed=0)
    assert set(target[splits.train]) == {0, 1}


def test_own_test_split_is_kept_and_the_rest_shared():
    own = np.arange(1000) >= 800
    splits = split_rows(make(np.arange(1000) % 4, test_rows=own), seed=0)
    assert_partition(splits, 1000)
    assert splits.test.tolist() == list(range(800, 1000))
    assert (len(splits.train), len(splits.validation)) == (600, 200)


def test_rare_classes_always_reach_the_training_split():
    target = np.repeat([0, 1, 2, 3], [100, 2, 2, 5])
    for seed in range(20):
        splits = split_rows(make(target), seed=seed)
        assert_partition(splits, len(target))
        assert set(target[splits.train]) == {0, 1, 2, 3}


def test_a_thousand_classes_of_three_rows_are_divided():
    target = np.repeat(np.arange(1000), 3)
    splits = split_rows(make(target), seed=0)
    assert_partition(splits, 3000)
    assert len(set(target[splits.train])) == 1000
    assert len(splits.test) == 600


def test_one_rare_class_does_not_undo_the_proportions_of_the_others():
    target = np.repeat([0, 1, 2], [80, 20, 2])
    splits = split_rows(make(target), seed=3)
    assert abs((target[splits.test] == 1).sum() - 4) <= 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(2, 40), min_size=2, max_size=6).filter(lambda sizes: sum(sizes) >= 10),
    st.integers(0, 2**31 - 1),
)
def test_any_class_sizes_give_a_partition(sizes, seed):
    target = np.repeat(np.arange(len(sizes)), sizes)
    splits = split_rows(make(target), seed=seed)
    assert_partition(splits, len(target))
    assert set(target[splits.train]) == set(range(len(sizes)))


@pytest.mark.parametrize(
    "fractions", [(0.6, 0.2, 0.3), (1.0, 0.0, 0.0), (0.9, 0.2, -0.1), (np.nan, 0.5, 0.5)]
)
def test_fractions_that_are_no_shares_are_refused(fractions):
    with pytest.raises(ConfigurationError, match="give three positive shares with sum 1"):
        split_rows(make(np.arange(100) % 2), fractions=fractions, seed=0)


@pytest.mark.parametrize("rows", [1, 2])
def test_too_few_rows_are_refused(rows):
    with pytest.raises(DataError, match=r"d\.npz: \d rows cannot be divided"):
        split_rows(make(np.arange(rows) / 2), seed=0)


def test_two_groups_are_refused():
    dataset = make(np.arange(20) % 2, groups=np.arange(20) % 2)
    with pytest.raises(DataError, match="three splits need three groups"):
        split_rows(dataset, seed=0)


def test_class_in_one_group_only_cannot_be_unseen():
    dataset = make(np.repeat([0, 1, 2], 10), groups=np.repeat([0, 1, 2], 10))
    with pytest.raises(DataError, match="classes without a row in the training split"):
        split_rows(dataset, seed=0)


def test_class_that_only_the_own_test_split_has_is_refused():
    target = np.repeat([0, 1, 2], 10)
    with pytest.raises(DataError, match="classes without a row in the training split: '2'"):
        split_rows(make(target, test_rows=target == 2), seed=0)


def test_empty_own_test_split_is_refused():
    with pytest.raises(DataError, match="its own test split leaves a split empty"):
        split_rows(make(np.arange(20) % 2, test_rows=np.zeros(20, dtype=bool)), seed=0)


def test_groups_across_the_own_test_split_are_refused():
    own = np.arange(20) >= 15
    dataset = make(np.arange(20) % 2, test_rows=own, groups=np.arange(20) % 5)
    with pytest.raises(DataError, match="groups of its own test split stand in the other rows"):
        split_rows(dataset, seed=0)


def test_copies_across_splits_are_counted_in_arrays_and_tables():
    dataset = make(np.arange(40) % 2)
    splits = split_rows(dataset, seed=0)
    assert duplicated_across(dataset, splits) == 0
    features = dataset.features.copy()
    features[splits.test[:3]] = features[splits.train[0]]
    expected = int((dataset.target[splits.test[:3]] == dataset.target[splits.train[0]]).sum())
    copies = dataclasses.replace(dataset, features=features)
    assert duplicated_across(copies, splits) == expected > 0
    table = dataclasses.replace(dataset, features=pd.DataFrame(features).rename(columns=str))
    assert duplicated_across(table, splits) == expected


@pytest.mark.parametrize(
    ("name", "grouped", "expected"),
    [
        ("iris", False, "5edf5e060cb48535"),
        ("digits", False, "7090ac998700fa9c"),
        ("diabetes", False, "e408b84412adb9b6"),
        ("iris", True, "da663f703ef37651"),
    ],
)
def test_splits_are_those_of_earlier_versions(name, grouped, expected):
    dataset = load_dataset(name)
    groups = np.arange(len(dataset), dtype=np.int64) * 7 % 25 if grouped else None
    splits = split_rows(dataclasses.replace(dataset, groups=groups), seed=3)
    rows = b"|".join(part.astype("<i8").tobytes() for part in parts(splits))
    assert hashlib.sha256(rows).hexdigest()[:16] == expected


def timed(target, times, **fields):
    return make(target, times=np.asarray(times, dtype=np.float64), **fields)


def test_later_rows_are_held_out():
    times = np.random.default_rng(0).permutation(100)
    for seed in (0, 1):
        splits = split_rows(timed(np.arange(100) / 7, times), seed=seed)
        assert_partition(splits, 100)
        assert sorted(times[splits.train]) == list(range(60))
        assert sorted(times[splits.validation]) == list(range(60, 80))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=10, max_size=60), st.integers(0, 3))
def test_rows_of_one_time_stay_in_one_split(times, seed):
    dataset = timed(np.arange(len(times)) / 7, times)
    if len(set(times)) < 3:
        with pytest.raises(DataError, match="times cannot be divided"):
            split_rows(dataset, seed=seed)
        return
    splits = split_rows(dataset, seed=seed)
    assert_partition(splits, len(times))
    ends = [(dataset.times[part].min(), dataset.times[part].max()) for part in parts(splits)]
    assert ends[0][1] < ends[1][0]
    assert ends[1][1] < ends[2][0]


def test_many_rows_of_the_first_time_leave_a_time_for_each_split():
    splits = split_rows(timed(np.arange(100) / 7, [0] * 80 + [1] * 10 + [2] * 10), seed=0)
    assert [len(part) for part in parts(splits)] == [80, 10, 10]


def test_own_test_rows_leave_the_others_in_order_of_time():
    own = np.arange(100) < 20
    splits = split_rows(timed(np.arange(100) / 7, np.arange(100), test_rows=own), seed=0)
    assert splits.test.tolist() == list(range(20))
    assert splits.train.tolist() == list(range(20, 80))


def test_a_class_that_comes_only_later_is_named():
    target = np.repeat([0, 1, 2], [40, 40, 20])
    dataset = timed(np.where(target < 2, np.arange(100) % 2, 2), np.arange(100))
    with pytest.raises(DataError, match=r"only after the training rows.*'2'.*--time"):
        split_rows(dataset, seed=0)
