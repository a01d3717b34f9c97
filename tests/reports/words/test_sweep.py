import math

import pytest

from reports.findings import Finding
from reports.run_score import ACCURACY
from reports.words.saying import finding_json, say

WINNER = {
    "numbers": {
        "searched_score": 0.9, "confirmed_score": 0.91, "confirmed_score_low": 0.9,
        "confirmed_score_high": 0.92, "test_score": 0.95, "seeds": 5, "lost_seeds": 0,
        "parameters": 4810, "trials": 6, "pruned": 0,
    },
    "details": {"score": ACCURACY, "network": "a net", "training": "adam, learning rate 0.003"},
}  # fmt: skip
SMALLEST = {
    "numbers": {"parameters": 1000, "best_parameters": 3000, "share": 1 / 3,
                "standard_error": 0.01, "at_most_behind": 0.004, "margin": 0.015, "pruned": 0},
    "details": {"best": "s0003", "behind": 0.005},
}  # fmt: skip
AUDIT = {
    "numbers": {"audited": 2, "better": 0, "clearly_better": 0, "share": 0.0, "share_low": 0.0,
                "share_high": 0.84, "gain": -0.1, "standard_error": 0.02, "failed": 0},
    "details": {"pruned": 20, "best": "s0000", "lowest": "a0003", "distance": 0.1, "settling": 36},
}  # fmt: skip


def told(code, verdict="v", subject="s0001", base=None, **changes):
    """Say a finding; each change is that of a number or of a detail."""
    base = base or {"numbers": {}, "details": {}}
    details = {**base["details"], **changes}
    finding = Finding(
        code=code, about="sweep", subject=subject, verdict=verdict,
        numbers={name: value for name, value in base["numbers"].items() if name not in changes},
        details=details,
    )  # fmt: skip
    return say(finding)


def test_the_winner_is_told_with_all_three_scores():
    said = told("sweep.winner", "chosen", base=WINNER)
    assert said.sentence == (
        "s0001 is the best of 6 networks: a net, 4,810 parameters, adam, learning rate 0.003. Its "
        "validation accuracy: 0.900 in the search, 0.910 (95 % interval 0.900 to 0.920) on 5 fresh "
        "seeds; 0.950 on the test rows."
    )
    assert said.next_step == ""


def test_a_winner_without_confirmation_may_be_luck():
    said = told("sweep.winner", "best so far", base=WINNER, confirmed_score=None, test_score=None,
                pruned=3, trials=1)  # fmt: skip
    assert said.sentence.startswith("s0001 is the best so far of 1 network (3 more pruned): ")
    assert said.sentence.endswith(
        "0.900 in the search, not confirmed on fresh seeds, so part of it may be luck."
    )
    assert said.next_step == "Confirm it on fresh seeds: --confirm 5."


def test_seeds_that_were_lost_are_told():
    said = told("sweep.winner", "chosen", base=WINNER, lost_seeds=1)
    assert said.sentence.endswith("; on 1 fresh seed it diverged or failed.")


@pytest.mark.parametrize(
    ("verdict", "start"),
    [("flattered", "The search flattered it: "), ("understated", "The search understated it: "),
     ("confirmed", "The score held up: ")],
)  # fmt: skip
def test_what_the_search_claimed_is_set_against_what_was_confirmed(verdict, start):
    said = told("sweep.winners_curse", verdict, score=ACCURACY, searched_score=0.9,
                confirmed_score=0.89, estimate=0.01, low=-0.01, high=0.03)  # fmt: skip
    assert said.sentence == (
        f"{start}searched minus confirmed validation accuracy is "
        "0.010 (95 % interval \N{MINUS SIGN}0.010 to 0.030)."
    )
    assert said.next_step == "Quote the confirmed score, not the searched one."


@pytest.mark.parametrize(
    ("touches", "times", "step"),
    [(1, "1 time", ""), (2, "2 times", "The more often it is looked at, the less it proves.")],
)
def test_the_test_score_counts_the_touches(touches, times, step):
    said = told("sweep.test", score=ACCURACY, estimate=0.95, low=0.922, high=0.968, rows=360,
                touches=touches)  # fmt: skip
    assert said.sentence == (
        "On 360 test rows the saved network reaches accuracy 0.950 (95 % interval 0.922 to 0.968). "
        f"The test split was touched {times}."
    )
    assert said.next_step == step


