import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.words.saying import finding_json, say
from studies.findings.conclusions import SweepTables, conclude

BASELINES = pd.DataFrame(
    {
        "baseline": ["dummy", "linear", "boosted trees"],
        "train_score": [0.1, 0.95, 1.0],
        "validation_score": [0.1, 0.89, 0.97],
        "validation_score_se": [0.01, 0.01, 0.005],
        "validation_loss": [2.3, 0.3, 0.2],
    }
)
EPOCHS = np.arange(1, 21)


def manifest(**more):
    return {
        "state": "finished",
        "data": {"task": "multiclass", "warnings": [], "splits": {"validation": 360}},
        "winner": {
            "trial": "s0000",
            "test": {"score": 0.95, "score_se": 0.01, "rows": 360, "loss": 0.2, "loss_se": 0.02},
        },
        "test_touches": [{"when": "2026-11-23T10:15:00+00:00", "trial": "c1-03"}],
        **more,
    }


def confirmed(crowd, curve, trials_of, scores):
    trials, epochs = crowd
    tables = [
        curve(
            f"c1-{i:02d}",
            0.28 + np.exp(-EPOCHS / 2),
            0.3 + 0.003 * (i % 3) + np.exp(-EPOCHS / 2),
            validation_score=score,
        )
        for i, score in enumerate(scores, 1)
    ]
    fresh = pd.concat(tables, ignore_index=True)
    rows = trials_of(
        fresh, stage="confirmation", config="00000000", parameters=100, slot=0, replicate=1
    )
    return pd.concat([trials, rows], ignore_index=True), pd.concat([epochs, fresh])


def find(findings, code):
    found = [finding for finding in findings if finding.code == code]
    assert len(found) == 1, [finding.code for finding in findings]
    return found[0]


def of(trials, epochs, facts=None, baselines=BASELINES):
    tables = SweepTables(
        manifest={} if facts is None else facts, trials=trials, epochs=epochs, baselines=baselines
    )
    findings = conclude(tables)
    for finding in findings:
        written = finding_json(finding)
        json.dumps(written, allow_nan=False)
        assert written["sentence"].endswith(".")
        assert finding.confidence
    assert len({(f.code, f.subject, say(f).sentence) for f in findings}) == len(findings)
    return findings


def test_the_winner_comes_first_with_all_three_scores(crowd, curve, trials_of):
    tables = confirmed(crowd, curve, trials_of, [0.90, 0.92, 0.91, 0.90, 0.92])
    first = of(*tables, manifest())[0]
    assert first.code == "sweep.winner"
    told = ("searched_score", "confirmed_score", "seeds", "test_score")
    assert [first.numbers[name] for name in told] == pytest.approx([0.9, 0.91, 5, 0.95])
    assert first.confidence == "95 % t interval over 5 seeds, on one split"


def test_a_searched_score_above_the_interval_was_flattered(crowd, curve, trials_of):
    tables = confirmed(crowd, curve, trials_of, [0.80, 0.82, 0.81, 0.80, 0.82])
    finding = find(of(*tables, manifest()), "sweep.winners_curse")
    assert finding.verdict == "flattered"
    assert finding.numbers["estimate"] == pytest.approx(0.09)
    assert finding.numbers["low"] > 0


def test_a_searched_score_inside_the_interval_is_confirmed(crowd, curve, trials_of):
    tables = confirmed(crowd, curve, trials_of, [0.89, 0.91, 0.90, 0.88, 0.92])
    assert find(of(*tables, manifest()), "sweep.winners_curse").verdict == "confirmed"


def test_seeds_that_diverged_are_told(crowd, curve, trials_of):
    trials, epochs = confirmed(crowd, curve, trials_of, [0.9, 0.91, 0.92])
    trials.loc[trials["trial"] == "c1-02", "outcome"] = "diverged"
    first = of(trials, epochs, manifest())[0]
    assert (first.numbers["seeds"], first.numbers["lost_seeds"]) == (2, 1)
    assert first.level == "warning"


def test_the_winner_is_judged_over_its_seeds(crowd, curve, trials_of):
    findings = of(*confirmed(crowd, curve, trials_of, [0.9] * 5), manifest())
    network = [finding for finding in findings if finding.about == "network"]
    assert len(network) == 1
    assert network[0].verdict == "fits"
    assert network[0].confidence.startswith("95 % interval over 5 seeds and the rows")
    assert network[0].numbers["seeds"] == 5


def test_without_confirmation_the_winner_is_judged_on_one_seed(crowd):
    findings = of(*crowd, manifest())
    assert "sweep.winners_curse" not in [finding.code for finding in findings]
    assert "one seed" in find(findings, "network.fits").confidence
    assert "unconfirmed" in find(findings, "sweep.caveats").details["which"]


