"""Count the hidden units of a trained network that do no work: dead ones, and saturated ones.

A ReLU unit whose input is never above zero passes nothing on and gets no gradient back: it stays as
it is for ever (Lu et al. 2019, "Dying ReLU and initialization"). A sigmoid or tanh unit near the
ends of its range has a derivative near zero, so that what lies before it hardly learns (Glorot and
Bengio 2010, section 3). NumPy alone: the weights of one network, and a thousand rows.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.activations import ACTIVATIONS

MOST_ROWS: Final = 1_000


class UnitShares(NamedTuple):
    """Hold shares of the hidden units, of all layers together; None where they have no meaning.

    Attributes:
        dead: Of activations that die, or come to rest on one side, such as relu.
        saturated: Of those with two ends, sigmoid and tanh: near one on nearly every row.
    """

    dead: float | None = None
    saturated: float | None = None


NOT_COUNTED: Final = UnitShares()


def count_units(
    weights: Sequence[NDArray[np.float32]], rows: NDArray[Any], activation: str
) -> UnitShares:
    """Count the dead and the saturated hidden units of a network, dropout off.

    Args:
        weights: One matrix a layer, the output's last, [fan in + 1, fan out]; the last row of each
            is its bias. All finite.
        rows: [rows, ...] of what the network was trained on; `choose_rows` keeps it short.
        activation: Of the hidden layers.

    Returns:
        Shares of all hidden units. A linear model has no hidden unit, and no share.
    """
    if len(weights) < 2:
        return NOT_COUNTED
    row = ACTIVATIONS[activation]
    idle = [
        row.at_rest(np, before, after).mean(axis=0) >= row.idle_rows
        for before, after in hidden_layers(weights, rows, activation)
    ]
    share = float(np.concatenate(idle).mean())
    return UnitShares(saturated=share) if row.idle == "saturated" else UnitShares(dead=share)


def hidden_layers(
    weights: Sequence[NDArray[np.floating[Any]]], rows: NDArray[Any], activation: str
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return what enters and what leaves the activation of each hidden layer.

    Both are [rows, units], of the weights' precision.

    Args:
        weights: As for `count_units`.
        rows: As for `count_units`.
        activation: As for `count_units`.
    """
    after = rows.reshape(len(rows), -1).astype(weights[0].dtype)
    layers = []
    for matrix in weights[:-1]:
        before = after @ matrix[:-1] + matrix[-1]
        after = ACTIVATIONS[activation].forward(np, before)
        layers.append((before, after))
    return layers


def choose_rows(rows: NDArray[Any]) -> NDArray[Any]:
    """Return at most `MOST_ROWS` rows, evenly spaced, the same for the same rows."""
    if len(rows) <= MOST_ROWS:
        return rows
    places = np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int)
    return np.asarray(rows[places])
