import dataclasses

import pytest

from reports.words.saying import say
from studies.catalog.conclusion import conclude_study, judge_trials
from studies.catalog.custom.answer import answer
from studies.designs.spec import StudySpec

SPEC = StudySpec(
    study="custom", question="How wide?", arms=({"width": 8}, {"width": 16}), epochs=6,
    nuisance={"learning_rate.adam": (0.001, 0.01)}, tuning_seeds=1,
)  # fmt: skip


def better_wide(item):
    level = 0.9 if item.config.width == 16 else 0.8
    return {"validation_score": level + 0.001 * (item.replicate % 3) * item.slot}


@pytest.fixture(name="results")
def _results(design_of, run_design):
    return run_design(design_of(SPEC, seeds=6), better_wide)


def test_the_first_finding_is_the_answer(results):
    content = conclude_study(results)

    assert content.findings[0].code == "study.custom"
    assert content.findings[0].sentence == content.answer
    assert content.answer.startswith("The best mean is that of width 16, accuracy 0.901")
    assert content.question == "How wide?"
    codes = [finding.code for finding in content.findings]
    assert "comparison.score.better" in codes
    assert codes[-1] == "study.caveats"


def test_every_arm_is_judged_as_a_network(results):
    found = [f for f in conclude_study(results).findings if f.about == "network"]
    assert [finding.subject for finding in found] == ["width 8", "width 16"]
    assert all(say(finding).sentence.startswith(f"{finding.subject} ") for finding in found)
    assert {finding.level for finding in found} <= {"good", "info"}


def test_every_trial_is_judged_beside_those_of_the_same_rows(results):
    verdicts = judge_trials(results)
    assert sorted(verdicts["trial"]) == sorted(results.trials["trial"])


def test_an_unfinished_study_has_no_answer_yet(results):
    manifest = {**results.manifest, "state": "interrupted", "counts": {"planned": 16}}
    part = results.trials.iloc[:5]
    epochs = results.epochs[results.epochs["trial"].isin(part["trial"])]
    content = conclude_study(
        dataclasses.replace(results, manifest=manifest, trials=part, epochs=epochs)
    )

    assert content.answer == "No answer yet: 5 of 16 trials have ended."
    assert not [f for f in content.findings if f.about == "comparison"]


def test_a_study_without_a_trial_has_no_answer_yet(results):
    manifest = {**results.manifest, "state": "created", "counts": {"planned": 16}}
    none, no_epochs = results.trials.iloc[:0], results.epochs.iloc[:0]
    content = conclude_study(
        dataclasses.replace(results, manifest=manifest, trials=none, epochs=no_epochs)
    )
    assert content.answer == "No answer yet: 0 of 16 trials have ended."


def test_nothing_is_concluded_where_no_network_was_trained_to_its_end(design_of, run_design):
    content = conclude_study(run_design(design_of(SPEC, seeds=6), lambda _: None))
    assert content.answer.startswith("No conclusion: no network of the comparison could be")


def test_a_custom_study_names_the_best_arm_and_counts_its_contrasts(results):
    found = answer(results, {})
    assert found.answer.endswith("contrasts: 1 better.")
    assert [table.id for table in found.tables] == ["arms", "contrasts"]


def test_a_custom_study_of_one_arm_says_what_it_reaches(design_of, run_design):
    spec = dataclasses.replace(SPEC, arms=({"width": 16},))
    found = answer(run_design(design_of(spec, seeds=6), better_wide), {})
    assert found.answer == "width 16 reaches accuracy 0.900."
