import numpy as np
import pandas as pd
import pytest

from studies.findings.playbook import check_playbook


def codes(manifest, trials, epochs):
    return [finding.code for finding in check_playbook(manifest, trials, epochs)]


def only(manifest, trials, epochs, code):
    found = [f for f in check_playbook(manifest, trials, epochs) if f.code == code]
    assert len(found) == 1
    return found[0]


def test_an_empty_sweep_has_nothing_to_check(trials_of, no_epochs):
    assert codes({}, trials_of(no_epochs, []), no_epochs) == []


def test_an_ordinary_sweep_is_only_told_that_its_order_is_not_chance(crowd):
    assert set(codes({}, *crowd)) <= {"playbook.budget_too_short"}


def test_one_trial_of_one_epoch_passes(curve, trials_of):
    table = curve("s0000", [1.0], [1.0])
    assert codes({}, trials_of(table), table) == []


def test_duplicated_rows_are_repeated_from_the_data(crowd):
    manifest = {"data": {"warnings": ["7 duplicated rows", "constant column x"]}}
    found = only(manifest, *crowd, "playbook.duplicates")
    assert found.details["warning"] == "7 duplicated rows"


def test_a_rising_training_loss_of_a_good_trial_is_an_alarm(crowd):
    trials, epochs = crowd
    late = (epochs["trial"] == "s0001") & (epochs["epoch"] == 20)
    epochs.loc[late, "running_loss"] = 9.0
    finding = only({}, trials, epochs, "playbook.train_rises")
    assert (finding.level, finding.subject) == ("alarm", "s0001")
    optimizer, rate = trials.set_index("trial").loc["s0001", ["optimizer", "learning_rate"]]
    assert (finding.details["optimizer"], finding.details["learning_rate"]) == (optimizer, rate)
    assert finding.details["optimizers"] == [optimizer]
    assert not finding.details["momentum"]


def test_where_momentum_may_be_why_the_training_loss_rises_it_is_named(crowd):
    trials, epochs = crowd
    trials["momentum"] = np.nan
    trials.loc[trials["trial"].isin(["s0001", "s0002"]), ["optimizer", "momentum"]] = ["sgd", 0.98]
    late = epochs["trial"].isin(["s0001", "s0002"]) & (epochs["epoch"] == 20)
    epochs.loc[late, "running_loss"] = 9.0
    finding = only({}, trials, epochs, "playbook.train_rises")
    assert finding.numbers["trials"] == 2
    assert (finding.details["momentum"], finding.details["optimizers"]) == (True, ["sgd"])


def test_lost_trials_are_counted(crowd):
    trials, epochs = crowd
    trials.loc[[0, 1], "outcome"] = ["diverged", "failed"]
    finding = only({}, trials, epochs, "playbook.lost_trials")
    assert finding.numbers == {"lost": 2, "diverged": 1, "trials": 6}
    assert finding.details == {"share": pytest.approx(1 / 3), "failed": 1}
    assert finding.level == "warning"


def test_more_than_half_lost_is_an_alarm(crowd):
    trials, epochs = crowd
    trials.loc[:3, "outcome"] = "diverged"
    assert only({}, trials, epochs, "playbook.lost_trials").level == "alarm"


def test_pruned_trials_are_not_lost(crowd):
    trials, epochs = crowd
    trials.loc[1:, "outcome"] = "pruned"
    assert "playbook.lost_trials" not in codes({}, trials, epochs)


def test_pruned_and_audited_trials_are_none_of_the_good_ones(crowd, trials_of, curve):
    trials, epochs = crowd
    trials["best_epoch"] = 10
    curves = [curve(f"x{i}", [0.1, 0.1, 5.0], [0.1, 0.1, 5.0]) for i in range(12)]
    more = pd.concat(curves, ignore_index=True)
    halves = trials_of(more, parameters=10**6, learning_rate=10.0, epochs=20)
    halves["outcome"] = ["pruned"] * 6 + ["finished"] * 6
    halves["stage"] = ["search"] * 6 + ["audit"] * 6
    bounds = {"learning_rate": {"low": 0.0001, "high": 10.0, "log": True}}
    manifest = {"space_bounds": bounds, "settings": {"sampler": "random"}}
    both = check_playbook(manifest, pd.concat([trials, halves]), pd.concat([epochs, more]))
    assert [f.code for f in both] == codes(manifest, trials, epochs)


def test_a_trial_that_was_only_pruned_is_no_sign_of_divergence(crowd):
    trials, epochs = crowd
    trials.loc[5, ["outcome", "learning_rate"]] = ["pruned", 0.002]
    assert "playbook.rate_near_divergence" not in codes({}, trials, epochs)


def test_the_best_rate_next_to_a_diverged_one_is_named(crowd):
    trials, epochs = crowd
    trials.loc[5, ["outcome", "learning_rate"]] = ["diverged", 0.002]
    finding = only({}, trials, epochs, "playbook.rate_near_divergence")
    assert finding.numbers["first_diverged"] == 0.002
    assert finding.details["factor"] == pytest.approx(2)


@pytest.mark.parametrize(("rate", "optimizer"), [(0.01, "adam"), (0.002, "sgd"), (0.0001, "adam")])
def test_a_diverged_rate_far_off_or_of_another_optimizer_is_not_named(crowd, rate, optimizer):
    trials, epochs = crowd
    trials.loc[5, ["outcome", "learning_rate", "optimizer"]] = ["diverged", rate, optimizer]
    assert "playbook.rate_near_divergence" not in codes({}, trials, epochs)


