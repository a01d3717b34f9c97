"""Trials per hour: the same random search by fitgap and by its peers, and how well each did.

Every contender trains configurations of `space.toml` for the same epochs at the same batch size on
the same rows, as a whole process with its imports, one contender after the other, each free to use
all cores. The peers get fitgap's split and prepared arrays from a file.

* `fitgap, random`: random sampling, no pruning: what is compared with the peers.
* `fitgap, default`: its default sampler and pruner, which may stop trials early. Not the same work.
* `KerasTuner`: RandomSearch, which also saves the best weights of every trial.
* `Optuna + fit`: random sampling, no pruning, `model.fit`.
* `scikit-learn`: RandomizedSearchCV(MLPClassifier), one fit a core, on one split. Its space lacks
  dropout, RMSprop and leaky relu, and it evaluates the validation rows once instead of after every
  epoch: it does less work.

Against fitgap: it also measures train rows without dropout after every epoch, keeps a synced record
of each trial, reads and prepares the data itself, and trains the winner once more to save it and
test it. A peer may train fewer trials (`--peer-trials`): the time of its search is then scaled by
the number of trials, its start and end are not, and the row says so.

`best score` is the best validation accuracy over the trials that were run, each at its smallest
validation loss (scikit-learn's after the last epoch); since the best of more trials is better,
`fitgap's` beside it is the best of fitgap's first as many trials (random). `trace` is the share of
a worker's time that tracing takes, in a sweep with one worker; each further worker traces again.

    python benchmarks/trials_per_hour.py [--cases NAME ...] [--peer-trials N] [--out FILE.json]
"""

import argparse
import dataclasses
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contenders import (
    Case,
    fitgap_command,
    fitgap_records,
    peer_command,
    peer_report,
    write_arrays,
)
from machine import write_results
from text_table import print_table
from whole_process import run

