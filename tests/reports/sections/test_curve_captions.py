from reports.sections import curve_captions
from reports.summaries.curves import Panel, learning_curves


def test_the_winners_caption_gives_epoch_and_gap(run):
    loss = learning_curves(run.epochs, run.winner_members, "loss", Panel(name="Loss"))
    text = curve_captions.winner_curves(loss)
    assert f"mean curve over 5 seeds is best at epoch {loss.best_epoch} of 30" in text
    assert "above the train loss" in text


def test_curves_without_a_finite_value_say_so(run):
    empty = learning_curves(run.epochs.iloc[:0], ("a",), "loss", Panel(name="Loss"))
    assert "no epoch with a finite" in curve_captions.winner_curves(empty)
    assert "No trial has a finite loss" in curve_captions.chosen_curves([("best", empty)])
    assert "No finite" in curve_captions.gradient(empty)
