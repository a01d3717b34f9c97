import pytest

from reports.figures.heat_map import figure


@pytest.fixture(scope="module")
def drawn(run):
    return figure(run)


def test_score_and_gap_have_a_panel_each(drawn):
    assert len(drawn.panels) == 2
    assert drawn.table.header[-2:] == ("accuracy", "loss gap")


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
