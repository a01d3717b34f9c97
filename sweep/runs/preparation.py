"""What a sweep needs before its first trial: its data, split and prepared, and its length."""

import dataclasses
import math
from typing import Any

from sweep.data.dataset import Dataset, TrainingData
from sweep.data.names import did_you_mean, quoted
from sweep.data.preprocessing import PreparedData, prepare
from sweep.data.sources import load_dataset
from sweep.data.splitting import duplicated_across, split_rows
from sweep.data.variants import draw_rows
from sweep.errors import ConfigurationError, DataError
from sweep.runs.manifest import check_same_data
from sweep.scores import scores_of
from sweep.search.grid import every_configuration, grid_size
from sweep.seeds import derive_seed
from sweep.settings.run_settings import RunSettings
from sweep.settings.sweep_settings import MOST_TRIALS, SweepSettings
from sweep.space.feasibility import check_feasible
from sweep.space.search_space import parameters_of
from sweep.space.starts import is_on_grid, start_config


def plan_trials(settings: SweepSettings, data: TrainingData) -> int:
    """Return the number of slots of the search, at most: it ends where its space does."""
    return int(min(settings.trials, most_slots(settings, data)))


def most_slots(settings: SweepSettings, data: TrainingData) -> float:
    """Return how many configurations there are to be tried: often infinitely many."""
    if settings.sampler == "grid":
        beside = sum(not is_on_grid(table, settings.space) for table in settings.start)
        return grid_size(settings.space, data.inputs, data.outputs) + beside
    whole = every_configuration(settings.space, data.inputs, data.outputs)
    return math.inf if whole is None else len(whole)


def trial_warnings(settings: SweepSettings, data: TrainingData) -> list[str]:
    """Return what a user should know about the number of trials, one line each."""
    planned, starts, warnings = plan_trials(settings, data), len(settings.start), []
    if planned < settings.trials:
        what = "grid" if settings.sampler == "grid" else "space"
        size = "1 configuration" if planned == 1 else f"{planned:,} configurations"
        is_open = settings.budget is not None and settings.trials == MOST_TRIALS
        asked = f"a budget of {settings.budget}" if is_open else f"{settings.trials:,} trials"
        warnings.append(
            f"trials: {asked} in a {what} of {size}, each of which is tried once;"
            " widen the space with --set, or give more seeds with --confirm"
        )
    if planned < starts:
        warnings.append(
            f"start: of {starts} configurations to begin with only {planned} are tried; give more"
            " --trials"
        )
    return warnings


def check_space(settings: SweepSettings, data: TrainingData) -> None:
    """Refuse a space, or a start, that a cap on the number of parameters leaves nothing of.

    Raises:
        ConfigurationError: With every such fault.
    """
    check_feasible(settings.space, data.inputs, data.outputs)
    cap = settings.space.max_parameters
    sizes = [
        parameters_of(start_config(table, settings.space), data.inputs, data.outputs)
        for table in settings.start
    ]
    faults = [
        f"start.{place}: it has {size} parameters, more than max_parameters {cap}; leave it out, or"
        " raise max_parameters"
        for place, size in enumerate(sizes, start=1)
        if cap is not None and size > cap
    ]
    if faults:
        raise ConfigurationError(faults)


def check_score(settings: SweepSettings, dataset: Dataset) -> None:
    """Refuse a score that is none of the data's task.

    Raises:
        ConfigurationError: It is of another task.
    """
    name, known = settings.score, [score.name for score in scores_of(dataset.task)]
    if name is not None and name not in known:
        kind = "regression" if dataset.task == "regression" else "classification"
        guess = did_you_mean(name, known)
        raise ConfigurationError(
            f"--score: {name!r} is no score of a {kind}, which {dataset.target_name!r} of"
            f" {dataset.name} is;{f' {guess}' if guess else ''} give one of {', '.join(known)}"
        )


def prepare_data(
    settings: RunSettings, dataset: Dataset | None = None
) -> tuple[Dataset, PreparedData]:
    """Load, check, split and prepare the data of a run.

    Args:
        settings: What data, and how to split them.
        dataset: The data, if they are loaded already.

    Returns:
        The rows that the run uses of the data set, and the same prepared.

    Raises:
        ConfigurationError: Classes were to be weighted, and there are none.
        DataError: They cannot be read or learnt from.
    """
    data = dataset or load_data(settings)
    if settings.class_weight is not None and data.task == "regression":
        raise ConfigurationError(
            f"--class-weight: {settings.class_weight} is for classes, and"
            f" {quoted(data.target_name)} is the target of a regression; leave it out, or give"
            " --task classification"
        )
    data = dataclasses.replace(data, class_weight=settings.class_weight)
    if settings.rows is not None:
        data = draw_rows(data, settings.rows, seed=derive_seed(settings.seed, "rows"))
    split = settings.split
    seed = derive_seed(settings.seed, "split")
    splits = split_rows(data, fractions=(split.train, split.validation, split.test), seed=seed)
    if repeated := duplicated_across(data, splits):
        warning = (
            f"{repeated} rows of the validation and test splits also stand in the training split,"
            " so that scores flatter networks that memorise; remove duplicated rows, or give"
            " --group"
        )
        data = dataclasses.replace(data, warnings=(*data.warnings, warning))
    sample_seed = derive_seed(settings.seed, "sample")
    return data, prepare(data, splits, seed=sample_seed)


def load_data(settings: RunSettings) -> Dataset:
    """Load the data that the settings name.

    Raises:
        DataError: They cannot be read or learnt from.
    """
    return load_dataset(settings.data, settings.data_spec, data_dir=settings.data_dir)


def load_same_data(settings: RunSettings, manifest: dict[str, Any]) -> Dataset:
    """Load the data that a run began with.

    Args:
        settings: Of the run.
        manifest: Of the run, which has the path and the fingerprint of the data.

    Raises:
        DataError: They cannot be read or learnt from, or are not those of the run.
    """
    where = manifest["data"]["path"] or settings.data
    try:
        loaded = load_data(settings.replace(data=where))
    except DataError as err:
        fingerprint = manifest["data"]["fingerprint"]
        told = f"{where}: the run began with data whose SHA-256 was {fingerprint}; put them back"
        raise DataError([*err.faults, told]) from err
    check_same_data(manifest, loaded)
    return loaded
