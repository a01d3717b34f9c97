"""Is the network better than what costs nothing? Comparison with the baselines of the run."""

import pandas as pd

from reports.findings import Finding, Level
from reports.wording import is_number
from studies.findings.winner import FEWEST_SEEDS, Winner
from studies.statistics.intervals import Estimate, difference_estimate, difference_interval


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
    several = winner.seeds >= FEWEST_SEEDS
    # The error over rows is added to that over seeds.
    mine = difference_estimate(mine, rows) if several else Estimate(value=mine.value, se=rows.se)
    difference = difference_interval(mine, other)
    verdict = _verdict(*(winner.score.gain(end) for end in (difference.low, difference.high)))
    over = f"{winner.seeds} seeds and the rows" if several else "rows, one seed"
    return Finding(
        code=f"comparison.{name.replace(' ', '_')}",
        about="comparison",
        subject=name,
        verdict=verdict,
        level=_level(name, verdict),
        confidence=f"95 % interval over {over}; conservative, errors taken as independent",
        numbers={
            "difference": difference.estimate,
            "low": difference.low,
            "high": difference.high,
            "network_score": mine.value,
            "baseline_score": other.value,
        },
        details={"score": winner.score},
    )


def _verdict(*ends: float) -> str:
    if min(ends) > 0:
        return "better"
    return "worse" if max(ends) < 0 else "undecided"


def _level(name: str, verdict: str) -> Level:
    if verdict == "better":
        return "good"
    if name == "dummy":
        return "alarm"
    return "warning" if verdict == "worse" else "info"
