"""How much network is enough: the smallest adequate one, and whether the space was large enough."""

import math
from typing import Final

import numpy as np
import pandas as pd

from reports.findings import Finding
from studies.diagnosis.error_rates import with_error_rate
from studies.diagnosis.reference import deficit_margin
from studies.statistics.intervals import critical_value

FEWEST_TRIALS: Final = 5
EDGE: Final = 0.1  # of the decades between the smallest and the largest network tried


def judge_capacity(trials: pd.DataFrame) -> list[Finding]:
    """Find the smallest adequate network among the trials of the search.

    The one-standard-error rule (Breiman et al. 1984) names it: the fewest parameters whose
    validation loss lies within one standard error of the best. That no smaller one is adequate is
    then well supported. That this one is, is said only if surely no other is better by the margin
    that matters; validation rows are seldom so many, and the rule errs on the side of small.

    Only finished trials are compared: what a pruned one would have reached is not known. But its
    size was tried, so it counts where the best one is said to be at the edge.

    Args:
        trials: The table of docs/tables.md.
    """
    search = trials[trials["stage"] == "search"]
    finished = search[
        (search["outcome"] == "finished") & np.isfinite(search["validation_loss"].astype("float64"))
    ].sort_values("validation_loss", kind="stable")
    if len(finished) < FEWEST_TRIALS:
        return []
    pruned = search[search["outcome"] == "pruned"]
    return [_smallest(finished, len(pruned)), *_edge(finished, pruned)]


def _smallest(finished: pd.DataFrame, pruned: int) -> Finding:
    best = finished.iloc[0]
    error = float(np.nan_to_num(best["validation_loss_se"]))
    margin = deficit_margin(float(best["validation_loss"]))
    adequate = finished[finished["validation_loss"] <= best["validation_loss"] + error]
    small = adequate.sort_values(["parameters", "validation_loss"], kind="stable").iloc[0]
    at_most = _at_most_behind(small, finished)
    is_enough = at_most <= margin
    verdict = "smallest adequate" if is_enough else "undecided"
    size = int(small["parameters"])
    return Finding(
        code="capacity.smallest_adequate",
        about="capacity",
        subject=str(small["trial"]),
        verdict=verdict,
        confidence=with_error_rate(
            "one-standard-error rule and 95 % bound over rows, one seed a network", verdict, seeds=1
        ),
        numbers={
            "parameters": size,
            "sure_parameters": size if is_enough else None,
            "best_parameters": int(best["parameters"]),
            "share": float(small["parameters"] / best["parameters"]),
            "standard_error": error,
            "at_most_behind": at_most,
            "margin": margin,
            "adequate": len(adequate),
            "pruned": pruned,
        },
        details={
            "best": str(best["trial"]),
            "behind": float(small["validation_loss"] - best["validation_loss"]),
        },
    )


def _at_most_behind(small: pd.Series, finished: pd.DataFrame) -> float:
    """Return the one-sided 95 % bound of how far it is behind any other network.

    The largest of the bounds against each: to exceed a margin, the loss must do so against one of
    them (an intersection-union test, Berger 1982), and which of them is the best is not known. The
    errors of two networks are combined as if independent, as in `studies.diagnosis.reference`.
    """
    others = finished[finished["trial"] != small["trial"]]
    error = np.hypot(others["validation_loss_se"], small["validation_loss_se"])
    bounds = small["validation_loss"] - others["validation_loss"]
    bounds += critical_value(confidence=0.9) * error
    return float(bounds.fillna(np.inf).max())


def _edge(finished: pd.DataFrame, pruned: pd.DataFrame) -> list[Finding]:
    sizes = finished["parameters"].astype("float64").map(math.log)
    tried = pd.concat([finished["parameters"], pruned["parameters"]])
    low, high = math.log(tried.min()), math.log(tried.max())
    if not high > low:
        return []
    place = (float(sizes.iloc[0]) - low) / (high - low)
    top = float((sizes.head(FEWEST_TRIALS).median() - low) / (high - low))
    if place >= 1 - EDGE and top >= 1 - 2 * EDGE:
        end, towards = "largest", "larger"
    elif place <= EDGE and top <= 2 * EDGE:
        end, towards = "smallest", "smaller"
    else:
        return []
    return [
        Finding(
            code="capacity.edge",
            about="capacity",
            subject=str(finished["trial"].iloc[0]),
            verdict=f"best at the {end}",
            level="warning",
            confidence="heuristic, error rate not measured yet",
            numbers={"parameters": int(finished["parameters"].iloc[0]), "place": place},
            details={
                "end": end,
                "towards": towards,
                "fewest": int(tried.min()),
                "most": int(tried.max()),
            },
        )
    ]
