import pytest

from reports.judged import best_trials, with_verdicts
from reports.run_score import ACCURACY
from reports.sections import captions
from reports.summaries import trials as summary_trials
from reports.summaries.scores import scores
from reports.summaries.space import hyperparameter


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def test_the_settings_caption_names_only_what_every_trial_has(run, judged):
    bounds = run.manifest["space_bounds"]
    panels = [hyperparameter(judged, name, bounds[name]) for name in ("depth", "momentum")]
    text = captions.settings(best_trials(judged), panels, len(judged))
    assert text.startswith("The best 3 of 30 trials have depth ")
    assert "momentum" not in text


def test_settings_of_too_few_trials_are_not_judged(judged):
    assert "Too few" in captions.settings(best_trials(judged.head(0)), [], 0)


def test_the_scores_caption_works_without_winner_or_baselines(run):
    assert captions.scores(scores(None, run.baselines, ACCURACY)).startswith("There is no winner;")
    none = captions.scores(scores(None, run.baselines.iloc[:0], ACCURACY))
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
    pruned = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    number = int((pruned["outcome"] == "pruned").sum())
    assert captions.pruned(pruned).startswith(f"The {number} pruned trials (◇), each drawn")
    one = pruned[pruned["outcome"] == "pruned"].head(1)
    assert captions.pruned(one).startswith("The pruned trial (◇), drawn at its best epoch so far")


def test_of_several_panels_the_one_with_the_most_out_of_place_is_told(pruned_run):
    pruned = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    pruned.loc[pruned["outcome"] == "pruned", "validation_score"] = -9.0
    bounds = pruned_run.manifest["space_bounds"]
    panels = [hyperparameter(pruned, name, bounds[name]) for name in ("momentum", "depth")]
    assert 0 < panels[0].beyond < panels[1].beyond
    assert captions.not_in_place(*panels) == captions.not_in_place(panels[1])
