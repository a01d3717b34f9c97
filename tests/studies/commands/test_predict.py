import io

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow  # needs trained networks


@pytest.fixture
def predict(run_command, finished_runs, tmp_path, capsys):
    def run(name, table, *options):
        rows = tmp_path / "rows.csv"
        table.to_csv(rows, index=False)
        capsys.readouterr()
        code = run_command("predict", finished_runs / name, rows, *options)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def shop_rows(**more):
    return pd.DataFrame(
        {"size": [2.0, -2.0], "colour": ["red", "green"], "old": [True, False], **more}
    )


def test_a_class_and_the_probability_of_each(predict):
    code, out, _ = predict("shop", shop_rows())
    table = pd.read_csv(io.StringIO(out))
    assert code == 0
    assert list(table) == ["prediction", "probability =yes", "probability no"]
    assert len(table) == 2
    np.testing.assert_allclose(table.iloc[:, 1:].sum(axis=1), 1, rtol=1e-5)
    best = table.iloc[:, 1:].idxmax(axis=1).str.removeprefix("probability ")
    assert (table["prediction"].str.lstrip("'") == best).all()


def test_a_class_that_looks_like_a_formula_is_quoted_for_spreadsheets_only(predict):
    _, out, _ = predict("shop", shop_rows())
    assert out.splitlines()[1].startswith("=yes,")
    _, out, _ = predict("shop", shop_rows(), "--spreadsheet")
    assert out.splitlines()[1].startswith("'=yes,")


def test_missing_values_and_unseen_categories_are_predicted(predict):
    rows = shop_rows(colour=["violet", None], old=[None, True])
    rows["size"] = [np.nan, 1.0]
    code, out, _ = predict("shop", rows)
    assert code == 0
    assert pd.read_csv(io.StringIO(out)).notna().all(axis=None)


def test_rows_keep_their_order_and_other_columns_do_not_matter(predict):
    once = predict("shop", shop_rows())[1].splitlines()
    turned = predict("shop", shop_rows(bought="?", more=1).iloc[::-1])[1].splitlines()
    assert once == [turned[0], turned[2], turned[1]]


def test_a_regression_predicts_in_original_units(predict):
    code, out, _ = predict("price", pd.DataFrame({"area": [80.0, 120.0], "noise": [0.0, 0.0]}))
    values = pd.read_csv(io.StringIO(out))["prediction"]
    assert code == 0
    assert 20_000 < values[0] < 50_000 < values[1] < 80_000


def test_every_missing_column_is_named(predict):
    code, out, error = predict("shop", shop_rows().drop(columns=["size", "old"]).assign(Size=1))
    assert (code, out) == (3, "")
    [line] = error.splitlines()
    assert "rows.csv: has no columns 'size', 'old'; did you mean 'Size'?" in line


def test_a_word_among_numbers_is_refused_with_its_line(predict):
    code, _, error = predict("shop", shop_rows(size=["2", "big"]))
    assert code == 3
    assert "'size'" in error
    assert "line 3" in error


def test_csv_and_parquet_hold_the_same(predict, tmp_path):
    csv, parquet = tmp_path / "p.csv", tmp_path / "p.parquet"
    assert predict("price", pd.DataFrame({"area": [80.0], "noise": [0.0]}), "--out", csv)[0] == 0
    code, out, _ = predict(
        "price", pd.DataFrame({"area": [80.0], "noise": [0.0]}), "--out", parquet
    )
    assert (code, out) == (0, "")
    pd.testing.assert_frame_equal(pd.read_csv(csv), pd.read_parquet(parquet))


def test_a_parquet_file_keeps_the_name_of_a_class_as_it_is(predict, tmp_path):
    predict("shop", shop_rows(), "--out", tmp_path / "p.parquet")
    assert set(pd.read_parquet(tmp_path / "p.parquet")["prediction"]) <= {"=yes", "no"}


def test_images_come_from_an_archive(finished_runs, run_command, tmp_path, capsys):
    np.savez(tmp_path / "x.npz", x=np.zeros((3, 8, 8), np.float32))
    assert run_command("predict", finished_runs / "digits", tmp_path / "x.npz") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


@pytest.mark.parametrize(
    ("run", "rows", "fault"),
    [
        ("digits", "shop.csv", "shop.csv: the network was trained on arrays; give an .npz file"),
        ("digits", "no.npz", "no.npz: does not exist; "),
        ("shop", "no.csv", "no.csv: does not exist; "),
        (
            "shop",
            "price.csv",
            "price.csv: has no columns 'size', 'colour', 'old'; its columns are ",
        ),
        ("shop", "digits", "digits: is a folder, not a file; name a file in it"),
    ],
)
def test_wrong_rows_are_refused(run, rows, fault, finished_runs, run_command, capsys):
    assert run_command("predict", finished_runs / run, finished_runs / rows) == 3
    assert fault in capsys.readouterr().err.splitlines()[0]


def test_an_array_of_another_shape_is_refused(finished_runs, run_command, tmp_path, capsys):
    np.savez(tmp_path / "x.npz", x=np.zeros((3, 9)))
    assert run_command("predict", finished_runs / "digits", tmp_path / "x.npz") == 3
    assert "x has rows of the shape (9,), but the network takes (8, 8); give" in (
        capsys.readouterr().err
    )


def test_a_wrong_run_and_a_wrong_out_are_told_at_once(run_command, capsys):
    assert run_command("predict", "nowhere", "rows.csv", "--out", "x.txt") == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("error: nowhere: no run here")
    assert lines[1] == "error: --out: 'x.txt' does not end in .csv or .parquet; give such a file"


def test_a_run_without_a_network_exits_with_4(fresh_run, run_command, capsys):
    assert run_command("predict", fresh_run.folder.path, "rows.csv") == 4
    assert "it has saved no network yet; let it finish with `fitgap resume`" in (
        capsys.readouterr().err
    )


def test_a_network_that_was_changed_is_refused(run_copy, run_command, tmp_path, capsys):
    np.savez(tmp_path / "x.npz", x=np.zeros((3, 8, 8), np.float32))
    model = run_copy / "best" / "model.keras"
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    assert run_command("predict", run_copy, tmp_path / "x.npz") == 5
    assert "model.keras" in capsys.readouterr().err
