import dataclasses
import io
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from matplotlib import image

from reports import theme
from reports.figures import canvas
from reports.images import figure_png, figure_svg
from reports.study_content import ForestFigure, ResponseFigure

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    (panel, series, x, 0.5 * x, 0.4 * x, 0.6 * x)
    for panel in ("adam", "sgd", "rmsprop", "$\\frac$ <b>")
    for series in ("train", "validation")
    for x in (1.0, 2.0)
]
FOUR = ResponseFigure(
    id="rates", title="Rates <&>", finding="It \u202efalls.", how_to_read="So.", x_name="rate",
    x_scale="linear", y_name="loss",
    table=pd.DataFrame(ROWS, columns=["panel", "series", "x", "mean", "low", "high"]),
    marks=pd.DataFrame({"panel": [], "x": [], "label": []}),
)  # fmt: skip
FOREST = ForestFigure(
    id="forest", title="Forest", finding="None matters.", how_to_read="So.", unit="accuracy",
    margin=0.1,
    table=pd.DataFrame(
        {"comparison": ["a against b"], "difference": [0.0], "low": [-0.1], "high": [0.1],
         "verdict": ["equivalent"]}
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def root():
    return ET.fromstring(figure_svg(FOUR))


def test_an_svg_holds_every_panel_at_its_place(root):
    panels = root.findall(f"{SVG}svg")
    places = [(float(one.get("x")), float(one.get("y"))) for one in panels]
    step = canvas.WIDTH + 16
    assert [x for x, _ in places] == [0, step, 2 * step, 0]
    assert places[0][1] == places[2][1] == 0 < places[3][1]
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert float(root.get("width")) == 3 * canvas.WIDTH + 32


def test_an_svg_says_what_it_shows_and_nothing_that_it_should_not(root):
    assert root.find(f"{SVG}title").text == "Rates <&>"
    assert root.get("aria-label") == "It \ufffdfalls."
    assert {"$\\frac$ <b>", "train"} <= {element.text for element in root.iter()}


def test_ids_are_unique_over_all_panels(root):
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) > 4


def test_an_svg_stands_on_its_own_ground(root):
    assert root.find(f"{SVG}rect").get("fill") == theme.colour("surface")


def test_the_same_figure_gives_the_same_files():
    assert figure_svg(FOREST) == figure_svg(FOREST)
    assert figure_png(FOREST) == figure_png(FOREST)


def test_a_png_has_two_pixels_a_point_and_the_panels_drawn():
    pixels = image.imread(io.BytesIO(figure_png(FOUR)))
    assert pixels.shape[:2] == (2 * canvas.HEIGHT * 2 + 32, 3 * 2 * canvas.WIDTH + 64)
    third = pixels[: int(2 * canvas.HEIGHT), -int(2 * canvas.WIDTH) :]
    assert third[..., :3].min() < 0.3


@pytest.mark.parametrize("make", [figure_svg, figure_png])
def test_a_figure_without_a_row_is_refused(make):
    with pytest.raises(ValueError, match="forest: the figure has no row"):
        make(dataclasses.replace(FOREST, table=FOREST.table.iloc[:0]))
