import pytest

from studies.designs.building import (
    MOST_ARMS,
    MOST_CANDIDATES,
    all_combinations,
    draw_points,
    name_arm,
)
from studies.designs.spec import FIXED, StudySpec
from sweep.errors import ConfigurationError
from sweep.optimizers import OPTIMIZERS
from sweep.variant import DataVariant


def spec_of(*arms, **more):
    return StudySpec(study="custom", question="Why?", arms=arms, **more)


WIDTHS = spec_of({"width": 16}, {"width": 32}, {"width": 64})


def rates(arm):
    return [candidate.learning_rate for candidate in arm.candidates]


def test_every_arm_has_its_values_and_the_same_candidates(design_of):
    design = design_of(WIDTHS)

    assert [arm.name for arm in design.arms] == ["width 16", "width 32", "width 64"]
    for arm, width in zip(design.arms, (16, 32, 64), strict=True):
        assert {candidate.width for candidate in arm.candidates} == {width}
        assert rates(arm) == list(OPTIMIZERS["adam"].tuned_rates)
        assert {candidate.seed for candidate in arm.candidates} == {0}
        assert {candidate.epochs for candidate in arm.candidates} == {WIDTHS.epochs}
    assert design.nuisance == {"learning_rate.adam": OPTIMIZERS["adam"].tuned_rates}
    assert "width" not in design.fixed
    assert {key: design.fixed[key] for key in FIXED if key != "width"} == {
        key: value for key, value in FIXED.items() if key != "width"
    }


def test_settings_of_the_user_reach_the_design(design_of):
    design = design_of(WIDTHS, seeds=7, folds=3, epochs=4, margin=0.5)

    assert (design.seeds, design.folds, design.margin, design.pairs) == (7, 3, 0.5, 21)
    assert {candidate.epochs for arm in design.arms for candidate in arm.candidates} == {4}
    assert design.fixed["epochs"] == 4


def test_all_pairs_are_compared_or_every_arm_with_the_reference(design_of):
    assert design_of(WIDTHS).contrasts == (
        ("width 32", "width 16"), ("width 64", "width 16"), ("width 64", "width 32"),
    )  # fmt: skip
    spec = spec_of(*WIDTHS.arms, reference="width 32")
    assert design_of(spec).contrasts == (("width 16", "width 32"), ("width 64", "width 32"))


def test_contrasts_of_the_specification_are_taken_as_they_are(design_of):
    spec = spec_of(*WIDTHS.arms, contrasts=(("width 64", "width 16"),))
    assert design_of(spec).contrasts == (("width 64", "width 16"),)


def test_what_the_user_fixes_is_fixed(design_of):
    design = design_of(WIDTHS, set=["activation=tanh", "depth=3"])

    assert (design.fixed["activation"], design.fixed["depth"]) == ("tanh", 3)
    for arm in design.arms:
        assert {(c.activation, c.depth) for c in arm.candidates} == {("tanh", 3)}


def test_of_what_the_user_gives_several_values_each_arm_chooses(design_of):
    design = design_of(WIDTHS, set=["dropout=0,0.5", "learning_rate.adam=0.001,0.01"])

    assert design.nuisance == {"learning_rate.adam": (0.001, 0.01), "dropout": (0.0, 0.5)}
    assert "dropout" not in design.fixed
    found = [(c.learning_rate, c.dropout) for c in design.arms[0].candidates]
    assert found == [(0.001, 0.0), (0.001, 0.5), (0.01, 0.0), (0.01, 0.5)]


def test_one_rate_leaves_nothing_to_tune_and_is_called_fixed(design_of):
    design = design_of(WIDTHS, set=["learning_rate=0.02"])

    assert (design.tuning_seeds, design.candidates, design.nuisance) == (0, 1, {})
    assert design.fixed["learning_rate"] == 0.02
    assert not [key for key in design.fixed if "." in key]


def test_rates_of_several_optimizers_are_fixed_apart(design_of):
    spec = spec_of({"optimizer": "adam"}, {"optimizer": "sgd"})
    design = design_of(spec, set=["learning_rate.adam=0.001", "learning_rate.sgd=0.1"])

    assert rates(design.arms[0]) == [0.001]
    assert rates(design.arms[1]) == [0.1]
    assert design.fixed["learning_rate.sgd"] == 0.1
    assert "learning_rate.rmsprop" not in design.fixed


def test_each_optimizer_tries_its_own_rates(design_of):
    design = design_of(spec_of({"optimizer": "adam"}, {"optimizer": "sgd"}))

    expected = [list(OPTIMIZERS[name].tuned_rates) for name in ("adam", "sgd")]
    assert [rates(arm) for arm in design.arms] == expected
    assert set(design.nuisance) == {"learning_rate.adam", "learning_rate.sgd"}


def test_arms_that_would_be_tuned_harder_than_others_are_refused(design_of):
    spec = spec_of({"optimizer": "adam"}, {"optimizer": "sgd"})
    with pytest.raises(
        ConfigurationError, match="arms: they would try 2 to 6 settings each; give each as"
    ):
        design_of(spec, set=["learning_rate.sgd=0.1,0.2"])


def test_an_arm_with_its_own_rate_among_tuned_ones_is_refused(design_of):
    with pytest.raises(ConfigurationError, match="would try 1 to 6 settings"):
        design_of(spec_of({"learning_rate": 0.1}, {"width": 8}))


