import json

import pytest

from sweep.data.sources import load_dataset
from sweep.errors import DataError
from sweep.runs.manifest import (
    changed_versions,
    check_same_data,
    count_outcomes,
    new_manifest,
    now,
    versions,
)
from sweep.runs.preparation import prepare_data


@pytest.fixture
def manifest(small_settings):
    settings = small_settings("iris")
    dataset, prepared = prepare_data(settings)
    return new_manifest(settings, dataset, prepared, name="run", command="fitgap sweep iris")


def test_a_new_manifest_is_json(manifest):
    assert json.loads(json.dumps(manifest, allow_nan=False)) == manifest


def test_it_says_what_the_data_are(manifest):
    data = manifest["data"]

    assert (data["name"], data["task"], data["rows"], data["features"]) == (
        "iris", "multiclass", 150, 4
    )  # fmt: skip
    assert data["path"] is None
    assert len(data["classes"]) == 3
    assert sum(data["splits"].values()) == 150
    assert data["evaluation_rows"] == data["splits"]["train"]
    assert [column["kind"] for column in data["columns"]] == ["numeric"] * 4


def test_it_says_what_is_searched_and_with_what(manifest, small_settings):
    assert manifest["settings"] == small_settings("iris").as_json()
    assert manifest["space"]["width"].startswith("8..32")
    assert manifest["space_bounds"]["depth"] == {"value": 1}
    assert manifest["versions"] == versions()
    assert set(manifest["versions"]) >= {"python", "tensorflow", "keras", "optuna", "numpy"}


def test_the_same_data_go_on_and_others_do_not(manifest):
    check_same_data(manifest, load_dataset("iris"))
    with pytest.raises(DataError, match="wine: the data changed since the run began: its SHA-256"):
        check_same_data(manifest, load_dataset("wine"))


def test_changed_and_missing_versions_are_listed(manifest):
    assert changed_versions(manifest, "CPU") == []
    manifest["versions"] |= {"keras": "2.0", "gone": "1.0"}

    keras, gone = changed_versions(manifest, "CPU")
    assert keras.startswith("keras was 2.0 and is 3.")
    assert gone == "gone was 1.0 and is missing"


def test_outcomes_of_the_search_are_counted(record_of):
    records = [
        record_of(0), record_of(1, outcome="diverged"), record_of(2, outcome="failed"),
        record_of(3, outcome="pruned"), record_of(3, stage="audit", trial="a0003"),
        record_of(0, stage="confirmation", replicate=1, trial="c0000-01"),
    ]  # fmt: skip

    assert count_outcomes(records, 5) == {
        "planned": 5, "finished": 1, "pruned": 1, "diverged": 1, "failed": 1, "running": 0
    }  # fmt: skip
    assert count_outcomes([], 1)["finished"] == 0


def test_times_are_in_utc_and_sort():
    assert now().endswith("+00:00")
    assert now() <= now()
