"""The search's side of Optuna: configurations are asked for and results told, slot by slot.

The records of the run folder are the truth; the Optuna study is made anew from them whenever a
run is opened. A torn journal, a trial left running by a crash or a result that was written but
never told therefore cannot exist: the study always stands where the records say.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError, StorageError
from sweep.records import TrialRecord
from sweep.search.samplers import make_sampler
from sweep.seeds import derive_seed
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parameters import Value
from sweep.space.search_space import drawn_name

REJECTIONS: Final = 10_000  # draws over max_parameters in a row before the search gives up


class SearchStudy:
    """Hold the Optuna study of one search."""

    def __init__(
        self, settings: SweepSettings, *, inputs: int, outputs: int, journal: Path
    ) -> None:
        self._settings = settings
        self._inputs = inputs
        self._outputs = outputs
        self._next_number = 0
        self._numbers: dict[int, int] = {}
        optuna.logging.set_verbosity(optuna.logging.ERROR)  # the progress display tells the rest
        # Who opens a run holds its lock: a journal lock found here is a crashed process's.
        for stale in (journal, journal.with_name(f"{journal.name}.lock")):
            stale.unlink(missing_ok=True)
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(journal)))
        self._study = optuna.create_study(
            storage=storage, study_name="fitgap", direction="minimize"
        )

    def ask(self, slot: int) -> tuple[int, TrialConfig]:
        """Draw the configuration of the next slot.

        Returns:
            The trial's number in the study, and its configuration.

        Raises:
            ConfigurationError: No configuration within ``max_parameters`` is drawn.
        """
        settings, space = self._settings, self._settings.space
        for _ in range(REJECTIONS):
            number = self._next_number
            self._study.sampler = make_sampler(
                settings.sampler,
                space,
                seed=settings.seed,
                number=number,
                inputs=self._inputs,
                outputs=self._outputs,
            )
            trial = self._study.ask()
            self._expect(trial.number)
            seed = derive_seed(settings.seed, "trial", slot)
            config = space.suggest(trial, epochs=settings.epochs, seed=seed)
            if space.allows(config, self._inputs, self._outputs):
                trial.set_user_attr("slot", slot)
                self._numbers[slot] = number
                return number, config
            self._study.tell(number, state=TrialState.FAIL)
        raise ConfigurationError(
            f"max_parameters: {space.max_parameters} excludes nearly every configuration of"
            " the space; lower the largest depth or width, or raise max_parameters"
        )

    def restore(self, record: TrialRecord, *, told: bool) -> None:
        """Put a recorded trial into the study: as told, or as still running.

        Raises:
            StorageError: The record is not of this search space.
        """
        if record.number is None or record.number < self._next_number:
            raise StorageError(f"{record.trial}: its number {record.number} is out of order")
        while self._next_number < record.number:
            self._add(TrialState.FAIL, None, {}, {})
        recorded = _Recorded(_drawn_values(record.config))
        config = record.config
        self._settings.space.suggest(recorded, epochs=config.epochs, seed=config.seed)
        state, value = _verdict(record) if told else (TrialState.RUNNING, None)
        self._add(state, value, recorded.parameters, recorded.distributions, {"slot": record.slot})
        self._numbers[record.slot] = record.number

    def tell(self, record: TrialRecord) -> None:
        """Tell the study how the trial of a slot ended."""
        state, value = _verdict(record)
        self._study.tell(self._numbers[record.slot], value, state=state)

    def _add(
        self,
        state: TrialState,
        value: float | None,
        parameters: Mapping[str, Any],
        distributions: Mapping[str, BaseDistribution],
        attributes: Mapping[str, int] | None = None,
    ) -> None:
        trial = optuna.trial.create_trial(
            state=state,
            value=value,
            params=dict(parameters),
            distributions=dict(distributions),
            user_attrs=dict(attributes or {}),
        )
        self._study.add_trial(trial)
        self._expect(self._next_number)

    def _expect(self, number: int) -> None:
        if number != self._next_number:
            raise StorageError(
                f"study: trial {self._next_number} has number {number};"
                " something else writes to the Optuna study of this run"
            )
        self._next_number += 1


def _verdict(record: TrialRecord) -> tuple[TrialState, float | None]:
    """Translate how a trial ended into Optuna's words.

    A diverged trial is told as pruned: TPE then counts its region among the bad ones. A failed
    one says nothing about its configuration.
    """
    if record.outcome == "diverged":
        return TrialState.PRUNED, None
    if record.outcome == "failed" or not math.isfinite(record.validation_loss):
        return TrialState.FAIL, None
    return TrialState.COMPLETE, record.validation_loss


def _drawn_values(config: TrialConfig) -> dict[str, bool | int | float | str]:
    """Return a configuration's values by the names under which they are drawn."""
    return {
        "depth": config.depth,
        "width": config.width,
        "shape": config.shape,
        "dropout": config.dropout,
        "activation": config.activation,
        "optimizer": config.optimizer,
        drawn_name(f"learning_rate.{config.optimizer}"): config.learning_rate,
        "momentum": config.momentum,
        "weight_decay": config.weight_decay,
        "use_bias": config.use_bias,
        "batch_size": config.batch_size,
    }


class _Recorded:
    """Answer suggestions with recorded values, and note what Optuna would have noted."""

    def __init__(self, values: Mapping[str, bool | int | float | str]) -> None:
        self._values = values
        self.parameters: dict[str, Any] = {}
        self.distributions: dict[str, BaseDistribution] = {}

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return int(self._note(name, IntDistribution(low, high, log=log)))

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return float(self._note(name, FloatDistribution(low, high, log=log)))

    def suggest_categorical(self, name: str, choices: Sequence[Value]) -> object:
        return self._note(name, CategoricalDistribution(choices))

    def _note(self, name: str, distribution: BaseDistribution) -> Any:  # noqa: ANN401 - Optuna's
        value = self._values[name]
        if not distribution._contains(distribution.to_internal_repr(value)):  # noqa: SLF001 - no public way
            raise StorageError(
                f"{name}: the recorded {value!r} is outside the space {distribution}"
            )
        self.parameters[name] = value
        self.distributions[name] = distribution
        return value
