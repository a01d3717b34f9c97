import pytest

from reports import theme
from reports.figures.shapes import INKS, shapes
from reports.judged import with_verdicts


@pytest.fixture
def summary(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return shapes(judged, run.epochs)


def test_each_verdict_has_a_colour_of_the_theme():
    assert set(INKS.values()) <= set(theme.INKS)


def test_a_panel_has_a_thin_line_a_drawn_trial_and_a_bold_median(summary):
    for panel in summary.panels:
        (axes,) = panel.panel(summary.x, summary.y).draw().axes
        widths = sorted(line.get_linewidth() for line in axes.lines)
        assert len(widths) == panel.drawn + 2  # the line at 1 and the median
        assert widths[-1] > 2.5 * widths[-2]
        assert axes.get_ylim() == pytest.approx(summary.y.limits)


def test_a_panel_is_named_by_its_verdict_and_says_how_many_are_drawn(summary):
    shown = summary.panels[0].panel(summary.x, summary.y)
    figure = shown.draw()
    texts = [text.get_text() for text in figure.texts]
    assert texts[0].lower() == summary.panels[0].verdict
    assert shown.remark in texts
    assert f"{summary.panels[0].trials} trial" in shown.remark


def test_panels_share_their_axes(summary):
    limits = {one.panel(summary.x, summary.y).draw().axes[0].get_xlim() for one in summary.panels}
    assert len(summary.panels) > 1
    assert len(limits) == 1
