"""The findings on memory in words."""

from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.wording import count, is_number, join, loss, score, setting
from studies.answering.comparing import records
from studies.answering.results import StudyResults
from studies.catalog.memorise.memory import (
    FITTED,
    Threshold,
    read_arms,
    size_ratio,
    time_ratio,
    validation_at_end,
)
from studies.diagnosis.words import between
from studies.statistics.intervals import Interval

STUDY: Final = "study.memorise"
EXACT: Final = "exact interval of the share of seeds; one permutation of the labels"


def answer_sentence(results: StudyResults, random: Threshold, true: Threshold) -> str:
    """Say in one sentence whether random labels can be learnt by heart, and with which size."""
    labels = f"{count(random.rows)} random labels"
    if random.fits is None:
        sizes = results.comparison["parameters"]
        return (
            f"{labels.capitalize()} are not learnt by heart by the networks tried, of up to "
            f"{count(float(sizes.max()))} parameters."
        )
    sentence = (
        f"{labels} are learnt by heart with {count(random.fits)} parameters "
        f"({loss(random.rows / random.fits)} labels for each)"
    )
    if true.fits is None:
        return f"{sentence}; the true ones are not fitted."
    ratio = size_ratio(random, true)
    if random.fits == true.fits:
        return f"{sentence}; the true ones need as many."
    return f"{sentence}, about {ratio.estimate:.2g} times what the true ones need."


def threshold_finding(results: StudyResults, shares: pd.DataFrame, threshold: Threshold) -> Finding:
    """Say which is the smallest network that fits one kind of labels."""
    rows = [row for row in records(shares) if row["labels"] == threshold.labels]
    labels = f"{count(threshold.rows)} {threshold.labels} labels"
    what = f"train {results.metric} {FITTED:g} after {results.design.fixed['epochs']} epochs"
    numbers = {
        "parameters": threshold.fits,
        "too_small": threshold.fails,
        "rows": threshold.rows,
        "labels_per_parameter": threshold.labels_per_parameter.estimate,
        "labels_per_parameter_high": threshold.labels_per_parameter.high,
    }
    if threshold.fits is None:
        best = max(rows, key=lambda row: (row["share"], row["parameters"]))
        return _finding(
            f"{threshold.labels}",
            "not fitted",
            f"The {labels} are not surely fitted ({what}) by any network tried: the most seeds "
            f"that fit are {_share(best)}, with {count(best['parameters'])} parameters.",
            numbers,
            confidence=EXACT,
            next_step="Try larger networks, longer: --set width=..., --epochs.",
        )
    row = next(row for row in rows if row["parameters"] == threshold.fits)
    sentence = (
        f"The {labels} are fitted ({what}) with {count(threshold.fits)} parameters, width "
        f"{count(threshold.width)}: {_share(row)}. "
    )
    per = threshold.labels_per_parameter
    if threshold.fails is None:
        sentence += f"That is {loss(per.low)} labels per parameter or more: none was too small."
    else:
        sentence += (
            f"With {count(threshold.fails)} most seeds do not fit them, so that the capacity lies "
            f"between {loss(per.low)} and {loss(per.high)} labels per parameter."
        )
    unsure = [
        count(other["width"])
        for other in rows
        if other["parameters"] > threshold.fits and other["verdict"] != "fits"
    ]
    if unsure:
        sentence += f" Not every larger network fits them in most seeds: width {join(unsure)}."
    return _finding(f"{threshold.labels}", "fitted", sentence, numbers, confidence=EXACT)


def ratio_finding(random: Threshold, true: Threshold) -> Finding:
    """Say how much larger a network must be for random labels than for true ones."""
    ratio = size_ratio(random, true)
    if not is_number(ratio.estimate):
        return _finding(
            "ratio",
            "undecided",
            "How much larger a network must be for random labels than for true ones cannot be "
            "said: not both were surely fitted.",
            {},
            confidence=EXACT,
        )
    bounds = [
        f"more than {setting(ratio.low)}" if is_number(ratio.low) else "",
        f"less than {setting(ratio.high)}" if is_number(ratio.high) else "",
    ]
    known = " and ".join(part for part in bounds if part)
    return _finding(
        "ratio",
        "larger" if is_number(ratio.low) and ratio.low > 1 else "undecided",
        f"The smallest network that fits the random labels has {setting(ratio.estimate)} times the "
        f"parameters of the smallest that fits the true ones"
        f"{f'; by the sizes that most seeds do not fit, {known} times' if known else ''}.",
        {"ratio": ratio.estimate, "low": ratio.low, "high": ratio.high},
        confidence="as sure as the two thresholds are; widths in steps of two",
    )


