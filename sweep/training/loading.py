"""Loading of what workers need ahead of time: in a thread of theirs, or before they are forked."""

import contextlib
import importlib
import importlib.abc
import sys
import threading
from typing import Final

from sweep.imports import large_imports

OPTIONAL: Final = ("matplotlib", "pandas", "sklearn")  # what Keras takes if it is there


class _Without(importlib.abc.MetaPathFinder):
    """Keep one thread from finding libraries; others go on to import what they like."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, fullname: str, *_: object) -> None:
        """Raise where one of them is looked for."""
        if fullname in OPTIONAL and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(name=fullname)


def load_trainer() -> None:
    """Import what trains, without the libraries that Keras can do without.

    Training has no use for them, and they take a second and 150 MB of each process. An error is
    kept to itself: whoever trains meets it again, and can tell.
    """
    finder = _Without()
    sys.meta_path.insert(0, finder)
    with contextlib.suppress(Exception):
        importlib.import_module("sweep.training.trainer")
    sys.meta_path.remove(finder)


def load_dask() -> None:
    """Import what a worker process is made of."""
    with contextlib.suppress(Exception), large_imports():
        importlib.import_module("sweep.training.cluster.dask_workers")
