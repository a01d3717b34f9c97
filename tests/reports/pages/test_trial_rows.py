import pytest
from markupsafe import Markup

from reports.pages import trial_rows
from reports.tables.table import Table


def table_of(*names):
    rows = tuple((name, "x") for name in names)
    return Table(caption="", header=("Trial", "X"), numeric=(False, False), rows=rows)


def ids(*names, taken=()):
    return trial_rows.with_anchors(table_of(*names), taken).ids


def test_a_row_is_called_as_its_trial():
    assert ids("s0001", "c0007-03") == ("s0001", "c0007-03")


def test_an_anchor_is_given_once_and_never_one_of_the_pages_own():
    assert ids("s1", "s1", "main", "dose", taken={"dose"}) == ("s1", "", "", "")


@pytest.mark.parametrize("name", ['"><script>', "a b", "\u202eabc", "x" * 500, "", "$"])
def test_an_anchor_has_only_letters_digits_and_hyphens(name):
    (anchor,) = ids(name)
    assert anchor
    assert len(anchor) <= 60
    assert anchor.replace("-", "").replace("_", "").isalnum()
    assert anchor.isascii()


def test_a_table_without_rows_has_no_anchor():
    assert ids() == ()
    assert trial_rows.row_links(table_of("s1")) == {}


def test_names_of_trials_become_links():
    links = trial_rows.row_links(trial_rows.with_anchors(table_of("s0001", "c1-02"), ()))
    assert trial_rows.linked("s0001, beats c1-02.", links) == (
        '<a href="#s0001">s0001</a>, beats <a href="#c1-02">c1-02</a>.'
    )


@pytest.mark.parametrize("text", ["s0001x", "xs0001", "s0001-5", "a-s0001", "s00010"])
def test_what_only_looks_like_a_trial_is_no_link(text):
    assert trial_rows.linked(text, {"s0001": "s0001"}) == text


def test_everything_else_is_escaped():
    made = trial_rows.linked("<b> & s1", {"s1": "s1"})
    assert isinstance(made, Markup)
    assert made == '&lt;b&gt; &amp; <a href="#s1">s1</a>'
