"""How a study was done and what it cannot show: the part that lets others check it."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports import wording
from reports.pages.method import Facts, group, run_facts, weighting
from reports.pages.study_cards import arm_names, study_name
from reports.study_content import StudyContent

OBJECTIVES: Final = {"validation_loss": "validation loss", "train_loss": "train loss"}
MEASURED: Final = (
    "Train and validation figures are measured after each epoch on the same weights, with dropout "
    "off; what counts of a trial is the epoch with the smallest validation loss."
)
UNTOUCHED: Final = "No trial was pruned, and the test rows were not touched."
LONGEST: Final = 60


def sentences(content: StudyContent) -> list[str]:
    """Say in a few honest sentences what was done and what it cannot show."""
    design = content.design
    return [
        *_split(content),
        *weighting(content.data, _mapping(content.manifest.get("settings"))),
        *_tuning(design, content.trials),
        *_comparison(design),
        MEASURED,
        UNTOUCHED,
        *_caveats(design),
    ]


def facts(content: StudyContent) -> Facts:
    """Return what another person needs to do it again, as groups of names and values."""
    design, manifest = content.design, content.manifest
    fixed, nuisance = _mapping(design.get("fixed")), _mapping(design.get("nuisance"))
    plan = {
        "study": study_name(design),
        "arms": "; ".join(wording.shorten(name, LONGEST) for name in arm_names(design)),
        "seeds": design.get("seeds"),
        "folds": design.get("folds") or None,
        "tuning seeds": design.get("tuning_seeds") or None,
        "margin": design.get("margin"),
        **_mapping(design.get("options")),
    }
    return [
        *group("Design", plan),
        *group("Retuned in each arm", nuisance),
        *group("Held fixed", fixed),
        *group("Settings", _mapping(manifest.get("settings"))),
        *run_facts(manifest, content.trials),
    ]


def _split(content: StudyContent) -> list[str]:
    splits = content.data.get("splits") or {}
    if not splits:
        return []
    numbers = [f"{wording.count(splits.get(name))} {name}" for name in splits]
    text = f"The rows were split into {wording.join(numbers)} rows before anything was fitted"
    return [f"{text}; scaling and encoding know the train rows only."]


def _tuning(design: Mapping[str, Any], trials: pd.DataFrame) -> list[str]:
    tuned = trials[trials["stage"] == "tuning"]
    if tuned.empty:
        return []
    nuisance = _mapping(design.get("nuisance"))
    what = wording.join([_setting(key, value) for key, value in nuisance.items()])
    what = what or "the settings that are not in question"
    numbers = tuned["arm"].value_counts() if "arm" in tuned else pd.Series([len(tuned)])
    fewest, most = int(numbers.min()), int(numbers.max())
    each = f"{wording.plural(most, 'trial')} each"
    effort = f"the same effort, {each}" if fewest == most else f"{wording.count(fewest)} to {each}"
    measure = OBJECTIVES.get(str(design.get("objective") or "validation_loss"), "validation loss")
    seeds = int(design.get("tuning_seeds") or 0)
    over = f" over {wording.plural(seeds, 'seed')}" if seeds else ""
    text = f"First each arm was tuned by itself, with {effort}: {what}."
    return [
        f"{text} What had the smallest mean {measure}{over} went on; these seeds serve only that."
    ]


def _comparison(design: Mapping[str, Any]) -> list[str]:
    seeds, folds = int(design.get("seeds") or 0), int(design.get("folds") or 0)
    if not seeds:
        return []
    arms = len(arm_names(design))
    who = f"each of the {arms} arms" if arms > 1 else "the one arm"
    on = f"{wording.plural(seeds, 'fresh seed')}"
    on += f" in each of {folds} folds" if folds > 1 else ""
    shared = (
        " Arms share seeds, rows and the order of the rows, so they are compared pair by pair."
        if arms > 1
        else ""
    )
    return [f"Then {who} was trained on {on}.{shared}"]


def _caveats(design: Mapping[str, Any]) -> list[str]:
    fixed = _mapping(design.get("fixed"))
    told = []
    if fixed:
        values = wording.join([_setting(key, value) for key, value in fixed.items()])
        told.append(f"Held fixed: {values}. With other values the answer may differ.")
    if int(design.get("folds") or 0) < 2:
        told.append(
            "All trials saw one split of the data: the intervals tell how other seeds would have "
            "ended, not other rows."
        )
    return told


def _setting(key: object, value: object) -> str:
    name = wording.shorten(str(key), 40).replace("_", " ")
    if isinstance(value, list | tuple):
        values = ", ".join(wording.setting(one) for one in value[:8])
        return f"{name} ({values}{', …' if len(value) > 8 else ''})"
    return f"{name} {wording.shorten(wording.setting(value), LONGEST)}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
