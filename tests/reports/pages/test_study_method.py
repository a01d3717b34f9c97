import dataclasses

import pandas as pd
import pytest

from reports.pages import study_cards, study_method
from reports.study_content import StudyContent

DESIGN = {
    "study": "dropout", "seeds": 10, "folds": 0, "tuning_seeds": 2, "objective": "validation_loss",
    "arms": [{"name": "wide"}, {"name": "narrow"}], "margin": 0.005,
    "nuisance": {"learning_rate": [0.001, 0.01]}, "fixed": {"depth": 2, "batch_size": 32},
    "options": {"label_noise": 0.2},
}  # fmt: skip


def content(run, *, stages=(), **design):
    """Make the content of a study whose trials have given stages, arm by arm."""
    trials = run.trials.head(len(stages)).assign(
        stage=[stage for stage, _ in stages], arm=[arm for _, arm in stages]
    )
    manifest = {**run.manifest, "study": {**DESIGN, **design}, "kind": "study"}
    return StudyContent(
        manifest=manifest, question="?", answer="!", paragraph=(), findings=(), figures=(),
        tables=(), trials=trials, verdicts=pd.DataFrame(),
    )  # fmt: skip


def told(study):
    return " ".join(study_method.sentences(study))


TUNED = [("tuning", arm) for arm in ("wide", "narrow") for _ in range(4)]


def test_tuning_is_told_with_its_effort(run):
    words = told(content(run, stages=TUNED))
    assert "with the same effort, 4 trials each: learning rate (0.001, 0.01)." in words
    assert "smallest mean validation loss over 2 seeds" in words
    assert "with 3 to 4 trials each" in told(content(run, stages=TUNED[:-1]))


def test_a_study_without_tuning_does_not_speak_of_it(run):
    assert "tuned" not in told(content(run, stages=[("comparison", "wide")]))


def test_pairs_and_folds_are_told(run):
    assert "Then each of the 2 arms was trained on 10 fresh seeds." in told(content(run))
    words = told(content(run, folds=5))
    assert "10 fresh seeds in each of 5 folds" in words
    assert "one split of the data" not in words
    assert "one split of the data" in told(content(run))


def test_what_was_held_fixed_is_a_caveat(run):
    assert "Held fixed: depth 2 and batch size 32. With other values" in told(content(run))
    assert "Held fixed" not in told(content(run, fixed={}))


def test_the_design_is_among_the_facts(run):
    groups = {name: dict(pairs) for name, pairs in study_method.facts(content(run))}
    assert groups["Design"]["arms"] == "wide; narrow"
    assert groups["Design"]["margin"] == "0.005"
    assert groups["Design"]["label noise"] == "0.2"
    assert groups["Retuned in each arm"] == {"learning rate": "0.001, 0.01"}
    assert groups["Held fixed"]["depth"] == "2"
    assert groups["Data"]["fingerprint (SHA-256)"] == run.data["fingerprint"]


@pytest.mark.parametrize("missing", [{}, {"arms": None, "nuisance": None, "fixed": None}])
def test_an_unknown_design_is_no_fault(run, missing):
    study = content(run)
    bare = dataclasses.replace(study, manifest={"study": missing})
    assert study_method.sentences(bare)
    assert study_method.facts(bare) == []
    assert [card.value for card in study_cards.cards(bare)][:2] == ["0 arms", "–"]  # noqa: RUF001


def test_cards_count_arms_pairs_and_trials(run):
    arms, pairs, trials, time = study_cards.cards(content(run, folds=5))
    assert (arms.name, arms.value, arms.remark) == ("Arms of dropout", "2 arms", "wide; narrow")
    assert (pairs.name, pairs.value) == ("Pairs", "50")
    assert trials.value == str(run.manifest["counts"]["finished"])
    assert time.name == "Time"


def test_many_arms_are_named_in_part(run):
    names = [{"name": f"arm {place}"} for place in range(9)]
    card = study_cards.cards(content(run, arms=names))[0]
    assert card.value == "9 arms"
    assert card.remark.endswith("arm 5; and 3 more")


def test_arms_may_be_given_by_name_alone():
    assert study_cards.arm_names({"arms": ["wide", {"name": "narrow"}]}) == ["wide", "narrow"]
    assert study_cards.study_name({"name": "mine", "study": "custom"}) == "mine"


def test_weights_of_rows_and_of_classes_are_told(run):
    study = content(run, stages=TUNED)
    assert "equal weight" not in told(study)
    settings = {**study.manifest["settings"], "class_weight": "balanced"}
    data = {**study.data, "effective_rows": {"train": 300.4, "validation": 71.6}}
    words = told(
        dataclasses.replace(study, manifest={**study.manifest, "settings": settings, "data": data})
    )
    assert "tell as much as 72 of equal weight" in words
    assert "classes count alike" in words
