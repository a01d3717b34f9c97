"""Records as tidy tables: one row a trial, one row a trial and epoch. See docs/tables.md."""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from sweep.optimizers import WITH_MOMENTUM
from sweep.records import HISTORY_COLUMNS, STAGES, TrialRecord
from sweep.scores import SCORES

VALIDATION_SCORES: Final = {name: f"validation_{score.key}" for name, score in SCORES.items()}
INTERVAL_ENDINGS: Final = ("", "_low", "_high", "_se")

TRIAL_TYPES: Final[dict[str, str]] = {
    **dict.fromkeys(("trial", "stage"), "str"),
    "arm": "str",
    **dict.fromkeys(("slot", "replicate"), "int64"),
    **dict.fromkeys(("fold", "train_rows"), "Int64"),
    "label_noise": "float64",
    **dict.fromkeys(("config", "cohort", "outcome", "reason"), "str"),
    **dict.fromkeys(("depth", "width"), "int64"),
    **dict.fromkeys(("shape", "widths"), "str"),
    "dropout": "float64",
    **dict.fromkeys(("activation", "optimizer"), "str"),
    **dict.fromkeys(("learning_rate", "momentum", "weight_decay"), "float64"),
    "use_bias": "bool",
    "initializer": "str",
    **dict.fromkeys(("batch_size", "epochs", "seed", "parameters", "epochs_trained"), "int64"),
    **dict.fromkeys(("diverged_epoch", "best_epoch"), "Int64"),
    **dict.fromkeys(HISTORY_COLUMNS[:8], "float64"),
    **dict.fromkeys(("loss_gap", "score_gap"), "float64"),
    **dict.fromkeys(("last_train_loss", "last_validation_loss"), "float64"),
    **dict.fromkeys(("last_train_score", "last_validation_score"), "float64"),
    **dict.fromkeys(("last_loss_gap", "last_score_gap"), "float64"),
    **dict.fromkeys(VALIDATION_SCORES.values(), "float64"),
    **dict.fromkeys(("dead_units", "saturated_units", "seconds"), "float64"),
    "worker": "str",
    "started": "float64",
    "spans": "str",
}
TIMES: Final = ("seconds", "worker", "started", "spans")  # how long, who and when, of all tables
EPOCH_TYPES: Final[dict[str, str]] = {
    "trial": "str",
    "epoch": "int64",
    **dict.fromkeys(HISTORY_COLUMNS, "float64"),
}
BASELINE_TYPES: Final[dict[str, str]] = {
    "baseline": "str",
    "train_score": "float64",
    "validation_score": "float64",
    "validation_score_se": "float64",
    "validation_loss": "float64",
    "rows": "int64",
    "seconds": "float64",
    **{
        f"{column}{ending}": "float64"
        for column in VALIDATION_SCORES.values()
        for ending in INTERVAL_ENDINGS
    },
}


def trials_table(records: Iterable[TrialRecord]) -> pd.DataFrame:
    """Make the trials table, ordered by stage (search first), slot and replicate."""
    ordered = _ordered(records)
    return pd.DataFrame(
        [_trial_row(record) for record in ordered], columns=list(TRIAL_TYPES)
    ).astype(TRIAL_TYPES)


def epochs_table(records: Iterable[TrialRecord]) -> pd.DataFrame:
    """Make the epochs table, ordered as the trials table, then by epoch."""
    ordered = [record for record in _ordered(records) if len(record.history)]
    if not ordered:
        return pd.DataFrame(columns=list(EPOCH_TYPES)).astype(EPOCH_TYPES)
    counts = [len(record.history) for record in ordered]
    values = np.concatenate([record.history.array for record in ordered])
    table = pd.DataFrame(values, columns=list(HISTORY_COLUMNS))
    table.insert(0, "trial", np.repeat([record.trial for record in ordered], counts))
    table.insert(1, "epoch", np.concatenate([np.arange(1, count + 1) for count in counts]))
    return table.astype(EPOCH_TYPES)


def without_times(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the columns in which a table of a run differs from that of an equal run."""
    return table.drop(columns=table.columns.intersection(list(TIMES)))


def _ordered(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    return sorted(
        records, key=lambda record: (STAGES.index(record.stage), record.slot, record.replicate)
    )


def _trial_row(record: TrialRecord) -> dict[str, Any]:
    config, history = record.config, record.history
    row = dataclasses.asdict(config)
    row |= {
        name: getattr(record, name)
        for name in ("trial", "stage", "arm", "slot", "replicate", "outcome", "reason")
    }
    best = history.best_epoch
    at_best = dict.fromkeys(HISTORY_COLUMNS, math.nan)
    if best is not None:
        at_best = dict(zip(HISTORY_COLUMNS, history.array[best - 1].tolist(), strict=True))
    last = dict.fromkeys(HISTORY_COLUMNS, math.nan)
    if len(history):
        last = dict(zip(HISTORY_COLUMNS, history.array[-1].tolist(), strict=True))
    row |= {name: at_best[name] for name in HISTORY_COLUMNS[:8]}
    for name in ("train_loss", "validation_loss", "train_score", "validation_score"):
        row[f"last_{name}"] = last[name]
    for prefix, values in (("", at_best), ("last_", last)):
        row[f"{prefix}loss_gap"] = values["validation_loss"] - values["train_loss"]
        row[f"{prefix}score_gap"] = values["train_score"] - values["validation_score"]
    variant, spans = record.variant, record.spans
    return row | {
        "fold": variant.fold if variant.folds else None,
        "train_rows": variant.train_rows or None,
        "label_noise": variant.label_noise,
        "config": config.config_id,
        "cohort": record.cohort or record.trial,
        "widths": "-".join(map(str, config.widths)),
        "activation": config.activation if config.depth else "linear",
        "momentum": config.momentum if config.optimizer in WITH_MOMENTUM else math.nan,
        "parameters": record.parameters,
        "epochs_trained": len(history),
        "diverged_epoch": history.diverged_epoch,
        "best_epoch": best,
        **{column: record.scores.get(name) for name, column in VALIDATION_SCORES.items()},
        "dead_units": record.dead_units,
        "saturated_units": record.saturated_units,
        "seconds": record.seconds,
        "worker": spans[-1].worker if spans else "",
        "started": spans[0].start if spans else math.nan,
        "spans": "; ".join(f"{span.worker} {span.start:.3f} {span.end:.3f}" for span in spans),
    }
