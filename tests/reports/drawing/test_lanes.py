import pandas as pd
import pytest
from matplotlib.colors import to_hex

from reports.drawing.lanes import SURFACE
from reports.figures.timeline import panel, timeline


def trials(seconds, **columns):
    names = [f"s{place:04d}" for place in range(len(seconds))]
    table = {
        "trial": names, "stage": "search", "slot": range(len(seconds)), "replicate": 0,
        "cohort": names, "outcome": "finished", "seconds": seconds, **columns,
    }  # fmt: skip
    return pd.DataFrame(table)


def draw(table, workers, **seconds):
    summary = timeline(table, {"settings": {"workers": workers}, "seconds": seconds})
    return panel(summary).draw().axes[0]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_there_is_a_bar_a_trial_at_its_time():
    axes = draw(trials([3.0, 1.0, 2.0]), 2, search=4.0)
    bars = [(bar.get_x(), bar.get_width()) for bar in axes.patches]
    assert sorted(bars) == [(0.0, 1.0), (0.0, 3.0), (1.0, 2.0)]


def test_each_row_has_its_name_and_its_share():
    axes = draw(trials([3.0, 1.0]), 2, search=4.0)
    assert {"worker 1", "worker 2", "75 %", "25 %"} <= set(texts(axes))


def test_outcomes_differ_by_height_and_mark_and_not_only_by_colour():
    outcome = ["finished", "pruned", "diverged", "failed"]
    axes = draw(trials([1.0] * 4, outcome=outcome), 1, search=4.0)
    heights = {to_hex(bar.get_facecolor()): bar.get_height() for bar in axes.patches}
    assert heights[SURFACE] < heights[to_hex(axes.patches[0].get_facecolor())]
    marks = {line.get_marker() for line in axes.lines if len(line.get_xdata()) == 1}
    assert {"x", "+"} <= marks


def test_idle_time_shows_as_a_line_to_the_end_of_the_stage():
    axes = draw(trials([1.0]), 2, search=4.0)
    (lines,) = [one for one in axes.collections if one.get_segments()]
    ends = [(segment[0][0], segment[1][0], segment[0][1]) for segment in lines.get_segments()]
    assert ends == [(0.0, 4.0, 0.0), (0.0, 4.0, 1.0)]


def test_stages_that_last_are_named_and_divided():
    table = trials([1.0, 1.0], stage=["search", "confirmation"])
    axes = draw(table, 1, search=5.0, confirmation=5.0, baselines=0.1)
    assert {"search", "confirmation"} <= set(texts(axes))
    assert "baselines" not in texts(axes)  # too short for its name
    assert {5.0, 10.0} <= {line.get_xdata()[0] for line in axes.lines if len(line.get_xdata())}


def test_many_workers_have_narrow_rows():
    many = draw(trials([1.0] * 64), 64, search=1.0).figure
    assert many.get_figheight() * 72 < 600
    assert many.get_figheight() > draw(trials([1.0]), 1, search=1.0).figure.get_figheight()


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_the_axis_begins_at_zero_and_ends_with_the_run(workers):
    axes = draw(trials([600.0]), workers, search=900.0)
    assert axes.get_xlim() == (0.0, 15.0)
    assert axes.get_xlabel() == "min, stage after stage"


def test_true_rows_have_their_workers_names_and_the_time_of_the_run():
    axes = draw(trials([1.0, 1.0], spans=["0 1.0 3.0", "7 2.0 4.0; 0 3.0 3.5"]), 2)

    assert {"worker 0", "worker 7", "62 %", "50 %"} <= set(texts(axes))
    bars = [(bar.get_x(), bar.get_width()) for bar in axes.patches]
    assert sorted(bars) == [(1.0, 2.0), (2.0, 2.0), (3.0, 0.5)]
    assert axes.get_xlabel() == "s since the run began"


def test_a_worker_is_named_as_it_is_whatever_its_name():
    name = "$x$" + "w" * 300
    axes = draw(trials([1.0], spans=[f"{name} 1.0 3.0"]), 1)

    assert any(text.startswith("worker $x$www") and len(text) < 24 for text in texts(axes))
