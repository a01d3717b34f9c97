import json
import zipfile

import numpy as np
import pytest

from sweep.data.preprocessing import Preprocessor
from sweep.errors import StorageError
from sweep.runs.confirmation import summarise
from sweep.runs.prediction import predict_rows
from sweep.runs.preparation import prepare_data
from sweep.runs.runner import Sweep
from sweep.runs.winner import Choice, choose_winner, describe_winner, is_whole
from sweep.scores import SCORES

ACCURACY = SCORES["accuracy"]


def replicates(record_of, slot, losses):
    return [
        record_of(
            slot, losses=[loss], stage="confirmation", replicate=place,
            trial=f"c{slot:04d}-{place:02d}",
        )
        for place, loss in enumerate(losses, start=1)
    ]  # fmt: skip


def test_without_a_finished_trial_nothing_is_chosen(record_of):
    assert choose_winner([], []) is None
    assert choose_winner([record_of(outcome="failed")], []) is None


def test_without_a_confirmation_the_search_decides(record_of):
    records = [record_of(0, losses=[0.5]), record_of(1, losses=[0.2])]
    choice = choose_winner(records, [])

    assert choice.searched is choice.saved is records[1]
    assert choice.entry is None


def test_the_confirmation_decides_and_its_best_replicate_is_saved(record_of):
    best = [record_of(3, losses=[0.1]), record_of(1, losses=[0.2])]
    confirmed = [
        *replicates(record_of, 3, [0.9, 0.8, 0.7]), *replicates(record_of, 1, [0.5, 0.3, 0.4])
    ]  # fmt: skip
    choice = choose_winner([*best, *confirmed], summarise(best, confirmed, ACCURACY))

    assert choice.searched.trial == "s0001"
    assert choice.saved.trial == "c0001-02"
    assert choice.entry["rank"] == 2


def test_a_confirmation_that_lost_every_seed_leaves_it_to_the_search(record_of):
    best = [record_of(3, losses=[0.1])]
    lost = [record_of(3, outcome="diverged", stage="confirmation", replicate=1, trial="c0003-01")]
    choice = choose_winner([*best, *lost], summarise(best, lost, ACCURACY))

    assert choice.searched is choice.saved is best[0]
    assert choice.entry is None


def test_the_description_is_json(record_of):
    choice = Choice(searched=record_of(2), saved=record_of(2), cohort=(record_of(2),), entry=None)
    winner = describe_winner(
        choice, {"sha256": "ab", "rerun_difference": None}, ({"loss": None}, {}), ACCURACY
    )

    assert json.loads(json.dumps(winner, allow_nan=False)) == winner
    assert (winner["trial"], winner["rank"], winner["confirmed"]) == ("s0002", 1, None)
    assert winner["config"]["widths"] == [8]


@pytest.mark.slow
def test_the_saved_network_opens_in_plain_keras_and_gives_the_recorded_loss(
    finished_run, small_settings
):
    import keras  # noqa: PLC0415 - only where it is asked for

    winner = finished_run.read_manifest()["winner"]
    data = prepare_data(small_settings())[1]
    network = keras.models.load_model(finished_run.best_path / "model.keras", safe_mode=True)
    loss, score = network.evaluate(
        data.training.x_validation, data.training.y_validation, verbose=0
    )
    test_loss, test_score = network.evaluate(data.x_test, data.y_test, verbose=0)

    saved = {record.trial: record for record in finished_run.records()}[winner["saved_from"]]
    assert loss == pytest.approx(saved.validation_loss, rel=1e-5)
    assert score == pytest.approx(saved.validation_score, rel=1e-6)
    assert test_loss == pytest.approx(winner["test"]["loss"], rel=1e-5)
    assert test_score == pytest.approx(winner["test"]["score"], rel=1e-6)
    assert network.count_params() == winner["parameters"]


@pytest.mark.slow
def test_the_small_manifest_tells_where_the_network_is_from(finished_run):
    small = json.loads((finished_run.best_path / "manifest.json").read_text())

    assert small["winner"] == finished_run.read_manifest()["winner"]
    assert (finished_run.best_path / small["model"]).is_file()
    assert small["versions"]["keras"].startswith("3.")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [flip, lambda path: path.unlink(), lambda path: path.touch()])
def test_a_damaged_network_is_refused_and_mended_without_touching_the_test_rows(
    damage, copied_run, tmp_path, finished_run
):
    path, winner = copied_run.best_path / "model.keras", copied_run.read_manifest()["winner"]
    rows = tmp_path / "rows.npz"
    np.savez(rows, x=np.zeros((2, 8, 8), np.float32))
    expected = predict_rows(finished_run, str(rows)).table
    before = path.read_bytes()
    damage(path)
    if path.exists() and path.read_bytes() == before:
        path.write_bytes(b"")
    assert not is_whole(winner, copied_run.best_path)
    with pytest.raises(StorageError, match=r"model\.keras: .*`fitgap resume` saves it again"):
        predict_rows(copied_run, str(rows))

    list(Sweep.open(copied_run.path, workers=1).run())

    mended = copied_run.read_manifest()
    assert is_whole(mended["winner"], copied_run.best_path)
    assert mended["winner"] | {"sha256": 0} == winner | {"sha256": 0}
    assert len(mended["test_touches"]) == 1
    assert predict_rows(copied_run, str(rows)).table.equals(expected)


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 20])
def test_damaged_preprocessing_is_refused_and_mended(size, copied_run, tmp_path):
    path = copied_run.best_path / "preprocessing.json"
    path.write_bytes(path.read_bytes()[:size])
    np.savez(tmp_path / "rows.npz", x=np.zeros((2, 8, 8), np.float32))
    with pytest.raises(StorageError, match=r"preprocessing\.json: cannot be read"):
        predict_rows(copied_run, str(tmp_path / "rows.npz"))

    list(Sweep.open(copied_run.path, workers=1).run())

    assert Preprocessor.load(copied_run.best_path).class_names == tuple("0123456789")


@pytest.mark.slow
def test_the_saved_network_is_a_keras_file_without_code(finished_run):
    with zipfile.ZipFile(finished_run.best_path / "model.keras") as file:
        config = json.loads(file.read("config.json"))

    assert config["class_name"] == "Sequential"
    kinds = {layer["class_name"] for layer in config["config"]["layers"]}
    assert kinds <= {"InputLayer", "Flatten", "Dense", "Activation", "LeakyReLU", "Dropout"}
