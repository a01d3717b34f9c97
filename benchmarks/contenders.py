"""The contenders: which command runs each of them on one case, and what it left behind.

Data are prepared once, by fitgap's own splitting and preprocessing, and the peers get the very
arrays that fitgap trains on. fitgap reads and prepares the data set itself, as part of its time.
"""

import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweep.records import TrialRecord

HERE = Path(__file__).parent
SPACE = HERE / "space.toml"
WITHOUT_PRUNING = {"pruner": "none"}
FITGAP = Path(sys.executable).with_name("fitgap")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hold what all contenders are to do.

    Attributes:
        data: Name of a bundled data set.
        trials: Configurations to train.
        epochs: Passes over the training rows, at most.
        batch_size: Rows per update.
        seed: Seed of split and search.
    """

    data: str
    trials: int
    epochs: int
    batch_size: int
    seed: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PeerReport:
    """Hold what a peer says of its own run, in seconds on the monotonic clock.

    Attributes:
        started: When the search began; what came before is its start-up.
        ended: When the search ended.
        trials: For each trial its epochs, in the order in which they ended: ``seconds``, and the
            validation's ``loss`` (None where the peer measures none) and ``score``.
    """

    started: float
    ended: float
    trials: list[list[dict[str, float | None]]]

    @property
    def scores(self) -> list[float]:
        """Return each trial's validation score at its smallest validation loss, as fitgap's."""
        return [_score(epochs) for epochs in self.trials]


def fitgap_command(
    case: Case, folder: Path, settings: Mapping[str, object], *, prune: bool
) -> list[object]:
    """Return the command of a sweep that only searches: no confirmation, baselines or report.

    Args:
        case: What to do.
        folder: The run folder, which does not exist yet.
        settings: More settings, as the command line names them.
        prune: Whether fitgap may prune as it does by default.
    """
    chosen = {**settings, **({} if prune else WITHOUT_PRUNING)}
    options = [text for name, value in chosen.items() for text in (f"--{name}", value)]
    return [
        FITGAP, "sweep", case.data, "--space", SPACE, "--out", folder,
        "--trials", case.trials, "--epochs", case.epochs, "--batch-size", case.batch_size,
        "--seed", case.seed, "--confirm", 0, "--no-baselines", "--no-report", *options,
    ]  # fmt: skip


def fitgap_records(folder: Path) -> "list[TrialRecord]":
    """Read the trials of a sweep's search, by slot."""
    from sweep.runs.record_log import read_records

    records = [one for one in read_records(folder / "records.jsonl") if one.stage == "search"]
    return sorted(records, key=lambda record: record.slot)


def peer_command(script: str, case: Case, folder: Path, *options: object) -> list[object]:
    """Return the command of a peer; `write_arrays` has put the data into the folder."""
    return [
        sys.executable, HERE / script, folder / "data.npz", folder / "report.json",
        "--trials", case.trials, "--epochs", case.epochs, "--batch-size", case.batch_size,
        "--seed", case.seed, *options,
    ]  # fmt: skip


def peer_report(folder: Path) -> PeerReport:
    """Read what a peer wrote."""
    return PeerReport(**json.loads((folder / "report.json").read_text()))


def write_arrays(case: Case, folder: Path) -> None:
    """Write the arrays on which fitgap would train in this case."""
    import numpy as np

    from sweep.runs.preparation import prepare_data
    from sweep.settings.sweep_settings import SweepSettings

    data = prepare_data(SweepSettings(data=case.data, seed=case.seed))[1].training
    np.savez(
        folder / "data.npz",
        x_train=data.x_train,
        y_train=data.y_train,
        x_validation=data.x_validation,
        y_validation=data.y_validation,
    )


def _score(epochs: list[dict[str, float | None]]) -> float:
    def loss(epoch: dict[str, float | None]) -> float:
        value = epoch["loss"]
        return math.inf if value is None or math.isnan(value) else value

    best = min(epochs, key=loss, default=None)
    return math.nan if best is None or best["score"] is None else best["score"]
