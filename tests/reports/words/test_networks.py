import math

import pytest

from reports.findings import Finding
from reports.words.saying import say, say_trial

GAP = "gap 0.130 (95 % interval 0.100 to 0.200)"
ROW = {
    "verdict": "fits", "doubt": "", "calibration": False, "learning_rate_verdict": "right",
    "gap": 0.13, "gap_low": 0.1, "gap_high": 0.2,
    "last_gap": 0.3, "last_gap_low": 0.2, "last_gap_high": 0.4,
    "rises": False, "rise": 0.06, "rise_noise": 0.01, "drop": 0.05, "drop_noise": 0.02,
    "onset_epoch": 12, "best_epoch": 9, "epochs_seen": 30, "epochs": 30, "reason": "",
    "diverged_epoch": 3.0, "learning_rate": 0.003, "reference": "s0007", "reference_larger": True,
    "deficit": 0.02, "deficit_low": -0.1, "deficit_high": 0.14, "train_deficit": 0.05,
    "smaller": "s0002", "larger_pruned": 0, "rows_needed": math.nan,
}  # fmt: skip


def said(verdict="undecided", **changes):
    return say_trial({**ROW, "verdict": verdict, **changes})


@pytest.mark.parametrize(
    ("changes", "sentence", "step"),
    [
        ({"verdict": "failed", "reason": "out of memory"}, "It failed: out of memory.",
         "The reason says what to mend."),
        ({"verdict": "failed"}, "It failed.", "The reason says what to mend."),
        ({"verdict": "diverged"},
         "It diverged: a loss or a weight was no longer finite in epoch 3.",
         "Lower the learning rate (0.003) threefold."),
        ({"verdict": "diverged", "diverged_epoch": math.nan},
         "It diverged: a loss or a weight was no longer finite.",
         "Lower the learning rate (0.003) threefold."),
        ({"verdict": "pruned", "reason": "loss 0.3 was not among the best third of 7",
          "epochs_seen": 3},
         ("It was pruned after epoch 3 of 30: loss 0.3 was not among the best third of 7. How it "
         "fits is not known."), ""),
        ({"verdict": "overfits"},
         (f"It overfits: {GAP} at its best epoch, 9 of 30; s0002, which is smaller, has a clearly "
         "lower validation loss and a smaller gap."),
         "Add dropout or weight decay, take a smaller network, or get more rows."),
        ({"verdict": "overfits", "rises": True},
         (f"It overfits: {GAP} at its best epoch, 9 of 30 and 0.300 (95 % interval 0.200 to 0.400) "
         "at the end; the validation loss rises by 0.0600 above its minimum from epoch 12 on, more "
         "than noise (0.0100), while the train loss falls."),
         "Add dropout or weight decay, take a smaller network, or get more rows."),
        ({"verdict": "overtrained"},
         ("It was trained for too long: the best epoch is 9 of 30, and at the end the validation "
         f"loss lies 0.0600 above its minimum, more than noise (0.0100). At the best epoch: "
         f"{GAP}."),
         "Keep the weights of the best epoch; train for fewer epochs."),
        ({"verdict": "undertrained"},
         ("It was still improving: over the last third of 30 epochs the validation loss fell by "
         f"0.0500, more than noise (0.0200); {GAP}."),
         "Train for twice as many epochs."),
        ({"verdict": "underfits"},
         ("It underfits: s0007, a larger network, is better on both splits, by 0.0200 (joint 95 % "
         "interval \N{MINUS SIGN}0.100 to 0.140) on validation and by 0.0500 on train."),
         "Take a larger network, with less dropout."),
        ({"verdict": "fits"},
         ("It fits: as good as the best, s0007 (0.0200 behind), nothing larger does better, and "
         f"the validation loss does not clearly rise; {GAP}."), ""),
        ({"verdict": "fits", "deficit": 0.0},
         ("It fits: no network of the run is better, nothing larger does better, and the "
         f"validation loss does not clearly rise; {GAP}."), ""),
        ({"doubt": "unseen"}, "It is undecided: there is no epoch with a finite loss to judge by.",
         ""),
        ({"doubt": "rise", "rows_needed": 3.2},
         ("It is undecided: the validation loss ends 0.0600 above its minimum, but the gap (95 % "
         "interval 0.200 to 0.400 at the end) or the train loss does not show overfitting. About 4 "
         "times as many validation rows would settle it."),
         "Repeat it on 5 seeds; if the rise stays, lower the learning rate."),
        ({"doubt": "worse"},
         ("It is undecided: clearly worse than s0007 on validation, by 0.0200 (joint 95 % interval "
         "\N{MINUS SIGN}0.100 to 0.140), but neither a clear lack on train nor a rise on "
         "validation says why."), "Repeat both on 5 seeds, and compare their settings."),
        ({"doubt": "short", "epochs_seen": 1},
         f"It is undecided: 1 epoch cannot tell a trend from noise; {GAP}.",
         "Train for 10 epochs or more."),
        ({"doubt": "rows", "rows_needed": 900.0},
         ("It is undecided: 0.0200 behind s0007 on validation (joint 95 % interval "
         "\N{MINUS SIGN}0.100 to 0.140): more than does not matter, less than a clear difference. "
         f"About more than 100 times as many validation rows would settle it. At the best epoch: "
         f"{GAP}."), "Repeat it on 5 seeds, or hold out more rows."),
        ({"doubt": "capacity"},
         ("It is undecided: as good as the best of the run, but too few clearly larger networks "
         f"were tried to tell whether it is large enough; {GAP}."),
         "Widen the space towards larger networks."),
    ],
)  # fmt: skip
def test_a_verdict_is_said_with_its_numbers(changes, sentence, step):
    told = said(**changes)
    assert (told.sentence, told.next_step) == (sentence, step)


