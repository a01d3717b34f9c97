import pytest

from reports.run_score import ACCURACY
from reports.words.filling import fill


def filled(template, **values):
    return "".join(fill(template, values))


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{who} has {n}", {"who": "s0001", "n": 12345}, "s0001 has 12,345"),
        ("{gap:loss}", {"gap": 0.12345}, "0.123"),
        ("{share:percent}", {"share": 0.333}, "33 %"),
        ("{rate:setting}", {"rate": 0.003}, "0.003"),
        ("{seeds:fresh seed}", {"seeds": 1}, "1 fresh seed"),
        ("{seeds:fresh seed}", {"seeds": 5}, "5 fresh seeds"),
        ("{factor:times}", {"factor": 3.2}, "4"),
        ("{factor:times}", {"factor": 1e6}, "more than 100"),
        ("{names:list}", {"names": ["a", "b", "c"]}, "a, b and c"),
        ("{epochs:argument}", {"epochs": 2000}, "2000"),
        ("{pairs[1][0]}", {"pairs": [(1, 2), (3, 4)]}, "3"),
        ("{share:percent}", {"share": None}, "\u2013"),
    ],
)
def test_a_value_is_written_as_the_field_says(template, values, text):
    assert filled(template, **values) == text


def test_a_score_is_written_as_that_of_the_run():
    assert filled("{score.title} {it:score}", score=ACCURACY, it=0.5) == "accuracy 0.500"


def test_an_interval_stands_behind_its_value_or_alone():
    known = {"gap": 0.13, "gap_low": 0.1, "gap_high": 0.2}
    assert filled("{gap:loss ±}", **known) == "0.130 (95 % interval 0.100 to 0.200)"
    assert filled("{gap:loss interval}", **known) == "95 % interval 0.100 to 0.200"


def test_ends_without_a_name_are_those_of_the_one_interval():
    assert filled("{it:percent ±}", it=0.5, low=0.4, high=0.6) == (
        "50 % (95 % interval 40 % to 60 %)"
    )


def test_what_has_no_interval_says_so():
    assert filled("{gap:loss ±}", gap=0.1, gap_low=float("nan"), gap_high=1.0) == (
        "0.100 (no interval)"
    )


def test_words_and_values_take_turns():
    pieces = fill("gap {gap:loss ±}.", {"gap": 0.1, "gap_low": 0.0, "gap_high": 0.2})
    assert pieces == ("gap ", "0.100", " (95 % interval ", "0", " to ", "0.200", ").")


def test_a_name_with_braces_is_no_field():
    assert filled("{who} fits", who="{gap}") == "{gap} fits"


def test_a_value_that_is_not_there_is_a_fault():
    with pytest.raises(KeyError):
        filled("{nobody}")
