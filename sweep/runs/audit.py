"""The audit of the pruning: a random tenth of the pruned trials is trained to its end all the same.

What pruning cost cannot be seen in the trials that it spared. A random sample of the others tells.
"""

import math
from collections.abc import Iterable
from typing import Final

from sweep.records import PlannedTrial, TrialRecord, audit_trial_id
from sweep.seeds import derive_seed

SHARE: Final = 0.1


def audited_trials(records: Iterable[TrialRecord], *, seed: int) -> list[PlannedTrial]:
    """List the trials of an audit: pruned ones again, with their own configuration and seed.

    Args:
        records: Records of the search.
        seed: The run's seed, which chooses them.
    """
    pruned = [record for record in records if record.outcome == "pruned"]
    pruned.sort(key=lambda record: (derive_seed(seed, "audit", record.slot), record.slot))
    return [
        PlannedTrial(
            trial=audit_trial_id(record.slot),
            stage="audit",
            slot=record.slot,
            config=record.config,
        )
        for record in pruned[: math.ceil(SHARE * len(pruned))]
    ]