def test_what_the_run_warned_of_is_a_caveat(crowd):
    warned = manifest(warnings=["trials: 20 trials in a space of 4 configurations"])
    finding = find(of(*crowd, warned), "sweep.caveats")
    assert finding.details["warnings"] == ["trials: 20 trials in a space of 4 configurations"]
    assert "20 trials in a space of 4 configurations." in say(finding).sentence


def test_several_trials_of_one_configuration_are_one_network(crowd):
    trials, epochs = crowd
    trials = trials.assign(config=trials["config"].iloc[0])
    assert of(trials, epochs, manifest())[0].numbers["trials"] == 1


def test_without_a_named_winner_the_best_so_far_is_judged(crowd):
    findings = of(*crowd, manifest(winner=None, state="running", counts={"planned": 30}))
    assert findings[0].verdict == "best so far"
    caveats = find(findings, "sweep.caveats").details
    assert "unfinished" in caveats["which"]
    assert (caveats["searched"], caveats["planned"]) == (6, 30)
    assert "sweep.test" not in [finding.code for finding in findings]


def test_the_test_score_has_a_wilson_interval_over_its_rows(crowd):
    finding = find(of(*crowd, manifest()), "sweep.test")
    assert (finding.numbers["low"], finding.numbers["high"]) == pytest.approx(
        (0.922, 0.968), abs=1e-3
    )
    assert finding.level == "info"


def test_the_interval_of_a_weighted_test_score_is_over_the_rows_that_it_tells_as_much_as(crowd):
    expected = stats.binomtest(95, 100).proportion_ci(0.95, method="wilson")
    ends = {"score_low": expected.low, "score_high": expected.high}  # as the run measured it
    test = {**manifest()["winner"]["test"], **ends}
    winner = {**manifest()["winner"], "test": test}
    finding = find(of(*crowd, manifest(winner=winner)), "sweep.test")
    assert (finding.numbers["low"], finding.numbers["high"]) == pytest.approx(
        (expected.low, expected.high), abs=1e-6
    )
    assert finding.numbers["rows"] == test["rows"] > 100


def test_a_second_touch_of_test_is_a_warning(crowd):
    touches = manifest()["test_touches"] * 2
    assert find(of(*crowd, manifest(test_touches=touches)), "sweep.test").level == "warning"


def test_regression_speaks_of_r_squared(crowd):
    data = {"task": "regression", "splits": {"validation": 50}}
    findings = of(*crowd, manifest(data=data))
    assert findings[0].details["score"].title == "R²"
    assert find(findings, "sweep.test").numbers["low"] == pytest.approx(
        0.95 - 1.96 * 0.01, abs=1e-4
    )
    caveats = find(findings, "sweep.caveats").details
    assert ("rows" in caveats["which"], caveats["rows"]) == (True, 50)


def test_baselines_are_better_worse_or_undecided(crowd):
    findings = of(*crowd, manifest())
    assert find(findings, "comparison.dummy").verdict == "better"
    assert find(findings, "comparison.linear").verdict == "undecided"
    trees = find(findings, "comparison.boosted_trees")
    assert (trees.verdict, trees.level) == ("worse", "warning")
    assert trees.numbers["high"] < 0


def test_a_network_no_better_than_the_dummy_is_an_alarm(crowd):
    baselines = BASELINES.assign(validation_score=0.9)
    assert find(of(*crowd, manifest(), baselines), "comparison.dummy").level == "alarm"


def test_a_baseline_without_a_score_is_passed_over(crowd):
    baselines = BASELINES.assign(validation_score=np.nan)
    assert not [f for f in of(*crowd, manifest(), baselines) if f.about == "comparison"]


def test_a_run_without_baselines_says_so(crowd):
    caveats = find(of(*crowd, manifest(), BASELINES.iloc[:0]), "sweep.caveats")
    assert "baselines" in caveats.details["which"]
    assert "baselines" not in find(of(*crowd, manifest()), "sweep.caveats").details["which"]


def test_a_baseline_without_an_error_is_undecided(crowd):
    baselines = BASELINES.assign(validation_score_se=np.nan)
    assert find(of(*crowd, manifest(), baselines), "comparison.dummy").verdict == "undecided"


def test_the_smallest_adequate_network_is_the_smallest_within_one_standard_error(crowd):
    trials, epochs = crowd
    trials["validation_loss"] = [0.5, 0.315, 0.305, 0.30, 0.32, 0.33]
    finding = find(of(trials, epochs), "capacity.smallest_adequate")
    assert finding.subject == "s0002"  # 0.305 lies within 0.30 + 0.01, 0.315 does not
    assert finding.numbers["share"] == pytest.approx(1000 / 3000)


