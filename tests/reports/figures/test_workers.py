import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.figures.workers import lay_work

SPANS = st.tuples(st.integers(0, 3), st.integers(0, 50_000), st.integers(0, 5_000))


def trials(spans, **columns):
    number = len(spans)
    names = [f"s{place:04d}" for place in range(number)]
    table = {
        "trial": names, "stage": "search", "slot": range(number), "replicate": 0, "cohort": names,
        "outcome": "finished", "seconds": 1.0, "spans": spans, **columns,
    }  # fmt: skip
    return pd.DataFrame(table, index=range(number))


def written(worker, start, took):
    return f"{worker} {start / 1000:.3f} {(start + took) / 1000:.3f}"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(SPANS, min_size=1, max_size=3), min_size=1, max_size=20))
def test_no_bar_of_a_worker_stands_over_another_whatever_the_times(tasks):
    texts = ["; ".join(written(*task) for task in each) for each in tasks]
    lanes = lay_work(trials(texts), {"settings": {"workers": 2}})

    bars = lanes.bars
    assert len(bars) == sum(map(len, tasks))
    assert bars["is_last"].sum() == len(tasks)
    assert (bars["start"] <= bars["end"] + 1e-9).all()
    for _, row in bars.groupby("row"):
        assert (row["start"].to_numpy()[1:] >= row["end"].to_numpy()[:-1] - 1e-9).all()
    stages = lanes.stages
    worked = (bars["end"] - bars["start"]).sum()
    assert stages["trained"].sum() == pytest.approx(worked)
    assert stages["end"].iloc[-1] >= bars["end"].max() - 1e-9
    if worked:
        assert (stages["busy"] <= 1 + 1e-9).all()


def test_rows_do_not_depend_on_the_order_of_the_table():
    table = trials(["1 0.000 1.000", "0 0.500 2.000", "0 0.500 2.000", "1 1.000 3.000"])
    one, other = (lay_work(each, {}) for each in (table, table.iloc[::-1]))

    pd.testing.assert_frame_equal(one.bars, other.bars)
    assert one.names == other.names == ("0", "1")


def test_neither_spans_nor_workers_leave_nothing_to_lay_out():
    assert lay_work(trials([""]), {"settings": {"workers": None}}) is None


def test_a_worker_that_was_never_heard_of_has_the_next_number():
    lanes = lay_work(trials(["0 0.000 1.000"]), {"settings": {"workers": 3}})

    assert lanes.names == ("0", "1", "2")
    assert np.unique(lanes.bars["row"]).tolist() == [0]
