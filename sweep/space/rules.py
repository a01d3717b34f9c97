"""What each hyperparameter may be: its kind, its limits and its scale, and the faults it can have.

One table serves the search space, its two text forms and the JSON Schema, so that they cannot
disagree.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from sweep.activations import ACTIVATIONS
from sweep.config import SHAPES
from sweep.optimizers import OPTIMIZERS, WITH_MOMENTUM
from sweep.space.parameters import Choices, Fixed, Parameter, Range, Value, duplicates
from sweep.spelling import closest

Kind = Literal["integer", "number", "boolean", "name", "text", "texts", "table", "tables"]

LARGEST_NUMBER: Final = 1e12  # beyond it a number in a configuration is a slip of the keyboard
MOST_CHOICES: Final = 1000
LONGEST_SHOWN: Final = 60  # characters of a wrong value that a message repeats


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """State what one hyperparameter or setting may be.

    Attributes:
        kind: What its values are.
        meaning: One sentence for the JSON Schema.
        low: Smallest value allowed; excluded if ``above_low``. Of a text the least length.
        high: Largest value allowed; excluded if ``below_high``.
        above_low: Whether ``low`` itself is too small.
        below_high: Whether ``high`` itself is too large.
        log: Whether a range is on a log scale unless said otherwise.
        names: The values of a name.
    """

    kind: Kind
    meaning: str
    low: float = 0.0
    high: float = LARGEST_NUMBER
    above_low: bool = False
    below_high: bool = False
    log: bool = False
    names: tuple[str, ...] = ()

    @property
    def has_range(self) -> bool:
        """Return whether a range makes sense."""
        return self.kind in {"integer", "number"}

    @property
    def expected(self) -> str:
        """Say in words what a value must be."""
        if self.kind == "boolean":
            return "true or false"
        if self.kind == "name":
            return f"one of {', '.join(self.names)}"
        noun = "a whole number" if self.kind == "integer" else "a number"
        low, high = (f"{bound:.15g}" for bound in (self.low, self.high))
        first = f"above {low}" if self.above_low else f"from {low}"
        return f"{noun} {first} {'to below' if self.below_high else 'up to'} {high}"

    def scale_is_log(self, low: float) -> bool:
        """Return whether a range from ``low`` is on a log scale where nobody said."""
        return self.log and low > 0


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "depth": Rule(
            kind="integer", meaning="Hidden layers; 0 is a linear model.", low=0, high=64
        ),
        "width": Rule(
            kind="integer",
            meaning="Units of the first hidden layer.",
            low=1,
            high=65536,
            log=True,
        ),
        "shape": Rule(
            kind="name",
            meaning="Widths of the layers: all equal, or each half of the one before.",
            names=SHAPES,
        ),
        "dropout": Rule(
            kind="number",
            meaning="Dropout rate after each hidden layer.",
            high=1.0,
            below_high=True,
        ),
        "activation": Rule(
            kind="name", meaning="Activation of the hidden layers.", names=tuple(ACTIVATIONS)
        ),
        "optimizer": Rule(kind="name", meaning="Update rule.", names=tuple(OPTIMIZERS)),
        **{
            f"learning_rate.{name}": Rule(
                kind="number",
                meaning=f"Step size of {name}.",
                high=1000.0,
                above_low=True,
                log=True,
            )
            for name in OPTIMIZERS
        },
        "momentum": Rule(
            kind="number",
            meaning=f"Momentum; of {' and '.join(WITH_MOMENTUM)} only.",
            high=1.0,
            below_high=True,
        ),
        "weight_decay": Rule(
            kind="number", meaning="Decoupled weight decay; 0 for none.", high=1.0, log=True
        ),
        "use_bias": Rule(kind="boolean", meaning="Whether Dense layers have a bias."),
        "batch_size": Rule(
            kind="integer", meaning="Rows per update.", low=1, high=1_048_576, log=True
        ),
    }
)

MAX_PARAMETERS: Final = Rule(
    kind="integer",
    meaning="Largest number of trainable parameters; larger configurations are left out.",
    low=1,
    high=LARGEST_NUMBER,
)


def parameter_faults(rule: Rule, parameter: Parameter[Value]) -> list[str]:
    """List what is wrong with a hyperparameter, without its name.

    Args:
        rule: What it may be.
        parameter: What it is.

    Returns:
        ``<what is wrong, with the value>; <what to do>``, one a fault; empty if there is none.
    """
    match parameter:
        case Fixed(value=value):
            return value_faults(rule, value)
        case Choices(values=values):
            return _choices_faults(rule, values)
        case Range():
            return _range_faults(rule, parameter)


def value_faults(rule: Rule, value: object) -> list[str]:
    """List what is wrong with one value, as `parameter_faults` does; at most one fault."""
    match rule.kind:
        case "text":
            return _text_faults(rule, value)
        case "texts" | "table" | "tables":
            return _part_faults(rule, value)
        case "boolean":
            fits = isinstance(value, bool)
        case "name":
            fits = isinstance(value, str) and value in rule.names
        case "integer":
            fits = isinstance(value, int) and not isinstance(value, bool)
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits:
        guess = did_you_mean(value, rule.names) or "give such a value"
        return [f"{shorten(value)} is not {rule.expected}; {guess}"]
    if isinstance(value, int | float) and rule.has_range:
        return _number_faults(rule, value)
    return []


def _part_faults(rule: Rule, value: object) -> list[str]:
    kind, name = (dict, "table") if rule.kind == "table" else (list, "list")
    if not isinstance(value, kind):
        return [f"{shorten(value)} is not a {name}; give one"]
    texts = value if rule.kind == "texts" else []
    return [fault for text in texts for fault in _text_faults(rule, text)][:1]


def _text_faults(rule: Rule, value: object) -> list[str]:
    if not isinstance(value, str):
        return [f"{shorten(value)} is not text; put it in quotes"]
    if len(value) < rule.low:
        return ["it is empty; give a name, or leave it out"]
    if not value.isascii() and value.encode(errors="replace").decode() != value:
        return [f"{shorten(value)} is not UTF-8 text; use other characters, or rename the file"]
    return []


def _number_faults(rule: Rule, value: float) -> list[str]:
    if not _is_finite(value):
        return [f"{shorten(value)} is not a finite number; give {rule.expected}"]
    if value < rule.low or (rule.above_low and value == rule.low):
        return [f"{shorten(value)} is too small; give {rule.expected}"]
    if value > rule.high or (rule.below_high and value == rule.high):
        return [f"{shorten(value)} is too large; give {rule.expected}"]
    return []


def _choices_faults(rule: Rule, values: Sequence[Value]) -> list[str]:
    if not values:
        return ["there are no choices; give at least one"]
    if len(values) > MOST_CHOICES:
        return [f"{len(values)} choices are too many; give at most {MOST_CHOICES}, or a range"]
    faults = [fault for value in values for fault in value_faults(rule, value)]
    if faults:
        return list(dict.fromkeys(faults))
    return [
        f"the choice {shorten(value)} is repeated; give each once" for value in duplicates(values)
    ]


def _range_faults(rule: Rule, span: Range[Value]) -> list[str]:
    if not rule.has_range:
        ends = f"{shorten(span.low)}..{shorten(span.high)}"
        return [f"{ends} is a range; give {rule.expected}, or several"]
    low_faults, high_faults = value_faults(rule, span.low), value_faults(rule, span.high)
    if span.log and not low_faults and span.low == 0:
        low_faults = ["a range on a log scale cannot start at 0; give a low above 0"]
    faults = [f"low: {fault}" for fault in low_faults]
    faults += [f"high: {fault}" for fault in high_faults]
    if not faults and float(span.low) > float(span.high):
        faults.append(f"low {shorten(span.low)} is above high {shorten(span.high)}; swap the two")
    if not faults and span.integer != (rule.kind == "integer"):
        faults.append(f"integer is {span.integer}; give integer={not span.integer}")
    return faults


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return ``did you mean x?`` for the known word that is most like a wrong one, or ``""``."""
    guess = closest(word[:LONGEST_SHOWN], known) if isinstance(word, str) else None
    return "" if guess is None else f"did you mean {guess}?"


def shorten(value: object) -> str:
    """Write a wrong value for a message: escaped, and not longer than a line can bear."""
    if isinstance(value, int) and abs(value) >= 10**LONGEST_SHOWN:
        return "a huge number"  # Python refuses to write integers of thousands of digits
    try:
        text = str(value).lower() if isinstance(value, int | float) else repr(value)
    except (ValueError, RecursionError):  # such an integer in a list, or lists in lists in lists
        return "a huge value"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def plain(key: str) -> str:
    """Write a key of the user's for a message: escaped, not longer than a line can bear."""
    text = repr(key)[1:-1]
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond float64 is finite, and too large all the same
        return True
