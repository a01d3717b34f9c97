import pytest

from studies.commands.durations import describe_duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (61, "1 min 01 s"),
        (3599.9, "1 h 00 min"),
        (4800, "1 h 20 min"),
        (100 * 3600, "100 h 00 min"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds, words):
    assert describe_duration(seconds) == words
