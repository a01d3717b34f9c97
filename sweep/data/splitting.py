"""Split the rows into train, validation and test: by class, by group, or as the data come split."""

import dataclasses
import hashlib
import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from sweep.data.dataset import Dataset
from sweep.data.files import name_path
from sweep.data.names import listed
from sweep.errors import ConfigurationError, DataError

RARE: Final = 10  # classes with fewer rows get one row in the training split for certain
GROUP_DRAWS: Final = 64  # random divisions of the groups from which the evenest is taken

Rows = NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Hold the rows of each split, int64, in ascending order; no row is in two of them.

    Attributes:
        train: Rows that the weights and everything else are fitted to.
        validation: Rows that choose epoch and configuration.
        test: Rows that are looked at once, for the network chosen.
    """

    train: Rows
    validation: Rows
    test: Rows


def split_rows(
    dataset: Dataset, *, fractions: tuple[float, float, float] = (0.6, 0.2, 0.2), seed: int
) -> Splits:
    """Split the rows of a data set.

    Classes are divided in proportion, groups stay together, and a data set's own test split is
    kept: train and validation then share the other rows in the ratio of their fractions. Rows that
    have times are divided by them: the earliest train, later ones validate, the latest test.

    Args:
        dataset: The data set.
        fractions: Shares of train, validation and test, positive, with the sum 1.
        seed: Seed of the division.

    Raises:
        ConfigurationError: The fractions are no shares.
        DataError: A split would be empty, or a class would have no row in the training split.
    """
    check_fractions(fractions)
    every = np.arange(len(dataset), dtype=np.int64)
    if dataset.test_rows is None:
        pool, test = _divide(dataset, every, fractions[2], seed, stay=2)
    else:
        pool, test = every[~dataset.test_rows], every[dataset.test_rows]
        _check_own_test(dataset, pool, test)
    share = fractions[1] / (fractions[0] + fractions[1])
    train, validation = _divide(dataset, pool, share, seed + 1)
    check_splits(dataset, train, validation, test)
    return Splits(train=np.sort(train), validation=np.sort(validation), test=np.sort(test))


def check_fractions(fractions: tuple[float, float, float]) -> None:
    """Refuse fractions that are no shares of one whole.

    Raises:
        ConfigurationError: One is not positive, or the sum is not 1.
    """
    shown = "/".join(f"{fraction:g}" for fraction in fractions)
    if not all(fraction > 0 for fraction in fractions) or not math.isclose(sum(fractions), 1.0):
        raise ConfigurationError(
            f"fractions: train/validation/test are {shown}; give three positive shares with sum 1"
        )


def duplicated_across(dataset: Dataset, splits: Splits) -> int:
    """Count the validation and test rows that stand in the training split too, target included.

    Args:
        dataset: The data set.
        splits: Its splits.
    """
    digests = _digest_rows(dataset)
    held_out = np.concatenate([splits.validation, splits.test])
    return int(np.isin(digests[held_out], digests[splits.train]).sum())


def _divide(
    dataset: Dataset, pool: Rows, share: float, seed: int, *, stay: int = 1
) -> tuple[Rows, Rows]:
    """Return the rest of the pool, of as many times as have to stay, and the share held out."""
    if dataset.groups is not None:
        return _divide_groups(dataset, pool, share, seed)
    if dataset.times is not None:
        return _divide_by_time(dataset, pool, share, stay)
    held_out = min(max(round(share * len(pool)), 1), len(pool) - 1)
    if held_out < 1:
        raise DataError(_too_few(dataset, f"{len(pool)} rows cannot be divided"))
    if dataset.task == "regression":
        rest, drawn = train_test_split(pool, test_size=held_out, random_state=seed)
        return rest, drawn
    kept = _reserve(dataset.target[pool], seed)
    free = np.setdiff1d(np.arange(len(pool)), kept)
    held_out = min(held_out, len(free) - 1)
    if held_out < 1:
        raise DataError(_too_few(dataset, "its classes have too few rows"))
    strata = _strata(dataset.target[pool][free], held_out)
    rest, drawn = train_test_split(free, test_size=held_out, random_state=seed, stratify=strata)
    return np.concatenate([pool[kept], pool[rest]]), pool[drawn]


def _reserve(classes: NDArray[np.generic], seed: int) -> Rows:
    """Return the place of one random row of each rare class."""
    order = np.random.default_rng(seed).permutation(len(classes))
    _, first, counts = np.unique(classes[order], return_index=True, return_counts=True)
    rows: Rows = order[first[counts < RARE]]
    return rows


def _strata(classes: NDArray[np.generic], held_out: int) -> Rows | None:
    """Return what to divide in proportion: the classes, those too rare for that put together."""
    codes: Rows = np.unique(classes, return_inverse=True)[1].astype(np.int64)
    counts = np.bincount(codes)
    smaller = min(held_out, len(classes) - held_out)
    rare = counts * smaller < len(classes)  # less than one row expected on the smaller side
    if rare.all():
        return None
    together = int(counts[rare].sum())
    alone = together >= 2 and together * smaller >= len(classes)
    stratum = len(counts) if alone else int(np.argmax(counts))
    return np.where(rare[codes], stratum, codes)


def _divide_groups(dataset: Dataset, pool: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
    """Divide whole groups so that sizes and classes come out as evenly as chance offers."""
    groups = np.asarray(dataset.groups)[pool]
    if len(np.unique(groups)) < 2:
        raise DataError(
            _too_few(dataset, "its groups cannot be divided: three splits need three groups")
        )
    classes = None if dataset.task == "regression" else dataset.target[pool]
    draws = GroupShuffleSplit(n_splits=GROUP_DRAWS, test_size=share, random_state=seed)
    best = min(draws.split(pool, groups=groups), key=lambda draw: _unevenness(draw, share, classes))
    return pool[best[0]], pool[best[1]]


def _divide_by_time(dataset: Dataset, pool: Rows, share: float, stay: int) -> tuple[Rows, Rows]:
    """Hold the latest rows out; those of one time stay together."""
    times = np.asarray(dataset.times)[pool]
    every, counts = np.unique(times, return_counts=True)
    earlier = np.cumsum(counts)[stay - 1 : -1]  # rows before each time that may be held out first
    if len(earlier) == 0:
        raise DataError(
            _too_few(dataset, "its times cannot be divided: each split needs one of its own")
        )
    cut = every[stay + np.abs(earlier - (1 - share) * len(pool)).argmin()]
    return pool[times < cut], pool[times >= cut]


def _unevenness(
    draw: tuple[Rows, Rows], share: float, classes: NDArray[np.generic] | None
) -> tuple[int, float]:
    """Return how many classes the training side misses, then how far the shares are off."""
    rest, drawn = draw
    size = abs(len(drawn) / (len(rest) + len(drawn)) - share)
    if classes is None:
        return 0, size
    labels = classes.astype(np.int64)
    whole = np.bincount(labels)
    kept = np.bincount(labels[rest], minlength=len(whole))
    shares = np.bincount(labels[drawn], minlength=len(whole)) / np.maximum(whole, 1)
    missing = int(((whole > 0) & (kept == 0)).sum())
    return missing, size + float(np.abs(shares[whole > 0] - share).mean())


def _check_own_test(dataset: Dataset, pool: Rows, test: Rows) -> None:
    if len(test) == 0 or len(pool) < 2:
        raise DataError(_too_few(dataset, "its own test split leaves a split empty"))
    if dataset.groups is not None and np.isin(dataset.groups[test], dataset.groups[pool]).any():
        raise DataError(
            f"{name_path(dataset.source)}: groups of its own test split stand in the other rows "
            "too; leave the groups out, or join the splits"
        )


def check_splits(dataset: Dataset, train: Rows, validation: Rows, test: Rows) -> None:
    """Refuse splits of which one is empty, or that leave a class without a training row.

    Raises:
        DataError: They are such.
    """
    if min(len(train), len(validation), len(test)) == 0:
        raise DataError(_too_few(dataset, "a split would be empty"))
    check_weights(dataset, train=train, validation=validation, test=test)
    if dataset.task == "regression":
        return
    weights = None if dataset.weights is None else dataset.weights[train]
    classes = dataset.target[train].astype(np.int64)
    counts = np.bincount(classes, weights=weights, minlength=len(dataset.class_names))
    unseen = [name for name, n in zip(dataset.class_names, counts, strict=True) if n == 0]
    if unseen and dataset.times is not None:
        raise DataError(
            f"{name_path(dataset.source)}: classes that come only after the training rows, which "
            f"are the earliest: {listed(unseen, most=10)}; remove these classes, train on a larger "
            "share, divide into fewer folds, or leave --time out"
        )
    if unseen:
        raise DataError(
            f"{name_path(dataset.source)}: classes without a row in the training split"
            f"{'' if weights is None else ' that has a weight above 0'}: "
            f"{listed(unseen, most=10)}; add rows, merge or remove these classes"
        )


def check_weights(dataset: Dataset, **splits: Rows) -> None:
    """Refuse splits of which all rows have the weight 0.

    Args:
        dataset: The data set.
        splits: Rows, by the name of their split.

    Raises:
        DataError: There is such a split.
    """
    for name, rows in splits.items():
        if dataset.weights is not None and not dataset.weights[rows].any():
            raise DataError(
                _too_few(dataset, f"all {len(rows):,} rows of the {name} split have the weight 0")
            )


def _too_few(dataset: Dataset, what: str) -> str:
    return f"{name_path(dataset.source)}: {what}; add rows, or change the fractions"


def _digest_rows(dataset: Dataset) -> NDArray[np.generic]:
    """Return one value a row, equal for equal rows."""
    if isinstance(dataset.features, pd.DataFrame):
        table = pd.concat([dataset.features, pd.Series(dataset.target, name="")], axis=1)
        return pd.util.hash_pandas_object(table, index=False).to_numpy()
    rows = (
        hashlib.blake2b(row.tobytes() + target.tobytes(), digest_size=8).digest()
        for row, target in zip(dataset.features, dataset.target, strict=True)
    )
    return np.frombuffer(b"".join(rows), dtype=np.uint64)
