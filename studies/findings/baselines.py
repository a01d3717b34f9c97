"""Is the network better than what costs nothing? Comparison with the baselines of the run."""

import pandas as pd

from reports.findings import Finding, Level
from reports.wording import is_number
from studies.diagnosis.words import between
from studies.findings.winner import FEWEST_SEEDS, Winner
from studies.statistics.intervals import (
    Estimate,
    difference_estimate,
    difference_interval,
)


def compare_with_baselines(winner: Winner, baselines: pd.DataFrame) -> list[Finding]:
    """Compare the winner's validation score with that of each baseline.

    Both are measured on the same rows, but not compared row by row: the errors are combined as if
    independent, which is too wide where both err on the same rows.

    Args:
        winner: The network chosen.
        baselines: The table of docs/tables.md; may be empty.
    """
    return [
        _comparison(winner, str(name), Estimate(value=value, se=se))
        for name, value, se in zip(
            baselines["baseline"],
            winner.score.of(baselines),
            winner.score.of(baselines, "_se"),
            strict=True,
        )
        if is_number(value)
    ]


def _comparison(winner: Winner, name: str, other: Estimate) -> Finding:
    rows = Estimate(value=0.0, se=winner.row_error("score"))
    mine = winner.validation("score")
    if winner.seeds >= FEWEST_SEEDS:
        mine = difference_estimate(mine, rows)  # adds the error over rows to that over seeds
    else:
        mine = Estimate(value=mine.value, se=rows.se)
    difference, score = difference_interval(mine, other), winner.score.write
    verdict = _verdict(*(winner.score.gain(end) for end in (difference.low, difference.high)))
    level, step = _advice(name, verdict)
    what = {"better": "better than", "worse": "worse than", "undecided": "not clearly apart from"}
    several = winner.seeds >= FEWEST_SEEDS
    over = f"{winner.seeds} seeds and the rows" if several else "rows, one seed"
    return Finding(
        code=f"comparison.{name.replace(' ', '_')}",
        about="comparison",
        subject=name,
        verdict=verdict,
        sentence=(
            f"The network is {what[verdict]} the {name} baseline: validation {winner.metric} "
            f"{score(mine.value)} against {score(other.value)}, difference "
            f"{score(difference.estimate)} ({between(difference.low, difference.high, score)})."
        ),
        next_step=step,
        level=level,
        confidence=f"95 % interval over {over}; conservative, errors taken as independent",
        numbers={
            "difference": difference.estimate if is_number(difference.estimate) else None,
            "low": difference.low if is_number(difference.low) else None,
            "high": difference.high if is_number(difference.high) else None,
            "baseline_score": other.value,
        },
    )


def _verdict(*ends: float) -> str:
    if min(ends) > 0:
        return "better"
    return "worse" if max(ends) < 0 else "undecided"


def _advice(name: str, verdict: str) -> tuple[Level, str]:
    if verdict == "better":
        return "good", ""
    if name == "dummy":
        return "alarm", "Nothing was learnt for certain: check the target and the features."
    if verdict == "worse":
        return "warning", f"Use {name}, or find out what it sees that the network does not."
    return "info", f"Prefer {name} if simplicity counts, or hold out more rows to tell."
