"""What runs were told: the settings that differ between them, and those that do not."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.study_content import StudyTable
from reports.wording import MISSING, clean, shorten
from studies.comparison.runs import ComparedRun

LONGEST: Final = 80  # characters of a name
FINGERPRINT: Final = 12  # characters of it that are shown
DATA: Final = ("name", "source", "target", "task", "rows", "features")
RUN: Final = ("device", "machine", "threads_per_worker", "lag", "rungs")
DESIGN: Final = ("study", "seeds", "folds", "tuning_seeds", "objective", "margin")
ELSEWHERE: Final = frozenset({"space", "report", "data", "study", "parameters", "storage"})

Told = dict[tuple[str, str], str]


def settings_tables(runs: Sequence[ComparedRun]) -> tuple[StudyTable, StudyTable]:
    """Tell settings, data, seeds and versions that differ between runs from the others.

    Args:
        runs: Two or more.

    Returns:
        Those that differ, with a column a run; and those that are the same.
    """
    told = [_told(run.manifest) for run in runs]
    keys = list(dict.fromkeys(key for each in told for key in each))
    values = {key: [each.get(key, MISSING) for each in told] for key in keys}
    differing = [key for key in keys if len(set(values[key])) > 1]
    rows = [[group, name, *values[group, name]] for group, name in differing]
    same = [[group, name, values[group, name][0]] for group, name in keys]
    same = [row for row in same if (row[0], row[1]) not in set(differing)]
    return (
        StudyTable(
            id="settings",
            title="Settings that differ",
            table=pd.DataFrame(rows, columns=["About", "Setting", *(run.label for run in runs)]),
            note="Everything recorded of the runs in which they differ, apart from their results.",
        ),
        StudyTable(
            id="same-settings",
            title="Settings that are the same",
            table=pd.DataFrame(same, columns=["About", "Setting", "Value"]),
            note="The same in all runs.",
        ),
    )


def changed_versions(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Return what changed from the versions of one run to those of another, such as ``a 1 to 2``.

    Args:
        first: Manifest of the one.
        second: Manifest of the other.
    """
    before, after = _versions(first), _versions(second)
    return [
        f"{shorten(name, LONGEST)} {before.get(name, MISSING)} to {after.get(name, MISSING)}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _told(manifest: Mapping[str, Any]) -> Told:
    data = manifest["data"]
    facts = {name: data.get(name) for name in DATA}
    facts["fingerprint"] = str(data.get("fingerprint") or "")[:FINGERPRINT]
    facts |= {f"{name} rows": count for name, count in (data.get("splits") or {}).items()}
    groups: dict[str, Mapping[str, Any]] = {
        "data": facts,
        "seeds": {f"of the {key}": seed for key, seed in (manifest.get("seeds") or {}).items()},
        "settings": {
            key: value for key, value in manifest["settings"].items() if key not in ELSEWHERE
        },
        "search space": manifest.get("space") or {},
        "design": _design(manifest.get("study")),
        "run": {name: manifest.get(name) for name in RUN},
        "versions": _versions(manifest),
    }
    return {
        (group, shorten(str(name).replace("_", " "), LONGEST)): _text(value)
        for group, facts in groups.items()
        for name, value in facts.items()
        if value not in (None, "", [], {})
    }


def _design(study: object) -> dict[str, Any]:
    if not isinstance(study, Mapping):
        return {}
    arms = [str(arm.get("name")) for arm in study.get("arms") or () if isinstance(arm, Mapping)]
    told: dict[str, Any] = {name: study.get(name) for name in DESIGN}
    told["arms"] = f"{len(arms)}: {'; '.join(arms)}"
    for key, values in (study.get("nuisance") or {}).items():
        told[f"tuned over {key}"] = values
    for key, value in (study.get("fixed") or {}).items():
        told[f"fixed {key}"] = value
    return told | dict(study.get("options") or {})


def _versions(manifest: Mapping[str, Any]) -> dict[str, str]:
    known = {"fitgap": manifest.get("fitgap"), **(manifest.get("versions") or {})}
    return {str(name): _text(version) for name, version in known.items() if version}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    # Every digit, or values that differ would look the same.
    return f"{value:,}" if isinstance(value, int) else clean(str(value))
