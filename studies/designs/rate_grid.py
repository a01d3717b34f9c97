"""Arms on a grid of learning rates: every optimizer at every rate, nothing tuned."""

from studies.designs.design import Value
from studies.designs.spec import Overrides
from sweep.optimizers import OPTIMIZERS, USUAL_OPTIMIZERS


def rate_arms(overrides: Overrides) -> tuple[dict[str, Value], ...]:
    """Return an arm for each optimizer and each of its learning rates, the smallest rate first.

    Args:
        overrides: What the user said; ``optimizer`` and the rates of each are heeded.
    """
    optimizers = [str(name) for name in overrides.values("optimizer", USUAL_OPTIMIZERS)]
    rates = {
        name: sorted(
            float(rate)
            for rate in overrides.values(f"learning_rate.{name}", OPTIMIZERS[name].grid_rates)
        )
        for name in optimizers
    }
    return tuple(
        {"optimizer": name, f"learning_rate.{name}": rate}
        for name in optimizers
        for rate in rates[name]
    )
