import json
import math

import numpy as np
import pytest

from studies.answering.results import pivot
from studies.designs.design import StudyDesign

SCORES = {"width 8": 0.7, "width 16": 0.8, "width 32": 0.9}


def test_pairs_are_rows_and_arms_are_columns_in_the_order_of_the_design(
    widths, design_of, run_design, scored
):
    results = run_design(design_of(widths(), seeds=6), scored(SCORES))
    table = results.paired("validation_score")

    assert list(table) == results.arms == list(SCORES)
    assert table.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert (table["width 32"] - table["width 8"]).to_numpy() == pytest.approx(0.2, abs=0.01)
    assert table["width 8"].std() > 0.005  # what a pair shares is not what its difference has


def test_a_lost_network_is_missing_and_leaves_its_pair(widths, design_of, run_design, scored):
    def curves(item):
        lost = (item.stage, item.arm, item.replicate) == ("comparison", "width 16", 2)
        return None if lost else scored(SCORES)(item)

    table = run_design(design_of(widths(), seeds=4), curves).paired("validation_score")

    assert math.isnan(table.loc[2, "width 16"])
    assert table.notna().sum().tolist() == [4, 3, 4]


def test_an_arm_that_is_lost_altogether_keeps_its_column(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3), scored({**SCORES, "width 8": None}))
    table = results.paired("validation_loss")

    assert list(table) == results.arms
    assert table["width 8"].isna().all()
    assert (table.dtypes == np.float64).all()


def test_without_any_finished_network_no_pair_is_left(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3), scored(dict.fromkeys(SCORES)))
    table = results.paired("validation_score")
    assert (len(table), list(table)) == (0, results.arms)


def test_folds_stand_beside_the_pair(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=2, folds=3), scored(SCORES), rows=(800, 400))
    table = results.paired("validation_score")

    assert table.index.names == ["replicate", "fold"]
    assert table.index.get_level_values("fold").tolist() == [0, 1, 2, 0, 1, 2]
    assert (results.folds.trained_on, results.folds.tested_on) == (800, 400)


def test_without_folds_there_are_no_sizes_of_folds(widths, design_of, run_design, scored):
    assert run_design(design_of(widths()), scored(SCORES)).folds is None


def test_a_column_of_one_s_own_is_paired_as_the_others_are(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3), scored(SCORES))
    rows = results.comparison.assign(twice=lambda table: 2 * table["validation_score"])

    np.testing.assert_allclose(
        pivot(rows, "twice", results), 2 * results.paired("validation_score")
    )


def test_tuning_and_probes_are_no_comparison(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3), scored(SCORES))
    assert set(results.comparison["stage"]) == {"comparison"}
    assert len(results.comparison) == 9 < len(results.trials)


def test_the_metric_has_the_name_of_the_task(widths, design_of, run_design, scored):
    design = design_of(widths(), seeds=2)
    assert run_design(design, scored(SCORES)).metric == "accuracy"
    assert run_design(design, scored(SCORES), task="regression").metric == "R²"


def test_the_design_of_results_is_that_of_the_manifest(widths, design_of):
    design = design_of(widths())
    assert StudyDesign.from_json(json.loads(json.dumps(design.as_json()))) == design
