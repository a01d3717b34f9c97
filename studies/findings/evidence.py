"""What the report of a sweep draws besides its tables: which settings matter, and how surely."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from studies.statistics.best_of_curve import COLUMNS, best_of_curve

FEWEST_TRIALS: Final = 10  # for the best-of-k curve
MEASURES: Final = {"loss": "validation_loss", "score": "validation_score"}


def best_of_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the expected best of k trials of a search, by loss and by score.

    Args:
        trials: The table of docs/tables.md; the finished trials of the search count, in the order
            of their slots.

    Returns:
        As `studies.statistics.best_of_curve.best_of_curve`, with the column ``measure`` (``loss``
        or ``score``) before; bounds stop at the best that a loss or a score can be. No row where
        fewer than ten trials finished, or a pruner chose which of them did.
    """
    search = trials[trials["stage"] == "search"].sort_values("slot", kind="stable")
    finished = search[search["outcome"] == "finished"]
    known = np.isfinite(finished[list(MEASURES.values())].to_numpy(dtype=np.float64)).all(axis=1)
    finished = finished[known]
    empty = pd.DataFrame({"measure": pd.Series(dtype="str")}).reindex(columns=["measure", *COLUMNS])
    if len(finished) < FEWEST_TRIALS or (search["outcome"] == "pruned").any():
        return empty
    loss = best_of_curve(finished["validation_loss"].to_numpy(dtype=np.float64))
    score = best_of_curve(finished["validation_score"].to_numpy(dtype=np.float64), goal="max")
    both = pd.concat(
        [
            loss.assign(measure="loss", low=loss["low"].clip(lower=0)),
            score.assign(measure="score", high=score["high"].clip(upper=1)),
        ]
    )
    return both[list(empty.columns)].reset_index(drop=True)


def importance_of(manifest: Mapping[str, Any], trials: pd.DataFrame) -> pd.DataFrame:
    """Return how much each hyperparameter matters; see `sweep.search.importance`.

    Args:
        manifest: The run's manifest.
        trials: The table of docs/tables.md.
    """
    from sweep.search.importance import measure_importance  # noqa: PLC0415 - Optuna and scikit-learn take seconds to import

    return measure_importance(trials, manifest.get("space_bounds") or {})
