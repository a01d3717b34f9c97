import numpy as np
import pytest

from sweep.data.sources import load_dataset
from sweep.errors import DataError
from sweep.runs.preparation import prepare_data
from sweep.settings.sweep_settings import SweepSettings


def test_all_rows_are_used_unless_fewer_are_asked_for():
    dataset, prepared = prepare_data(SweepSettings(data="iris"))
    assert len(dataset) == 150
    assert len(prepared.training.x_train) == 90


def test_the_rows_drawn_are_what_is_split_and_prepared():
    dataset, prepared = prepare_data(SweepSettings(data="digits", rows=500))
    sizes = [len(prepared.training.x_train), len(prepared.training.x_validation)]

    assert len(dataset) == 500
    assert [*sizes, len(prepared.x_test)] == [300, 100, 100]
    assert dataset.fingerprint == load_dataset("digits").fingerprint  # that of what was read


def test_which_rows_are_drawn_follows_from_the_seed():
    one, again, other = (
        prepare_data(SweepSettings(data="digits", rows=100, seed=seed))[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.features, again.features)
    assert not np.array_equal(one.features, other.features)


def test_a_class_of_which_no_row_was_drawn_is_told_by_its_name():
    dataset = load_dataset("iris")
    target = np.where(np.arange(150) == 7, 0, np.maximum(dataset.target, 1))
    rare = type(dataset)(
        **{
            name: getattr(dataset, name)
            for name in dataset.__dataclass_fields__
            if name != "target"
        },
        target=target,
    )
    with pytest.raises(DataError, match="classes without a row in the training split: 'setosa'"):
        prepare_data(SweepSettings(data="iris", rows=20), rare)
