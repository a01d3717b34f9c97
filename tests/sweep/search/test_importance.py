import numpy as np
import pandas as pd
import pytest

from sweep.search.importance import FEWEST_TRIALS, MOST_TRIALS, measure_importance

BOUNDS = {
    "depth": {"low": 1, "high": 6},
    "width": {"low": 8, "high": 512, "log": True},
    "dropout": {"low": 0.0, "high": 0.6},
    "optimizer": {"choices": ["adam", "sgd"]},
    "learning_rate.adam": {"low": 1e-4, "high": 1e-2, "log": True},
    "learning_rate.sgd": {"low": 1e-3, "high": 1e-1, "log": True},
    "momentum": {"low": 0.0, "high": 0.99},
    "batch_size": {"value": 32},
}


def make(number, seed=0):
    """Trials whose score hangs on the place of the rate in its range, and whose gap on dropout."""
    rng = np.random.default_rng(seed)
    optimizer = rng.choice(["adam", "sgd"], number)
    place, dropout = rng.uniform(size=number), rng.uniform(0, 0.6, number)
    return pd.DataFrame(
        {
            "trial": [f"s{slot:04d}" for slot in range(number)],
            "stage": "search", "outcome": "finished", "batch_size": 32,
            "depth": rng.integers(1, 7, number),
            "width": np.round(8 * 64 ** rng.uniform(size=number)).astype(int),
            "dropout": dropout, "optimizer": optimizer,
            "learning_rate": np.where(optimizer == "adam", 1e-4, 1e-3) * 100**place,
            "momentum": np.where(optimizer == "sgd", rng.uniform(0, 0.99, number), np.nan),
            "validation_score": 0.9 - (place - 0.6) ** 2 + 0.01 * rng.normal(size=number),
            "loss_gap": 0.3 - 0.5 * dropout + 0.01 * rng.normal(size=number),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def told():
    return measure_importance(make(120), BOUNDS)


def leaders(table):
    rows = table.loc[table.groupby(["measure", "method"])["importance"].idxmax()]
    return {(row.measure, row.method): row.hyperparameter for row in rows.itertuples()}


def test_both_methods_find_what_decides_the_score_and_what_decides_the_gap(told):
    assert leaders(told) == {
        ("score", "PED-ANOVA"): "learning_rate",
        ("score", "fANOVA"): "learning_rate",
        ("gap", "PED-ANOVA"): "dropout",
        ("gap", "fANOVA"): "dropout",
    }


def test_importances_of_a_method_add_up_to_one_and_lie_in_their_intervals(told):
    sums = told.groupby(["measure", "method"])["importance"].sum()
    assert sums.tolist() == pytest.approx([1.0] * 4, abs=1e-4)
    assert told["low"].notna().all()
    assert (told["low"] <= told["importance"]).all()
    assert (told["importance"] <= told["high"]).all()
    assert told[["low", "high"]].to_numpy().min() >= 0
    assert told[["low", "high"]].to_numpy().max() <= 1


def test_the_rates_of_all_optimizers_are_one_hyperparameter_and_a_fixed_one_is_none(told):
    assert set(told["hyperparameter"]) == {
        "depth", "width", "dropout", "optimizer", "learning_rate", "momentum"
    }  # fmt: skip


def test_what_only_some_trials_have_is_judged_by_ped_anova_alone(told):
    assert set(told.loc[told["hyperparameter"] == "momentum", "method"]) == {"PED-ANOVA"}


@pytest.mark.slow
def test_the_same_trials_give_the_same_numbers_in_any_order():
    table = make(30)
    first = measure_importance(table, BOUNDS)
    again = measure_importance(table.sample(frac=1, random_state=1), BOUNDS)
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.slow
def test_of_very_many_trials_a_fixed_number_is_judged():
    table = make(MOST_TRIALS + 50)
    assert set(measure_importance(table, BOUNDS)["trials"]) == {MOST_TRIALS}


@pytest.mark.parametrize(
    "table",
    [
        make(0),
        make(FEWEST_TRIALS - 1),
        make(30).assign(outcome="pruned"),
        make(30).assign(stage="confirmation"),
        make(30).assign(validation_score=np.nan, loss_gap=np.nan),
        make(30).assign(validation_score=0.5, loss_gap=0.0),
    ],
    ids=["none", "too few", "pruned", "confirmation", "no value", "all equal"],
)
def test_where_nothing_can_be_told_there_is_no_row(table):
    told = measure_importance(table, BOUNDS)
    assert told.empty
    assert "importance" in told.columns


def test_one_hyperparameter_alone_has_no_importance():
    assert measure_importance(make(30), {"depth": BOUNDS["depth"]}).empty


def test_scores_that_are_mostly_equal_are_no_obstacle():
    table = make(24)
    table["validation_score"] = np.where(np.arange(24) < 2, 0.9, 0.1)
    told = measure_importance(table, BOUNDS)
    assert np.isfinite(told["importance"]).all()


def test_one_score_that_is_far_off_does_not_decide_what_matters():
    table = make(60)
    table.loc[7, "validation_score"] = -400.0
    far = measure_importance(table, BOUNDS)
    assert leaders(far)["score", "fANOVA"] == "learning_rate"
    share = far[(far["method"] == "fANOVA") & (far["hyperparameter"] == "learning_rate")]
    assert share["importance"].iloc[0] > 0.5


def test_a_hyperparameter_that_no_good_trial_has_is_not_surely_unimportant():
    table = make(60)
    table["validation_score"] -= table["optimizer"] == "sgd"
    told = measure_importance(table, BOUNDS)
    row = told[(told["measure"] == "score") & (told["hyperparameter"] == "momentum")].iloc[0]
    assert row["importance"] == 0
    assert np.isnan(row["high"])


def test_choices_of_numbers_and_of_truth_are_judged():
    rng = np.random.default_rng(3)
    table = make(40).assign(width=rng.choice([32, 64], 40), use_bias=rng.choice([True, False], 40))
    table["validation_score"] = 0.5 + 0.3 * table["use_bias"] + 0.01 * rng.normal(size=40)
    bounds = {"width": {"choices": [32, 64]}, "use_bias": {"choices": [True, False]}}
    told = measure_importance(table, bounds)
    assert leaders(told)["score", "PED-ANOVA"] == "use_bias"
    assert leaders(told)["score", "fANOVA"] == "use_bias"


@pytest.mark.slow
def test_intervals_cover_what_many_sets_of_trials_give_on_average():
    runs = [measure_importance(make(40, seed=seed), BOUNDS) for seed in range(8)]
    table = pd.concat(runs)
    table = table[(table["measure"] == "score") & (table["method"] == "fANOVA")]
    mean = table.groupby("hyperparameter")["importance"].transform("mean")
    covered = (table["low"] <= mean) & (mean <= table["high"])
    assert covered.mean() > 0.9
