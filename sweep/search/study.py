"""The search's side of Optuna: configurations are asked for and results told, slot by slot.

The records of the run folder are the truth; the Optuna study is made anew from them whenever a
run is opened. A torn journal, a trial left running by a crash or a result that was written but
never told therefore cannot exist: the study always stands where the records say.

A trial enters the study whole, as soon as its configuration stands, in the same way whether it
was drawn or recorded. No configuration enters it twice, whoever draws: another seed of one that
was tried says little about the space, and is what the confirmation is for.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import TrialState, create_trial

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError, StorageError
from sweep.records import TrialRecord
from sweep.search.grid import every_configuration, grid_points
from sweep.search.journal import Journal
from sweep.search.samplers import make_samplers
from sweep.seeds import derive_seed
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parameters import Value
from sweep.space.search_space import drawn_name
from sweep.space.starts import start_config

if TYPE_CHECKING:
    from sweep.search.mirror import Mirror  # SQLAlchemy, which most runs do without

REJECTIONS: Final = 10_000  # draws in a row that cannot be used before the search gives up
REPEATS: Final = 10  # configurations in a row that were tried before the sampler is not asked again

Answer = Callable[[str, BaseDistribution], Value]


class SearchStudy:
    """Hold the Optuna study of one search."""

    def __init__(
        self,
        settings: SweepSettings,
        *,
        inputs: int,
        outputs: int,
        journal: Path,
        mirror: "Mirror | None" = None,
    ) -> None:
        self._settings = settings
        self._inputs = inputs
        self._outputs = outputs
        self._samplers = make_samplers(
            settings.sampler, settings.space, seed=settings.seed, inputs=inputs, outputs=outputs
        )
        self._numbers: dict[int, int] = {}
        self._tried: set[TrialConfig] = set()
        whole = every_configuration(settings.space, inputs, outputs)
        self._untried = whole and map(_given, grid_points(whole, settings.seed))
        optuna.logging.set_verbosity(optuna.logging.ERROR)  # the progress display tells the rest
        self._journal = Journal(journal, mirror)

    def ask(self, slot: int) -> tuple[int, TrialConfig]:
        """Draw the configuration of the next slot, one that no slot before had.

        Returns:
            The trial's number in the study, and its configuration.

        Raises:
            ConfigurationError: No new configuration within ``max_parameters`` is drawn.
        """
        settings, space = self._settings, self._settings.space
        seed = derive_seed(settings.seed, "trial", slot)
        repeats = 0
        for _ in range(REJECTIONS):
            number = self._journal.next_number
            draft = _Draft(self._answer(slot, number, is_stuck=repeats >= REPEATS))
            config = space.suggest(draft, epochs=settings.epochs, seed=seed)
            is_new = config.effective not in self._tried
            if is_new and space.allows(config, self._inputs, self._outputs):
                self._begin(slot, draft, config)
                return number, config
            repeats += not is_new
            self._reject()
        if repeats:
            raise ConfigurationError(
                f"space: {repeats} of {REJECTIONS} draws were configurations that had been tried;"
                " widen the space, or give fewer --trials"
            )
        raise ConfigurationError(
            f"max_parameters: {space.max_parameters} excludes nearly every configuration of"
            " the space; lower the largest depth or width, or raise max_parameters"
        )

    def restore(self, record: TrialRecord, *, told: bool) -> None:
        """Put a recorded trial into the study: as told, or as still running.

        Raises:
            StorageError: The record is not of this search space.
        """
        if record.number is None or record.number < self._journal.next_number:
            raise StorageError(f"{record.trial}: its number {record.number} is out of order")
        while self._journal.next_number < record.number:
            self._reject()
        config = record.config
        draft = _Draft(_recorded(config))
        self._settings.space.suggest(draft, epochs=config.epochs, seed=config.seed)
        self._begin(record.slot, draft, config)
        if told:
            self.tell(record)

    def tell(self, record: TrialRecord) -> None:
        """Tell the study how the trial of a slot ended.

        A failed trial says nothing about its configuration. Pruned and diverged ones are pruned
        in Optuna's sense, and rank behind the finished ones: first those pruned late, by the
        loss they had reached, and the diverged last, without a value.
        """
        number, loss = self._numbers[record.slot], record.validation_loss
        if record.outcome == "diverged":
            self._journal.end(number, TrialState.PRUNED)
        elif record.outcome == "failed" or not math.isfinite(loss):
            self._journal.end(number, TrialState.FAIL)
        elif record.outcome == "pruned":
            self._journal.end(number, TrialState.PRUNED, loss, step=len(record.history))
        else:
            self._journal.end(number, TrialState.COMPLETE, loss)

    def withdraw(self, slot: int) -> None:
        """Tell the study that the trial of a slot will not be trained to its end."""
        self._journal.end(self._numbers[slot], TrialState.FAIL)

    def _answer(self, slot: int, number: int, *, is_stuck: bool) -> Answer:
        """Return who answers for a trial: its sampler, unless that only repeats what was tried.

        Then it is what is left of the space in a fixed random order, or of an endless one anything.
        The first slots are those of the configurations that the search begins with.
        """
        starts = self._settings.start
        if slot < len(starts):
            return _recorded(start_config(starts[slot], self._settings.space))
        if not is_stuck or self._settings.sampler == "grid":
            return self._sampled(number, self._samplers(number - len(starts)))
        for answer in self._untried or ():
            draft = _Draft(answer)
            config = self._settings.space.suggest(draft, epochs=self._settings.epochs, seed=0)
            if config.effective not in self._tried:
                return answer
        seed = derive_seed(self._settings.seed, "sampler", number)
        return self._sampled(number, RandomSampler(seed=seed))

    def _sampled(self, number: int, sampler: BaseSampler) -> Answer:
        """Return the answers of a sampler, as `optuna.Trial` would get them.

        That would write each of them to the journal.
        """
        study = self._journal.study
        trial = create_trial(state=TrialState.RUNNING)
        trial.number = number
        return lambda name, kind: sampler.sample_independent(study, trial, name, kind)

    def _begin(self, slot: int, draft: "_Draft", config: TrialConfig) -> None:
        self._tried.add(config.effective)
        self._numbers[slot] = self._journal.next_number
        trial = create_trial(
            state=TrialState.RUNNING,
            params=draft.parameters,
            distributions=draft.distributions,
            user_attrs={"slot": slot},
        )
        self._journal.add(trial)

    def _reject(self) -> None:
        self._journal.add(create_trial(state=TrialState.FAIL))


def _given(point: Mapping[str, Value]) -> Answer:
    """Return the answers that give a point, whatever is asked under the names of its values."""
    return lambda name, _: point[name]


def _recorded(config: TrialConfig) -> Answer:
    """Return the answers that give a recorded configuration again."""
    values: dict[str, Value] = {
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

    def answer(name: str, kind: BaseDistribution) -> Value:
        value = values[name]
        if not kind._contains(kind.to_internal_repr(value)):  # noqa: SLF001 - no public way
            raise StorageError(f"{name}: the recorded {value!r} is outside the space {kind}")
        return value

    return answer


class _Draft:
    """Answer suggestions, and note what Optuna would have noted."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.parameters: dict[str, Any] = {}
        self.distributions: dict[str, BaseDistribution] = {}

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return int(self._note(name, IntDistribution(low, high, log=log)))

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return float(self._note(name, FloatDistribution(low, high, log=log)))

    def suggest_categorical(self, name: str, choices: Sequence[Value]) -> object:
        return self._note(name, CategoricalDistribution(choices))

    def _note(self, name: str, kind: BaseDistribution) -> Value:
        value = self._answer(name, kind)
        self.parameters[name] = value
        self.distributions[name] = kind
        return value
