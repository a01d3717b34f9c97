import dataclasses
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from matplotlib import image

from reports import theme
from reports.drawing import canvas
from reports.outputs.figure_files import drawn_sections, figure_file

SVG = "{http://www.w3.org/2000/svg}"
FORMATS = ("svg", "png", "pdf")
KEY_HEIGHTS = [16 + 4 + 18 * lines for lines in (1, 2, 3)]  # points


@pytest.fixture(scope="module")
def sections(run):
    return {section.id: section for section in drawn_sections(run)}


@pytest.fixture(scope="module")
def root(sections):
    return ET.fromstring(figure_file(sections["winner"], "svg"))


def texts(root):
    return {element.text for element in root.iter(f"{SVG}text")}


def pdf_words(data):
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    return b"".join(zlib.decompress(one) for one in streams)


@pytest.mark.slow
def test_every_figure_of_a_sweep_and_a_study_can_be_a_file(sections, study_of):
    assert {"scores", "winner", "capacity"} <= set(sections)
    assert [section.id for section in drawn_sections(study_of())] == ["scores", "forest"]


def test_a_run_in_which_nothing_happened_has_no_winner_to_draw(nothing):
    assert "winner" not in [section.id for section in drawn_sections(nothing)]


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_figure_gives_the_same_bytes(sections, form):
    once = figure_file(sections["capacity"], form)
    assert figure_file(sections["capacity"], form) == once
    assert b"Date" not in once


@pytest.mark.slow
def test_another_process_on_another_day_gives_the_same_bytes():
    """Names in a PDF could come from a hash that is salted anew in each process."""
    program = """
import datetime, hashlib, sys, runpy, time
study = runpy.run_path(sys.argv[1])["study"]
from reports.outputs.figure_files import drawn_sections, figure_file
whole = b"".join(figure_file(one, form) for one in drawn_sections(study())
                 for form in ("svg", "png", "pdf"))
print(hashlib.sha256(whole).hexdigest())
"""
    where = __file__.replace("test_figure_files", "conftest")
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, where], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed + "00000"},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def test_an_svg_holds_every_panel_at_its_place(root):
    panels = root.findall(f"{SVG}svg")
    step = canvas.WIDTH + 16
    assert [float(one.get("x")) for one in panels] == [0, step, 2 * step]
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert float(root.get("width")) == 3 * canvas.WIDTH + 32


def test_an_svg_says_what_it_shows(root, sections):
    assert root.find(f"{SVG}title").text == sections["winner"].title
    assert root.get("aria-label") == sections["winner"].finding


def test_an_svg_needs_no_page_around_it(sections):
    for section in sections.values():
        text = figure_file(section, "svg").decode()
        assert "var(" not in text
        assert not re.search(r"\s(style|class|data-[a-z]+)=", text)
        assert not re.search(r'href="(?!#)', text)
        root = ET.fromstring(text)
        assert root.find(f"{SVG}rect").get("fill") == theme.colour("surface")
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("form", FORMATS)
def test_the_key_to_the_marks_stands_below_them(sections, form):
    keyed = sections["capacity"]
    assert len(keyed.key) > 1
    alone = dataclasses.replace(keyed, key=())
    with_key, without = figure_file(keyed, form), figure_file(alone, form)
    if form == "svg":
        root = ET.fromstring(with_key)
        names = {f"{one.name} {one.trials}" for one in keyed.key}
        assert names <= texts(root)
        assert {one.glyph for one in keyed.key} <= texts(root)
        inks = {element.get("fill") for element in root.findall(f"{SVG}svg")[-1].iter()}
        marks = {theme.colour(theme.mark_of(one.name).ink) for one in keyed.key}
        assert marks <= inks
    elif form == "png":
        heights = [len(image.imread(io.BytesIO(one))) for one in (with_key, without)]
        assert (heights[0] - heights[1]) / 2 in KEY_HEIGHTS
    else:
        heights = [float(re.search(rb"MediaBox \[ 0 0 [\d.]+ ([\d.]+) \]", one)[1])
                   for one in (with_key, without)]  # fmt: skip
        assert heights[0] - heights[1] in KEY_HEIGHTS


def test_a_png_has_two_pixels_a_point_and_every_panel_drawn(sections):
    pixels = image.imread(io.BytesIO(figure_file(sections["winner"], "png")))
    assert pixels.shape[:2] == (2 * canvas.HEIGHT, 2 * (3 * canvas.WIDTH + 32))
    for panel in range(3):
        left = round(2 * panel * (canvas.WIDTH + 16))
        part = pixels[:, left : left + round(2 * canvas.WIDTH), :3]
        assert part.min() < 0.3


def test_a_pdf_has_its_panels_side_by_side_on_one_page(sections):
    data = figure_file(sections["winner"], "pdf")
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page ") == 1
    width = float(re.search(rb"MediaBox \[ 0 0 ([\d.]+)", data)[1])
    assert width == pytest.approx(3 * canvas.WIDTH + 32)
    # Where the spines of the panels begin: one panel's width and a gap apart.
    left = sorted({float(x) for x in re.findall(rb"\n([\d.]+) 38 m", pdf_words(data))})
    steps = {round(place - left[0], 3) for place in left}
    assert {canvas.WIDTH + 16, 2 * (canvas.WIDTH + 16)} <= steps


def test_drawing_a_file_leaves_the_figure_as_it_was(sections):
    section = sections["scores"]
    before = section.panels[0].figure.bbox_inches.get_points().copy()
    svg = figure_file(section, "svg")
    for form in ("pdf", "png"):
        figure_file(section, form)
    assert np.array_equal(section.panels[0].figure.bbox_inches.get_points(), before)
    assert figure_file(section, "svg") == svg


@pytest.mark.parametrize(
    "form", ["svg", *(pytest.param(form, marks=pytest.mark.slow) for form in FORMATS[1:])]
)
def test_a_hostile_name_is_drawn_without_a_warning(study_of, hostile_name, form):
    (section, *_) = drawn_sections(study_of(name=hostile_name, arm=hostile_name))
    data = figure_file(section, form)
    if form == "svg":
        assert ET.fromstring(data).find(f"{SVG}title").text == section.title


@pytest.mark.parametrize("form", FORMATS)
def test_a_figure_without_a_panel_is_refused(sections, form):
    with pytest.raises(ValueError, match="scores: the figure has no panel"):
        figure_file(dataclasses.replace(sections["scores"], panels=()), form)
