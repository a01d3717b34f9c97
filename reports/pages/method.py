"""How the sweep was done, and with what: the part of the page that lets others check it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports import wording
from reports.content import SweepContent

FEWEST_FINISHED: Final = 10  # for importances, and for the best of k trials

Facts = list[tuple[str, list[tuple[str, str]]]]


def day(moment: object) -> str:
    """Write the day and the minute of an ISO 8601 time; ``""`` if it is none."""
    try:
        return f"{dt.datetime.fromisoformat(str(moment)):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return ""


def source(data: Mapping[str, Any]) -> str:
    """Describe the data in a few words.

    Args:
        data: The manifest's description of the data.
    """
    splits = data.get("splits") or {}
    parts = [
        f"{wording.count(data.get('rows'))} rows",
        wording.plural(int(data.get("features") or 0), "feature"),
    ]
    classes = data.get("classes") or ()
    if classes and data.get("task") != "regression":
        parts.append(f"{wording.count(len(classes))} classes")
    if data.get("target"):
        parts.append(f"target {wording.shorten(str(data['target']), 40)}")
    if splits:
        numbers = " / ".join(
            wording.count(splits.get(name)) for name in ("train", "validation", "test")
        )
        parts.append(f"split {numbers}")
    if data.get("effective_rows"):
        parts.append("rows have weights")
    return ", ".join(parts)


def sentences(content: SweepContent) -> list[str]:
    """Say in a few honest sentences what was done and what it cannot show."""
    manifest, splits = content.manifest, content.data.get("splits") or {}
    settings, confirmed = manifest.get("settings") or {}, manifest.get("confirmation") or ()
    train, validation, test = (
        wording.count(splits.get(name)) for name in ("train", "validation", "test")
    )
    planned = wording.count((manifest.get("counts") or {}).get("planned"))
    sampler = wording.shorten(str(settings.get("sampler", "unknown sampler")), 24)
    touches = len(manifest.get("test_touches") or ())
    split = (
        f"The rows were split into {train} train, {validation} validation and {test} test rows "
        "before anything was fitted; scaling and encoding know the train rows only."
    )
    search = (
        f"{planned} configurations were planned (sampler: {sampler}), each for up to "
        f"{wording.count(settings.get('epochs'))} epochs; what counts is the epoch with the "
        "smallest validation loss."
    )
    measured = (
        "Train and validation figures are measured after each epoch on the same weights, with "
        f"dropout off{_evaluation_rows(content)}."
    )
    by = f" by their mean {content.score.title}" if content.score.chooses else ""
    chosen = (
        f"The best {wording.plural(len(confirmed), 'configuration')} were retrained on fresh seeds "
        f"and the winner was chosen on those{by}: the best of many always looks better than it is."
        if confirmed
        else "No configuration was confirmed on fresh seeds: the claimed score is optimistic."
    )
    tested = {0: "The test rows were not touched.", 1: "The test rows were touched once."}.get(
        touches, f"The test rows were touched {touches} times; each further look weakens them."
    )
    caveat = (
        "All trials saw one split of the data, so nothing here tells how another split would have "
        "ended; validation scores serve to choose and are therefore slightly optimistic, too."
    )
    begun = [split, *weighting(content.data, settings), search, *_pruning(content), measured]
    if not content.winner:
        return [*begun, tested]
    return [*begun, chosen, tested, caveat, *_not_measured(content)]


def weighting(data: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """Say what rows and classes count, in a sentence each where they do not count alike.

    Args:
        data: The manifest's description of the data.
        settings: The run's.
    """
    told = []
    if effective := data.get("effective_rows"):
        rows = wording.count((data.get("splits") or {}).get("validation"))
        told.append(
            "Rows have weights, by which the networks were trained and losses, scores and their "
            f"errors are measured: the {rows} validation rows tell as much as "
            f"{wording.count(round(effective['validation']))} of equal weight."
        )
    if settings.get("class_weight"):
        told.append(
            "In the training loss, and in it alone, classes count alike, however many rows each "
            "has: what is measured counts the rows."
        )
    return told


def _not_measured(content: SweepContent) -> list[str]:
    """Say which figures are missing since the trials do not allow them."""
    searched = content.searched
    finished = int((searched["outcome"] == "finished").sum())
    told = []
    if content.importance.empty and finished < FEWEST_FINISHED:
        told.append(
            f"How much each hyperparameter matters was not measured: {wording.count(finished)} "
            f"trials finished, and it takes {FEWEST_FINISHED}."
        )
    if content.best_of.empty and (searched["outcome"] == "pruned").any():
        told.append(
            "The best of k trials is not drawn: the pruner chose which trials finished, so they "
            "are no independent draws."
        )
    elif content.best_of.empty and finished < FEWEST_FINISHED:
        told.append(f"The best of k trials is not drawn: it takes {FEWEST_FINISHED} finished ones.")
    return told


def _pruning(content: SweepContent) -> list[str]:
    """Say by which rule trials were pruned, and what was not; nothing where none could be."""
    rungs = list(content.manifest.get("rungs") or ())
    settings = content.manifest.get("settings") or {}
    pruner = wording.shorten(str(settings.get("pruner") or "none"), 24)
    if not rungs or pruner == "none":
        return []
    epochs = wording.join([wording.setting(rung) for rung in rungs])
    best = {"halving": "best third", "one-epoch": "best quarter"}.get(pruner, "best")
    rule = (
        f"Trials could be pruned after {'epoch' if len(rungs) == 1 else 'epochs'} {epochs} "
        f"(pruner: {pruner}): one went on only if its smallest validation loss so far was among "
        f"the {best} of the trials up to it that had come as far. The confirmation was not pruned."
    )
    told = [rule]
    audited = int((content.trials["stage"] == "audit").sum())
    if audited:
        told.append(
            f"{wording.plural(audited, 'pruned trial')}, drawn at random, "
            f"{'was' if audited == 1 else 'were'} trained to the end as an audit of the pruning; "
            "nothing was chosen among these."
        )
    return told


def facts(content: SweepContent) -> Facts:
    """Return what another person needs to do it again, as groups of names and values."""
    manifest = content.manifest
    return [
        *group("Settings", manifest.get("settings") or {}),
        *group("Search space", _space(manifest)),
        *run_facts(manifest, content.trials),
    ]


def _space(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {**(manifest.get("space") or {}), "warnings": manifest.get("warnings")}


def run_facts(manifest: Mapping[str, Any], trials: pd.DataFrame) -> Facts:
    """Return what is to be known about the data, the run and the versions of any run.

    Args:
        manifest: Of the run folder.
        trials: The trials table.
    """
    data = manifest.get("data") or {}
    seeds = manifest.get("seeds") or {}
    return [
        *group(
            "Data",
            {
                "name": data.get("name"),
                "source": data.get("source"),
                "fingerprint (SHA-256)": data.get("fingerprint"),
                "task": data.get("task"),
                "target": data.get("target"),
                "rows": data.get("rows"),
                "features": data.get("features"),
                "input shape": data.get("input_shape"),
                "classes": _classes(data.get("classes") or ()),
                "warnings": data.get("warnings"),
            },
        ),
        *group(
            "Run",
            {
                "name": manifest.get("name"),
                "state": manifest.get("state"),
                "started": day(manifest.get("created")),
                "finished": day(manifest.get("finished")),
                **{f"seed of the {key}": number for key, number in seeds.items()},
                "lag of the search": manifest.get("lag"),
                "epochs at which trials may be pruned": manifest.get("rungs"),
                "cohorts": _cohorts(trials),
                "threads per worker": manifest.get("threads_per_worker"),
                "device": manifest.get("device"),
                "machine": manifest.get("machine"),
            },
        ),
        *group("Versions", {"fitgap": manifest.get("fitgap"), **(manifest.get("versions") or {})}),
    ]


def group(title: str, values: Mapping[str, Any]) -> Facts:
    """Return a titled group of facts, or none if no value is known.

    Args:
        title: What they are about.
        values: Anything by name; what is empty is left out.
    """
    pairs = _pairs(values)
    return [(title, pairs)] if pairs else []


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (wording.shorten(str(key)).replace("_", " "), wording.shorten(_text(value), 300))
        for key, value in values.items()
        if value not in (None, "", [], {})
    ]


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _classes(names: object) -> str:
    labels = (
        [wording.shorten(str(name), 24) for name in names]
        if isinstance(names, list | tuple)
        else []
    )
    if not labels:
        return ""
    shown = ", ".join(labels[:12])
    return f"{len(labels)}: {shown}{' …' if len(labels) > 12 else ''}"


def _cohorts(trials: pd.DataFrame) -> str:
    """Say how many trials were trained together; ``""`` where each was trained alone."""
    if "cohort" not in trials:
        return ""
    sizes = trials["cohort"].value_counts()
    if not len(sizes) or sizes.max() < 2:
        return ""
    return (
        f"{wording.plural(int(sizes.sum()), 'trial')} in {wording.count(len(sizes))}, of up to "
        f"{wording.count(int(sizes.max()))}"
    )


def _evaluation_rows(content: SweepContent) -> str:
    rows = content.data.get("evaluation_rows")
    train = (content.data.get("splits") or {}).get("train")
    if wording.is_number(rows) and wording.is_number(train) and rows < train:
        return f", train on a fixed sample of {wording.count(rows)} of its rows"
    return ""
