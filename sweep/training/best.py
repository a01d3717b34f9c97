"""The network that a sweep chose: trained once more, measured on the test split, and saved."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.records import HISTORY_COLUMNS, TrainingHistory, TrialRecord
from sweep.safe_files import file_digest, write_file
from sweep.scores import scores_of
from sweep.training.engine import keras
from sweep.training.measures import measure
from sweep.training.network import build_network, put_weights
from sweep.training.reruns import rerun
from sweep.training.score_intervals import measure_scores
from sweep.training.scoring import predictions_of

Array = NDArray[Any]

BLOCK: Final = 1024  # rows
TIMED: Final = HISTORY_COLUMNS.index("seconds")


class SavedNetwork(NamedTuple):
    """Hold what is known of a network once it is saved.

    Attributes:
        sha256: The file's digest.
        difference: Largest difference between the history of this training and the recorded one:
            0 where threads and versions are those of the record.
    """

    sha256: str
    difference: float


def save_network(
    data: TrainingData,
    record: TrialRecord,
    cohort: Sequence[TrialRecord],
    rungs: Sequence[int],
    path: Path,
) -> SavedNetwork:
    """Train a recorded trial again, and save its network of the best epoch.

    A trial is a pure function of its configuration and the data, so that no weights need to be
    kept while a sweep runs.

    Args:
        data: What the trial was trained on.
        record: The trial.
        cohort: Whom it was trained with, as `sweep.training.reruns.rerun` takes them.
        rungs: The epochs at which trials of the search could be pruned.
        path: Where the model goes, ending in ``.keras``; its folder exists.

    Raises:
        StorageError: The file cannot be written.
    """
    config = record.config
    trained = rerun(data, record, cohort, rungs)
    network = build_network(
        config, task=data.task, input_shape=data.input_shape, outputs=data.outputs
    )
    put_weights(network, trained.best_weights)
    # Without its variables Keras warns whoever opens the file.
    network.optimizer.build(network.trainable_variables)
    write_file(path, network.save)
    return SavedNetwork(
        sha256=file_digest(path),
        difference=history_difference(trained.history, record.history),
    )


def measure_test(
    data: TrainingData,
    path: Path,
    digest: str,
    x_test: Array,
    y_test: Array,
    w_test: Array | None = None,
) -> tuple[float, float, float, float]:
    """Measure a saved network on the test rows.

    Args:
        data: Decides loss and score.
        path: The saved network.
        digest: Its SHA-256.
        x_test: float32 [rows, *input shape].
        y_test: [rows] classes, or standardised values.
        w_test: [rows], what the rows count; None where all count alike.

    Returns:
        Loss, its standard error, score and its standard error.
    """
    return measure(network_logits(path, digest, x_test), y_test, data.task, w_test)


def score_network(
    data: TrainingData,
    path: Path,
    digest: str,
    x_test: Array,
    y_test: Array,
    w_test: Array | None = None,
) -> dict[str, dict[str, Any]]:
    """Compute every score of a saved network on the validation and the test rows.

    Args:
        data: As for `measure_test`, as are the others.
        path: The saved network.
        digest: Its SHA-256.
        x_test: float32 [rows, *input shape].
        y_test: [rows] classes, or standardised values.
        w_test: [rows], what the rows count; None where all count alike.

    Returns:
        By name, ``validation`` and ``test``, each as `Measured.as_json` has it.
    """
    measured = {
        split: measure_scores(
            scores_of(data.task),
            predictions_of(network_logits(path, digest, x), y, data.task, data.target_units),
            w,
        )
        for split, x, y, w in (
            ("validation", data.x_validation, data.y_validation, data.w_validation),
            ("test", x_test, y_test, w_test),
        )
    }
    return {
        score.name: {split: scores[score.name].as_json() for split, scores in measured.items()}
        for score in scores_of(data.task)
    }


def history_difference(one: TrainingHistory, other: TrainingHistory) -> float:
    """Return the largest absolute difference of two histories, the times aside.

    Returns:
        0 if they are equal bit for bit; infinity if they differ in length, or in where they are
        not finite.
    """
    if one.array.shape != other.array.shape:
        return math.inf
    left, right = (np.delete(history.array, TIMED, axis=1) for history in (one, other))
    finite = np.isfinite(left)
    if not np.array_equal(finite, np.isfinite(right)):
        return math.inf
    return float(np.abs(left[finite] - right[finite]).max(initial=0.0))


def load_network(path: Path, digest: str) -> Any:  # noqa: ANN401 - Keras ships no types
    """Load a saved network, if it is the one that the manifest names.

    Raises:
        StorageError: The file is missing, is not the one that was saved, or holds code.
    """
    found = file_digest(path)
    if found != digest:
        raise StorageError(
            f"{path}: its SHA-256 is {found}, the manifest says {digest}; it is not the network"
            " that the sweep saved: `fitgap resume` saves it again"
        )
    try:
        return keras.models.load_model(path, safe_mode=True, compile=False)
    except Exception as err:  # Keras raises anything, and advises to trust the file
        raise StorageError(
            f"{path}: Keras does not open it, since it is damaged or holds code"
            f" ({type(err).__name__}); delete it, then `fitgap resume` saves it again"
        ) from err


def network_logits(path: Path, digest: str, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what a saved network's output layer gives before its activation.

    Args:
        path: The saved network.
        digest: Its SHA-256 from the manifest.
        x: float32 [rows, *input shape].

    Returns:
        float64 [rows, outputs].
    """
    network = load_network(path, digest)
    before = keras.Model(network.inputs[0], network.layers[-2].output)
    # Called in blocks: `predict` would trace a graph for one use.
    blocks = [x[start : start + BLOCK] for start in range(0, max(len(x), 1), BLOCK)]
    logits = [np.asarray(before(block, training=False), np.float64) for block in blocks]
    return np.concatenate(logits)
