"""The mirror of a sweep's study in a database, for a run that has one: SQLAlchemy's only user."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweep.settings.sweep_settings import SweepSettings

if TYPE_CHECKING:
    from sweep.search.mirror import Mirror


def check_mirror(settings: SweepSettings, path: Path) -> None:
    """Find out whether the study of a run that has not begun can be mirrored.

    Args:
        settings: Of the run.
        path: Its folder, whose name the study takes.

    Raises:
        ConfigurationError: The driver is not installed, or there is such a study already.
        StorageError: The database cannot be used.
    """
    if settings.storage is not None:
        from sweep.search.mirror import check_storage  # noqa: PLC0415 - SQLAlchemy, seldom needed

        check_storage(settings.storage, path.resolve().name)


@contextlib.contextmanager
def mirrored(settings: SweepSettings, manifest: Mapping[str, Any]) -> "Iterator[Mirror | None]":
    """Mirror the study of a run as long as the context lasts; yield None without a database.

    Raises:
        ConfigurationError: The driver is not installed, or the study is another run's.
        StorageError: The database cannot be used, or another process writes to the study.
    """
    if settings.storage is None:
        yield None
        return
    from sweep.search.mirror import open_mirror  # noqa: PLC0415 - as above
    from sweep.search.storage import StudyAddress  # noqa: PLC0415 - as above

    address = StudyAddress(
        url=settings.storage,
        study=manifest["name"],
        run=manifest.get("id", manifest["created"]),  # runs of an earlier version have no id
    )
    with open_mirror(address) as opened:
        yield opened
