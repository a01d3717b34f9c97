"""A study at work: its design, its progress, its answer."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from reports.wording import setting
from reports.words.saying import say
from studies.catalog.designing import design_study
from studies.commands.console import open_console, open_progress_console, say_left_out
from studies.commands.durations import describe_duration
from studies.commands.interruption import Interrupted
from studies.commands.progress import show_progress
from studies.commands.running import Changes, say_how_to_resume, say_retried, say_warnings
from studies.commands.study_tally import StudyTally
from studies.designs.context import StudyContext
from studies.designs.cost import fit_budget, study_seconds
from studies.designs.design import StudyDesign
from studies.designs.planning import count_stages, count_trials, plan_trials
from studies.reporting import write_conclusions
from sweep.data.dataset import Dataset
from sweep.data.names import printable
from sweep.data.preprocessing import PreparedData
from sweep.errors import NothingUsableError
from sweep.runs.folder import RunFolder
from sweep.runs.listed_run import ListedRun, Listing, prepare_sets, reopen_data
from sweep.runs.preparation import prepare_data
from sweep.settings.budget import read_budget
from sweep.settings.study_settings import StudySettings
from sweep.training.cohort_rule import Site
from sweep.training.cost import Work
from sweep.training.device import default_workers, find_device
from sweep.training.workers import workers_of

if TYPE_CHECKING:
    from sweep.training.cluster.remote import RemoteCluster  # Dask

LONGEST: Final = 200


def begin(
    settings: StudySettings, path: Path, command: str, cluster: "RemoteCluster | None" = None
) -> int:
    """Make a run folder and do the study.

    Args:
        settings: What to do.
        path: The folder.
        command: The command line, for the manifest.
        cluster: Whose workers train; left out, those of this machine.

    Returns:
        The exit code.
    """
    settings = settings.replace(workers=settings.workers or workers_of(cluster))
    data, design, work = _design(settings)
    listing = _listing(design, data, settings)
    run = ListedRun.create(
        settings, path, data=data, listing=listing, command=command, cluster=cluster
    )
    return _run(run, design, work, data[0].warnings)


def go_on(
    path: Path,
    changes: Changes,
    cluster: "RemoteCluster | None" = None,
) -> int:
    """Do what is left of a study.

    Args:
        path: Its run folder.
        changes: What is asked of it now.
        cluster: Whose workers train; left out, those of this machine.

    Returns:
        The exit code.
    """
    folder = RunFolder.open(path)
    manifest = folder.read_manifest()
    settings = StudySettings.read({**manifest["settings"], **changes.settings})
    settings = settings.replace(
        workers=changes.workers or workers_of(cluster),
        report=settings.report and "report" not in changes.left_out,
    )
    design = StudyDesign.from_json(manifest["study"])
    data = reopen_data(folder, settings)
    run = ListedRun(folder, settings, _listing(design, data, settings))
    run.cluster = cluster
    run.retry = changes.failed
    versions = [
        f"{change}; new trials may differ in their last digits" for change in run.version_changes
    ]
    told = say_retried(folder) if changes.failed else []
    return _run(run, design, _work(data[1], settings), [*told, *versions])


def print_design(settings: StudySettings) -> None:
    """Check everything, print the arms, the trials and the expected time; train nothing.

    Raises:
        ConfigurationError: The design is not possible.
        DataError: The data cannot be used.
    """
    data, design, work = _design(settings)
    dataset, prepared = data
    prepare_sets(data, design.variants(), seed=settings.seed)
    console = open_console()
    tuning, compared, probes = count_stages(design).values()
    tuned = "; ".join(
        f"{key} {', '.join(map(setting, values))}" for key, values in design.nuisance.items()
    )
    training = prepared.training
    folds = f" x {design.folds} folds" if design.folds else ""
    facts = {
        "question": design.question,
        "data": f"{dataset.name}: {dataset.task}, train {len(training.x_train):,} rows,"
        f" validation {len(training.x_validation):,}; the test rows are not touched",
        "arms": f"{len(design.arms)}",
        "retuned in each arm": tuned if design.tuning_seeds else "nothing",
        "fixed": ", ".join(f"{key} {value}" for key, value in design.fixed.items()),
        "tuning": f"{tuning:,} trials: {design.candidates} settings x {design.tuning_seeds} seeds"
        " an arm"
        if tuning
        else "none",
        "comparison": f"{compared:,} trials: {design.seeds} paired seeds{folds} an arm",
        **({"probes": f"{probes:,} short trials"} if probes else {}),
        "contrasts": f"{len(design.contrasts)}, with Holm's correction; a difference in score of"
        f" less than {design.margin:g} is no matter",
        "time": f"about {describe_duration(study_seconds(design, work))} with"
        f" {work.workers} {'worker' if work.workers == 1 else 'workers'}",
    }
    for name, text in facts.items():
        console.print(
            Text.assemble((f"{name}: ", "bold"), printable(text, longest=1000)), soft_wrap=True
        )
    console.print()
    for arm in design.arms:
        console.print(f"  {printable(arm.name, longest=LONGEST)}", soft_wrap=True)
    console.print("\nNothing was trained; leave out --dry-run to begin.")


def _design(
    settings: StudySettings,
) -> tuple[tuple[Dataset, PreparedData], StudyDesign, Work]:
    """Load the data and design the study; whatever is wrong is found here."""
    budget = read_budget(settings.budget)
    data = prepare_data(settings)
    work = _work(data[1], settings)
    context = StudyContext.of(data[1].training, label_noise=settings.label_noise)
    return data, fit_budget(design_study(settings, context), budget, work), work


def _work(prepared: PreparedData, settings: StudySettings) -> Work:
    training = prepared.training
    return Work(
        site=Site(training.inputs, training.outputs, find_device()),
        train_rows=len(training.x_train),
        validation_rows=len(training.x_validation),
        workers=settings.workers or default_workers(),
    )


def _listing(
    design: StudyDesign, data: tuple[Dataset, PreparedData], settings: StudySettings
) -> Listing:
    return Listing(
        study=design.as_json(),
        plan=lambda records: plan_trials(design, records, seed=settings.seed),
        total=count_trials(design),
        sets=prepare_sets(data, design.variants(), seed=settings.seed),
    )


def _run(run: ListedRun, design: StudyDesign, work: Work, warnings: Sequence[str]) -> int:
    folder, progress = run.folder, open_progress_console()
    say_warnings(warnings, progress)
    try:
        show_progress(run, StudyTally(run, design, work), progress)
    except (Interrupted, KeyboardInterrupt):
        say_how_to_resume(folder, progress)
        raise
    report = folder.report_path if run.settings.report else None
    findings = write_conclusions(folder, report=report)
    say_left_out(findings)
    _print_result(folder, say(findings[0]).sentence, report=run.settings.report)
    if not any(
        record.outcome == "finished" and record.stage == "comparison" for record in folder.records()
    ):
        raise NothingUsableError(
            f"{folder.path}: no network of the comparison was trained to its end;"
            f" see `fitgap status {shlex.quote(str(folder.path))}`"
        )
    return 0


def _print_result(folder: RunFolder, sentence: str, *, report: bool) -> None:
    """Print the answer, and where everything about it stands."""
    where = shlex.quote(str(folder.path))
    lines = [("report", str(folder.report_path))] if report else []
    lines += [("tables", str(folder.path)), ("details", f"fitgap status {where}")]
    console = open_console(expendable=True)
    console.print("", sentence, "", sep="\n", soft_wrap=True)
    for name, text in lines:
        console.print(Text.assemble((f"{name:<9}", "bold"), text), soft_wrap=True)
