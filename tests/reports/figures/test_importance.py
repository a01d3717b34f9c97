import numpy as np
import pandas as pd
import pytest

from reports.figures.importance import MOST_ROWS, importance


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
