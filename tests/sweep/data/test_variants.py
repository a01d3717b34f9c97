import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from sweep.data.dataset import Column, Dataset
from sweep.data.preprocessing import prepare
from sweep.data.sources import load_dataset
from sweep.data.splitting import Splits, split_rows
from sweep.data.variants import (
    FEWEST_ROWS,
    draw_rows,
    fold_splits,
    nested_order,
    permute_targets,
    vary,
)
from sweep.errors import DataError
from sweep.seeds import derive_seed
from sweep.variant import AS_SPLIT, DataVariant


def make(target, **fields):
    """A data set whose only feature is the number of the row."""
    target = np.asarray(target)
    classes = target.dtype.kind == "i"
    names = tuple(str(place) for place in range(target.max() + 1)) if classes else ()
    values = {
        "name": "d",
        "task": ("binary" if len(names) == 2 else "multiclass") if classes else "regression",
        "features": np.arange(len(target), dtype=np.float32).reshape(-1, 1),
        "target": target,
        "target_name": "y",
        "class_names": names,
        "fingerprint": "f",
        "source": "d.npz",
    }
    return Dataset(**{**values, **fields})


def folds_of(dataset, splits, folds, seed=0):
    return [
        fold_splits(dataset, splits, DataVariant(fold=fold, folds=folds), seed=seed)
        for fold in range(folds)
    ]


def pool_of(splits):
    return sorted([*splits.train, *splits.validation])


def shares(target, rows):
    return np.bincount(target[rows]) / len(rows)


@pytest.fixture(name="classes")
def _classes():
    """Three classes of unequal size in random order, and their splits."""
    dataset = make(np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [180, 90, 30])))
    return dataset, split_rows(dataset, seed=3)


@pytest.fixture(name="values")
def _values():
    dataset = make(np.random.default_rng(2).normal(size=200))
    return dataset, split_rows(dataset, seed=3)


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_every_row_but_those_of_the_test_is_validated_in_exactly_one_fold(kind, request):
    dataset, splits = request.getfixturevalue(kind)
    folds = folds_of(dataset, splits, 4)

    validated = np.concatenate([fold.validation for fold in folds])
    assert sorted(validated) == pool_of(splits)
    for fold in folds:
        assert pool_of(fold) == pool_of(splits)
        assert not set(fold.train) & set(fold.validation)
        np.testing.assert_array_equal(fold.test, splits.test)


def test_folds_have_the_classes_in_proportion(classes):
    dataset, splits = classes

    for fold in folds_of(dataset, splits, 4):
        np.testing.assert_allclose(
            np.bincount(dataset.target[fold.validation]), [36, 18, 6], atol=1
        )


@pytest.mark.parametrize("task", ["classes", "values"])
def test_rows_of_a_group_stay_together_in_every_fold(task, request):
    dataset, _ = request.getfixturevalue(task)
    groups = np.random.default_rng(5).integers(0, 25, len(dataset))
    dataset = dataclasses.replace(dataset, groups=groups)
    splits = split_rows(dataset, seed=3)
    folds = folds_of(dataset, splits, 4)

    assert sorted(np.concatenate([fold.validation for fold in folds])) == pool_of(splits)
    for fold in folds:
        assert not set(groups[fold.train]) & set(groups[fold.validation])


def test_folds_of_a_class_with_fewer_rows_than_folds_are_left_to_chance():
    dataset = make(np.repeat([0, 1, 0], [60, 4, 2]))
    splits = Splits(train=np.arange(50), validation=np.arange(50, 64), test=np.arange(64, 66))

    folds = folds_of(dataset, splits, 5)
    assert sorted(np.concatenate([fold.validation for fold in folds])) == list(range(64))


def test_another_seed_makes_other_folds(values):
    dataset, splits = values
    one, again, other = (folds_of(dataset, splits, 3, seed)[0] for seed in (1, 1, 2))

    np.testing.assert_array_equal(one.validation, again.validation)
    assert not np.array_equal(one.validation, other.validation)


def test_more_folds_than_rows_are_refused():
    dataset = make(np.arange(20) / 3)
    splits = split_rows(dataset, seed=0)

    with pytest.raises(DataError, match=r"d\.npz: 16 rows cannot be divided into 17 folds; give"):
        fold_splits(dataset, splits, DataVariant(fold=0, folds=17), seed=0)


def test_more_folds_than_groups_are_refused():
    dataset = make(np.arange(40) / 3, groups=np.repeat(np.arange(8), 5))
    splits = split_rows(dataset, seed=0)
    groups = len(np.unique(dataset.groups[pool_of(splits)]))

    with pytest.raises(DataError, match=f"{groups} groups cannot be divided into 9 folds"):
        fold_splits(dataset, splits, DataVariant(fold=0, folds=9), seed=0)


