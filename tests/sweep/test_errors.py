import copy
import pickle

import pytest

from sweep.errors import ConfigurationError, Fault, StorageError


def test_a_fault_is_a_line_that_knows_its_place():
    fault = Fault("split.test", "0 is too small; give more")
    assert fault == "split.test: 0 is too small; give more"
    assert Fault("", "it is empty; fill it") == "it is empty; fill it"


@pytest.mark.parametrize(
    ("origins", "place"),
    [
        ({"split": "c.toml: split", "test": "--test"}, "c.toml: split.test"),
        ({"split": "c.toml: split", "split.test": "--share"}, "--share"),
        ({"test": "--test"}, "split.test"),
    ],
)
def test_a_fault_is_moved_to_the_place_that_the_user_knows(origins, place):
    moved = Fault("split.test", "0 is too small").moved(origins)
    assert (moved.place, moved.reason) == (place, "0 is too small")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_errors_come_back_from_another_process_with_their_faults(again):
    error = again(StorageError([Fault("runs", "it is full; make room"), "a line"]))
    assert isinstance(error, StorageError)
    assert error.faults == ("runs: it is full; make room", "a line")
    assert [fault.place for fault in error.faults] == ["runs", ""]


def test_lines_of_an_error_are_faults():
    assert isinstance(ConfigurationError("one line").faults[0], Fault)
