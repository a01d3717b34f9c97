import dataclasses

import numpy as np
import pytest

from studies.answering.arms import judge_arms
from studies.comparison.conclusion import compare_runs
from studies.comparison.networks import best_arm


def codes(content):
    return [finding.code for finding in content.findings]


def of(content, code):
    return [finding for finding in content.findings if finding.code == code]


def contrasts_of(content):
    return next(table for table in content.tables if table.id == "contrasts").table


def test_two_sweeps_of_the_same_seeds_are_answered_by_their_pairs(read_sweeps, around):
    content = compare_runs(read_sweeps(old=around(0.80), new=around(0.86)))
    (finding,) = of(content, "compare.run.better")
    assert (finding.subject, content.best) == ("new - old", "new")
    assert finding.numbers["difference"] == pytest.approx(0.06)
    assert content.answer == finding.sentence
    assert contrasts_of(content)["Over"].tolist() == ["5 paired seeds"]


def test_the_better_run_comes_first_whatever_the_order(read_sweeps, around):
    content = compare_runs(read_sweeps(new=around(0.86), old=around(0.80, turn=1)))
    (finding,) = of(content, "compare.run.better")
    assert finding.subject == "new - old"


def test_other_seeds_are_said_not_to_be_pairs(read_sweeps, around):
    other = {"scores": around(0.86), "seeds": range(20, 25)}
    content = compare_runs(read_sweeps(old=around(0.80), new=other))
    assert contrasts_of(content)["Over"].tolist() == ["5 seeds each, not the same ones (Welch)"]
    assert any("Welch" in sentence for sentence in content.method)


def test_an_undecided_pair_names_the_seeds_to_run(read_sweeps, around):
    content = compare_runs(read_sweeps(old=around(0.80, 0.02), new=around(0.82, 0.02, turn=2)))
    (finding,) = of(content, "compare.run.undecided")
    assert content.answer == finding.sentence
    more = int(contrasts_of(content)["More seeds needed"][0])
    assert finding.next_step == f"Repeat with --confirm {5 + more}."


def test_one_seed_says_what_it_cannot_tell(read_sweeps):
    content = compare_runs(read_sweeps(old={"scores": []}, new={"scores": [], "searched": 0.99}))
    (finding,) = of(content, "compare.run.undecided")
    assert finding.subject == "new - old"
    assert finding.numbers["p"] is None
    assert contrasts_of(content)["Over"][0].startswith("rows")
    assert not any("t tests" in sentence for sentence in content.method)


def test_equal_networks_are_said_to_be_the_same(read_sweeps, around):
    content = compare_runs(read_sweeps(a=around(0.8), b=around(0.8)))
    (finding,) = of(content, "compare.run.equivalent")
    assert finding.confidence == "exact"
    assert content.answer == finding.sentence


def test_copies_of_one_run_are_told(read_sweeps, around):
    same = {"scores": around(0.8), "command": "fitgap sweep x", "created": "2026-01-01"}
    runs = read_sweeps(a=same, b=same)
    runs[1].manifest["name"] = runs[0].manifest["name"]
    (finding,) = of(compare_runs(runs), "compare.copies")
    assert finding.level == "warning"


def test_copies_are_recognised_where_a_time_is_not_known(read_sweeps, around):
    same = {"scores": around(0.8), "command": "fitgap sweep x", "created": "2026-01-01"}
    runs = read_sweeps(a=same, b=same)
    runs[1].manifest["name"] = runs[0].manifest["name"]
    for run in runs:
        run.trials.loc[run.trials.index[0], "seconds"] = float("nan")
    assert len(of(compare_runs(runs), "compare.copies")) == 1


def test_the_best_of_several_is_named_with_what_holds_against_each(read_sweeps, around):
    content = compare_runs(
        read_sweeps(a=around(0.80), b=around(0.90, turn=1), c=around(0.899, turn=1), d=around(0.70))
    )
    assert content.answer == (
        "b scores best of 4 runs (accuracy 0.900); on what they share, better than a and d, "
        "equivalent to c."
    )
    table = contrasts_of(content)
    assert len(table) == 6
    assert (table["First"][:3] == "b").all()


