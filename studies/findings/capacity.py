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

    The one-standard-error rule (Breiman et al. 1984) names a candidate: the fewest parameters whose
    validation loss lies within one standard error of the best. It errs on the side of small, so it
    is believed only if the loss is surely within the margin that does not matter; otherwise the
    smallest adequate network lies between the candidate and the smallest one of which that is sure.

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
    behind = finished["validation_loss"] - best["validation_loss"]
    adequate = behind <= error
    small = _fewest(finished[adequate])
    sure = _fewest(finished[_at_most(finished, best, behind) <= margin])
    decided = small["parameters"] >= sure["parameters"]
    if decided:
        small = sure
    sentence, next_step = (
        _of_decided(sure, best, error, margin)
        if decided
        else _of_undecided(small, sure, best, error)
    )
    if pruned:
        sentence += f" What {plural(pruned, 'pruned trial')} would have reached is not known."
    verdict = "smallest adequate" if decided else "undecided"
    return Finding(
        code="capacity.smallest_adequate",
        about="capacity",
        subject=str(small["trial"]),
        verdict=verdict,
        sentence=sentence,
        next_step=next_step,
        confidence=with_error_rate(
            "one-standard-error rule and 95 % bound over rows, one seed a network", verdict, seeds=1
        ),
        numbers={
            "parameters": int(small["parameters"]),
            "sure_parameters": int(sure["parameters"]),
            "best_parameters": int(best["parameters"]),
            "share": float(small["parameters"] / best["parameters"]),
            "standard_error": error,
            "margin": margin,
            "adequate": int(adequate.sum()),
            "pruned": pruned,
        },
    )


def _fewest(trials: pd.DataFrame) -> pd.Series:
    return trials.sort_values(["parameters", "validation_loss"], kind="stable").iloc[0]


def _at_most(finished: pd.DataFrame, best: pd.Series, behind: pd.Series) -> pd.Series:
    """Return the one-sided 95 % upper bound of how far each is behind the best.

    The errors of the two are combined as if independent, as in `studies.diagnosis.reference`.
    """
    error = np.hypot(finished["validation_loss_se"], best["validation_loss_se"])
    bound = (behind + critical_value(confidence=0.9) * error).fillna(np.inf)
    itself = finished["trial"] == best["trial"]
    return pd.Series(np.where(itself, 0.0, bound), index=finished.index)


def _of_decided(small: pd.Series, best: pd.Series, error: float, margin: float) -> tuple[str, str]:
    size = plural(int(small["parameters"]), "parameter")
    if small["trial"] == best["trial"]:
        sentence = (
            f"The best network, {best['trial']} ({size}), is also the smallest adequate one: no "
            f"smaller one comes within one standard error ({loss(error)}) of its validation loss."
        )
        return sentence, ""
    behind = float(small["validation_loss"] - best["validation_loss"])
    sentence = (
        f"{small['trial']} with {size} is the smallest adequate network: its validation loss is "
        f"{loss(behind)} behind the best, and surely not more than the {loss(margin)} that matter, "
        f"with {_share(small, best)}."
    )
    return sentence, f"If size or speed counts, confirm {small['trial']} on 5 seeds."


def _of_undecided(
    small: pd.Series, sure: pd.Series, best: pd.Series, error: float
) -> tuple[str, str]:
    behind = float(small["validation_loss"] - best["validation_loss"])
    lower, upper = count(float(small["parameters"])), count(float(sure["parameters"]))
    above = "is the best one" if sure["trial"] == best["trial"] else "surely is no worse"
    sentence = (
        f"The smallest adequate network has between {lower} and {upper} parameters: "
        f"{small['trial']}, the smallest within one standard error ({loss(error)}) of the best "
        f"validation loss, is {loss(behind)} behind it with {_share(small, best)}, which these "
        f"rows do not show to be enough; {sure['trial']} {above}."
    )
    return (
        sentence,
        "If size or speed counts, compare the sizes on ten seeds: fitgap study capacity.",
    )


def _share(small: pd.Series, best: pd.Series) -> str:
    share = float(small["parameters"] / best["parameters"])
    return f"{share:.0%} of the parameters of {best['trial']} ({count(float(best['parameters']))})"


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
