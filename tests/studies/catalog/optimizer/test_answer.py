import numpy as np
import pytest

from studies.answering.rate_grids import rate_grids
from studies.catalog.optimizer.answer import answer
from studies.catalog.optimizer.design import spec
from studies.catalog.optimizer.robustness import measure_robustness

RATES = (
    "learning_rate.adam=0.0001,0.001,0.01,0.1,1",
    "learning_rate.sgd=0.001,0.01,0.1,1,10",
    "learning_rate.rmsprop=0.0001,0.001,0.01,0.1,1",
)
GOOD = {"adam": (0.001, 0.01, 0.1), "sgd": (0.1,), "rmsprop": (0.001,)}


def planted(*, good=GOOD, best=0.95, bad=0.1, lost=()):
    """Scores of a known plateau: the best at good rates, else guessing."""

    def of(item):
        rate, name = item.config.learning_rate, item.config.optimizer
        if item.arm in lost:
            return None
        noise = np.random.default_rng([item.slot, item.replicate]).normal(0, 0.001)
        fine = any(np.isclose(rate, one) for one in good[name])
        return {"validation_score": (best if fine else bad) + noise, "train_loss": 0.2}

    return of


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=RATES, epochs=8, seeds=6)


@pytest.fixture(name="results", scope="module")
def _results(design, run_design):
    return run_design(design, planted())


@pytest.fixture(name="answered", scope="module")
def _answered(results):
    return answer(results, {})


def of(found, name, subject=None):
    return next(
        one
        for one in found.findings
        if one.code == f"study.optimizer.{name}" and subject in {None, one.subject}
    )


def test_the_best_of_three_rates_is_what_chance_makes_it(results):
    cards = measure_robustness(results, rate_grids(results)).cards

    # Three of five rates without replacement: one good rate is among them in 3 cases of 5.
    assert cards["Adam"].best_of[3].estimate == pytest.approx(0.95, abs=0.002)
    assert cards["SGD"].best_of[3].estimate == pytest.approx(0.6 * 0.95 + 0.4 * 0.1, abs=0.002)
    assert cards["SGD"].best_of[5].estimate == pytest.approx(0.95, abs=0.002)


def test_the_bands_are_as_wide_as_planted(results):
    cards = measure_robustness(results, rate_grids(results)).cards

    assert {name: card.close.estimate for name, card in cards.items()} == pytest.approx(
        {"Adam": 3.0, "SGD": 1.0, "RMSprop": 1.0}
    )
    assert cards["SGD"].unlearnt.estimate == pytest.approx(0.8)


def test_the_planted_winner_is_named(answered):
    assert answered.answer.startswith("Adam is the most robust: ")
    assert len(answered.answer) <= 160
    assert of(answered, "claim_adam").verdict == "holds"
    assert of(answered, "band").subject == "Adam"


def test_the_defaults_cost_what_was_planted(answered):
    verdicts = {name: of(answered, "default", name) for name in ("adam", "sgd", "rmsprop")}

    assert [one.verdict for one in verdicts.values()] == ["holds", "does not hold", "holds"]
    assert verdicts["sgd"].numbers["regret"] == pytest.approx(0.85, abs=0.003)
    assert "defaults recommended" in verdicts["rmsprop"].sentence


def test_optimizers_that_are_alike_have_no_winner(design, run_design):
    same = {"adam": (0.01, 0.1), "sgd": (0.1, 1), "rmsprop": (0.01, 0.1)}

    answered = answer(run_design(design, planted(good=same)), {})

    assert answered.answer.startswith("No optimizer is clearly the most robust")
    assert of(answered, "claim_adam").verdict == "does not hold"
    assert "is equivalent to SGD" in of(answered, "claim_adam").sentence


def test_rates_that_diverge_count_as_guessing(design, run_design):
    lost = {"sgd, rate 1", "sgd, rate 10"}

    results = run_design(design, planted(lost=lost))
    card = measure_robustness(results, rate_grids(results)).cards["SGD"]

    assert card.diverged.estimate == pytest.approx(0.4)
    assert card.best_of[1].estimate == pytest.approx((0.95 + 4 * 0.1) / 5, abs=0.002)
    assert of(answer(results, {}), "lost").numbers["sgd_diverged"] == pytest.approx(0.4)


def test_an_optimizer_that_is_lost_altogether_is_told(design, run_design):
    lost = {arm.name for arm in design.arms if arm.name.startswith("sgd")}

    answered = answer(run_design(design, planted(lost=lost)), {})

    assert of(answered, "default", "sgd").verdict == "undecided"
    assert of(answered, "claim_adam").verdict == "holds"


def test_below_five_pairs_no_claim_is_decided(design_of, run_design):
    design = design_of(spec, set=RATES, epochs=8, seeds=4)

    answered = answer(run_design(design, planted()), {})

    assert of(answered, "claim_adam").verdict == "undecided"
    assert of(answered, "default", "sgd").verdict == "undecided"
    assert answered.answer.startswith("No optimizer is clearly")


def test_a_default_that_was_not_tried_and_a_lone_optimizer(design_of, run_design):
    told = ("optimizer=sgd", "learning_rate.sgd=0.1,1")
    design = design_of(spec, set=told, epochs=8, seeds=5)

    answered = answer(run_design(design, planted(), task="regression"), {})

    assert "not among the rates tried" in of(answered, "default").sentence
    assert answered.answer.startswith("One optimizer")


@pytest.mark.slow
def test_a_run_trains_every_rate_on_the_same_seeds(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    told = ("--set", "optimizer=adam,sgd", "--set", "learning_rate=0.001,0.01,0.1")
    small = ("--set", "width=8", "--seeds", 2, "--epochs", 4, "--workers", 1, "--no-report")

    assert run_command("study", "optimizer", "iris", *told, *small, "--out", tmp_path / "run") == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    pairs = results.comparison.groupby("replicate")["seed"].agg(["size", "nunique"])
    assert pairs.to_numpy().tolist() == [[6, 1]] * 2
    best = results.paired("validation_score")[
        ["adam, rate 0.001", "adam, rate 0.01", "adam, rate 0.1"]
    ]
    content = conclude_study(results)
    assert f"Adam {best.max(axis=1).mean():.3f}" in content.answer
