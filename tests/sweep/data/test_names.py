import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sweep.data.names import RowPlaces, did_you_mean, listed, printable


@given(st.text())
def test_any_text_becomes_printable_and_short(text):
    shown = printable(text)
    assert len(shown) <= 60
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)


def test_harmless_text_stays():
    assert printable("Größe 尺寸 \N{PILE OF POO} $x_1$") == "Größe 尺寸 \N{PILE OF POO} $x_1$"


def test_direction_and_line_marks_are_replaced():
    assert printable("a\u202eb\u2028c\x1bd\n") == "a\ufffdb\ufffdc\ufffdd\ufffd"


def test_long_lists_are_cut():
    assert listed("abc", most=2) == "'a', 'b' and 1 more"
    assert listed([]) == ""


def test_suggestion_ignores_case():
    assert did_you_mean("PRICE", ["price", "size"]) == "did you mean 'price'?"
    assert did_you_mean("zzz", ["price"]) == ""
    assert did_you_mean("zzz", []) == ""


def test_rows_are_named_with_their_word():
    places = RowPlaces(source="d", word="index", numbers=np.arange(3))
    assert places.of(np.array([False, True, False])) == "index 1"
    assert places.of(np.array([True, True, False])) == "indices 0, 1"
