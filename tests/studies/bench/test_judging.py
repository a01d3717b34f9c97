"""A few whole problems: drawn, trained, judged. What must hold for each of them, whatever it is."""

import dataclasses

import numpy as np
import pytest

from studies.bench.families import memorisers
from studies.bench.judging import FAMILIES, judge_network, judge_one, train_one
from studies.bench.running import run_bench
from studies.bench.training import run_tables, train_problem
from studies.bench.truth import network_truths


@pytest.fixture(scope="module")
def memoriser():
    """A grossly overfitting network: 48 units, the labels half noise, ten times the usual rate."""
    problem = memorisers(np.random.default_rng(8))
    first = dataclasses.replace(
        problem.configs[0],
        width=48, depth=1, optimizer="adam", learning_rate=0.05, batch_size=16, epochs=40,
        dropout=0.0, activation="tanh",
    )  # fmt: skip
    run = tuple(dataclasses.replace(first, width=width) for width in (48, 2, 4, 8, 16))
    train = dataclasses.replace(problem.train, x=problem.train.x[:60], y=problem.train.y[:60])
    return train_problem(dataclasses.replace(problem, train=train, configs=run), seed=3)


@pytest.mark.slow
def test_the_validation_rows_do_not_influence_the_weights(memoriser):
    for seen, known in zip(memoriser.seen[0], memoriser.population[0], strict=True):
        longer = known.column("train_loss")
        assert len(longer) == 2 * len(seen)
        assert np.array_equal(seen.column("train_loss"), longer[: len(seen)])


@pytest.mark.slow
def test_a_grossly_overfitting_network_is_known_to_overfit(memoriser):
    one, ten = (network_truths(memoriser, seeds=seeds) for seeds in (1, 10))

    assert one["overtrained"] == ten["overtrained"] == ten["overfits"] == 1
    for truths in (one, ten):
        assert truths["fits"] == truths["undertrained"] == truths["underfits"] == 0


@pytest.mark.slow
def test_a_grossly_overfitting_network_is_never_said_to_underfit_or_to_fit(memoriser):
    said = {case.said for case in judge_network(memoriser) if case.about == "network"}

    assert said <= {"overfits", "overtrained", "undecided"}


@pytest.mark.slow
def test_no_loss_on_the_population_is_far_below_the_floor(memoriser):
    lowest = min(h.column("validation_loss").min() for h in memoriser.population[0])

    assert lowest > 0.95 * memoriser.problem.floor


@pytest.mark.slow
def test_several_seeds_are_replicates_of_a_confirmation(memoriser):
    trials, epochs = run_tables(memoriser.problem, memoriser.seen, seeds=5)

    assert set(trials["stage"]) == {"confirmation"}
    assert trials.groupby("config")["replicate"].apply(list).tolist() == [[1, 2, 3, 4, 5]] * 5
    assert len(epochs) == len(trials) * 40


def test_the_two_sets_share_no_problem():
    first, second = (
        train_one("linear problem", 0, seed=0, stream=stream).problem
        for stream in ("calibration", "report")
    )

    assert not np.array_equal(first.train.x[0], second.train.x[0])


def test_a_problem_is_judged_the_same_again():
    assert judge_one("linear problem", 1, seed=0, stream="report") == judge_one(
        "linear problem", 1, seed=0, stream="report"
    )


@pytest.mark.long
def test_the_bench_judges_every_family_and_reports_how_far_it_is():
    steps = []

    cases = run_bench(
        instances=1, seed=1, stream="calibration", after_problem=lambda *step: steps.append(step)
    )

    total = sum(family.times for family in FAMILIES.values())
    assert steps == [(done, total) for done in range(1, total + 1)]
    assert {case.family for case in cases} == {*FAMILIES, "planted effects"}
    assert {case.about for case in cases} == {"network", "curve", "comparison", "capacity"}
    assert {case.seeds for case in cases if case.about == "network"} == {1, 5, 10}
