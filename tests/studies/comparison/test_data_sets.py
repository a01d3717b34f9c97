import pytest

from studies.comparison.data_sets import score_table

TPE = {"sampler": "tpe", "pruner": "none", "seed": 0}


def test_settings_by_data_sets_make_a_table(read_sweeps):
    runs = read_sweeps(
        a=[0.8, 0.9],
        b={"scores": [0.6, 0.7], "settings": TPE},
        c={"scores": [0.5, 0.5], "data": "wine"},
        d={"scores": [0.7, 0.7], "data": "wine", "settings": TPE},
    )
    table = score_table(runs)
    # The settings that say where the data are make no other arm.
    assert list(table.scores.index) == ["digits", "wine"]
    assert table.scores.to_numpy().tolist() == [
        [pytest.approx(0.85), pytest.approx(0.65)], [pytest.approx(0.5), pytest.approx(0.7)]
    ]  # fmt: skip
    assert table.ranks.ranks.tolist() == [1.5, 1.5]


def test_an_empty_cell_makes_no_table(read_sweeps):
    runs = read_sweeps(
        a=[0.8, 0.9], b={"scores": [0.6, 0.7], "settings": TPE},
        c={"scores": [0.5, 0.5], "data": "wine"},
    )  # fmt: skip
    assert score_table(runs) is None


def test_a_cell_that_is_there_twice_makes_no_table(read_sweeps):
    wine = {"scores": [0.5, 0.5], "data": "wine"}
    runs = read_sweeps(a=[0.8, 0.9], b=[0.7, 0.9], c=wine, d=wine)
    assert score_table(runs) is None


def test_one_data_set_makes_no_table(read_sweeps):
    runs = read_sweeps(a=[0.8, 0.9], b={"scores": [0.6, 0.7], "settings": TPE})
    assert score_table(runs) is None


def test_data_sets_of_one_name_are_told_apart(study_run):
    arms = {"width 8": 0.80, "width 16": 0.86, "width 32": 0.90}
    first, second = (study_run(name, arms, seeds=2) for name in ("a", "b"))
    second.manifest["data"]["fingerprint"] = "another"
    assert list(score_table([first, second]).scores.index) == ["digits", "digits (2)"]


def test_arms_are_scored_by_their_mean(study_run):
    arms = {"width 8": 0.80, "width 16": 0.86, "width 32": 0.90}
    runs = [study_run("a", arms, seeds=3), study_run("b", arms, data="wine", seeds=3)]
    table = score_table(runs)
    assert table.what == "arm"
    assert table.scores.loc["wine"].is_monotonic_increasing
    assert len(table.cells) == 6