def time_finding(results: StudyResults, epochs: pd.DataFrame) -> Finding:
    """Say how much longer the largest network takes for random labels."""
    names = read_arms(results.design)
    width = max(width for _, width in names)
    random, true = names["random", width], names["true", width]
    both = int((epochs[random].notna() & epochs[true].notna()).sum())
    if not both:
        return _finding(
            "time",
            "undecided",
            f"No seed of width {width:,}, the largest, fits both kinds of labels: how much longer "
            "random ones take is not known.",
            {},
            confidence="described, not tested",
        )
    ratio = time_ratio(epochs, random, true)
    verdict = "undecided"
    if ratio.excludes(1.0):
        verdict = "slower" if ratio.low > 1 else "faster"
    return _finding(
        "time",
        verdict,
        f"Random labels take {setting(ratio.estimate)} times as many epochs to fit as true ones "
        f"({between(ratio.low, ratio.high, setting)}) at width {width:,}, the largest: "
        f"{count(epochs[random].median())} against {count(epochs[true].median())} at the median.",
        {"ratio": ratio.estimate, "low": ratio.low, "high": ratio.high, "pairs": both},
        confidence="t interval of log ratios over paired seeds, each kind with its own rate",
    )


def chance_finding(results: StudyResults) -> Finding:
    """Check that nothing was learnt from random labels that is of use on new rows."""
    names = read_arms(results.design)
    width = max(width for _, width in names)
    data, folds = results.manifest["data"], results.folds
    splits = data["splits"]
    rows = int(splits["validation"]) if folds is None else folds.tested_on
    if weighted := data.get("effective_rows"):
        rows *= weighted["validation"] / splits["validation"]
    found = validation_at_end(results, names["random", width], rows)
    is_accuracy = results.metric == "accuracy"
    chance = float(results.design.options["majority"]) if is_accuracy else 0.0
    level = f"the commonest class alone would reach {score(chance)}"
    if not is_accuracy:
        level = "the mean alone would reach 0"
    verdict, said = "undecided", "which is not tested against chance"
    if is_number(found.low):
        above = found.low > chance
        verdict, said = (
            ("above chance", "clearly more than chance")
            if above
            else ("chance", "no more than chance")
        )
    return _finding(
        "chance",
        verdict,
        f"On the validation rows the network of width {width:,} that was trained on random labels "
        f"ends at {results.metric} {_interval(found)}, {said}: {level}.",
        {"score": found.estimate, "low": found.low, "high": found.high, "chance": chance},
        confidence="interval over the validation rows; one permutation of the labels"
        if is_accuracy
        else "t interval over seeds; one permutation of the labels",
        next_step="Look for rows that stand in both splits, or for few labels that moved."
        if verdict == "above chance"
        else "",
    )


def _finding(
    code: str,
    verdict: str,
    sentence: str,
    numbers: dict[str, Any],
    *,
    confidence: str,
    next_step: str = "",
) -> Finding:
    known: dict[str, float | int | str | bool | None] = {
        name: value if value is not None and is_number(value) else None
        for name, value in numbers.items()
    }
    return Finding(
        code=f"{STUDY}.{code}",
        about="study",
        subject="",
        verdict=verdict,
        sentence=sentence,
        next_step=next_step,
        level="warning" if verdict == "above chance" else "info",
        confidence=confidence,
        numbers=known,
    )


def _share(row: dict[str, Any]) -> str:
    interval = "no interval"
    if is_number(row["low"]):
        interval = (
            f"95 % interval of the share {100 * row['low']:.0f} % to {100 * row['high']:.0f} %"
        )
    return f"{row['fitted']} of {row['trials']} seeds ({interval})"


def _interval(interval: Interval) -> str:
    return f"{score(interval.estimate)} ({between(interval.low, interval.high, score)})"