def test_a_best_mean_that_loses_on_shared_seeds_is_not_called_better(read_sweeps, around):
    """Five seeds more lift the mean of a, which is behind b on each of the seeds they share."""
    lifted = {"scores": around(0.80) + around(0.99), "seeds": range(11, 21)}
    content = compare_runs(
        read_sweeps(
            a=lifted, b=around(0.86, 0.0041), c={"scores": around(0.7), "seeds": range(30, 35)}
        )
    )
    assert content.best == "a"
    assert content.answer.endswith("on what they share, better than c, worse than b.")
    assert "b - a" in [finding.subject for finding in of(content, "compare.run.better")]


def test_runs_that_are_all_equivalent_have_no_best_one(read_sweeps, around):
    content = compare_runs(read_sweeps(a=around(0.8), b=around(0.8005), c=around(0.801)))
    assert content.answer.startswith("All 3 runs are equivalent")


def test_other_data_are_described_and_not_compared(read_sweeps, around):
    content = compare_runs(read_sweeps(a=around(0.8), b={"scores": around(0.9), "data": "wine"}))
    assert "cannot be compared" in content.answer
    assert content.best == ""
    assert [figure.id for figure in content.figures] == ["curves", "search"]
    assert all("compare the shapes" in figure.finding for figure in content.figures)


def test_another_split_of_the_same_data_is_compared_with_the_error_over_rows(read_sweeps, around):
    other = {"scores": around(0.9), "split": 2, "seeds": range(20, 25)}
    content = compare_runs(read_sweeps(a=around(0.8), b=other))
    assert "error over rows" in contrasts_of(content)["Over"][0]


def test_a_run_that_is_not_done_is_compared_with_a_warning(read_sweeps, around):
    content = compare_runs(
        read_sweeps(a={"scores": around(0.8), "state": "interrupted", "winner": None},
                    b=around(0.9))
    )  # fmt: skip
    (finding,) = of(content, "compare.unfinished")
    assert "a is not complete (interrupted)" in finding.sentence
    assert finding.level == "warning"


def test_with_one_network_there_is_nothing_to_compare(read_sweeps, around):
    lost = {"scores": [], "outcome": "diverged", "winner": None}
    content = compare_runs(read_sweeps(a=lost, b=around(0.9)))
    assert content.answer.startswith("Nothing to compare yet: only b has a network")
    assert of(content, "compare.unfinished")
    assert content.runs[0].network == ""


def test_without_any_network_it_says_so(read_sweeps):
    lost = {"scores": [], "outcome": "failed", "winner": None}
    content = compare_runs(read_sweeps(a=lost, b=lost))
    assert content.answer.startswith("Nothing to compare yet: no run has a network")
    assert content.figures == []


def test_changes_are_told_from_the_first_run(read_sweeps, around):
    versions = {"python": "3.11.7", "tensorflow": "2.22.0"}
    content = compare_runs(
        read_sweeps(a=around(0.80),
                    b={"scores": around(0.86), "versions": versions, "seconds": {"total": 60.0}})
    )  # fmt: skip
    (finding,) = of(content, "compare.changed")
    assert "validation accuracy 0.800 to 0.860" in finding.sentence
    assert "time 30 s to 60 s" in finding.sentence
    assert "tensorflow 2.21.0 to 2.22.0" in finding.sentence
    assert of(content, "compare.versions")


def test_nothing_changed_is_said_too(read_sweeps, around):
    content = compare_runs(read_sweeps(a=around(0.80), b=around(0.80)))
    (finding,) = of(content, "compare.changed")
    assert finding.sentence == "Nothing changed from a to b."


def test_a_lost_seed_is_told_and_its_pair_left_out(read_sweeps, around):
    content = compare_runs(read_sweeps(a=around(0.8), b=[None, *around(0.9)[1:]]))
    (finding,) = of(content, "compare.lost")
    assert finding.sentence.startswith("b: on 1 seed its network diverged")
    assert contrasts_of(content)["Over"].tolist() == ["4 paired seeds"]
    assert of(content, "compare.run.undecided")


