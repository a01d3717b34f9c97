import pytest

from studies.catalog.ladder.design import spec


@pytest.fixture(name="design")
def _design(design_of):
    return design_of(spec)


def test_the_arms_are_the_courses_own_and_dropout_follows_the_rate_of_its_rival(design):
    widths = [arm.candidates[0].widths for arm in design.arms]

    assert widths == [(128,), (128, 128, 128), (128, 128, 128), (128, 128, 128)]
    assert [arm.candidates[0].dropout for arm in design.arms] == [0, 0, 0.5, 0.5]
    assert [arm.follows for arm in design.arms] == ["", "", "3x128", ""]
