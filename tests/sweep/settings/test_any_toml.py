"""Any file given as --config or --space: settings come of it, or faults in plain lines."""

import datetime as dt
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweep.errors import ConfigurationError
from sweep.settings.reading import MOST_DOTS, MOST_KEYS, load_settings

TRIED = settings(
    max_examples=150,
    deadline=dt.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WHOLE = b"""
data = "wine.csv"
trials = 7
sampler = "qmc"
split = {train = 0.5, validation = 0.25, test = 0.25}
[space]
depth = [1, 2]
width = {low = 8, high = 64, log = true}
activation = ["relu", "tanh"]
learning_rate.adam = 0.001
"""
KEYS = st.sampled_from(
    [
        *("data", "trials", "seed", "workers", "lag", "split", "train", "space", "storage"),
        *("depth", "width", "dropout", "activation", "learning_rate", "adam", "max_parameters"),
        *("low", "high", "log", "trails", '""', '"\\u202e"', "question", "arms"),
    ]
)
SCALARS = st.sampled_from(
    [
        *("0", "1", "-1", "2.5", "8", "1e400", "-inf", "nan", "true", "1e-320", "1979-05-27"),
        *("07:32:00", f"0x{'f' * 5000}", "9" * 60, "-9223372036854775809"),
        *('""', '"relu"', '"\\u0000\\u202e"', f'"{"y" * 3000}"', '"postgresql://a:b@c/d"'),
    ]
)


def written(items):
    return "{" + ", ".join(f"{key} = {value}" for key, value in items.items()) + "}"


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(KEYS, inner, max_size=3).map(written),
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.builds("{} = {}".format, KEYS, VALUES),
    st.builds("{}.{} = {}".format, KEYS, KEYS, VALUES),
    st.builds("[{}]".format, KEYS),
    st.builds("[[{}]]".format, KEYS),
)


def load_or_refuse(folder, content):
    path = folder / "any.toml"
    path.write_bytes(content)
    for config, space in ((path, None), (None, path)):
        try:
            load_settings(config, {"data": "digits"}, (), space)
        except ConfigurationError as error:
            check_faults(error.faults)


def check_faults(faults):
    """Each is a line that says what to do, and that a terminal can show."""
    for fault in faults:
        assert fault.isprintable()
        assert "; " in fault or fault.endswith("?"), fault
        assert len(fault) < 2000


@TRIED
@given(lines=st.lists(LINES, max_size=8, unique=True))
def test_any_keys_and_values_are_read_or_refused(lines, tmp_path):
    load_or_refuse(tmp_path, "\n".join(lines).encode())


@TRIED
@given(content=st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(content, tmp_path):
    load_or_refuse(tmp_path, content)


@TRIED
@given(
    place=st.integers(0, len(WHOLE)),
    length=st.integers(0, 20),
    put=st.one_of(st.binary(max_size=4), st.sampled_from([b"[", b"{", b'"""', b".", b"="])),
)
def test_any_damaged_file_is_read_or_refused(place, length, put, tmp_path):
    load_or_refuse(tmp_path, WHOLE[:place] + put + WHOLE[place + length :])


@pytest.mark.parametrize(
    "content",
    [
        "a." * 490_000 + "a = 1",
        "[" + "a." * 490_000 + "a]",
        "trials." + "a." * (MOST_DOTS - 1) + "a = 1",
        "[space.width]\nlow." + "a." * (MOST_DOTS - 1) + "a = 1\nhigh = 3",
        "trials = " + "[" * 500_000,
        "a = " + "{a = " * 150_000,
        "".join(f"a{n}.b = 1\n" for n in range(MOST_KEYS)),
        "[[arms]]\nwidth = 1\n" * 40_000,
        "trials = " + "1_" * 400_000 + "1",
        f"trials = 0x{'f' * 900_000}",
        "[space]\nwidth = [" + "1, " * 300_000 + "1]",
        '[space]\nactivation = "' + "relu" * 200_000 + '"',
    ],
    ids=[
        "parts of a key", "parts of a heading", "deep table", "deep end of a range", "lists",
        "inline tables", "keys", "tables", "underscores", "digits", "choices", "name",
    ],
)  # fmt: skip
def test_a_megabyte_that_is_hard_to_read_is_refused_soon(content, tmp_path):
    begun = time.monotonic()
    load_or_refuse(tmp_path, content.encode())
    assert time.monotonic() - begun < 20  # three on an idle machine; hours, once
