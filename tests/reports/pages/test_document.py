import html5lib
import pytest
from markupsafe import Markup

from reports.pages import document
from reports.pages.sweep_page import render_sweep
from reports.tables.table import Table


def table_of(*rows, **changes):
    return Table(caption="", header=("A", "B"), numeric=(False, False), rows=rows, **changes)


def test_rows_bear_their_anchors_marks_and_the_winner():
    table = table_of(("s1", "fits"), ("s2", "odd"), marks=("fits", "odd"), winner=1, ids=("s1", ""))
    assert document.body_rows(table).splitlines() == [
        '<tr id="s1"><th scope="row">s1</th><td class="mark-fits">fits</td></tr>',
        '<tr class="winner"><th scope="row">s2</th><td class="mark-undecided">odd</td></tr>',
    ]


def test_lean_rows_read_back_as_the_same_table():
    rows = (("s1", "fits"), ("s2", "overfits"))
    table = table_of(*rows, marks=("fits", "overfits"))
    whole, lean = (document.body_rows(table, lean=lean) for lean in (False, True))
    assert len(lean) < len(whole)
    body = html5lib.parse(f"<table><tbody>{lean}</table>", namespaceHTMLElements=False)
    found = [tuple("".join(cell.itertext()).strip() for cell in row) for row in body.iter("tr")]
    assert tuple(found) == rows


def test_cells_are_escaped_and_cleaned():
    (line,) = document.body_rows(table_of(("<i>", "\x1b5 %"))).splitlines()
    assert line == '<tr><th scope="row">&lt;i&gt;</th><td>\ufffd5\u00a0%</td></tr>'


def test_markup_in_a_cell_does_not_vouch_for_the_same_text():
    rows = document.body_rows(table_of((Markup("<b>x</b>"), "<b>x</b>"))).splitlines()
    assert rows == ['<tr><th scope="row"><b>x</b></th><td>&lt;b&gt;x&lt;/b&gt;</td></tr>']


def test_a_table_without_rows_has_an_empty_body():
    assert document.body_rows(table_of()) == ""


@pytest.mark.slow
@pytest.mark.parametrize("trials", [0, 1, 12])
def test_pages_are_valid_html(run_maker, nothing, trials):
    run = run_maker(trials=trials, epochs=4, confirm=0, lost=0.2) if trials else nothing
    html5lib.HTMLParser(strict=True).parse(render_sweep(run))


@pytest.mark.slow
def test_a_page_with_a_folded_table_is_valid_html(run_maker, monkeypatch):
    monkeypatch.setattr(document, "LARGE", 5)
    text = render_sweep(run_maker(trials=12, epochs=4, confirm=0))
    html5lib.HTMLParser(strict=True).parse(text)
    assert '<details class="fold">' in text