def test_arms_may_differ_in_different_parameters(design_of):
    design = design_of(spec_of({"width": 8}, {"depth": 5}, names=("narrow", "deep")))

    assert design.arms[0].candidates[0].depth == FIXED["depth"]
    assert design.arms[1].candidates[0].width == FIXED["width"]
    assert not {"width", "depth"} & set(design.fixed)


def test_the_learning_rate_may_be_the_question(design_of):
    design = design_of(spec_of({"learning_rate": 0.01}, {"learning_rate": 0.1}))

    assert [rates(arm) for arm in design.arms] == [[0.01], [0.1]]
    assert design.tuning_seeds == 0


def test_what_of_the_data_an_arm_is_trained_on_is_its_variant(design_of):
    design = design_of(spec_of({"train_rows": 100}, {"train_rows": 200, "label_noise": 1.0}))

    assert [arm.variant for arm in design.arms] == [
        DataVariant(train_rows=100), DataVariant(train_rows=200, label_noise=1.0),
    ]  # fmt: skip


def test_the_user_s_noise_is_that_of_every_arm_that_says_nothing_of_it(design_of):
    design = design_of(spec_of({"label_noise": 0.0}, {"width": 8}), label_noise=0.3)

    assert [arm.variant.label_noise for arm in design.arms] == [0.0, 0.3]
    assert design_of(WIDTHS, label_noise=0.3).fixed["label_noise"] == 0.3


@pytest.mark.parametrize("text", ["train_rows=100,200", "label_noise=0..1"])
def test_an_arm_cannot_choose_its_data(text, design_of):
    with pytest.raises(ConfigurationError, match="an arm cannot choose what it is trained on"):
        design_of(WIDTHS, set=[text])


def test_a_linear_model_has_one_configuration_whatever_cannot_matter(design_of):
    design = design_of(spec_of({"depth": 0, "width": 64}, {"depth": 0, "width": 8, "dropout": 0.5}))
    first, second = (arm.candidates for arm in design.arms)

    assert first == second
    assert first[0].width == 0


def test_momentum_is_for_sgd_alone(design_of):
    spec = spec_of({"optimizer": "adam"}, {"optimizer": "sgd"}, fixed={"momentum": 0.9})
    design = design_of(spec)

    assert [arm.candidates[0].momentum for arm in design.arms] == [0.0, 0.9]


def test_an_arm_follows_the_one_that_the_specification_names(design_of):
    design = design_of(spec_of(*WIDTHS.arms, follows={"width 64": "width 16"}))
    assert [arm.follows for arm in design.arms] == ["", "", "width 16"]


def test_no_arms_too_many_and_two_of_one_name_are_refused(design_of):
    with pytest.raises(ConfigurationError, match="arms: there are none; give at least two"):
        design_of(spec_of())
    with pytest.raises(ConfigurationError, match="arms: 201 are too many; give at most 200"):
        design_of(spec_of(*({"width": width} for width in range(1, MOST_ARMS + 2))))
    with pytest.raises(ConfigurationError, match="arms: two are called 'width 8'; give each"):
        design_of(spec_of({"width": 8}, {"width": 8}))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"width": 1024, "dropout": 0.5}, "width 1,024, dropout 0.5"),
        ({"activation": "leaky_relu"}, "leaky_relu"),
        ({"learning_rate": 0.0003}, "rate 0.0003"),
        ({"learning_rate.sgd": 0.1, "optimizer": "sgd"}, "rate 0.1, sgd"),
        ({"train_rows": 400, "label_noise": 1.0}, "rows 400, label noise 1"),
        ({"use_bias": True}, "use bias yes"),
        ({"use_bias": False}, "use bias no"),
    ],
)
def test_an_arm_is_named_by_its_values(values, name):
    assert name_arm(values) == name


def test_combinations_vary_the_last_key_fastest():
    assert all_combinations({"depth": (1, 2), "width": (8, 16)}) == (
        {"depth": 1, "width": 8}, {"depth": 1, "width": 16},
        {"depth": 2, "width": 8}, {"depth": 2, "width": 16},
    )  # fmt: skip


def test_a_small_grid_is_tried_whole():
    assert draw_points([], seed=1) == [()]
    assert draw_points([2, 3], seed=1) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert len(draw_points([MOST_CANDIDATES], seed=1)) == MOST_CANDIDATES


@pytest.mark.parametrize("sizes", [[13], [5, 3], [5, 2, 4, 3], [40, 40]])
def test_of_a_large_grid_different_points_are_drawn_that_cover_every_parameter(sizes):
    points = draw_points(sizes, seed=1)

    assert len(set(points)) == len(points) == MOST_CANDIDATES
    assert all(0 <= place < size for point in points for place, size in zip(point, sizes))  # noqa: B905 - as long
    for place, size in enumerate(sizes):
        halves = {2 * point[place] >= size for point in points}
        assert halves == {True, False}
    assert draw_points(sizes, seed=1) == points
    assert draw_points(sizes, seed=2) != points


def test_arms_of_a_large_grid_try_the_same_points(design_of):
    design = design_of(WIDTHS, set=["dropout=0..0.4", "batch_size=16,32,64"])
    tried = [
        [(c.learning_rate, c.dropout, c.batch_size) for c in arm.candidates] for arm in design.arms
    ]

    assert tried[0] == tried[1] == tried[2]
    assert len(tried[0]) == MOST_CANDIDATES
