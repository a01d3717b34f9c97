"""The figures of a report as files of their own: SVG, PNG or PDF, their panels side by side."""

import contextlib
import io
import warnings
import xml.etree.ElementTree as ET  # it writes, and reads only what `inline_svg` has written
from typing import Final, Literal, TypeAlias

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfFile, RendererPdf
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import canvas
from reports.drawing.figure import Guard, Key, Section
from reports.drawing.key import Entry, key_figure
from reports.drawing.svg import inline_svg
from reports.figures.order import sweep_sections
from reports.figures.page import figure_sections
from reports.outputs.sheet import Place, Sheet, lay_out, put_below
from reports.study_content import StudyContent

FileFormat: TypeAlias = Literal["svg", "png", "pdf"]

SVG: Final = "{http://www.w3.org/2000/svg}"
DOTS_PER_INCH: Final = 144.0
POINTS: Final = 72.0  # an inch
LONGEST_NAME: Final = 40
OUTCOME_INKS: Final = {"finished": "validation", "audit": "ink"}  # as in report.css

Pixels = NDArray[np.uint8]


def drawn_sections(content: SweepContent | StudyContent) -> list[Section]:
    """Draw the figures of a run; those without a panel are left out.

    Args:
        content: A sweep or a study, finished or not.
    """
    return [section for section in all_sections(content) if section.panels]


def all_sections(
    content: SweepContent | StudyContent, guard: Guard = contextlib.nullcontext
) -> list[Section]:
    """Draw the figures of a run, also those that can only say why they have no panel.

    Args:
        content: A sweep or a study, finished or not.
        guard: What each is drawn in, given its name.
    """
    if isinstance(content, StudyContent):
        return figure_sections(content.figures, guard)
    return sweep_sections(content, guard)


def figure_file(section: Section, file_format: FileFormat) -> bytes:
    """Draw a figure as one file, its panels side by side and their key below, in light colours.

    Args:
        section: A figure of a report.
        file_format: PNG has two pixels a point.

    Returns:
        The file's bytes, the same for the same figure; nothing in them tells when it was drawn.

    Raises:
        ValueError: The figure has no panel.
    """
    if not section.panels:
        msg = f"{section.id}: the figure has no panel; there is nothing to draw"
        raise ValueError(msg)
    with mpl.rc_context(canvas.STYLE), warnings.catch_warnings():
        # A name in a script that matplotlib's font lacks is drawn as boxes, here and nowhere else.
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        if file_format == "svg":
            return _svg(section)
        return _png(section) if file_format == "png" else _pdf(section)


def _lay_out(section: Section) -> tuple[list[Figure], Sheet]:
    """Return the panels and, if there is one, the key, and where each stands."""
    drawn = [panel.figure for panel in section.panels]
    sheet = lay_out([_size(figure) for figure in drawn])
    if section.key:
        drawn.append(key_figure([_entry(one) for one in section.key], sheet.width))
        sheet = put_below(sheet, _size(drawn[-1]))
    return drawn, sheet


def _entry(key: Key) -> Entry:
    name = wording.shorten(key.name, LONGEST_NAME)
    words = f"{name} {wording.count(key.trials)}" if key.trials else name
    kind, _, idea = key.style.partition("-")  # such as mark-overfits, ink-series-1
    of_mark = OUTCOME_INKS.get(idea) or theme.mark_of(idea).ink
    ink = of_mark if kind == "mark" else idea
    return Entry(
        glyph=key.glyph, colour=theme.colour(ink if ink in theme.SWEEP_INKS else "ink"), words=words
    )