@pytest.mark.parametrize(
    ("name", "verdict", "words", "step"),
    [
        ("linear", "better", "better than", ""),
        ("boosted trees", "worse", "worse than",
         "Use boosted trees, or find out what it sees that the network does not."),
        ("linear", "undecided", "not clearly apart from",
         "Prefer linear if simplicity counts, or hold out more rows to tell."),
        ("dummy", "undecided", "not clearly apart from",
         "Nothing was learnt for certain: check the target and the features."),
    ],
)  # fmt: skip
def test_a_baseline_is_set_against_the_network(name, verdict, words, step):
    said = told(f"comparison.{name.replace(' ', '_')}", verdict, name, score=ACCURACY,
                network_score=0.9, baseline_score=0.89, difference=0.01, low=-0.02,
                high=0.04)  # fmt: skip
    assert said.sentence == (
        f"The network is {words} the {name} baseline: validation accuracy 0.900 against 0.890, "
        "difference 0.010 (95 % interval \N{MINUS SIGN}0.020 to 0.040)."
    )
    assert said.next_step == step


def test_a_run_in_which_nothing_finished_says_so():
    assert told("sweep.nothing", trials=0, pruned=0).next_step == "Let the sweep run."
    said = told("sweep.nothing", trials=6, pruned=4)
    assert said.sentence == (
        "None of 6 trials finished, so there is nothing to conclude; 4 pruned."
    )
    assert said.next_step.endswith("run it again, without pruning: --pruner none.")


def test_an_adequate_network_is_named_with_its_share():
    said = told("capacity.smallest_adequate", "smallest adequate", "s0002", SMALLEST)
    assert said.sentence == (
        "s0002 with 1,000 parameters is the smallest network within one standard error (0.0100) of "
        "the best validation loss: 0.00500 behind s0003, with 33 % of its 3,000 parameters. It is "
        "adequate: surely no other is better by the 0.0150 that matter (at most 0.00400)."
    )
    assert said.next_step == "If size or speed counts, confirm s0002 on 5 seeds."


def test_a_network_that_may_not_be_adequate_says_what_is_open():
    said = told("capacity.smallest_adequate", "undecided", "s0002", SMALLEST, at_most_behind=0.03,
                pruned=3)  # fmt: skip
    assert "another may be better by 0.0300, and 0.0150 would matter." in said.sentence
    assert said.sentence.endswith(" What 3 pruned trials would have reached is not known.")
    assert said.next_step.endswith("fitgap study capacity.")


def test_the_best_may_be_the_smallest_of_its_quality():
    said = told("capacity.smallest_adequate", "undecided", "s0003", SMALLEST,
                at_most_behind=math.inf)  # fmt: skip
    assert said.sentence == (
        "No network smaller than the best one, s0003 (1,000 parameters), comes within one standard "
        "error (0.0100) of its validation loss. Whether it is adequate cannot be told without the "
        "errors over rows."
    )
    assert said.next_step == ""


def test_the_edge_of_the_sizes_is_named():
    said = told("capacity.edge", parameters=30_000, end="largest", towards="larger", fewest=100,
                most=30_000)  # fmt: skip
    assert said.sentence.startswith(
        "The best network (30,000 parameters) is among the largest tried (100 to 30,000)"
    )
    assert said.next_step == "Widen the space towards larger networks: depth or width."


PRUNED = {"trials": 5, "planned_epochs": 150, "saved_epochs": 74, "saved_share": 74 / 150,
          "audit_epochs": 0}  # fmt: skip


def test_pruned_trials_are_counted_by_epoch():
    said = told("sweep.pruned", pruned=3, audited=0, stops=[(3, 2), (10, 1)], **PRUNED)
    assert said.sentence == (
        "3 of 5 trials pruned: 2 after epoch 3 and 1 after epoch 10. So 74 of the 150 epochs "
        "planned (49 %) were not trained. No pruned trial was trained to its end, so what pruning "
        "cost is not known here."
    )
    assert said.next_step.endswith("--audit.")


