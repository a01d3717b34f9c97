import math

import numpy as np
import pandas as pd

from sweep.config import TrialConfig
from sweep.records import HISTORY_COLUMNS, TaskSpan, TrainingHistory
from sweep.tables import EPOCH_TYPES, TRIAL_TYPES, epochs_table, trials_table, without_times
from sweep.variant import DataVariant


def types(table):
    return {name: str(dtype) for name, dtype in table.dtypes.items()}


def row(record):
    table = trials_table([record])
    assert len(table) == 1
    return table.iloc[0]


def test_no_records_give_empty_tables_with_the_right_types():
    assert types(trials_table([])) == TRIAL_TYPES
    assert types(epochs_table([])) == EPOCH_TYPES
    assert len(trials_table([])) == len(epochs_table([])) == 0


def test_every_outcome_keeps_the_types(record_of, history_of):
    empty = TrainingHistory(array=np.empty((0, len(HISTORY_COLUMNS))))
    records = [
        record_of(0),
        record_of(1, outcome="failed", reason="no memory", history=empty),
        record_of(2, outcome="diverged", history=history_of([0.5, math.nan], diverged_epoch=2)),
        record_of(3, outcome="pruned", reason="not among the best", losses=(0.5,)),
    ]

    assert types(trials_table(records)) == TRIAL_TYPES
    assert types(epochs_table(records)) == EPOCH_TYPES
    assert types(trials_table(records[:1])) == TRIAL_TYPES
    assert types(trials_table(records[1:2])) == TRIAL_TYPES


def test_rows_are_ordered_by_stage_slot_and_replicate(record_of):
    records = [
        record_of(2, trial="c0002-02", stage="confirmation", replicate=2),
        record_of(10),
        record_of(2, trial="c0002-01", stage="confirmation", replicate=1),
        record_of(9),
        record_of(9, trial="a0009", stage="audit"),
        record_of(0, trial="c0000-01", stage="confirmation", replicate=1),
        record_of(1, trial="a0001", stage="audit"),
    ]
    names = ["s0009", "s0010", "c0000-01", "c0002-01", "c0002-02", "a0001", "a0009"]

    assert trials_table(records)["trial"].tolist() == names
    assert epochs_table(reversed(records))["trial"].unique().tolist() == names


def test_figures_are_those_of_the_best_epoch_and_of_the_last(record_of):
    found = row(record_of(losses=(0.5, 0.3, 0.4)))

    assert (found["best_epoch"], found["epochs_trained"]) == (2, 3)
    assert found["validation_loss"] == 0.3
    assert found["last_validation_loss"] == 0.4
    assert found["loss_gap"] == 0.3 - (0.3 - 0.1)
    assert found["last_loss_gap"] == 0.4 - (0.4 - 0.1)
    assert found["score_gap"] == 0.9 - 1 / 1.3
    assert found["last_score_gap"] == 0.9 - 1 / 1.4


def test_a_diverged_trial_shows_its_best_finite_epoch(record_of, history_of):
    history = history_of([0.5, math.inf], diverged_epoch=2)
    found = row(record_of(outcome="diverged", reason="epoch 2", history=history))

    assert (found["best_epoch"], found["diverged_epoch"]) == (1, 2)
    assert found["validation_loss"] == 0.5
    assert found["last_validation_loss"] == math.inf
    assert math.isnan(found["last_loss_gap"])


def test_a_failed_trial_has_a_row_without_figures(record_of):
    empty = TrainingHistory(array=np.empty((0, len(HISTORY_COLUMNS))))
    record = record_of(outcome="failed", reason="no memory", history=empty)
    found = row(record)

    assert found["reason"] == "no memory"
    assert found["epochs_trained"] == 0
    assert found["best_epoch"] is pd.NA
    figures = [name for name, kind in TRIAL_TYPES.items() if "loss" in name or "score" in name]
    assert found[figures].isna().all()
    assert len(epochs_table([record])) == 0


def test_a_pruned_trial_shows_what_it_was_trained_and_what_was_asked_for(record_of):
    config = TrialConfig(depth=1, width=8, epochs=30)
    record = record_of(outcome="pruned", reason="why", losses=(0.5, 0.3, 0.4), config=config)
    found = row(record)

    assert (found["outcome"], found["reason"]) == ("pruned", "why")
    assert (found["epochs"], found["epochs_trained"], found["best_epoch"]) == (30, 3, 2)
    assert (found["validation_loss"], found["last_validation_loss"]) == (0.3, 0.4)
    assert found["diverged_epoch"] is pd.NA


def test_a_cohort_is_named_by_its_first_trial_and_that_of_one_by_itself(record_of):
    table = trials_table([record_of(4), record_of(6, cohort="s0005"), record_of(5, cohort="s0005")])

    assert table["cohort"].tolist() == ["s0004", "s0005", "s0005"]


