"""The versions of what results may depend on, and of what processes must have in common."""

import platform
from importlib import metadata
from typing import Final

RECORDED: Final = (
    "tensorflow", "keras", "optuna", "numpy", "pandas", "scipy", "scikit-learn", "seaborn",
)  # fmt: skip
COMMON: Final = (  # of workers and whoever sends them tasks: results and messages depend on them
    "fitgap", "tensorflow", "keras", "numpy", "dask", "distributed", "cloudpickle",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions that results may depend on."""
    return {"python": platform.python_version()} | {
        name: metadata.version(name) for name in RECORDED
    }