CASES = {
    "digits-100": Case(data="digits", trials=100, epochs=20, batch_size=32),
    "digits-400": Case(data="digits", trials=400, epochs=20, batch_size=32),
    "fashion-128": Case(data="fashion-mnist", trials=24, epochs=5, batch_size=128),
    "fashion-32": Case(data="fashion-mnist", trials=16, epochs=3, batch_size=32),
}
BASE = "fitgap, random"
FITGAP = (BASE, "fitgap, default")
PEERS = {
    "KerasTuner": "peer_keras_tuner.py",
    "Optuna + fit": "peer_optuna.py",
    "scikit-learn": "peer_sklearn.py",
}
HEADER = (
    "", "trials", "seconds", "s a trial", "trials/h", "fitgap is x faster", "best score",
    "fitgap's", "cpu s", "start s",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Hold how one contender did on one case.

    Attributes:
        contender: Its name.
        trials: Trials that were run.
        seconds: Of the whole process, for all trials of the case: scaled where fewer were run.
        measured_seconds: Of the whole process, as it was run.
        processor_seconds: Of the process and all it started, as it was run.
        start_seconds: Before the search of a peer began; None for fitgap.
        scores: Validation accuracy of each trial that has one.
    """

    contender: str
    trials: int
    seconds: float
    measured_seconds: float
    processor_seconds: float
    start_seconds: float | None
    scores: list[float]


def main() -> None:
    """Run every contender on every case, and print a table for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--contenders", nargs="+", choices=[*FITGAP, *PEERS])
    parser.add_argument("--trials", type=int, help="trials, in place of the cases' own")
    parser.add_argument("--epochs", type=int, help="epochs, in place of the cases' own")
    parser.add_argument(
        "--peer-trials", type=int, help="trials of KerasTuner and Optuna, at most; then scaled"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    for name in options.cases:
        case = CASES[name]
        case = dataclasses.replace(
            case,
            trials=options.trials or case.trials,
            epochs=options.epochs or case.epochs,
            seed=options.seed,
        )
        chosen = options.contenders or [*FITGAP, *PEERS]
        rows = list(measure(case, chosen, options.peer_trials))
        results[name] = {"case": dataclasses.asdict(case), "rows": print_case(name, case, rows)}
        write_results("trials_per_hour", results, options.out)  # hours may lie before the next
        if BASE in chosen:
            results[name] |= trace_seconds(case)
            spent, worked = results[name]["trace_seconds"], results[name]["worker_seconds"]
            print(f"trace: {spent:.2f} s of {worked:.2f} s of one worker, {spent / worked:.1%}")
            write_results("trials_per_hour", results, options.out)


def measure(case: Case, chosen: Sequence[str], peer_trials: int | None) -> Iterator[Result]:
    """Run the contenders one after the other."""
    for name in chosen:
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            if name in FITGAP:
                yield run_fitgap(name, case, folder / "run")
                continue
            write_arrays(case, folder)
            trials = case.trials
            if peer_trials is not None and name != "scikit-learn":
                trials = min(trials, peer_trials)
            yield run_peer(name, case, trials, folder)


def run_fitgap(name: str, case: Case, folder: Path) -> Result:
    """Run a sweep."""
    plain = name == BASE
    settings = {"sampler": "random"} if plain else {}
    done = run(fitgap_command(case, folder, settings, prune=not plain))
    records = fitgap_records(folder)
    return Result(
        contender=name,
        trials=len(records),
        seconds=done.seconds,
        measured_seconds=done.seconds,
        processor_seconds=done.processor_seconds,
        start_seconds=None,
        scores=[record.validation_score for record in records],
    )


def run_peer(name: str, case: Case, trials: int, folder: Path) -> Result:
    """Run a peer on as many trials, and scale its search to all of the case."""
    done = run(peer_command(PEERS[name], dataclasses.replace(case, trials=trials), folder))
    report = peer_report(folder)
    search = report.ended - report.started
    return Result(
        contender=name,
        trials=len(report.trials),
        seconds=done.seconds + search * (case.trials / len(report.trials) - 1),
        measured_seconds=done.seconds,
        processor_seconds=done.processor_seconds,
        start_seconds=report.started - done.at,
        scores=report.scores,
    )


def trace_seconds(case: Case) -> dict[str, float]:
    """Sweep with one worker in a process of its own; return its seconds, and those of tracing."""
    with tempfile.TemporaryDirectory() as text:
        path = Path(text) / "trace.json"
        script = Path(__file__).with_name("trace_seconds.py")
        run([sys.executable, script, path, json.dumps(dataclasses.asdict(case))])
        traced: dict[str, float] = json.loads(path.read_text())
        return traced


def print_case(name: str, case: Case, results: Sequence[Result]) -> list[dict[str, Any]]:
    """Print the table of one case; return its rows for the record."""
    print(f"\n{name}: {case.trials} trials of {case.epochs} epochs, batch size {case.batch_size}")
    base = next((result for result in results if result.contender == BASE), None)
    rows, kept = [], []
    for result in results:
        scaled = result.trials < case.trials
        ratio = None if base is None else result.seconds / base.seconds
        first = None if base is None else best(base.scores[: result.trials])
        rows.append(
            (
                result.contender,
                f"{result.trials} of {case.trials}, scaled" if scaled else result.trials,
                result.seconds,
                result.seconds / case.trials,
                3600 * case.trials / result.seconds,
                ratio,
                f"{best(result.scores):.4f}",
                None if first is None else f"{first:.4f}",
                result.processor_seconds,
                result.start_seconds,
            )
        )
        kept.append(
            dataclasses.asdict(result)
            | {
                "trials_per_hour": 3600 * case.trials / result.seconds,
                "ratio": ratio,
                "best_score": best(result.scores),
                "fitgap_best_score_of_as_many": first,
            }
        )
    print_table(HEADER, rows)
    return kept


def best(scores: Sequence[float]) -> float:
    """Return the best score; NaN if no trial has one."""
    return max((score for score in scores if not math.isnan(score)), default=math.nan)


if __name__ == "__main__":
    main()
