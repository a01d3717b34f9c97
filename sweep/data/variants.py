"""Make the variants of a data set that a study compares: folds, nested subsets, permuted labels.

Whatever is fitted to training rows is fitted to those of the variant. Validation targets are
never touched.
"""

import dataclasses
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from sweep.data.dataset import Dataset, TrainingData
from sweep.data.files import name_path
from sweep.data.preprocessing import prepare
from sweep.data.splitting import Rows, Splits, check_splits, check_weights
from sweep.errors import DataError
from sweep.seeds import derive_seed
from sweep.variant import DataVariant

FEWEST_ROWS: Final = 10  # of a subset: fewer teach nothing about anything


def vary(dataset: Dataset, splits: Splits, variant: DataVariant, *, seed: int) -> TrainingData:
    """Prepare a variant of a data set.

    Args:
        dataset: The data set.
        splits: The splits of the run.
        variant: What to change.
        seed: Seed of the run.

    Raises:
        DataError: There are too few rows for it.
    """
    if variant.folds:
        splits = fold_splits(dataset, splits, variant, seed=seed)
    if variant.train_rows:
        if not FEWEST_ROWS <= variant.train_rows <= len(splits.train):
            raise DataError(
                f"{name_path(dataset.source)}: {variant.train_rows:,} training rows were asked for;"
                f" give {FEWEST_ROWS} to {len(splits.train):,}"
            )
        order = nested_order(dataset, splits.train, seed=derive_seed(seed, "subset"))
        splits = dataclasses.replace(splits, train=np.sort(order[: variant.train_rows]))
        check_weights(dataset, train=splits.train)
    if variant.label_noise:
        noise_seed = derive_seed(seed, "labels")
        target = permute_targets(dataset.target, splits.train, variant.label_noise, seed=noise_seed)
        dataset = dataclasses.replace(dataset, target=target)
    return prepare(dataset, splits, seed=derive_seed(seed, "sample")).training


def draw_rows(dataset: Dataset, rows: int, *, seed: int) -> Dataset:
    """Return a data set with so many of the rows that are not its own test rows.

    Classes keep their shares. Test rows of the data set's own are reduced in proportion.

    Args:
        dataset: The data set.
        rows: How many.
        seed: Seed of the draw.

    Raises:
        DataError: It does not have so many.
    """
    every = np.arange(len(dataset), dtype=np.int64)
    test = (
        np.zeros(len(dataset), dtype=np.bool_) if dataset.test_rows is None else dataset.test_rows
    )
    pool = every[~test]
    if rows > len(pool):
        raise DataError(
            f"{name_path(dataset.source)}: {rows:,} rows were asked for, it has {len(pool):,};"
            " give fewer, or leave --rows out"
        )
    kept = [nested_order(dataset, pool, seed=seed)[:rows]]
    if test.any():
        most = max(round(rows / len(pool) * int(test.sum())), 1)
        kept.append(nested_order(dataset, every[test], seed=seed)[:most])
    chosen = np.sort(np.concatenate(kept))
    features: Any = dataset.features
    return dataclasses.replace(
        dataset,
        features=features.iloc[chosen] if hasattr(features, "iloc") else features[chosen],
        target=dataset.target[chosen],
        test_rows=None if dataset.test_rows is None else dataset.test_rows[chosen],
        groups=None if dataset.groups is None else dataset.groups[chosen],
        times=None if dataset.times is None else dataset.times[chosen],
        weights=None if dataset.weights is None else dataset.weights[chosen],
    )


def fold_splits(dataset: Dataset, splits: Splits, variant: DataVariant, *, seed: int) -> Splits:
    """Return the splits of one fold: train and validation rows divided anew, test left alone.

    Raises:
        DataError: There are too few rows, or groups, for so many folds, or the fold has no
            training row of some class.
    """
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    classes = None if dataset.task == "regression" else dataset.target[pool].astype(np.int64)
    groups = None if dataset.groups is None else dataset.groups[pool]
    times = None if dataset.times is None else dataset.times[pool]
    apart = groups if times is None else times
    units = len(pool) if apart is None else len(np.unique(apart))
    if variant.folds > units:
        what = "groups" if groups is not None else "times" if times is not None else "rows"
        raise DataError(
            f"{name_path(dataset.source)}: {units} {what} cannot"
            f" be divided into {variant.folds} folds; give fewer --folds"
        )
    if times is not None:
        return _later_fold(dataset, splits, pool, times, variant)
    random = {"n_splits": variant.folds, "shuffle": True}
    random["random_state"] = derive_seed(seed, "fold")
    # A class with fewer rows than folds cannot be in every fold: then chance has to do.
    stratified = classes is not None and np.bincount(classes)[np.unique(classes)].min() >= (
        variant.folds
    )
    if groups is not None:
        kind = StratifiedGroupKFold if stratified else GroupKFold
    else:
        kind = StratifiedKFold if stratified else KFold
    parts = list(kind(**random).split(pool, classes, groups))
    train, validation = parts[variant.fold]
    check_splits(dataset, pool[train], pool[validation], splits.test)
    return dataclasses.replace(splits, train=pool[train], validation=pool[validation])


def _later_fold(
    dataset: Dataset, splits: Splits, pool: Rows, times: NDArray[np.float64], variant: DataVariant
) -> Splits:
    """Return a fold that validates on what comes after the rows that it trains on."""
    every, place = np.unique(times, return_inverse=True)
    if variant.folds >= len(every):
        raise DataError(
            f"{name_path(dataset.source)}: {len(every)} times cannot be divided into"
            f" {variant.folds} folds, one after the other; give fewer --folds"
        )
    earlier, later = list(TimeSeriesSplit(variant.folds).split(every))[variant.fold]
    train, validation = pool[np.isin(place, earlier)], pool[np.isin(place, later)]
    check_splits(dataset, train, validation, splits.test)
    return dataclasses.replace(splits, train=train, validation=validation)


def nested_order(dataset: Dataset, rows: Rows, *, seed: int) -> Rows:
    """Order rows so that every beginning of the order has the classes in proportion.

    Args:
        dataset: The data set.
        rows: Some of its rows.
        seed: Seed of the order.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(rows)
    if dataset.task == "regression":
        return shuffled
    classes = dataset.target[shuffled].astype(np.int64)
    counts = np.bincount(classes)
    # The place of a row among those of its class, as a share of the class.
    by_class = np.argsort(classes, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(rows))
    rank[by_class] = np.arange(len(rows)) - np.repeat(starts, counts)
    place = (rank + 0.5) / counts[classes]
    ordered: Rows = shuffled[np.argsort(place, kind="stable")]
    return ordered


def permute_targets(target: NDArray[Any], rows: Rows, share: float, *, seed: int) -> NDArray[Any]:
    """Return targets of which those of a random share of some rows are permuted among them.

    Permuted rather than drawn anew, they keep the balance of the classes, or the distribution of
    values; of ``k`` equal classes about one row in ``k`` keeps its own (random labels as in Zhang
    et al. 2017).

    Args:
        target: [rows of the data set].
        rows: The rows that may be touched.
        share: In [0, 1].
        seed: Seed of the choice and of the permutation. A larger share with the same seed touches
            what a smaller one does, and more.
    """
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(rows)[: round(share * len(rows))]
    noisy = target.copy()
    noisy[chosen] = target[generator.permutation(chosen)]
    return noisy