def test_what_does_not_apply_is_not_shown(record_of):
    linear = row(record_of(config=TrialConfig(depth=0, width=0, activation="tanh")))
    sgd = row(record_of(config=TrialConfig(depth=2, width=16, optimizer="sgd", momentum=0.9)))

    assert (linear["activation"], linear["widths"], linear["width"]) == ("linear", "", 0)
    assert math.isnan(linear["momentum"])
    assert (sgd["activation"], sgd["widths"], sgd["momentum"]) == ("relu", "16-16", 0.9)


def test_epochs_are_numbered_from_one_within_each_trial(record_of):
    table = epochs_table([record_of(1, losses=[0.1]), record_of(0, losses=[0.3, 0.2])])

    assert table[["trial", "epoch"]].to_numpy().tolist() == [
        ["s0000", 1], ["s0000", 2], ["s0001", 1],
    ]  # fmt: skip
    assert table["validation_loss"].tolist() == [0.3, 0.2, 0.1]


def test_tables_survive_a_parquet_file(record_of, history_of, tmp_path):
    history = history_of([0.1 + 0.2, math.nan], diverged_epoch=2)
    records = [record_of(0), record_of(1, outcome="diverged", history=history)]
    for make in (trials_table, epochs_table):
        table = make(records)
        table.to_parquet(tmp_path / "t.parquet", index=False)
        back = pd.read_parquet(tmp_path / "t.parquet")
        pd.testing.assert_frame_equal(back, table, check_exact=True)


def test_a_sweep_s_trials_have_no_arm_and_all_rows(record_of):
    found = row(record_of())

    assert (found["arm"], found["label_noise"]) == ("", 0.0)
    assert found["fold"] is pd.NA
    assert found["train_rows"] is pd.NA
    assert found["initializer"] == "glorot_uniform"


def test_a_study_s_trial_says_its_arm_and_what_of_the_data_it_was_trained_on(record_of):
    record = record_of(
        2, trial="r002-01", stage="comparison", replicate=1, arm="3x128",
        variant=DataVariant(fold=0, folds=5, train_rows=400, label_noise=0.2),
        config=TrialConfig(depth=1, width=8, initializer="he_normal"),
    )  # fmt: skip
    found = row(record)

    assert (found["stage"], found["arm"], found["replicate"]) == ("comparison", "3x128", 1)
    assert (found["fold"], found["train_rows"], found["label_noise"]) == (0, 400, 0.2)
    assert found["initializer"] == "he_normal"
    assert types(trials_table([record])) == TRIAL_TYPES


def test_the_stages_of_a_study_stand_in_the_order_in_which_they_are_run(record_of):
    records = [
        record_of(0, trial="p0000-01", stage="probe", replicate=1),
        record_of(1, trial="r001-01", stage="comparison", replicate=1),
        record_of(0, trial="r000-02", stage="comparison", replicate=2),
        record_of(0, trial="r000-01", stage="comparison", replicate=1),
        record_of(9, trial="t0009-01", stage="tuning", replicate=1),
    ]

    assert trials_table(records)["trial"].tolist() == [
        "t0009-01", "r000-01", "r000-02", "r001-01", "p0000-01",
    ]  # fmt: skip


def test_shares_of_idle_units_are_missing_where_they_were_not_counted(record_of):
    table = trials_table([record_of(0, dead_units=0.25), record_of(1)])

    assert table["dead_units"].iloc[0] == 0.25
    assert table["dead_units"].isna().tolist() == [False, True]
    assert table["saturated_units"].isna().all()
    assert types(table) == TRIAL_TYPES


def test_a_trial_of_several_tasks_shows_its_last_worker_its_first_start_and_each_span(record_of):
    spans = (
        TaskSpan(worker="1", start=0.5, end=1.25),
        TaskSpan(worker="0", start=12345.678, end=12346.0),
    )
    found = row(record_of(spans=spans))

    assert (found["worker"], found["started"]) == ("0", 0.5)
    assert found["spans"] == "1 0.500 1.250; 0 12345.678 12346.000"


def test_who_trained_is_empty_where_it_is_not_known(record_of):
    table = trials_table([record_of(0)])

    assert (table["worker"].item(), table["spans"].item()) == ("", "")
    assert table["started"].isna().all()
    assert types(table) == TRIAL_TYPES


def test_tables_of_equal_runs_are_equal_without_their_times(record_of):
    span = TaskSpan(worker="1", start=0.5, end=1.25)
    one, other = (
        [make([record]) for make in (trials_table, epochs_table)]
        for record in (record_of(seconds=1.0), record_of(seconds=2.0, spans=(span,)))
    )

    for left, right in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(without_times(left), without_times(right))
    assert set(TRIAL_TYPES) - set(without_times(one[0])) == {
        "seconds", "worker", "started", "spans",
    }  # fmt: skip
    assert set(EPOCH_TYPES) - set(without_times(one[1])) == {"seconds"}


def test_every_score_has_its_column_and_is_missing_where_it_is_not_defined(record_of):
    known = row(record_of(0, scores={"roc-auc": 0.9, "log-loss": 0.3}))

    assert (known["validation_roc_auc"], known["validation_log_loss"]) == (0.9, 0.3)
    assert known[["validation_f1", "validation_rmse"]].isna().all()
