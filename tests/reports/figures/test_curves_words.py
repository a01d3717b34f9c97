from reports.figures import chosen, winner
from reports.figures.curves import learning_curves


def test_the_winners_caption_gives_epoch_and_gap(run):
    loss = learning_curves(run.epochs, run.winner_members, "loss")
    text = winner.told(loss, None)
    assert f"mean curve over 5 seeds is best at epoch {loss.best_epoch} of 30" in text
    assert "above the train loss" in text
    assert winner.told(loss, 14).endswith("Overfitting sets in at epoch 14.")


def test_curves_without_a_finite_value_say_so(run):
    empty = learning_curves(run.epochs.iloc[:0], ("a",), "loss")
    assert "no epoch with a finite" in winner.told(empty, None)
    assert "No trial has a finite loss" in chosen.told([("best", empty)])
    assert "No finite" in winner.told_gradient(empty)
