import itertools

import pytest

from sweep.errors import ConfigurationError
from sweep.settings.reading import LARGEST_FILE, load_settings
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parameters import Choices, Fixed, Range


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path.relative_to(folder)


def faults_of(config=None, overrides=None, set_values=(), space=None):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config, {"data": "digits"} | (overrides or {}), set_values, space)
    return caught.value.faults


def test_without_files_the_command_line_and_the_defaults_decide():
    settings = load_settings(None, {"data": "digits", "trials": 5, "seed": None}, (), None)

    assert settings == SweepSettings(data="digits", trials=5)


def test_a_file_gives_settings_split_and_space(folder):
    path = write(
        folder,
        "sweep.toml",
        """
        data = "wine.csv"
        target = "quality"
        trials = 7
        sampler = "qmc"
        split = {train = 0.5, validation = 0.25, test = 0.25}
        [space]
        depth = [1, 2]
        learning_rate.adam = 0.001
        """,
    )

    settings = load_settings(path, {}, (), None)

    assert (settings.data, settings.target, settings.trials) == ("wine.csv", "quality", 7)
    assert settings.sampler == "qmc"
    assert settings.split.train == 0.5
    assert settings.space.depth == Choices(values=(1, 2))
    assert settings.space.learning_rate["adam"] == Fixed(value=0.001)
    assert settings.space.learning_rate["sgd"] == Range(low=0.001, high=0.3, log=True)


def test_command_line_beats_set_beats_space_file_beats_config_file(folder):
    config = write(
        folder,
        "sweep.toml",
        'data = "a"\ntrials = 1\nseed = 1\n[space]\ndepth = 1\nwidth = 10\ndropout = 0.1\n'
        "batch_size = 1\nmomentum = 0.1\n",
    )
    space = write(folder, "space.toml", "width = 20\ndropout = 0.2\nbatch_size = 2\n")

    settings = load_settings(
        config, {"trials": 4, "batch_size": 4}, ["dropout=0.3", "batch_size=3"], space
    )

    assert (settings.data, settings.trials, settings.seed) == ("a", 4, 1)
    chosen = settings.space
    assert (chosen.momentum, chosen.depth) == (Fixed(value=0.1), Fixed(value=1))
    assert chosen.width == Fixed(value=20)
    assert chosen.dropout == Fixed(value=0.3)
    assert chosen.batch_size == Fixed(value=4)


def test_one_optimizers_rate_in_a_later_source_leaves_the_others(folder):
    space = write(folder, "space.toml", "learning_rate = 0.1\n")

    rates = load_settings(None, {"data": "a"}, ["learning_rate.sgd=0.5"], space).space.learning_rate

    assert (rates["adam"], rates["sgd"]) == (Fixed(value=0.1), Fixed(value=0.5))


def test_every_fault_of_every_source_is_told_with_its_place(folder):
    config = write(
        folder,
        "sweep.toml",
        "trials = 0\nsplit = {test = 0}\nwidth = 3\ntirals = 3\n[space]\ndepth = -1\n",
    )
    space = write(folder, "space.toml", "dropout = 1.0\n")

    faults = faults_of(
        config, {"max_failures": 0, "batch_size": 0, "epochs": 1.5}, ["widht=3"], space
    )

    assert [fault.rpartition(";")[0] for fault in faults] == [
        "sweep.toml: space.depth: -1 is too small",
        "space.toml: dropout: 1.0 is too large",
        "--set widht: unknown key",
        "--batch-size: 0 is too small",
        "--max-failures: 0 is too small",
        "sweep.toml: split.test: 0 is too small",
        "sweep.toml: trials: 0 is too small",
        "--epochs: 1.5 is not a whole number from 1 up to 100000",
        "sweep.toml: width: it belongs to the search space",
        "sweep.toml: tirals: unknown key",
    ]


def test_missing_data_is_told():
    with pytest.raises(ConfigurationError, match=r"^data: it is missing; name a bundled"):
        load_settings(None, {}, (), None)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("trials = \n", "sweep.toml: line 1, column 10: Invalid value in 'trials ='; mend it"),
        ("data = 'a'\n\n[space\n", "sweep.toml: line 3, column 7: Expected ']'"),
        ("trials = 1\ntrials = 2\n", "sweep.toml: line 2, column 11: Cannot overwrite a value"),
        ("trials", "sweep.toml: end of document: Expected '='"),
        (b"data = '\xff'\n", "sweep.toml: line 1: it is not UTF-8 text; save it as UTF-8"),
        ("x = " + "[" * 10_000, "sweep.toml: "),
        ("trials = " + "9" * 5_000, "sweep.toml: a number has thousands of digits; shorten it"),
        ("\0", "sweep.toml: line 1, column 1: Invalid statement"),
        (b"#" * (LARGEST_FILE + 1), "sweep.toml: it is larger than 1000000 bytes"),
        ("space = 3\n", "sweep.toml: space: it is not a table; write its keys under [space]"),
        ('"a: b" = 3\n', "sweep.toml: a: b: unknown key"),
    ],
    ids=itertools.count(),
)
def test_a_broken_file_is_told_with_line_and_reason(folder, content, fault):
    faults = faults_of(write(folder, "sweep.toml", content))

    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_a_broken_file_does_not_hide_other_faults_nor_invent_any(folder):
    config = write(folder, "sweep.toml", "data = \n")

    with pytest.raises(ConfigurationError) as caught:
        load_settings(config, {"trials": 0}, ["depth=-1"], None)

    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "sweep.toml",
        "--set depth",
        "--trials",
    ]


def test_a_missing_file_a_folder_and_a_device_are_told(folder):
    (folder / "conf").mkdir()

    assert faults_of(folder / "no.toml")[0].endswith(
        "no.toml: it does not exist; give the path of a TOML file"
    )
    assert "conf: it is not a file" in faults_of(space=folder / "conf")[0]


def test_an_empty_file_says_nothing(folder):
    path = write(folder, "sweep.toml", "")

    assert load_settings(path, {"data": "a"}, (), path) == SweepSettings(data="a")


def test_a_byte_order_mark_is_no_fault(folder):
    path = write(folder, "sweep.toml", b"\xef\xbb\xbftrials = 3\n")

    assert load_settings(path, {"data": "a"}, (), None).trials == 3


def test_a_heading_in_a_space_file_is_explained(folder):
    path = write(folder, "space.toml", "[space]\ndepth = 3\n")

    (fault,) = faults_of(space=path)

    assert fault.startswith("space.toml: space: the keys of the space stand by themselves here")


def test_each_role_of_a_column_has_its_own_source(folder):
    config = write(
        folder, "c.toml", '[columns]\ncategorical = ["zip"]\nid = ["name"]\nweight = "w"\n'
    )
    given = {"data": "t.csv", "columns": {"categorical": ["code"], "time": "day"}, "decimal": ","}
    spec = load_settings(config, given, (), None).data_spec
    assert (spec.categorical, spec.id) == (("code",), ("name",))
    assert (spec.weight, spec.time, spec.decimal) == ("w", "day", ",")
    assert spec.group is None


def test_faults_of_columns_are_told_with_their_source(folder):
    config = write(folder, "c.toml", '[columns]\ndrop = "zip"\nweigth = "w"\n')
    faults = faults_of(config)
    assert {fault.rpartition(": ")[0] for fault in faults} == {
        "c.toml: columns.drop", "c.toml: columns.weigth",
    }  # fmt: skip


def test_the_test_file_is_found_from_anywhere(folder):
    settings = load_settings(None, {"data": "t.csv", "test": "later.csv"}, (), None)
    assert settings.data_spec.test == str(folder / "later.csv")
