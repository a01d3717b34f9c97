"""Predict new rows with the network that a run saved."""

import numpy as np
import pandas as pd

from sweep.data.preprocessing import Preprocessor
from sweep.data.rows_reader import read_rows
from sweep.errors import ConfigurationError, NothingUsableError
from sweep.runs.folder import RunFolder
from sweep.runs.winner import MODEL_FILE, check_preprocessing
from sweep.training.measures import log_probabilities


def predict_rows(folder: RunFolder, source: str) -> pd.DataFrame:
    """Predict the rows of a file.

    Args:
        folder: A finished run.
        source: A file with the features that the network was trained on.

    Returns:
        One row a row, in their order. Classification: ``prediction`` (the class' name) and
        ``probability <class>`` for each class. Regression: ``prediction`` in original units.

    Raises:
        ConfigurationError: The run is a study.
        NothingUsableError: The run has saved no network.
        DataError: The rows cannot be used.
        StorageError: The saved network is missing or is not the one that was saved.
    """
    manifest = folder.read_manifest()
    if manifest.get("kind") == "study":
        raise ConfigurationError(
            f"{folder.path}: it is a study, which compares networks and saves none; find one with"
            " `fitgap sweep`, and predict with that run"
        )
    winner = manifest["winner"]
    if winner is None:
        raise NothingUsableError(
            f"{folder.path}: it has saved no network yet; let it finish with `fitgap resume`"
        )
    check_preprocessing(folder.best_path)
    preprocessor = Preprocessor.load(folder.best_path)
    x = preprocessor.transform(read_rows(source, preprocessor))
    from sweep.training.best import network_logits  # noqa: PLC0415 - faults of the rows come before 5 s of imports

    logits = network_logits(folder.best_path / MODEL_FILE, winner["sha256"], x)
    if preprocessor.task == "regression":
        return pd.DataFrame({"prediction": preprocessor.inverse_target(logits[:, 0])})
    probabilities = np.exp(log_probabilities(logits, preprocessor.task))
    names = np.array(preprocessor.class_names, dtype=object)
    table = pd.DataFrame({"prediction": names[probabilities.argmax(axis=1)]})
    columns = {f"probability {name}": probabilities[:, place] for place, name in enumerate(names)}
    return pd.concat([table, pd.DataFrame(columns)], axis=1)
