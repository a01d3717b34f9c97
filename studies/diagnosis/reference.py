"""How a network compares with the others of its run: the relative half of every verdict.

Underfitting is relative: somebody must do better on train *and* validation. The comparison is with
the best network of the run, which was chosen for being best, so the critical value counts every
comparison made (Bonferroni; multiple comparisons with the best, Hsu 1996). Both networks are
measured on the same rows, but the tables do not hold the errors row by row, so the two errors are
combined as if independent: too wide where networks err on the same rows, never too narrow there.
"""

from typing import Final, overload

import numpy as np
import pandas as pd

from studies.statistics.intervals import critical_value

DEFICIT_SHARE: Final = 0.05  # a validation loss worse by less than this share does not matter
DEFICIT_FLOOR: Final = 0.005  # nor does less than this: nats, or variances of the target
LARGER: Final = 1.5  # times the parameters: enough to show whether capacity is lacking
LARGER_NETWORKS: Final = 3  # so many larger networks must have been tried; one may be badly tuned
NOTHING_LEFT: Final = 0.01  # a train loss that capacity cannot lower by anything that matters

COMPARISONS: Final = (
    "reference",
    "deficit",
    "deficit_low",
    "deficit_high",
    "train_deficit",
    "train_behind",
    "reference_larger",
    "as_good",
    "clearly_worse",
    "underfits",
    "smaller",
    "smaller_better",
    "capacity_shown",
    "larger_pruned",
    "rows_needed",
)


def compare_with_run(
    units: pd.DataFrame, references: pd.DataFrame, sizes: pd.Series, pruned_sizes: pd.Series
) -> pd.DataFrame:
    """Compare each network with the best and with the smaller ones of its run.

    Args:
        units: One row a network, indexed by name: ``parameters``, ``train_loss``,
            ``validation_loss``, ``gap`` and their ``_se`` at the best epoch.
        references: What they are compared with, in the same form: the finished trials of the run,
            or its replicated configurations.
        sizes: Parameters of every finished trial of the run.
        pruned_sizes: Parameters of every pruned trial of the run.

    Returns:
        One row a unit, the columns ``COMPARISONS``. ``larger_pruned`` counts the pruned trials that
        were large enough to show whether capacity is lacking, had they been trained. ``deficit`` is
        the validation loss minus that of the best network, which is named in ``reference``;
        ``rows_needed`` says how many times as many validation rows would decide an undecided
        deficit (NaN where none is needed).
    """
    references = references[np.isfinite(references["validation_loss"])]
    if references.empty or units.empty:
        return _nothing(units)
    z = critical_value(comparisons=max(len(references) - 1, 1))
    best = references.iloc[int(references["validation_loss"].to_numpy().argmin())]
    deficit = units["validation_loss"] - best["validation_loss"]
    itself = units.index == best.name
    error = _error(units["validation_loss_se"], best["validation_loss_se"]).mask(itself, 0.0)
    train = units["train_loss"] - best["train_loss"]
    train_error = _error(units["train_loss_se"], best["train_loss_se"])
    margin = deficit_margin(best["validation_loss"])
    worse = deficit - z * error > margin
    # Not one standard error, as elsewhere: over 60 rows that is a fifth of the loss, and small
    # networks that lack capacity were called fitting (docs/verdicts.md).
    as_good = deficit <= margin
    train_behind = train - z * train_error > deficit_margin(best["train_loss"])
    smaller, smaller_better = _smaller(units, references, z)
    frame = pd.DataFrame(
        {
            "reference": best.name,
            "deficit": deficit,
            "deficit_low": deficit - z * error,
            "deficit_high": deficit + z * error,
            "train_deficit": train,
            "train_behind": train_behind,
            "reference_larger": best["parameters"] > units["parameters"],
            "as_good": as_good,
            "clearly_worse": worse,
            "underfits": worse & train_behind,
            "smaller": smaller,
            "smaller_better": smaller_better,
            "capacity_shown": _capacity_shown(units, sizes),
            "larger_pruned": _larger(units, pruned_sizes),
            "rows_needed": _rows_needed(deficit - margin, z * error).mask(worse | as_good),
        },
        index=units.index,
    )
    return frame[list(COMPARISONS)]


def _smaller(
    units: pd.DataFrame, references: pd.DataFrame, z: float
) -> tuple[pd.Series, pd.Series]:
    """Name the best network with fewer parameters, and say whether it clearly beats the unit.

    It must be clearly better on validation with a clearly smaller gap: more capacity then bought
    a gap and nothing else.
    """
    ordered = references.sort_values("parameters", kind="stable")
    losses = ordered["validation_loss"].to_numpy()
    running = np.minimum.accumulate(losses)
    best_place = np.maximum.accumulate(np.where(losses == running, np.arange(len(losses)), 0))
    place = np.searchsorted(ordered["parameters"], units["parameters"], side="left") - 1
    there = pd.Series(place >= 0, index=units.index)
    rival = ordered.iloc[best_place[np.maximum(place, 0)]].set_index(units.index)
    error = _error(units["validation_loss_se"], rival["validation_loss_se"])
    behind = units["validation_loss"] - rival["validation_loss"]
    wider = units["gap"] - rival["gap"]
    better = there & (behind - z * error > deficit_margin(rival["validation_loss"]))
    better &= wider - critical_value() * _error(units["gap_se"], rival["gap_se"]) > 0
    names = pd.Series(
        ordered.index.to_numpy(dtype=object)[best_place[np.maximum(place, 0)]], index=units.index
    )
    return names.where(there, ""), better


def _capacity_shown(units: pd.DataFrame, sizes: pd.Series) -> pd.Series:
    """Say where a lack of capacity would show: larger ones were tried, or nothing is left."""
    return (units["train_loss"] <= NOTHING_LEFT) | (_larger(units, sizes) >= LARGER_NETWORKS)


def _larger(units: pd.DataFrame, sizes: pd.Series) -> np.ndarray:
    """Count the networks that are clearly larger than each unit [n]."""
    ordered = np.sort(sizes.to_numpy(dtype=np.float64))
    places = np.searchsorted(ordered, LARGER * units["parameters"], side="left")
    return np.asarray(len(ordered) - places)


def _rows_needed(effect: pd.Series, half_width: pd.Series) -> pd.Series:
    """Return how many times as many rows shrink the half width to the effect (rows ~ 1 / se^2)."""
    factor = (half_width / effect.where(effect > 0)) ** 2
    return factor.where(factor > 1).astype(np.float64)


@overload
def deficit_margin(loss: float) -> float: ...
@overload
def deficit_margin(loss: pd.Series) -> pd.Series: ...
def deficit_margin(loss: pd.Series | float) -> pd.Series | float:
    """Return how much worse than this loss does not matter, in the units of the loss."""
    return np.maximum(DEFICIT_SHARE * loss, DEFICIT_FLOOR)  # type: ignore[return-value] # NumPy keeps a Series


def _error(first: pd.Series, second: pd.Series | float) -> pd.Series:
    return np.hypot(first, second)  # type: ignore[return-value] # NumPy keeps a Series


def _nothing(units: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(np.nan, index=units.index, columns=list(COMPARISONS))
    frame[["reference", "smaller"]] = ""
    flags = [
        "reference_larger",
        "train_behind",
        "as_good",
        "clearly_worse",
        "underfits",
        "smaller_better",
    ]
    frame = frame.astype({"reference": object, "smaller": object})
    return frame.assign(**dict.fromkeys([*flags, "capacity_shown"], False), larger_pruned=0)
