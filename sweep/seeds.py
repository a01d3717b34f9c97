"""Seeds: every random number of a run comes from its seed, a place and a purpose.

Separate purposes keep separate things independent: a network with another dropout rate still
sees the same order of data and the same initial weights, which is what makes paired comparisons
(common random numbers) possible.
"""

import hashlib
from typing import Final, Literal

Purpose = Literal[
    "split",
    "sampler",
    "trial",
    "confirmation",
    "audit",
    "weights",
    "order",
    "dropout",
    "sample",
    "baseline",
    "rows",
    "subset",
    "fold",
    "labels",
    "tuning",
    "comparison",
]

SEED_BITS: Final = 31  # fits Optuna's, NumPy's and Keras' seeds, and a signed 32-bit tensor


def derive_seed(seed: int, purpose: Purpose, *place: int) -> int:
    """Derive an independent seed for one purpose at one place.

    Args:
        seed: The seed of the run, or of the trial.
        purpose: What the random numbers are for.
        place: Where: a slot, or a configuration's rank and its replicate.

    Returns:
        An integer in [0, 2**31), from the SHA-256 digest of the arguments.
    """
    text = ":".join([str(seed), purpose, *map(str, place)])
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)
