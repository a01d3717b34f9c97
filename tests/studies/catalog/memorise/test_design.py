import pytest

from studies.catalog.memorise.design import spec
from sweep.errors import ConfigurationError


def test_each_width_has_an_arm_with_true_and_one_with_random_labels_on_the_same_rows(design_of):
    design = design_of(spec)

    assert {arm.variant.train_rows for arm in design.arms} == {500}
    assert {arm.variant.label_noise for arm in design.arms} == {0.0, 1.0}
    assert [arm.candidates[0].width for arm in design.arms] == [2, 4, 8, 16, 32, 64, 128] * 2
    assert design.objective == "train_loss"
    assert ("random labels, width 2", "true labels, width 2") in design.contrasts


def test_few_rows_are_all_used(design_of):
    design = design_of(spec, rows=90)

    assert {arm.variant.train_rows for arm in design.arms} == {90}


@pytest.mark.parametrize(
    ("texts", "settings", "match"),
    [
        (("train_rows=2000",), {}, "--set train_rows: 2000 is not one number up to the 1,000"),
        (("train_rows=100,200",), {}, "--set train_rows: 100, 200 is not one number"),
        (("label_noise=0.5",), {}, "--label-noise: this study compares all labels true"),
        ((), {"label_noise": 0.2}, "--label-noise: this study compares all labels true"),
        (("depth=0",), {}, "--set depth: 0 has no width"),
    ],
)
def test_what_would_make_it_another_study_is_refused(design_of, texts, settings, match):
    with pytest.raises(ConfigurationError, match=match):
        design_of(spec, set=texts, **settings)
