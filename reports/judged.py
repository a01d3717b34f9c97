"""Trials with their verdicts: which of them finished, and which of these are best."""

import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme
from reports.content import SweepContent

BEST_SHARE: Final = 10  # the best tenth ...
FEWEST_BEST: Final = 3  # ... but not fewer than three trials show where good ones lie
MOST_BEST: Final = 20


def with_verdicts(trials: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Add to each trial its verdict and the interval of its gap.

    Args:
        trials: The trials table.
        verdicts: One row a trial, or none.

    Returns:
        The trials table with ``verdict``, ``gap_low``, ``gap_high``, ``onset_epoch`` and
        ``learning_rate_verdict``. A trial that was pruned, failed or diverged has that as its
        verdict; one without a verdict is undecided.
    """
    columns = ["verdict", "gap_low", "gap_high", "onset_epoch", "learning_rate_verdict"]
    if len(verdicts):
        known = verdicts.drop_duplicates("trial").set_index("trial")[columns]
        table = trials.join(known, on="trial")
    else:
        table = trials.assign(**dict.fromkeys(columns, None))
    given = table["verdict"].astype(object)
    given = given.where(given.notna(), "undecided")
    outcome = table["outcome"].astype(object)
    return table.assign(verdict=given.where(~outcome.isin(theme.UNJUDGED), outcome))


def searched(content: SweepContent) -> pd.DataFrame:
    """Return the trials of a sweep's search, with verdicts."""
    judged = with_verdicts(content.trials, content.verdicts)
    return judged[judged["stage"] == "search"]


def winner_of(content: SweepContent) -> str:
    """Return the trial that won; ``""`` if none did."""
    return str((content.winner or {}).get("trial", ""))


def is_finished(table: pd.DataFrame, *columns: str) -> NDArray[np.bool_]:
    """Tell which trials finished with finite values, bool [rows].

    Args:
        table: Trials.
        columns: The values.
    """
    return _is_finite(table, columns) & (table["outcome"] == "finished").to_numpy(bool)


def is_measured(table: pd.DataFrame, *columns: str) -> NDArray[np.bool_]:
    """Tell which trials finished or were pruned with finite values, bool [rows]."""
    has_ended = table["outcome"].isin(["finished", "pruned"]).to_numpy(bool)
    return _is_finite(table, columns) & has_ended


def by_outcome(
    table: pd.DataFrame, *columns: str, of: str = ""
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values of the finished and of the pruned trials, float64 [n] each.

    Args:
        table: Trials.
        columns: Those that must be finite.
        of: The only one whose values are wanted; ``""`` for all.
    """
    finished, measured = is_finished(table, *columns), is_measured(table, *columns)
    values = table[[of] if of else [*columns]].to_numpy(float)
    return values[finished].ravel(), values[measured & ~finished].ravel()


def best_trials(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the best trials by validation loss, best first.

    The best tenth of those that finished, but at least three, and at most 20 or half of them.
    """
    usable = judged[is_finished(judged, "validation_loss")]
    tenth = math.ceil(len(usable) / BEST_SHARE)
    number = min(max(FEWEST_BEST, tenth), MOST_BEST, len(usable) // 2)
    return usable.sort_values(["validation_loss", "trial"]).head(number)


def _is_finite(table: pd.DataFrame, columns: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(table[[*columns]].to_numpy(float)).all(axis=1))
