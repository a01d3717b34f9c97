"""Curves of several runs over each other: how their networks learn, and how searches improve."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from reports.comparison_content import CurvesFigure, CurvesPanel
from reports.wording import count, join, loss, plural, seconds
from studies.comparison.runs import ComparedRun
from studies.statistics.best_of import draws_needed
from studies.statistics.intervals import mean_interval

MOST_LINES: Final = 10
SHAPES_ONLY: Final = "The data differ: compare the shapes, not the heights."
INDEPENDENT: Final = frozenset({"random", "qmc"})  # samplers whose draws do not depend on results
COLUMNS: Final = ["series", "x", "y", "low", "high"]


def learning_figure(runs: Sequence[ComparedRun], *, same_data: bool) -> CurvesFigure | None:
    """Draw the validation loss of each run's network, and its gap, over each other.

    Args:
        runs: Any; those without a finished trial have no line.
        same_data: Whether all learnt from the same data.

    Returns:
        None if there is no line.
    """
    drawn = [run for run in runs if run.network is not None][:MOST_LINES]
    if not drawn:
        return None
    losses: list[pd.DataFrame] = []
    gaps: list[pd.DataFrame] = []
    for run in drawn:
        epochs = run.epochs[run.epochs["trial"].isin(_members(run))]
        gap = epochs["validation_loss"] - epochs["train_loss"]
        losses.append(_mean_curve(epochs.assign(value=epochs["validation_loss"]), run.label))
        gaps.append(_mean_curve(epochs.assign(value=gap), run.label))
    unit = "squared error, standardised" if drawn[0].metric == "R²" else "cross-entropy, nats"
    left_out = sum(run.network is not None for run in runs) - len(drawn)
    return CurvesFigure(
        id="curves",
        title="How the networks learn",
        finding=_learning_finding(drawn, losses, same_data=same_data),
        how_to_read=(
            "One line a run: the network that stands for it, its mean over seeds with the 95 % "
            "interval. Each seed is best at an epoch of its own: the mean of their best losses is "
            "lower. Where a seed stopped early, the mean goes on over those that are left, which "
            "makes a step. The gap is validation minus train loss. A run has the same colour and "
            "mark in every figure."
        ),
        panels=(
            CurvesPanel(
                title="Validation loss",
                remark=unit,
                x_name="epoch",
                table=pd.concat(losses, ignore_index=True),
                loss=True,
            ),
            CurvesPanel(
                title="Loss gap",
                remark="validation minus train",
                x_name="epoch",
                table=pd.concat(gaps, ignore_index=True),
            ),
        ),
        note=f"{plural(left_out, 'further run')} not drawn." if left_out else "",
    )


def search_figure(runs: Sequence[ComparedRun], *, same_data: bool) -> CurvesFigure | None:
    """Draw the best validation loss so far of each search, against its trials and its seconds.

    Args:
        runs: Any; studies search nothing and have no line.
        same_data: Whether all learnt from the same data.

    Returns:
        None if there is no line.
    """
    sweeps = [run for run in runs if run.results is None]
    searches = [(run, _best_so_far(run)) for run in sweeps]
    searches = [(run, table) for run, table in searches if len(table)][:MOST_LINES]
    if not searches:
        return None
    panels = [
        CurvesPanel(
            title=title,
            remark="smallest validation loss so far",
            x_name=x_name,
            table=pd.concat(
                [
                    table.assign(series=run.label, x=table[source]).reindex(columns=COLUMNS)
                    for run, table in searches
                ],
                ignore_index=True,
            ),
            steps=True,
            loss=True,
        )
        for title, x_name, source in (
            ("Best so far, by trials", "trials of the search", "trial"),
            ("Best so far, by time", "seconds of training, summed", "seconds"),
        )
    ]
    return CurvesFigure(
        id="search",
        title="How the searches improve",
        finding=_search_finding(searches, same_data=same_data),
        how_to_read=(
            "Each step down is a trial better than all before it, in the order of the search. "
            "Seconds are those spent training, trial after trial, however many workers there were. "
            "The last loss is what the search claims, on the seed that won it."
        ),
        panels=panels,
    )


def trials_needed(run: ComparedRun, margin: float) -> int | None:
    """Return how many trials would have been expected to come within a margin of the best score.

    Args:
        run: A sweep.
        margin: In score.

    Returns:
        None where the trials are not independent draws (the sampler learns, or trials were
        pruned), or none finished. A lost trial counts as the worst one that finished.
    """
    settings = run.manifest["settings"]
    search = run.trials[run.trials["stage"] == "search"]
    scores = search["validation_score"].where(search["outcome"] == "finished")
    scores = scores.where(np.isfinite(scores.to_numpy(float)))
    independent = settings.get("sampler") in INDEPENDENT and settings.get("pruner") in {
        None, "none"
    }  # fmt: skip
    if not independent or scores.isna().all():
        return None
    return draws_needed(scores.fillna(scores.min()).to_numpy(float), margin, goal="max")


def _members(run: ComparedRun) -> list[str]:
    return [] if run.network is None else run.network.side.members["trial"].to_list()


def _mean_curve(epochs: pd.DataFrame, label: str) -> pd.DataFrame:
    rows = []
    finite = epochs[np.isfinite(epochs["value"].to_numpy(float))]
    for epoch, part in finite.groupby("epoch", sort=True):
        found = mean_interval(part["value"].to_numpy(float))
        rows.append((label, float(str(epoch)), found.estimate, found.low, found.high))
    types = {"series": "str", **dict.fromkeys(COLUMNS[1:], "float64")}
    return pd.DataFrame(rows, columns=COLUMNS).astype(types)


def _best_so_far(run: ComparedRun) -> pd.DataFrame:
    """Return a row for each improvement, and one for the end: ``trial``, ``seconds``, ``y``."""
    search = run.trials[run.trials["stage"] == "search"].sort_values("slot")
    usable = search["validation_loss"].where(search["outcome"] == "finished").to_numpy(float)
    best = np.fmin.accumulate(usable) if len(usable) else usable
    table = pd.DataFrame(
        {
            "trial": np.arange(1.0, len(search) + 1),
            "seconds": search["seconds"].fillna(0.0).cumsum().to_numpy(float),
            "y": best,
        }
    )
    table = table[np.isfinite(best)]
    is_step = table["y"].ne(table["y"].shift())
    is_step.iloc[-1:] = True
    return table[is_step].reset_index(drop=True)


def _learning_finding(
    runs: Sequence[ComparedRun], losses: Sequence[pd.DataFrame], *, same_data: bool
) -> str:
    parts = []
    for run, curve in zip(runs, losses, strict=True):
        if len(curve):
            best = curve.iloc[int(curve["y"].to_numpy().argmin())]
            parts.append(f"{loss(best['y'])} for {run.label}, after epoch {best['x']:.0f}")
    lowest = f"The lowest points of the validation losses are {join(parts) or 'unknown'}."
    return lowest if same_data else f"{lowest} {SHAPES_ONLY}"


def _search_finding(
    searches: Sequence[tuple[ComparedRun, pd.DataFrame]], *, same_data: bool
) -> str:
    parts = []
    for run, table in searches:
        last = table.iloc[int(table["y"].to_numpy().argmin())]
        parts.append(
            f"{run.label} found its best, {loss(last['y'])}, in trial {count(last['trial'])} of "
            f"{count(table['trial'].iloc[-1])}, after {seconds(last['seconds'])} of training"
        )
    return f"{'; '.join(parts)}." if same_data else f"{'; '.join(parts)}. {SHAPES_ONLY}"
