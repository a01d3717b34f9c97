"""Rungs: fewer epochs for bad trials, by a rule that the order of completion has no part in.

Successive halving in its asynchronous form (Li et al. 2020, arXiv:1810.05934) decides about a
trial as soon as it reaches a rung, among whichever trials got there before. Here those are the
trials of the slots before it: its fate follows from them and itself, whoever finishes first, and
however many trials are planned after it.
"""

import bisect
import dataclasses
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sweep.records import TrainingHistory

if TYPE_CHECKING:
    from sweep.settings.sweep_settings import PrunerName

FEWEST_TRIALS: Final = 20  # from which on a search prunes unless told otherwise
HALVING_FACTOR: Final = 3
HALVING_RUNGS: Final = 2
# Of the trials screened by one epoch, the share that is trained to the end.
ONE_EPOCH_SHARE: Final = 1 / 4


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rungs:
    """Hold at which epochs trials may be pruned.

    Attributes:
        epochs: The rungs, ascending, each before the last epoch; empty for none.
        share: At each rung, the share of the trials that goes on.
    """

    epochs: tuple[int, ...] = ()
    share: float = 1.0

    def next_stop(self, done: int, epochs: int) -> int:
        """Return the epoch to which a trial is trained next.

        Args:
            done: Epochs done.
            epochs: Its last epoch.
        """
        return next((rung for rung in self.epochs if rung > done), epochs)


def choose_pruner(trials: int) -> "PrunerName":
    """Choose the pruner of a search for which none was named."""
    return "halving" if trials >= FEWEST_TRIALS else "none"


def make_rungs(pruner: "PrunerName", epochs: int) -> Rungs:
    """Place the rungs of a pruner.

    ``halving`` lets a third go on after a ninth of the epochs, and a third of those after a third.
    ``one-epoch`` lets a quarter go on after the first (Egele et al. 2023, arXiv:2307.15422, who
    find that one epoch ranks configurations nearly as well as elaborate schedules).

    Args:
        pruner: Which one.
        epochs: The epochs of a trial that is not pruned.
    """
    match pruner:
        case "none":
            return Rungs()
        case "halving":
            places = (
                max(1, round(epochs / HALVING_FACTOR**power))
                for power in range(HALVING_RUNGS, 0, -1)
            )
            rungs = sorted({place for place in places if place < epochs})
            return Rungs(epochs=tuple(rungs), share=1 / HALVING_FACTOR)
        case "one-epoch":
            return Rungs(epochs=(1,) if epochs > 1 else (), share=ONE_EPOCH_SHARE)


def expected_share(rungs: Rungs, epochs: int) -> float:
    """Return how much of its epochs a trial is trained on average, if every rung takes its share.

    Args:
        rungs: The rungs.
        epochs: Those of a trial that is not pruned.
    """
    done, left, trained = 0, 1.0, 0.0
    for stop in (*rungs.epochs, epochs):
        trained += left * (stop - done)
        done, left = stop, left * rungs.share
    return trained / epochs


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Say whether the trial of a slot goes on beyond a rung.

    Attributes:
        slot: The trial's slot.
        rung: The epoch of the rung.
        loss: Its smallest validation loss so far.
        goes_on: Whether it is trained on.
        reached: How many trials had reached the rung by then, this one among them.
        best: How many of them go on, at most.
    """

    slot: int
    rung: int
    loss: float
    goes_on: bool
    reached: int
    best: int

    @property
    def reason(self) -> str:
        """Say why the trial was pruned."""
        among = "the best" if self.best == 1 else f"among the best {self.best}"
        epoch = f"after epoch {self.rung}"
        return f"loss {self.loss:.4g} {epoch} was not {among} of {self.reached}"


class Race:
    """Decide about the trials of a search, rung by rung and slot by slot."""

    def __init__(self, rungs: Rungs) -> None:
        self._share = rungs.share
        self._losses: dict[int, dict[int, float | None]] = {rung: {} for rung in rungs.epochs}
        self._next = dict.fromkeys(rungs.epochs, 0)
        self._ranked: dict[int, list[float]] = {rung: [] for rung in rungs.epochs}

    def arrive(self, slot: int, rung: int, loss: float | None) -> None:
        """Note how a slot comes to a rung.

        Args:
            slot: The slot.
            rung: The epoch of the rung.
            loss: The smallest validation loss until then; infinity if the trial diverged on its
                way from the rung before; None if it never got so far.
        """
        self._losses[rung][slot] = loss

    def decide(self) -> Iterator[Decision]:
        """Yield the decisions that have become possible, in the order of slots at each rung."""
        for rung, losses in self._losses.items():
            while self._next[rung] in losses:
                slot = self._next[rung]
                self._next[rung] += 1
                loss = losses.pop(slot)
                if loss is None:
                    continue
                ranked = self._ranked[rung]
                bisect.insort(ranked, loss)
                best = math.ceil(len(ranked) * self._share - 1e-9)  # a third of 3 is 1
                if math.isinf(loss):
                    continue
                yield Decision(
                    slot=slot,
                    rung=rung,
                    loss=loss,
                    # Of equals the earlier slots rank first.
                    goes_on=bisect.bisect_right(ranked, loss) <= best,
                    reached=len(ranked),
                    best=best,
                )


def losses_at_rungs(history: TrainingHistory, rungs: Rungs) -> dict[int, float | None]:
    """Return how a trial came to each rung, as `Race.arrive` takes it.

    Args:
        history: The trial's history, up to its end or to the last rung it reached.
        rungs: The rungs.
    """
    losses: dict[int, float | None] = {}
    before = 0
    for rung in rungs.epochs:
        diverged = history.diverged_epoch
        if diverged is not None and diverged <= rung:
            losses[rung] = math.inf if diverged > before else None
        elif len(history) < rung:
            losses[rung] = None
        else:
            losses[rung] = float(history.column("validation_loss")[:rung].min())
        before = rung
    return losses