def test_best_epochs_at_the_end_ask_for_more(crowd):
    trials, epochs = crowd
    trials["best_epoch"] = 19
    finding = only({}, trials, epochs, "playbook.budget_too_short")
    assert (finding.verdict, finding.details["advised"]) == ("too short", 40)


def test_best_epochs_at_the_start_ask_for_fewer(crowd):
    trials, epochs = crowd
    trials["best_epoch"] = 2
    assert only({}, trials, epochs, "playbook.budget_too_long").numbers["share"] == 0.1


def test_three_epochs_are_no_budget_to_judge(crowd):
    trials, epochs = crowd
    trials[["best_epoch", "epochs"]] = [3, 3]
    assert "playbook.budget_too_short" not in codes({}, trials, epochs)


def test_noise_from_epoch_to_epoch_larger_than_the_differences_is_named(crowd):
    trials, epochs = crowd
    epochs["validation_loss"] += np.random.default_rng(0).normal(0, 0.05, len(epochs))
    assert not only({}, trials, epochs, "playbook.noise").details["over_seeds"]


def test_noise_from_seed_to_seed_is_preferred(crowd):
    trials, epochs = crowd
    fresh = trials.iloc[[0, 0, 0]].assign(
        trial=["c1-01", "c1-02", "c1-03"], stage="confirmation", validation_loss=[0.1, 0.3, 0.5]
    )
    finding = only({}, pd.concat([trials, fresh]), epochs, "playbook.noise")
    assert finding.numbers["noise"] == pytest.approx(0.2)
    assert finding.details["over_seeds"]


def steep(crowd, trials_of):
    losses = np.linspace(1, 2, 12) ** 3
    trials = trials_of(crowd[1], [f"s{i:04d}" for i in range(12)])
    return trials.assign(validation_loss=losses, validation_loss_se=0.01, best_epoch=10)


def test_a_best_of_k_curve_that_still_falls_asks_for_more_trials(crowd, trials_of):
    manifest = {"settings": {"sampler": "random"}}
    finding = only(manifest, steep(crowd, trials_of), crowd[1], "playbook.more_trials")
    assert finding.details["advised"] == 24


def test_best_of_k_is_left_out_where_a_pruner_chose_which_trials_finish(crowd, trials_of):
    trials = steep(crowd, trials_of)
    trials.loc[11, "outcome"] = "pruned"
    found = codes({"settings": {"sampler": "random"}}, trials, crowd[1])
    assert "playbook.more_trials" not in found


def test_no_more_trials_are_advised_where_the_space_is_exhausted(crowd, trials_of):
    manifest = {"settings": {"sampler": "random", "trials": 30}, "counts": {"planned": 12}}
    found = codes(manifest, steep(crowd, trials_of), crowd[1])
    assert "playbook.more_trials" not in found


@pytest.mark.parametrize("sampler", ["tpe", "grid", ""])
def test_best_of_k_is_left_out_where_draws_are_not_independent(crowd, trials_of, sampler):
    found = codes({"settings": {"sampler": sampler}}, steep(crowd, trials_of), crowd[1])
    assert "playbook.more_trials" not in found


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"low": 16, "high": 256, "log": True}, True),
        ({"choices": [32, 64]}, True),
        ({"choices": [32]}, False),
        ({"value": 32}, False),
    ],
)
def test_a_tuned_batch_size_is_named(crowd, bound, said):
    found = codes({"space_bounds": {"batch_size": bound}}, *crowd)
    assert ("playbook.batch_size_tuned" in found) == said


def swinging(curve, name, *, period, seed, epochs=60):
    noise = np.random.default_rng(seed).normal(0, 0.01, epochs)
    places = np.arange(epochs)
    swing = 0.05 * np.sin(2 * np.pi * places / period) if period else 0.0
    return curve(name, 0.5 / (1 + places), 0.6 + swing + noise)


def test_a_period_that_good_trials_share_is_a_fault_in_shuffling(curve, trials_of):
    parts = [swinging(curve, f"s{n:04d}", period=6, seed=n) for n in range(5)]
    epochs = pd.concat(parts, ignore_index=True)
    finding = only({}, trials_of(epochs), epochs, "playbook.periodic_validation")
    assert finding.numbers["period"] == pytest.approx(6, rel=0.1)
    assert finding.numbers["trials"] == 5


@pytest.mark.parametrize("period", [None, 6])
def test_one_swinging_curve_among_noisy_ones_is_chance(curve, trials_of, period):
    parts = [swinging(curve, f"s{n:04d}", period=None, seed=n) for n in range(4)]
    parts.append(swinging(curve, "s0004", period=period, seed=9))
    epochs = pd.concat(parts, ignore_index=True)
    assert "playbook.periodic_validation" not in codes({}, trials_of(epochs), epochs)


def test_short_curves_are_not_searched_for_periods(curve, trials_of):
    parts = [swinging(curve, f"s{n:04d}", period=4, seed=n, epochs=30) for n in range(5)]
    epochs = pd.concat(parts, ignore_index=True)
    assert "playbook.periodic_validation" not in codes({}, trials_of(epochs), epochs)