def test_preprocessing_is_fitted_to_the_training_rows_of_the_fold(values):
    dataset, splits = values
    outlier = int(splits.train[0])
    features = dataset.features.copy()
    features[outlier] = 1e6
    dataset = dataclasses.replace(dataset, features=features)
    folds = folds_of(dataset, splits, 4)
    held_out = next(place for place, fold in enumerate(folds) if outlier in fold.validation)

    variant = DataVariant(fold=held_out, folds=4)
    training = vary(dataset, splits, variant, seed=0)
    assert training.x_train.mean() == pytest.approx(0, abs=1e-5)
    assert training.x_train.std() == pytest.approx(1, rel=1e-4)
    assert training.x_validation.max() > 1000  # what it would not be, had the scaler seen it
    assert training.y_train.mean() == pytest.approx(0, abs=1e-5)


def test_a_category_that_only_validation_rows_have_is_none_of_those_learnt():
    city = np.array(["a", "b"] * 50)
    dataset = make(
        np.arange(100) / 7,
        features=pd.DataFrame({"city": city}),
        columns=(Column(name="city", kind="categorical", missing=0, distinct=3),),
    )
    splits = split_rows(dataset, seed=0)
    city[splits.train[0]] = "only here"
    dataset = dataclasses.replace(dataset, features=pd.DataFrame({"city": city}))
    sizes = [
        vary(dataset, splits, DataVariant(fold=fold, folds=3), seed=0).inputs for fold in range(3)
    ]

    assert sorted(sizes) == [2, 3, 3]


