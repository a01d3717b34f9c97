import pytest

from studies.catalog.capacity.design import WIDEST, spec, threshold_widths
from studies.designs.context import StudyContext
from sweep.errors import ConfigurationError


def test_each_network_is_planned_against_the_next_narrower_of_its_depth(design_of):
    design = design_of(spec, set=("depth=1,3", "width=4,8,16"))

    assert design.contrasts == (
        ("1x8", "1x4"),
        ("1x16", "1x8"),
        ("3x8", "3x4"),
        ("3x16", "3x8"),
    )


def test_a_linear_model_has_no_width_and_is_there_once(design_of):
    design = design_of(spec, set=("depth=0,1", "width=4,8"))

    assert [arm.name for arm in design.arms] == ["linear", "1x4", "1x8"]


def test_one_network_is_refused(design_of):
    with pytest.raises(ConfigurationError, match="--set width: one network"):
        design_of(spec, set=("depth=1", "width=8"))


def noisy(design_of, **more):
    told = {"label_noise": 0.2, "epochs": 4, "set": ("width=2,4,8,16,32,64",)}
    return design_of(spec, **{**told, **more})


def test_the_widths_lie_about_rows_times_outputs():
    context = StudyContext(
        task="multiclass", inputs=784, outputs=10, train_rows=1500, validation_rows=500
    )

    widths = threshold_widths(context)

    assert 19 in widths  # 19 * 795 + 10 parameters: 1.008 times 1,500 * 10
    assert (widths[0], widths[-1]) == (1, 151)


def test_the_widths_of_large_data_stay_below_the_widest():
    context = StudyContext(
        task="multiclass", inputs=784, outputs=10, train_rows=50_000, validation_rows=5000
    )

    assert threshold_widths(context)[-1] == WIDEST


def test_few_rows_still_give_networks_to_compare():
    context = StudyContext(
        task="regression", inputs=30, outputs=1, train_rows=40, validation_rows=20
    )

    assert len(threshold_widths(context)) > 1


def test_noisy_labels_are_trained_on_to_the_end_without_tuning(design_of):
    design = noisy(design_of)

    assert design.candidates == 1
    assert design.tuning_seeds == 0
    assert {arm.variant.label_noise for arm in design.arms} == {0.2}
    assert design.options["rows_times_outputs"] == 10_000
