import pytest

from reports.sections import captions
from reports.summaries import trials as summary_trials
from reports.summaries.curves import Panel, learning_curves
from reports.summaries.points import best_trials
from reports.summaries.scores import scores
from reports.summaries.space import hyperparameter
from reports.summaries.trials import Correlation


@pytest.fixture
def judged(run):
    return summary_trials.with_verdicts(run.searched, run.verdicts)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.1, 0.7, "Larger networks have larger gaps"),
     (-0.7, -0.1, "Larger networks have smaller gaps"),
     (-0.2, 0.5, "does not clearly depend")],
)  # fmt: skip
def test_capacity_is_claimed_only_where_the_interval_leaves_out_zero(low, high, words):
    assert words in captions.capacity(Correlation(rho=0.3, low=low, high=high, trials=28))


def test_capacity_of_few_trials_is_not_judged():
    nan = float("nan")
    text = captions.capacity(Correlation(rho=nan, low=nan, high=nan, trials=1))
    assert text.startswith("With 1 finished trial it cannot be told")


def test_the_winners_caption_gives_epoch_and_gap(run):
    loss = learning_curves(run.epochs, run.winner_members, "loss", Panel(name="Loss"))
    text = captions.winner_curves(loss)
    assert f"mean curve over 5 seeds is best at epoch {loss.best_epoch} of 30" in text
    assert "above the train loss" in text


def test_curves_without_a_finite_value_say_so(run):
    empty = learning_curves(run.epochs.iloc[:0], ("a",), "loss", Panel(name="Loss"))
    assert "no epoch with a finite" in captions.winner_curves(empty)
    assert "No trial has a finite loss" in captions.chosen_curves([("best", empty)])
    assert "No finite" in captions.gradient(empty)


def test_the_settings_caption_names_only_what_every_trial_has(run, judged):
    bounds = run.manifest["space_bounds"]
    panels = [hyperparameter(judged, name, bounds[name]) for name in ("depth", "momentum")]
    text = captions.settings(best_trials(judged), panels, len(judged))
    assert text.startswith("The best 3 of 30 trials have depth ")
    assert "momentum" not in text


def test_settings_of_too_few_trials_are_not_judged(judged):
    assert "Too few" in captions.settings(best_trials(judged.head(0)), [], 0)


def test_verdicts_are_counted(judged):
    text = captions.fit_map(judged)
    fits = int(((judged["verdict"] == "fits") & (judged["outcome"] == "finished")).sum())
    assert f"fits {fits}" in text
    assert captions.fit_map(judged.iloc[:0]).startswith("No trial has both")


def test_the_scores_caption_works_without_winner_or_baselines(run):
    assert captions.scores(scores(None, run.baselines, "accuracy")).startswith(
        "There is no winner;"
    )
    none = captions.scores(scores(None, run.baselines.iloc[:0], "accuracy"))
    assert none == "There is no winner; no baselines were trained."


def test_what_is_not_in_its_place_is_told(judged):
    assert "without a result not shown" in captions.not_in_place(summary_trials.fit_map(judged))
    finished = judged[judged["outcome"] == "finished"]
    assert captions.not_in_place(summary_trials.capacity(finished)) == ""


def test_the_searched_span_names_edges_or_choices(run, judged):
    bounds = run.manifest["space_bounds"]
    width = hyperparameter(judged, "width", bounds["width"])
    optimizer = hyperparameter(judged, "optimizer", bounds["optimizer"])
    assert captions.searched_span(width) == "8 to 512, log scale"
    assert captions.searched_span(optimizer) == "adam, sgd, rmsprop"


def test_pruned_trials_are_told_beside_a_figure_and_not_where_there_are_none(judged, pruned_run):
    assert captions.pruned(judged) == ""
    pruned = summary_trials.with_verdicts(pruned_run.searched, pruned_run.verdicts)
    number = int((pruned["outcome"] == "pruned").sum())
    assert captions.pruned(pruned).startswith(f"The {number} pruned trials (◇), each drawn")
    one = pruned[pruned["outcome"] == "pruned"].head(1)
    assert captions.pruned(one).startswith("The pruned trial (◇), drawn at its best epoch so far")


def test_verdicts_are_counted_without_the_pruned(pruned_run):
    pruned = summary_trials.with_verdicts(pruned_run.searched, pruned_run.verdicts)
    text = captions.fit_map(pruned)
    assert f"on {(pruned['outcome'] == 'finished').sum()} finished trials" in text
    assert "pruned" not in text


def test_of_several_panels_the_one_with_the_most_out_of_place_is_told(pruned_run):
    pruned = summary_trials.with_verdicts(pruned_run.searched, pruned_run.verdicts)
    pruned.loc[pruned["outcome"] == "pruned", "validation_score"] = -9.0
    bounds = pruned_run.manifest["space_bounds"]
    panels = [hyperparameter(pruned, name, bounds[name]) for name in ("momentum", "depth")]
    assert 0 < panels[0].beyond < panels[1].beyond
    assert captions.not_in_place(*panels) == captions.not_in_place(panels[1])