def test_the_run_s_own_split_is_what_preparing_it_gives(classes):
    dataset, splits = classes
    varied = vary(dataset, splits, AS_SPLIT, seed=7)
    prepared = prepare(dataset, splits, seed=derive_seed(7, "sample")).training

    for name in ("x_train", "y_train", "x_validation", "y_validation"):
        np.testing.assert_array_equal(getattr(varied, name), getattr(prepared, name))


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_a_smaller_subset_is_contained_in_a_larger_one(kind, request):
    dataset, splits = request.getfixturevalue(kind)
    numbers = np.arange(len(dataset))
    pixels = np.stack([numbers // 256, numbers % 256], axis=1).astype(np.uint8)[:, :, None]
    dataset = dataclasses.replace(dataset, features=pixels)  # images are only divided by 255
    previous = set()
    for rows in (10, 25, 60, 90):
        training = vary(dataset, splits, DataVariant(train_rows=rows), seed=9)
        read = np.round(training.x_train[:, :, 0] * 255).astype(int)
        subset = set(read[:, 0] * 256 + read[:, 1])
        assert len(subset) == rows
        assert previous < subset < set(splits.train)
        previous = subset


def test_the_order_of_subsets_holds_every_training_row_once(classes):
    dataset, splits = classes
    assert sorted(nested_order(dataset, splits.train, seed=4)) == sorted(splits.train)


@pytest.mark.parametrize("rows", [10, 20, 50, 100])
def test_a_subset_has_the_classes_in_proportion(rows, classes):
    dataset, splits = classes
    order = nested_order(dataset, splits.train, seed=4)

    counts = np.bincount(dataset.target[order[:rows]], minlength=3)
    np.testing.assert_allclose(counts, rows * shares(dataset.target, splits.train), atol=1)


@given(counts=st.lists(st.integers(1, 40), min_size=2, max_size=6), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None)
def test_every_beginning_of_the_order_is_within_a_row_of_the_shares(counts, seed):
    target = np.repeat(np.arange(len(counts)), counts)
    order = nested_order(make(target), np.arange(len(target)), seed=seed)

    for rows in range(1, len(target) + 1):
        found = np.bincount(target[order[:rows]], minlength=len(counts))
        assert (np.abs(found - rows * np.array(counts) / len(target)) <= len(counts) / 2 + 1).all()


def test_validation_rows_are_those_of_the_run_whatever_the_subset(classes):
    dataset, splits = classes
    whole = vary(dataset, splits, AS_SPLIT, seed=9)
    part = vary(dataset, splits, DataVariant(train_rows=50), seed=9)

    np.testing.assert_array_equal(part.y_validation, whole.y_validation)
    assert len(part.x_train) == 50


@pytest.mark.parametrize("rows", [FEWEST_ROWS - 1, 10_000])
def test_a_subset_of_too_few_or_too_many_rows_is_refused(rows, classes):
    dataset, splits = classes
    with pytest.raises(DataError, match=f"{rows:,} training rows were asked for; give 10 to 180"):
        vary(dataset, splits, DataVariant(train_rows=rows), seed=9)


def test_permuting_touches_the_share_of_the_training_rows_and_no_other_row(values):
    dataset, splits = values
    noisy = permute_targets(dataset.target, splits.train, 0.25, seed=1)
    touched = np.flatnonzero(noisy != dataset.target)

    assert set(touched) <= set(splits.train)
    assert len(splits.train) == 120
    assert 27 <= len(touched) <= 30  # a permutation leaves about one row where it was


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_permuting_keeps_the_balance_of_the_classes(share, classes):
    dataset, splits = classes
    noisy = permute_targets(dataset.target, splits.train, share, seed=1)

    np.testing.assert_array_equal(
        np.bincount(noisy[splits.train]), np.bincount(dataset.target[splits.train])
    )
    assert (noisy != dataset.target).any()


def test_a_larger_share_touches_what_a_smaller_one_does(values):
    dataset, splits = values
    some, more = (
        permute_targets(dataset.target, splits.train, share, seed=1) != dataset.target
        for share in (0.3, 0.8)
    )
    # A row that a permutation happens to leave where it was does not show.
    assert (some & ~more).sum() <= 2
    assert more.sum() > some.sum() > 20


def test_with_share_one_nothing_is_left_to_learn():
    target = np.random.default_rng(0).integers(0, 10, 5000)
    noisy = permute_targets(target, np.arange(5000), 1.0, seed=1)

    assert (noisy == target).mean() == pytest.approx(0.1, abs=0.02)


def test_no_share_touches_nothing(classes):
    dataset, splits = classes
    np.testing.assert_array_equal(
        permute_targets(dataset.target, splits.train, 0.0, seed=1), dataset.target
    )


def test_noise_reaches_the_training_targets_and_not_those_of_validation(classes):
    dataset, splits = classes
    clean, noisy = (
        vary(dataset, splits, DataVariant(label_noise=share), seed=9) for share in (0.0, 0.5)
    )

    np.testing.assert_array_equal(noisy.x_train, clean.x_train)
    np.testing.assert_array_equal(noisy.y_validation, clean.y_validation)
    assert 0 < (noisy.y_train != clean.y_train).sum() <= 90
    assert (dataset.target[splits.train] == clean.y_train).all()  # the data set itself is as it was


def test_folds_subsets_and_noise_go_together(classes):
    dataset, splits = classes
    variant = DataVariant(fold=1, folds=3, train_rows=40, label_noise=1.0)
    training = vary(dataset, splits, variant, seed=9)
    fold = fold_splits(dataset, splits, variant, seed=9)

    assert len(training.x_train) == 40
    np.testing.assert_array_equal(training.y_validation, dataset.target[fold.validation])
    np.testing.assert_allclose(np.bincount(training.y_train) / 40, [0.6, 0.3, 0.1], atol=0.03)


def test_drawn_rows_have_the_classes_in_proportion():
    dataset = load_dataset("digits")
    drawn = draw_rows(dataset, 400, seed=2)

    assert len(drawn) == len(drawn.features) == 400
    np.testing.assert_allclose(
        np.bincount(drawn.target), 400 * np.bincount(dataset.target) / len(dataset), atol=1
    )
    assert (drawn.fingerprint, drawn.class_names) == (dataset.fingerprint, dataset.class_names)


def test_features_and_targets_are_drawn_together():
    dataset = make(np.arange(100) * 2.0)
    drawn = draw_rows(dataset, 30, seed=2)

    np.testing.assert_array_equal(drawn.features[:, 0] * 2, drawn.target)
    assert (np.diff(drawn.target) > 0).all()  # in the order of the file
    other = draw_rows(dataset, 30, seed=3)
    assert not np.array_equal(other.target, drawn.target)


def test_rows_of_a_table_are_drawn_with_their_groups():
    table = pd.DataFrame({"row": np.arange(60.0)})
    column = Column(name="row", kind="numeric", missing=0, distinct=60)
    dataset = make(
        np.repeat([0, 1], 30), features=table, columns=(column,), groups=np.arange(60) // 3
    )
    drawn = draw_rows(dataset, 24, seed=2)

    assert np.bincount(drawn.target).tolist() == [12, 12]
    np.testing.assert_array_equal(drawn.groups, drawn.features["row"].to_numpy() // 3)
    splits = split_rows(drawn, seed=0)
    assert not set(drawn.groups[splits.train]) & set(drawn.groups[splits.validation])
    assert prepare(drawn, splits, seed=0).training.inputs == 1


def test_a_data_set_s_own_test_rows_are_reduced_in_proportion():
    test_rows = np.arange(120) >= 100
    dataset = make(np.arange(120) % 2, test_rows=test_rows)
    drawn = draw_rows(dataset, 50, seed=2)

    assert len(drawn) == 50 + 10
    assert drawn.test_rows.sum() == 10
    np.testing.assert_array_equal(drawn.features[:, 0] >= 100, drawn.test_rows)


def test_all_rows_may_be_drawn_but_no_more():
    dataset = make(np.arange(120) % 2, test_rows=np.arange(120) >= 100)

    np.testing.assert_array_equal(draw_rows(dataset, 100, seed=2).target, dataset.target)
    with pytest.raises(DataError, match=r"101 rows were asked for, it has 100; give fewer, or lea"):
        draw_rows(dataset, 101, seed=2)


def test_a_fold_without_a_class_in_its_training_rows_is_refused():
    # Each group is one class: a fold that holds a group out holds out its class.
    features = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    target = np.repeat(np.arange(6), 10)
    dataset = Dataset(
        name="blocks", task="multiclass", features=features, target=target, target_name="y",
        class_names=tuple("abcdef"), groups=target.copy(), fingerprint="", source="blocks",
    )  # fmt: skip
    every = np.arange(60)
    splits = Splits(train=every[:40], validation=every[40:50], test=every[50:])

    with pytest.raises(DataError, match="classes without a row in the training split"):
        fold_splits(dataset, splits, DataVariant(fold=0, folds=5), seed=0)


@pytest.mark.parametrize(
    ("name", "grouped", "expected"),
    [
        ("iris", False, "c9638787a7468f08"),
        ("digits", False, "8c6901d862fc127e"),
        ("diabetes", False, "bd5b971b9fe7d755"),
        ("iris", True, "4354d93e94a0d2db"),
    ],
)
def test_folds_are_those_of_earlier_versions(name, grouped, expected):
    dataset = load_dataset(name)
    groups = np.arange(len(dataset), dtype=np.int64) * 7 % 25 if grouped else None
    dataset = dataclasses.replace(dataset, groups=groups)
    fold = folds_of(dataset, split_rows(dataset, seed=3), 4, seed=3)[1]
    rows = b"|".join(
        part.astype("<i8").tobytes() for part in (fold.train, fold.validation, fold.test)
    )
    assert hashlib.sha256(rows).hexdigest()[:16] == expected


def test_folds_in_order_of_time_are_those_of_scikit_learn():
    times = np.random.default_rng(0).permutation(100).astype(np.float64)
    dataset = make(np.arange(100) / 7, times=times)
    splits = split_rows(dataset, seed=0)
    pool = np.argsort(times)[:80]
    expected = TimeSeriesSplit(5).split(pool)
    for fold, (train, validation) in zip(folds_of(dataset, splits, 5), expected, strict=True):
        np.testing.assert_array_equal(fold.train, np.sort(pool[train]))
        np.testing.assert_array_equal(fold.validation, np.sort(pool[validation]))
        np.testing.assert_array_equal(fold.test, splits.test)


def test_rows_of_one_time_stay_in_one_fold():
    times = np.repeat(np.arange(20.0), 5)
    dataset = make(np.arange(100) / 7, times=times)
    for fold in folds_of(dataset, split_rows(dataset, seed=0), 5):
        assert times[fold.train].max() < times[fold.validation].min()
        assert len(fold.validation) % 5 == 0


def test_more_folds_than_later_times_are_refused():
    dataset = make(np.arange(100) / 7, times=np.repeat(np.arange(5.0), 20))
    splits = split_rows(dataset, seed=0)
    with pytest.raises(DataError, match="4 times cannot be divided into 4 folds"):
        fold_splits(dataset, splits, DataVariant(fold=0, folds=4), seed=0)


def test_a_class_that_the_first_fold_lacks_is_named():
    target = np.where(np.arange(100) < 30, np.arange(100) % 2, np.arange(100) % 3)
    dataset = make(target, times=np.arange(100.0))
    with pytest.raises(DataError, match=r"'2'.*fewer folds"):
        fold_splits(dataset, split_rows(dataset, seed=0), DataVariant(fold=0, folds=5), seed=0)


def test_drawn_rows_keep_their_times():
    dataset = make(np.arange(100) / 7, times=np.arange(100.0) * 2)
    drawn = draw_rows(dataset, 30, seed=0)
    np.testing.assert_array_equal(drawn.times, drawn.features[:, 0] * 2)
