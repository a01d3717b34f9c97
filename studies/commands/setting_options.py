"""The options that are settings: each is said once, by the field it becomes."""

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from sweep.settings.fields import Group, Setting, Settings

Container = argparse._ActionsContainer  # noqa: SLF001 - what parsers and their groups have in common


def add_options(
    containers: Mapping[Group, Container],
    settings: type[Settings],
    *,
    only: Iterable[str] = (),
    helps: Mapping[str, str] | None = None,
) -> None:
    """Add the options of some settings to the command line.

    Args:
        containers: Where those of a group go; groups that are not there are left out.
        settings: Their class.
        only: The keys of those that are options here; all if empty.
        helps: What to say of some in place of their own words, by key.
    """
    for key, (name, each) in settings.options().items():
        container = containers.get(each.group) if each.group else None
        if container is not None and (not only or key in only):
            _add(container, key, name, each, (helps or {}).get(key))


def read_options(settings: type[Settings], options: argparse.Namespace) -> dict[str, Any]:
    """Return what the options say of settings, by field; what was not given is left out.

    Numbers are read as such; all else is left to the settings to judge.
    """
    found: dict[str, Any] = {}
    for key, (_, each) in settings.options().items():
        value = getattr(options, key, None)
        if value is None:
            continue
        if each.rule.has_range:
            value = read_number(value)
        table, _, name = key.rpartition(".")
        (found.setdefault(table, {}) if table else found)[name] = value
    return found


def read_number(text: str | None) -> object:
    """Return an option's text as a number if it is one; the settings judge what it should be.

    Whole numbers may be written as ``1e3``.
    """
    if text is None:
        return None
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return int(value) if float(value).is_integer() else value
    return text


def _add(container: Container, key: str, name: str, each: Setting, text: str | None) -> None:
    said = text or each.help
    if each.rule.kind != "boolean":
        action = "append" if each.rule.kind == "texts" else "store"
        metavar = "COL" if each.rule.kind == "texts" else each.metavar
        container.add_argument(name, dest=key, metavar=metavar, action=action, help=said)
    elif each.default is None:
        container.add_argument(name, dest=key, action=argparse.BooleanOptionalAction, help=said)
    else:
        said = f"do not {said}" if each.default and text is None else said
        container.add_argument(
            name, dest=key, action="store_const", const=not each.default, help=said
        )
