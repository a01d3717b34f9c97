import io

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from sweep.errors import DataError, NothingUsableError, StorageError
from sweep.runs.folder import RunFolder
from sweep.runs.prediction import predict_rows
from sweep.runs.preparation import prepare_data
from sweep.runs.runner import Sweep
from sweep.spreadsheets import formula_safe

CLASSES = ["=HYPERLINK(1)", "-1", "no"]


def make_table(rows, seed=0):
    """Numbers, a category and a truth value, some missing, and three awkwardly named classes."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "=size": rng.normal(size=rows).round(3),
            "colour": rng.choice(["red", "green", "blue"], size=rows),
            "open": rng.choice(["true", "false"], size=rows),
        }
    )
    place = np.digitize(table["=size"] + (table["colour"] == "red"), [0, 0.8])
    table["kind"] = np.array(CLASSES)[place]
    table.loc[rng.random(rows) < 0.1, "=size"] = np.nan
    table.loc[rng.random(rows) < 0.1, "colour"] = None
    return table


@pytest.fixture(scope="module")
def table_run(tmp_path_factory, small_settings, run_sweep):
    folder = tmp_path_factory.mktemp("table")
    make_table(400).to_csv(folder / "data.csv", index=False)
    settings = small_settings(folder / "data.csv", target="kind", epochs=15, confirm=0, trials=3)
    return run_sweep(folder / "run", settings)[0]


@pytest.fixture(scope="module")
def regression_run(tmp_path_factory, small_settings, run_sweep):
    path = tmp_path_factory.mktemp("regression") / "run"
    return run_sweep(path, small_settings("diabetes", epochs=20, confirm=0, trials=3))[0]


def test_a_run_that_has_not_finished_predicts_nothing(tmp_path, small_settings):
    Sweep.create(small_settings(), tmp_path / "run")

    with pytest.raises(NothingUsableError, match="it has saved no network yet; let it finish"):
        predict_rows(RunFolder.open(tmp_path / "run"), "rows.csv")


@pytest.mark.slow
def test_images_are_predicted_as_the_network_was_measured(finished_run, tmp_path, small_settings):
    images, labels = load_digits(return_X_y=True)
    np.savez(tmp_path / "rows.npz", x=images.reshape(-1, 8, 8).astype(np.float32))

    table = predict_rows(finished_run, str(tmp_path / "rows.npz")).table

    assert list(table.columns) == ["prediction", *(f"probability {n}" for n in range(10))]
    np.testing.assert_allclose(table.iloc[:, 1:].sum(axis=1), 1, rtol=1e-6)
    test = prepare_data(small_settings())[1].splits.test
    hits = table["prediction"].astype(int).to_numpy()[test] == labels[test]
    assert hits.mean() == finished_run.read_manifest()["winner"]["test"]["score"]


@pytest.mark.slow
def test_binary_classes_have_two_probabilities(tmp_path, small_settings, run_sweep):
    table = make_table(300)
    table["kind"] = np.where(table["kind"] == "no", "no", "yes")
    table.to_csv(tmp_path / "data.csv", index=False)
    settings = small_settings(tmp_path / "data.csv", target="kind", epochs=15, confirm=0, trials=2)
    folder, _ = run_sweep(tmp_path / "run", settings)

    found = predict_rows(folder, str(tmp_path / "data.csv")).table

    assert list(found.columns) == ["prediction", "probability no", "probability yes"]
    assert ((found["probability yes"] > 0.5) == (found["prediction"] == "yes")).all()
    assert (found["prediction"] == table["kind"]).mean() > 0.8


@pytest.mark.slow
def test_an_unseen_category_and_missing_values_are_predicted(table_run, tmp_path):
    rows = pd.DataFrame(
        {
            "open": ["true", None, "false", None], "=size": [0.5, None, -2.0, None],
            "colour": ["purple", "red", None, None], "id": range(4),
        }
    )  # fmt: skip
    rows.to_csv(tmp_path / "rows.csv", index=False)

    found = predict_rows(table_run, str(tmp_path / "rows.csv")).table

    assert len(found) == 4
    assert found["prediction"].isin(CLASSES).all()
    assert np.isfinite(found.iloc[:, 1:].to_numpy()).all()


@pytest.mark.slow
def test_each_row_is_predicted_by_itself_and_in_order(table_run, tmp_path):
    rows = make_table(20, seed=1).drop(columns="kind")
    rows.to_csv(tmp_path / "all.csv", index=False)
    rows.iloc[[7]].to_csv(tmp_path / "one.csv", index=False)

    everything = predict_rows(table_run, str(tmp_path / "all.csv")).table
    one = predict_rows(table_run, str(tmp_path / "one.csv")).table

    assert len(one) == 1
    assert one["prediction"].iloc[0] == everything["prediction"].iloc[7]
    np.testing.assert_allclose(
        one.iloc[0, 1:].astype(float), everything.iloc[7, 1:].astype(float), rtol=1e-5
    )


@pytest.mark.slow
def test_names_that_look_like_formulas_are_quoted_in_a_csv_file_only(table_run, tmp_path):
    make_table(200, seed=2).to_csv(tmp_path / "rows.csv", index=False)
    found = predict_rows(table_run, str(tmp_path / "rows.csv")).table
    text = formula_safe(found).to_csv(index=False)

    assert set(found["prediction"]) == set(CLASSES)
    back = pd.read_csv(io.StringIO(text), dtype={"prediction": str})
    assert set(back["prediction"]) == {"'=HYPERLINK(1)", "-1", "no"}
    assert "probability =HYPERLINK(1)" in back.columns
    assert back.columns.str.startswith("p").all()


@pytest.mark.slow
def test_faults_of_the_rows_are_told(table_run, tmp_path):
    pd.DataFrame({"colour": ["red"], "=size": ["big"]}).to_csv(tmp_path / "rows.csv", index=False)

    with pytest.raises(DataError, match="has no column 'open'") as caught:
        predict_rows(table_run, str(tmp_path / "rows.csv"))
    assert len(caught.value.faults) == 2


@pytest.mark.slow
def test_a_regression_is_predicted_in_its_own_units(regression_run, tmp_path, small_settings):
    dataset, data = prepare_data(small_settings("diabetes"))
    dataset.features.to_csv(tmp_path / "rows.csv", index=False)
    target = dataset.target

    found = predict_rows(regression_run, str(tmp_path / "rows.csv")).table

    assert list(found.columns) == ["prediction"]
    test, preprocessor = data.splits.test, data.preprocessor
    errors = ((found["prediction"].to_numpy() - target)[test] / preprocessor.target_scale) ** 2
    winner = regression_run.read_manifest()["winner"]
    assert errors.mean() == pytest.approx(winner["test"]["loss"], rel=1e-4)
    assert 100 < found["prediction"].mean() < 200  # as the target: 152


@pytest.mark.slow
def test_a_network_that_was_exchanged_is_refused(copied_run, tmp_path, table_run):
    model = table_run.best_path / "model.keras"
    (copied_run.best_path / "model.keras").write_bytes(model.read_bytes())
    np.savez(tmp_path / "rows.npz", x=np.zeros((1, 8, 8), np.float32))

    with pytest.raises(StorageError, match="it is not the network that the sweep saved"):
        predict_rows(copied_run, str(tmp_path / "rows.npz"))