def test_a_network_of_which_few_rows_do_not_show_that_it_is_enough_is_undecided(crowd):
    trials, epochs = crowd
    trials["validation_loss"] = [0.5, 0.315, 0.305, 0.30, 0.32, 0.33]
    finding = find(of(trials, epochs), "capacity.smallest_adequate")
    assert finding.verdict == "undecided"
    assert finding.numbers["sure_parameters"] is None
    # 0.305 - 0.30 plus 1.645 times the error of a difference, sqrt(2) times 0.01
    assert finding.numbers["at_most_behind"] == pytest.approx(0.005 + 1.6449 * 0.014142, abs=1e-4)


def test_a_network_that_surely_none_beats_by_the_margin_is_adequate(crowd):
    trials, epochs = crowd
    trials["validation_loss"] = [0.5, 0.315, 0.301, 0.30, 0.32, 0.33]
    finding = find(
        of(trials.assign(validation_loss_se=0.005), epochs), "capacity.smallest_adequate"
    )
    assert (finding.verdict, finding.subject) == ("smallest adequate", "s0002")
    assert finding.numbers["sure_parameters"] == 1000


def test_another_that_may_be_better_leaves_the_best_network_undecided(crowd):
    trials, epochs = crowd
    trials["validation_loss"] = [0.5, 0.315, 0.305, 0.30, 0.32, 0.33]
    errors = [0.001, 0.001, 0.001, 0.001, 0.001, 0.2]  # the last may be far below the best
    finding = find(
        of(trials.assign(validation_loss_se=errors), epochs), "capacity.smallest_adequate"
    )
    assert finding.subject == "s0003"
    assert finding.verdict == "undecided"


def test_the_best_network_can_be_the_smallest_of_its_quality(crowd):
    finding = find(of(*crowd), "capacity.smallest_adequate")
    assert finding.subject == finding.details["best"]


def test_the_best_capacity_at_the_edge_of_the_space_is_named(crowd):
    trials, epochs = crowd
    trials["parameters"] = [30_000, 29_000, 28_000, 27_000, 25_000, 100]
    assert find(of(trials, epochs), "capacity.edge").verdict == "best at the largest"


def with_pruned(crowd, trials_of, curve, *, stage="search", outcome="pruned", count=3):
    """Add trials that no conclusion about the search may rest on; they look best."""
    trials, epochs = crowd
    letter = "a" if stage == "audit" else "s"
    curves = [curve(f"{letter}{900 + i:04d}", [0.1, 0.01], [0.1, 0.02]) for i in range(count)]
    more = pd.concat(curves, ignore_index=True)
    rows = trials_of(more, stage=stage, outcome=outcome, epochs=20, parameters=10**6)
    return pd.concat([trials, rows], ignore_index=True), pd.concat([epochs, more])


def test_a_pruned_trial_never_wins_and_is_told_beside_the_winner(crowd, trials_of, curve):
    findings = of(*with_pruned(crowd, trials_of, curve), manifest(winner=None))
    assert findings[0].subject == "s0000"
    assert (findings[0].numbers["trials"], findings[0].numbers["pruned"]) == (6, 3)
    codes = [finding.code for finding in findings]
    assert "sweep.pruned" in codes
    assert not {"sweep.diverged", "sweep.failed", "playbook.lost_trials"} & set(codes)
    caveats = find(findings, "sweep.caveats").details
    assert ("pruned" in caveats["which"], caveats["pruned"]) == (True, 3)


def test_a_pruned_size_was_tried_but_is_no_adequate_network(crowd, trials_of, curve):
    trials, epochs = crowd
    trials["parameters"] = [30_000, 29_000, 28_000, 27_000, 25_000, 100]
    findings = of(*with_pruned((trials, epochs), trials_of, curve), manifest())
    assert not [finding for finding in findings if finding.code == "capacity.edge"]
    assert find(findings, "capacity.smallest_adequate").numbers["pruned"] == 3


def test_audits_change_nothing_but_the_findings_on_pruning(crowd, trials_of, curve):
    pruned = with_pruned(crowd, trials_of, curve)
    audited = with_pruned(pruned, trials_of, curve, stage="audit", outcome="finished")
    before, after = (
        [finding_json(f) for f in of(*tables, manifest()) if not f.code.startswith("sweep.prun")]
        for tables in (pruned, audited)
    )
    assert after == before
    assert find(of(*audited, manifest()), "sweep.pruning_audit").verdict == "costly"


def test_an_audit_that_was_lost_is_no_loss_of_the_search(crowd, trials_of, curve):
    pruned = with_pruned(crowd, trials_of, curve)
    audited = with_pruned(pruned, trials_of, curve, stage="audit", outcome="diverged")
    assert "sweep.diverged" not in [finding.code for finding in of(*audited, manifest())]


