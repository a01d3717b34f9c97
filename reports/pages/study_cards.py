"""The numbers at the head of a study's page."""

from collections.abc import Mapping
from typing import Any, Final

from reports import wording
from reports.pages.cards import Card, time_card, trials_card
from reports.study_content import StudyContent

MOST_NAMES: Final = 6
STAGES: Final = ("tuning", "comparison", "probe")


def cards(content: StudyContent) -> list[Card]:
    """Return the numbers of the page's head."""
    return [
        _study_card(content.design),
        _pairs_card(content.design),
        trials_card(content.manifest),
        time_card(content.manifest, STAGES),
    ]


def study_name(design: Mapping[str, Any]) -> str:
    """Return what a study is called; ``""`` if that is not known.

    Args:
        design: The manifest's description of it.
    """
    return str(design.get("name") or design.get("study") or "")


def arm_names(design: Mapping[str, Any]) -> list[str]:
    """Return the names of a study's arms.

    Args:
        design: The manifest's description of it.
    """
    arms = design.get("arms") or ()
    return [str(arm.get("name", "")) if isinstance(arm, Mapping) else str(arm) for arm in arms]


def _study_card(design: Mapping[str, Any]) -> Card:
    names = arm_names(design)
    shown = [wording.shorten(name, 32) for name in names[:MOST_NAMES]]
    more = [f"and {len(names) - len(shown)} more"] if len(names) > len(shown) else []
    remark = "; ".join([*shown, *more]) or "no arm known"
    name = wording.shorten(study_name(design), 24)
    arms = wording.plural(len(names), "arm")
    return Card(name=f"Arms of {name}" if name else "Arms", value=arms, remark=remark)


def _pairs_card(design: Mapping[str, Any]) -> Card:
    seeds, folds = int(design.get("seeds") or 0), int(design.get("folds") or 0)
    if not seeds:
        return Card(name="Seeds", value=wording.MISSING, remark="not known")
    if folds > 1:
        remark = f"{seeds} seeds in each of {folds} folds, the same for all arms"
        return Card(name="Pairs", value=wording.count(seeds * folds), remark=remark)
    remark = "the same for all arms: differences are paired"
    return Card(name="Seeds", value=wording.count(seeds), remark=remark)
