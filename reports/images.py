"""A study's figure as an image of its own, for documents that are no report."""

import io
import xml.etree.ElementTree as ET  # it writes, and reads only what `inline_svg` has written
from collections.abc import Sequence
from typing import Final

import numpy as np
from markupsafe import Markup
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports import theme, wording
from reports.figures import canvas
from reports.figures.svg import SVG, inline_svg
from reports.sections.study import draw_panels
from reports.study_content import ForestFigure, ResponseFigure

COLUMNS: Final = 3
BETWEEN: Final = 16.0  # points between panels
DOTS_PER_INCH: Final = 144.0

Pixels = NDArray[np.uint8]


def figure_svg(figure: ResponseFigure | ForestFigure) -> str:
    """Draw a figure as one SVG file, its panels side by side, in the light colours.

    Args:
        figure: As a study gives it.

    Returns:
        An SVG document, the same for the same figure.

    Raises:
        ValueError: The figure has no row.
    """
    panels = _panels(figure)
    sizes = [(canvas.WIDTH, float(one.get_figheight() * 72)) for one in panels]
    places, (width, height) = _places(sizes)
    root = ET.Element("svg", {"xmlns": SVG.strip("{}"), "viewBox": f"0 0 {width:g} {height:g}"})
    root.attrib |= {"width": f"{width:g}", "height": f"{height:g}", "role": "img"}
    root.set("aria-label", wording.clean(figure.finding))
    ET.SubElement(root, "title").text = wording.clean(figure.title)
    whole = {"width": "100%", "height": "100%", "fill": theme.colour("surface")}
    ET.SubElement(root, "rect", whole)
    for number, (panel, (x, y), (wide, high)) in enumerate(zip(panels, places, sizes, strict=True)):
        part = _element(inline_svg(panel, name=figure.title, prefix=f"p{number}"))
        for key in ("role", "aria-label"):
            part.attrib.pop(key)
        part.attrib |= {"x": f"{x:g}", "y": f"{y:g}", "width": f"{wide:g}", "height": f"{high:g}"}
        root.append(part)
    return ET.tostring(root, encoding="unicode") + "\n"


def figure_png(figure: ResponseFigure | ForestFigure) -> bytes:
    """Draw a figure as one PNG file of two pixels a point, its panels side by side.

    Args:
        figure: As a study gives it.

    Returns:
        The file's bytes.

    Raises:
        ValueError: The figure has no row.
    """
    drawn = [_pixels(panel) for panel in _panels(figure)]
    places, (width, height) = _places([(float(one.shape[1]), float(one.shape[0])) for one in drawn])
    sheet = np.full((round(height), round(width), 4), 255, dtype=np.uint8)
    for pixels, (x, y) in zip(drawn, places, strict=True):
        sheet[round(y) : round(y) + len(pixels), round(x) : round(x) + pixels.shape[1]] = pixels
    buffer = io.BytesIO()
    image.imsave(buffer, sheet, format="png", metadata={"Software": "fitgap"})
    return buffer.getvalue()


def _panels(figure: ResponseFigure | ForestFigure) -> list[Figure]:
    panels = draw_panels(figure)
    if not panels:
        msg = f"{figure.id}: the figure has no row; there is nothing to draw"
        raise ValueError(msg)
    return panels


def _places(
    sizes: Sequence[tuple[float, float]],
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Lay out panels in rows of up to three; return where each begins, and the whole size."""
    between = BETWEEN * sizes[0][0] / canvas.WIDTH
    places: list[tuple[float, float]] = []
    top = width = 0.0
    for start in range(0, len(sizes), COLUMNS):
        row = sizes[start : start + COLUMNS]
        left = 0.0
        for wide, _ in row:
            places.append((left, top))
            left += wide + between
        width = max(width, left - between)
        top += max(high for _, high in row) + between
    return places, (width, top - between)


def _element(svg: Markup) -> ET.Element:
    """Parse a panel; its names lose their namespace, which the whole document states once."""
    root = ET.fromstring(svg)  # noqa: S314  # our own
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    return root


def _pixels(figure: Figure) -> Pixels:
    figure.set_dpi(DOTS_PER_INCH)
    agg = FigureCanvasAgg(figure)
    agg.draw()
    return np.asarray(agg.buffer_rgba()).copy()
