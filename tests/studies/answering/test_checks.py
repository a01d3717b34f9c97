import dataclasses

import numpy as np
import pytest

from studies.answering.checks import check_study

SCORES = {"width 8": 0.7, "width 16": 0.8, "width 32": 0.9}


def codes(findings):
    return [finding.code for finding in findings]


def find(findings, code):
    return next(finding for finding in findings if finding.code == code)


def tuned_to(rate, *, diverges=()):
    """Curves of which tuning likes one rate, and of which some rates diverge."""

    def curves(item):
        if item.config.learning_rate in diverges:
            return None
        distance = abs(np.log(item.config.learning_rate / rate))
        return {"validation_loss": 0.3 + distance if item.stage == "tuning" else 0.3}

    return curves


def test_an_arm_tuned_to_an_end_of_the_rates_is_named(widths, design_of, run_design):
    results = run_design(design_of(widths(), seeds=5), tuned_to(0.01))
    finding = find(check_study(results), "playbook.nuisance_edge")

    assert (finding.subject, finding.level) == ("learning_rate", "warning")
    assert "Learning rate 0.01 is the end of what was tried, and the best for 3 arms" in (
        finding.sentence
    )
    assert finding.next_step.startswith("Widen it: --set learning_rate=")


def test_an_arm_tuned_to_a_rate_in_the_middle_is_not(widths, design_of, run_design):
    results = run_design(design_of(widths(), seeds=5), tuned_to(0.003))
    assert "playbook.nuisance_edge" not in codes(check_study(results))


def test_a_rate_next_to_one_that_diverged_is_named(widths, design_of, run_design):
    near = run_design(design_of(widths(), seeds=5), tuned_to(0.003, diverges=(0.01,)))
    far = run_design(design_of(widths(), seeds=5), tuned_to(0.001, diverges=(0.01,)))

    assert "3 arms" in find(check_study(near), "playbook.rate_near_divergence").sentence
    assert "playbook.rate_near_divergence" not in codes(check_study(far))


def test_lost_trials_are_counted(widths, design_of, run_design, scored):
    results = run_design(design_of(widths(), seeds=5), scored({**SCORES, "width 8": None}))
    found = check_study(results)
    assert "playbook.lost_trials" in codes(found)


def test_what_was_fixed_and_retuned_and_the_one_split_are_caveats(widths, design_of, run_design):
    results = run_design(design_of(widths(), seeds=5), tuned_to(0.003))
    sentence = find(check_study(results), "study.caveats").sentence

    assert "Held fixed, so that nothing is known about other values: depth 2, " in sentence
    assert "optimizer adam" in sentence
    assert "use bias" not in sentence  # as usual, and no news
    assert "One split into train and validation rows" in sentence
    assert "with equal effort: learning rate (3 settings on 1 seed)" in sentence
    assert "not finished" not in sentence


def test_an_unusual_value_is_a_caveat_and_folds_are_none(widths, design_of, run_design):
    design = design_of(widths(), seeds=5, folds=2, set=["use_bias=false", "learning_rate=0.01"])
    sentence = find(check_study(run_design(design, lambda _: {})), "study.caveats").sentence

    assert "use bias" in sentence
    assert "learning rate 0.01" in sentence
    assert "One split" not in sentence
    assert "Retuned" not in sentence


def test_a_study_that_is_not_finished_says_how_far_it_is(widths, design_of, run_design):
    results = run_design(design_of(widths(), seeds=5), tuned_to(0.003))
    manifest = {**results.manifest, "state": "interrupted", "counts": {"planned": 99}}
    part = dataclasses.replace(
        results,
        manifest=manifest,
        trials=results.trials[results.trials["stage"] == "tuning"],
    )
    assert "The study is not finished: 9 of 99 trials so far." in (
        find(check_study(part), "study.caveats").sentence
    )


def test_a_few_epochs_are_too_few_to_speak_of_noise(widths, design_of, run_design):
    results = run_design(design_of(widths(), seeds=5, epochs=2), tuned_to(0.003))
    assert "playbook.noise" not in codes(check_study(results))


def test_an_even_study_has_caveats_and_no_warning(widths, design_of, run_design, scored):
    def curves(item):
        epochs = item.config.epochs
        time = np.arange(epochs)
        fall = 0.2 + 0.1 * (item.config.width == 8) + np.exp(-time / 2)
        best = {"validation_loss": fall + 0.01 * time, "train_loss": fall}  # best at epoch 9 of 20
        return {**scored(SCORES)(item), **(best if item.stage == "comparison" else {})}

    found = check_study(run_design(design_of(widths(), seeds=5, epochs=20), curves))
    assert {finding.level for finding in found} == {"info"}, codes(found)


@pytest.mark.parametrize(("asked", "level"), [("learning_rate", "info"), ("width", "warning")])
def test_bad_rates_are_no_warning_where_the_rate_is_the_question(
    widths, design_of, run_design, asked, level
):
    values = {"learning_rate": (0.001, 10.0), "width": (8, 16)}[asked]
    spec = widths(arms=tuple({asked: value} for value in values))
    design = design_of(spec, seeds=5)
    worst = design.arms[1].name

    results = run_design(design, lambda item: None if item.arm == worst else {})

    assert find(check_study(results), "playbook.lost_trials").level == level
