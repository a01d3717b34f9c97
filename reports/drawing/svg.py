"""Turn a figure into a small, clean piece of SVG that stands inside a page.

Matplotlib's own output carries a style attribute on every element, which a content-security-policy
forbids, and colours that know nothing of dark mode. Here each style becomes presentation
attributes, which a style sheet may override, and everything that shows nothing is left out. Text
stays text: it can be searched, selected and read aloud, and takes the page's font.
"""

import io
import re
import warnings
import xml.etree.ElementTree as ET  # it reads only what matplotlib has just written
from typing import Final

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from reports import wording
from reports.drawing import canvas, marks
from reports.drawing.marks import HREF, SVG

FONT: Final = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_DROPPED_STYLES: Final = {"font-family", "-inkscape-stroke"}
_DEFAULTS: Final = {
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
    "font-size": f"{canvas.TEXT_SIZE:g}px",
}
_OWN: Final = {"x", "y", "d", "id", "href", "transform", "clip-path", "opacity"}
_NUMBER: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")


def inline_svg(figure: Figure, *, name: str, prefix: str) -> Markup:
    """Render a figure as inline SVG.

    Args:
        figure: What was drawn.
        name: The accessible name: what the figure shows, in a sentence.
        prefix: Makes the ids inside unique on the page; letters, digits and hyphens.

    Returns:
        An ``svg`` element, the same for the same figure on every call.
    """
    root = ET.fromstring(_render(figure))  # noqa: S314  # the same
    marks.keep_names(root)
    _flatten(root)
    marks.gather(root)
    _name_ids(root, prefix)
    axes = marks.axes_of(figure)
    view_box = root.get("viewBox", "")
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": SVG.strip("{}"),
            "viewBox": view_box,
            "role": "img",
            "aria-label": wording.clean(name),
            "font-family": FONT,
            **_DEFAULTS,
            **({"data-axes": axes} if axes else {}),
        }
    )
    text = ET.tostring(root, encoding="unicode", short_empty_elements=True)
    return Markup(text.replace(" />", "/>"))  # noqa: S704  # matplotlib and ElementTree have escaped it


def _render(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context(canvas.STYLE), warnings.catch_warnings():
        # Text is written as text, so the glyphs that matplotlib's own font lacks do not matter.
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        figure.savefig(buffer, format="svg", metadata=metadata)
    return buffer.getvalue()


def _flatten(parent: ET.Element) -> None:
    """Clean an element's children, depth first, and dissolve groups that say nothing."""
    cleaned: list[ET.Element] = []
    for child in parent:
        if child.tag in {f"{SVG}metadata", f"{SVG}style"}:
            continue
        _clean_attributes(child)
        child.tail = None
        if child.tag != f"{SVG}text":
            child.text = None
        _flatten(child)
        if child.tag in {f"{SVG}g", f"{SVG}defs"} and not len(child):
            continue
        if child.tag == f"{SVG}defs":
            for shape in child.iter(f"{SVG}path"):
                for key in [key for key in shape.attrib if key not in {"id", "d"}]:
                    del shape.attrib[key]
        if child.tag == f"{SVG}g":
            _hoist(child)
            if not child.attrib:
                cleaned.extend(child)
                continue
        cleaned.append(child)
    parent[:] = cleaned


def _clean_attributes(element: ET.Element) -> None:
    style = element.attrib.pop("style", "")
    for declaration in style.split(";"):
        key, _, value = declaration.partition(":")
        if value and key.strip() not in _DROPPED_STYLES:
            element.set(key.strip(), value.strip())
    for key, value in _DEFAULTS.items():
        if element.get(key) == value:
            del element.attrib[key]
    if HREF in element.attrib:
        element.set("href", element.attrib.pop(HREF))
    if element.tag == f"{SVG}g":
        element.attrib.pop("id", None)
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for key in ("d", "x", "y", "width", "height", "transform", "points"):
        if key in element.attrib:
            # A mark's place tells its values, so it is worth another decimal.
            decimals = 2 if element.tag == f"{SVG}use" else 1
            element.set(key, _round(element.attrib[key], decimals))


def _hoist(group: ET.Element) -> None:
    """Give a group what all its children have in common, and take it from them."""
    children = list(group)
    if any(child.tag not in {f"{SVG}use", f"{SVG}path"} for child in children):
        return
    for key, value in list(children[0].attrib.items()):
        if key in _OWN or key in group.attrib:
            continue
        if all(child.get(key) == value for child in children):
            group.set(key, value)
            for child in children:
                del child.attrib[key]


def _name_ids(root: ET.Element, prefix: str) -> None:
    """Number the ids that are used, in the order of the drawing, and drop the others."""
    used = {
        target
        for element in root.iter()
        for key, value in element.attrib.items()
        for target in (_REFERENCE.findall(value) if key != "href" else [value.removeprefix("#")])
    }
    names: dict[str, str] = {}
    for element in root.iter():
        known = element.attrib.pop("id", None)
        if known in used and known is not None:
            names[known] = f"{prefix}-{len(names)}"
            element.set("id", names[known])
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "href":
                element.set(key, f"#{names[value.removeprefix('#')]}")
            elif "url(#" in value:
                element.set(key, _REFERENCE.sub(lambda match: f"url(#{names[match[1]]})", value))


def _round(text: str, decimals: int) -> str:
    short = _NUMBER.sub(lambda match: _shortest(float(match[0]), decimals), text)
    return " ".join(short.split())


def _shortest(number: float, decimals: int) -> str:
    return f"{number:.{decimals}f}".rstrip("0").rstrip(".")
