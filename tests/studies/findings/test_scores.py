"""Findings on a score of which less is better."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from studies.findings.baselines import compare_with_baselines
from studies.findings.winner import find_winner, judge_search, judge_test, name_winner
from sweep.runs.confirmation import summarise
from sweep.runs.manifest import describe_scores
from sweep.scores import SCORES
from sweep.tables import trials_table

RMSE = SCORES["rmse"]


def found(record_of, searched, fresh, **manifest):
    """The winner of a sweep that the RMSE chose."""
    search = dataclasses.replace(record_of(0), scores={"rmse": searched, "r2": 0.5})
    repeats = [
        dataclasses.replace(record_of(0, replicate=place), scores={"rmse": value, "r2": 0.5})
        for place, value in enumerate(fresh, start=1)
    ]
    (entry,) = summarise([search], repeats, RMSE)
    cell = {"value": 22.0, "low": 19.0, "high": 26.0, "se": 1.5, "reason": ""}
    manifest = {
        "data": {"task": "regression"}, "settings": {"score": "rmse"},
        "scores": describe_scores("rmse", "regression"),
        "winner": {
            "trial": "s0000", "confirmed": entry["confirmed"],
            "scores": {"rmse": {"validation": cell, "test": cell}},
            "test": {"score": 22.0, "score_se": 1.5, "score_low": 19.0, "score_high": 26.0,
                     "rows": 80},
        },
    }  # fmt: skip
    return find_winner(manifest, trials_table([search, *repeats])), manifest


@pytest.mark.parametrize(
    ("searched", "verdict"), [(10.0, "flattered"), (20.0, "confirmed"), (30.0, "understated")]
)
def test_a_search_that_claimed_less_error_flattered(record_of, searched, verdict):
    winner, _ = found(record_of, searched, [19.0, 20.0, 21.0])
    (finding,) = judge_search(winner)

    assert finding.verdict == verdict
    assert finding.numbers["estimate"] == pytest.approx(searched - 20)


def test_a_baseline_with_more_error_is_worse(record_of):
    winner, _ = found(record_of, 20.0, [19.9, 20.0, 20.1])
    assert winner.row_error("score") == 1.5
    baselines = pd.DataFrame(
        {
            "baseline": ["dummy", "linear", "boosted trees"],
            "validation_score": [0.0, 0.4, 0.6],
            "validation_rmse": [60.0, 21.0, 9.0],
            "validation_rmse_se": [2.0, 2.0, 1.0],
        }
    )
    verdicts = {one.subject: one.verdict for one in compare_with_baselines(winner, baselines)}

    assert verdicts == {"dummy": "better", "linear": "undecided", "boosted trees": "worse"}


def test_the_winner_and_its_test_are_told_by_the_score_that_chose(record_of):
    winner, manifest = found(record_of, 20.0, [19.0, 20.0, 21.0])
    first = name_winner(winner)
    (test,) = judge_test(winner, manifest)

    assert first.details["score"].title == test.details["score"].title == "RMSE"
    assert (first.numbers["searched_score"], first.numbers["confirmed_score"]) == (20.0, 20.0)
    assert (test.numbers["estimate"], test.numbers["low"], test.numbers["high"]) == (22, 19, 26)


def test_before_the_end_the_best_so_far_is_by_the_score_that_chooses(record_of):
    records = [
        dataclasses.replace(record_of(0, (0.5, 0.1)), scores={"rmse": 30.0}),
        dataclasses.replace(record_of(1, (0.5, 0.4)), scores={"rmse": 10.0}),
    ]
    manifest = {"settings": {"score": "rmse"}, "scores": describe_scores("rmse", "regression")}
    winner = find_winner(manifest, trials_table(records))

    assert (winner.trial, winner.final) == ("s0001", False)
    assert np.isnan(winner.row_error("score"))


def test_the_error_of_an_r2_is_that_in_the_targets_own_units(record_of):
    cell = {"value": 0.5, "low": 0.4, "high": 0.6, "se": 0.25, "reason": ""}
    named = {"trial": "s0000", "scores": {"r2": {"validation": cell, "test": cell}}}
    manifest = {"data": {"task": "regression"}, "winner": named}
    table = trials_table([record_of(0), record_of(0, replicate=1), record_of(0, replicate=2)])

    assert find_winner(manifest, table).row_error("score") == 0.25
    assert find_winner({**manifest, "winner": {"trial": "s0000"}}, table).row_error("score") == 1
