import numpy as np
import pytest

from studies.catalog.activation.answer import answer
from studies.catalog.activation.design import spec
from studies.designs.planning import plan_trials

SCORES = {"relu": 0.95, "sigmoid": 0.90, "tanh": 0.95, "leaky_relu": 0.95}
LOSSES = {"relu": 0.05, "sigmoid": 0.5, "tanh": 0.05, "leaky_relu": 0.05}


def planted(*, scores=SCORES, losses=LOSSES, lost=()):
    """Known scores, train losses and idle units by activation."""

    def of(item):
        name = item.config.activation
        if item.stage == "tuning":
            return {}
        if name in lost:
            return None
        rng = np.random.default_rng([item.slot, item.replicate])
        flat = name in {"sigmoid", "tanh"}
        shared = np.random.default_rng(item.replicate).normal(0, 0.01)
        return {
            "validation_score": scores[name] + shared + rng.normal(0, 0.001),
            "train_loss": losses[name] + rng.normal(0, 0.002),
            "dead_units": None if flat else 0.1,
            "saturated_units": 0.25 if flat else None,
        }

    return of


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    few = ("learning_rate.adam=0.001,0.01",)
    return design_of(spec, set=few, epochs=8, seeds=6)


@pytest.fixture(name="answered", scope="module")
def _answered(design, run_design):
    return answer(run_design(design, planted()), {})


def of(found, name):
    return next(one for one in found.findings if one.code == f"study.activation.{name}")


def test_units_are_counted_in_the_comparison_only(design, run_design):
    results = run_design(design, planted())
    trials = results.trials

    assert trials.loc[trials["stage"] == "tuning", "dead_units"].isna().all()
    assert {item.units for item in plan_trials(design, [], seed=0)} == {False}
    assert design.units


def test_the_planted_loser_is_clearly_worse_and_the_others_alike(answered):
    assert "better than sigmoid" in answered.answer
    assert "equivalent to" in answered.answer
    assert len(answered.answer) <= 160
    assert of(answered, "best").verdict == "differ"
    assert len([one for one in answered.findings if one.code.startswith("comparison.")]) == 6


def test_what_could_not_be_trained_is_told_from_what_generalises_worse(design, run_design):
    hard = of(answer(run_design(design, planted()), {}), "trainability")
    assert hard.verdict == "differ"
    assert "trained less far: sigmoid" in hard.sentence

    trained = planted(losses=dict.fromkeys(LOSSES, 0.05))
    easy = of(answer(run_design(design, trained), {}), "trainability")
    assert easy.verdict == "equivalent"
    assert "generalisation" in easy.sentence


def test_idle_units_are_reported_by_their_kind(answered):
    found = of(answered, "units")

    assert found.numbers["idle_relu"] == pytest.approx(0.1)
    assert found.numbers["idle_sigmoid"] == pytest.approx(0.25)
    assert found.numbers["idle_leaky relu"] == pytest.approx(0.1)


def test_an_activation_that_is_lost_altogether_is_told(design, run_design):
    answered = answer(run_design(design, planted(lost={"sigmoid"})), {})

    assert "sigmoid lost altogether" in answered.answer
    assert "sigmoid 6" in of(answered, "trainability").sentence


def test_below_five_pairs_there_is_no_verdict(design_of, run_design):
    few = ("learning_rate.adam=0.01", "initializer=he_normal")
    design = design_of(spec, set=few, epochs=8, seeds=4)

    answered = answer(run_design(design, planted(), task="regression"), {})

    assert answered.answer.endswith("too few seeds for a verdict.")
    assert "R²" in answered.answer
    assert of(answered, "best").verdict == "undecided"


@pytest.mark.slow
def test_a_run_counts_the_units_of_what_it_compares(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    told = ("--set", "activation=relu,sigmoid", "--set", "learning_rate=0.01", "--set", "width=8")
    small = ("--seeds", 2, "--epochs", 3, "--workers", 2, "--no-report")

    assert run_command("study", "activation", "iris", *told, *small, "--out", tmp_path / "run") == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    counted = results.comparison.set_index("arm")[["dead_units", "saturated_units"]].notna()
    assert counted.loc["relu"].to_numpy().tolist() == [[True, False]] * 2
    assert counted.loc["sigmoid"].to_numpy().tolist() == [[False, True]] * 2
    tuning = results.trials[results.trials["stage"] == "tuning"]
    assert len(tuning) == 2 * 2 * 3
    assert tuning[["dead_units", "saturated_units"]].isna().all(axis=None)
    assert "The best mean accuracy" in conclude_study(results).answer
