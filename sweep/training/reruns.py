"""Reruns: a recorded trial is trained again as it was, with the cohort that it was trained in."""

from collections.abc import Sequence

from sweep.data.dataset import TrainingData
from sweep.records import TrialRecord
from sweep.training.trainer import TrainedNetwork, trainer_for


def rerun(
    data: TrainingData, record: TrialRecord, cohort: Sequence[TrialRecord], rungs: Sequence[int]
) -> TrainedNetwork:
    """Train a recorded trial again, as far as it was trained.

    Args:
        data: What it was trained on.
        record: The trial.
        cohort: Whom it was trained with, itself among them; or itself alone, which agrees to
            rounding.
        rungs: The epochs at which trials of the search could be pruned.
    """
    last = record.config.epochs
    stops = [*rungs, last] if record.stage == "search" else [last]
    if len(cohort) == 1:  # as far as it goes, at once: that makes no difference
        stops = [max(len(record.history), 1)]
    start, members = None, list(cohort)
    for stop in stops:
        networks, start = trainer_for(data).advance(
            [member.config for member in members], until=stop, start=start
        )
        network = networks[[member.trial for member in members].index(record.trial)]
        if len(record.history) <= stop or network.history.diverged_epoch is not None:
            break
        members = [member for member in members if len(member.history) > stop]
    return network
