import math
import re

import numpy as np
import pytest
from scipy import stats

from reports.words.saying import say
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.catalog.conclusion import conclude_study

SCORES = {"width 8": 0.7, "width 16": 0.8, "width 32": 0.9}


def test_each_arm_has_the_mean_over_its_seeds_with_its_t_interval(
    widths, design_of, run_design, scored
):
    results = run_design(design_of(widths(), seeds=6), scored(SCORES))
    arms = summarise_arms(results).set_index("arm")
    values = results.paired("validation_score")["width 16"]

    assert list(arms.index) == list(SCORES)
    assert arms.loc["width 16", "validation_score"] == pytest.approx(values.mean())
    low, high = stats.t.interval(0.95, 5, values.mean(), stats.sem(values))
    assert arms.loc["width 16", "validation_score_low"] == pytest.approx(low)
    assert arms.loc["width 16", "validation_score_high"] == pytest.approx(high)
    assert arms["width"].tolist() == [8, 16, 32]
    assert set(arms["learning_rate"]) == {0.003}  # as tuned
    assert set(arms["optimizer"]) == {"adam"}
    assert (arms["pairs"].tolist(), arms["lost"].tolist()) == ([6, 6, 6], [0, 0, 0])
    assert arms["parameters"].tolist() == sorted(arms["parameters"])


def test_lost_networks_are_counted_and_enter_no_mean(widths, design_of, run_design, scored):
    def curves(item):
        return None if item.replicate == 2 and item.stage == "comparison" else scored(SCORES)(item)

    results = run_design(design_of(widths(), seeds=4), curves)
    arms = summarise_arms(results)

    assert (arms["pairs"].tolist(), arms["lost"].tolist()) == ([3, 3, 3], [1, 1, 1])
    assert arms["validation_score"].notna().all()


def test_an_arm_of_which_nothing_is_left_has_no_numbers(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3), scored({**SCORES, "width 8": None}))
    arms = summarise_arms(results).set_index("arm")
    verdicts = judge_arms(results)

    assert arms.loc["width 8", ["pairs", "lost"]].tolist() == [0, 3]
    assert math.isnan(arms.loc["width 8", "validation_score"])
    assert "width 8" not in verdicts
    table = arms_table(results, arms.reset_index(), verdicts).table
    assert table["Verdict"].iloc[0] == "undecided"
    assert table["Lost"].tolist() == [3, 0, 0]


def test_the_seconds_of_an_epoch_are_those_of_its_networks(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3), scored(SCORES))
    assert summarise_arms(results)["seconds_per_epoch"].to_numpy() == pytest.approx(0.1 / 8)


def test_the_table_for_people_has_a_row_an_arm(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=3, folds=2), scored(SCORES))
    shown = arms_table(results, summarise_arms(results), judge_arms(results))

    assert shown.table["Arm"].tolist() == list(SCORES)
    assert "means over seeds and folds" in shown.note
    cell = shown.table["Validation accuracy"].iloc[2]
    assert cell.startswith("0.9")
    assert " to " in cell


def test_arms_that_chose_one_configuration_are_judged_apart(design_of, run_design, widths):
    spec = widths(arms=({"width": 8}, {"width": 8}), names=("one", "two"))

    def curves(item):
        epochs = item.config.epochs
        rise = np.linspace(0.3, 1.2 if item.arm == "two" else 0.31, epochs)
        return {"validation_loss": rise, "train_loss": np.linspace(0.5, 0.05, epochs)}

    verdicts = judge_arms(run_design(design_of(spec, seeds=5, epochs=20), curves))

    assert verdicts["two"].verdict == "overtrained" != verdicts["one"].verdict
    assert verdicts["two"].last_gap.estimate > verdicts["one"].last_gap.estimate + 0.5
    assert verdicts["one"].seeds == 5


def test_arms_of_other_rows_are_no_reference(design_of, run_design, widths):
    """An arm on a tenth of the rows does worse than another, and is not called too small."""
    spec = widths(arms=({"train_rows": 100}, {"train_rows": 1000}))

    def curves(item):
        level = 1.0 if item.variant.train_rows == 100 else 0.1
        return {"validation_loss": level, "train_loss": level}

    verdicts = judge_arms(run_design(design_of(spec, seeds=5), curves))
    both = judge_arms(
        run_design(
            design_of(widths(arms=({"width": 8}, {"width": 64})), seeds=5),
            curves_of_width,
        )
    )

    assert verdicts["rows 100"].verdict != "underfits"
    assert both["width 8"].verdict == "underfits"


def curves_of_width(item):
    level = 1.0 if item.config.width == 8 else 0.1
    return {"validation_loss": level, "train_loss": level}


def test_what_a_verdict_rests_on_calls_arms_by_their_names(design_of, run_design, widths):
    spec = widths(arms=({"width": 8}, {"width": 64}))
    results = run_design(design_of(spec, seeds=5), curves_of_width)

    assert judge_arms(results)["width 8"].evidence["reference"] == "width 64"


def test_a_finding_of_an_arm_names_no_trial_of_a_search(design_of, run_design, widths):
    spec = widths(arms=({"width": 64}, {"width": 8}))
    results = run_design(design_of(spec, seeds=5), curves_of_width)

    told = [
        say(finding) for finding in conclude_study(results).findings if finding.about == "network"
    ]

    assert len(told) == 2
    assert not [said for said in told if re.search(r"\bs\d{4}\b", said.sentence + said.next_step)]
