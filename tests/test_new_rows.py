"""A row is all that it takes to have an optimizer or an activation everywhere it is offered."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPTIMIZER = """
import dataclasses
from types import MappingProxyType
from sweep import optimizers

nadam = dataclasses.replace(
    optimizers.OPTIMIZERS["sgd"], name="nadam", title="Nadam", default_rate=0.003
)
optimizers.OPTIMIZERS = MappingProxyType({**optimizers.OPTIMIZERS, "nadam": nadam})
optimizers.USUAL_OPTIMIZERS += ("nadam",)
optimizers.WITH_MOMENTUM += ("nadam",)
"""
ACTIVATION = """
import dataclasses
from types import MappingProxyType
from sweep import activations

elu = dataclasses.replace(
    activations.ACTIVATIONS["relu"], name="elu", title="exponential", idle="inactive",
    forward=lambda np, before: np.where(before > 0, before, np.expm1(before)),
    graph=lambda tf, before: tf.nn.elu(before),
    gradient=lambda tf, gradient, _, after: tf.raw_ops.EluGrad(gradients=gradient, outputs=after),
)
activations.ACTIVATIONS = MappingProxyType({**activations.ACTIVATIONS, "elu": elu})
activations.USUAL_ACTIVATIONS += ("elu",)
"""
PLACES = """
import contextlib, io, json
from sweep.settings.schema import config_schema
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace
from sweep.space.starting_point import starting_point
from studies.answering.rate_grids import RateGrid
from studies.catalog.activation import design as activation
from studies.designs.rate_grid import rate_arms
from studies.designs.spec import Overrides, rate_candidates
from studies.main import main

help = io.StringIO()
with contextlib.redirect_stdout(help), contextlib.suppress(SystemExit):
    main(["sweep", "--help"])
space = SearchSpace()
parse_space({"optimizer": "nadam", "momentum": 0.5, "learning_rate": {"nadam": 0.1}})
print(json.dumps({
    "space": space.describe(),
    "momentum alone": parse_space({"optimizer": "nadam"}).describe(),
    "start": starting_point(space),
    "schema": config_schema()["properties"]["space"]["properties"],
    "help": " ".join(help.getvalue().split()),
    "candidates": rate_candidates(Overrides()),
    "arms": rate_arms(Overrides()),
    "title": RateGrid(optimizer="nadam", rates=None, arms=()).title,
    "names": activation.spec(Overrides(), None).names,
}))
"""
TRAINING = """
import numpy as np
from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.training.network import build_network
from sweep.training.tasks import CohortTask, train_cohort

x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
y = x.sum(axis=1)
data = TrainingData(
    task="regression", input_shape=(3,), classes=0, x_train=x, y_train=y, x_validation=x,
    y_validation=y,
)
config = TrialConfig(depth=1, width=4, activation="elu", epochs=2)
build_network(config, task="regression", input_shape=(3,), outputs=1)
task = CohortTask(trials=("s0",), configs=(config,), until=2, units=True)
(result,), _ = train_cohort(data, task)
print(json.dumps([result.outcome, result.units.dead is not None]))
"""


def say(*parts):
    """Run code with an optimizer and an activation more, in a process that imports it all anew."""
    done = subprocess.run(
        [sys.executable, "-c", "import json\n" + "".join(parts)], text=True, capture_output=True,
        cwd=ROOT, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_row_is_in_the_space_the_schema_the_help_the_studies_and_the_titles():
    said = say(OPTIMIZER, ACTIVATION, PLACES)

    assert said["space"]["optimizer"] == "adam, sgd, rmsprop, nadam"
    assert said["space"]["learning_rate.nadam"] == "0.001..0.3 (log)"
    assert said["space"]["activation"] == "relu, sigmoid, tanh, leaky_relu, elu"
    assert "momentum" in said["momentum alone"]
    assert said["start"]["learning_rate_nadam"] == 0.003
    assert "nadam" in said["schema"]["optimizer"]["anyOf"][0]["enum"]
    assert "elu" in said["schema"]["activation"]["anyOf"][0]["enum"]
    table = said["schema"]["learning_rate"]["anyOf"][-1]["properties"]
    assert table["nadam"]["description"] == "Step size of nadam."
    assert "activation (relu, sigmoid, tanh, leaky_relu, gelu, elu)" in said["help"]
    assert "optimizer (adam, sgd, rmsprop, nadam)" in said["help"]
    assert said["candidates"]["learning_rate.nadam"] == [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
    assert sum(arm["optimizer"] == "nadam" for arm in said["arms"]) == 11
    assert said["title"] == "Nadam"
    assert said["names"][-1] == "exponential"


@pytest.mark.slow
def test_a_row_of_an_activation_can_be_trained_and_its_units_counted():
    assert say(ACTIVATION, TRAINING) == ["finished", True]
