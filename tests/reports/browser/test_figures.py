"""Figures in the hand: values under the pointer, and files to take along."""

import csv
import re
import xml.etree.ElementTree as ET

import pytest

from reports import theme, wording

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"


def first_mark(tab, section="capacity"):
    """Return the drawing, a mark's trial, and where it is on the screen."""
    drawing = tab.locator(f"section:has(#{section}) svg[data-axes]").first
    drawing.scroll_into_view_if_needed()
    return drawing, *drawing.evaluate(
        """svg => {
          const part = svg.querySelector("[data-trials]");
          const use = part.querySelector("use");
          const own = use ? [use.getAttribute("x"), use.getAttribute("y")]
            : part.getAttribute("d").match(/[\\d.]+/g);
          const place = new DOMPoint(...own.slice(0, 2).map(Number));
          const at = place.matrixTransform(svg.getScreenCTM());
          return [part.dataset.trials.split(" ")[0], at.x, at.y];
        }"""
    )


def save(tab, folder, label):
    with tab.expect_download() as download:
        tab.get_by_role("button", name=label).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_mark_under_the_pointer_tells_its_trial_and_its_values(pages, visit, keep):
    written = pages["sweep"]
    tab = visit(written)
    _, trial, x, y = first_mark(tab)
    tab.mouse.move(x, y)
    keep(tab)
    trials = written.content.trials.set_index("trial")
    shown = tab.inner_text("#hover")
    assert trial in shown
    assert f"trainable parameters {wording.count(trials.loc[trial, 'parameters'])}" in shown
    gap = float(re.search(r"loss gap (\S+)", shown)[1].replace(wording.MINUS, "-"))
    assert gap == pytest.approx(trials.loc[trial, "loss_gap"], abs=2e-3)
    tab.keyboard.press("Escape")
    assert not tab.locator("#hover").is_visible()


def test_a_click_on_a_mark_chooses_its_trial_and_rings_it_in_the_figures(pages, visit, keep):
    tab = visit(pages["sweep"])
    drawing, trial, x, y = first_mark(tab)
    tab.mouse.click(x, y)
    assert f"Trial {trial}" in tab.inner_text("#chosen")
    assert tab.url.endswith(f"#{trial}")
    assert drawing.locator("circle.chosen").count() == 1
    keep(tab)
    tab.get_by_text("Back to the figure").click()
    assert tab.url.endswith("#capacity")


def test_marks_are_reached_by_the_arrow_keys(pages, visit):
    tab = visit(pages["sweep"])
    box = tab.locator(".panel:has(svg[data-axes])").first
    box.focus()
    tab.keyboard.press("ArrowRight")
    first = tab.inner_text("#hover")
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#hover") != first
    second = tab.locator("#hover b").inner_text()
    assert second in tab.inner_text("[role=status]")
    tab.keyboard.press("Enter")
    assert f"Trial {second}" in tab.inner_text("#chosen")


def test_a_figure_is_saved_as_a_drawing_that_opens_anywhere(page_file, visit, tmp_path):
    tab = visit(page_file, color_scheme="dark")
    figure = tab.locator("main figure:has(svg)").first
    section = tab.locator("main section:has(figure svg)").first
    title = section.locator("h2").inner_text()
    path = save(tab, tmp_path, f"Download SVG: {title}")
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text == title
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
    assert len(root.findall(f"{SVG}svg")) == figure.locator("svg").count()
    assert "var(" not in text
    assert "data-" not in text
    inks = {ink.light for ink in (theme.INKS | theme.SERIES_INKS).values()} | {"none"}
    used = {part.get(key) for part in root.iter() for key in ("fill", "stroke")} - {None}
    assert used <= inks
    ids = {part.get("id") for part in root.iter()} - {None}
    references = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text)
    assert {one or other for one, other in references} <= ids


def test_the_numbers_of_a_figure_are_saved_as_a_table(pages, visit, tmp_path):
    tab = visit(pages["study"])
    path = save(tab, tmp_path, "Download CSV: The gap against the rate")
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert path.name.startswith("dropout-on-digits-")
    assert head[-3:] == ["gap", "from", "to"]
    assert [[float(value) for value in row[-3:]] for row in rows] == [
        [0.09, 0.08, 0.1], [0.06, 0.05, 0.07], [0.04, 0.03, 0.05],
    ]  # fmt: skip


def test_no_cell_is_taken_for_a_formula_and_numbers_stay_numbers(pages, visit, tmp_path):
    tab = visit(pages["study"])
    path = save(tab, tmp_path, "Download CSV: The arms")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [["none", "0.09"], ["'=HYPERLINK(1)", "-0.04"]]


def test_the_trials_that_are_shown_are_saved_in_their_order(page_file, visit, tmp_path):
    tab = visit(page_file)
    tab.fill("#filter", "sgd")
    tab.locator("#trial-table thead button", has_text="Parameters").click()
    path = save(tab, tmp_path, "Download CSV: All trials")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    trials = page_file.content.trials
    wanted = trials[trials["optimizer"] == "sgd"].sort_values("parameters")
    assert [int(row["Parameters"]) for row in rows] == wanted["parameters"].tolist()
    assert sorted(row["Trial"] for row in rows) == sorted(wanted["trial"])
