"""Everything a sweep concludes, as findings: the answer first, the caveats last."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from reports.findings import Finding
from studies.diagnosis.networks import ConfigVerdict, diagnose, diagnose_config
from studies.findings.baselines import compare_with_baselines
from studies.findings.capacity import judge_capacity
from studies.findings.caveats import count_failures, state_caveats
from studies.findings.left_out import tell_left_out
from studies.findings.network import judge_network, judge_rate
from studies.findings.playbook import check_playbook
from studies.findings.pruning import judge_pruning
from studies.findings.winner import (
    Winner,
    find_winner,
    judge_search,
    judge_test,
    name_winner,
)
from sweep.runs.left_out import LeftOut, guarded


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SweepTables:
    """Hold what a sweep leaves behind, as read from its run folder.

    Attributes:
        manifest: ``manifest.json``.
        trials: ``trials.parquet``.
        epochs: ``epochs.parquet``.
        baselines: ``baselines.parquet``; empty if none were trained.
    """

    manifest: Mapping[str, Any]
    trials: pd.DataFrame
    epochs: pd.DataFrame
    baselines: pd.DataFrame


def conclude(run: SweepTables, verdicts: pd.DataFrame | None = None) -> list[Finding]:
    """Draw every conclusion of a sweep.

    Args:
        run: The tables of the sweep, finished or not.
        verdicts: What ``diagnose`` says of its trials, if that is known already.

    Returns:
        The findings in the order in which they should be read. Never empty: a run without a
        finished trial says so, and a conclusion that cannot be drawn says why.
    """
    left_out: list[LeftOut] = []
    findings: list[Finding] = []
    for name, judge in _judges(run, verdicts, left_out).items():
        with guarded(f"findings.{name}", left_out):
            findings += judge()
    return findings + tell_left_out(left_out)


def _judges(
    run: SweepTables, verdicts: pd.DataFrame | None, left_out: list[LeftOut]
) -> dict[str, Callable[[], list[Finding]]]:
    """Return what is to be said of a sweep by name, each said by itself."""
    everything = run.trials
    run = dataclasses.replace(run, trials=everything[everything["stage"] != "audit"])
    judges: dict[str, Callable[[], list[Finding]]] = {}
    confirmed = False
    with guarded("findings.choice", left_out):
        winner = find_winner(run.manifest, run.trials)
        confirmed = winner is not None and winner.seeds > 1
        if winner is None:
            judges["nothing"] = lambda: [_nothing(run.trials)]
        else:
            judges |= _about(winner, run, verdicts)
    return judges | {
        "pruning": lambda: judge_pruning(everything),
        "failures": lambda: count_failures(run.trials),
        "playbook": lambda: check_playbook(run.manifest, run.trials, run.epochs),
        "caveats": lambda: state_caveats(
            run.manifest, run.trials, confirmed=confirmed, compared=not run.baselines.empty
        ),
    }


def _about(
    winner: Winner, run: SweepTables, verdicts: pd.DataFrame | None
) -> dict[str, Callable[[], list[Finding]]]:
    @functools.cache
    def judged() -> tuple[pd.DataFrame, ConfigVerdict | None]:
        over_seeds = diagnose_config(run.trials, run.epochs, str(winner.row["config"]))
        return (diagnose(run.trials, run.epochs) if verdicts is None else verdicts), over_seeds

    return {
        "winner": lambda: [name_winner(winner)],
        "search": lambda: judge_search(winner),
        "test": lambda: judge_test(winner, run.manifest),
        "network": lambda: [judge_network(winner, *judged())],
        "rate": lambda: [judge_rate(winner, *judged())],
        "baselines": lambda: compare_with_baselines(winner, run.baselines),
        "capacity": lambda: judge_capacity(run.trials),
    }


def _nothing(trials: pd.DataFrame) -> Finding:
    return Finding(
        code="sweep.nothing",
        about="sweep",
        verdict="nothing",
        level="alarm" if len(trials) else "warning",
        confidence="exact",
        numbers={"trials": len(trials), "pruned": int((trials["outcome"] == "pruned").sum())},
    )
