"""A sweep from its settings to its confirmed network: the stages, and what each leaves behind."""

import dataclasses
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sweep.data.dataset import Dataset
from sweep.data.preprocessing import PreparedData
from sweep.errors import ConfigurationError
from sweep.records import PlannedTrial, TrialRecord, worked_until
from sweep.runs.at_work import at_work, save_progress
from sweep.runs.audit import audited_trials
from sweep.runs.baselines import fit_baselines
from sweep.runs.confirmation import replicates, summarise
from sweep.runs.folder import RunFolder
from sweep.runs.left_out import LeftOut, guarded
from sweep.runs.length import expect_trials, time_budget
from sweep.runs.listed import train_listed
from sweep.runs.manifest import (
    changed_versions,
    check_same_data,
    count_outcomes,
    describe_scores,
    new_manifest,
    now,
    timed,
)
from sweep.runs.mirroring import check_mirror, mirrored
from sweep.runs.preparation import (
    check_score,
    check_space,
    load_same_data,
    most_slots,
    plan_trials,
    prepare_data,
    trial_warnings,
)
from sweep.runs.ranking import best_slots
from sweep.runs.retries import failed_before
from sweep.runs.winner import (
    choose_winner,
    describe_winner,
    is_whole,
    measure_winner,
    save_winner,
    write_winner,
)
from sweep.scores import SCORES, Score, scores_of
from sweep.search.loop import DEFAULT_LAG, SearchLoop, SearchPlan, choose_lag
from sweep.search.rungs import choose_pruner, make_rungs
from sweep.search.study import SearchStudy
from sweep.settings.budget import read_budget
from sweep.settings.sweep_settings import SweepSettings
from sweep.training.cohort_rule import Site
from sweep.training.device import default_workers
from sweep.training.workers import Workers, device_of, start_workers, workers_of
from sweep.variant import AS_SPLIT

if TYPE_CHECKING:
    from sweep.search.mirror import Mirror  # SQLAlchemy, which most runs do without
    from sweep.training.cluster.remote import RemoteCluster  # Dask


