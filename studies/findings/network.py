"""The verdicts on the network a sweep chose: how it fits, and how its learning rate is."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding, Level
from reports.wording import is_number, plural
from studies.diagnosis.error_rates import with_error_rate
from studies.diagnosis.networks import ConfigVerdict
from studies.findings.winner import Winner

LEVELS: Final[Mapping[str, Level]] = {
    "fits": "good",
    "underfits": "warning",
    "overfits": "warning",
    "undertrained": "warning",
    "overtrained": "info",
    "diverged": "alarm",
    "failed": "alarm",
    "undecided": "info",
}
RATE_LEVELS: Final[Mapping[str, Level]] = {
    "right": "good",
    "too small": "warning",
    "too large": "warning",
    "diverges": "alarm",
    "undecided": "info",
}
NUMBERS: Final = (
    "gap", "gap_low", "gap_high", "last_gap", "onset_epoch", "calibration", "seeds", "seeds_needed",
)  # fmt: skip


def network_finding(subject: str, evidence: Mapping[str, Any], level: Level) -> Finding:
    """State how a network fits.

    Args:
        subject: What it is called: a trial, or an arm.
        evidence: `ConfigVerdict.evidence`, or a row of the verdicts table.
        level: How much it asks for attention.
    """
    known = {"seeds": 1, "seeds_needed": None, **evidence}
    verdict, seeds = str(known["verdict"]), int(known["seeds"])
    over = "rows, one seed" if seeds == 1 else f"{seeds} seeds and the rows"
    return Finding(
        code=f"network.{verdict}",
        about="network",
        subject=subject,
        verdict=verdict,
        level=level,
        confidence=with_error_rate(f"95 % interval over {over}", verdict, seeds=seeds),
        numbers={name: known[name] if is_number(known[name]) else None for name in NUMBERS},
        details=known,
    )


def judge_network(
    winner: Winner, verdicts: pd.DataFrame, over_seeds: ConfigVerdict | None
) -> Finding:
    """Give the winner's verdict, over its seeds where there are several.

    Args:
        winner: The network chosen.
        verdicts: What ``diagnose`` says of every trial.
        over_seeds: What ``diagnose_config`` says of its configuration.
    """
    evidence = _evidence(winner, verdicts, over_seeds)
    return network_finding(winner.trial, evidence, LEVELS[str(evidence["verdict"])])


def judge_rate(winner: Winner, verdicts: pd.DataFrame, over_seeds: ConfigVerdict | None) -> Finding:
    """Give the learning-rate verdict on the winner's curves; the arguments as above."""
    evidence = _evidence(winner, verdicts, over_seeds)
    verdict, seeds = str(evidence["learning_rate_verdict"]), int(evidence.get("seeds", 1))
    return Finding(
        code=f"curve.learning_rate_{verdict.replace(' ', '_')}",
        about="curve",
        subject=winner.trial,
        verdict=verdict,
        level=RATE_LEVELS[verdict],
        confidence=with_error_rate(
            f"from the curves of {plural(seeds, 'seed')}", verdict, seeds=seeds
        ),
        numbers={"learning_rate": float(winner.row["learning_rate"])},
        details={"optimizer": str(winner.row["optimizer"])},
    )


def _evidence(
    winner: Winner, verdicts: pd.DataFrame, over_seeds: ConfigVerdict | None
) -> Mapping[str, Any]:
    if over_seeds is not None:
        return over_seeds.evidence
    row = verdicts[verdicts["trial"] == winner.trial].iloc[0]
    return {str(name): value for name, value in row.items()}
