import pytest

from studies.catalog.depth_vs_width.design import spec
from studies.catalog.index import rules_of
from studies.designs.spec import Overrides
from sweep.config import count_parameters
from sweep.errors import ConfigurationError
from sweep.space.parsing import read_set_values


def told(*texts):
    """The specification with what ``--set`` takes for this study."""
    overrides = Overrides.of(read_set_values(texts, rules=rules_of("depth-vs-width")))
    return lambda rest, context: spec(Overrides(given={**rest.given, **overrides.given}), context)


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(told("depth=1,2,3"), epochs=6)


def test_by_default_five_depths_come_within_five_percent_of_two_sizes(design_of):
    design = design_of(spec)

    assert [arm.name for arm in design.arms][:5] == ["1x16", "2x13", "3x12", "4x11", "5x10"]
    for arm in design.arms:
        widths = arm.candidates[0].widths
        found = count_parameters(widths, inputs=64, outputs=10, use_bias=True)
        assert found == pytest.approx(arm.scientific["parameters"], rel=0.05)


def test_contrasts_are_layers_at_equal_size_and_neurons_at_equal_depth(design):
    assert design.contrasts == (
        ("2x13", "1x16"), ("3x12", "1x16"), ("2x67", "1x129"), ("3x53", "1x129"),
        ("1x129", "1x16"), ("2x67", "2x13"), ("3x53", "3x12"),
    )  # fmt: skip


def test_sizes_and_shape_can_be_chosen(design_of):
    shape = ("shape=tapering",)

    design = design_of(told("depth=1,2", "parameters=3000"), set=shape)

    assert [arm.name for arm in design.arms] == ["1x40", "2x34"]
    assert design.arms[1].candidates[0].widths == (34, 17)


@pytest.mark.parametrize(
    ("texts", "match"),
    [
        (("depth=2",), "--set depth: 2 leaves no layers to compare"),
        (("depth=0,1",), "--set depth: 0, 1 leaves no layers to compare"),
        (("width=64",), "--set width: the widths follow from the size"),
        (("shape=equal,tapering",), "--set shape, use_bias: the size depends on them"),
        (("parameters=50",), "--set parameters: 50 cannot be met at depth 1"),
        (("parameters=1210,1220",), "--set parameters: two sizes come to the same network"),
    ],
)
def test_what_leaves_nothing_to_compare_is_refused(design_of, texts, match):
    with pytest.raises(ConfigurationError, match=match):
        design_of(told(*texts))


def test_no_other_study_knows_a_size():
    assert "parameters" not in rules_of("ladder")
