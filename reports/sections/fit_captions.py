"""What the figures of capacity and of fits show, in a sentence with its numbers."""

import math

import pandas as pd

from reports import theme, wording
from reports.summaries.regions import ADEQUATE, OVERFITTING, TOO_SMALL, CapacityLosses, Regions
from reports.summaries.trials import Correlation


def capacity(correlation: Correlation) -> str:
    """Say whether the gap and the capacity go together."""
    trials = wording.plural(correlation.trials, "finished trial")
    if not math.isfinite(correlation.rho):
        return f"With {trials} it cannot be told whether larger networks have larger gaps."
    span = (
        f"rank correlation {correlation.rho:.2f}, 95 % interval {correlation.low:.2f} to "
        f"{correlation.high:.2f}, {trials}"
    ).replace("-", wording.MINUS)
    if correlation.low > 0:
        return f"Larger networks have larger gaps here ({span})."
    if correlation.high < 0:
        return f"Larger networks have smaller gaps here ({span})."
    return f"In these trials the gap does not clearly depend on the number of parameters ({span})."


def losses(summary: CapacityLosses) -> str:
    """Say how far the best validation loss falls with the size; ``""`` below two sizes."""
    if len(summary.sizes) < 2:
        return ""
    first = summary.sizes.iloc[0]
    best = summary.sizes.iloc[int(summary.sizes["validation"].to_numpy(float).argmin())]
    at = wording.plural(int(first["parameters"]), "parameter")
    if best["parameters"] == first["parameters"]:
        return (
            f"The smallest size, {at}, already has the best validation loss, "
            f"{wording.loss(best['validation'])}."
        )
    is_largest = best["parameters"] == summary.sizes["parameters"].iloc[-1]
    end = "the largest size tried" if is_largest else "and none of the larger sizes is better"
    return (
        f"The best validation loss falls from {wording.loss(first['validation'])} at {at} to "
        f"{wording.loss(best['validation'])} at {wording.count(best['parameters'])}, {end}."
    )


def regions(found: Regions) -> str:
    """Say where networks are too small, adequate and overfit, or why that is not drawn."""
    if found.smallest is None:
        trials = wording.plural(found.finished, "finished trial")
        return f"With {trials} no smallest adequate network is named, so no region is drawn."
    size = wording.plural(int(found.smallest), "parameter")
    who = wording.shorten(found.subject, 24)
    if not found.bands:
        return (
            f"No region is drawn: {who}, with {size}, is the smallest network within one standard "
            "error of the best loss, but so few validation rows do not show that it is enough."
        )
    bands = {band.name: band for band in found.bands}
    small, enough = bands.get(TOO_SMALL), bands[ADEQUATE]
    if small is None:
        parts = [f"The smallest size tried, {size}, is adequate."]
    else:
        judged = small.verdicts.get("underfits", 0)
        trials = wording.plural(small.trials, "smaller trial")
        parts = [
            f"{who} with {size} is the smallest adequate network.",
            f"Judged to underfit: {wording.count(judged)} of {trials}.",
        ]
    over = bands.get(OVERFITTING)
    if over is None:
        judged, trials = enough.verdicts.get("overfits", 0), wording.plural(enough.trials, "trial")
        parts.append(
            f"Judged to overfit: {wording.count(judged)} of {trials} from there on; there is no "
            "size from which on most do."
        )
    else:
        judged, trials = over.verdicts.get("overfits", 0), wording.plural(over.trials, "trial")
        parts.append(
            f"From {wording.count(over.smallest)} parameters on most overfit: "
            f"{wording.count(judged)} of {trials}."
        )
    return " ".join(parts)


def fit_map(judged: pd.DataFrame) -> str:
    """Count how the trials fit.

    Args:
        judged: Trials with verdicts.
    """
    finished = judged[(judged["outcome"] == "finished") & judged["loss_gap"].notna()]
    if finished.empty:
        return "No trial has both a train and a validation loss."
    worse = int((finished["loss_gap"] > 0).sum())
    counts = finished["verdict"].value_counts()
    parts = [
        f"{verdict} {wording.count(int(counts[verdict]))}"
        for verdict in theme.MARKS
        if verdict in counts.index
    ]
    trials = wording.plural(len(finished), "finished trial")
    return (
        f"Verdicts on {trials}: {wording.join(parts)}. The validation loss lies above the train "
        f"loss in {wording.count(worse)}."
    )


def score_map(judged: pd.DataFrame, name: str) -> str:
    """Say how often the network does better on train, and by how much in the middle.

    Args:
        judged: Trials with verdicts.
        name: What a score is called.
    """
    finished = judged[(judged["outcome"] == "finished") & judged["score_gap"].notna()]
    if finished.empty:
        return f"No trial has {name} on both train and validation rows."
    worse = int((finished["score_gap"] > 0).sum())
    return (
        f"The {name} is higher on train than on validation rows in {wording.count(worse)} of "
        f"{wording.plural(len(finished), 'finished trial')}; the median gap is "
        f"{wording.score(float(finished['score_gap'].median()))}."
    )
