"""A contender: KerasTuner's RandomSearch or Hyperband, as its documentation uses them."""

import tempfile
import time
from typing import Any

import keras_tuner

from peer_keras import SPACE, EpochLog, build, load, read_options, write_report


def main() -> None:
    """Search, and write the report."""
    options = read_options(__doc__)
    data = load(options.data)

    def hypermodel(hp: Any) -> Any:
        values = draw(hp)
        return build(values.__getitem__, data)

    with tempfile.TemporaryDirectory() as folder:
        settings: dict[str, Any] = {
            "objective": "val_accuracy", "seed": options.seed, "directory": folder,
            "max_consecutive_failed_trials": options.trials,
        }  # fmt: skip
        if options.hyperband:
            tuner = keras_tuner.Hyperband(
                hypermodel, max_epochs=options.epochs, factor=3, **settings
            )
        else:
            tuner = keras_tuner.RandomSearch(hypermodel, max_trials=options.trials, **settings)
        started = time.monotonic()
        tuner.search(
            data.x_train,
            data.y_train,
            epochs=options.epochs,
            batch_size=options.batch_size,
            validation_data=(data.x_validation, data.y_validation),
            callbacks=[EpochLog()],
            verbose=0,
        )
        write_report(options.report, started, EpochLog.trials)


def draw(hp: Any) -> dict[str, Any]:
    """Draw a configuration; each optimizer has a learning rate of its own."""
    depth, dropout = SPACE["depth"], SPACE["dropout"]
    values = {
        "depth": hp.Int("depth", depth["low"], depth["high"]),
        "width": hp.Choice("width", SPACE["width"]),
        "dropout": hp.Float("dropout", dropout["low"], dropout["high"]),
        "activation": hp.Choice("activation", SPACE["activation"]),
        "optimizer": hp.Choice("optimizer", SPACE["optimizer"]),
    }
    for optimizer, rate in SPACE["learning_rate"].items():
        with hp.conditional_scope("optimizer", [optimizer]):
            if values["optimizer"] == optimizer:
                name = f"learning_rate_{optimizer}"
                values[name] = hp.Float(name, rate["low"], rate["high"], sampling="log")
    return values


if __name__ == "__main__":
    main()
