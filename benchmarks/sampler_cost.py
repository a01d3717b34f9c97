"""What the search itself costs a trial: to ask for it, to tell its result, to restore it.

The default search space and sampler, results that follow from a formula, eight trials running at
a time. A study with so many trials is restored from records, then more trials are asked for and
told. Beside it Optuna's own TPE with the same options (groups, constant liar) in Optuna's own
journal, filled with the same trials. Times are of the processor, medians of the trials measured.

    python benchmarks/sampler_cost.py [--trials N ...] [--out FILE.json]
"""

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import optuna

from machine import write_results
from sweep.config import TrialConfig
from sweep.records import HISTORY_COLUMNS, TrainingHistory, TrialRecord, search_trial_id
from sweep.search.study import SearchStudy
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.search_space import SearchSpace
from text_table import print_table

TRIALS = (100, 1_000, 10_000)
EPOCHS, RUNNING = 10, 8
MEASURED, MEASURED_OPTUNA = 50, 5
INPUTS, OUTPUTS = 64, 10

T = TypeVar("T")


def main() -> None:
    """Measure each number of trials and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, nargs="+", default=TRIALS, help="in the study")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    results: list[dict[str, float]] = []
    for trials in options.trials:
        with tempfile.TemporaryDirectory() as folder:
            row = {"trials": trials, **measure(trials, Path(folder))}
        results.append(row | {"ratio": row["Optuna's ask"] / row["ask"]})
    columns = ("ask", "tell", "restore", "Optuna's ask", "Optuna's tell", "ratio")
    print("Milliseconds of processor time; the ratio is that of the asks.")
    print_table(
        ("trials", *columns), [[row["trials"], *(row[name] for name in columns)] for row in results]
    )
    write_results("sampler_cost", results, options.out)


def measure(trials: int, folder: Path) -> dict[str, float]:
    """Return the milliseconds of each operation with so many trials in the study."""
    records = random_records(trials, folder / "random.journal")
    study = new_study("tpe", folder / "fitgap.journal")
    times = {"restore": [timed(lambda r=r: study.restore(r, told=True))[0] for r in records]}
    times |= measure_fitgap(study, trials)
    times |= measure_optuna(records, folder / "optuna.journal")
    return {name: 1000 * statistics.median(seconds) for name, seconds in times.items()}


def measure_fitgap(study: SearchStudy, trials: int) -> dict[str, list[float]]:
    """Ask for trials and tell their results a few trials late."""
    running: list[TrialRecord] = []
    asks, tells = [], []
    for slot in range(trials, trials + RUNNING + MEASURED):
        seconds, (number, config) = timed(lambda slot=slot: study.ask(slot))
        asks.append(seconds)
        running.append(record_of(slot, number, config))
        if len(running) > RUNNING:
            record = running.pop(0)
            tells.append(timed(lambda record=record: study.tell(record))[0])
    return {"ask": asks[RUNNING:], "tell": tells}


def measure_optuna(records: list[TrialRecord], journal: Path) -> dict[str, list[float]]:
    """Ask Optuna for trials, as fitgap did before it had an estimator of its own."""
    backend = optuna.storages.journal.JournalFileBackend(str(journal))
    study = optuna.create_study(storage=optuna.storages.JournalStorage(backend))
    random = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    space = SearchSpace()
    for record in records:  # other draws, of the same space
        trial = random.ask()
        space.suggest(trial, epochs=EPOCHS, seed=0)
        ended = optuna.trial.create_trial(
            value=record.validation_loss, params=trial.params, distributions=trial.distributions
        )
        study.add_trial(ended)
    asks, tells = [], []
    for seed in range(RUNNING + MEASURED_OPTUNA):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.sampler = optuna.samplers.TPESampler(
                multivariate=True, group=True, constant_liar=True, seed=seed
            )
        started = time.process_time()
        trial = study.ask()
        config = space.suggest(trial, epochs=EPOCHS, seed=0)
        asks.append(time.process_time() - started)
        if seed >= RUNNING:  # those before it go on running
            loss = loss_of(config)
            tells.append(timed(lambda trial=trial, loss=loss: study.tell(trial, loss))[0])
    return {"Optuna's ask": asks[RUNNING:], "Optuna's tell": tells}


def random_records(count: int, journal: Path) -> list[TrialRecord]:
    """Draw configurations at random and give each its result."""
    study = new_study("random", journal)
    asked = [study.ask(slot) for slot in range(count)]
    return [record_of(slot, number, config) for slot, (number, config) in enumerate(asked)]


def new_study(sampler: str, journal: Path) -> SearchStudy:
    """Begin a search of the default space."""
    settings = SweepSettings(data="digits", trials=1, epochs=EPOCHS, sampler=sampler)
    return SearchStudy(settings, inputs=INPUTS, outputs=OUTPUTS, journal=journal)


def record_of(slot: int, number: int, config: TrialConfig) -> TrialRecord:
    """Return the record of a trial whose loss follows from its configuration."""
    array = np.full((EPOCHS, len(HISTORY_COLUMNS)), loss_of(config))
    return TrialRecord(
        trial=search_trial_id(slot),
        stage="search",
        slot=slot,
        replicate=0,
        config=config,
        outcome="finished",
        reason="",
        parameters=0,
        history=TrainingHistory(array=array),
        seconds=0.0,
        number=number,
    )


def loss_of(config: TrialConfig) -> float:
    """Be smallest at learning rate 0.003 and width 64."""
    return float(
        np.log10(config.learning_rate / 0.003) ** 2 + (np.log2(config.width / 64) / 3) ** 2
    )


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of processor time of a call, and what it returns."""
    started = time.process_time()
    value = call()
    return time.process_time() - started, value


if __name__ == "__main__":
    main()
