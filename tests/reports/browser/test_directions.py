"""Pages whose readers' browser runs from right to left, as translators of pages make it."""

import dataclasses

import pytest

from reports.pages.sweep_page import render_sweep

pytestmark = pytest.mark.slow

HEBREW = "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"
TURN = "document.documentElement.dir = 'rtl'"
OUTSIDE = """() => Array.from(document.querySelectorAll(".panel svg, #chosen svg")).flatMap(svg => {
  const edge = svg.getBoundingClientRect();
  return Array.from(svg.querySelectorAll("text")).filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < edge.left - 8 || box.right > edge.right + 8;
  }).map(text => text.textContent);
})"""
PLACES = """() => ["#contents", "#main"].map(name => {
  const box = document.querySelector(name).getBoundingClientRect();
  const style = getComputedStyle(document.querySelector(name));
  return [box.left + parseFloat(style.paddingLeft), box.right - parseFloat(style.paddingRight)];
})"""


@pytest.mark.parametrize("width", [1280, 360])
def test_a_page_turned_round_keeps_words_in_their_figures_and_fits(page_file, visit, keep, width):
    tab = visit(page_file, anchor="#s0001+s0002", viewport={"width": width, "height": 900})
    before = tab.evaluate(OUTSIDE)
    tab.evaluate(TURN)
    keep(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator("#chosen svg text").count() > 0
    assert tab.evaluate(OUTSIDE) == before  # a wide font may put a name over the edge, but no more
    assert len(before) < 3


def test_the_contents_of_a_page_turned_round_stand_beside_the_text(page_file, visit):
    tab = visit(page_file)
    tab.evaluate(TURN)
    (contents, _), (_, text) = tab.evaluate(PLACES)
    assert text <= contents


def test_sentences_and_numbers_of_a_page_turned_round_are_still_in_order(page_file, visit):
    tab = visit(page_file)
    tab.evaluate(TURN)
    bidi = "part => getComputedStyle(part).unicodeBidi"
    for part in ("h1", ".lead", "figcaption", "#trial-table td", ".findings p", ".method li"):
        assert tab.locator(part).first.evaluate(bidi) == "plaintext"
    assert tab.locator(".panel svg").first.evaluate("part => getComputedStyle(part).direction") == (
        "ltr"
    )


def test_a_name_from_right_to_left_does_not_turn_the_sentence_it_begins(
    pages, visit, keep, tmp_path
):
    run = pages["sweep"].content
    first, *others = run.findings
    told = dataclasses.replace(first, sentence=f"{HEBREW} 0.93 is the best.", level="warning")
    path = tmp_path / "hebrew.html"
    path.write_text(render_sweep(dataclasses.replace(run, findings=[told, *others])), "utf-8")
    tab = visit(dataclasses.replace(pages["sweep"], path=path))
    keep(tab)
    lefts = tab.evaluate(
        """words => {
          const walker = document.createTreeWalker(document.querySelector("main"), 4);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = words.map(word => node.data.indexOf(word));
            if (at.some(place => place < 0)) continue;
            return at.map((place, k) => {
              const range = document.createRange();
              range.setStart(node, place);
              range.setEnd(node, place + words[k].length);
              return range.getBoundingClientRect().left;
            });
          }
        }""",
        [HEBREW, "0.93", "is the best."],
    )
    assert lefts == sorted(lefts)
