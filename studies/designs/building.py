"""From the roles of the parameters to arms and candidates: the design that is run."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy.stats import qmc

from studies.designs.design import Arm, Probes, StudyDesign, Value
from studies.designs.spec import FIXED, Overrides, StudySpec
from sweep.config import TrialConfig
from sweep.errors import ConfigurationError
from sweep.optimizers import WITH_MOMENTUM
from sweep.seeds import derive_seed
from sweep.settings.study_settings import StudySettings
from sweep.variant import DataVariant

MOST_ARMS: Final = 200
MOST_CANDIDATES: Final = 12  # of an arm; of a larger grid so many points are drawn
OF_DATA: Final = ("train_rows", "label_noise")
OF_NETWORKS: Final = frozenset(field.name for field in dataclasses.fields(TrialConfig))

WORDS: Final = {"learning_rate": "rate", "label_noise": "label noise", "train_rows": "rows"}


def build_design(spec: StudySpec, settings: StudySettings, overrides: Overrides) -> StudyDesign:
    """Build the design of a study.

    What the user fixed, is fixed; of what the user gave several values, and is no question of this
    study, each arm chooses its own.

    Args:
        spec: The roles of the parameters.
        settings: What the user decided.
        overrides: What the user said of hyperparameters.

    Raises:
        ConfigurationError: There are no arms, or too many, or arms that would differ in their
            tuning effort, or that would tune what they are trained on.
    """
    scientific = {key for arm in spec.arms for key in arm}
    rest = overrides.without(*scientific, *spec.nuisance)
    base = {**FIXED, **spec.fixed, **{key: values[0] for key, values in rest.items()}}
    base["epochs"] = settings.epochs or spec.epochs
    if settings.label_noise:
        base["label_noise"] = settings.label_noise
    nuisance = {key: overrides.values(key, tried) for key, tried in spec.nuisance.items()}
    nuisance |= {key: values for key, values in rest.items() if len(values) > 1}
    names = spec.names or tuple(name_arm(arm) for arm in spec.arms)
    _check_arms(names)
    _check_nuisance(nuisance)
    arms = tuple(
        dataclasses.replace(
            _arm(name, values, base, nuisance, seed=settings.seed),
            follows=spec.follows.get(name, ""),
        )
        for name, values in zip(names, spec.arms, strict=True)
    )
    efforts = {len(arm.candidates) for arm in arms}
    if len(efforts) > 1:
        raise ConfigurationError(
            f"arms: they would try {min(efforts)} to {max(efforts)} settings each; give each as"
            " many, such as one number of learning rates to every optimizer, so that none is tuned"
            " harder"
        )
    used = {key for arm in arms for key in _tried(arm.scientific, base, nuisance)}
    tuned = {key: tuple(nuisance[key]) for key in nuisance if key in used}
    fixed = {key: value for key, value in base.items() if key not in {*scientific, *tuned}}
    fixed |= {key: values[0] for key, values in tuned.items() if len(values) == 1}
    alone = len(arms[0].candidates) == 1
    return StudyDesign(
        study=spec.study,
        question=spec.question,
        arms=arms,
        contrasts=(_contrasts(names, spec.reference) if spec.contrasts is None else spec.contrasts),
        seeds=settings.seeds,
        folds=settings.folds,
        tuning_seeds=0 if alone else spec.tuning_seeds,
        objective=spec.objective,
        margin=settings.margin or spec.margin,
        nuisance={key: values for key, values in tuned.items() if len(values) > 1},
        fixed=_of_these_arms(fixed, arms),
        options=spec.options,
        probes=spec.probes and _fitted(spec.probes, spec.epochs, settings),
        units=spec.units,
    )


def _fitted(probes: Probes, epochs: int, settings: StudySettings) -> Probes:
    """Return the probes of a study that the user made longer, shorter or smaller."""
    length = round(probes.epochs * (settings.epochs or epochs) / epochs)
    return dataclasses.replace(
        probes, epochs=max(length, 1), seeds=min(probes.seeds, settings.seeds)
    )


def name_arm(values: Mapping[str, Value]) -> str:
    """Name an arm by its values, such as ``width 64, dropout 0.5``."""
    parts = []
    for key, value in values.items():
        word = WORDS.get(key.partition(".")[0], key.partition(".")[0].replace("_", " "))
        match value:
            case bool():
                parts.append(f"{word} {'yes' if value else 'no'}")
            case int():
                parts.append(f"{word} {value:,}")
            case float():
                parts.append(f"{word} {value:g}")
            case _:
                parts.append(value)
    return ", ".join(parts)


def all_combinations(values: Mapping[str, Sequence[Value]]) -> tuple[dict[str, Value], ...]:
    """Return every combination of values, the last key varying fastest."""
    return tuple(
        dict(zip(values, combination, strict=True))
        for combination in itertools.product(*values.values())
    )


def _arm(
    name: str,
    values: Mapping[str, Value],
    base: Mapping[str, Value],
    nuisance: Mapping[str, Sequence[Value]],
    *,
    seed: int,
) -> Arm:
    tried = _tried(values, base, nuisance)
    points = draw_points([len(choices) for choices in tried.values()], seed=seed)
    settings = [
        {key: choices[place] for (key, choices), place in zip(tried.items(), point, strict=True)}
        for point in points
    ]
    candidates = tuple(
        dict.fromkeys(_config({**base, **setting, **values}) for setting in settings)
    )
    data = {key: {**base, **values}.get(key) for key in OF_DATA}
    variant = DataVariant(
        train_rows=int(data["train_rows"] or 0), label_noise=float(data["label_noise"] or 0.0)
    )
    return Arm(name=name, scientific=dict(values), candidates=candidates, variant=variant)


def _tried(
    values: Mapping[str, Value],
    base: Mapping[str, Value],
    nuisance: Mapping[str, Sequence[Value]],
) -> dict[str, Sequence[Value]]:
    """Return the nuisance parameters that an arm has: not the rates of other optimizers."""
    known = {**base, **values}
    optimizers = nuisance.get("optimizer", (known.get("optimizer", "adam"),))
    rates = {f"learning_rate.{name}" for name in optimizers}
    return {
        key: choices
        for key, choices in nuisance.items()
        if key not in values
        and (not key.startswith("learning_rate.") or key in rates)
        and not (key.startswith("learning_rate.") and "learning_rate" in values)
    }


def draw_points(sizes: Sequence[int], *, seed: int) -> list[tuple[int, ...]]:
    """Return the points of a grid: all of them, or a scrambled quasi-random choice.

    Args:
        sizes: Number of values of each parameter.
        seed: Seed of the choice.

    Returns:
        Places in each list of values, at most `MOST_CANDIDATES` points, from Sobol' numbers
        (scipy's, scrambled) where the grid has more.
    """
    if np.prod(sizes, dtype=np.int64) <= MOST_CANDIDATES:
        return list(itertools.product(*map(range, sizes)))
    numbers = qmc.Sobol(len(sizes), scramble=True, rng=derive_seed(seed, "tuning")).random(256)
    places = (tuple(int(n * size) for n, size in zip(row, sizes, strict=True)) for row in numbers)
    return list(dict.fromkeys(places))[:MOST_CANDIDATES]


def _config(values: Mapping[str, Value]) -> TrialConfig:
    """Make the configuration of values by key; what cannot matter has one value for all."""
    known: dict[str, Any] = {key: values[key] for key in values if key in OF_NETWORKS}
    if "learning_rate" not in known:
        known["learning_rate"] = values[f"learning_rate.{known['optimizer']}"]
    if known["depth"] == 0:
        known |= {"width": 0, "dropout": 0.0, "activation": "relu"}
    if known["optimizer"] not in WITH_MOMENTUM:
        known["momentum"] = 0.0
    return TrialConfig(**known)


def _check_arms(names: Sequence[str]) -> None:
    if not names:
        raise ConfigurationError("arms: there are none; give at least two")
    if len(names) > MOST_ARMS:
        raise ConfigurationError(f"arms: {len(names)} are too many; give at most {MOST_ARMS}")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ConfigurationError(f"arms: two are called {twice[0]!r}; give each its own values")


def _check_nuisance(nuisance: Mapping[str, Sequence[Value]]) -> None:
    """Refuse to choose the data: a setting with fewer rows, or more noise, answers another task."""
    faults = [
        f"--set {key}: an arm cannot choose what it is trained on; give one value, or make it"
        " scientific in a study of your own"
        for key in OF_DATA
        if key in nuisance
    ]
    if faults:
        raise ConfigurationError(faults)


def _of_these_arms(fixed: Mapping[str, Value], arms: Sequence[Arm]) -> dict[str, Value]:
    """Return what is fixed without the learning rates of optimizers that no arm has."""
    optimizers = {candidate.optimizer for arm in arms for candidate in arm.candidates}
    rates = {f"learning_rate.{name}" for name in optimizers}
    kept = {key: fixed[key] for key in fixed if "." not in key or key in rates}
    if len(rates) == 1:  # then there is but one learning rate
        kept = {key.partition(".")[0]: value for key, value in kept.items()}
    return kept


def _contrasts(names: Sequence[str], reference: str) -> tuple[tuple[str, str], ...]:
    if reference:
        return tuple((name, reference) for name in names if name != reference)
    return tuple((second, first) for first, second in itertools.combinations(names, 2))
