import sys

import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from reports import theme
from reports.drawing.points import RING, SURFACE
from reports.figures import capacity, fit_map, scores
from reports.figures.curves import learning_curves
from reports.figures.settings import hyperparameter, isolate
from reports.judged import with_verdicts
from reports.run_score import ACCURACY

HOSTILE = "_$\\frac$ <script>alert(1)</script> " + "x" * 500 + " \u202e עברית 🙂"


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def texts(figure):
    """Return every text that a figure shows."""
    found = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return [text for text in found if text]


def curve(run, measure="loss"):
    return learning_curves(run.epochs, run.winner_members, measure)


def gaps(judged, winner=""):
    points = capacity.place_gaps(judged, winner=winner)
    return capacity.gap_panel(points, capacity.find_sizes(judged, [], points.x_limits), "Gap")


def setting(judged, name, bounds, score_name="accuracy"):
    (alone,) = isolate([(name, hyperparameter(judged, name, bounds))], pd.DataFrame())
    return alone.panel(score_name, {}, compare=False).draw()


def test_learning_curves_name_their_lines_and_mark_the_best_epoch(run):
    figure = curve(run).panel("Loss").draw()
    shown = texts(figure)
    assert {"train", "validation", "running"} <= set(shown)
    assert f"best epoch {curve(run).best_epoch}" in shown


def test_learning_curves_mark_where_overfitting_sets_in(run):
    figure = curve(run).panel("Loss", onset=14).draw()
    assert any(text.endswith("overfits from 14") for text in texts(figure))


def test_labels_of_lines_do_not_overlap(run):
    figure = curve(run).panel("Loss").draw()
    figure.draw_without_rendering()
    boxes = [
        text.get_window_extent()
        for text in figure.axes[0].texts
        if text.get_text() in {"train", "validation", "running"}
    ]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for a, b in pairs)


def test_everything_a_figure_writes_lies_inside_it(run, judged):
    drawn = [
        curve(run).panel("Loss").draw(),
        gaps(judged).draw(),
        setting(judged, "depth", {"low": 1, "high": 6}),
    ]
    for figure in drawn:
        figure.draw_without_rendering()
        box = figure.get_tightbbox()  # inches, of what is drawn
        width, height = figure.get_size_inches()
        assert min(box.x0, box.y0) >= -0.02
        assert box.x1 <= width + 0.02
        assert box.y1 <= height + 0.02


def test_capacity_draws_every_trial_and_rings_the_winner(judged):
    best = judged.loc[judged["validation_loss"].idxmin(), "trial"]
    panel = gaps(judged, winner=best)
    points, axes = panel.points, panel.draw().axes[0]
    drawn = sum(len(collection.get_offsets()) for collection in axes.collections)
    assert drawn == len(points.table)
    (ring,) = [line for line in axes.lines if line.get_markersize() == RING]
    place = points.table.set_index("trial").loc[points.winner]
    assert ring.get_xydata().tolist() == [[place["x"], place["y"]]]


def test_trials_without_result_are_drawn_as_crosses(judged):
    panel = gaps(judged)
    points, axes = panel.points, panel.draw().axes[0]
    crosses = [line for line in axes.lines if line.get_marker() in {"x", "+"}]
    assert sum(len(line.get_xdata()) for line in crosses) == len(points.unusable) > 0


def test_pruned_trials_are_drawn_hollow_beneath_the_others(pruned_run):
    judged = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    axes = gaps(judged).draw().axes[0]
    first, *others = [part for part in axes.collections if len(part.get_offsets())]
    surface, ink = to_rgba(SURFACE), to_rgba(theme.colour(theme.MARKS["pruned"].ink))
    assert tuple(first.get_facecolor()[0]) == surface
    assert tuple(first.get_edgecolor()[0]) == ink
    assert len(first.get_offsets()) == int((judged["outcome"] == "pruned").sum())
    assert all(tuple(part.get_facecolor()[0]) != surface for part in others)


def test_a_dummy_beyond_the_axis_is_an_arrow_with_its_number(run):
    nan3 = (float("nan"),) * 3
    winner = scores.WinnerScores(searched=(0.9, 0.88, 0.92), confirmed=nan3, test=nan3, seeds=0)
    rows = scores.score_rows(winner, run.baselines, ACCURACY)
    figure = scores.panel(rows, ACCURACY, "Scores").draw()
    assert "0.100" in texts(figure)
    assert any(line.get_marker() == "<" for line in figure.axes[0].lines)


@pytest.mark.parametrize("rows", [0, 1])
def test_every_figure_can_be_drawn_from_next_to_nothing(run, judged, rows):
    few = judged.head(rows)
    epochs = run.epochs.head(rows)
    drawn = [
        learning_curves(epochs, ("s0000",), "loss").panel("Loss"),
        learning_curves(epochs, ("s0000",), "gradient").panel("G"),
        gaps(few),
        fit_map.panel(fit_map.place_losses(few), "Fit"),
        scores.panel(scores.score_rows(None, run.baselines.head(rows), ACCURACY), ACCURACY, "S"),
    ]
    for panel in drawn:
        panel.draw().draw_without_rendering()


def test_hostile_names_are_drawn_as_plain_text(run, judged):
    figure = curve(run).panel(HOSTILE, HOSTILE).draw()
    assert any(text.startswith("_$\\frac$ <script>") for text in texts(figure))
    renamed = judged.assign(activation=HOSTILE)
    bounds = {"choices": [HOSTILE, "$x$"]}
    assert isinstance(setting(renamed, "activation", bounds, HOSTILE), Figure)


def test_no_figure_is_left_with_pyplot(run):
    curve(run).panel("Loss").draw()
    assert sys.modules["matplotlib.pyplot"].get_fignums() == []  # seaborn imports it, we do not
