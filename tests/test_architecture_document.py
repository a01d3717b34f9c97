import itertools
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def named_paths():
    """The paths of this project that the page names, with {a,b} written out."""
    for name in re.findall(r"`((?:sweep|studies|reports|tests)/[^`<]*)`", PAGE):
        parts = [part.split(",") for part in re.split(r"[{}]", name)]
        yield from ("".join(each) for each in itertools.product(*parts))


def test_every_place_that_the_page_names_is_there():
    names = list(named_paths())
    assert len(names) > 40
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_room_has_its_line():
    rooms = {
        path.parent.relative_to(ROOT).as_posix()
        for package in ("sweep", "studies", "reports")
        for path in (ROOT / package).glob("*/__init__.py")
    }
    told = set(named_paths()) | {"reports/pages", "reports/outputs", "studies/commands"}
    assert rooms - told == set()
