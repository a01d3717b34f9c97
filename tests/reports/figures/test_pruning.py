import dataclasses

import numpy as np
import pandas as pd
import pytest

from reports import theme
from reports.figures.pruning import LOOKS, MOST_LINES, figure, left_out, pruning, told

BUDGET = 10


def tables(curves):
    """Trials and epochs from [(trial, stage, outcome, losses)]; the budget is 10 epochs."""
    trials = pd.DataFrame(
        [
            {"trial": trial, "stage": stage, "outcome": outcome, "epochs": BUDGET,
             "epochs_trained": len(losses), "validation_loss": min(losses, default=np.nan)}
            for trial, stage, outcome, losses in curves
        ],
        columns=["trial", "stage", "outcome", "epochs", "epochs_trained", "validation_loss"],
    )  # fmt: skip
    epochs = pd.DataFrame(
        [
            (trial, epoch, float(loss))
            for trial, _, _, losses in curves
            for epoch, loss in enumerate(losses, start=1)
        ],
        columns=["trial", "epoch", "validation_loss"],
    )
    return trials, epochs


def falling(start, length=BUDGET):
    return [start / epoch for epoch in range(1, length + 1)]


CURVES = [
    ("s0000", "search", "finished", falling(1.0)),
    ("s0001", "search", "pruned", falling(2.0, 2)),
    ("s0002", "search", "pruned", falling(3.0, 2)),
    ("s0003", "search", "pruned", falling(1.5, 5)),
    ("s0004", "search", "diverged", [1.0, np.nan]),
    ("s0005", "search", "failed", []),
    ("c0000-01", "confirmation", "finished", falling(0.5)),
    ("a0002", "audit", "finished", falling(3.0)),
]


@pytest.fixture
def summary():
    return pruning(*tables(CURVES), (2, 5))


def test_a_run_without_pruned_trials_has_no_summary_and_no_section(run, nothing):
    assert pruning(*tables(CURVES[:1]), (2, 5)) is None
    assert pruning(*tables([]), ()) is None
    assert figure(run) is None
    assert figure(nothing) is None


def test_each_rung_tells_how_many_came_as_far_and_what_was_saved(summary):
    assert summary.rungs.to_numpy().tolist() == [[2, 5, 2, 16], [5, 2, 1, 5]]
    assert (summary.trials, summary.pruned) == (6, 3)
    assert (summary.planned, summary.saved) == (60, 21)


def test_without_rungs_in_the_manifest_those_of_the_pruned_trials_are_used():
    assert pruning(*tables(CURVES), ()).rungs["epoch"].tolist() == [2, 5]


def test_a_rung_at_which_none_was_pruned_is_kept():
    assert pruning(*tables(CURVES), (2, 5, 7)).rungs["pruned"].tolist() == [2, 1, 0]


def test_curves_of_search_and_audit_are_lines_and_those_of_the_confirmation_are_not(summary):
    kinds = summary.lines.groupby("trial")["kind"].first().to_dict()
    assert kinds == {
        "s0000": "finished", "s0001": "pruned", "s0002": "pruned", "s0003": "pruned",
        "a0002": "audit",
    }  # fmt: skip
    assert summary.counts == {"finished": 1, "pruned": 3, "audit": 1}


def test_pruned_lines_end_where_they_were_pruned(summary):
    points = summary.panel().table
    ends = points[points["dot"]].set_index("line")
    assert ends["x"].to_dict() == {"s0001": 2, "s0002": 2, "s0003": 5}
    assert ends.loc["s0001", "y"] == 1.0


def test_losses_over_a_wide_range_have_a_log_axis(summary):
    assert summary.panel().y.scale == "log"
    flat = [(trial, *rest, [1.0] * max(len(losses), 1)) for trial, *rest, losses in CURVES[:4]]
    assert pruning(*tables(flat), (1,)).panel().y.scale == "linear"


def test_of_many_curves_some_are_drawn_the_best_and_the_worst_among_them():
    many = [(f"s{i:04d}", "search", "pruned", falling(i, 2)) for i in range(1, 201)]
    summary = pruning(*tables([CURVES[0], *many]), (2,))
    points = summary.panel().table
    drawn = points.loc[points["dot"], "line"].tolist()
    assert len(drawn) == MOST_LINES
    assert {"s0001", "s0200"} <= set(drawn)
    assert left_out(summary) == ("Drawn are 60 of 200 pruned trials, from the best to the worst.")


def test_of_few_curves_none_is_left_out(summary):
    assert left_out(summary) == ""


def test_the_caption_tells_where_and_how_the_audit_ended(summary):
    assert told(summary) == (
        "3 of 6 trials were stopped early, 2 after epoch 2 and 1 after epoch 5: 21 of 60 planned "
        "epochs (35 %) were not trained. Of the pruned, 1 audited trial went on to the end: its "
        "smallest loss, 0.300, lies above that of the best finished trial, 0.100."
    )


def test_the_caption_of_one_rung_and_no_audit_is_short():
    text = told(pruning(*tables(CURVES[:3]), (2,)))
    assert text == (
        "2 of 3 trials were stopped early, after epoch 2: 16 of 30 planned epochs (53 %) were not "
        "trained."
    )


def test_a_better_audit_is_said_to_lie_below():
    better = [*CURVES[:-1], ("a0002", "audit", "finished", falling(0.2))]
    assert "lies below" in told(pruning(*tables(better), (2, 5)))


def test_kinds_of_lines_differ_in_more_than_colour():
    styles = [look.dashes for look in LOOKS.values()]
    assert len(set(styles)) == len(styles) == 3


def test_the_figure_draws_every_line_and_marks_the_ends(summary):
    axes = summary.panel().draw().axes[0]
    marked = [line for line in axes.lines if line.get_marker() == theme.MARKS["pruned"].marker]
    assert [len(line.get_xdata()) for line in marked] == [3]
    verticals = len(summary.rungs)
    assert len(axes.lines) == verticals + summary.lines["trial"].nunique() + 1


def test_a_sweep_in_which_none_finished_has_a_figure():
    summary = pruning(*tables(CURVES[1:3]), (2,))
    summary.panel().draw().draw_without_rendering()
    assert "audited" not in told(summary)


def test_the_section_has_a_key_for_each_kind_of_line(pruned_run):
    section = figure(pruned_run)
    assert [one.name for one in section.key] == ["finished", "pruned", "audit"]
    assert section.how_to_read.endswith("a good network that pruning missed.")
    bare = pruned_run.trials[pruned_run.trials["stage"] != "audit"]
    unaudited = figure(dataclasses.replace(pruned_run, trials=bare))
    assert unaudited.how_to_read.endswith("is not known.")
