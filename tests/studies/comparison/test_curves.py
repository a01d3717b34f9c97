import dataclasses

import pytest

from studies.comparison.curves import learning_figure, search_figure, trials_needed
from studies.comparison.runs import read_runs
from sweep.runs.folder import RunFolder


@pytest.fixture
def searched(make_sweep, record_of):
    """A sweep of which each trial has a given score; None diverged."""

    def searched(name, scores, **more):
        path = make_sweep(name, [], searched=scores[0], **more)
        for slot, score in enumerate(scores[1:], start=1):
            record = record_of(slot, () if score is None else (0.9, 1 - score))
            if score is None:
                record = record_of(slot, (), outcome="diverged", reason="not finite")
            RunFolder(path).append_record(record)
        return path

    return searched


def test_the_learning_curve_is_the_mean_over_seeds(read_sweeps):
    figure = learning_figure(read_sweeps(a=[0.8, 0.9], b=[0.7, 0.7]), same_data=True)
    loss, gap = figure.panels
    rows = loss.table[loss.table["series"] == "a"]
    assert rows["x"].tolist() == [1, 2]
    assert rows["y"].tolist() == pytest.approx([0.6, 0.15])
    assert rows["high"].iloc[1] == pytest.approx(0.15 + 12.7062 * 0.05, rel=1e-4)
    assert gap.table["y"].iloc[1] == pytest.approx(0.15 - 1)  # the made-up train loss is 1
    assert "0.150 for a, after epoch 2" in figure.finding


def test_a_mean_goes_on_over_the_seeds_that_are_left_and_says_so(read_sweeps):
    runs = read_sweeps(a=[0.8, 0.9], b=[0.7, 0.7])
    (first, second) = runs[0].epochs["trial"].unique()[-2:]
    table = runs[0].epochs
    left = table[(table["trial"] != first) | (table["epoch"] < 2)]
    figure = learning_figure([dataclasses.replace(runs[0], epochs=left), runs[1]], same_data=True)
    rows = figure.panels[0].table
    alone = table.loc[(table["trial"] == second) & (table["epoch"] == 2), "validation_loss"]
    assert rows.loc[(rows["series"] == "a") & (rows["x"] == 2), "y"].tolist() == alone.tolist()
    assert "the mean goes on over those that are left" in figure.how_to_read


def test_a_run_of_one_seed_has_no_interval(read_sweeps):
    figure = learning_figure(read_sweeps(a={"scores": []}, b={"scores": []}), same_data=True)
    assert figure.panels[0].table["low"].isna().all()


def test_without_a_network_there_is_no_curve(read_sweeps):
    lost = {"scores": [], "outcome": "diverged", "winner": None}
    runs = read_sweeps(a=lost, b=lost)
    assert learning_figure(runs, same_data=True) is None
    assert search_figure(runs, same_data=True) is None


def test_the_best_so_far_only_falls_and_ends_with_the_search(searched):
    runs = read_runs([searched("a", [0.5, None, 0.4, 0.7, 0.6]), searched("b", [0.9])])
    by_trials, by_time = search_figure(runs, same_data=True).panels
    rows = by_trials.table[by_trials.table["series"] == "a"]
    assert rows["x"].tolist() == [1, 4, 5]
    assert rows["y"].tolist() == pytest.approx([0.5, 0.3, 0.3])
    times = by_time.table[by_time.table["series"] == "a"]
    assert times["x"].tolist() == [3, 12, 15]  # each made-up trial takes 3 s, lost ones too


def test_the_finding_names_the_trial_that_was_best(searched):
    runs = read_runs([searched("a", [0.5, 0.4, 0.7, 0.6]), searched("b", [0.9])])
    finding = search_figure(runs, same_data=True).finding
    assert "a found its best, 0.300, in trial 3 of 4, after 9.0 s of training" in finding


def test_the_trials_needed_count_lost_ones_as_the_worst(searched):
    few, many = read_runs(
        [searched("few", [0.9, 0.9, 0.9]), searched("many", [0.9, None, None, None, 0.1])]
    )
    assert trials_needed(few, 0.01) == 1
    assert trials_needed(many, 0.01) == 5


@pytest.mark.parametrize("settings", [{"sampler": "tpe", "pruner": "none"},
                                      {"sampler": "random", "pruner": "halving"}])  # fmt: skip
def test_of_draws_that_depend_on_each_other_no_number_is_given(searched, settings):
    run, _ = read_runs([searched("a", [0.9, 0.8], settings=settings), searched("b", [0.9])])
    assert trials_needed(run, 0.01) is None
