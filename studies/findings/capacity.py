"""How much network is enough: the smallest adequate one, and whether the space was large enough."""

import math
from typing import Final

import numpy as np
import pandas as pd

from reports.findings import Finding
from reports.wording import count, loss, plural
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
    sentence = (
        f"{_named(small, best, error)} "
        f"{_enough(at_most, margin) if is_enough else _untold(at_most, margin)}"
    )
    if pruned:
        sentence += f" What {plural(pruned, 'pruned trial')} would have reached is not known."
    verdict = "smallest adequate" if is_enough else "undecided"
    size = int(small["parameters"])
    return Finding(
        code="capacity.smallest_adequate",
        about="capacity",
        subject=str(small["trial"]),
        verdict=verdict,
        sentence=sentence,
        next_step=_next_step(small, best, decided=is_enough),
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


def _named(small: pd.Series, best: pd.Series, error: float) -> str:
    size = plural(int(small["parameters"]), "parameter")
    if small["trial"] == best["trial"]:
        return (
            f"No network smaller than the best one, {best['trial']} ({size}), comes within one "
            f"standard error ({loss(error)}) of its validation loss."
        )
    share = float(small["parameters"] / best["parameters"])
    behind = float(small["validation_loss"] - best["validation_loss"])
    return (
        f"{small['trial']} with {size} is the smallest network within one standard error "
        f"({loss(error)}) of the best validation loss: {loss(behind)} behind it, with "
        f"{100 * share:.0f} % of the parameters of {best['trial']} "
        f"({count(float(best['parameters']))})."
    )


def _enough(at_most: float, margin: float) -> str:
    return (
        "It is adequate: surely no other is better by the "
        f"{loss(margin)} that matter (at most {loss(max(at_most, 0.0))})."
    )


def _untold(at_most: float, margin: float) -> str:
    if not math.isfinite(at_most):
        return "Whether it is adequate cannot be told without the errors over rows."
    return (
        "Whether it is adequate cannot be told from so few validation "
        f"rows: another may be better by {loss(at_most)}, and {loss(margin)} would matter."
    )


def _next_step(small: pd.Series, best: pd.Series, *, decided: bool) -> str:
    if small["trial"] == best["trial"]:
        return ""
    if decided:
        return f"If size or speed counts, confirm {small['trial']} on 5 seeds."
    return "If size or speed counts, compare the sizes on ten seeds: fitgap study capacity."


def _edge(finished: pd.DataFrame, pruned: pd.DataFrame) -> list[Finding]:
    sizes = finished["parameters"].astype("float64").map(math.log)
    tried = pd.concat([finished["parameters"], pruned["parameters"]])
    low, high = math.log(tried.min()), math.log(tried.max())
    if not high > low:
        return []
    place = (float(sizes.iloc[0]) - low) / (high - low)
    top = float((sizes.head(FEWEST_TRIALS).median() - low) / (high - low))
    if place >= 1 - EDGE and top >= 1 - 2 * EDGE:
        end, step = "largest", "Widen the space towards larger networks: depth or width."
    elif place <= EDGE and top <= 2 * EDGE:
        end, step = "smallest", "Widen the space towards smaller networks: depth or width."
    else:
        return []
    parameters = int(finished["parameters"].iloc[0])
    return [
        Finding(
            code="capacity.edge",
            about="capacity",
            subject=str(finished["trial"].iloc[0]),
            verdict=f"best at the {end}",
            sentence=(
                f"The best network ({plural(parameters, 'parameter')}) is among the {end} tried "
                f"({count(float(tried.min()))} to {count(float(tried.max()))}), and the other good "
                "ones lean there: the best capacity may lie outside."
            ),
            next_step=step,
            level="warning",
            confidence="heuristic, error rate not measured yet",
            numbers={"parameters": parameters, "place": place},
        )
    ]
