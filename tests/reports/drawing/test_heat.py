import pytest
from matplotlib.colors import to_hex

from reports import theme
from reports.figures.heat_map import figure


@pytest.fixture(scope="module")
def heat(run):
    return figure(run).panels[0]


@pytest.fixture(scope="module")
def drawn(heat):
    return heat.draw()


def test_every_cell_prints_its_number_and_how_many_trials_it_has(heat, drawn):
    (axes,) = drawn.axes
    texts = {text.get_text() for text in axes.texts}
    for row in heat.cells.itertuples():
        assert f"{row.score:.3f}" in texts
        assert f"n {row.trials}" in texts
    assert len(axes.texts) == 2 * len(heat.cells)


def test_the_colour_of_a_cell_is_its_step_of_the_ramp_and_its_number_is_legible(heat, drawn):
    (axes,) = drawn.axes
    drawn.draw_without_rendering()
    mesh, _ = axes.collections
    faces = mesh.get_facecolor().reshape(len(heat.rows), len(heat.columns), 4)
    numbers = {text.get_position(): text for text in axes.texts}
    for row in heat.cells.itertuples():
        assert to_hex(faces[row.row, row.column]) == theme.colour(theme.RAMP[row.step])
        text = numbers[row.column + 0.5, row.row + 0.5]
        assert text.get_color() == theme.colour(theme.RAMP_TEXTS[row.step])


def test_cells_without_a_trial_are_frames_without_a_number(heat, drawn):
    frames = drawn.axes[0].collections[1]
    assert len(frames.get_array().ravel()) == len(heat.rows) * len(heat.columns) > len(heat.cells)
    assert to_hex(frames.get_edgecolor()[0]) == theme.colour("grid")


def test_numbers_stay_inside_their_cells(drawn):
    drawn.draw_without_rendering()
    (axes,) = drawn.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    column = axes.bbox.width / len(axes.get_xticks())
    assert max(box.width for box in boxes) <= column


def test_depths_run_downwards_and_widths_to_the_right(heat, drawn):
    (axes,) = drawn.axes
    assert axes.yaxis_inverted()
    assert [label.get_text() for label in axes.get_yticklabels()] == list(heat.rows)
    assert [label.get_text() for label in axes.get_xticklabels()] == list(heat.columns)