def test_the_epochs_of_an_audit_are_told():
    audited = PRUNED | {"audit_epochs": 60}
    said = told("sweep.pruned", pruned=1, audited=2, stops=[(1, 1)], **audited)
    assert said.sentence.endswith("; the audit took 60 epochs of its own.")
    assert said.next_step == ""


def test_few_audits_are_too_few():
    said = told("sweep.pruning_audit", "undecided", base=AUDIT, failed=1)
    assert said.sentence == (
        "Of 2 pruned trials trained to the end as an audit, drawn from 20, none would have beaten "
        "the best finished trial of the search, s0000. The share of all pruned trials that would "
        "have: 0 % (95 % interval 0 % to 84 %). The lowest loss among them, that of a0003, lies "
        "0.100 above the best, with a standard error of 0.0200. 1 audit failed and left out. 2 are "
        "too few to decide."
    )
    assert said.next_step.startswith("36 audits")


def test_an_audit_that_is_better_is_told():
    better = {"better": 2, "gain": 0.05, "distance": 0.05}
    said = told("sweep.pruning_audit", "costly", base=AUDIT, clearly_better=1, **better)
    assert "2 would have beaten" in said.sentence
    assert "that of a0003, lies 0.0500 below the best" in said.sentence
    assert said.sentence.endswith(": a clear difference.")
    assert said.next_step.endswith("narrowed to where a0003 lies.")
    said = told("sweep.pruning_audit", "undecided", base=AUDIT, **better)
    assert ": no clear difference." in said.sentence
    none = told("sweep.pruning_audit", "undecided", base=AUDIT, lowest="", gain=None)
    assert "None of them ended with a finite loss." in none.sentence
    assert told("sweep.pruning_audit", "harmless", base=AUDIT).next_step == ""


def test_failures_are_told_by_reason():
    known = {"lost": 3, "trials": 6, "shown": [(2, "took … s"), (1, "out of memory")], "others": 0}
    said = told("sweep.failed", "failed", **known)
    assert said.sentence == "3 of 6 trials failed: 2 times took … s; 1 times out of memory."
    assert said.next_step.startswith("The reason says")
    assert told("sweep.diverged", "diverged", **known | {"others": 2}).sentence.endswith(
        "; and 2 other reasons."
    )


def test_caveats_are_told_one_after_the_other():
    which = ["split", "unconfirmed", "baselines", "unfinished", "pruned", "rows", "fixed"]
    said = told("sweep.caveats", which=which, warnings=["7 rows of {x}"], searched=6, planned=30,
                pruned=3, rows=50, fixed=["batch_size"])  # fmt: skip
    assert said.sentence == (
        "One split into train and validation rows: no interval says how another split would end. "
        "No confirmation: the winner was chosen for its score on one seed. No baselines were "
        "trained: what a simpler model reaches is not known. The run is not finished: 6 of 30 "
        "trials. 3 trials pruned: what is said of several configurations rests on those trained to "
        "their end. Only 50 validation rows: most differences stay undecided. Held fixed, so "
        "nothing is known about: batch_size. 7 rows of {x}."
    )


def test_what_could_not_be_made_says_how_to_do_without_it():
    said = told("run.left_out", "left out", "figure.scores", what="figure scores is missing")
    assert said.sentence == "figure scores is missing."
    assert said.next_step == (
        "`fitgap resume` tries again, `--no-report` with it does without the report."
    )
    assert told("run.left_out", "left out", "audit", what="x").next_step == (
        "`fitgap resume` tries again."
    )


def test_a_sentence_that_a_study_brings_is_repeated():
    finding = Finding(code="study.x", verdict="v", sentence="It depends {so}.", next_step="Go on.")
    assert (say(finding).sentence, say(finding).next_step) == ("It depends {so}.", "Go on.")


def test_findings_json_holds_the_sentence_and_finite_numbers():
    finding = Finding(
        code="sweep.nothing", about="sweep", verdict="nothing",
        numbers={"trials": 0, "pruned": 0, "share": math.nan},
    )  # fmt: skip
    written = finding_json(finding)
    assert list(written) == [
        "code", "about", "subject", "verdict", "sentence", "next_step", "level", "confidence",
        "numbers",
    ]  # fmt: skip
    assert written["sentence"].startswith("No trial has been run yet")
    assert written["numbers"] == {"trials": 0, "pruned": 0, "share": None}
