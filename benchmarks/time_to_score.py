"""Time to a score: how soon fitgap and Optuna are as good as KerasTuner's Hyperband in the end.

Fashion-MNIST, at most 10 epochs a trial, batch size 128, the configurations of `space.toml`. For
each seed KerasTuner's Hyperband (factor 3) runs to its end. Its best validation accuracy over all
epochs is the target. Then the others search on the same split until they have a network as good:

* `fitgap, default`: its default sampler and pruner.
* `fitgap, no pruner`: its default sampler.
* `Optuna + fit`: its default sampler, HyperbandPruner (factor 3) and `model.fit`, which it stops
  between epochs.

Times count from the launch of the process, imports included, each free to use all cores, one after
the other. `epoch` is when the epoch ended that reached the target, `trial` when its trial had ended
(for fitgap: when its record was on the disk; looked at every 50 ms). For fitgap the first is
computed backwards from the second by the time of the epochs that followed.

Against fitgap: the peers choose by accuracy and are credited with their best epoch, fitgap chooses
by loss and is credited with a trial's epoch of the smallest loss. For fitgap: KerasTuner pays for
the search beyond the moment at which it first had the score; that moment is in the table, too, with
its own ratio. Which of two searches is lucky first is chance: look at several seeds. A seed decides
split and search of all of them; the medians are over the seeds.

    python benchmarks/time_to_score.py [--seeds S ...] [--out FILE.json]
"""

import argparse
import dataclasses
import math
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
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
from whole_process import Launched, launch, run

POLL_SECONDS = 0.05
HYPERBAND = "KerasTuner Hyperband"
FITGAP = {"fitgap, default": True, "fitgap, no pruner": False}
OPTUNA = "Optuna + fit"
NONE = math.inf  # where the target was not reached


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Hold how soon one contender reached the target, in seconds from its launch.

    Attributes:
        contender: Its name.
        seed: Of split and search.
        target: The validation accuracy to reach.
        epoch: When the epoch ended that reached it; infinite if none did.
        trial: When the trial of that epoch had ended.
        end: When the process ended, by itself or since the target was reached.
        trials: Trials that had begun (of fitgap: ended) until then.
        best: The best validation accuracy until then.
    """

    contender: str
    seed: int
    target: float
    epoch: float
    trial: float
    end: float
    trials: int
    best: float


def main() -> None:
    """Run the contenders for each seed, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--data", default="fashion-mnist", help="a bundled data set")
    parser.add_argument("--epochs", type=int, default=10, help="epochs of a trial, at most")
    parser.add_argument("--trials", type=int, default=100, help="trials, at most")
    parser.add_argument(
        "--target", type=float, help="a score to reach; KerasTuner is left out then"
    )
    parser.add_argument(
        "--limit", type=float, default=900, help="seconds after which a search is given up"
    )
    parser.add_argument("--contenders", nargs="+", choices=[*FITGAP, OPTUNA])
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    results: list[Result] = []
    for seed in options.seeds:
        case = Case(
            data=options.data,
            trials=options.trials,
            epochs=options.epochs,
            batch_size=128,
            seed=seed,
        )
        target = options.target
        if target is None:
            results.append(run_hyperband(case))
            target = results[-1].best
        for name in options.contenders or [*FITGAP, OPTUNA]:
            search = run_optuna if name == OPTUNA else run_fitgap
            results.append(search(name, case, target, options.limit))
        print_results(results)
        write_results("time_to_score", [dataclasses.asdict(one) for one in results], options.out)


def run_hyperband(case: Case) -> Result:
    """Run KerasTuner's Hyperband to its end; what it ends with is the target."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_arrays(case, folder)
        done = run(peer_command("peer_keras_tuner.py", case, folder, "--hyperband"))
        trials = peer_report(folder).trials
    target = max(score for epochs in trials for score in scores_of(epochs))
    epoch, trial = peer_times(trials, target)
    return Result(
        contender=HYPERBAND,
        seed=case.seed,
        target=target,
        epoch=epoch - done.at,
        trial=trial - done.at,
        end=done.seconds,
        trials=len(trials),
        best=target,
    )


def run_optuna(name: str, case: Case, target: float, limit: float) -> Result:
    """Run Optuna until a trial has reached the target."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_arrays(case, folder)
        stop = ("--target", target, "--limit", limit)
        done = run(peer_command("peer_optuna.py", case, folder, "--hyperband", *stop))
        trials = peer_report(folder).trials
    epoch, trial = peer_times(trials, target)
    return Result(
        contender=name,
        seed=case.seed,
        target=target,
        epoch=epoch - done.at,
        trial=trial - done.at,
        end=done.seconds,
        trials=len(trials),
        best=max(score for epochs in trials for score in scores_of(epochs)),
    )


