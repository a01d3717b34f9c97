"""Open a sweep's and a study's page in Debian's chromium, and watch what it does there."""

import dataclasses
import os
from pathlib import Path

import axe_playwright_python
import numpy as np
import pandas as pd
import pytest

from reports.content import SweepContent
from reports.findings import Finding
from reports.pages.study_page import render_study
from reports.pages.sweep_page import render_sweep
from reports.study_content import ForestFigure, ResponseFigure, StudyContent, StudyTable

SHOTS = Path(__file__).parents[3] / "build" / "screenshots"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORMULA = "=HYPERLINK(1)"


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A page on disk and what it was made from."""

    kind: str
    path: Path
    content: SweepContent | StudyContent

    @property
    def address(self):
        return self.path.as_uri()


class Watched:
    """A tab, and everything that went wrong or went out of it."""

    def __init__(self, context, address):
        self.address = address
        self.tab = context.new_page()
        self.requests, self.complaints = [], []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda message: self._note(message.type, message.text))
        self.tab.on("pageerror", lambda error: self._note("error", str(error)))

    def _note(self, kind, text):
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    @property
    def foreign(self):
        return [url for url in self.requests if not url.startswith((self.address, "blob:"))]


@pytest.fixture(scope="session")
def pages(run_maker, tmp_path_factory):
    """The page of a sweep and that of a study, written once."""
    folder = tmp_path_factory.mktemp("pages")
    run = run_maker(trials=20, epochs=12, confirm=2, lost=0.25)
    contents = {"sweep": run, "study": study_of(run)}
    written = {}
    for kind, content in contents.items():
        html = render_sweep(content) if kind == "sweep" else render_study(content)
        path = folder / f"{kind}.html"
        path.write_text(html, encoding="utf-8")
        written[kind] = Written(kind, path, content)
    return written


@pytest.fixture(params=["sweep", "study"])
def page_file(request, pages):
    """One page after the other."""
    return pages[request.param]


@pytest.fixture
def visit(browser):
    """Open a page; when the test ends, nothing may have gone wrong or out."""
    opened = []

    def go(written, *, anchor="", **options):
        given = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        context = browser.new_context(**given)
        watched = Watched(context, written.address)
        opened.append((context, watched))
        watched.tab.goto(f"{written.address}{anchor}")
        return watched.tab

    yield go
    for context, watched in opened:
        context.close()
        assert watched.foreign == []
        assert watched.complaints == []


@pytest.fixture(scope="session")
def shut_out():
    """Name what shuts readers out of a page, by axe-core: the rule and where it is broken."""
    script = AXE.read_text(encoding="utf-8")

    def find(tab, rules=RULES):
        tab.evaluate(script)
        run = "rules => axe.run(document, {runOnly: rules})"
        found = tab.evaluate(run, list(rules))["violations"]
        return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]

    return find


@pytest.fixture
def keep(request):
    """Keep a picture of a tab under build/screenshots, to be looked at."""

    def take(tab, name="", *, whole=False):
        SHOTS.mkdir(parents=True, exist_ok=True)
        case = request.node.name.replace("[", "-").replace("]", "").removeprefix("test_")
        tab.screenshot(path=SHOTS / f"{case[:100]}{name}.png", full_page=whole)

    if os.environ.get("FITGAP_NO_SCREENSHOTS"):
        return lambda *_args, **_options: None
    return take


def study_of(run):
    """Make up a study of two arms from the trials of a sweep; one arm has a harmful name."""
    names = ("none", FORMULA)
    count = len(run.trials)
    trials = run.trials.reset_index(drop=True).assign(
        stage=pd.array(["comparison"] * count, dtype="str"),
        arm=pd.array([names[place % 2] for place in range(count)], dtype="str"),
        replicate=[place // 2 + 1 for place in range(count)],
    )
    gap = np.array([0.09, 0.06, 0.04])
    curve = pd.DataFrame(
        {"panel": "", "series": "gap", "x": [0.0, 0.2, 0.5], "mean": gap, "low": gap - 0.01,
         "high": gap + 0.01}
    )  # fmt: skip
    forest = pd.DataFrame(
        {"comparison": [f"{FORMULA} - none"], "difference": [-0.01], "low": [-0.02], "high": [0.0],
         "verdict": ["undecided"]}
    )  # fmt: skip
    return StudyContent(
        manifest={
            **run.manifest, "kind": "study", "winner": None, "confirmation": [],
            "study": {"study": "dropout", "seeds": 10, "arms": [{"name": name} for name in names]},
        },
        question="Does dropout narrow the gap?",
        answer="Dropout of 0.5 narrows the gap from 0.09 to 0.04.",
        paragraph=["The paired difference is 0.05 (95 % interval 0.04 to 0.06, 10 seeds)."],
        findings=[
            Finding(code="study.dropout", about="study", subject="", verdict="answer",
                    sentence="Best in trial s0003.", level="warning", next_step="See s0003."),
        ],
        figures=[
            ResponseFigure(
                id="dose", title="The gap against the rate", finding="More dropout, less gap.",
                how_to_read="One dot a rate, with its interval.", x_name="dropout rate",
                x_scale="linear", y_name="gap", table=curve,
                marks=pd.DataFrame({"panel": [], "x": [], "label": []}),
            ),
            ForestFigure(
                id="pairs", title="Each against none", finding="It cannot be told which is better.",
                how_to_read="Right of zero: better.", unit="accuracy", margin=0.01, table=forest,
            ),
        ],
        tables=[StudyTable(id="arms", title="The arms",
                           table=pd.DataFrame({"Arm": names, "Gap": [0.09, -0.04]}))],
        trials=trials, verdicts=run.verdicts, epochs=run.epochs,
    )  # fmt: skip
