import dataclasses
import math

import pandas as pd
import pytest

from reports.comparison_content import ComparisonContent, CurvesFigure, CurvesPanel, RunSide
from reports.figures.page import comparison_sections
from reports.findings import Finding
from reports.pages.compare_page import render_comparison
from reports.study_content import ForestFigure, StudyTable
from reports.tables.runs import runs_table

UNKNOWN = (math.nan, math.nan, math.nan)


def side(run, label, mean=0.9, **more):
    fields = {
        "label": label, "manifest": {**run.manifest, "kind": "sweep"}, "trials": run.trials,
        "network": "hidden layers 64-64, relu, adam at 0.001", "parameters": 1234, "seeds": 5,
        "score": (mean, mean - 0.01, mean + 0.01), "loss": (0.2, 0.19, 0.21),
        "test": UNKNOWN, "gap": (0.05, 0.01, 0.09), "verdict": "overfits",
    }  # fmt: skip
    return RunSide(**fields | more)


def curves(labels):
    rows = [
        (label, float(epoch), 1 / epoch, 1 / epoch - 0.01, 1 / epoch + 0.01)
        for label in labels
        for epoch in (1, 2, 3)
    ]
    table = pd.DataFrame(rows, columns=["series", "x", "y", "low", "high"])
    table = table.astype({"series": "str", "x": "float64"})
    panels = (CurvesPanel(title="Loss", remark="nats", x_name="epoch", table=table, loss=True),)
    return CurvesFigure(
        id="curves", title="How they learn", finding="a falls.", how_to_read="Lines.", panels=panels
    )


def settings(rows, labels):
    return StudyTable(
        id="settings",
        title="Settings that differ",
        table=pd.DataFrame(rows, columns=["About", "Setting", *labels]),
    )


@pytest.fixture
def content(run):
    def content(labels=("old", "new"), **more):
        forest = ForestFigure(
            id="differences", title="Differences", finding="new is better.",
            how_to_read="Right is better.", unit="accuracy", margin=0.01,
            table=pd.DataFrame(
                {"comparison": [f"{labels[1]} minus {labels[0]}"], "difference": [0.05],
                 "low": [0.03], "high": [0.07], "verdict": ["better"]}
            ),
        )  # fmt: skip
        fields = {
            "runs": [side(run, label, 0.8 + n / 10) for n, label in enumerate(labels)],
            "metric": "accuracy",
            "best": labels[1],
            "answer": f"{labels[1]} is better than {labels[0]}.",
            "paragraph": ["A sentence with numbers."],
            "findings": [
                Finding(code="compare.run.better", about="comparison", subject="x",
                        verdict="better", sentence="It is better.", level="good"),
                Finding(code="compare.unfinished", about="comparison", subject="x",
                        verdict="unfinished", sentence="It is not complete.", level="warning"),
            ],
            "figures": [forest, curves(labels)],
            "tables": [],
            "differing": settings([["settings", "epochs", "10", "20"]],
                                  labels),
            "same": StudyTable(
                id="same-settings", title="Same",
                table=pd.DataFrame({"About": ["settings"], "Setting": ["seed"], "Value": ["0"]}),
            ),
            "method": ["How it was compared."],
            "command": "fitgap compare old new",
        }  # fmt: skip
        return ComparisonContent(**fields | more)

    return content


def test_the_answer_comes_first_and_everything_is_there(content, read_page):
    words = read_page(render_comparison(content())).words
    _, lead, rest = words.partition("A sentence with numbers.")
    assert lead
    order = [
        "Settings that differ", "It is not complete.", "The runs", "Right is better.",
        "How they learn", "It is better.", "How it was compared.", "fitgap compare old new",
    ]  # fmt: skip
    places = [rest.find(part) for part in order]
    assert -1 not in places
    assert places == sorted(places)


def test_ids_are_unique_and_links_lead_somewhere(content, read_page):
    page = read_page(render_comparison(content()))
    assert len(page.ids) == len(set(page.ids))
    targets = [attrs["href"] for attrs in page.all("a") if attrs["href"].startswith("#")]
    assert {target[1:] for target in targets} <= set(page.ids)


def test_the_same_page_is_drawn_twice(content):
    assert render_comparison(content()) == render_comparison(content())


def test_the_run_that_scores_best_is_pointed_out(content):
    table = runs_table(content())
    assert table.winner == 1
    assert "highest mean score" in table.caption
    assert table.marks == ("overfits", "overfits")


def test_where_data_differ_no_run_is_pointed_out(content):
    table = runs_table(content(best=""))
    assert table.winner == -1
    assert "highlighted" not in table.caption


def test_a_run_without_a_network_has_a_row_and_a_card_that_say_so(content, run, read_page):
    lost = side(run, "lost", network="", parameters=0, seeds=0, score=UNKNOWN, loss=UNKNOWN,
                gap=UNKNOWN, verdict="")  # fmt: skip
    made = content()
    made = dataclasses.replace(made, runs=[lost, made.runs[1]], figures=[])
    words = read_page(render_comparison(made)).words
    assert "none finished" in words
    assert "no network:" in words


def test_a_filter_is_offered_for_many_runs_only(content, run):
    few = content()
    many = dataclasses.replace(
        few, runs=[side(run, f"r{n}") for n in range(9)], best="r0", figures=[]
    )
    assert 'id="filter"' not in render_comparison(few)
    assert 'id="filter"' in render_comparison(many)


def test_runs_beyond_the_cards_are_counted(content, run, read_page):
    runs = [side(run, f"r{n}") for n in range(9)]
    made = dataclasses.replace(content(), runs=runs, best="r0", figures=[])
    assert "Further runs" in read_page(render_comparison(made)).words


def test_settings_that_are_all_the_same_are_said_to_be(content, read_page):
    made = content(differing=settings([], ("old", "new")))
    assert (
        "Nothing that was recorded of the runs differs" in read_page(render_comparison(made)).words
    )


def test_hostile_labels_are_only_text(content, hostile_name, read_page):
    page = read_page(render_comparison(content(labels=(hostile_name[:32], "b"))))
    assert not page.all("img")
    assert len(page.all("script")) == 1
    assert not [key for tag, attrs in page.tags for key in attrs if key.startswith("on")]


def test_a_run_has_the_same_mark_in_every_figure(content):
    sections = {section.id: section for section in comparison_sections(content())}
    key = sections["curves"].key
    assert [one.name for one in key] == ["old", "new"]
    assert len({one.glyph for one in key}) == 2


def test_the_numbers_behind_the_curves_are_in_a_table(content):
    (_, section) = comparison_sections(content())
    assert section.table.header == ("panel", "run", "epoch", "value", "from", "to")
    assert len(section.table.rows) == 6
    assert section.table.rows[1][1:4] == ("old", "2", "0.500")
