"""Everything a sweep concludes, as findings: the answer first, the caveats last."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.findings import Finding
from studies.diagnosis.networks import diagnose, diagnose_config
from studies.findings.baselines import compare_with_baselines
from studies.findings.capacity import judge_capacity
from studies.findings.caveats import count_failures, state_caveats
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
        finished trial says so.
    """
    if verdicts is None:
        verdicts = diagnose(run.trials, run.epochs)
    everything = run.trials
    run = dataclasses.replace(run, trials=everything[everything["stage"] != "audit"])
    winner = find_winner(run.manifest, run.trials)
    findings: list[Finding] = []
    if winner is None:
        findings.append(_nothing(run.trials))
    else:
        findings += _about(winner, run, verdicts)
    findings += judge_pruning(everything)
    findings += count_failures(run.trials)
    findings += check_playbook(run.manifest, run.trials, run.epochs)
    confirmed = winner is not None and winner.seeds > 1
    findings += state_caveats(run.manifest, run.trials, confirmed=confirmed)
    return findings


def _about(winner: Winner, run: SweepTables, verdicts: pd.DataFrame) -> list[Finding]:
    over_seeds = diagnose_config(run.trials, run.epochs, str(winner.row["config"]))
    return [
        name_winner(winner),
        *judge_search(winner),
        *judge_test(winner, run.manifest),
        judge_network(winner, verdicts, over_seeds),
        judge_rate(winner, verdicts, over_seeds),
        *compare_with_baselines(winner, run.baselines),
        *judge_capacity(run.trials),
    ]


def _nothing(trials: pd.DataFrame) -> Finding:
    lost, pruned = len(trials), int((trials["outcome"] == "pruned").sum())
    some = f"; {pruned} of them {'was' if pruned == 1 else 'were'} pruned" if pruned else ""
    return Finding(
        code="sweep.nothing",
        about="sweep",
        subject="",
        verdict="nothing",
        sentence=(
            f"None of {lost} trials finished, so there is nothing to conclude{some}."
            if lost
            else "No trial has been run yet, so there is nothing to conclude."
        ),
        next_step=(
            "Read the reasons below, lower the learning rates, and run it again"
            f"{', without pruning: --pruner none' if pruned else ''}."
            if lost
            else "Let the sweep run."
        ),
        level="alarm" if lost else "warning",
        confidence="exact",
        numbers={"trials": lost, "pruned": pruned},
    )
