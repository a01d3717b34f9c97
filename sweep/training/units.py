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

from sweep.config import LEAKY_SLOPE, Activation

MOST_ROWS: Final = 1_000
SIGMOID_END: Final = 0.05  # so near 0 or 1, a sigmoid has at most a fifth of its steepest slope
TANH_END: Final = 0.95  # beyond, tanh has at most a tenth of its steepest slope
SATURATED_ROWS: Final = 0.95  # share of the rows on which a saturated unit is near an end


class UnitShares(NamedTuple):
    """Hold shares of the hidden units, of all layers together; None where they have no meaning.

    Attributes:
        dead: Of relu: above zero on no row. Of leaky relu the same, though such a unit still
            learns, 100 times slower: it is inactive rather than dead.
        saturated: Of sigmoid and tanh: near an end of the range on nearly every row.
    """

    dead: float | None = None
    saturated: float | None = None


NOT_COUNTED: Final = UnitShares()


def count_units(
    weights: Sequence[NDArray[np.float32]], rows: NDArray[Any], activation: Activation
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
    idle = [_idle(layer, activation) for layer in hidden_activations(weights, rows, activation)]
    share = float(np.concatenate(idle).mean())
    if activation in {"relu", "leaky_relu"}:
        return UnitShares(dead=share)
    return UnitShares(saturated=share)


def hidden_activations(
    weights: Sequence[NDArray[np.floating[Any]]], rows: NDArray[Any], activation: Activation
) -> list[NDArray[np.float32]]:
    """Return what each hidden layer puts out, [rows, units] each, of the weights' precision.

    Args:
        weights: As for `count_units`.
        rows: As for `count_units`.
        activation: As for `count_units`.
    """
    values = rows.reshape(len(rows), -1).astype(weights[0].dtype)
    layers = []
    for matrix in weights[:-1]:
        values = _activate(values @ matrix[:-1] + matrix[-1], activation)
        layers.append(values)
    return layers


def choose_rows(rows: NDArray[Any]) -> NDArray[Any]:
    """Return at most `MOST_ROWS` rows, evenly spaced, the same for the same rows."""
    if len(rows) <= MOST_ROWS:
        return rows
    places = np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int)
    return np.asarray(rows[places])


def _activate(values: NDArray[np.float32], activation: Activation) -> NDArray[np.float32]:
    match activation:
        case "relu":
            return np.maximum(values, np.float32(0))
        case "leaky_relu":
            return np.where(values > 0, values, np.float32(LEAKY_SLOPE) * values)
        case "tanh":
            return np.asarray(np.tanh(values))
        case "sigmoid":
            # By tanh, which never overflows.
            return np.asarray(np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * values)))


def _idle(layer: NDArray[np.float32], activation: Activation) -> NDArray[np.bool_]:
    """Return which units of a layer are dead or saturated, bool [units]."""
    match activation:
        case "relu" | "leaky_relu":
            return np.asarray((layer <= 0).all(axis=0))
        case "sigmoid":
            near = np.minimum(layer, 1 - layer) <= SIGMOID_END
        case "tanh":
            near = np.abs(layer) > TANH_END
    return np.asarray(near.mean(axis=0) >= SATURATED_ROWS)
