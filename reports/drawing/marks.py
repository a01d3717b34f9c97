"""Marks that stand for trials: they keep their names in the drawing, and become small there.

A figure with a mark for each trial says so with `name_marks` and `name_axes`. The page's script
then tells the trial under the pointer with its two values, which it reads from the mark's place. On
the way to the page, many marks of one shape are gathered into one path with an SVG marker at each
vertex: a quarter of the size, and one element instead of thousands.
"""

import json
import re
import xml.etree.ElementTree as ET  # it edits what `reports.drawing.svg` has parsed
from collections.abc import Iterable
from typing import Final

from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports import wording

SVG: Final = "{http://www.w3.org/2000/svg}"
HREF: Final = "{http://www.w3.org/1999/xlink}href"
NAMES: Final = "data-trials"
FEWEST: Final = 24  # marks of one shape from which on they are gathered
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")


def trial_anchor(name: str) -> str:
    """Turn a trial's name into what its row on the page is called: letters, digits, hyphens."""
    return _UNFIT.sub("-", name)[:60].strip("-") or "trial"


def name_marks(artist: Collection | Line2D, trials: Iterable[object]) -> None:
    """Say which trials the marks of an artist are, for the page's script.

    Args:
        artist: The collection or line that was drawn, with a mark for each trial.
        trials: Their names, in the order of the marks.
    """
    names = " ".join(trial_anchor(str(trial)) for trial in trials)
    if isinstance(artist, Line2D):
        artist.set_url(names)
    else:
        artist.set_urls([names])


def name_axes(axes: Axes, x_name: str, y_name: str) -> None:
    """Say what the axes measure, for the page's script.

    Args:
        axes: The panel.
        x_name: What runs to the right.
        y_name: What runs upwards.
    """
    axes.xaxis.set_gid(wording.clean(x_name))
    axes.yaxis.set_gid(wording.clean(y_name))


def keep_names(root: ET.Element) -> None:
    """Turn what matplotlib writes as a link around named marks into an attribute.

    Args:
        root: As matplotlib has written it; changed in place.
    """
    for parent in root.iter():
        for link in parent.findall(f"{SVG}a"):
            names = link.get(HREF, "").split(" ")
            place = list(parent).index(link)
            parent.remove(link)
            for offset, child in enumerate(link):
                parent.insert(place + offset, child)
            if len(names) == len(link) == len(parent):
                parent.set(NAMES, " ".join(names))


def gather(root: ET.Element) -> None:
    """Write marks of one shape that stand in one group as one path with markers.

    Args:
        root: Cleaned by `reports.drawing.svg`; changed in place.
    """
    shapes = {shape.get("id"): shape for shape in root.iter() if shape.tag == f"{SVG}path"}
    parents = {child: parent for parent in root.iter() for child in parent}
    uses: dict[str, int] = {}
    for element in root.iter(f"{SVG}use"):
        uses[element.get("href", "")] = uses.get(element.get("href", ""), 0) + 1
    for group in list(root.iter(f"{SVG}g")):
        marks = list(group)
        reference = marks[0].get("href", "") if marks else ""
        if len(marks) < FEWEST or uses.get(reference) != len(marks):
            continue
        if any(mark.tag != f"{SVG}use" or set(mark.attrib) != {"x", "y", "href"} for mark in marks):
            continue
        shape = shapes[reference.removeprefix("#")]
        _as_marker(shape, parents[shape], group)
        group.attrib |= _path(marks, reference)
        group.tag = f"{SVG}path"
        group[:] = []


def axes_of(figure: Figure) -> str:
    """Return where the named axes of a figure lie and how they are scaled, as JSON; ``""`` if none.

    Args:
        figure: With axes named by `name_axes`; sizes in points, y from the top.
    """
    height = float(figure.get_figheight() * 72)
    told = []
    for axes in figure.axes:
        if axes.xaxis.get_gid() is None:
            continue
        box = axes.get_position()
        width = float(figure.get_figwidth() * 72)
        told.append(
            {
                "x": [
                    round(box.x0 * width, 2),
                    round(box.x1 * width, 2),
                    *map(_short, axes.get_xlim()),
                ],
                "y": [
                    round((1 - box.y0) * height, 2),
                    round((1 - box.y1) * height, 2),
                    *map(_short, axes.get_ylim()),
                ],
                "log": [axes.get_xscale() == "log", axes.get_yscale() == "log"],
                "names": [axes.xaxis.get_gid(), axes.yaxis.get_gid()],
                "values": _categories(axes),
            }
        )
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False) if told else ""


def _short(value: float) -> float:
    return float(f"{value:.7g}")


def _categories(axes: Axes) -> dict[str, str]:
    """Return the names on the x axis by their place, where they are names and not numbers."""
    ticks = [
        (float(place), label.get_text())
        for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
    ]
    # The names of choices may be numbers, such as widths, but stand at places from 0.
    are_numbers = all(text == wording.setting(round(place, 9)) for place, text in ticks)
    if are_numbers or axes.get_xscale() == "log":
        return {}
    return {f"{place:g}": text for place, text in ticks}


def _as_marker(shape: ET.Element, place: ET.Element, group: ET.Element) -> None:
    """Put a shape into a marker, with the colours of the group that used it."""
    names, clip = group.attrib.pop(NAMES, None), group.attrib.pop("clip-path", None)
    inside = ET.Element(f"{SVG}path", {"d": shape.get("d", ""), **group.attrib})
    marker = ET.Element(
        f"{SVG}marker",
        {"id": shape.get("id", ""), "markerUnits": "userSpaceOnUse", "overflow": "visible"},
    )
    marker.append(inside)
    place[list(place).index(shape)] = marker
    group.attrib.clear()
    group.attrib |= {key: value for key, value in ((NAMES, names), ("clip-path", clip)) if value}


def _path(marks: Iterable[ET.Element], reference: str) -> dict[str, str]:
    points = "L".join(f"{mark.get('x')} {mark.get('y')}" for mark in marks)
    at = dict.fromkeys(("marker-start", "marker-mid", "marker-end"), f"url({reference})")
    return {"d": f"M{points}", "fill": "none", **at}
