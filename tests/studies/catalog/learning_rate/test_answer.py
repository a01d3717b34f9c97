import numpy as np
import pytest

from studies.catalog.learning_rate.answer import answer
from studies.catalog.learning_rate.design import spec
from studies.catalog.learning_rate.verdicts import Evidence, combine, judge_rates, probe_verdict
from studies.statistics.intervals import Interval

RATES = "learning_rate.adam=0.00001,0.0001,0.001,0.003,0.1,1"
TRUTH = ["too small", "too small", "right", "right", "too large", "diverges"]


def planted(*, start=2.3, score=None, lost=()):
    """Curves of a known learning rate: falling as fast as it, swinging above 0.02, lost above 0.5.

    Losses fall to zero by a factor of exp(-300 rate) an epoch.
    """

    def of(item):
        rate, epochs = item.config.learning_rate, item.config.epochs
        if rate > 0.5 or (item.arm, item.replicate) in lost:
            return None
        noise = np.random.default_rng([item.slot, item.replicate]).normal(0, 0.001)
        time = np.arange(1, epochs + 1)
        loss = start * np.exp(-300 * rate * time)
        if rate > 0.02:
            loss = start * (0.6 + 0.3 * (-1.0) ** time)
        known = 0.95 if 0.0005 < rate < 0.02 else 0.5
        return {
            "train_loss": np.maximum(loss + noise, 0) + 0.001,
            "validation_loss": loss + noise + 0.1,
            "validation_score": (score(rate) if score else known) + noise,
        }

    return of


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=("optimizer=adam", RATES), epochs=30, seeds=6)


@pytest.fixture(name="answered", scope="module")
def _answered(design, run_design):
    return answer(run_design(design, planted()), {})


def of(found, name):
    return next(one for one in found.findings if one.code == f"study.learning-rate.{name}")


def test_every_rate_is_found_to_be_what_it_is(design, run_design):
    judged = judge_rates(run_design(design, planted()))

    assert judged["verdict"].tolist() == TRUTH
    assert judged["rate"].tolist() == [1e-5, 1e-4, 1e-3, 3e-3, 0.1, 1.0]
    assert judged["lost"].tolist() == [0, 0, 0, 0, 0, 1]


def test_the_answer_names_the_band_of_right_rates(answered):
    assert "Adam 0.001 to 0.003" in answered.answer
    assert len(answered.answer) <= 160
    numbers = of(answered, "band").numbers
    assert (numbers["low"], numbers["high"]) == (0.001, 0.003)


def test_the_claims_of_the_notes_hold_where_they_are_planted(answered):
    verdicts = {
        name: of(answered, f"claim_{name}").verdict for name in ("small", "large", "right", "adam")
    }

    assert verdicts == dict.fromkeys(verdicts, "holds")


def test_the_mark_of_the_figure_is_the_band(answered):
    loss = next(one for one in answered.figures if one.id == "rates-loss")

    assert loss.marks["x"].tolist() == [0.001, 0.003]
    assert set(loss.table["series"]) == {"train", "validation"}
    lost = loss.table[loss.table["x"] == 1.0]
    assert lost["mean"].isna().all()


def test_an_example_of_each_kind_is_drawn(answered):
    examples = next(one for one in answered.figures if one.id == "examples")

    kinds = [panel.partition(":")[0] for panel in examples.table["panel"].unique()]
    assert kinds == ["too small", "right", "too large", "diverges"]


def test_a_default_that_costs_more_than_the_margin_is_no_good_rate(design, run_design):
    better = planted(score=lambda rate: 0.95 if 0.002 < rate < 0.02 else 0.9)

    found = of(answer(run_design(design, better), {}), "claim_adam")

    assert found.verdict == "does not hold"
    assert found.numbers["difference"] == pytest.approx(-0.05, abs=0.002)


def test_below_five_pairs_nothing_is_concluded(design_of, run_design):
    design = design_of(spec, set=("optimizer=adam", RATES), epochs=30, seeds=4)

    answered = answer(run_design(design, planted()), {})

    for name in ("small", "large", "right", "adam"):
        assert of(answered, f"claim_{name}").verdict == "undecided"
    assert set(judge_rates(run_design(design, planted()))["probe"]) <= {"undecided", "too large"}


def test_regression_and_missing_pairs_change_no_verdict(design, run_design):
    lost = {("adam, rate 0.001", 2), ("adam, rate 0.0001", 5)}

    results = run_design(design, planted(start=1.0, lost=lost), task="regression")

    assert judge_rates(results)["verdict"].tolist() == TRUTH
    assert "R²" in of(answer(results, {}), "band").sentence


def evidence(**more):
    alike = Interval(estimate=0.0, low=-0.01, high=0.01)
    known = {"pairs": 5, "third": alike, "triple": alike, "learnt": 1.0, "best": alike}
    return Evidence(**{**known, "best_is_smaller": True, "lost": 0.0, **more})


GAIN = Interval(estimate=0.2, low=0.1, high=0.3)
UNSURE = Interval(estimate=0.2, low=-0.1, high=0.5)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (evidence(), "right"),
        (evidence(third=GAIN), "too large"),
        (evidence(triple=GAIN), "too small"),
        (evidence(third=GAIN, triple=GAIN), "undecided"),
        (evidence(triple=UNSURE), "undecided"),
        (evidence(learnt=0.1), "undecided"),
        (evidence(learnt=0.1, best=GAIN), "too large"),
        (evidence(learnt=0.1, best=GAIN, best_is_smaller=False), "too small"),
        (evidence(pairs=4, third=GAIN), "undecided"),
        (evidence(lost=0.6), "too large"),
    ],
)
def test_probes_decide_by_what_they_save(found, verdict):
    assert probe_verdict(found) == verdict


@pytest.mark.parametrize(
    ("curve", "probe", "verdict"),
    [
        ("right", "right", "right"),
        ("diverges", "too large", "diverges"),
        ("undecided", "too small", "too small"),
        ("too large", "right", "undecided"),
        ("right", "undecided", "undecided"),
        ("undecided", "undecided", "undecided"),
    ],
)
def test_what_curve_and_probes_disagree_on_is_undecided(curve, probe, verdict):
    assert combine(curve, probe)[0] == verdict
    if verdict == "undecided" and curve != probe:
        assert curve in combine(curve, probe)[1]


@pytest.mark.slow
def test_a_run_probes_each_rate_from_the_weights_that_it_began_with(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    told = ("--set", "optimizer=sgd", "--set", "learning_rate.sgd=0.01,0.1", "--set", "width=8")
    small = ("--seeds", 2, "--epochs", 6, "--workers", 1, "--no-report")

    assert (
        run_command("study", "learning-rate", "iris", *told, *small, "--out", tmp_path / "r") == 0
    )

    results = read_results(RunFolder.open(tmp_path / "r"))
    probes = results.trials[results.trials["stage"] == "probe"]
    assert len(probes) == 2 * 2 * 2
    assert set(probes["epochs"]) == {3}
    assert set(probes["seed"]) == set(results.comparison["seed"])
    assert sorted(set(probes["learning_rate"].round(4))) == [0.0033, 0.03, 0.0333, 0.3]
    judged = judge_rates(results)
    assert judged["triple"].notna().all()
    assert conclude_study(results).answer.startswith("Right learning rates: SGD")
