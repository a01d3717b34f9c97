import itertools

import numpy as np
import pandas as pd
import pytest

from reports import theme, wording
from reports.figures.heat_map import figure, heat_map, ramp_steps

BOUNDS = {"depth": {"low": 1, "high": 3}, "width": {"choices": [16, 64]}}


def trials(**changes):
    """Twelve finished trials: two of each of three depths and two widths."""
    table = pd.DataFrame(
        {
            "trial": [f"s{slot:04d}" for slot in range(12)], "outcome": "finished",
            "depth": np.repeat([1, 2, 3], 4), "width": np.tile([16, 64], 6),
            "validation_loss": np.linspace(0.1, 0.65, 12),
            "validation_score": np.linspace(0.9, 0.35, 12), "loss_gap": np.linspace(0, 0.22, 12),
        }
    )  # fmt: skip
    return table.assign(**changes)


def cell(found, depth, width):
    cells = found.cells
    return cells[(cells["depth"] == depth) & (cells["width"] == width)].iloc[0]


def test_a_cell_shows_the_trial_of_the_smallest_loss_and_counts_all():
    found = heat_map(trials(), BOUNDS)
    best = cell(found, "1", "16")
    assert (best["trial"], best["trials"]) == ("s0000", 2)
    assert (best["score"], best["gap"]) == (0.9, 0)


def test_the_gap_is_that_of_the_best_trial_and_not_the_smallest():
    table = trials()
    table.loc[0, "loss_gap"] = 0.5
    assert cell(heat_map(table, BOUNDS), "1", "16")["gap"] == 0.5


def test_the_smallest_value_has_the_first_step_and_the_largest_the_last():
    cells = heat_map(trials(), BOUNDS).cells
    for name in ("score", "gap"):
        steps = ramp_steps(cells[name])
        assert steps[cells[name].idxmin()] == 0
        assert steps[cells[name].idxmax()] == len(theme.RAMP) - 1
        assert steps[cells[name].sort_values().index].is_monotonic_increasing


def test_a_cell_that_was_not_tried_has_a_place_but_no_row():
    found = heat_map(trials(), {"depth": {"low": 1, "high": 4}, "width": {"choices": [8, 16, 64]}})
    assert found.depths == ("1", "2", "3", "4")
    assert found.widths == ("8", "16", "64")
    assert len(found.cells) == 6
    assert cell(found, "2", "64")["column"] == 2


def test_many_widths_are_gathered_in_equal_ratios_that_hold_each_once():
    widths = np.round(np.geomspace(8, 512, 60)).astype(int)
    table = pd.concat([trials()] * 5, ignore_index=True).assign(
        width=widths, trial=[f"s{slot:04d}" for slot in range(60)]
    )
    found = heat_map(table, {"width": {"low": 8, "high": 512, "log": True}})
    spans = [tuple(map(int, name.split(wording.MISSING))) for name in found.widths]
    assert len(spans) == 6
    assert spans[0][0] == 8
    assert spans[-1][1] == 512
    assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(spans))
    assert found.cells["trials"].sum() == 60


@pytest.mark.parametrize("bounds", [{}, {"width": {"low": 8}}], ids=["none", "one end"])
def test_many_widths_without_bounds_are_gathered_between_those_tried(bounds):
    widths = np.round(np.geomspace(8, 512, 60)).astype(int)
    table = pd.concat([trials()] * 5, ignore_index=True).assign(
        width=widths, trial=[f"s{slot:04d}" for slot in range(60)]
    )
    found = heat_map(table, bounds)
    assert found.widths[0].startswith("8")
    assert found.widths[-1].endswith("512")
    assert found.cells["trials"].sum() == 60


def test_equal_values_have_the_same_step():
    assert set(ramp_steps(heat_map(trials(loss_gap=0.1), BOUNDS).cells["gap"])) == {0}


@pytest.mark.parametrize(
    "table",
    [
        trials().iloc[:0],
        trials().iloc[:9],
        trials(depth=2),
        trials(width=64),
        trials(outcome="pruned"),
        trials(validation_score=np.nan),
        trials(depth=0, width=0),
    ],
    ids=["none", "nine", "one depth", "one width", "pruned", "no score", "no hidden layer"],
)
def test_there_is_no_map_where_depth_and_width_did_not_both_vary(table):
    assert heat_map(table, BOUNDS) is None


def test_networks_without_hidden_layers_have_no_cell():
    linear = trials(depth=0, width=0, validation_loss=0.001)
    found = heat_map(pd.concat([trials(), linear], ignore_index=True), BOUNDS)
    assert found.cells["trials"].sum() == 12
    assert "0" not in found.depths


def test_a_map_without_bounds_takes_the_values_that_were_tried():
    found = heat_map(trials(), {})
    assert (found.depths, found.widths) == (("1", "2", "3"), ("16", "64"))


def test_a_depth_outside_the_space_has_a_row_of_its_own():
    found = heat_map(trials(depth=np.repeat([1, 2, 5], 4)), BOUNDS)
    assert found.depths == ("1", "2", "3", "5")
    assert cell(found, "5", "64")["trials"] == 2


@pytest.fixture(scope="module")
def drawn(run):
    return figure(run)


def test_score_and_gap_have_a_panel_each(drawn):
    assert len(drawn.panels) == 2
    assert drawn.table.header[-2:] == ("accuracy", "loss gap")
    assert drawn.table.numeric == (True, True, True, False, True, True)


def test_the_finding_names_the_best_cell_with_its_number_of_trials(drawn):
    scores = {row[4]: row for row in drawn.table.rows}
    depth, width, trials, *_ = scores[max(scores)]
    layers = "1 layer" if depth == "1" else f"{depth} layers"
    noun = "trial" if trials == "1" else "trials"
    assert (
        f"highest with {layers} of width {width} ({trials} {noun}): {max(scores)}" in drawn.finding
    )


def test_cells_without_a_trial_are_counted(drawn):
    assert f"{36 - len(drawn.table.rows)} cells without a finished trial" in drawn.finding


def test_a_run_without_trials_has_no_figure(nothing):
    assert figure(nothing) is None
