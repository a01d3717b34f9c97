import dataclasses

import pytest

from reports.findings import Finding
from studies.comparison.changes import claims_table, count_claims


def claim(code, verdict, subject="x"):
    return Finding(code=code, about="study", subject=subject, verdict=verdict, sentence="")


@pytest.fixture(scope="module")
def arms():
    return {"width 8": 0.80, "width 16": 0.86, "width 32": 0.90}


@pytest.fixture
def studies(study_run, arms):
    """Two runs of a study with given findings."""

    def studies(first, second):
        run = study_run("a", arms, seeds=2)
        other = dataclasses.replace(run, label="b", findings=second)
        return [dataclasses.replace(run, findings=first), other]

    return studies


def test_claims_that_differ_stand_first(studies):
    same, changed = claim("study.custom.one", "holds"), claim("study.custom.two", "holds")
    runs = studies([same, changed], [same, dataclasses.replace(changed, verdict="undecided")])
    table = claims_table(runs)
    assert table.table.to_numpy().tolist() == [
        ["study.custom.two", "x", "holds", "undecided"],
        ["study.custom.one", "x", "holds", "holds"],
    ]
    assert table.note.startswith("1 of 2 verdicts are the same")


def test_the_verdict_in_the_code_of_a_network_is_no_other_claim(studies):
    runs = studies([claim("network.fits", "fits")], [claim("network.overfits", "overfits")])
    assert claims_table(runs).table.to_numpy().tolist() == [["network", "x", "fits", "overfits"]]


def test_only_claims_of_the_study_itself_are_counted(studies):
    told = [claim("study.custom.one", "holds"), claim("network.fits", "fits")]
    assert count_claims(studies(told, told)) == (1, 1, [])


def test_a_claim_that_one_run_does_not_make_is_a_change(studies):
    runs = studies([claim("study.custom.one", "holds", "arm 1")], [])
    assert count_claims(runs) == (0, 1, ["one (arm 1): holds / not said"])


def test_sweeps_claim_nothing_of_the_kind(read_sweeps):
    runs = read_sweeps(a=[0.8, 0.9], b=[0.8, 0.9])
    assert claims_table(runs) is None
    assert count_claims(runs) == (0, 0, [])