class Sweep:
    """Hold one sweep and its run folder; iterate over `run` to make it happen.

    Attributes:
        cluster: Whose workers train, to be set before `run`; None for those of this machine.
        retry: Whether `run` trains again what failed.
        planned: Slots of the search; with a budget of time an estimate, until the search is over.
    """

    def __init__(self, folder: RunFolder, settings: SweepSettings, prepared: PreparedData) -> None:
        self.folder = folder
        self.settings = settings
        self.prepared = prepared
        self.cluster: RemoteCluster | None = None
        self.retry = False
        self.planned = expect_trials(settings, prepared.training)

    @classmethod
    def create(
        cls,
        settings: SweepSettings,
        path: Path,
        *,
        dataset: Dataset | None = None,
        command: str = "",
        cluster: "RemoteCluster | None" = None,
        notes: Sequence[str] = (),
    ) -> "Sweep":
        """Begin a run: everything that can be wrong is found here, before any training.

        Args:
            settings: What to do.
            path: The run folder; it must be new or empty.
            dataset: The data, if they are loaded already; otherwise ``settings.data`` is.
            command: The command line that began the run, for the manifest.
            cluster: Whose workers train; left out, those of this machine.
            notes: What else is to be told of the run beside its warnings.

        Raises:
            ConfigurationError: The space, or the folder, cannot be used.
            DataError: The data cannot be used.
            StorageError: The folder cannot be made, or the database cannot be used.
        """
        data, prepared = prepare_data(settings, dataset)
        check_score(settings, data)
        check_space(settings, prepared.training)
        # More workers than the lag would have nothing to do.
        some = workers_of(cluster)
        workers = settings.workers or min(some, settings.lag or some)
        settings = settings.replace(
            workers=workers,
            lag=settings.lag or choose_lag(workers),
            # A grid too large is found out here, and leaves no folder behind.
            pruner=settings.pruner or choose_pruner(expect_trials(settings, prepared.training)),
        )
        check_mirror(settings, path)
        folder = RunFolder.create(path)
        sweep = cls(folder, settings, prepared)
        sweep.cluster = cluster
        manifest = new_manifest(settings, data, prepared, name=path.resolve().name, command=command)
        manifest["device"] = device_of(cluster)
        manifest["counts"] = count_outcomes([], sweep.planned)
        manifest |= {"notes": list(notes), "warnings": [*sweep.warnings, *notes]}
        folder.begin(manifest)
        return sweep

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        trials: int | None = None,
        workers: int | None = None,
        audit: bool = False,
        changes: Mapping[str, object] = MappingProxyType({}),
        dataset: Dataset | None = None,
    ) -> "Sweep":
        """Open a run to continue it, up to ``trials`` trials if given, or to audit its pruning.

        Of ``changes``, ``storage`` takes the place of the database that mirrors the study (``none``
        is for none), ``budget`` that of a budget of time that is not more, and each of
        `sweep.settings.run_settings.PATIENCE` that of its like.

        A run that is continued to more trials equals one that was begun with as many and the same
        pruner.

        Raises:
            ConfigurationError: There is no run, or it has more trials than ``trials`` already.
            DataError: The data cannot be loaded, or are not those of the run.
            StorageError: The manifest cannot be read.
        """
        folder = RunFolder.open(path)
        manifest = folder.read_manifest()
        settings = SweepSettings.read(manifest["settings"])
        if trials is not None and trials < settings.trials:
            raise ConfigurationError(
                f"--trials: {trials} is fewer than the {settings.trials} of the run; give more, or"
                " leave it out"
            )
        given = {key: value for key, value in changes.items() if value is not None}
        if "budget" in given:
            _check_budget(str(given["budget"]), settings.budget)
        settings = SweepSettings.read({**manifest["settings"], **given})
        lag = settings.lag or DEFAULT_LAG
        settings = settings.replace(
            trials=trials or settings.trials,
            # More workers than the lag would have nothing to do.
            workers=min(workers or default_workers(), lag),
            audit=audit or settings.audit,
        )
        if dataset is not None:
            check_same_data(manifest, dataset)
        data = dataset or load_same_data(settings, manifest)
        return cls(folder, settings, prepare_data(settings, data)[1])

    @property
    def warnings(self) -> list[str]:
        """Return what a user should know about the trials, one line each."""
        return trial_warnings(self.settings, self.prepared.training)

    @property
    def version_changes(self) -> list[str]:
        """Return a line for each library that changed since the run began."""
        return changed_versions(self.folder.read_manifest(), device_of(self.cluster))

    def leave_out(self, names: Collection[str]) -> None:
        """Do without ``baselines`` or the ``report`` from now on, to be called before `run`."""
        self.settings = self.settings.replace(**dict.fromkeys(names, False))

    def run(self) -> Generator[TrialRecord]:
        """Do whatever of the sweep is not done yet.

        Once the winner is saved and tested, nothing that follows can fail the run: what could not
        be made stands in the manifest's ``left_out``.

        Yields:
            Each new record as its trial ends; it is safely in the run folder by then.

        Raises:
            StorageError: Another process works on the run, or the disk or the engine fails.
        """
        settings = self.settings
        changed = {
            "trials": settings.trials, "audit": settings.audit, "storage": settings.storage,
            "baselines": settings.baselines, "report": settings.report,
            "budget": settings.budget, **settings.patience,
        }  # fmt: skip
        with (
            mirrored(settings, self.folder.read_manifest()) as mirror,
            at_work(self.folder, planned=self.planned, settings=changed, retry=self.retry) as (
                manifest,
                records,
            ),
            start_workers(
                self.prepared.training,
                settings.workers or 1,
                worked_until(records),
                limits=settings.limits,
                cluster=self.cluster,
            ) as workers,
        ):
            manifest["left_out"] = []
            # Runs from before there was a choice.
            manifest.setdefault("scores", describe_scores(settings.score, self._task))
            manifest["warnings"] = [*self.warnings, *manifest.get("notes", ())]
            yield from self._search(workers, manifest, records, mirror)
            yield from self._confirm(workers, manifest, records)
            self._conclude(workers, manifest, records)
            save_progress(self.folder, manifest, records, planned=self.planned)
            left_out: list[LeftOut] = []
            with guarded("audit", left_out):
                yield from self._audit(workers, manifest, records)
            with guarded("baselines", left_out):
                self._fit_baselines(manifest, records)
            with guarded("storage", left_out):
                if mirror is not None and (fault := mirror.finish()) is not None:
                    left_out.append(LeftOut(stage="storage", error="", text=fault, where=""))
            manifest["left_out"] = [dataclasses.asdict(one) for one in left_out]

    def _search(
        self,
        workers: Workers,
        manifest: dict[str, Any],
        records: list[TrialRecord],
        mirror: "Mirror | None",
    ) -> Iterator[TrialRecord]:
        known = {record.slot: record for record in records if record.stage == "search"}
        study = SearchStudy(
            self.settings,
            inputs=self.prepared.training.inputs,
            outputs=self.prepared.training.outputs,
            journal=self.folder.journal_path,
            mirror=mirror,
        )
        failed = failed_before(self.folder).values()
        again = {record.slot: record for record in failed if record.stage == "search"}
        loop = SearchLoop(study, workers, self._search_plan(), again)
        with timed(manifest, "search"):
            for record in loop.run(self._most_slots, known, self._save):
                records.append(record)
                self.planned = loop.planned or self.planned
                yield record
        self.planned = loop.planned
        save_progress(self.folder, manifest, records, planned=self.planned)

    def _save(self, record: TrialRecord) -> None:
        """Write a record of the search, and forget the baselines: they follow from its work."""
        self.folder.baselines_path.unlink(missing_ok=True)
        self.folder.append_record(record)

    @property
    def _most_slots(self) -> int:
        return plan_trials(self.settings, self.prepared.training)

    def _confirm(
        self, workers: Workers, manifest: dict[str, Any], records: list[TrialRecord]
    ) -> Iterator[TrialRecord]:
        if not self.settings.confirm:
            return
        search = [record for record in records if record.stage == "search"]
        best = best_slots(search, self.settings.confirm_top, self._chosen)
        wanted = replicates(best, seed=self.settings.seed, seeds=self.settings.confirm)
        with timed(manifest, "confirmation"):
            yield from self._train(workers, wanted, records)
        names = {item.trial for item in wanted}
        confirmed = [record for record in records if record.trial in names]
        manifest["confirmation"] = summarise(best, confirmed, self.shown)

    def _audit(
        self, workers: Workers, manifest: dict[str, Any], records: list[TrialRecord]
    ) -> Iterator[TrialRecord]:
        if not self.settings.audit:
            return
        search = [record for record in records if record.stage == "search"]
        with timed(manifest, "audit"):
            wanted = audited_trials(search, seed=self.settings.seed)
            yield from self._train(workers, wanted, records)

    def _train(
        self, workers: Workers, planned: Sequence[PlannedTrial], records: list[TrialRecord]
    ) -> Iterator[TrialRecord]:
        return train_listed(
            workers, planned, records, folder=self.folder, sites={AS_SPLIT: self._site}
        )

    def _fit_baselines(self, manifest: dict[str, Any], records: Sequence[TrialRecord]) -> None:
        if not self.settings.baselines or self.folder.baselines_path.exists():
            return
        with timed(manifest, "baselines"):
            search = [record for record in records if record.stage == "search"]
            table = fit_baselines(self.prepared.training, search, seed=self.settings.seed)
            self.folder.write_baselines(table)

    def _conclude(
        self, workers: Workers, manifest: dict[str, Any], records: Sequence[TrialRecord]
    ) -> None:
        """Touch the test split, once for each network that is chosen."""
        choice = choose_winner(records, manifest["confirmation"], self._chosen)
        if choice is None:
            return
        folder, before = self.folder.best_path, manifest["winner"]
        same = before is not None and before["saved_from"] == choice.saved.trial
        if same and is_whole(before, folder):
            saved = {name: before[name] for name in ("sha256", "rerun_difference")}
        else:
            rungs = manifest.get("rungs", ())
            saved = save_winner(choice, self.prepared, workers, rungs, folder)
        if same:
            # A damaged file saved again is no reason for another touch.
            measured = before["test"], before.get("scores", {})
        else:
            # Written down first: a touch that a crash interrupts is a touch.
            manifest["test_touches"].append({"when": now(), "trial": choice.saved.trial})
            self.folder.write_manifest(manifest)
            measured = measure_winner(saved, self.prepared, workers, folder, self.shown)
        manifest["winner"] = describe_winner(choice, saved, measured, self.shown)
        write_winner(manifest["winner"], folder)

    @property
    def shown(self) -> Score:
        """Return the score that is shown first."""
        return self._chosen or scores_of(self._task)[0]

    @property
    def _chosen(self) -> Score | None:
        return None if self.settings.score is None else SCORES[self.settings.score]

    @property
    def _task(self) -> str:
        return self.prepared.training.task

    @property
    def _site(self) -> Site:
        training = self.prepared.training
        return Site(training.inputs, training.outputs, device_of(self.cluster))

    def _search_plan(self) -> SearchPlan:
        settings, training = self.settings, self.prepared.training
        return SearchPlan(
            lag=settings.lag or DEFAULT_LAG,
            max_failures=settings.max_failures,
            rungs=make_rungs(settings.pruner or "none", settings.epochs),
            site=self._site,
            end=most_slots(settings, training),
            budget=time_budget(settings, training),
        )


def _check_budget(budget: str, before: str | None) -> None:
    """Refuse to change a run that had no budget of time, or had more."""
    old, new = read_budget(before).seconds, read_budget(budget).seconds
    if old is None:
        raise ConfigurationError("--budget: the run began without one of time; give --trials")
    if new is None or new < old:
        raise ConfigurationError(
            f"--budget: {budget} is less than the {before} of the run; give more, or leave it out"
        )
