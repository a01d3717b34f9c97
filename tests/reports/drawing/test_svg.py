import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest

from reports import theme
from reports.drawing import canvas
from reports.drawing.svg import inline_svg


@canvas.in_style
def draw(title="Loss", x_name="epoch"):
    figure, axes = canvas.new_panel(title, "nats")
    axes.plot([1, 2, 3], [1.0, 0.5, 0.25], color=theme.colour("train"))
    axes.scatter([1, 2, 3], [1.0, 0.5, 0.25], color=theme.colour("overfits"))
    canvas.finish(axes, x_name)
    return figure


@pytest.fixture
def root():
    return ET.fromstring(inline_svg(draw(), name="Loss falls.", prefix="f0"))


def test_the_same_figure_gives_the_same_bytes():
    assert inline_svg(draw(), name="a", prefix="f0") == inline_svg(draw(), name="a", prefix="f0")


def test_a_figure_has_a_role_and_a_name(root):
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Loss falls."


def test_a_figure_scales_with_the_page(root):
    assert root.get("viewBox") == f"0 0 {canvas.WIDTH:g} {canvas.HEIGHT:g}"
    assert root.get("width") is None


def test_no_element_carries_a_style_that_the_policy_would_block(root):
    assert not [element for element in root.iter() if "style" in element.attrib]
    assert not [element for element in root.iter() if element.tag.endswith("style")]


def test_ids_bear_the_prefix_and_every_reference_leads_somewhere(root):
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert ids
    assert all(name.startswith("f0-") for name in ids)
    hrefs = {
        element.get("href").removeprefix("#") for element in root.iter() if element.get("href")
    }
    clips = {element.get("clip-path")[5:-1] for element in root.iter() if element.get("clip-path")}
    assert hrefs | clips == ids


def test_text_stays_text(root):
    shown = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"Loss", "nats", "epoch"} <= shown


def test_every_colour_is_one_that_the_style_sheet_replaces(root):
    known = {ink.light for ink in theme.INKS.values()} | {"none", None}
    used = {element.get(key) for element in root.iter() for key in ("fill", "stroke")}
    assert used <= known


def test_no_date_and_no_creator_is_written():
    svg = inline_svg(draw(), name="a", prefix="f0")
    assert "metadata" not in svg
    assert "atplotlib" not in svg
    assert "xlink" not in svg


def test_a_mathematical_or_dangerous_text_is_written_as_it_is():
    svg = inline_svg(draw(title="$\\frac$ <script>"), name='"><script>', prefix="f0")
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert root.get("aria-label") == '"><script>'
    assert "$\\frac$ <script>" in {element.text for element in root.iter()}


def test_glyphs_that_matplotlib_lacks_are_no_warning():
    svg = inline_svg(draw(title="日本語 🙂"), name="a", prefix="f0")
    assert "日本語 🙂" in svg


def test_the_callers_settings_are_left_alone():
    before = dict(mpl.rcParams)
    inline_svg(draw(), name="a", prefix="f0")
    assert dict(mpl.rcParams) == before


def test_a_text_that_looks_like_a_namespace_is_left_as_it_is():
    root = ET.fromstring(inline_svg(draw(title="ns0:title :ns0"), name="ns0:name", prefix="f0"))
    assert "ns0:title :ns0" in {element.text for element in root.iter()}
    assert root.get("aria-label") == "ns0:name"
