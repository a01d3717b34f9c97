import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studies.diagnosis.networks import COLUMNS, diagnose, diagnose_config
from studies.diagnosis.verdicts import VERDICTS

EPOCHS = np.arange(1, 31)
DOCUMENT = Path(__file__).parents[3] / "docs" / "verdicts.md"


def noise(seed, size=30, deviation=0.002):
    return np.random.default_rng(seed).normal(0, deviation, size)


def join(crowd, trials_of, *tables, **more):
    """Put new trials before the crowd; columns of the new trials by name."""
    others, epochs = crowd
    mine = pd.concat(tables, ignore_index=True)
    new = trials_of(mine, **more)
    new["config"] = (
        [f"new{i:05d}" for i in range(len(new))] if "config" not in more else new["config"]
    )
    return pd.concat([new, others], ignore_index=True), pd.concat([mine, epochs], ignore_index=True)


@pytest.fixture
def overfitting(curve):
    validation = 0.3 + np.exp(-EPOCHS / 3) + np.where(EPOCHS > 10, 0.03 * (EPOCHS - 10), 0)
    return curve("new", 0.9 * np.exp(-EPOCHS / 8), validation + noise(1))


def test_no_trials_give_an_empty_table_with_all_columns(crowd):
    trials, epochs = crowd
    table = diagnose(trials.iloc[:0], epochs.iloc[:0])
    assert table.empty
    assert tuple(table.columns) == COLUMNS


def test_verdicts_come_in_the_order_of_the_trials(crowd):
    trials, epochs = crowd
    order = trials.iloc[::-1]
    assert list(diagnose(order, epochs)["trial"]) == list(order["trial"])


def test_a_rising_validation_loss_with_a_gap_overfits(crowd, trials_of, overfitting):
    row = diagnose(*join(crowd, trials_of, overfitting)).iloc[0]
    assert row["verdict"] == "overfits"
    assert row["gap_low"] < row["gap"] < row["gap_high"]
    assert 11 <= row["onset_epoch"] <= 16
    assert row["rises"]


def cut(crowd, trials_of, table, stop):
    """Put a trial that was pruned after some epochs before the crowd."""
    short = table[table["epoch"] <= stop]
    reason = f"loss 0.3 after epoch {stop} was not among the best third of 7"
    return join(crowd, trials_of, short, outcome="pruned", reason=reason, epochs=30)


@pytest.mark.parametrize("stop", [1, 3, 10, 25])
def test_a_pruned_trial_is_never_said_to_fit_or_not(crowd, trials_of, overfitting, stop):
    row = diagnose(*cut(crowd, trials_of, overfitting, stop)).iloc[0]
    assert row["verdict"] == "pruned"
    assert row["reason"] == f"loss 0.3 after epoch {stop} was not among the best third of 7"
    assert (row["doubt"], row["epochs"]) == ("", 30)
    assert not row["calibration"]
    assert row["epochs_seen"] == stop
    assert np.isnan(row["deficit"])


def test_a_pruned_trial_changes_no_verdict_of_the_others(crowd, trials_of, curve):
    alone = diagnose(*crowd)
    best = curve("new", np.full(30, 0.01), np.full(30, 0.02))  # it would beat them all
    together = diagnose(*cut(crowd, trials_of, best, 3)).iloc[1:].reset_index(drop=True)
    counted = ["larger_pruned"]
    pd.testing.assert_frame_equal(together.drop(columns=counted), alone.drop(columns=counted))


def test_an_audit_has_a_verdict_and_changes_no_other(crowd, trials_of, curve):
    alone = diagnose(*crowd)
    best = curve("a0007", np.full(30, 0.01), np.full(30, 0.02))
    trials, epochs = join(crowd, trials_of, best, stage="audit", parameters=10**6)
    together = diagnose(trials, epochs)
    assert together["verdict"].iloc[0] == "fits"
    pd.testing.assert_frame_equal(together.iloc[1:].reset_index(drop=True), alone)


