import numpy as np
import pytest
import scipy.special

from studies.bench.families import NETWORK_FAMILIES
from studies.bench.problems import draw_problem, draw_teacher, noise_floor, signal
from studies.bench.rate_families import linear_problem, rate_ladder


def teacher(task, *, width=3, noise=0.5, seed=0):
    rng = np.random.default_rng(seed)
    return draw_teacher(rng, task=task, inputs=4, width=width, noise=noise)


def test_the_signal_of_a_teacher_is_standardised():
    x = np.random.default_rng(1).normal(size=(20_000, 4))

    values = signal(teacher("regression"), x)

    assert abs(values.mean()) < 0.05
    assert values.std() == pytest.approx(1, abs=0.05)


def test_the_floor_of_a_regression_is_the_variance_of_its_noise_in_variances_of_the_target():
    rng = np.random.default_rng(2)
    target = teacher("regression", noise=0.5)

    problem = draw_problem(rng, family="", target=target, rows=4_000, run=())

    # Signal of variance 1 and noise of variance 0.25: 0.25 / 1.25.
    assert problem.floor == pytest.approx(0.2, rel=0.08)
    assert problem.train.y.std() == pytest.approx(1, abs=1e-4)


def test_the_floor_of_a_classification_is_the_loss_of_its_true_probabilities():
    rng = np.random.default_rng(3)
    target = teacher("binary", noise=0.7)

    problem = draw_problem(rng, family="", target=target, rows=100, run=())

    share = scipy.special.expit(signal(target, problem.population.x) / 0.7)
    ones = problem.population.y == 1
    loss = -np.log(np.where(ones, share, 1 - share))
    assert problem.floor == pytest.approx(loss.mean(), abs=4 * loss.std() / len(loss) ** 0.5)


def test_pure_noise_has_the_floor_of_a_fair_coin():
    nothing = teacher("binary", width=0, noise=1.0)

    assert noise_floor(nothing, np.zeros((10, 4))) == pytest.approx(np.log(2))


@pytest.mark.parametrize("draw", [*NETWORK_FAMILIES, linear_problem, rate_ladder])
def test_a_problem_follows_from_its_seed_alone(draw):
    first, again, other = (draw(np.random.default_rng(seed)) for seed in (4, 4, 5))

    assert first.configs == again.configs
    assert np.array_equal(first.train.x, again.train.x)
    assert np.array_equal(first.validation.y, again.validation.y)
    assert not np.array_equal(first.train.x[0], other.train.x[0])


@pytest.mark.parametrize("draw", NETWORK_FAMILIES)
def test_every_network_of_a_run_is_another_configuration(draw):
    problem = draw(np.random.default_rng(6))

    assert len({config.config_id for config in problem.configs}) == len(problem.configs) > 1
    assert len({config.epochs for config in problem.configs}) == 1
    assert 60 <= len(problem.validation.y) <= 400
