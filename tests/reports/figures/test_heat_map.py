import pytest
from matplotlib.colors import to_hex

from reports import theme
from reports.figures.heat_map import heat_map
from reports.judged import with_verdicts
from reports.summaries.heat_map import heat_map as summary


@pytest.fixture(scope="module")
def cells(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return summary(judged, run.manifest["space_bounds"])


@pytest.fixture(scope="module")
def drawn(cells):
    return heat_map(cells, "score", "Accuracy", "of the best trial")


def test_every_cell_prints_its_number_and_how_many_trials_it_has(cells, drawn):
    (axes,) = drawn.axes
    texts = {text.get_text() for text in axes.texts}
    for row in cells.cells.itertuples():
        assert f"{row.score:.3f}" in texts
        assert f"n {row.trials}" in texts
    assert len(axes.texts) == 2 * len(cells.cells)


def test_the_colour_of_a_cell_is_its_step_of_the_ramp(cells, drawn):
    (axes,) = drawn.axes
    filled = [patch for patch in axes.patches if patch.get_facecolor()[3] > 0]
    colours = [theme.colour(theme.RAMP[step]) for step in cells.cells["score_step"]]
    assert [to_hex(patch.get_facecolor()) for patch in filled] == colours


def test_cells_without_a_trial_are_frames_without_a_number(cells, drawn):
    (axes,) = drawn.axes
    frames = [patch for patch in axes.patches if patch.get_facecolor()[3] == 0]
    assert len(frames) == len(cells.depths) * len(cells.widths) > len(cells.cells)


def test_numbers_stay_inside_their_cells(drawn):
    drawn.draw_without_rendering()
    (axes,) = drawn.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    column = axes.bbox.width / len(axes.get_xticks())
    assert max(box.width for box in boxes) <= column


def test_depths_run_downwards_and_widths_to_the_right(cells, drawn):
    (axes,) = drawn.axes
    assert axes.yaxis_inverted()
    assert [label.get_text() for label in axes.get_yticklabels()] == list(cells.depths)
    assert [label.get_text() for label in axes.get_xticklabels()] == list(cells.widths)
