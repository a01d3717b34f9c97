import dataclasses
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reports.outputs.fact_names import FACTS
from reports.outputs.json_document import SCHEMA, json_document
from reports.study_content import StudyTable


def round_trip(document):
    return json.loads(json.dumps(document, allow_nan=False))


def test_a_sweep_is_one_document_of_json(run):
    document = json_document(run)
    assert round_trip(document) == document
    assert (document["schema"], document["kind"]) == (SCHEMA, "sweep")
    assert set(document["facts"]) == set(FACTS["sweep"])
    assert document["winner"]["trial"] == run.winner["trial"]
    assert document["winner_verdict"]["verdict"] == run.network_finding.verdict
    assert [one["code"] for one in document["findings"]] == [one.code for one in run.findings]
    assert document["data"]["fingerprint"] == run.data["fingerprint"]
    assert document["run"]["command"] == run.manifest["command"]


def test_the_best_trials_have_every_column_of_their_table_and_their_verdict(run):
    best = json_document(run)["best_trials"]
    search = run.trials[(run.trials["stage"] == "search") & (run.trials["outcome"] == "finished")]
    order = search.sort_values("validation_loss")["trial"].tolist()[:10]
    assert [row["trial"] for row in best] == order
    assert set(run.trials.columns) <= set(best[0])
    verdicts = run.verdicts.set_index("trial")["verdict"]
    assert [row["verdict"] for row in best] == [verdicts[name] for name in order]


def test_what_is_missing_is_null(run):
    (row,) = (row for row in json_document(run)["best_trials"][:1])
    assert row["diverged_epoch"] is None
    assert row["momentum"] is None or math.isfinite(row["momentum"])


def test_a_study_is_one_document_of_json(study_of):
    document = json_document(study_of())
    assert round_trip(document) == document
    assert (document["kind"], document["question"]) == ("study", "Do more layers help?")
    assert document["tables"] == [
        {"id": "arms", "title": "The arms", "note": "Means over seeds.", "all_rows": 2,
         "columns": ["Arm", "Score", "Rows"], "rows": [["3x128", 0.8, None], ["1x8", 0.85, 3.0]]}
    ]  # fmt: skip


def test_a_table_of_a_study_is_cut_where_its_page_cuts_it(study_of):
    table = StudyTable(id="t", title="T", table=pd.DataFrame({"n": np.arange(300)}))
    (written,) = json_document(study_of(tables=[table]))["tables"]
    assert (len(written["rows"]), written["all_rows"]) == (200, 300)


def test_a_run_in_which_nothing_happened_is_a_document_too(nothing):
    document = json_document(nothing)
    assert round_trip(document) == document
    assert (document["winner"], document["winner_verdict"]) == (None, None)
    assert document["best_trials"] == []


@pytest.mark.parametrize("value", [math.nan, math.inf, np.float64("nan"), pd.NA, pd.NaT])
def test_what_json_cannot_hold_is_null(run, value):
    manifest = {**run.manifest, "settings": {"x": value, "y": [value, np.int64(3), np.True_]}}
    settings = json_document(dataclasses.replace(run, manifest=manifest))["settings"]
    assert settings == {"x": None, "y": [None, 3, True]}


def test_a_path_of_this_machine_is_not_told(run):
    data = {**run.data, "path": "/home/somebody/secret.csv"}
    document = json_document(
        dataclasses.replace(run, manifest={**run.manifest, "data": data, "command": ""})
    )
    assert "/home/somebody" not in json.dumps(document)


def test_the_document_and_its_description_have_the_same_keys(run, study_of):
    page = Path(__file__).parents[3] / "docs" / "outputs.md"
    part = page.read_text(encoding="utf-8").partition("## JSON")[2].partition("## Figures")[0]
    listed = {"sweep": set(), "study": set()}
    for names, kinds in re.findall(r"^\| (`.*?) \| (both|sweep|study) \|", part, re.MULTILINE):
        for kind in listed if kinds == "both" else (kinds,):
            listed[kind] |= set(re.findall(r"`(\w+)`", names))
    assert listed == {"sweep": set(json_document(run)), "study": set(json_document(study_of()))}
