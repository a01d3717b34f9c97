"""How much network is enough: the smallest adequate one, and whether the space was large enough."""

import math
from typing import Final

import numpy as np
import pandas as pd

from reports.findings import Finding
from reports.wording import count, loss, plural
from studies.diagnosis.error_rates import with_error_rate

FEWEST_TRIALS: Final = 5
EDGE: Final = 0.1  # of the decades between the smallest and the largest network tried


def judge_capacity(trials: pd.DataFrame) -> list[Finding]:
    """Find the smallest adequate network among the trials of the search.

    The one-standard-error rule (Breiman et al. 1984): the fewest parameters whose validation loss
    lies within one standard error of the best.

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
    adequate = finished[finished["validation_loss"] <= best["validation_loss"] + error]
    small = adequate.sort_values(["parameters", "validation_loss"], kind="stable").iloc[0]
    share = float(small["parameters"] / best["parameters"])
    same = small["trial"] == best["trial"]
    size = count(float(small["parameters"]))
    if same:
        sentence = (
            f"The best network, {best['trial']} ({size} parameters), is also the smallest adequate "
            f"one: no smaller one comes within one standard error ({loss(error)}) of its "
            "validation loss."
        )
    else:
        behind = float(small["validation_loss"] - best["validation_loss"])
        sentence = (
            f"{small['trial']} with {size} parameters is the smallest adequate network: "
            f"{loss(behind)} behind the best validation loss, within one standard error "
            f"({loss(error)}), with {share:.0%} of the parameters of {best['trial']} "
            f"({count(float(best['parameters']))})."
        )
    if pruned:
        sentence += f" What {plural(pruned, 'pruned trial')} would have reached is not known."
    return Finding(
        code="capacity.smallest_adequate",
        about="capacity",
        subject=str(small["trial"]),
        verdict="smallest adequate",
        sentence=sentence,
        next_step="" if same else f"If size or speed counts, confirm {small['trial']} on 5 seeds.",
        confidence=with_error_rate(
            "one-standard-error rule over rows, one seed a network",
            "capacity.smallest_adequate",
            seeds=1,
        ),
        numbers={
            "parameters": int(small["parameters"]),
            "best_parameters": int(best["parameters"]),
            "share": share,
            "standard_error": error,
            "adequate": len(adequate),
            "pruned": pruned,
        },
    )


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
