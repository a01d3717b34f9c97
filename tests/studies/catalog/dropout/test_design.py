import pytest

from studies.catalog.dropout.design import spec
from sweep.errors import ConfigurationError

FEW = ("dropout=0.2,0.5,0.7", "width=16,64")


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=FEW)


def test_every_width_has_an_arm_without_dropout_even_where_none_was_asked_for(design):
    assert [arm.name for arm in design.arms if arm.scientific["dropout"] == 0] == [
        "width 16, no dropout",
        "width 64, no dropout",
    ]


def test_each_rate_is_planned_against_none_inside_its_width(design):
    assert len(design.contrasts) == 6
    assert all(
        first.split(",")[0] == second.split(",")[0] and second.endswith("no dropout")
        for first, second in design.contrasts
    )


def test_no_dose_at_all_is_refused(design_of):
    with pytest.raises(ConfigurationError, match="--set dropout: 0 is no dose"):
        design_of(spec, set=("dropout=0",))