# Studies.

ARMS = {"width 8": 0.80, "width 16": 0.86, "width 32": 0.90}


def test_the_arms_of_one_study_run_twice_are_the_same_networks(study_run):
    runs = [study_run(name, ARMS, seeds=5) for name in ("a", "b")]
    content = compare_runs(runs)
    assert content.answer.endswith("3 comparisons: 3 identical.")
    assert codes(content).count("compare.arm.equivalent") == 3


def test_the_arm_that_changed_is_named(study_run):
    changed = ARMS | {"width 16": 0.80}
    runs = [study_run("a", ARMS, seeds=5), study_run("b", changed, seeds=5, noise=0.0012)]
    content = compare_runs(runs)
    assert content.answer.startswith("2 runs of custom differ in width 16; 3 comparisons: 1 better")
    (finding,) = of(content, "compare.arm.better")
    assert finding.subject == "width 16: a - b"
    assert content.paragraph[1] == finding.sentence


def test_arms_that_no_two_runs_have_trained_are_not_said_to_be_of_other_data(study_run):
    runs = []
    for label, arm in (("a", "width 8"), ("b", "width 16")):
        run = study_run(label, ARMS, seeds=5)
        trials = run.trials[run.trials["arm"] == arm]
        results = dataclasses.replace(run.results, trials=trials)
        network = best_arm(results, judge_arms(results))
        runs.append(dataclasses.replace(run, trials=trials, results=results, network=network))
    content = compare_runs(runs)
    assert content.answer == "Nothing to compare yet: no arm was trained to its end in two runs."


def test_arms_on_other_data_are_side_by_side_and_ranked(study_run):
    runs = [study_run("a", ARMS, seeds=5), study_run("b", ARMS, data="wine", seeds=5)]
    content = compare_runs(runs)
    assert "6 data sets at least are needed" in content.answer
    assert [figure.id for figure in content.figures] == ["arms", "contrasts-within", "curves"]
    assert "compare.ranks" in codes(content)
    assert not [code for code in codes(content) if code.startswith("compare.arm")]


@pytest.mark.slow
def test_six_data_sets_rank_the_arms(study_run):
    rng = np.random.default_rng(0)
    runs = [
        study_run(f"r{n}", {arm: score - rng.uniform(0, 0.03) for arm, score in ARMS.items()},
                  data=f"data {n}", seeds=5)
        for n in range(8)
    ]  # fmt: skip
    content = compare_runs(runs)
    assert content.answer.startswith("width 32 has the best mean rank, 1.00, of 3 arms over 8")
    assert "Friedman p below 0.001" in content.answer
    assert content.answer.endswith("it is better than 2 others.")


@pytest.mark.slow
def test_sweeps_of_two_settings_on_the_same_data_sets_are_ranked(read_sweeps, around):
    settings = [{"sampler": name, "pruner": "none", "seed": 0} for name in ("random", "qmc")]
    sweeps = {
        f"{told['sampler']}{n}": {
            "scores": around(0.8 + 0.05 * (told["sampler"] == "qmc") + 0.01 * n),
            "data": f"data{n}",
            "settings": told,
        }
        for n in range(6)
        for told in settings
    }
    content = compare_runs(read_sweeps(**sweeps))
    assert content.answer == (
        "sampler qmc has the best mean rank, 1.00, of 2 settings over 6 data sets; they do not "
        "rank alike (Wilcoxon p 0.0312); it is better than 1 other."
    )
    assert "data-sets" in [figure.id for figure in content.figures]


def test_a_study_and_a_sweep_of_the_same_data_are_compared_by_their_networks(
    study_run, read_sweeps, around
):
    (sweep, _) = read_sweeps(a=around(0.8), b=around(0.8))
    content = compare_runs([sweep, study_run("s", ARMS, seeds=5)])
    assert [each.subject for each in of(content, "compare.run.better")] == ["s - a"]
    assert content.runs[1].network == "arm width 32"
    (finding,) = of(content, "compare.chosen")
    assert "s is compared by the best of its 3 arms" in finding.sentence
