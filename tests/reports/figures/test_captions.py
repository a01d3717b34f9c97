import pytest

from reports.drawing.points import not_in_place
from reports.figures import capacity, fit_map, scores, settings
from reports.figures import pruned as pruned_words
from reports.figures.settings import hyperparameter
from reports.judged import best_trials, with_verdicts
from reports.run_score import ACCURACY


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def test_the_settings_caption_names_only_what_every_trial_has(run, judged):
    bounds = run.manifest["space_bounds"]
    panels = [hyperparameter(judged, name, bounds[name]) for name in ("depth", "momentum")]
    text = settings.told(best_trials(judged), panels, len(judged))
    assert text.startswith("The best 3 of 30 trials have depth ")
    assert "momentum" not in text


def test_settings_of_too_few_trials_are_not_judged(judged):
    assert "Too few" in settings.told(best_trials(judged.head(0)), [], 0)


def test_the_scores_caption_works_without_winner_or_baselines(run):
    assert scores.told(scores.score_rows(None, run.baselines, ACCURACY), ACCURACY).startswith(
        "There is no winner;"
    )
    none = scores.told(scores.score_rows(None, run.baselines.iloc[:0], ACCURACY), ACCURACY)
    assert none == "There is no winner; no baselines were trained."


def test_what_is_not_in_its_place_is_told(judged):
    assert "without a result not shown" in not_in_place(fit_map.place_losses(judged))
    finished = judged[judged["outcome"] == "finished"]
    assert not_in_place(capacity.place_gaps(finished)) == ""


def test_the_searched_span_names_edges_or_choices(run, judged):
    bounds = run.manifest["space_bounds"]
    width = hyperparameter(judged, "width", bounds["width"])
    optimizer = hyperparameter(judged, "optimizer", bounds["optimizer"])
    assert settings.searched_span(width.axes) == "8 to 512, log scale"
    assert settings.searched_span(optimizer.axes) == "adam, sgd, rmsprop"


def test_pruned_trials_are_told_beside_a_figure_and_not_where_there_are_none(judged, pruned_run):
    assert pruned_words.told(judged) == ""
    pruned = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    number = int((pruned["outcome"] == "pruned").sum())
    assert pruned_words.told(pruned).startswith(f"The {number} pruned trials (◇), each drawn")
    one = pruned[pruned["outcome"] == "pruned"].head(1)
    assert pruned_words.told(one).startswith("The pruned trial (◇), drawn at its best epoch so far")


def test_of_several_panels_the_one_with_the_most_out_of_place_is_told(pruned_run):
    pruned = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    pruned.loc[pruned["outcome"] == "pruned", "validation_score"] = -9.0
    bounds = pruned_run.manifest["space_bounds"]
    panels = [hyperparameter(pruned, name, bounds[name]) for name in ("momentum", "depth")]
    assert 0 < panels[0].beyond < panels[1].beyond
    assert not_in_place(*panels) == not_in_place(panels[1])