def test_an_audit_of_the_same_configuration_is_none_of_its_seeds(crowd, trials_of, curve):
    config = str(crowd[0]["config"].iloc[0])
    audit = curve("a0007", np.full(20, 0.01), np.full(20, 0.02))
    trials, epochs = join(crowd, trials_of, audit, stage="audit", config=config)
    assert diagnose_config(trials, epochs, config) is None


def test_a_lack_of_larger_networks_names_those_that_were_pruned(crowd, trials_of, curve):
    short = [curve(f"big{i}", [2.0, 1.9], [2.0, 1.9]) for i in range(4)]
    trials, epochs = join(crowd, trials_of, *short, outcome="pruned", parameters=10**6)
    rows = diagnose(trials, epochs).set_index("trial")
    told = ["verdict", "doubt", "larger_pruned"]
    assert rows.loc["s0005", told].tolist() == ["undecided", "capacity", 4]


def test_a_gap_that_harms_nobody_fits(crowd, trials_of, curve):
    table = curve("new", 0.05 + np.exp(-EPOCHS / 3), 0.3 + np.exp(-EPOCHS / 3) + noise(2))
    row = diagnose(*join(crowd, trials_of, table)).iloc[0]
    assert row["gap_low"] > 0.2
    assert row["verdict"] == "fits"


def test_a_smaller_network_that_is_clearly_better_shows_overfitting(crowd, trials_of, curve):
    table = curve("new", 0.1 + np.exp(-EPOCHS / 3), 0.5 + np.exp(-EPOCHS / 3) + noise(2))
    row = diagnose(*join(crowd, trials_of, table, parameters=100_000)).iloc[0]
    assert row["verdict"] == "overfits"
    assert not row["rises"]
    assert row["smaller"] in set(crowd[0]["trial"])


def test_the_same_curves_without_a_smaller_network_do_not_overfit(crowd, trials_of, curve):
    table = curve("new", 0.1 + np.exp(-EPOCHS / 3), 0.5 + np.exp(-EPOCHS / 3) + noise(2))
    row = diagnose(*join(crowd, trials_of, table, parameters=10)).iloc[0]
    assert (row["verdict"], row["doubt"]) == ("undecided", "worse")


def test_a_network_worse_on_both_splits_underfits(crowd, trials_of, curve):
    table = curve("new", 0.8 + np.exp(-EPOCHS / 3), 0.82 + np.exp(-EPOCHS / 3) + noise(3))
    row = diagnose(*join(crowd, trials_of, table, parameters=20)).iloc[0]
    assert row["verdict"] == "underfits"
    assert row["deficit_low"] > 0
    assert row["reference_larger"]


def test_a_large_network_worse_on_both_splits_does_not_lack_capacity(crowd, trials_of, curve):
    table = curve("new", 0.8 + np.exp(-EPOCHS / 3), 0.82 + np.exp(-EPOCHS / 3) + noise(3))
    row = diagnose(*join(crowd, trials_of, table, parameters=10**6)).iloc[0]
    assert row["verdict"] == "underfits"
    assert not row["reference_larger"]


def test_a_falling_validation_loss_is_undertrained(crowd, trials_of, curve):
    line = 1.5 - 0.03 * EPOCHS
    row = diagnose(*join(crowd, trials_of, curve("new", line, line + 0.02 + noise(4)))).iloc[0]
    assert row["verdict"] == "undertrained"
    assert row["improving"]
    assert row["learning_rate_verdict"] == "too small"


def test_a_rise_long_after_the_best_epoch_without_a_gap_there_is_overtrained(
    crowd, trials_of, curve
):
    base = 0.3 + np.exp(-EPOCHS / 2)
    rise = np.where(EPOCHS > 9, 0.01 * (EPOCHS - 9), 0)
    row = diagnose(*join(crowd, trials_of, curve("new", base - rise / 2, base + rise))).iloc[0]
    assert row["verdict"] == "overtrained"
    assert row["best_epoch"] <= 11
    assert row["last_gap_low"] > 0.1


