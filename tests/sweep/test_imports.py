import gc

import pytest

from sweep.imports import large_imports


@pytest.fixture(autouse=True)
def collector():
    yield
    gc.unfreeze()
    gc.enable()


def test_the_collector_rests_during_imports_and_passes_over_them_afterwards():
    frozen = gc.get_freeze_count()
    with large_imports():
        assert not gc.isenabled()
        kept = [[] for _ in range(1000)]

    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)


def test_the_collector_works_again_after_an_error():
    with pytest.raises(ImportError), large_imports():
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    with large_imports():
        assert not gc.isenabled()
    assert not gc.isenabled()
