"""The diagnosis of networks: what each trial's curves say, against the others of its run.

Pure tables in, tables out; docs/verdicts.md lists the verdicts, the columns and the thresholds.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from studies.diagnosis.curves import curve_facts
from studies.diagnosis.rates import rate_facts, rates_in_run, rates_of_outcome
from studies.diagnosis.reference import compare_with_run
from studies.diagnosis.seeds import config_evidence
from studies.diagnosis.verdicts import decide, gap_bounds
from studies.statistics.intervals import Interval

COLUMNS: Final = (
    "trial",
    "verdict",
    "epochs_seen",
    "best_epoch",
    "gap",
    "gap_low",
    "gap_high",
    "score_gap",
    "score_gap_low",
    "score_gap_high",
    "last_gap",
    "last_gap_low",
    "last_gap_high",
    "last_score_gap",
    "last_score_gap_low",
    "last_score_gap_high",
    "rise",
    "rise_noise",
    "onset_epoch",
    "drop",
    "drop_noise",
    "improving",
    "calibration",
    "reference",
    "deficit",
    "deficit_low",
    "deficit_high",
    "rows_needed",
    "learning_rate_verdict",
    "train_rises",
    "doubt",
    "rises",
    "reason",
    "epochs",
    "learning_rate",
    "diverged_epoch",
    "train_deficit",
    "reference_larger",
    "smaller",
    "larger_pruned",
)
TAKEN: Final = ("stage", "outcome", "reason", "epochs", "parameters", "learning_rate", "optimizer")
DEFICITS: Final = ("deficit", "deficit_low", "deficit_high", "train_deficit")
FLAGS: Final = ("rises", "train_falls", "train_worsens", "score_rises", "improving", "train_rises")
WHOLE: Final = ("epochs_seen", "best_epoch", "onset_epoch")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ConfigVerdict:
    """Hold the verdict on one configuration from its replicates over seeds.

    Attributes:
        verdict: As in ``diagnose``.
        seeds: Number of finished replicates it rests on.
        gap: Loss gap at the best epoch; its interval covers seeds and rows.
        last_gap: The same after the last epoch.
        rise: Validation loss at the end above the best epoch that the *other* seeds choose.
        evidence: What the verdict rests on, named as in the verdicts table, with ``seeds`` and
            ``seeds_needed``: replicates that would settle the rise; None where none would or are
            needed. ``onset_epoch`` is the median over seeds; None if overfitting does not set in.
    """

    verdict: str
    seeds: int
    gap: Interval
    last_gap: Interval
    rise: Interval
    evidence: Mapping[str, Any]


def diagnose(trials: pd.DataFrame, epochs: pd.DataFrame) -> pd.DataFrame:
    """Give every trial its verdict.

    Args:
        trials: The table of docs/tables.md.
        epochs: The table of docs/tables.md.

    Returns:
        One row a trial, in the order of ``trials``; the columns are ``COLUMNS``, described in
        docs/verdicts.md. Trials of the stage ``audit`` have a verdict, and change no other one.
    """
    evidence = decide(_evidence(trials, epochs))
    evidence = evidence.astype(dict.fromkeys(WHOLE, "Int64"))
    return evidence.rename_axis("trial").reset_index()[list(COLUMNS)]


def diagnose_config(
    trials: pd.DataFrame,
    epochs: pd.DataFrame,
    config: str,
    *,
    references: pd.DataFrame | None = None,
) -> ConfigVerdict | None:
    """Give one configuration its verdict, from its replicates over seeds.

    Fresh seeds are used where there are two at least; the trial of the search, which was chosen for
    being good, is then left out. Rise and fall are paired within each seed. The evidence names a
    configuration by its trial in the search, or by the column ``name`` of the trials if there is
    one.

    Args:
        trials: The table of docs/tables.md.
        epochs: The table of docs/tables.md.
        config: Identifier of the configuration.
        references: From `seed_references`, if they are known already; for many configurations.

    Returns:
        The verdict; None if the configuration has fewer than two finished replicates (use
        ``diagnose`` for its one trial).
    """
    found = config_evidence(trials, epochs, config, references=references)
    if found is None:
        return None
    compared = compare_with_run(found.row, found.references, found.sizes, found.pruned_sizes)
    row = decide(found.row.join(compared)).iloc[0].to_dict()
    needed = None if row["rises"] else found.seeds_for_rise
    has_onset = row["rises"] and row["train_falls"]
    evidence = {
        **{str(name): value for name, value in row.items()},
        "onset_epoch": found.onset_epoch if has_onset else None,
        "seeds_needed": needed if needed is not None and needed > found.seeds else None,
    }
    return ConfigVerdict(
        verdict=str(row["verdict"]),
        seeds=found.seeds,
        gap=found.gap,
        last_gap=found.last_gap,
        rise=found.rise,
        evidence=evidence,
    )


def _evidence(trials: pd.DataFrame, epochs: pd.DataFrame) -> pd.DataFrame:
    names = pd.Index(trials["trial"].astype(object))
    facts = curve_facts(epochs).join(rate_facts(epochs)).reindex(names)
    for flag in FLAGS:
        facts[flag] = facts[flag].eq(other=True)
    facts = gap_bounds(facts)
    known = trials.set_index(names)
    facts["seeds"] = 1
    for column in (*TAKEN, "diverged_epoch"):
        facts[column] = known[column].astype(
            "float64" if column == "diverged_epoch" else known[column].dtype
        )
    facts["learning_rate_verdict"] = rates_of_outcome(
        facts["learning_rate_verdict"].fillna("undecided"), facts["outcome"]
    )
    # An audit tells what pruning cost. Were it compared with, it would change what is concluded.
    finished = facts[(facts["outcome"] == "finished") & (facts["stage"] != "audit")]
    cut_short = facts["outcome"] == "pruned"
    sizes, pruned_sizes = finished["parameters"], facts["parameters"][cut_short]
    facts = facts.join(compare_with_run(facts, finished, sizes, pruned_sizes))
    facts[list(DEFICITS)] = facts[list(DEFICITS)].mask(cut_short)  # others had more epochs
    return facts.assign(learning_rate_verdict=rates_in_run(facts))