def run_fitgap(name: str, case: Case, target: float, limit: float) -> Result:
    """Run fitgap until a record that reaches the target is on the disk, then stop it."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text) / "run"
        epoch = trial = NONE
        with launch(fitgap_command(case, folder, {}, prune=FITGAP[name])) as launched:
            for now in growths(folder / "records.jsonl", launched, limit):
                went_on = reaching(fitgap_records(folder), target)
                if went_on is not None:
                    trial = now - launched.at
                    epoch = trial - went_on
                    break
            end = time.monotonic() - launched.at
        records = fitgap_records(folder)
    return Result(
        contender=name,
        seed=case.seed,
        target=target,
        epoch=epoch,
        trial=trial,
        end=end,
        trials=len(records),
        best=max(finite(record.validation_score for record in records), default=math.nan),
    )


def growths(log: Path, launched: Launched, limit: float) -> Iterator[float]:
    """Yield the time whenever a file has grown, until its writer ends or the limit is over."""
    size, ended = 0, False
    while not ended and time.monotonic() - launched.at < limit:
        ended = launched.process.poll() is not None
        now = time.monotonic()
        before, size = size, log.stat().st_size if log.exists() else 0
        if size > before:
            yield now
        if not ended:
            time.sleep(POLL_SECONDS)


def reaching(records: Iterable[Any], target: float) -> float | None:
    """Return how long the trial that reached the target went on after that epoch, if one did."""
    found = []
    for record in records:
        if record.validation_score >= target:
            reached = record.history.column("validation_score") >= target
            following = record.history.column("seconds")[reached.argmax() + 1 :]
            found.append(float(following.sum()))
    return max(found, default=None)


def peer_times(trials: Sequence[list[dict[str, Any]]], target: float) -> tuple[float, float]:
    """Return when the first epoch that reached the target ended, and when its trial did."""
    for epochs in trials:
        for epoch in epochs:
            if epoch["score"] >= target:
                return epoch["seconds"], epochs[-1]["seconds"]
    return NONE, NONE


def scores_of(epochs: Iterable[dict[str, Any]]) -> list[float]:
    """Return the validation scores of a trial's epochs."""
    return [epoch["score"] for epoch in epochs]


def finite(values: Iterable[float]) -> list[float]:
    """Return the values that are numbers."""
    return [value for value in values if math.isfinite(value)]


def print_results(results: Sequence[Result]) -> None:
    """Print every run, and the medians over the seeds with their ratios to KerasTuner's."""
    print()
    print_table(
        ("", "seed", "target", "epoch, s", "trial, s", "end, s", "trials", "best"),
        [
            (
                result.contender, result.seed, f"{result.target:.4f}", seconds(result.epoch),
                seconds(result.trial), result.end, result.trials, f"{result.best:.4f}",
            )
            for result in results
        ],
    )  # fmt: skip
    bands = {result.seed: result for result in results if result.contender == HYPERBAND}
    rows = []
    for name in dict.fromkeys(result.contender for result in results):
        runs = [result for result in results if result.contender == name]
        row: list[object] = [name, len(runs), seconds(median(run.trial for run in runs))]
        for of_band in ("end", "epoch"):
            ratios = [
                getattr(bands[run.seed], of_band) / run.trial for run in runs if run.seed in bands
            ]
            row.append(median(ratios) if ratios else None)
        rows.append(row)
    print("\nMedians over the seeds; x: how many times sooner than KerasTuner's Hyperband")
    print_table(("", "seeds", "trial, s", "x its end", "x its first such epoch"), rows)


def median(values: Iterable[float]) -> float:
    """Return the median; infinite values count as the largest."""
    return statistics.median(values)


def seconds(value: float) -> float | str:
    """Return a time as the table shows it."""
    return value if math.isfinite(value) else "not reached"


if __name__ == "__main__":
    main()
