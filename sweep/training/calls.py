"""What a worker is called for besides training, by names that cost nothing to import.

The driver names a function, and a worker imports the module that it is from: neither may pull in
TensorFlow here, or what prepares the data there.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sweep.data.dataset import TrainingData
from sweep.records import TrialRecord


def save_network(
    data: TrainingData,
    record: TrialRecord,
    cohort: Sequence[TrialRecord],
    rungs: Sequence[int],
    path: Path,
) -> tuple[str, float]:
    """Call `sweep.training.best.save_network`; return digest and difference."""
    from sweep.training import best  # noqa: PLC0415 - TensorFlow loads where training is done

    saved = best.save_network(data, record, cohort, rungs, path)
    return saved.sha256, saved.difference


def score_network(
    data: TrainingData,
    path: Path,
    digest: str,
    x_test: NDArray[Any],
    y_test: NDArray[Any],
    w_test: NDArray[Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Call `sweep.training.best.score_network`."""
    from sweep.training import best  # noqa: PLC0415 - TensorFlow loads where training is done

    return best.score_network(data, path, digest, x_test, y_test, w_test)


def measure_test(
    data: TrainingData,
    path: Path,
    digest: str,
    x_test: NDArray[Any],
    y_test: NDArray[Any],
    w_test: NDArray[Any] | None = None,
) -> tuple[float, float, float, float]:
    """Call `sweep.training.best.measure_test`."""
    from sweep.training import best  # noqa: PLC0415 - TensorFlow loads where training is done

    return best.measure_test(data, path, digest, x_test, y_test, w_test)