def test_a_lack_of_larger_networks_names_those_that_were_pruned():
    told = said(doubt="capacity", larger_pruned=4)
    assert "trained to the end (4 pruned)" in told.sentence
    assert "--pruner none" in told.next_step


def test_a_large_network_that_underfits_does_not_lack_capacity():
    told = said("underfits", reference_larger=False)
    assert "no larger network" in told.sentence
    assert told.next_step == (
        "It does not lack capacity: compare its settings with those of s0007."
    )


@pytest.mark.parametrize("verdict", ["overtrained", "undertrained", "underfits"])
def test_a_wrong_rate_comes_first(verdict):
    assert said(verdict, learning_rate_verdict="too small").next_step.startswith(
        "Raise the learning rate threefold first"
    )
    assert said(verdict, learning_rate_verdict="diverges").next_step.startswith("Lower")


def test_a_loss_that_rises_with_the_score_is_a_matter_of_calibration():
    told = said("fits", calibration=True)
    assert "does not clearly rise" not in told.sentence
    assert "a matter of calibration" in told.sentence
    assert told.next_step.startswith("Choose the epoch by the score")


def test_an_interval_that_is_not_known_is_named_so():
    assert "gap 0.130 (no interval)" in said("overfits", gap_low=math.nan).sentence


def test_a_finding_calls_the_network_by_its_name_and_tells_the_seeds_that_would_settle_it():
    details = {**ROW, "verdict": "undecided", "doubt": "rows", "seeds": 5, "seeds_needed": 9}
    finding = Finding(
        code="network.undecided", about="network", subject="width 8", verdict="undecided",
        details=details,
    )  # fmt: skip
    told = say(finding)
    assert told.sentence.startswith("width 8 is undecided: 0.0200 behind s0007 on validation")
    assert told.sentence.endswith(" About 9 seeds would settle the rise.")
    assert told.next_step == "Hold out more rows."


@pytest.mark.parametrize(
    ("verdict", "words", "step"),
    [
        ("right", "the train loss of s0001 falls and settles.", ""),
        ("too small", "falls along a nearly straight line", "Try three times the rate."),
        ("too large", "swings instead of settling", "Try a third of the rate."),
        ("diverges", "the train loss of s0001 grows.", "Try a third of the rate."),
        ("undecided", "does not decide whether the rate is right", ""),
    ],
)
def test_the_learning_rate_is_said_with_its_value(verdict, words, step):
    finding = Finding(
        code=f"curve.learning_rate_{verdict.replace(' ', '_')}", about="curve", subject="s0001",
        verdict=verdict, numbers={"learning_rate": 0.003}, details={"optimizer": "adam"},
    )  # fmt: skip
    told = say(finding)
    assert told.sentence.startswith("At a learning rate of 0.003 (adam) ")
    assert words in told.sentence
    assert told.next_step == step
