import dataclasses

from reports.pages import method


def told(content):
    return " ".join(method.sentences(content))


def test_a_run_of_too_few_finished_trials_says_what_was_not_measured(run_maker):
    words = told(run_maker(trials=6, confirm=0, lost=0.0))
    assert "matters was not measured: 6 trials finished, and it takes 10" in words
    assert "best of k trials is not drawn: it takes 10" in words


def test_a_pruned_run_says_why_the_best_of_k_is_not_drawn(pruned_run):
    assert "the pruner chose which trials finished" in told(pruned_run)


def test_a_run_of_enough_trials_misses_nothing(run):
    assert "not measured" not in told(run)
    assert "not drawn" not in told(run)


def test_a_run_without_a_winner_has_sentences(run):
    none = dataclasses.replace(run, manifest={**run.manifest, "winner": None})
    assert "not measured" not in told(none)


def test_weights_of_rows_and_of_classes_are_told(run):
    assert "equal weight" not in told(run)
    assert "weights" not in method.source(run.data)
    settings = {**run.manifest["settings"], "class_weight": "balanced"}
    data = {**run.data, "effective_rows": {"train": 300.4, "validation": 71.6, "test": 90.0}}
    weighted = dataclasses.replace(
        run, manifest={**run.manifest, "settings": settings, "data": data}
    )
    words = told(weighted)
    assert f"the {run.data['splits']['validation']} validation rows tell as much as 72 of" in words
    assert "In the training loss, and in it alone, classes count alike" in words
    assert method.source(data).endswith("rows have weights")
