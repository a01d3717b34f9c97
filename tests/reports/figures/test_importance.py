import dataclasses

import numpy as np
import pandas as pd
import pytest

from reports.figures.importance import MOST_ROWS, figure, importance, name_of, told


def table(values, half=0.05):
    """Importances by method and hyperparameter for the score."""
    rows = [
        ("score", method, name, value, value - half, value + half, 40)
        for method, shares in values.items()
        for name, value in shares.items()
    ]
    columns = ["measure", "method", "hyperparameter", "importance", "low", "high", "trials"]
    return pd.DataFrame(rows, columns=columns)


FOUND = table(
    {
        "fANOVA": {"width": 0.7, "depth": 0.3},
        "PED-ANOVA": {"width": 0.5, "depth": 0.2, "momentum": 0.3},
    }
)


def test_rows_are_ordered_by_the_mean_of_the_methods():
    one = importance(FOUND, "score")
    assert one.names == ("width", "momentum", "depth")
    assert one.rows.loc[one.rows["hyperparameter"] == "depth", "place"].tolist() == [2, 2]
    assert one.trials == 40
    assert one.even == pytest.approx(1 / 3)


def test_a_leader_is_clear_where_its_interval_lies_above_all_others():
    leaders = importance(FOUND, "score").leaders
    assert leaders["fANOVA"] == ("width", 0.7, True)
    assert importance(FOUND.assign(high=0.9), "score").leaders["fANOVA"] == ("width", 0.7, False)


def test_an_unknown_interval_makes_no_leader_clear():
    unknown = FOUND.assign(low=np.nan, high=np.nan)
    assert not any(clear for *_, clear in importance(unknown, "score").leaders.values())


def test_very_many_hyperparameters_are_cut_to_the_most_important():
    shares = {f"p{place:02d}": (20 - place) / 210 for place in range(20)}
    one = importance(table({"PED-ANOVA": shares}), "score")
    assert one.names == tuple(f"p{place:02d}" for place in range(MOST_ROWS))
    assert one.even == 1 / 20


@pytest.mark.parametrize("nothing", [pd.DataFrame(), FOUND.iloc[:0]], ids=["no column", "no row"])
def test_where_nothing_was_measured_there_is_no_summary(nothing):
    assert importance(nothing, "score") is None
    assert importance(FOUND, "gap") is None


@pytest.fixture(scope="module")
def section(evident_run):
    return figure(evident_run)


def test_there_is_a_panel_for_the_score_and_one_for_the_gap(section):
    assert len(section.panels) == 2
    assert {row[0] for row in section.table.rows} == {"accuracy", "loss gap"}


def test_methods_and_trials_are_named(section, evident_run):
    trials = int(evident_run.importance["trials"].max())
    assert f"{trials} finished trials" in section.finding
    for method in ("PED-ANOVA", "fANOVA"):
        assert method in section.finding
        assert method in section.how_to_read


def test_what_fanova_left_out_is_said(section):
    assert "momentum" in section.note
    assert "PED-ANOVA alone" in section.note


def test_leads_that_chance_allows_are_called_so(evident_run):
    table = evident_run.importance
    vague = importance(table.assign(low=0.0, high=1.0), "score")
    assert "None of these leads is beyond doubt" in told([vague], "accuracy")
    sure = importance(table.assign(low=table["importance"], high=table["importance"]), "score")
    assert "clearly" in told([sure], "accuracy")


def test_names_are_read_as_words():
    assert name_of("learning_rate") == "learning rate (of its optimizer)"
    assert name_of("weight_decay") == "weight decay"
    assert len(name_of("x" * 300)) <= 40


def test_where_nothing_was_measured_there_is_no_section(evident_run, run):
    assert figure(run) is None
    none = dataclasses.replace(evident_run, importance=evident_run.importance.iloc[:0])
    assert figure(none) is None
