"""Read a page back as a browser would, and give names that mean harm."""

import html.parser
from pathlib import Path

import pytest

pytest_plugins = ["tests.browser", "tests.postgres"]

VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
HOSTILE = (
    "<script>alert(1)</script>",
    "$\\frac$",
    "_leading",
    "\u202eright to left\u202c \u0627\u0644\u0639",
    "🙂 emoji",
    "x" * 500,
    "'\"><img src=x onerror=alert(1)>",
    "NUL \x00 and \x1b[31m red",
    "{{ 7 * 7 }} </style></script>",
)


class Page(html.parser.HTMLParser):
    """Read a page back; complain about tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.ids, self.tags, self.text, self.figures = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.stack == [], f"left open: {self.stack}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]
        if tag == "figure":
            self.figures.append([])
        if self.figures:
            self.figures[-1].append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]

    def handle_endtag(self, tag):
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack and self.stack[-1] not in {"style", "script"}:
            self.text.append(data)

    @property
    def words(self):
        return "".join(self.text)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="session")
def read_page():
    """Parse a whole document; fail if its tags do not match."""
    return Page


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def hostile_name(request):
    """A name that would break a page, a drawing or a terminal if it were not only text."""
    return request.param


# The fast tests of these rooms reach the same lines, and what draws and simulates takes twice as
# long when lines are traced.
UNTRACED = (
    "reports", "studies/bench", "studies/catalog", "studies/diagnosis", "studies/statistics",
    "sweep/search", "faults", "security",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.slow)
        inside = any(item.path.is_relative_to(here / room) for room in UNTRACED)
        if inside and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)
