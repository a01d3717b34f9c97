import dataclasses

from reports import theme


def test_choices_are_those_that_vary_the_names_before_the_numbers(run):
    choices = run.choices
    assert list(choices)[:2] == ["activation", "optimizer"]
    assert choices["optimizer"] == ("adam", "sgd", "rmsprop")
    assert choices["depth"] == tuple("123456")
    assert not {"width", "dropout", "batch_size", "learning_rate.adam"} & set(choices)


def test_a_run_without_a_search_space_has_no_choices(run):
    assert dataclasses.replace(run, manifest={}).choices == {}


def test_activations_and_optimizers_have_marks_of_their_own(run):
    marks = theme.value_marks(run.choices)
    names = [*run.choices["activation"], *run.choices["optimizer"]]
    looks = {marks[key] for key in marks if key[1] in names}
    assert len(looks) == len(names) == 7


def test_a_run_that_nothing_was_measured_of_has_empty_tables(run):
    assert run.equal_counts.empty
    assert run.importance.empty
    assert run.best_of.empty


def test_a_choice_is_named_as_the_comparison_of_values_names_it(run):
    bounds = {"dropout": {"choices": [0.0, 0.2]}}
    named = dataclasses.replace(run, manifest=run.manifest | {"space_bounds": bounds}).choices
    assert named == {"dropout": ("0", "0.2")}
