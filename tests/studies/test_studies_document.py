import re
from pathlib import Path

import pytest

from studies.catalog.custom.design import KEYS, read_spec
from studies.catalog.index import list_studies
from studies.commands.arguments import build_parser
from studies.designs.building import build_design
from studies.designs.spec import FIXED, STUDY_RULES, Overrides
from sweep.settings.study_settings import StudySettings

DOCUMENT = Path(__file__).parents[2] / "docs" / "studies.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def designed(text, path):
    path.write_text(text)
    spec = read_spec(path, Overrides(), study="custom")
    return build_design(spec, StudySettings(data="breast-cancer", study="mine.toml"), Overrides())


def test_the_example_of_combinations_is_the_design_that_it_describes(tmp_path):
    design = designed(EXAMPLES[0], tmp_path / "mine.toml")

    assert [arm.name for arm in design.arms] == [
        "weight decay 0, width 16", "weight decay 0, width 128",
        "weight decay 0.001, width 16", "weight decay 0.001, width 128",
    ]  # fmt: skip
    assert [second for _, second in design.contrasts] == ["weight decay 0, width 16"] * 3
    assert (design.margin, design.tuning_seeds, design.candidates) == (0.01, 2, 10)
    assert (design.fixed["depth"], design.fixed["activation"]) == (1, "tanh")


def test_the_example_of_listed_arms_is_the_design_that_it_describes(tmp_path):
    design = designed(EXAMPLES[1], tmp_path / "mine.toml")

    assert [arm.name for arm in design.arms] == ["linear", "one layer", "one layer, fewer rows"]
    assert [arm.variant.train_rows for arm in design.arms] == [0, 0, 150]


@pytest.mark.slow
def test_an_example_is_checked_by_a_dry_run(tmp_path, run_command, capsys):
    (tmp_path / "mine.toml").write_text(EXAMPLES[0])
    assert run_command("study", tmp_path / "mine.toml", "breast-cancer", "--dry-run") == 0
    assert "question: Does weight decay help a wide network?" in capsys.readouterr().out


def test_the_example_has_every_key_of_a_file():
    shown = {
        key
        for key in KEYS
        if re.search(rf"^(\[*{key}\]*|{key} =)", "".join(EXAMPLES), re.MULTILINE)
    }
    assert shown == set(KEYS)


def test_every_hyperparameter_of_a_study_is_named():
    for key in {key.partition(".")[0] for key in STUDY_RULES}:
        assert f"`{key}`" in TEXT, key


def test_the_values_held_fixed_are_those_that_the_page_says():
    assert FIXED == {
        "depth": 2, "width": 64, "shape": "equal", "dropout": 0.0, "activation": "relu",
        "optimizer": "adam", "momentum": 0.0, "weight_decay": 0.0, "use_bias": True,
        "initializer": "glorot_uniform", "batch_size": 32,
    }  # fmt: skip


def test_every_built_in_study_has_its_line_in_the_order_of_the_list():
    rows = re.findall(r"^\| \[([a-z-]+)\]\(studies/([a-z-]+)\.md\) \|", TEXT, re.MULTILINE)
    assert [name for name, _ in rows] == [file for _, file in rows] == list(list_studies())


def test_every_option_that_the_page_names_exists():
    parser = build_parser()
    commands = next(action for action in parser._actions if action.choices).choices
    known = {name for one in commands.values() for name in one._option_string_actions}
    named = set(re.findall(r"`?(--[a-z][a-z-]+)", TEXT))
    assert named <= known, named - known