def test_a_training_that_collapses_is_not_said_to_be_trained_for_too_long(crowd, trials_of, curve):
    collapse = np.where(EPOCHS > 3, 2.3, 1.9) + noise(7)
    row = diagnose(*join(crowd, trials_of, curve("new", collapse, collapse + 0.01))).iloc[0]
    assert row["rise"] > 0.3
    assert row["verdict"] == "underfits"


def test_an_unstable_end_without_a_better_network_is_undecided(curve, trials_of):
    collapse = np.where(EPOCHS > 3, 2.3, 1.9) + noise(7)
    table = curve("s0000", collapse, collapse + 0.01)
    row = diagnose(trials_of(table), table).iloc[0]
    assert (row["verdict"], row["doubt"]) == ("undecided", "rise")


def test_a_loss_that_rises_with_its_score_is_a_matter_of_calibration(crowd, trials_of, overfitting):
    overfitting["validation_score"] = 0.80 + 0.004 * overfitting["epoch"]
    row = diagnose(*join(crowd, trials_of, overfitting)).iloc[0]
    assert row["calibration"]
    assert row["verdict"] != "overfits"


def test_a_network_behind_by_less_than_a_clear_difference_is_undecided(crowd, trials_of, curve):
    table = curve("new", 0.3 + np.exp(-EPOCHS / 3), 0.345 + np.exp(-EPOCHS / 3) + noise(5))
    row = diagnose(*join(crowd, trials_of, table)).iloc[0]
    assert (row["verdict"], row["doubt"]) == ("undecided", "rows")
    assert row["rows_needed"] > 1


def test_so_many_more_rows_do_settle_it(crowd, trials_of, curve):
    table = curve("new", 0.45 + np.exp(-EPOCHS / 3), 0.345 + np.exp(-EPOCHS / 3) + noise(5))
    trials, epochs = join(crowd, trials_of, table)
    factor = diagnose(trials, epochs).iloc[0]["rows_needed"]
    errors = [name for name in epochs if name.endswith("_se")]
    epochs[errors] = epochs[errors] / np.sqrt(1.05 * factor)
    assert diagnose(trials, epochs).iloc[0]["verdict"] == "underfits"


def test_the_best_network_fits_only_where_larger_ones_were_tried(crowd):
    trials, epochs = crowd
    verdicts = diagnose(trials, epochs).set_index("trial")
    assert verdicts.loc["s0000", "verdict"] == "fits"
    assert verdicts.loc["s0005", "verdict"] == "undecided"  # nothing is larger than it
    assert verdicts.loc["s0005", "doubt"] == "capacity"


def test_a_train_loss_near_zero_needs_no_larger_network(crowd, trials_of, curve):
    table = curve("new", np.exp(-EPOCHS / 2), 0.3 + np.exp(-EPOCHS / 2) + noise(6))
    row = diagnose(*join(crowd, trials_of, table, parameters=10**6)).iloc[0]
    assert row["verdict"] == "fits"


def test_one_trial_alone_is_undecided(curve, trials_of):
    table = curve("s0000", 0.3 + np.exp(-EPOCHS / 3), 0.3 + np.exp(-EPOCHS / 3))
    row = diagnose(trials_of(table), table).iloc[0]
    assert row["verdict"] == "undecided"


def test_one_epoch_is_undecided(curve, trials_of):
    table = curve("s0000", [1.0], [1.2])
    row = diagnose(trials_of(table), table).iloc[0]
    assert (row["verdict"], row["epochs_seen"]) == ("undecided", 1)
    assert row["doubt"] == "short"


def test_a_diverged_trial_says_when(curve, trials_of):
    table = curve("s0000", [1.0, 3.0, np.nan], [1.2, 9.0, np.inf])
    trials = trials_of(table, outcome="diverged", reason="the loss was nan")
    trials["diverged_epoch"] = pd.array([3], dtype="Int64")
    row = diagnose(trials, table).iloc[0]
    assert row["verdict"] == "diverged"
    assert row["learning_rate_verdict"] == "diverges"
    assert row["diverged_epoch"] == 3


