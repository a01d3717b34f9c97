import dataclasses
import json
import math

import pytest

from reports import theme
from reports.outputs.fact_names import FACTS, WORDS
from reports.outputs.facts import run_facts


def test_a_sweep_has_a_value_for_each_of_its_facts(run):
    facts = run_facts(run)
    assert set(facts) == set(FACTS["sweep"])
    assert None not in facts.values()


def test_a_study_has_a_value_for_each_of_its_facts(study_of):
    facts = run_facts(study_of())
    assert set(facts) == set(FACTS["study"])
    assert [name for name, value in facts.items() if value is None] == []


def test_the_facts_of_a_sweep_are_those_of_its_winner(run):
    facts, winner = run_facts(run), run.winner
    rows = run.trials[run.trials["trial"].isin(run.winner_members)]
    assert facts["score"] == facts["confirmed_score"] == winner["confirmed"]["score"]
    assert facts["searched_score"] == winner["validation"]["score"]
    assert facts["gap"] == run.network_finding.numbers["gap"]
    assert facts["score_gap"] == pytest.approx(rows["score_gap"].mean(), rel=1e-12)
    assert facts["baseline_score"] == 0.961
    assert facts["verdict"] == run.network_finding.verdict


def test_without_confirmation_the_score_is_the_one_searched(run):
    winner = {**run.winner, "confirmed": None}
    facts = run_facts(dataclasses.replace(run, manifest={**run.manifest, "winner": winner}))
    assert facts["confirmed_score"] is None
    assert facts["score"] == winner["validation"]["score"]


def test_the_facts_of_a_study_are_those_of_its_arms(study_of):
    facts = run_facts(study_of())
    assert facts["best_score"] == pytest.approx(0.85)  # the mean of 0.8 and 0.9
    assert (facts["arms"], facts["overfitting_arms"], facts["underfitting_arms"]) == (2, 1, 0)
    assert facts["largest_gap"] == 0.25
    assert (facts["undecided_comparisons"], facts["warnings"], facts["alarms"]) == (1, 1, 0)


def test_shares_are_of_the_trials_that_ended(run):
    counts = {"planned": 100, "finished": 5, "pruned": 2, "diverged": 2, "failed": 1, "running": 9}
    facts = run_facts(dataclasses.replace(run, manifest={**run.manifest, "counts": counts}))
    assert (facts["diverged_share"], facts["failed_share"]) == (0.2, 0.1)


def test_of_a_run_in_which_nothing_happened_nothing_is_known_but_its_counts(nothing):
    facts = run_facts(nothing)
    known = {name for name, value in facts.items() if value is not None}
    assert known == {"planned", "finished", "pruned", "diverged", "failed", "alarms", "warnings",
                     "state", "baseline_score"} - ({"baseline_score"} if nothing.baselines.empty
                                                   else set())  # fmt: skip


def test_what_is_not_finite_is_not_known(run):
    winner = {**run.winner, "test": {"score": math.nan, "loss": math.inf}}
    facts = run_facts(dataclasses.replace(run, manifest={**run.manifest, "winner": winner}))
    assert (facts["test_score"], facts["test_loss"]) == (None, None)


def test_facts_are_plain_values_of_json(run):
    assert json.loads(json.dumps(run_facts(run), allow_nan=False)) == run_facts(run)


def test_every_verdict_that_is_drawn_can_be_asked_for():
    assert set(theme.MARKS) - {"pruned", "failed"} == set(WORDS["verdict"])
