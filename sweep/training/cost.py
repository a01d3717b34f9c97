"""How long a trial takes, before it is trained: an estimate from the work in it.

The constants are those of one core of a 2020s server; a machine may be twice as fast or slow. They
say what a dry run prints and how many trials a budget in minutes buys, never what is concluded.
"""

from typing import Final, NamedTuple

from sweep.config import TrialConfig, count_parameters
from sweep.training.cohort_rule import Site, largest_cohort

UPDATE_SECONDS: Final = 0.00012  # what an update takes before any arithmetic
LAYER_SECONDS: Final = 0.00005  # and each of its layers
FLOPS: Final = 6e10  # of one core, in products as small as an MLP's
START_SECONDS: Final = 12.0  # libraries, workers, traces, the report


class Work(NamedTuple):
    """Hold what the time of a trial depends on besides its configuration.

    Attributes:
        site: Inputs, outputs and device.
        train_rows: Rows of the training split.
        validation_rows: Rows of the validation split.
        workers: Trials trained at a time.
    """

    site: Site
    train_rows: int
    validation_rows: int
    workers: int


def trial_seconds(config: TrialConfig, work: Work, *, train_rows: int, together: int) -> float:
    """Estimate how long one worker trains a trial.

    Args:
        config: The trial.
        work: Where and on what.
        train_rows: Rows that it trains on; 0 for all.
        together: Trials of its shape that could be trained with it.
    """
    site = work.site
    sizes = (site.inputs, *config.widths, site.outputs)
    weights = count_parameters(
        config.widths, inputs=site.inputs, outputs=site.outputs, use_bias=config.use_bias
    )
    rows = train_rows or work.train_rows
    updates = -(-rows // config.batch_size)
    shared = min(together, largest_cohort(config, site))
    fixed = (UPDATE_SECONDS + LAYER_SECONDS * config.depth) / shared
    # Forward and backward, but no gradient of the input; each evaluation is one forward pass.
    training = rows * (6 * weights - 2 * sizes[0] * sizes[1])
    evaluation = 2 * weights * (rows + work.validation_rows)
    return config.epochs * (updates * fixed + (training + evaluation) / FLOPS)