def test_a_failed_trial_without_epochs_gives_its_reason(trials_of, no_epochs):
    trials = trials_of(no_epochs, ["s0000"], outcome="failed", reason="out of memory")
    row = diagnose(trials, no_epochs).iloc[0]
    assert row["verdict"] == "failed"
    assert row["reason"] == "out of memory"
    assert np.isnan(row["gap"])


def test_a_finished_trial_without_epochs_is_undecided(trials_of, no_epochs):
    row = diagnose(trials_of(no_epochs, ["s0000"]), no_epochs).iloc[0]
    assert row["verdict"] == "undecided"


def test_missing_standard_errors_never_overfit(crowd, trials_of, overfitting):
    overfitting[["train_loss_se", "validation_loss_se"]] = np.nan
    row = diagnose(*join(crowd, trials_of, overfitting)).iloc[0]
    assert row["verdict"] != "overfits"
    assert np.isnan(row["gap_low"])


def _equal_splits(curve, trials_of, *, repeats=500, rows_error=0.02, correlation=0.3):
    """Settled networks whose train and validation rows differ by nothing but chance."""
    rng = np.random.default_rng(11)
    tables = []
    for i in range(repeats):
        wander = rng.normal(0, 0.01, 30)
        for t in range(1, 30):
            wander[t] = correlation * wander[t - 1] + np.sqrt(1 - correlation**2) * wander[t]
        level = 0.3 + 0.5 * np.exp(-EPOCHS / 3) + wander
        train, validation = rng.normal(0, rows_error, 2)
        errors = {"train_loss_se": rows_error, "validation_loss_se": rows_error}
        own = rng.normal(0, 0.005, 30)
        tables.append(curve(f"s{i:04d}", level + train, level + validation + own, **errors))
    epochs = pd.concat(tables, ignore_index=True)
    return trials_of(epochs, parameters=rng.integers(100, 10_000, repeats)), epochs


@pytest.fixture(scope="module")
def equal_splits(curve, trials_of):
    return diagnose(*_equal_splits(curve, trials_of))


def test_equal_splits_are_seldom_said_to_overfit(equal_splits):
    verdicts = equal_splits["verdict"]
    assert (verdicts == "overfits").mean() <= 0.05


def test_the_interval_of_the_gap_covers_zero_where_the_splits_are_equal(equal_splits):
    table = equal_splits
    covered = (table["last_gap_low"] <= 0) & (table["last_gap_high"] >= 0)
    assert 0.93 <= covered.mean() <= 0.97


def test_equal_networks_are_seldom_said_to_underfit(equal_splits):
    verdicts = equal_splits["verdict"]
    assert (verdicts == "underfits").mean() <= 0.05


# --- configurations over seeds


def replicates(curve, trials_of, make, seeds=5, **more):
    """One trial of the search and fresh seeds of its configuration, from make(seed)."""
    tables = [curve("s0000", *make(0))]
    tables += [curve(f"c1-{i:02d}", *make(i)) for i in range(1, seeds + 1)]
    epochs = pd.concat(tables, ignore_index=True)
    stage = ["search", *["confirmation"] * seeds]
    columns = {"config": "winner", "slot": 0, "stage": stage, **more}
    return trials_of(epochs, **columns), epochs


def settled(seed):
    rng = np.random.default_rng(seed)
    level = 0.3 + np.exp(-EPOCHS / 3) + rng.normal(0, 0.01)
    return level - 0.05, level + rng.normal(0, 0.003, 30)


def memorising(seed):
    _train, validation = settled(seed)
    return 0.9 * np.exp(-EPOCHS / 8), validation + np.where(EPOCHS > 12, 0.02 * (EPOCHS - 12), 0)


def test_a_configuration_is_judged_on_its_fresh_seeds_only(curve, trials_of):
    trials, epochs = replicates(curve, trials_of, settled)
    epochs.loc[epochs["trial"] == "s0000", "validation_loss"] -= 0.2
    verdict = diagnose_config(trials, epochs, "winner")
    assert verdict.seeds == 5
    assert 0.03 < verdict.gap.estimate < 0.07


