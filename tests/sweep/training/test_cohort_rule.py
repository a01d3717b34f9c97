import dataclasses

import pytest

from sweep.config import TrialConfig
from sweep.training.cohort_rule import LARGEST, Site, cohort_shape, form_cohorts, largest_cohort

SMALL = TrialConfig(depth=2, width=32)
MOST = LARGEST["CPU"]
LARGE = TrialConfig(depth=4, width=512)


def cohorts(*configs):
    return form_cohorts(configs, Site(64, 10))


def test_nothing_forms_no_cohort():
    assert cohorts() == []


def test_replicates_of_a_small_network_are_one_cohort():
    assert cohorts(*(SMALL.with_seed(seed) for seed in range(5))) == [(0, 1, 2, 3, 4)]


def test_large_networks_are_trained_alone():
    assert cohorts(*(LARGE.with_seed(seed) for seed in range(3))) == [(0,), (1,), (2,)]
    assert largest_cohort(LARGE, Site(64, 10)) == 1
    assert largest_cohort(LARGE, Site(64, 10, "GPU")) > 1


def test_only_equal_shapes_are_together():
    other = dataclasses.replace(SMALL, width=16)
    assert cohorts(SMALL, other, SMALL.with_seed(1), other.with_seed(1)) == [(0, 2), (1, 3)]


def test_more_than_the_largest_cohort_are_parted_evenly():
    parts = cohorts(*(SMALL.with_seed(seed) for seed in range(MOST + 2)))
    assert [len(part) for part in parts] == [MOST // 2 + 1] * 2
    assert sorted(sum(parts, ())) == list(range(MOST + 2))


@pytest.mark.parametrize(
    "change",
    [
        {"depth": 3}, {"width": 31}, {"activation": "tanh"}, {"optimizer": "sgd"},
        {"use_bias": False}, {"batch_size": 64}, {"epochs": 3},
    ],
)  # fmt: skip
def test_what_changes_the_graph_or_its_loops_is_part_of_the_shape(change):
    assert cohort_shape(dataclasses.replace(SMALL, **change)) != cohort_shape(SMALL)


@pytest.mark.parametrize(
    "change",
    [
        {"dropout": 0.5}, {"learning_rate": 0.1}, {"momentum": 0.9}, {"weight_decay": 0.1},
        {"seed": 7},
    ],
)  # fmt: skip
def test_rates_and_seeds_are_not(change):
    assert cohort_shape(dataclasses.replace(SMALL, **change)) == cohort_shape(SMALL)
