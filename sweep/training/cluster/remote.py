"""An existing Dask cluster: reached, looked at, and left as it was."""

import contextlib
import logging
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

import distributed

from sweep.config import Device
from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.training.cluster.address import ClusterAddress
from sweep.training.cluster.plugin import HoldData
from sweep.training.device import find_device
from sweep.training.shared_data import MappedData, store_data
from sweep.training.tasks import TrainingSets, one_line
from sweep.training.versions import COMMON
from sweep.variant import DataVariant

REACH_SECONDS: Final = 30
WORKER_SECONDS: Final = 120  # until the first worker has come
ANSWER_SECONDS: Final = 60
MOST_FAULTS: Final = 5

Facts = Mapping[str, Any]


class RemoteCluster:
    """Hold the link to an existing cluster, whose workers come and go as they like.

    Attributes:
        device: What its workers train on.
    """

    patience: float | None = None  # whoever runs the cluster may have reasons for an empty one
    advice = "give its workers more memory"

    def __init__(self, address: ClusterAddress) -> None:
        """Reach a cluster, and see that its workers fit.

        Raises:
            StorageError: There is none, or no worker, or one that does not fit, with every fault.
        """
        self.resources = address.resources
        self._address = address
        self.lost = (
            f"cluster: the scheduler {address.scheduler} is gone; what is finished is safe; start"
            " another one, then `fitgap resume RUN --scheduler ADDRESS`"
        )
        self._places: dict[str, int] = {}
        self._held: str | None = None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self.client = distributed.Client(
                address.scheduler, set_as_default=False, timeout=REACH_SECONDS
            )
        except Exception as err:
            # Whatever listens at that address may answer anything.
            raise StorageError(
                f"cluster: {address.scheduler}: no Dask scheduler answers ({one_line(err)}); start"
                " it, or mend the address"
            ) from err
        try:
            self.device = self._meet_workers()
        except BaseException:
            self.client.close(timeout=2)
            raise

    @property
    def workers(self) -> int:
        """Return how many workers can be given a task, as far as was seen."""
        return self.places()

    def start(self, told: Callable[[], object]) -> None:
        """Tell that the workers are up: they were before."""
        told()

    def hold(self, plugin: HoldData) -> None:
        """Have every worker hold the data until `close`, also those that come later."""
        self.client.register_plugin(plugin)
        self._held = plugin.name

    def share(self, sets: TrainingSets) -> dict[DataVariant, TrainingData | MappedData]:
        """Put the data into the shared folder, if there is one.

        Raises:
            StorageError: They cannot be written there.
        """
        folder = self._address.shared_path
        if folder is None:
            return dict(sets)
        return {variant: store_data(data, folder) for variant, data in sets.items()}

    def places(self) -> int:
        """Return how many tasks can be done at a time now."""
        most = self._address.most
        found = sum(self._places.values())
        return found if most is None else min(found, most)

    def fit(self) -> list[str]:
        """Return the addresses of the workers that may be given a task."""
        return [address for address, places in self._places.items() if places]

    def look_again(self) -> bool:
        """Look who came and went; newcomers that do not fit are given nothing.

        Returns:
            Whether somebody came or went.
        """
        before = self._places
        try:
            present = self.client.nthreads()
            facts = self._ask([address for address in present if address not in before])
        except (OSError, TimeoutError, ValueError):  # they go while they are asked
            return False
        self._places = {
            address: places for address, places in before.items() if address in present
        } | {
            address: 0 if self._faults(address, fact) else self._places_of(fact)
            for address, fact in facts.items()
        }
        return self._places != before

    def check_start(self) -> None:
        """Do nothing: a cluster that was reached is up."""

    def close(self) -> None:
        """Leave the cluster as it was; workers end what they do first."""
        if self.client.status == "closed":
            return
        if self._held is not None and self.client.status == "running":
            with contextlib.suppress(OSError, TimeoutError):  # it may be gone by now
                self.client.unregister_worker_plugin(self._held)
        self.client.close(timeout=5)

    def _meet_workers(self) -> Device:
        """Wait for the first worker, and look at all of them."""
        where = self._address.scheduler
        try:
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as err:
            raise StorageError(
                f"cluster: {where}: no worker came within {WORKER_SECONDS} s; start some, such as"
                f" `dask worker {where} --nthreads 1`"
            ) from err
        facts = self._ask(list(self.client.nthreads()))
        faults = [line for address, fact in facts.items() for line in self._faults(address, fact)]
        if faults:
            more = len(faults) - MOST_FAULTS
            rest = [f"cluster: {more} more faults of this kind; mend those first"] * (more > 0)
            raise StorageError([*faults[:MOST_FAULTS], *rest])
        self._places = {address: self._places_of(fact) for address, fact in facts.items()}
        deadline = time.monotonic() + WORKER_SECONDS
        while not self.places() and time.monotonic() < deadline:
            time.sleep(1)
            self.look_again()
        if not self.places():
            wanted = ", ".join(f"{name}={amount:g}" for name, amount in self.resources.items())
            raise StorageError(
                f"--resource: no worker of {where} has {wanted}; start workers with `--resources"
                f' "{wanted}"`, or leave --resource out'
            )
        devices = self.client.run(find_device, workers=self.fit())
        if len(kinds := {*devices.values()}) > 1:
            listed = ", ".join(f"{address} {kind}" for address, kind in sorted(devices.items()))
            raise StorageError(
                f"cluster: {where}: its workers train on different devices ({listed}), whose"
                " results differ; choose those of one kind by --resource"
            )
        return kinds.pop()  # type: ignore[no-any-return]  # Dask ships no types

    def _ask(self, addresses: Sequence[str]) -> dict[str, Facts]:
        if not addresses:
            return {}
        answers: dict[str, Facts] = self.client.run(
            _describing(COMMON), workers=list(addresses), on_error="return"
        )
        return answers

    def _faults(self, address: str, fact: Facts | BaseException) -> list[str]:
        """Return what keeps a worker from training what this process would."""
        if isinstance(fact, BaseException):
            said = f"it cannot say what it is ({one_line(fact)})"
            wanted = f"Python {_python()} and what this process has"
            return [f"cluster: worker {address}: {said}; give it {wanted}"]
        here = _describing(COMMON)(None)
        faults = [
            f"cluster: worker {address}: {name} is {there or 'missing'}, here it is {version};"
            " install the same version on both"
            for name, version in here["versions"].items()
            if (there := fact["versions"].get(name)) != version
        ]
        if fact["threads"] != 1:
            faults.append(
                f"cluster: worker {address}: it has {fact['threads']} threads, and a trial is"
                " trained by one; start it with `--nthreads 1`, and `--nworkers` for several"
            )
        return faults

    def _places_of(self, fact: Facts) -> int:
        has = fact["resources"]
        return int(all(has.get(name, 0) >= amount for name, amount in self.resources.items()))


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def _describing(names: Sequence[str]) -> Callable[[Any], Facts]:
    """Return a function that describes a worker, which need not have this package for it.

    Functions inside functions travel by value, others by name.
    """

    def describe(dask_worker: Any) -> Facts:  # noqa: ANN401 - a worker of Dask's, or None for this process
        found = {"python": ".".join(platform.python_version_tuple()[:2])}
        for name in names:
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                continue
        if dask_worker is None:
            return {"versions": found}
        return {
            "versions": found,
            "threads": dask_worker.state.nthreads,
            "resources": dict(dask_worker.state.total_resources),
        }

    return describe
