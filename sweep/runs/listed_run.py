"""A run whose trials are listed, not searched for: what a study is made of.

Which trials there are may follow from the results of earlier ones (the comparison follows from the
tuning), but from nothing else: an interrupted run that goes on ends as an undisturbed one.
"""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sweep.data.dataset import Dataset
from sweep.data.preprocessing import PreparedData
from sweep.data.variants import vary
from sweep.errors import StorageError
from sweep.records import STUDY_STAGES, PlannedTrial, TrialRecord, worked_until
from sweep.runs.at_work import at_work, save_progress
from sweep.runs.folder import RunFolder
from sweep.runs.listed import train_listed
from sweep.runs.manifest import (
    changed_versions,
    count_outcomes,
    describe_run,
    timed,
)
from sweep.runs.preparation import load_same_data, prepare_data
from sweep.settings.study_settings import StudySettings
from sweep.training.cohort_rule import Site
from sweep.training.tasks import TrainingSets
from sweep.training.workers import device_of, start_workers, workers_of
from sweep.variant import AS_SPLIT, DataVariant

if TYPE_CHECKING:
    from sweep.training.cluster.remote import RemoteCluster  # Dask


Plan = Callable[[Sequence[TrialRecord]], Sequence[PlannedTrial]]
"""All trials that are known to belong to the run, given what has been recorded."""


class Listing(NamedTuple):
    """Hold what is to be trained.

    Attributes:
        study: The design, as the manifest keeps it.
        plan: Its trials.
        total: How many they are once all of them are known.
        sets: What they are trained on; see `prepare_sets`.
    """

    study: Mapping[str, Any]
    plan: Plan
    total: int
    sets: TrainingSets


class ListedRun:
    """Hold one run and its folder; iterate over `run` to make it happen.

    Attributes:
        cluster: Whose workers train, to be set before `run`; None for those of this machine.
        retry: Whether `run` trains again what failed.
    """

    def __init__(self, folder: RunFolder, settings: StudySettings, listing: Listing) -> None:
        self.folder = folder
        self.settings = settings
        self.listing = listing
        self.cluster: RemoteCluster | None = None
        self.retry = False
        self._failures = 0

    @classmethod
    def create(
        cls,
        settings: StudySettings,
        path: Path,
        *,
        data: tuple[Dataset, PreparedData],
        listing: Listing,
        command: str = "",
        cluster: "RemoteCluster | None" = None,
    ) -> "ListedRun":
        """Begin a run.

        Args:
            settings: What the user decided.
            path: The run folder; it must be new or empty.
            data: What `prepare_data` made of the settings.
            listing: What is to be trained.
            command: The command line that began the run, for the manifest.
            cluster: Whose workers train; left out, those of this machine.

        Raises:
            ConfigurationError: The folder cannot be used.
            StorageError: The folder cannot be made.
        """
        settings = settings.replace(workers=settings.workers or workers_of(cluster))
        folder = RunFolder.create(path)
        described = describe_run(settings, *data, name=path.resolve().name, command=command)
        folder.begin(
            described
            | {
                "kind": "study",
                "device": device_of(cluster),
                "study": dict(listing.study),
                "seconds": dict.fromkeys((*STUDY_STAGES, "total"), 0.0),
                "counts": count_outcomes([], listing.total),
                "confirmation": [],
                "winner": None,
                "test_touches": [],
            }
        )
        run = cls(folder, settings, listing)
        run.cluster = cluster
        return run

    @property
    def version_changes(self) -> list[str]:
        """Return a line for each library that changed since the run began."""
        return changed_versions(self.folder.read_manifest(), device_of(self.cluster))

    def run(self) -> Generator[TrialRecord]:
        """Do whatever of the run is not done yet.

        Yields:
            Each new record as its trial ends; it is safely in the run folder by then.

        Raises:
            StorageError: Another process works on the run, the disk or the engine fails, or
                ``max_failures`` trials failed in a row.
        """
        self._failures = 0
        device = device_of(self.cluster)
        sites = {
            variant: Site(training.inputs, training.outputs, device)
            for variant, training in self.listing.sets.items()
        }
        with (
            at_work(
                self.folder,
                planned=self.listing.total,
                settings={"report": self.settings.report, **self.settings.patience},
                retry=self.retry,
            ) as (manifest, records),
            start_workers(
                self.listing.sets,
                self.settings.workers or 1,
                worked_until(records),
                limits=self.settings.limits,
                cluster=self.cluster,
            ) as workers,
        ):
            while missing := self._missing(records):
                stage = missing[0].stage
                planned = [item for item in self.listing.plan(records) if item.stage == stage]
                with timed(manifest, stage):
                    for record in train_listed(
                        workers, planned, records, folder=self.folder, sites=sites
                    ):
                        yield record
                        self._count_failure(record)
                save_progress(self.folder, manifest, records, planned=self.listing.total)

    def _count_failure(self, record: TrialRecord) -> None:
        """Stop a run in which nothing works, in the order in which trials end."""
        self._failures = self._failures + 1 if record.outcome == "failed" else 0
        if self._failures >= self.settings.max_failures:
            raise StorageError(
                f"{record.trial}: {self._failures} trials failed in a row, this one with "
                f"{record.reason}; mend the cause, then `fitgap resume --failed` trains these and"
                " the rest"
            )

    def _missing(self, records: Sequence[TrialRecord]) -> list[PlannedTrial]:
        done = {record.trial for record in records}
        return [item for item in self.listing.plan(records) if item.trial not in done]


def reopen_data(folder: RunFolder, settings: StudySettings) -> tuple[Dataset, PreparedData]:
    """Load and prepare the data of a run that is to go on.

    Raises:
        DataError: The data cannot be loaded, or are not those of the run.
    """
    manifest = folder.read_manifest()
    return prepare_data(settings, load_same_data(settings, manifest))


def prepare_sets(
    data: tuple[Dataset, PreparedData], variants: Collection[DataVariant], *, seed: int
) -> TrainingSets:
    """Prepare every variant of the data that is trained on.

    Args:
        data: What `prepare_data` made.
        variants: The variants; that of the run's split is always among the result.
        seed: Seed of the run.

    Raises:
        DataError: There are too few rows for one of them.
    """
    dataset, prepared = data
    others = sorted({*variants} - {AS_SPLIT})
    return {
        AS_SPLIT: prepared.training,
        **{variant: vary(dataset, prepared.splits, variant, seed=seed) for variant in others},
    }