def _svg(section: Section) -> bytes:
    figures, sheet = _lay_out(section)
    width, height = f"{sheet.width:g}", f"{sheet.height:g}"
    root = ET.Element("svg", {"xmlns": SVG.strip("{}"), "viewBox": f"0 0 {width} {height}"})
    root.attrib |= {"width": width, "height": height, "role": "img"}
    root.set("aria-label", wording.clean(section.finding))
    ET.SubElement(root, "title").text = wording.clean(section.title)
    whole = {"width": "100%", "height": "100%", "fill": theme.colour("surface")}
    ET.SubElement(root, "rect", whole)
    svgs: list[Markup] = list(section.panels)
    svgs += [inline_svg(one, name="", prefix="key") for one in figures[len(svgs) :]]
    for svg, figure, (x, y) in zip(svgs, figures, sheet.places, strict=True):
        wide, high = _size(figure)
        part = _element(svg)
        part.attrib |= {"x": f"{x:g}", "y": f"{y:g}", "width": f"{wide:g}", "height": f"{high:g}"}
        root.append(part)
    return (ET.tostring(root, encoding="unicode") + "\n").encode("utf-8", errors="replace")


def _png(section: Section) -> bytes:
    figures, sheet = _lay_out(section)
    scale = DOTS_PER_INCH / POINTS
    size = (round(sheet.height * scale), round(sheet.width * scale), 4)
    pixels = np.full(size, 255, dtype=np.uint8)
    for figure, (x, y) in zip(figures, sheet.places, strict=True):
        part = _pixels(figure)
        top, left = round(y * scale), round(x * scale)
        room = pixels[top : top + part.shape[0], left : left + part.shape[1]]
        room[:] = part[: room.shape[0], : room.shape[1]]  # rounding may lose a pixel at the edge
    buffer = io.BytesIO()
    metadata = {"Software": "fitgap", "Title": wording.clean(section.title)}
    image.imsave(buffer, pixels, format="png", metadata=metadata, dpi=DOTS_PER_INCH)
    return buffer.getvalue()


def _pdf(section: Section) -> bytes:
    figures, sheet = _lay_out(section)
    buffer = io.BytesIO()
    told = {"Title": wording.clean(section.title), "Subject": wording.clean(section.finding)}
    pdf = PdfFile(buffer, metadata=told | {"Creator": "fitgap", "CreationDate": None})
    pdf.newPage(sheet.width / POINTS, sheet.height / POINTS)
    renderer = RendererPdf(pdf, POINTS, sheet.height / POINTS, sheet.width / POINTS)
    for figure, (x, y) in zip(figures, sheet.places, strict=True):
        _draw_at(figure, renderer, (x, sheet.height - y - _size(figure)[1]))
    renderer.finalize()
    pdf.finalize()
    pdf.close()
    return buffer.getvalue()


def _draw_at(figure: Figure, renderer: RendererPdf, corner: Place) -> None:
    """Draw a figure with its lower left corner at a place on the page, in points."""
    before, dots = figure.bbox_inches.get_points().copy(), figure.get_dpi()
    try:
        figure.set_dpi(POINTS)
        figure.bbox_inches.set_points(before + np.array(corner) / POINTS)
        figure.draw(renderer)
    finally:
        figure.bbox_inches.set_points(before)
        figure.set_dpi(dots)


def _size(figure: Figure) -> tuple[float, float]:
    """Return width and height in points."""
    return float(figure.get_figwidth() * POINTS), float(figure.get_figheight() * POINTS)


def _element(svg: Markup) -> ET.Element:
    """Parse a panel; the namespace of its names stands in the document, data are for the page."""
    root = ET.fromstring(svg)  # noqa: S314  # our own
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        for name in [name for name in element.attrib if name.startswith("data-")]:
            del element.attrib[name]
    for name in ("role", "aria-label"):
        root.attrib.pop(name)
    return root


def _pixels(figure: Figure) -> Pixels:
    dots = figure.get_dpi()
    try:
        figure.set_dpi(DOTS_PER_INCH)
        agg = FigureCanvasAgg(figure)
        agg.draw()
        return np.asarray(agg.buffer_rgba()).copy()
    finally:
        figure.set_dpi(dots)
