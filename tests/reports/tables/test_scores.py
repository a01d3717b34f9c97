"""A run that a score other than accuracy or R² has chosen: wherever it is shown, by its name."""

import dataclasses

import numpy as np
import pytest

from reports.figures.scores import WinnerScores, axis_limits, score_rows, told
from reports.judged import with_verdicts
from reports.outputs.facts import run_facts
from reports.outputs.json_document import json_document
from reports.outputs.markdown import render_markdown
from reports.pages import cards, conclusion
from reports.pages.sweep_page import render_sweep
from reports.tables import trials as tables
from reports.tables.scores import all_scores, score_table

TITLES = {
    "r2": ("R²", True, "", (None, 1.0)),
    "rmse": ("RMSE", False, "the target's units", (0.0, None)),
    "accuracy": ("accuracy", True, "", (0.0, 1.0)),
    "roc-auc": ("ROC AUC", True, "", (0.0, 1.0)),
}


def described(*names):
    keys = ("title", "higher", "unit", "bounds")
    return [
        {"name": name, "key": name.replace("-", "_"), **dict(zip(keys, TITLES[name], strict=True))}
        for name in names
    ]


def scored(run, *names, values=(0.9, 0.8)):
    """The run with all its scores, the first of them chosen: validation and test values."""
    first, other = names
    cells = {
        name: {
            rows: {"value": value, "low": value - 0.1, "high": value + 0.1, "se": 0.05,
                   "reason": ""}
            for rows, value in zip(("validation", "test"), values, strict=True)
        }
        for name in names
    }  # fmt: skip
    cells[other]["test"] = {"value": None, "low": None, "high": None, "se": None,
                            "reason": "a class has no row here"}  # fmt: skip
    confirmed = {
        **run.winner["confirmed"], "score": 0.85, "score_low": 0.8, "score_high": 0.9,
        "scores": {name: {"value": 0.85, "low": 0.8, "high": 0.9} for name in names},
    }  # fmt: skip
    test = {**run.winner["test"], "score": values[1], "score_low": 0.7, "score_high": 0.95}
    winner = {**run.winner, "scores": cells, "confirmed": confirmed, "test": test}
    columns, ends = {}, {}
    for place, name in enumerate(names):
        column = f"validation_{name.replace('-', '_')}"
        columns[column] = np.linspace(0.5, 0.95, len(run.trials)) + place
        for ending, shift in (("", 0.0), ("_low", -0.05), ("_high", 0.05), ("_se", None)):
            base = np.array([0.3, 0.6, 0.7])
            ends[f"{column}{ending}"] = 0.02 if shift is None else base + shift
    return dataclasses.replace(
        run,
        manifest={
            **run.manifest,
            "settings": {**run.manifest["settings"], "score": first},
            "scores": described(*names),
            "winner": winner,
        },
        findings=[
            dataclasses.replace(one, numbers=one.numbers | {"low": 0.7, "high": 0.95})
            if one.code == "sweep.test"
            else one
            for one in run.findings
        ],
        trials=run.trials.assign(**columns),
        baselines=run.baselines.assign(**ends),
    )


@pytest.fixture(scope="module")
def auc(run):
    return scored(run, "roc-auc", "accuracy")


@pytest.fixture(scope="module")
def rmse(run_maker):
    return scored(run_maker(regression=True), "rmse", "r2", values=(12_345.6, 0.000123))


def test_every_score_of_network_and_baselines_the_chosen_one_first(auc):
    table = all_scores(auc)

    assert table.header == (
        "Score", "Network, validation", "Network, test", "Dummy", "Linear", "Boosted trees",
    )  # fmt: skip
    assert [row[0] for row in table.rows] == ["ROC AUC (chose the winner)", "Accuracy"]
    assert table.winner == 0
    assert table.rows[0][1:4] == (
        "0.850 (0.800 to 0.900)", "0.800 (0.700 to 0.900)", "0.300 (0.250 to 0.350)",
    )  # fmt: skip
    assert table.rows[1][2] == "a class has no row here"


def test_without_confirmation_the_validation_is_of_the_saved_network(auc):
    winner = {**auc.winner, "confirmed": None}
    alone = dataclasses.replace(auc, manifest={**auc.manifest, "winner": winner})
    row = score_table(alone).iloc[0]

    assert (row["of"], row["rows"], row["value"], row["basis"]) == (
        "network", "validation", 0.9, "rows",
    )  # fmt: skip


def test_a_run_from_before_all_scores_has_no_such_table(run):
    assert all_scores(run) is None
    assert score_table(run).empty


def test_facts_have_each_score(auc):
    facts = run_facts(auc)

    assert (facts["score"], facts["test_score"], facts["baseline_score"]) == (0.85, 0.8, 0.7)
    assert (facts["validation_roc_auc"], facts["test_roc_auc"]) == (0.85, 0.8)
    assert facts["baseline_roc_auc"] == 0.7
    assert facts["test_accuracy"] is None
    assert json_document(auc)["scores"][0]["score"] == "roc-auc"


def test_of_an_error_the_smallest_baseline_is_the_best(rmse):
    facts = run_facts(rmse)

    assert facts["baseline_score"] == facts["baseline_rmse"] == 0.3
    assert facts["baseline_r2"] == 0.7


def test_headline_cards_and_leaderboard_have_its_name(auc, rmse):
    assert conclusion.headline(auc).startswith("The best network reaches ROC AUC 0.800 on test")
    assert conclusion.headline(rmse).startswith("The best network reaches RMSE 0.000123 on test")
    shown = {card.name: card for card in cards.cards(auc)}
    assert shown["Confirmed ROC AUC"].value == "0.850"
    assert shown["Test ROC AUC"].remark.startswith("95 % interval 0.700 to 0.950")
    judged = with_verdicts(auc.trials, auc.verdicts)
    finished = judged[(judged["stage"] == "search") & (judged["outcome"] == "finished")]
    table = tables.trial_table(finished, winner="", score_name="accuracy", by=auc.score)
    assert table.header[2] == "ROC AUC"
    column = [float(row[2]) for row in table.rows]
    assert column == sorted(column, reverse=True)
    assert "best ROC AUC first" in table.caption


@pytest.mark.slow
def test_the_page_and_markdown_have_the_table(auc, rmse, read_page):
    for content, chosen in ((auc, "ROC AUC"), (rmse, "RMSE, the target's units")):
        page = read_page(render_sweep(content))
        assert {"all-scores", "all-scores-table"} <= set(page.ids)
        assert f"{chosen} (chose the winner)" in page.words
        assert "### Scores" in render_markdown(content)


def test_where_less_is_better_the_figure_is_mirrored(rmse):
    known = WinnerScores(searched=(11.0, 10.0, 12.0), confirmed=(12.0, 11.0, 13.0),
                         test=(12.5, 11.0, 14.0), seeds=5)  # fmt: skip
    baselines = rmse.baselines.assign(
        validation_rmse=[900.0, 15.0, 14.0], validation_rmse_low=[800.0, 14.0, 13.0],
        validation_rmse_high=[1000.0, 16.0, 15.0],
    )  # fmt: skip
    table = score_rows(known, baselines, rmse.score)
    limits = axis_limits(table, rmse.score)
    reached = table.set_index("what")["score"]

    assert limits[1] < 100 < reached["dummy"]
    assert reached.drop("dummy").between(*limits).all()
    assert "boosted trees, reaches 14" in told(table, rmse.score)
