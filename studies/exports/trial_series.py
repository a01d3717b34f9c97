"""What other programs are told of a trial: its settings, its results, and its curves."""

import datetime as dt
from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from reports.wording import is_number

SETTINGS: Final = (
    "arm", "depth", "width", "widths", "shape", "dropout", "activation", "optimizer",
    "learning_rate", "momentum", "weight_decay", "use_bias", "initializer", "batch_size", "epochs",
    "seed", "replicate", "fold", "train_rows", "label_noise", "parameters",
)  # fmt: skip
RESULTS: Final[dict[str, str]] = {  # at the best epoch: name there, column of the trials table
    "best/validation_score": "validation_score",
    "best/validation_loss": "validation_loss",
    "best/score_gap": "score_gap",
    "best/loss_gap": "loss_gap",
}
CURVES: Final[dict[str, str]] = {  # after each epoch: name there, column of the epochs table
    "loss/train": "train_loss",
    "loss/validation": "validation_loss",
    "loss/gap": "loss_gap",
    "loss/running": "running_loss",
    "score/train": "train_score",
    "score/validation": "validation_score",
    "score/gap": "score_gap",
    "gradient_norm": "gradient_norm",
}

Row = Mapping[Hashable, Any]
Setting = str | float | bool


def with_gaps(epochs: pd.DataFrame) -> pd.DataFrame:
    """Add the gaps to the epochs table, and the seconds since the trial began.

    Args:
        epochs: docs/tables.md.

    Returns:
        The table with ``loss_gap`` (validation minus train), ``score_gap`` (train minus
        validation) and ``elapsed`` (s).
    """
    return epochs.assign(
        loss_gap=epochs["validation_loss"] - epochs["train_loss"],
        score_gap=epochs["train_score"] - epochs["validation_score"],
        elapsed=epochs.groupby("trial", sort=False)["seconds"].cumsum(),
    )


def curves_by_trial(epochs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each trial of the epochs table, with what `with_gaps` adds."""
    parts = with_gaps(epochs).groupby("trial", sort=False)
    return {str(name): rows for name, rows in parts}


def settings_of(trial: Row) -> dict[str, Setting]:
    """Return what a trial was trained with; what it does not have is left out.

    Args:
        trial: A row of the trials table.
    """
    found: dict[str, Setting] = {}
    for name in SETTINGS:
        value = trial[name]
        if isinstance(value, str):
            if value:
                found[name] = value
        elif isinstance(value, bool):
            found[name] = value
        elif is_number(value):
            found[name] = float(value)
    return found


def results_of(trial: Row) -> dict[str, float]:
    """Return the results of a trial at its best epoch; those it does not have are left out.

    Args:
        trial: A row of the trials table.
    """
    return {
        name: float(trial[column]) for name, column in RESULTS.items() if is_number(trial[column])
    }


def begun(manifest: Mapping[str, Any]) -> float:
    """Return when a run began, in seconds since 1970; 0 if that is not known."""
    try:
        return dt.datetime.fromisoformat(str(manifest.get("created"))).timestamp()
    except ValueError:
        return 0.0