def test_a_sweep_in_which_the_unpruned_diverged_concludes_nothing(crowd):
    trials, epochs = crowd
    trials["outcome"] = ["diverged"] * 2 + ["pruned"] * 4
    first = of(trials, epochs)[0]
    assert first.code == "sweep.nothing"
    assert (first.numbers["trials"], first.numbers["pruned"]) == (6, 4)


def test_failures_are_counted_by_reason_without_their_numbers(crowd):
    trials, epochs = crowd
    trials.loc[3:, "outcome"] = "failed"
    trials.loc[3:, "reason"] = ["took 301 s", "took 417 s", "out of memory"]
    finding = find(of(trials, epochs), "sweep.failed")
    assert finding.numbers["failed"] == 3
    assert finding.details["shown"] == [(2, "took … s"), (1, "out of memory")]


def test_hostile_reasons_stay_one_line(crowd):
    trials, epochs = crowd
    trials.loc[5, ["outcome", "reason"]] = ["failed", "a\x1b[31m\n" + "x" * 500]
    sentence = say(find(of(trials, epochs), "sweep.failed")).sentence
    assert sentence.isprintable()
    assert len(sentence) < 200


def test_a_sweep_where_all_diverged_concludes_nothing(crowd):
    trials, epochs = crowd
    trials["outcome"], trials["reason"] = "diverged", "the loss was nan in epoch 3"
    findings = of(trials, epochs)
    assert (findings[0].code, findings[0].level) == ("sweep.nothing", "alarm")
    assert find(findings, "sweep.diverged").numbers["diverged"] == 6


def test_a_sweep_without_trials_concludes_nothing(crowd):
    trials, epochs = crowd
    findings = of(trials.iloc[:0], epochs.iloc[:0], baselines=BASELINES.iloc[:0])
    assert [finding.code for finding in findings] == ["sweep.nothing"]


def test_one_trial_of_one_epoch_is_undecided(curve, trials_of):
    table = curve("s0000", [1.0], [1.2])
    findings = of(trials_of(table), table, manifest(), BASELINES.iloc[:0])
    assert find(findings, "network.undecided").level == "info"
    assert not [finding for finding in findings if finding.about == "capacity"]


def test_a_winner_without_rows_in_the_table_falls_back_to_the_best(crowd):
    assert of(*crowd, manifest(winner={"trial": "s9999"}))[0].verdict == "best so far"


def test_fixed_hyperparameters_are_a_caveat(crowd):
    bounds = {"batch_size": {"value": 32}, "depth": {"low": 1, "high": 6}}
    caveats = find(of(*crowd, manifest(space_bounds=bounds)), "sweep.caveats").details
    assert ("fixed" in caveats["which"], caveats["fixed"]) == (True, ["batch_size"])


JUDGES = (
    ("name_winner", "winner"), ("judge_search", "search"), ("judge_test", "test"),
    ("judge_network", "network"), ("judge_rate", "rate"), ("compare_with_baselines", "baselines"),
    ("judge_capacity", "capacity"), ("judge_pruning", "pruning"), ("count_failures", "failures"),
    ("check_playbook", "playbook"), ("state_caveats", "caveats"), ("find_winner", "choice"),
)  # fmt: skip


@pytest.mark.parametrize(("judge", "name"), JUDGES)
def test_a_conclusion_that_cannot_be_drawn_costs_no_other(judge, name, crowd, monkeypatch):
    tables = (*crowd, manifest())
    sound = of(*tables)

    def fail(*_, **__):
        raise IndexError("index 3 is out of bounds")

    monkeypatch.setattr(f"studies.findings.conclusions.{judge}", fail)
    findings = of(*tables)
    lacking = find(findings, "run.left_out")
    assert lacking.subject == f"findings.{name}"
    assert say(lacking).sentence.startswith(
        f"findings {name} could not be made, because of IndexError: index 3 is out of bounds ("
    )
    assert lacking.level == "warning"
    rest = [finding_json(finding) for finding in findings if finding is not lacking]
    if name == "choice":
        assert {finding["code"] for finding in rest} < {finding.code for finding in sound}
        assert rest
    else:
        assert [one for one in map(finding_json, sound) if one in rest] == rest


def test_every_code_of_a_finding_stands_in_the_document():
    root = Path(__file__).parents[3]
    sources = "".join(path.read_text() for path in (root / "studies").rglob("*.py"))
    codes = re.findall(r'code=f?"([\w.-]+)', sources)
    document = (root / "docs" / "verdicts.md").read_text()
    assert len(codes) > 15
    assert [code for code in codes if f"`{code}" not in document] == []
