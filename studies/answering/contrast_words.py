"""Contrasts of arms and of runs, said, drawn and tabled: one sentence, one figure, one table."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.study_content import ForestFigure, StudyTable
from reports.wording import MISSING, is_number, join, p_value, plural, score, setting
from studies.answering.contrasts import VERDICTS, Contrast, Contrasts, others_by_verdict
from studies.answering.words import bounds, in_words
from studies.diagnosis.error_rates import with_error_rate

BASES: Final = {
    "pairs": "{paired}",
    "folds": "{folds}, seeds paired",
    "seeds": "{seeds} each, not the same ones (Welch)",
    "rows": "{seeds} each on other rows (Welch, with the error over rows)",
    "one seed": "rows, since one seed is too few",
}
STANDING: Final = {
    "better": "better than",
    "worse": "worse than",
    "equivalent": "equivalent to",
    "undecided": "undecided against",
}
MOST_NAMED: Final = 6  # others that a sentence names


def describe_contrast(contrast: Contrast, metric: str, margin: float) -> str:
    """Say a contrast in a sentence, with its numbers and what they rest on.

    Args:
        contrast: Of two arms or runs.
        metric: What the difference is in.
        margin: The largest difference that is no matter.
    """
    first, second = f"{contrast.prefix}{contrast.first}", contrast.second
    if contrast.identical:
        return f"{first} and {second} are the same networks: every score and loss is equal."
    size = f"{metric} {in_words(contrast.difference, sign=True)} over {describe_basis(contrast)}"
    if contrast.basis == "one seed":
        return f"{first} against {second}: {size}; that cannot tell which is better."
    tested = f"{size}, p {p_value(contrast.p_holm)}"
    if contrast.is_clear:
        return f"{first} is {contrast.verdict} than {second}: {tested}."
    if contrast.verdict == "equivalent":
        return f"{first} and {second} are equivalent within {setting(margin)}: {size}."
    if not contrast.is_tested:
        return f"{first} against {second}: {size}; too few for a verdict."
    settle = f"{score(contrast.detectable)} would have been found in four cases of five"
    if contrast.seeds_needed:
        settle += f", about {plural(contrast.seeds_needed, 'more seed')} would settle it"
    return f"{first} against {second} is undecided: {tested}; {settle}."


def describe_basis(contrast: Contrast) -> str:
    """Say what a contrast rests on, such as ``5 paired seeds``."""
    number = int(contrast.pairs)
    nouns = {"paired": "paired seed", "seeds": "seed", "folds": "fold"}
    counts = {name: plural(number, noun) for name, noun in nouns.items()}
    return BASES[contrast.basis].format_map(counts)


def summarise_verdicts(contrasts: Contrasts) -> str:
    """Count verdicts, such as ``1 identical, 3 equivalent``."""
    counts = Counter("identical" if each.identical else each.verdict for each in contrasts)
    return ", ".join(f"{counts[name]} {name}" for name in ("identical", *VERDICTS) if counts[name])


def standing(name: str, contrasts: Contrasts, *, most: int = MOST_NAMED) -> str:
    """Say how one arm or run stands to others, such as ``better than a and b, equivalent to c``.

    Args:
        name: Of the one.
        contrasts: Those of others are left out.
        most: How many others are named; more are counted.
    """
    parts = []
    for verdict, others in others_by_verdict(name, contrasts).items():
        named = join(others) if len(others) <= most else f"{len(others)} others"
        parts += [f"{STANDING[verdict]} {named}"] if others else []
    return ", ".join(parts)


def next_step(contrast: Contrast, option: str = "--seeds") -> str:
    """Return what would settle a contrast; ``""`` if it is settled.

    Args:
        contrast: Of two arms or runs.
        option: What says on how many seeds to train.
    """
    if contrast.verdict != "undecided" or contrast.identical:
        return ""
    if contrast.basis == "one seed":
        return "Run both with the same --seed and --confirm 5 or more, which trains them in pairs."
    if contrast.basis == "rows":
        return "Run both with the same --seed: they then learn and are judged on the same rows."
    if contrast.seeds_needed is None:
        return "Treat the two as alike unless a difference smaller than the detectable one matters."
    return f"Repeat with {option} {contrast.pairs + contrast.seeds_needed}."


def settling_step(*contrasts: Contrast | None) -> str:
    """Return on how many seeds the undecided ones of some contrasts would be settled."""
    needed = [each.pairs + each.seeds_needed for each in contrasts if each and each.seeds_needed]
    return f"Repeat with --seeds {max(needed)}." if needed else ""


def contrast_findings(
    contrasts: Contrasts,
    metric: str,
    margin: float,
    *,
    code: str = "comparison.score",
    option: str = "--seeds",
) -> list[Finding]:
    """Make a finding of every contrast.

    Args:
        contrasts: Those that count together.
        metric: What a score is called.
        margin: The largest difference that is no matter.
        code: What the code of each begins with; its verdict follows.
        option: As for `next_step`.
    """
    return [
        Finding(
            code=f"{code}.{each.verdict}",
            about="comparison",
            subject=each.subject,
            verdict=each.verdict,
            sentence=describe_contrast(each, metric, margin),
            next_step=next_step(each, option),
            level="good" if each.verdict == "better" else "info",
            confidence=_confidence(each, len(contrasts)),
            numbers=each.numbers,
        )
        for each in contrasts
    ]


def _confidence(contrast: Contrast, number: int) -> str:
    if contrast.identical:
        return "exact"
    rests_on = f"over {describe_basis(contrast)}; Holm over {plural(number, 'contrast')}"
    if contrast.basis not in {"pairs", "folds"}:
        return rests_on
    return with_error_rate(
        f"paired t test and interval {rests_on}", contrast.verdict, seeds=contrast.pairs
    )


def draw_contrasts(
    contrasts: Contrasts,
    metric: str,
    margin: float,
    finding: str,
    *,
    name: tuple[str, str] = ("differences", ""),
    note: str = "",
) -> ForestFigure:
    """Draw contrasts as differences with their intervals.

    Args:
        contrasts: Those that count together.
        metric: What the differences are in.
        margin: The largest difference that is no matter.
        finding: The caption.
        name: The figure's anchor and title; that of the differences if the title is empty.
        note: What else is to be known of how to read it.
    """
    rows = [
        {
            "difference": each.difference.estimate,
            "low": each.difference.low,
            "high": each.difference.high,
            "verdict": each.verdict,
            "comparison": each.title,
        }
        for each in contrasts
    ]
    return ForestFigure(
        id=name[0],
        title=name[1] or f"Differences in {metric}",
        finding=finding,
        how_to_read=(
            "Each point is a mean difference, first minus second, with its 95 % interval. Right of "
            "zero, the first is better; inside the shaded margin, the difference does not matter. "
            f"The words are the verdicts; they count {plural(len(rows), 'contrast')} (Holm)."
            f"{note and f' {note}'}"
        ),
        unit=metric,
        margin=margin,
        table=pd.DataFrame(rows, columns=["difference", "low", "high", "verdict", "comparison"]),
    )


COLUMNS: Final[Mapping[str, Callable[[Contrast], object]]] = {
    "Arm": lambda each: each.arm,
    "First": lambda each: each.first,
    "Second": lambda each: each.second,
    "Difference": lambda each: score(each.difference.estimate),
    "95 % interval": lambda each: bounds(each.difference),
    "Over": describe_basis,
    "p (Holm)": lambda each: p_value(each.p_holm),
    "p of a difference that matters (Holm)": lambda each: p_value(each.equivalence_p_holm),
    "p (sign flips)": lambda each: p_value(each.sign_flip_p),
    "P(first better)": lambda each: score(each.superiority),
    "Detectable": lambda each: score(each.detectable),
    "More seeds needed": lambda each: str(each.seeds_needed or MISSING),
    "Verdict": lambda each: each.verdict,
}


def contrasts_table(contrasts: Contrasts, metric: str) -> StudyTable:
    """Write contrasts for people; what was measured of none has no column."""
    unmeasured = {
        "Arm": not any(each.arm for each in contrasts),
        "p (sign flips)": all(math.isnan(each.sign_flip_p) for each in contrasts),
        "P(first better)": not any(is_number(each.superiority) for each in contrasts),
    }
    columns = {
        name: [write(each) for each in contrasts]
        for name, write in COLUMNS.items()
        if not unmeasured.get(name)
    }
    return StudyTable(
        id="contrasts",
        title="The comparisons",
        table=pd.DataFrame(columns),
        note=f"Validation {metric} at the best epoch, first minus second; detectable: the smallest "
        "difference found in four cases of five.",
    )
