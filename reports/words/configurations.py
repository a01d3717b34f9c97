"""Say in a few words what a network is and how it is trained."""

from collections.abc import Mapping
from typing import Any

from reports import wording


def network(config: Mapping[str, Any]) -> str:
    """Describe a configuration in a few words, such as ``2 hidden layers of 64 (relu)``."""
    widths = list(config.get("widths") or ())
    if not widths:
        return "a linear model"
    activation = wording.shorten(str(config.get("activation", "")), 20)
    if len(set(widths)) == 1:
        layers = wording.plural(len(widths), "hidden layer")
        return f"{layers} of {wording.count(widths[0])} ({activation})"
    numbers = wording.join([wording.count(width) for width in widths])
    return f"hidden layers of {numbers} ({activation})"


def training(config: Mapping[str, Any]) -> str:
    """Describe how a configuration is trained."""
    optimizer = wording.shorten(str(config.get("optimizer", "")), 20)
    parts = [f"{optimizer}, learning rate {wording.setting(config.get('learning_rate'))}"]
    for name in ("dropout", "momentum", "weight_decay"):
        value = config.get(name)
        if wording.is_number(value) and value:
            parts.append(f"{name.replace('_', ' ')} {wording.setting(value)}")
    return ", ".join(parts)
