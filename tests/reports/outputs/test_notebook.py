import html
import re

import pytest

from reports.outputs.notebook import HEIGHT, render_notebook


def inside(frame):
    """The attributes of the frame, and the document that it holds."""
    (attributes,) = re.fullmatch(r"<iframe ([^<>]*)></iframe>", frame).groups()
    found = dict(re.findall(r'([a-z]+)="([^"]*)"', attributes))
    return found, html.unescape(found["srcdoc"])


@pytest.fixture(scope="module")
def frame(run):
    return render_notebook(run)


@pytest.mark.slow
def test_a_notebook_gets_one_frame_that_can_do_nothing_to_it(frame):
    attributes, _ = inside(frame)
    assert attributes["sandbox"] == ""
    assert attributes["title"] == "fitgap sweep: digits"
    assert attributes["height"] == str(HEIGHT)
    assert "width:100%" in attributes["style"]


def test_the_frame_holds_headline_cards_and_figures(frame, read_page):
    _, document = inside(frame)
    page = read_page(document)
    assert "The best network reaches accuracy" in page.words
    assert "Loss gap" in page.words
    assert len(page.figures) > 3
    assert len(page.all("svg")) > len(page.figures)
    assert page.all("script") == []
    assert page.all("a") == []
    assert len(page.ids) == len(set(page.ids))


def test_a_study_is_shown_with_its_question(study_of, read_page):
    _, document = inside(render_notebook(study_of()))
    page = read_page(document)
    assert "Do more layers help?" in page.words
    assert len(page.figures) == 2


def test_a_run_without_a_result_says_so(nothing, read_page):
    _, document = inside(render_notebook(nothing))
    assert "No conclusion yet: no trial has finished." in read_page(document).words


def test_a_hostile_name_stays_in_the_frame(study_of, hostile_name, read_page):
    attributes, document = inside(render_notebook(study_of(name=hostile_name, arm=hostile_name)))
    assert set(attributes) == {"srcdoc", "sandbox", "title", "height", "style"}
    assert read_page(document).all("script") == []


def test_it_is_the_same_each_time(study_of):
    assert render_notebook(study_of()) == render_notebook(study_of())
