"""The whole bench: every family, many problems each, in as many processes as wanted."""

import concurrent.futures
import contextlib
import functools
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from typing import Any

from studies.bench.judging import FAMILIES, Stream, judge_one
from studies.bench.scoring import Case

Progress = Callable[[int, int], None]


def run_bench(
    *,
    instances: int,
    seed: int,
    stream: Stream,
    workers: int = 1,
    after_problem: Progress | None = None,
) -> list[Case]:
    """Judge the problems of every family.

    Args:
        instances: Problems of each family.
        seed: The bench's seed.
        stream: ``calibration`` or ``report``, two sets that share no problem.
        workers: Processes; results do not depend on it.
        after_problem: Called with the number of problems done, and of all.

    Returns:
        The cases of every problem, in a fixed order.
    """
    places = [
        (name, index * family.times + again)
        for index in range(instances)
        for name, family in FAMILIES.items()
        for again in range(family.times)
    ]
    judge = functools.partial(_judge, seed=seed, stream=stream)
    cases: list[Case] = []
    with _mapping(workers) as mapping:
        for done, found in enumerate(mapping(judge, places), start=1):
            cases += found
            if after_problem is not None:
                after_problem(done, len(places))
    return cases


def _judge(place: tuple[str, int], *, seed: int, stream: Stream) -> list[Case]:
    family, index = place
    return judge_one(family, index, seed=seed, stream=stream)


@contextlib.contextmanager
def _mapping(workers: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Yield a map over processes that are started afresh: TensorFlow does not survive a fork."""
    if workers == 1:
        yield map
        return
    context = multiprocessing.get_context("spawn")
    pool = concurrent.futures.ProcessPoolExecutor(
        workers, mp_context=context, initializer=_leave_interrupts
    )
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Let the process that started this one hear of an interrupt, and stop it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
