import pytest

from reports import theme
from reports.figures.shapes import INKS, loss_shapes
from reports.judged import with_verdicts
from reports.summaries.shapes import VERDICTS, shapes


@pytest.fixture
def summary(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return shapes(judged, run.epochs)


def test_each_verdict_has_a_colour_of_the_theme():
    assert set(INKS) == set(VERDICTS)
    assert set(INKS.values()) <= set(theme.INKS)


def test_a_panel_has_a_thin_line_a_drawn_trial_and_a_bold_median(summary):
    for panel in summary.panels:
        (axes,) = loss_shapes(summary, panel, "12 of 19 trials").axes
        widths = sorted(line.get_linewidth() for line in axes.lines)
        assert len(widths) == panel.drawn + 2  # the line at 1 and the median
        assert widths[-1] > 2.5 * widths[-2]
        assert axes.get_ylim() == pytest.approx(summary.y_limits)


def test_a_panel_is_named_by_its_verdict_and_says_how_many_are_drawn(summary):
    figure = loss_shapes(summary, summary.panels[0], "12 of 19 trials")
    texts = [text.get_text() for text in figure.texts]
    assert texts[0].lower() == summary.panels[0].verdict
    assert "12 of 19 trials" in texts


def test_panels_share_their_axes(summary):
    limits = {loss_shapes(summary, one, "").axes[0].get_xlim() for one in summary.panels}
    assert len(summary.panels) > 1
    assert len(limits) == 1