def test_the_gap_of_a_configuration_covers_seeds_and_rows(curve, trials_of):
    verdict = diagnose_config(*replicates(curve, trials_of, settled), "winner")
    rows_only = 1.96 * np.hypot(0.004, 0.01)
    assert verdict.gap.high - verdict.gap.estimate > rows_only


def test_a_rise_that_every_seed_shows_overfits(curve, trials_of):
    verdict = diagnose_config(*replicates(curve, trials_of, memorising), "winner")
    assert verdict.verdict == "overfits"
    assert verdict.rise.low > 0
    assert 12 <= verdict.evidence["onset_epoch"] <= 17
    assert verdict.evidence["seeds_needed"] is None


def test_settled_seeds_do_not_rise(curve, trials_of):
    verdict = diagnose_config(*replicates(curve, trials_of, settled), "winner")
    assert verdict.evidence["onset_epoch"] is None
    assert not verdict.evidence["improving"]


def test_a_rise_that_some_seeds_show_says_how_many_would_settle_it(curve, trials_of):
    def some(seed):
        train, validation = settled(seed)
        return train, validation + (seed % 3 - 0.5) * np.where(EPOCHS > 20, 0.002 * EPOCHS, 0)

    verdict = diagnose_config(*replicates(curve, trials_of, some), "winner")
    assert verdict.rise.low < 0 < verdict.rise.estimate
    assert verdict.evidence["seeds_needed"] > 5


@pytest.mark.slow
def test_the_rise_over_seeds_has_no_bias_from_choosing_the_minimum(curve, trials_of):
    def flat(seed):
        rng = np.random.default_rng([seed, flat.repeat])
        return np.full(30, 0.3), 1 + rng.normal(0, 0.05, 30)

    rises = []
    for flat.repeat in range(120):
        verdict = diagnose_config(*replicates(curve, trials_of, flat), "winner")
        rises.append(verdict.rise)
    assert abs(np.mean([rise.estimate for rise in rises])) < 0.006
    assert np.mean([rise.low <= 0 <= rise.high for rise in rises]) >= 0.93


@pytest.mark.parametrize("seeds", [0, 1])
def test_one_seed_gives_no_verdict_over_seeds(curve, trials_of, seeds):
    trials, epochs = replicates(curve, trials_of, settled, seeds=seeds)
    trials.loc[1:, "outcome"] = "diverged"
    assert diagnose_config(trials, epochs, "winner") is None


def test_an_unknown_configuration_gives_no_verdict(crowd):
    assert diagnose_config(*crowd, "nobody") is None


def test_seeds_of_one_epoch_are_undecided(curve, trials_of):
    tables = replicates(curve, trials_of, lambda seed: ([0.5 + seed / 100], [0.6]))
    verdict = diagnose_config(*tables, "winner")
    assert verdict.verdict == "undecided"
    assert np.isnan(verdict.rise.estimate)


def test_a_configuration_worse_than_another_on_both_splits_underfits(curve, trials_of):
    good = replicates(curve, trials_of, settled)
    bad = replicates(
        curve,
        trials_of,
        lambda seed: tuple(0.5 + part for part in settled(seed)),
        config="other",
        slot=1,
        parameters=50,
    )
    for table in bad:
        table["trial"] = "x" + table["trial"]
    trials, epochs = (pd.concat(pair, ignore_index=True) for pair in zip(good, bad, strict=True))
    verdict = diagnose_config(trials, epochs, "other")
    assert verdict.verdict == "underfits"
    assert verdict.evidence["reference"] == "s0000"


# --- the document


def test_the_document_lists_every_column_in_order():
    section = DOCUMENT.read_text().split("## The verdicts table")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == COLUMNS


def test_the_document_explains_every_verdict():
    section = DOCUMENT.read_text().split("## A network")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == set(VERDICTS)
