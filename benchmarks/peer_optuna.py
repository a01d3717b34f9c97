"""A contender: Optuna around `model.fit`: random search, or its default sampler with Hyperband."""

import time
from typing import Any

import keras
import optuna

from peer_keras import SPACE, EpochLog, build, load, read_options, write_report


def main() -> None:
    """Search, and write the report."""
    options = read_options(__doc__)
    data = load(options.data)

    def objective(trial: optuna.Trial) -> float:
        keras.utils.clear_session()
        values = draw(trial)
        callbacks = [EpochLog(), *([Pruning(trial)] if options.hyperband else [])]
        history = build(values.__getitem__, data).fit(
            data.x_train,
            data.y_train,
            batch_size=options.batch_size,
            epochs=options.epochs,
            validation_data=(data.x_validation, data.y_validation),
            callbacks=callbacks,
            verbose=0,
        )
        return float(max(history.history["val_accuracy"]))

    def stop(study: optuna.Study, _: optuna.trial.FrozenTrial) -> None:
        if options.target is not None and _best_score() >= options.target:
            study.stop()

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.RandomSampler(options.seed)
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if options.hyperband:
        sampler = optuna.samplers.TPESampler(seed=options.seed)
        pruner = optuna.pruners.HyperbandPruner(
            min_resource=1, max_resource=options.epochs, reduction_factor=3
        )
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    started = time.monotonic()
    study.optimize(objective, n_trials=options.trials, timeout=options.limit, callbacks=[stop])
    write_report(options.report, started, EpochLog.trials)


def draw(trial: optuna.Trial) -> dict[str, Any]:
    """Draw a configuration; each optimizer has a learning rate of its own."""
    depth, dropout = SPACE["depth"], SPACE["dropout"]
    optimizer = trial.suggest_categorical("optimizer", SPACE["optimizer"])
    name, rate = f"learning_rate_{optimizer}", SPACE["learning_rate"][optimizer]
    return {
        "depth": trial.suggest_int("depth", depth["low"], depth["high"]),
        "width": trial.suggest_categorical("width", SPACE["width"]),
        "dropout": trial.suggest_float("dropout", dropout["low"], dropout["high"]),
        "activation": trial.suggest_categorical("activation", SPACE["activation"]),
        "optimizer": optimizer,
        name: trial.suggest_float(name, rate["low"], rate["high"], log=True),
    }


class Pruning(keras.callbacks.Callback):
    """Report each epoch's validation score to the pruner, and stop where it says so."""

    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self._trial = trial

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Report an epoch."""
        self._trial.report(float((logs or {})["val_accuracy"]), epoch + 1)
        if self._trial.should_prune():
            raise optuna.TrialPruned


def _best_score() -> float:
    return max(epoch["score"] for trial in EpochLog.trials for epoch in trial)


if __name__ == "__main__":
    main()
