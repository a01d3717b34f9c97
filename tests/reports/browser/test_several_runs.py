"""The pages about several runs, in a browser: open to everybody, quiet, and sortable."""

import pandas as pd
import pytest

from reports.comparison_content import (
    ComparisonContent,
    CurvesFigure,
    CurvesPanel,
    IndexContent,
    ListedFolder,
    RunSide,
)
from reports.findings import Finding
from reports.pages.compare_page import render_comparison
from reports.pages.index_page import render_index
from reports.study_content import ForestFigure, StudyTable

pytestmark = pytest.mark.slow

HARMFUL = "</script>$x_1$"


class Page:
    """A page on disk, as `visit` opens it."""

    def __init__(self, folder, name, html):
        self.path = folder / f"{name}.html"
        self.path.write_text(html, encoding="utf-8")
        self.address = self.path.as_uri()


@pytest.fixture(params=["comparison", "index"])
def page_file(request, run, tmp_path):
    """One page after the other."""
    html = render_comparison(comparison(run)) if request.param == "comparison" else index()
    return Page(tmp_path, request.param, html)


def comparison(run):
    labels = ["old", HARMFUL]
    sides = [
        RunSide(
            label=label, manifest={**run.manifest, "kind": "sweep"}, trials=run.trials,
            network="hidden layer 64, relu", parameters=1234, seeds=5, score=(mean, 0.8, 0.99),
            loss=(0.2, 0.19, 0.21), test=(0.9, 0.85, 0.95), gap=(0.05, 0.01, 0.09),
            verdict="overfits",
        )
        for label, mean in zip(labels, (0.91, 0.93), strict=True)
    ]  # fmt: skip
    forest = pd.DataFrame(
        {"comparison": [f"{HARMFUL} minus old"], "difference": [0.02], "low": [0.01],
         "high": [0.03], "verdict": ["better"]}
    )  # fmt: skip
    points = [(label, float(epoch), 1 / epoch, 0.1, 1.0) for label in labels for epoch in (1, 2, 3)]
    table = pd.DataFrame(points, columns=["series", "x", "y", "low", "high"])
    panel = CurvesPanel(title="Loss", remark="nats", x_name="epoch", loss=True,
                        table=table.astype({"series": "str"}))  # fmt: skip
    settings = pd.DataFrame({"About": ["seeds"], "Setting": ["of the split"], "Value": ["0"]})
    return ComparisonContent(
        runs=sides, metric="accuracy", best=HARMFUL, answer=f"{HARMFUL} is better than old.",
        paragraph=["By 0.02 (95 % interval 0.01 to 0.03)."],
        findings=[Finding(code="compare.unfinished", about="comparison", subject="old",
                          verdict="unfinished", sentence="old goes on.", level="warning")],
        figures=[
            ForestFigure(id="differences", title="Differences", finding="It is better.",
                         how_to_read="Right is better.", unit="accuracy", margin=0.01,
                         table=forest),
            CurvesFigure(id="curves", title="How they learn", finding="Both fall.",
                         how_to_read="One line a run.", panels=(panel,)),
        ],
        tables=[], method=["In pairs."], command="fitgap compare a b",
        differing=StudyTable(id="settings", title="Settings that differ", table=settings),
        same=StudyTable(id="same-settings", title="Settings that are the same", table=settings),
    )  # fmt: skip


def index():
    folders = [
        ListedFolder(
            path=path, kind="sweep", data="digits", state="finished",
            created=f"2026-01-0{day}T03:04:05+00:00", counts={"planned": 3, "finished": 3},
            score=(score, score - 0.01, score + 0.01), verdict="fits", conclusion="It fits.",
            report=f"{path}/report.html",
        )
        for day, (path, score) in enumerate((("a", 0.9), (HARMFUL, 0.7), ("c", 0.8)), start=1)
    ]  # fmt: skip
    return render_index(IndexContent(name="runs", folders=folders))


@pytest.mark.parametrize("width", [1280, 360])
def test_nobody_is_shut_out_and_nothing_goes_out(page_file, visit, keep, shut_out, width):
    tab = visit(page_file, bypass_csp=True, viewport={"width": width, "height": 900})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    keep(tab)
    assert shut_out(tab) == []
    tab.emulate_media(color_scheme="dark")
    assert shut_out(tab, ["color-contrast"]) == []


def test_the_list_of_runs_is_sorted_by_its_columns(tmp_path, visit):
    tab = visit(Page(tmp_path, "index", index()))
    scores = "rows => rows.map(row => row.cells[%d].textContent)"
    heads = tab.locator("#trial-table thead th")
    place = next(n for n in range(heads.count()) if "ccuracy" in heads.nth(n).inner_text()
                 or "core" in heads.nth(n).inner_text())  # fmt: skip
    heads.nth(place).locator("button").click()
    shown = tab.locator("#trial-table tbody tr").evaluate_all(scores % place)
    assert shown == sorted(shown)
    assert len(set(shown)) == 3
