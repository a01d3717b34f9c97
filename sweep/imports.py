"""Imports of large libraries, made quicker."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def large_imports() -> Iterator[None]:
    """Import without the collector of cyclic garbage, which would go over it all again and again.

    Modules are there to stay: afterwards they are no longer looked through. That saves a fifth of
    the time to import TensorFlow, and more in a process that has much else loaded.
    """
    if not gc.isenabled():  # somebody has other plans
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
