"""From a design to its trials, stage by stage: tuning, comparison, probes.

What is tuned on and what is compared on are different seeds: the setting that was lucky in tuning
has no advantage in the comparison. No trial is ever pruned, and which trials there are depends on
the design and on the results of the tuning alone.
"""

import dataclasses
import math
from collections.abc import Iterable, Sequence

from studies.designs.design import Objective, StudyDesign, in_fold
from sweep.config import TrialConfig
from sweep.records import PlannedTrial, Stage, TrialRecord
from sweep.seeds import derive_seed


def plan_trials(
    design: StudyDesign, records: Iterable[TrialRecord], *, seed: int
) -> list[PlannedTrial]:
    """List the trials that are known by now: those of the comparison once tuning is done.

    Args:
        design: The study.
        records: What has been trained so far.
        seed: Seed of the run.

    Returns:
        The trials in the order of their stages; all of them once every tuning trial has a record.
    """
    planned = tuning_trials(design, seed=seed)
    tuned = {record.trial: record for record in records if record.stage == "tuning"}
    if any(item.trial not in tuned for item in planned):
        return planned
    chosen = choose_candidates(design, tuned.values())
    planned += comparison_trials(design, chosen, seed=seed)
    return planned + probe_trials(design, chosen, seed=seed)


def count_trials(design: StudyDesign) -> int:
    """Return the number of trials of a design, of all stages."""
    return sum(count_stages(design).values())


def count_stages(design: StudyDesign) -> dict[Stage, int]:
    """Return the number of trials of each stage of a design, in the order of the stages."""
    arms, probes = len(design.arms), design.probes
    return {
        "tuning": len(design.tuned) * design.candidates * design.tuning_seeds,
        "comparison": arms * design.pairs,
        "probe": arms * len(probes.factors) * probes.seeds if probes else 0,
    }


def tuning_trials(design: StudyDesign, *, seed: int) -> list[PlannedTrial]:
    """List the trials that choose each arm's setting of the nuisance parameters."""
    return [
        PlannedTrial(
            trial=f"t{place * design.candidates + number:04d}-{replicate:02d}",
            stage="tuning",
            slot=place * design.candidates + number,
            replicate=replicate,
            config=candidate.with_seed(derive_seed(seed, "tuning", replicate)),
            arm=arm.name,
            variant=in_fold(arm.variant, (replicate - 1) % max(design.folds, 1), design.folds),
        )
        for place, arm in enumerate(design.arms)
        if not arm.follows
        for number, candidate in enumerate(arm.candidates)
        for replicate in range(1, design.tuning_seeds + 1)
    ]


def choose_candidates(
    design: StudyDesign, tuning: Iterable[TrialRecord]
) -> tuple[TrialConfig, ...]:
    """Return each arm's chosen configuration, in the order of the arms.

    That of the fewest tuning trials lost, then of the smallest mean objective, then the first.

    Args:
        design: The study.
        tuning: The records of its stage ``tuning``.
    """
    if not design.tuning_seeds:
        return tuple(arm.candidates[0] for arm in design.arms)
    losses: dict[int, list[float]] = {}
    for record in tuning:
        losses.setdefault(record.slot, []).append(_objective(record, design.objective))
    chosen: dict[str, int] = {}
    for place, arm in enumerate(design.arms):
        first = place * design.candidates
        ranks = [_rank(losses.get(first + number, [])) for number in range(design.candidates)]
        chosen[arm.name] = ranks.index(min(ranks))
    return tuple(arm.candidates[chosen[arm.follows or arm.name]] for arm in design.arms)


def comparison_trials(
    design: StudyDesign, chosen: Sequence[TrialConfig], *, seed: int
) -> list[PlannedTrial]:
    """List the trials that compare the arms, paired by their replicate's number."""
    folds = max(design.folds, 1)
    return [
        PlannedTrial(
            trial=f"r{place:03d}-{pair + 1:02d}",
            stage="comparison",
            slot=place,
            replicate=pair + 1,
            config=config.with_seed(derive_seed(seed, "comparison", pair // folds)),
            arm=arm.name,
            variant=in_fold(arm.variant, pair % folds, design.folds),
            units=design.units,
        )
        for place, (arm, config) in enumerate(zip(design.arms, chosen, strict=True))
        for pair in range(design.pairs)
    ]


def probe_trials(
    design: StudyDesign, chosen: Sequence[TrialConfig], *, seed: int
) -> list[PlannedTrial]:
    """List the short trials beside each arm, from the weights that the arm began with."""
    probes = design.probes
    if probes is None:
        return []
    return [
        PlannedTrial(
            trial=f"p{place * len(probes.factors) + number:04d}-{replicate + 1:02d}",
            stage="probe",
            slot=place * len(probes.factors) + number,
            replicate=replicate + 1,
            config=dataclasses.replace(
                config,
                learning_rate=config.learning_rate * factor,
                epochs=probes.epochs,
                seed=derive_seed(seed, "comparison", replicate),
            ),
            arm=arm.name,
            variant=in_fold(arm.variant, 0, design.folds),
        )
        for place, (arm, config) in enumerate(zip(design.arms, chosen, strict=True))
        for number, factor in enumerate(probes.factors)
        for replicate in range(probes.seeds)
    ]


def _objective(record: TrialRecord, objective: Objective) -> float:
    """Return what tuning minimises; infinite for a trial that was lost."""
    if record.outcome != "finished":
        return math.inf
    value = (
        record.validation_loss
        if objective == "validation_loss"
        else float(record.history.column("train_loss").min())
    )
    return value if math.isfinite(value) else math.inf


def _rank(losses: Sequence[float]) -> tuple[int, float]:
    finite = [loss for loss in losses if math.isfinite(loss)]
    lost = len(losses) - len(finite)
    # Exact, and so the same in whatever order the trials ended.
    return lost, math.fsum(finite) / len(finite) if finite else math.inf
