"""What a trial may take of time and memory."""

import dataclasses
from typing import Final


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialLimits:
    """Hold what a trial may take; None is no limit.

    Attributes:
        seconds: Time to train, on the monotonic clock; a cohort has that of its members together.
        memory: Bytes that its worker process may take, TensorFlow included, which is about 0.6e9.
    """

    seconds: float | None = None
    memory: int | None = None

    def __bool__(self) -> bool:
        return self.seconds is not None or self.memory is not None


NO_LIMITS: Final = TrialLimits()
