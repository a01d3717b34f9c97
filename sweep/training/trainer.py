"""Train cohorts of MLPs: configurations in, histories and weights out.

The only module that runs the training program. A configuration's result does not depend on the
cohort it is trained in, nor on how many epochs one call of the program does.
"""

import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sweep.activations import ACTIVATIONS
from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.optimizers import OPTIMIZERS
from sweep.records import HISTORY_COLUMNS, TrainingHistory
from sweep.seeds import derive_seed
from sweep.training.cohort import Choices, Program, Rates, Rows, State
from sweep.training.cohort_rule import cohort_shape
from sweep.training.engine import DEVICE, tf
from sweep.training.measures import evaluation_statistics
from sweep.training.network import OUTPUTS, Weights, initial_weights
from sweep.training.program import RAW, raw_width, training_program
from sweep.training.rows import rows_on_device, weights_on_device

MOST_DATA_SETS: Final = 4  # variants of a study's data that a process holds at a time
CALL_SECONDS: Final = 0.5  # aim of one call of the program: how soon an interrupt is heard

AfterCall = Callable[[int], None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrainedNetwork:
    """Hold what training one configuration gave.

    Attributes:
        history: The values of every epoch.
        best_weights: Weights after the best epoch, one float32 [fan in + 1, fan out] a layer; the
            initial ones if no epoch was finite.
        last_weights: Weights after the last epoch.
        seconds: This member's share of the time to train its cohort.
    """

    history: TrainingHistory
    best_weights: Weights
    last_weights: Weights
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Hold a cohort between two epochs, so that it can be trained on as if it had never stopped.

    Attributes:
        configs: Its members, all of them finite so far.
        alone: Whether it began with one member; it goes on with the same arithmetic.
        state: Weights, optimizer slots and counters as NumPy arrays.
        raw: What the program returned so far, float64 [epochs, members, raw_width(program)].
        seconds: Each member's share of the time so far, float64 [members].
    """

    configs: tuple[TrialConfig, ...]
    alone: bool
    state: State
    raw: NDArray[np.float64]
    seconds: NDArray[np.float64]

    @property
    def epochs(self) -> int:
        """Return the number of epochs done."""
        return len(self.raw)

    def select(self, configs: Sequence[TrialConfig]) -> "Checkpoint":
        """Return the checkpoint of some of the members, in the order given.

        Raises:
            ValueError: One of the configurations is no member.
        """
        if tuple(configs) == self.configs:
            return self  # all of them, as nearly always: copying weights takes time
        places = [self.configs.index(config) for config in configs]
        state = self.state
        return dataclasses.replace(
            self,
            configs=tuple(configs),
            state=state._replace(
                **{
                    name: [layer[places] for layer in getattr(state, name)]
                    for name in ("weights", "first", "second", "best")
                },
                best_loss=state.best_loss[places],
                alive=state.alive[places],
            ),
            raw=self.raw[:, places],
            seconds=self.seconds[places],
        )


class Trainer:
    """Hold one data set on the device and train cohorts on it."""

    def __init__(self, data: TrainingData, *, compiled: bool = DEVICE == "GPU") -> None:
        """Hold one data set.

        Args:
            data: What to train on.
            compiled: Whether XLA compiles the programs, as is the default on a GPU.
        """
        self.data = data
        self._compiled = compiled
        self._rows: dict[bool, tuple[Rows, Rows, Rows]] = {}

    def train(
        self, configs: Sequence[TrialConfig], *, after_call: AfterCall | None = None
    ) -> list[TrainedNetwork]:
        """Train a cohort to its end: configurations of one shape, each as if it were alone.

        Args:
            configs: One or more configurations that differ only in dropout rate, learning rate,
                momentum, weight decay and seed.
            after_call: Called now and then with the number of epochs done; may raise to stop.

        Returns:
            One result a configuration, in their order.

        Raises:
            ValueError: The configurations do not have one shape.
        """
        return self.advance(configs, until=configs[0].epochs, after_call=after_call)[0]

    def advance(
        self,
        configs: Sequence[TrialConfig],
        *,
        until: int,
        start: Checkpoint | None = None,
        after_call: AfterCall | None = None,
    ) -> tuple[list[TrainedNetwork], Checkpoint | None]:
        """Train a cohort until an epoch, from its beginning or from a checkpoint.

        A member that diverges is taken out at the next epoch that is a power of two: when that
        happens follows from the members alone, as everything does.

        Args:
            configs: As for `train`; with ``start``, any of its members.
            until: The epoch to train to.
            start: The cohort after fewer epochs.
            after_call: As for `train`.

        Returns:
            What each configuration gave, in their order, and the checkpoint of those that are
            still finite, None if there are none.

        Raises:
            ValueError: The configurations do not have one shape, or are not in the checkpoint.
        """
        if any(cohort_shape(other) != cohort_shape(configs[0]) for other in configs):
            msg = f"configs must have one shape, got {sorted({*map(cohort_shape, configs)})}"
            raise ValueError(msg)
        cohort = self._begin(configs) if start is None else start.select(configs)
        trained: dict[TrialConfig, TrainedNetwork] = {}
        for stop in _stops(cohort, until):
            cohort = self._call(cohort, stop, after_call)
            alive = [
                config for config, ok in zip(cohort.configs, cohort.state.alive, strict=True) if ok
            ]
            ended = cohort.configs if stop == until else set(cohort.configs).difference(alive)
            for config in ended:
                trained[config] = self._network(cohort.select([config]))
            cohort = cohort.select(alive)
            if not alive:
                break
        return [trained[config] for config in configs], cohort if cohort.configs else None

    def _begin(self, configs: Sequence[TrialConfig]) -> Checkpoint:
        starts = [
            initial_weights(config, inputs=self.data.inputs, outputs=self.data.outputs)
            for config in configs
        ]
        weights = [np.stack(layer) for layer in zip(*starts, strict=True)]
        zeros = [np.zeros_like(layer) for layer in weights]
        members = len(configs)
        width = raw_width(self._program(configs, alone=members == 1))
        return Checkpoint(
            configs=tuple(configs),
            alone=members == 1,
            state=State(
                weights=weights,
                first=zeros,
                second=zeros,
                best=weights,
                best_loss=np.full(members, np.inf),
                alive=np.full(members, fill_value=True),
                step=np.int64(0),
                epoch=np.int32(0),
            ),
            raw=np.empty((0, members, width)),
            seconds=np.zeros(members),
        )

    def _call(self, cohort: Checkpoint, until: int, after_call: AfterCall | None) -> Checkpoint:
        """Run the program until an epoch, in calls short enough to be interrupted."""
        began = time.monotonic()
        run = training_program(self._program(cohort.configs, alone=cohort.alone))
        arguments = self._arguments(cohort.configs)
        state = tf.nest.map_structure(tf.constant, cohort.state)
        raw, stop = cohort.raw, cohort.epochs + 1
        while True:
            called = time.time()  # the program's clock is the system's
            new, state = run(*arguments, state, stop)
            raw = np.concatenate([raw, _clock_to_seconds(new, called)])
            if after_call is not None:
                after_call(len(raw))
            if stop >= until or not state.alive.numpy().any():
                break
            per_epoch = max(raw[-1, 0, RAW["clock"]], 1e-6)
            stop = min(until, stop + max(1, int(CALL_SECONDS / per_epoch)))
        return dataclasses.replace(
            cohort,
            state=tf.nest.map_structure(lambda tensor: tensor.numpy(), state),
            raw=raw,
            seconds=cohort.seconds + (time.monotonic() - began) / len(cohort.configs),
        )

    def _network(self, member: Checkpoint) -> TrainedNetwork:
        return TrainedNetwork(
            history=self._history(member.raw[:, 0]),
            best_weights=[layer[0] for layer in member.state.best],
            last_weights=[layer[0] for layer in member.state.weights],
            seconds=float(member.seconds[0]),
        )

    def _program(self, configs: Sequence[TrialConfig], *, alone: bool) -> Program:
        config = configs[0]
        sizes = (config.batch_size, len(configs), *config.widths)
        return Program(
            depth=config.depth,
            output=OUTPUTS[self.data.task],
            dropout=any(config.dropout for config in configs),
            decay=any(config.weight_decay for config in configs),
            alone=alone and not self._compiled,
            weighted_loss=self.data.loss_weights is not None,
            weighted_rows=self.data.w_validation is not None,
            sizes=sizes if self._compiled else (),
        )

    def _arguments(self, configs: Sequence[TrialConfig]) -> tuple[Any, ...]:
        def rate(name: str) -> Any:  # noqa: ANN401 - TensorFlow ships no types
            values = [getattr(config, name) for config in configs]
            return tf.reshape(tf.constant(values, tf.float32), [-1, 1, 1])

        config = configs[0]
        rates = Rates(*(rate(name) for name in Rates._fields))
        choices = Choices(
            activation=tf.constant(tuple(ACTIVATIONS).index(config.activation)),
            optimizer=tf.constant(tuple(OPTIMIZERS).index(config.optimizer)),
            bias=tf.constant(float(config.use_bias)),
            batch_size=tf.constant(config.batch_size),
        )
        return *self._on_device(config.use_bias), rates, choices, *_streams(configs)

    def _on_device(self, use_bias: bool) -> tuple[Rows, Rows, Rows]:  # noqa: FBT001 - a cache key
        """Return the train, evaluated train and validation rows as tensors, made once."""
        if use_bias not in self._rows:
            data, column = self.data, float(use_bias)
            dtype = np.int32 if data.task == "multiclass" else np.float32
            y_train = data.y_train.astype(dtype)
            train = rows_on_device(data.x_train, y_train, column, data.loss_weights)
            weights = data.w_evaluated
            evaluated = train._replace(weights=weights_on_device(weights))
            if data.evaluation_rows is not None:
                chosen = data.evaluation_rows
                evaluated = rows_on_device(data.x_train[chosen], y_train[chosen], column, weights)
            y_validation = data.y_validation.astype(dtype)
            validation = rows_on_device(data.x_validation, y_validation, column, data.w_validation)
            self._rows[use_bias] = (train, evaluated, validation)
        return self._rows[use_bias]

    def _history(self, raw: NDArray[np.float64]) -> TrainingHistory:
        """Turn one member's sums over rows into means with standard errors."""
        finite = raw[:, RAW["finite"]] == 1
        epochs = len(raw) if finite.all() else int(np.argmin(finite)) + 1
        raw = raw[:epochs]
        data = self.data
        chosen = slice(None) if data.evaluation_rows is None else data.evaluation_rows
        columns = {name: raw[:, RAW[name]] for name in ("running_loss", "gradient_norm")}
        columns["seconds"] = raw[:, RAW["clock"]]
        for split, target, weights in (
            ("train", data.y_train[chosen], data.w_evaluated),
            ("validation", data.y_validation, data.w_validation),
        ):
            sums = ["loss_sum", "square_sum", "score_sum"]
            sums += [] if weights is None else ["loss_squares", "score_squares"]
            values = evaluation_statistics(
                raw[:, [RAW[f"{split}_{name}"] for name in sums]],
                target,
                regression=data.task == "regression",
                weights=weights,
            )
            for place, name in enumerate(("loss", "loss_se", "score", "score_se")):
                columns[f"{split}_{name}"] = values[:, place]
        return TrainingHistory(
            array=np.stack([columns[name] for name in HISTORY_COLUMNS], axis=1),
            diverged_epoch=None if finite.all() else epochs,
        )


@functools.lru_cache(maxsize=MOST_DATA_SETS)
def trainer_for(data: TrainingData) -> Trainer:
    """Return this process' trainer of a data set; the one not used for longest is let go."""
    return Trainer(data)


def _stops(cohort: Checkpoint, until: int) -> list[int]:
    """Return the epochs after which diverged members are taken out of a cohort, and the last."""
    if cohort.alone:
        return [until]
    powers = (2**power for power in range(until.bit_length()))
    return [*(epoch for epoch in powers if cohort.epochs < epoch < until), until]


def _streams(configs: Sequence[TrialConfig]) -> tuple[Any, Any]:
    """Return each member's seeds of data order and of dropout, uint32 [members] each."""
    order = [derive_seed(config.seed, "order") for config in configs]
    dropout = [derive_seed(config.seed, "dropout") for config in configs]
    return tf.constant(order, tf.uint32), tf.constant(dropout, tf.uint32)


def _clock_to_seconds(raw: NDArray[np.float64], called: float) -> NDArray[np.float64]:
    """Replace the time at which each epoch ended by how long it took."""
    clock = raw[:, :, RAW["clock"]]
    starts = np.concatenate([np.full_like(clock[:1], called), clock[:-1]])
    # The system's clock may be set back while training: never a negative duration.
    raw[:, :, RAW["clock"]] = np.maximum(clock - starts, 0.0)
    return raw
