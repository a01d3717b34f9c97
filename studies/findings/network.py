"""The verdicts on the network a sweep chose: how it fits, and how its learning rate is."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports.findings import Finding, Level
from reports.wording import plural
from studies.diagnosis.error_rates import with_error_rate
from studies.diagnosis.networks import ConfigVerdict
from studies.findings.winner import Winner, as_number
from studies.statistics.intervals import Interval

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
_RATES: Final[Mapping[str, tuple[str, str, Level]]] = {
    "right": ("the train loss falls and settles", "", "good"),
    "too small": (
        "the train loss falls along a nearly straight line and has not arrived",
        "Try three times the rate.",
        "warning",
    ),
    "too large": (
        "the train loss swings instead of settling",
        "Try a third of the rate.",
        "warning",
    ),
    "diverges": ("the train loss grows", "Try a third of the rate.", "alarm"),
    "undecided": (
        "the shape of the train loss does not decide whether the rate is right",
        "",
        "info",
    ),
}


def judge_network(
    winner: Winner, verdicts: pd.DataFrame, over_seeds: ConfigVerdict | None
) -> Finding:
    """Give the winner's verdict, over its seeds where there are several.

    Args:
        winner: The network chosen.
        verdicts: What ``diagnose`` says of every trial.
        over_seeds: What ``diagnose_config`` says of its configuration.
    """
    if over_seeds is not None:
        needed = over_seeds.seeds_needed
        more = needed if needed is not None and needed > over_seeds.seeds else None
        settle = over_seeds.verdict == "undecided" and more is not None
        verdict, gap, last = over_seeds.verdict, over_seeds.gap, over_seeds.last_gap
        sentence = over_seeds.sentence
        if settle:
            sentence += f" About {plural(more or 0, 'seed')} would settle the rise."
        step, calibration = over_seeds.next_step, over_seeds.calibration
        onset, seeds = over_seeds.onset_epoch, over_seeds.seeds
        rests_on = f"95 % interval over {seeds} seeds and the rows"
    else:
        row = verdicts[verdicts["trial"] == winner.trial].iloc[0]
        verdict, sentence, step = str(row["verdict"]), str(row["sentence"]), str(row["next_step"])
        gap = Interval(estimate=row["gap"], low=row["gap_low"], high=row["gap_high"])
        last = Interval(
            estimate=row["last_gap"], low=row["last_gap_low"], high=row["last_gap_high"]
        )
        calibration, more = bool(row["calibration"]), None
        onset, seeds = None if pd.isna(row["onset_epoch"]) else int(row["onset_epoch"]), 1
        rests_on = "95 % interval over rows, one seed"
    return Finding(
        code=f"network.{verdict}",
        about="network",
        subject=winner.trial,
        verdict=verdict,
        sentence=f"{winner.trial}: {sentence}",
        next_step=step,
        level=LEVELS[verdict],
        confidence=with_error_rate(rests_on, verdict, seeds=seeds),
        numbers={
            "gap": as_number(gap.estimate),
            "gap_low": as_number(gap.low),
            "gap_high": as_number(gap.high),
            "last_gap": as_number(last.estimate),
            "onset_epoch": onset,
            "calibration": calibration,
            "seeds": seeds,
            "seeds_needed": more,
        },
    )


def judge_rate(winner: Winner, verdicts: pd.DataFrame, over_seeds: ConfigVerdict | None) -> Finding:
    """Give the learning-rate verdict on the winner's curves; the arguments as above."""
    if over_seeds is not None:
        verdict, seeds = over_seeds.learning_rate_verdict, over_seeds.seeds
    else:
        row = verdicts[verdicts["trial"] == winner.trial].iloc[0]
        verdict, seeds = str(row["learning_rate_verdict"]), 1
    words, step, level = _RATES[verdict]
    return Finding(
        code=f"curve.learning_rate_{verdict.replace(' ', '_')}",
        about="curve",
        subject=winner.trial,
        verdict=verdict,
        sentence=(
            f"{winner.trial}: at a learning rate of {winner.row['learning_rate']:.2g} "
            f"({winner.row['optimizer']}) {words}."
        ),
        next_step=step,
        level=level,
        confidence=with_error_rate(
            f"from the curves of {plural(seeds, 'seed')}", verdict, seeds=seeds
        ),
        numbers={"learning_rate": float(winner.row["learning_rate"])},
    )
