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

from sweep.config import ACTIVATIONS, OPTIMIZERS, TrialConfig
from sweep.data.dataset import TrainingData
from sweep.records import HISTORY_COLUMNS, TrainingHistory
from sweep.seeds import derive_seed
from sweep.training.cohort import Choices, Program, Rates, Rows, State
from sweep.training.engine import tf
from sweep.training.measures import evaluation_statistics
from sweep.training.network import OUTPUTS, Weights, initial_weights
from sweep.training.program import RAW, training_program

CALL_SECONDS: Final = 0.5  # aim of one call of the program: how soon an interrupt is heard


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


class Trainer:
    """Hold one data set on the device and train cohorts on it."""

    def __init__(self, data: TrainingData) -> None:
        self.data = data
        self._rows: dict[bool, tuple[Rows, Rows, Rows]] = {}

    def train(
        self,
        configs: Sequence[TrialConfig],
        *,
        after_call: Callable[[int], None] | None = None,
    ) -> list[TrainedNetwork]:
        """Train a cohort: configurations of one shape, each as if it were alone.

        Args:
            configs: One or more configurations that differ only in dropout rate, learning rate,
                momentum, weight decay and seed.
            after_call: Called now and then with the number of epochs done; may raise to stop.

        Returns:
            One result a configuration, in their order.

        Raises:
            ValueError: The configurations do not have one shape.
        """
        started = time.monotonic()
        config = configs[0]
        if any(cohort_shape(other) != cohort_shape(config) for other in configs):
            msg = f"configs must have one shape, got {sorted({*map(cohort_shape, configs)})}"
            raise ValueError(msg)
        run = training_program(self._program(configs))
        arguments = self._arguments(configs)
        state = self._first_state(configs)
        history = np.empty((0, len(configs), len(RAW)))
        until = 1
        while True:
            called = time.time()  # the program's clock is the system's
            raw, state = run(*arguments, state, tf.constant(until))
            history = np.concatenate([history, _clock_to_seconds(raw.numpy(), called)])
            if after_call is not None:
                after_call(len(history))
            if until >= config.epochs or not state.alive.numpy().any():
                break
            per_epoch = max(history[-1, 0, RAW["clock"]], 1e-6)
            until = min(config.epochs, until + max(1, int(CALL_SECONDS / per_epoch)))
        best = [layer.numpy() for layer in state.best]
        last = [layer.numpy() for layer in state.weights]
        seconds = (time.monotonic() - started) / len(configs)
        return [
            TrainedNetwork(
                history=self._history(history[:, member]),
                best_weights=[layer[member] for layer in best],
                last_weights=[layer[member] for layer in last],
                seconds=seconds,
            )
            for member in range(len(configs))
        ]

    def _program(self, configs: Sequence[TrialConfig]) -> Program:
        return Program(
            depth=configs[0].depth,
            output=OUTPUTS[self.data.task],
            dropout=any(config.dropout for config in configs),
            decay=any(config.weight_decay for config in configs),
            alone=len(configs) == 1,
        )

    def _arguments(self, configs: Sequence[TrialConfig]) -> tuple[Any, ...]:
        def rate(name: str) -> Any:  # noqa: ANN401 - TensorFlow ships no types
            values = [getattr(config, name) for config in configs]
            return tf.reshape(tf.constant(values, tf.float32), [-1, 1, 1])

        config = configs[0]
        rates = Rates(*(rate(name) for name in Rates._fields))
        choices = Choices(
            activation=tf.constant(ACTIVATIONS.index(config.activation)),
            optimizer=tf.constant(OPTIMIZERS.index(config.optimizer)),
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
            train = _rows(data.x_train, y_train, column)
            evaluated = train
            if data.evaluation_rows is not None:
                chosen = data.evaluation_rows
                evaluated = _rows(data.x_train[chosen], y_train[chosen], column)
            validation = _rows(data.x_validation, data.y_validation.astype(dtype), column)
            self._rows[use_bias] = (train, evaluated, validation)
        return self._rows[use_bias]

    def _first_state(self, configs: Sequence[TrialConfig]) -> State:
        starts = [
            initial_weights(config, inputs=self.data.inputs, outputs=self.data.outputs)
            for config in configs
        ]
        weights = [tf.constant(np.stack(layer)) for layer in zip(*starts, strict=True)]
        zeros = [tf.zeros_like(layer) for layer in weights]
        return State(
            weights=weights,
            first=zeros,
            second=zeros,
            best=weights,
            best_loss=tf.fill([len(configs)], tf.constant(np.inf, tf.float64)),
            alive=tf.fill([len(configs)], True),  # noqa: FBT003 - a tensor's value
            step=tf.constant(0, tf.int64),
            epoch=tf.constant(0),
        )

    def _history(self, raw: NDArray[np.float64]) -> TrainingHistory:
        """Turn one member's sums over rows into means with standard errors."""
        finite = raw[:, RAW["finite"]] == 1
        epochs = len(raw) if finite.all() else int(np.argmin(finite)) + 1
        raw = raw[:epochs]
        data = self.data
        chosen = slice(None) if data.evaluation_rows is None else data.evaluation_rows
        columns = {name: raw[:, RAW[name]] for name in ("running_loss", "gradient_norm")}
        columns["seconds"] = raw[:, RAW["clock"]]
        for split, target in (("train", data.y_train[chosen]), ("validation", data.y_validation)):
            sums = raw[:, RAW[f"{split}_loss_sum"] : RAW[f"{split}_score_sum"] + 1]
            values = evaluation_statistics(sums, target, regression=data.task == "regression")
            for place, name in enumerate(("loss", "loss_se", "score", "score_se")):
                columns[f"{split}_{name}"] = values[:, place]
        return TrainingHistory(
            array=np.stack([columns[name] for name in HISTORY_COLUMNS], axis=1),
            diverged_epoch=None if finite.all() else epochs,
        )


@functools.lru_cache(maxsize=1)
def trainer_for(data: TrainingData) -> Trainer:
    """Return this process' trainer of a data set; the one before it is let go."""
    return Trainer(data)


def cohort_shape(config: TrialConfig) -> tuple[object, ...]:
    """Return what the members of a cohort must have in common."""
    return (
        config.widths,
        config.activation,
        config.optimizer,
        config.use_bias,
        config.batch_size,
        config.epochs,
    )


def _streams(configs: Sequence[TrialConfig]) -> tuple[Any, Any]:
    """Return each member's seeds of data order and of dropout, uint32 [members] each."""
    order = [derive_seed(config.seed, "order") for config in configs]
    dropout = [derive_seed(config.seed, "dropout") for config in configs]
    return tf.constant(order, tf.uint32), tf.constant(dropout, tf.uint32)


def _rows(x: NDArray[np.float32], y: NDArray[Any], column: float) -> Rows:
    """Put rows on the device, with the column that carries the bias."""
    flat = x.reshape(len(x), -1)
    ones = np.full((len(flat), 1), column, np.float32)
    return Rows(tf.constant(np.concatenate([flat, ones], axis=1)), tf.constant(y))


def _clock_to_seconds(raw: NDArray[np.float64], called: float) -> NDArray[np.float64]:
    """Replace the time at which each epoch ended by how long it took."""
    clock = raw[:, :, RAW["clock"]]
    starts = np.concatenate([np.full_like(clock[:1], called), clock[:-1]])
    # The system's clock may be set back while training: never a negative duration.
    raw[:, :, RAW["clock"]] = np.maximum(clock - starts, 0.0)
    return raw
