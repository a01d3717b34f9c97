import pytest

from studies.catalog.data_size.design import spec
from sweep.errors import ConfigurationError

SIZES = (62, 125, 250, 500, 1000)  # of the thousand rows of the fixtures


def test_each_size_is_half_of_the_next_one_in_each_of_three_widths(design_of):
    design = design_of(spec)

    rows = [arm.variant.train_rows for arm in design.arms]
    assert tuple(rows) == SIZES * 3
    assert {arm.candidates[0].width for arm in design.arms} == {8, 32, 128}
    assert {arm.candidates[0].depth for arm in design.arms} == {2}
    assert {len(arm.candidates) for arm in design.arms} == {design.candidates}


def test_few_rows_leave_out_the_smallest_subsets(design_of):
    design = design_of(spec, rows=90)

    assert {arm.variant.train_rows for arm in design.arms} == {22, 45, 90}


@pytest.mark.parametrize(
    ("texts", "rows", "match"),
    [
        (("width=8",), 1000, "--set width: 8 leaves nothing to compare"),
        (("train_rows=100",), 1000, "--set train_rows: 100 leaves nothing to compare"),
        (("train_rows=100,2000",), 1000, "--set train_rows: 2,000 are more than the 1,000"),
        (("depth=0",), 1000, "--set depth: 0 has no width"),
        ((), 30, "--set train_rows: 30 leaves nothing to compare"),
    ],
)
def test_what_leaves_nothing_to_compare_is_refused(design_of, texts, rows, match):
    with pytest.raises(ConfigurationError, match=match):
        design_of(spec, set=texts, rows=rows)
