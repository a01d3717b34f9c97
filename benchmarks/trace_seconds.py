"""A part of trials_per_hour.py: sweep with one worker, and time how long it traces programs."""

import json
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contenders import SPACE, WITHOUT_PRUNING, Case


def main() -> None:
    """Read a case from the command line, sweep, and write the seconds."""
    path, case = Path(sys.argv[1]), Case(**json.loads(sys.argv[2]))
    with tempfile.TemporaryDirectory() as folder:
        path.write_text(json.dumps(sweep_and_trace(case, Path(folder) / "run")))


def sweep_and_trace(case: Case, folder: Path) -> dict[str, float]:
    """Sweep in this process.

    Returns:
        ``worker_seconds``, the time of all trials, and ``trace_seconds``, what of it was tracing.
    """
    from sweep.runs.runner import Sweep
    from sweep.settings.sweep_settings import SweepSettings
    from sweep.space.parsing import parse_space
    from sweep.training import trainer

    # A program is traced when it is asked for the first time, and kept.
    trainer.training_program, clock = timed(trainer.training_program)
    settings = SweepSettings(
        data=case.data, trials=case.trials, epochs=case.epochs, seed=case.seed, workers=1,
        sampler="random", confirm=0, baselines=False,
        space=parse_space(tomllib.loads(SPACE.read_text()) | {"batch_size": case.batch_size}),
        **WITHOUT_PRUNING,
    )  # fmt: skip
    records = list(Sweep.create(settings, folder).run())
    return {
        "worker_seconds": sum(record.seconds for record in records),
        "trace_seconds": clock[0],
    }


def timed(function: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], list[float]]:
    """Return a function that does the same, and a list that holds the seconds spent in it."""
    clock = [0.0]

    def call(argument: Any) -> Any:
        started = time.monotonic()
        try:
            return function(argument)
        finally:
            clock[0] += time.monotonic() - started

    return call, clock


if __name__ == "__main__":
    main()
