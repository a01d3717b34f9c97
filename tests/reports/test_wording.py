import math

import pytest

from reports import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.97249, "0.972"), (-0.5, "\u22120.500"), (-0.0004, "0.000"), (-412.34, "\u2212412.3"),
     (-12345.6, "\u221212,346"),
     (None, wording.MISSING), (math.nan, wording.MISSING), (math.inf, wording.MISSING)],
)  # fmt: skip
def test_a_score_has_three_decimals_unless_it_is_far_out(value, text):
    assert wording.score(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.09321, "0.0932"), (1.2345, "1.23"), (0, "0"), (123456.0, "123,456"),
     (0.00001234, "1.23e\u221205"),
     (2e7, "2.00e+07"), (math.nan, wording.MISSING)],
)  # fmt: skip
def test_a_loss_has_three_significant_digits(value, text):
    assert wording.loss(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.35, "0.35"), (512, "512"), (2.0, "2"), ("relu", "relu"), (True, "True"),
     (math.nan, wording.MISSING),     (12345, "12,345")],
)  # fmt: skip
def test_a_setting_is_written_as_a_person_would(value, text):
    assert wording.setting(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.123, "4.1 s"),
        (81.2, "81 s"),
        (125.3, "2 min 5 s"),
        (7320, "2 h 2 min"),
        (None, wording.MISSING),
    ],
)
def test_a_duration_shows_its_two_largest_units(value, text):
    assert wording.seconds(value) == text


def test_lists_are_joined_as_in_a_sentence():
    assert [wording.join(list(words)) for words in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_one_trial_is_not_plural():
    assert wording.plural(1, "trial") == "1 trial"
    assert wording.plural(0, "trial") == "0 trials"
    assert wording.plural(1200, "trial") == "1,200 trials"


def test_control_characters_and_direction_overrides_are_replaced():
    assert wording.clean("a\x00b\u202ec\u200ed\ud800") == "a\ufffdb\ufffdc\ufffdd\ufffd"


def test_emoji_joined_letters_and_arabic_are_kept():
    text = "👩\u200d🔬 عربي é"
    assert wording.clean(text) == text


def test_a_line_break_becomes_a_space():
    assert wording.clean("a\nb\tc") == "a b c"


def test_a_long_name_is_cut_with_an_ellipsis():
    assert wording.shorten("x" * 500, 10) == "x" * 9 + "…"
    assert wording.shorten("x" * 10, 10) == "x" * 10


def test_text_is_no_number():
    assert not wording.is_number("nan")
    assert not wording.is_number(None)
    assert wording.is_number(0)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.012, -0.31], ["0.012", "\u22120.310"]),
        ([0.2, 0.3], ["0.2", "0.3"]),
        ([25.4, 100.0], ["25", "100"]),
        ([12_000.0, 3.0], ["12,000", "3"]),
        ([0.00001, 0.5], ["1e\u221205", "0.5"]),
        ([0.0, math.nan], ["0", wording.MISSING]),
        ([], []),
    ],
)
def test_numbers_below_each_other_have_the_same_decimals_as_long_as_none_is_lost(values, texts):
    write = wording.aligned(values)
    assert [write(value) for value in values] == texts


def test_what_is_missing_is_written_so_in_every_column():
    for values in ([1.0, 2.0], [0.5, 0.25], [1e-9, 1.0]):
        assert wording.aligned(values)(math.nan) == wording.MISSING
        assert wording.aligned(values)(None) == wording.MISSING


@pytest.mark.parametrize(
    ("value", "text"), [(64, "64"), (64.0, "64"), (0.0, "0"), (0.25, "0.25"), (True, "True")]
)
def test_a_choice_has_one_name_whether_it_is_whole_or_a_fraction(value, text):
    assert wording.choice(value) == text


@pytest.mark.parametrize("name", ["\u05d0\u05d1 \u05d2", "\u0645\u0631_\u062d"])
def test_a_name_from_right_to_left_keeps_to_itself_in_a_sentence(name):
    assert wording.isolate(f"Of {name} 0.93.") == f"Of \u2068{name}\u2069 0.93."
    assert wording.isolate("Of \u00e9t\u00e9 0.93.") == "Of \u00e9t\u00e9 0.93."
