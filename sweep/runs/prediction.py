"""Predict new rows with the network that a run saved."""

import dataclasses

import numpy as np
import pandas as pd

from sweep.data.files import name_path
from sweep.data.preprocessing import Preprocessor
from sweep.data.rows_reader import read_rows
from sweep.data.target import as_labels
from sweep.errors import ConfigurationError, DataError, NothingUsableError
from sweep.runs.folder import RunFolder
from sweep.runs.winner import MODEL_FILE, check_preprocessing
from sweep.training.measures import log_probabilities


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Hold the predictions of new rows.

    Attributes:
        table: One row a row, in their order: the columns carried along, ``prediction``, and for a
            classification ``probability <class>`` for each class. Labels have the type and the
            spelling that they had in training; values of a regression their original units.
        unseen: What training never saw of the rows, a line a column.
    """

    table: pd.DataFrame
    unseen: tuple[str, ...]


def predict_rows(folder: RunFolder, source: str, *, strict: bool = False) -> Predictions:
    """Predict the rows of a file.

    Args:
        folder: A finished run.
        source: A file with the features that the network was trained on.
        strict: Whether to refuse rows of which training never saw the like.

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
    rows = read_rows(source, preprocessor)
    if strict and rows.unseen:
        raise DataError(
            [f"{name_path(source)}: {line}; leave --strict out" for line in rows.unseen]
        )
    x = preprocessor.transform(rows.features)
    from sweep.training.best import network_logits  # noqa: PLC0415 - faults of the rows come before 5 s of imports

    logits = network_logits(folder.best_path / MODEL_FILE, winner["sha256"], x)
    columns: dict[str, object] = {str(name): rows.ids[name].to_numpy() for name in rows.ids}
    if preprocessor.task == "regression":
        columns["prediction"] = preprocessor.inverse_target(logits[:, 0])
    else:
        probabilities = np.exp(log_probabilities(logits, preprocessor.task))
        names = preprocessor.class_names
        columns["prediction"] = as_labels(
            probabilities.argmax(axis=1), names, preprocessor.label_type
        )
        for place, name in enumerate(names):
            columns[f"probability {name}"] = probabilities[:, place]
    return Predictions(table=pd.DataFrame(columns), unseen=rows.unseen)
