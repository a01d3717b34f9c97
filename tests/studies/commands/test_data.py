import argparse
import importlib

import numpy as np
import pytest

from studies.commands.arguments import build_parser
from studies.commands.data import list_datasets
from sweep.data.sources import BUNDLED
from sweep.errors import DataError


def check(source, *options):
    parsed = build_parser().parse_args(["data", "check", source, *options])
    module, function = parsed.command
    return getattr(importlib.import_module(module), function)(parsed)


def test_list_names_every_bundled_data_set(capsys):
    assert list_datasets(argparse.Namespace()) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in BUNDLED)
    assert ".parquet" in out


def test_check_of_a_classification_prints_classes_and_splits(capsys):
    assert check("iris") == 0
    out = capsys.readouterr().out
    assert "classification, 3 classes" in out
    assert "train 90, validation 30, test 30" in out
    assert "petal width (cm)" in out
    assert "virginica" in out
    assert "warning: 1 row repeats" in out


def test_check_of_a_regression_prints_the_target(capsys):
    assert check("diabetes") == 0
    out = capsys.readouterr().out
    assert "target: mean 152.133" in out
    assert "no warnings" in out


def test_check_of_images_prints_their_shape(capsys):
    assert check("digits") == 0
    assert "images of 8x8" in capsys.readouterr().out


def test_bad_data_are_raised_not_printed(capsys):
    with pytest.raises(DataError, match="did you mean 'iris'"):
        check("irs")
    assert capsys.readouterr().out == ""


def test_missing_values_groups_and_copies_are_counted(tmp_path, capsys):
    path = tmp_path / "t.csv"
    lines = [f"{'' if n % 10 == 0 else n % 5},{n // 2},{'uv'[n % 3 == 0]}" for n in range(60)]
    path.write_text("\n".join(["a,g,y", *lines]))
    check(str(path), "--group", "g")
    out = capsys.readouterr().out
    assert "6 of 60 cells (10.0%) in 1 column" in out
    assert "30, each within one split" in out
    assert "validation or test rows stand in the training split too" in out


def test_wide_tables_and_many_classes_are_cut(tmp_path, capsys):
    path = tmp_path / "wide.npz"
    np.savez(path, x=np.ones((300, 3)) * np.arange(300)[:, None], y=np.array(list("ab") * 150))
    check(str(path))
    assert "numbers of 3" in capsys.readouterr().out
    names = [f"c{n}" for n in range(60)]
    rows = [",".join([f"{(n * m) % 7}" for m in range(1, 61)] + [f"k{n % 50}"]) for n in range(150)]
    table = tmp_path / "wide.csv"
    table.write_text("\n".join([",".join([*names, "y"]), *rows]))
    check(str(table))
    out = capsys.readouterr().out
    assert "more columns" in out
    assert "and 10 more classes" in out


@pytest.mark.parametrize("name", ["\x1b[31mred", "[bold]x[/bold]", ":smile:", "n" * 500])
def test_hostile_names_are_printed_as_text(name, tmp_path, capsys):
    path = tmp_path / "t.csv"
    lines = [f"{n % 7},{name if n % 3 else 'u'}" for n in range(60)]
    path.write_text("\n".join([f"{name},y", *lines]))
    check(str(path))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert name.replace("\x1b", "\N{REPLACEMENT CHARACTER}")[:20] in out
