import math

import pytest

from studies.answering.words import (
    MORE_SEEDS,
    bounds,
    claim_finding,
    in_cell,
    in_words,
    name_some,
    percent,
    whole_percent,
)
from studies.statistics.intervals import Interval

KNOWN = Interval(estimate=0.05, low=0.04, high=0.06)
UNKNOWN = Interval(estimate=0.05, low=math.nan, high=math.nan)


def test_a_number_is_said_with_its_interval_and_a_change_with_its_sign():
    assert in_words(KNOWN) == "0.050 (95 % interval 0.040 to 0.060)"
    assert in_words(KNOWN, sign=True) == "+0.050 (95 % interval 0.040 to 0.060)"
    assert in_words(KNOWN, percent) == "5.00 % (95 % interval 4.00 % to 6.00 %)"
    assert in_words(UNKNOWN) == "0.050 (no interval)"


def test_a_cell_is_shorter():
    assert in_cell(KNOWN) == "0.050 (0.040 to 0.060)"
    assert in_cell(UNKNOWN) == "0.050"
    assert bounds(UNKNOWN) == "none"


def test_a_share_that_is_not_known_is_a_dash():
    assert whole_percent(0.234) == "23 %"
    assert whole_percent(None) == whole_percent(math.nan) == "–"  # noqa: RUF001 - as it is shown


def test_of_many_names_the_first_are_named():
    assert name_some(["a", "b"]) == "a and b"
    assert name_some(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"


@pytest.mark.parametrize(
    ("verdict", "words", "level", "step"),
    [
        ("holds", "holds", "good", ""),
        ("does not hold", "does not hold", "warning", ""),
        ("undecided", "is undecided", "info", MORE_SEEDS),
    ],
)
def test_a_claim_is_said_with_its_verdict_and_the_reason(verdict, words, level, step):
    finding = claim_finding("study.any.claim", "deeper is better", verdict, ": why", "tests", {})

    assert finding.sentence == f"The claim “deeper is better” {words} here: why."
    assert (finding.verdict, finding.level, finding.next_step) == (verdict, level, step)
