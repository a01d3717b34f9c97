from pathlib import Path

import pytest

from sweep.activations import ACTIVATIONS

BAD_SETTINGS = [
    ("low > high", "[space]\nwidth = {low = 9, high = 3}",
     "space.width: low 9 is above high 3; swap the two"),
    ("log range with zero", "[space]\nweight_decay = {low = 0.0, high = 0.1, log = true}",
     "space.weight_decay: low: a range on a log scale cannot start at 0; give a low above 0"),
    ("NaN bounds", "[space]\ndropout = {low = 0.0, high = nan}",
     "space.dropout: high: nan is not a finite number; give a number from 0 to below 1"),
    ("string for a number", 'trials = "many"',
     "trials: 'many' is not a whole number from 1 up to 1000000; give such a value"),
    ("string for a number of the space", '[space]\nwidth = "wide"',
     "space.width: 'wide' is not a whole number from 1 up to 65536; give such a value"),
    ("misspelt key", "tirals = 3", "tirals: unknown key; did you mean trials?"),
    ("misspelt key of the space", "[space]\nwidht = 3",
     "space.widht: unknown key; did you mean width?"),
    ("unknown key", "zzz = 3", "zzz: unknown key; the keys are "),
    ("width 0", "[space]\nwidth = 0",
     "space.width: 0 is too small; give a whole number from 1 up to 65536"),
    ("width 1.5", "[space]\nwidth = 1.5",
     "space.width: 1.5 is not a whole number from 1 up to 65536; give such a value"),
    ("depth -1", "[space]\ndepth = -1",
     "space.depth: -1 is too small; give a whole number from 0 up to 64"),
    ("dropout 1.0", "[space]\ndropout = 1.0",
     "space.dropout: 1.0 is too large; give a number from 0 to below 1"),
    ("unknown activation", '[space]\nactivation = "rleu"',
     f"space.activation: 'rleu' is not one of {', '.join(ACTIVATIONS)}; did you mean relu?"),
    ("learning rate 0", "[space]\nlearning_rate = 0.0",
     "space.learning_rate: 0.0 is too small; give a number above 0 up to 1000"),
    ("batch size 0", "[space]\nbatch_size = 0",
     "space.batch_size: 0 is too small; give a whole number from 1 up to 1048576"),
    ("empty choices", "[space]\nwidth = []",
     "space.width: there are no choices; give at least one"),
    ("duplicated choices", "[space]\nwidth = [3, 4, 3]",
     "space.width: the choice 3 is repeated; give each once"),
    ("trials 0", "trials = 0", "trials: 0 is too small; give a whole number from 1 up to 1000000"),
    ("trials 1e12", "trials = 1000000000000",
     "trials: 1000000000000 is too large; give a whole number from 1 up to 1000000"),
    ("trials 1e12 as a number with a point", "trials = 1e12",
     "trials: 1000000000000.0 is not a whole number from 1 up to 1000000; give such a value"),
    ("workers 0", "workers = 0", "workers: 0 is too small; give a whole number from 1 up to 1024"),
    ("seed negative", "seed = -1",
     "seed: -1 is too small; give a whole number from 0 up to 2147483647"),
    ("an integer of 5,000 digits", f"trials = 0x{'f' * 5000}",
     "trials: a huge number is too large; give a whole number from 1 up to 1000000"),
    ("such an integer in a list", f"[space]\nwidth = [[0x{'f' * 5000}]]",
     "space.width: a huge value is not a whole number from 1 up to 65536; give such a value"),
    ("a range of such integers", f"[space]\nactivation = {{low = 0x{'f' * 5000}, high = 1}}",
     f"space.activation: a huge number..1 is a range; give one of {', '.join(ACTIVATIONS)}"),
    ("tables within tables", f"trials.{'a.' * 1100}a = 1",
     "trials: a huge value is not a whole number from 1 up to 1000000; give such a value"),
    ("a key of many parts", f"{'a.' * 200_000}a = 1",
     "line 1: it has more than 1,200 points; divide it"),
    ("thousands of keys", "".join(f"k{n} = 1\n" for n in range(6000)),
     "it has more than 5,000 keys; is it the right file?"),
    ("not TOML", "trials = ", "end of document: Invalid value in 'trials ='; mend it"),
    ("broken encoding", b"data = '\xff'", "line 1: it is not UTF-8 text; save it as UTF-8"),
    ("UTF-16", "trials = 3".encode("utf-16"),
     "line 1: it is not UTF-8 text; save it as UTF-8"),
    ("NUL", "trials = 3\0", "line 1, column 11: Expected newline"),
    ("another file", b"PK\x03\x04" + bytes(60), "line 1, column 3: Expected '=' after a key"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [pytest.param(content, told, id=what) for what, content, told in BAD_SETTINGS],
)
def test_a_bad_setting_in_a_configuration_file_is_refused(content, told, refuse):
    Path("s.toml").write_bytes(content if isinstance(content, bytes) else content.encode())

    code, lines = refuse("sweep", "iris", "--dry-run", "--config", "s.toml", "--out", "run")

    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"s.toml: {told}")
