import pytest
from matplotlib.colors import to_hex

from reports import theme
from reports.figures.rate_bands import panel, rate_bands
from reports.judged import with_verdicts


@pytest.fixture(scope="module")
def band(run_maker):
    run = run_maker(trials=60, confirm=0)
    judged = with_verdicts(run.searched, run.verdicts)
    return rate_bands(judged, run.manifest["space_bounds"])[0]


def test_the_band_is_shaded_from_its_lowest_to_its_highest_rate(band):
    (axes,) = panel(band, "accuracy", None).draw().axes
    (shade,) = axes.patches
    assert (shade.get_x(), shade.get_x() + shade.get_width()) == pytest.approx(
        (band.low, band.high)
    )
    assert axes.get_xscale() == "log"


def test_the_band_has_the_colour_of_its_optimizer(band):
    marks = theme.value_marks({"optimizer": ["other", band.optimizer]})
    (axes,) = panel(band, "accuracy", marks["optimizer", band.optimizer]).draw().axes
    ink = theme.colour(marks["optimizer", band.optimizer].ink)
    assert to_hex(axes.patches[0].get_facecolor()) == ink


def test_the_panel_bears_the_name_of_the_optimizer(band):
    shown = panel(band, "accuracy", None)
    figure = shown.draw()
    words = [text.get_text() for text in figure.texts]
    assert words == [band.optimizer, shown.remark]
    assert "good" in shown.remark
    assert figure.axes[0].get_xlabel() == "learning rate, log scale"
