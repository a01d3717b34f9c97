"""Effective capacity: the smallest network that learns random labels by heart.

Nothing of permuted labels can be understood, so a network that fits them has stored them. The same
networks with the true labels say how much of a fit is not memory (Zhang et al. 2017).
"""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports.findings import Finding, Numbers
from reports.wording import between, count, is_number, join, loss, score, setting
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, summarise_arms
from studies.answering.results import StudyResults, records
from studies.answering.words import Row, in_words, numbers, whole_percent
from studies.catalog.memorise.figures import epochs_figure, fit_figure, memory_figure, shares_table
from studies.catalog.memorise.fitting import (
    FITTED,
    Threshold,
    epochs_to_fit,
    find_threshold,
    read_arms,
    share_fitted,
    share_of,
    size_ratio,
    time_ratio,
    validation_at_end,
)
from studies.diagnosis.networks import ConfigVerdict

EXACT: Final = "exact interval of the share of seeds; one permutation of the labels"


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say which networks fit random labels, and how much larger they are than for true ones."""
    arms = summarise_arms(results)
    shares, epochs = share_fitted(results), epochs_to_fit(results)
    rows = int(results.design.fixed["train_rows"])
    random, true = (find_threshold(shares, kind, rows=rows) for kind in ("random", "true"))
    fit, chance = _threshold_finding(results, shares, random), _chance_finding(results)
    time = _time_finding(results, epochs)
    told_first = [fit, _ratio_finding(random, true), chance, time]
    return StudyAnswer(
        answer=_answer(results, random, true),
        paragraph=[one.sentence for one in told_first],
        findings=[*told_first, _threshold_finding(results, shares, true)],
        figures=[
            fit_figure(results, arms, (random, true), fit.sentence),
            memory_figure(results, arms, chance.sentence),
            epochs_figure(results, arms, epochs, time.sentence),
        ],
        tables=[shares_table(results, arms, shares, epochs), arms_table(results, arms, verdicts)],
    )


def _answer(results: StudyResults, random: Threshold, true: Threshold) -> str:
    labels = f"{count(random.rows)} random labels"
    if random.fits is None:
        return (
            f"{labels.capitalize()} are not learnt by heart by the networks tried, of up to "
            f"{count(float(results.comparison['parameters'].max()))} parameters."
        )
    sentence = (
        f"{labels} are learnt by heart with {count(random.fits)} parameters "
        f"({loss(random.rows / random.fits)} labels for each)"
    )
    if true.fits is None:
        return f"{sentence}; the true ones are not fitted."
    if random.fits == true.fits:
        return f"{sentence}; the true ones need as many."
    ratio = size_ratio(random, true)
    return f"{sentence}, about {ratio.estimate:.2g} times what the true ones need."


def _threshold_finding(
    results: StudyResults, shares: pd.DataFrame, threshold: Threshold
) -> Finding:
    """Say which is the smallest network that fits one kind of labels."""
    rows = [row for row in records(shares) if row["labels"] == threshold.labels]
    labels = f"{count(threshold.rows)} {threshold.labels} labels"
    what = f"train {results.metric} {FITTED:g} after {results.design.fixed['epochs']} epochs"
    per = threshold.labels_per_parameter
    known: Numbers = {
        "parameters": threshold.fits,
        "too_small": threshold.fails,
        "rows": threshold.rows,
        "labels_per_parameter": per.estimate,
        "labels_per_parameter_high": per.high,
    }
    if threshold.fits is None:
        best = max(rows, key=lambda row: (row["share"], row["parameters"]))
        return Finding(
            code=f"study.memorise.{threshold.labels}",
            verdict="not fitted",
            sentence=(
                f"The {labels} are not surely fitted ({what}) by any network tried: at most by "
                f"{_share(best)}, with {count(best['parameters'])} parameters."
            ),
            next_step="Try larger networks, longer: --set width=..., --epochs.",
            confidence=EXACT,
            numbers=known,
        )
    row = next(row for row in rows if row["parameters"] == threshold.fits)
    bound = f"The capacity is {loss(per.low)} labels per parameter or more: none was too small."
    if threshold.fails is not None:
        bound = (
            f"With {count(threshold.fails)} most seeds do not: the capacity lies between "
            f"{loss(per.low)} and {loss(per.high)} labels per parameter."
        )
    unsure = [
        count(other["width"])
        for other in rows
        if other["parameters"] > threshold.fits and other["verdict"] != "fits"
    ]
    larger = f" Larger, but not surely fitting: width {join(unsure)}." if unsure else ""
    return Finding(
        code=f"study.memorise.{threshold.labels}",
        verdict="fitted",
        sentence=(
            f"The {labels} are fitted ({what}) with {count(threshold.fits)} parameters, width "
            f"{count(threshold.width)}: {_share(row)}. {bound}{larger}"
        ),
        confidence=EXACT,
        numbers=known,
    )


def _ratio_finding(random: Threshold, true: Threshold) -> Finding:
    """Say how much larger a network must be for random labels than for true ones."""
    ratio = size_ratio(random, true)
    if not is_number(ratio.estimate):
        return Finding(
            code="study.memorise.ratio",
            verdict="undecided",
            sentence="How much larger a network random labels need than true ones is unknown: not "
            "both were surely fitted.",
            confidence=EXACT,
        )
    limits = {"more than": ratio.low, "less than": ratio.high}
    known = [f"{word} {setting(limit)}" for word, limit in limits.items() if is_number(limit)]
    by_sizes = f"; by the sizes that most seeds do not fit, {' and '.join(known)}" if known else ""
    return Finding(
        code="study.memorise.ratio",
        verdict="larger" if is_number(ratio.low) and ratio.low > 1 else "undecided",
        sentence=(
            f"The smallest network that fits random labels has {setting(ratio.estimate)} times the "
            f"parameters of the smallest that fits the true ones{by_sizes}."
        ),
        confidence="as sure as the two thresholds are; widths in steps of two",
        numbers=numbers(ratio, "ratio"),
    )


def _time_finding(results: StudyResults, epochs: pd.DataFrame) -> Finding:
    """Say how much longer the largest network takes for random labels."""
    random, true, width = _largest(results)
    both = int((epochs[random].notna() & epochs[true].notna()).sum())
    if not both:
        return Finding(
            code="study.memorise.time",
            verdict="undecided",
            sentence=f"How much longer random labels take is unknown: no seed of width {width:,}, "
            "the largest, fits both kinds.",
            confidence="described, not tested",
        )
    ratio = time_ratio(epochs, random, true)
    verdict = "undecided"
    if ratio.excludes(1.0):
        verdict = "slower" if ratio.low > 1 else "faster"
    return Finding(
        code="study.memorise.time",
        verdict=verdict,
        sentence=(
            f"Random labels take {in_words(ratio, setting)} times as many epochs as true ones at "
            f"width {width:,}, the largest: in the median {count(epochs[random].median())} against "
            f"{count(epochs[true].median())}."
        ),
        confidence="t interval of log ratios over paired seeds, each kind with its own rate",
        numbers={**numbers(ratio, "ratio"), "pairs": both},
    )


def _chance_finding(results: StudyResults) -> Finding:
    """Check that nothing was learnt from random labels that is of use on new rows."""
    random, _, width = _largest(results)
    data, folds = results.manifest["data"], results.folds
    splits = data["splits"]
    rows = int(splits["validation"]) if folds is None else folds.tested_on
    if weighted := data.get("effective_rows"):
        rows *= weighted["validation"] / splits["validation"]
    found = validation_at_end(results, random, rows)
    chance, level, over = 0.0, "the mean alone would reach 0", "t interval over seeds"
    if results.metric == "accuracy":
        chance, over = float(results.design.options["majority"]), "interval over validation rows"
        level = f"the commonest class alone would reach {score(chance)}"
    verdict, said = "chance", "no more than chance"
    if not is_number(found.low):
        verdict, said = "undecided", "which is not tested against chance"
    elif found.low > chance:
        verdict, said = "above chance", "clearly more than chance"
    is_above = verdict == "above chance"
    step = "Look for rows that stand in both splits, or for few labels that moved."
    return Finding(
        code="study.memorise.chance",
        verdict=verdict,
        sentence=(
            f"Trained on random labels, width {width:,} ends at validation {results.metric} "
            f"{in_words(found)}, {said}: {level}."
        ),
        next_step=step if is_above else "",
        level="warning" if is_above else "info",
        confidence=f"{over}; one permutation of the labels",
        numbers={**numbers(found, "score"), "chance": chance},
    )


def _largest(results: StudyResults) -> tuple[str, str, int]:
    """Return the largest network's arm with random labels, that with true ones, and its width."""
    names = read_arms(results)
    width = max(width for _, width in names)
    return names["random", width], names["true", width], width


def _share(row: Row) -> str:
    share = share_of(row)
    interval = between(share.low, share.high, whole_percent)
    return f"{row['fitted']} of {row['trials']} seeds ({interval} of them)"
