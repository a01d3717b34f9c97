import base64
import dataclasses
import hashlib
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from reports.findings import Finding
from reports.pages.study_page import INKS, render_study
from reports.study_content import ForestFigure, ResponseFigure, StudyContent, StudyTable
from reports.wording import clean

RATES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.7)
WIDTHS = (64, 512)
NO_MARKS = pd.DataFrame({"panel": [], "x": [], "label": []})
POINT = ["panel", "series", "x", "mean", "low", "high"]


def dose_response():
    """Train and validation accuracy against the dropout rate, at two widths."""
    rows = []
    for width in WIDTHS:
        for rate in RATES:
            gap = 0.004 + 0.03 * (width / 512) * (1 - rate) ** 2
            validation = 0.975 - 0.03 * (rate - 0.3) ** 2 - (0.9 / width) * (1 + 3 * rate)
            train = min(validation + gap, 0.9995)
            rows.append((f"{width} wide", "train", rate, train, train - 0.001, train + 0.001))
            rows.append(
                (f"{width} wide", "validation", rate, validation, validation - 0.003,
                 validation + 0.003)
            )  # fmt: skip
    return ResponseFigure(
        id="dose", title="What dropout does to train and validation",
        finding="At 512 units the gap shrinks from 0.034 without dropout to 0.007 at 0.7; at 64 "
        "units dropout costs more than it gains.",
        how_to_read="One panel a width. The shaded area is the gap; bands are 95 % intervals over "
        "10 seeds.",
        x_name="dropout rate", x_scale="linear", y_name="accuracy",
        table=pd.DataFrame(rows, columns=POINT),
        marks=pd.DataFrame(
            {"panel": ["512 wide", "64 wide"], "x": [0.35, 0.0], "label": ["best", "best"]}
        ),
        shade_gap=True,
    )  # fmt: skip


def ladder():
    """Train and validation accuracy of three networks, by name."""
    rows = []
    for name, train, validation in (
        ("1 x 128", 0.962, 0.941),
        ("3 x 128", 0.998, 0.957),
        ("3 x 128 with three Dropout(0.5) layers", 0.971, 0.955),
    ):
        rows.append(("", "train", name, train, train - 0.004, train + 0.004))
        rows.append(("", "validation", name, validation, validation - 0.006, validation + 0.006))
    return ResponseFigure(
        id="ladder", title="The ladder", finding="Two more layers lift validation by 0.016.",
        how_to_read="One row a network; the grey bar is the gap.",
        x_name="network", x_scale="category", y_name="accuracy",
        table=pd.DataFrame(rows, columns=POINT), marks=NO_MARKS, shade_gap=True,
    )  # fmt: skip


def comparisons():
    """Eight paired differences of every verdict, one far off."""
    rows = [
        ("dropout 0.1 against none, 64 wide", -0.002, -0.006, 0.002, "equivalent"),
        ("dropout 0.35 against none, 64 wide", -0.011, -0.016, -0.006, "worse"),
        ("dropout 0.5 against none, 64 wide", -0.021, -0.030, -0.012, "worse"),
        ("dropout 0.7 against none, 64 wide", -0.31, -0.4, -0.22, "worse"),
        ("dropout 0.1 against none, 512 wide", 0.006, -0.001, 0.013, "undecided"),
        ("dropout 0.35 against none, 512 wide", 0.014, 0.009, 0.019, "better"),
        ("dropout 0.5 against none, 512 wide", 0.012, 0.006, 0.018, "better"),
        ("dropout 0.7 against none, 512 wide", 0.001, -0.014, 0.016, "undecided"),
    ]
    names = ["comparison", "difference", "low", "high", "verdict"]
    return ForestFigure(
        id="comparisons", title="Each rate against none",
        finding="At 512 units rates of 0.35 and 0.5 are better than none by 0.014 and 0.012.",
        how_to_read="A dot right of the band: the rate is better by more than the margin.",
        unit="accuracy", margin=0.005, table=pd.DataFrame(rows, columns=names),
    )  # fmt: skip


def trials_of(run):
    """Turn the trials of a made-up sweep into those of a study of two arms."""
    table = run.trials.reset_index(drop=True)
    stages = ["tuning", "comparison", "comparison"]
    count = len(table)
    return table.assign(
        stage=pd.array([stages[place % 3] for place in range(count)], dtype="str"),
        arm=pd.array([f"{WIDTHS[place % 2]} wide" for place in range(count)], dtype="str"),
        replicate=[place // 3 + 1 for place in range(count)],
        fold=pd.array([pd.NA] * count, dtype="Int64"),
        train_rows=pd.array([pd.NA] * count, dtype="Int64"),
        label_noise=0.0,
    )


def make_study(run, **changes):
    """Make up the content of a whole study."""
    design = {
        "study": "dropout", "question": "Does dropout help?", "seeds": 10, "folds": 0,
        "arms": [{"name": f"{width} wide, dropout {rate}"} for width in WIDTHS for rate in RATES],
        "tuning_seeds": 2, "objective": "validation_loss", "margin": 0.005,
        "nuisance": {"learning_rate": [0.0003, 0.001, 0.003, 0.01, 0.03]},
        "fixed": {"depth": 2, "activation": "relu", "optimizer": "adam", "batch_size": 32},
    }  # fmt: skip
    manifest = {
        **run.manifest, "kind": "study", "study": design, "winner": None, "confirmation": [],
        "name": "dropout-digits", "command": "fitgap study dropout digits --seeds 10",
        "seconds": {"tuning": 61.0, "comparison": 240.2, "total": 305.0}, "test_touches": [],
    }  # fmt: skip
    arms = pd.DataFrame(
        {
            "Arm": [f"{width} wide, dropout {rate}" for width in WIDTHS for rate in RATES],
            "Parameters": [4810 if width == 64 else 300_554 for width in WIDTHS for _ in RATES],
            "Dropout": [rate for _ in WIDTHS for rate in RATES],
            "Learning rate": np.geomspace(3e-4, 3e-2, 12),
            "Accuracy": np.linspace(0.9512345, 0.9798, 12),
            "Difference": np.linspace(-0.021, 0.0143, 12),
            "Equivalent": [place % 2 == 0 for place in range(12)],
        }
    )
    findings = [
        Finding(
            code=f"comparison.{row['verdict']}", about="comparison", subject=row["comparison"],
            verdict=row["verdict"], sentence=f"{row['comparison']}: {row['verdict']}.",
            level="warning" if row["verdict"] == "undecided" else "info",
            next_step="Add 12 seeds." if row["verdict"] == "undecided" else "",
        )
        for row in comparisons().table.to_dict("records")
    ]  # fmt: skip
    content = StudyContent(
        manifest=manifest,
        question="Does dropout suppress overfitting, and what does it cost?",
        answer="Dropout of 0.35 narrows the gap of wide networks from 0.034 to 0.017 and lifts "
        "their accuracy by 0.014; narrow ones it only makes worse.",
        paragraph=[
            "At 512 units the paired difference is 0.014 (95% interval 0.009 to 0.019, 10 seeds).",
            "At 64 units each rate above 0.1 costs accuracy.",
        ],
        findings=findings,
        figures=[dose_response(), comparisons(), ladder()],
        tables=[StudyTable(id="arms", title="The arms", table=arms, note="Chosen rates by arm.")],
        trials=trials_of(run),
        verdicts=run.verdicts,
    )
    return dataclasses.replace(content, **changes)


@pytest.fixture(scope="module")
def study(run):
    return make_study(run)


@pytest.fixture(scope="module")
def text(study):
    return render_study(study)


@pytest.fixture(scope="module")
def page(read_page, text):
    return read_page(text)


@pytest.fixture
def small(run_maker):
    """A study of few trials and one figure, which is drawn quickly."""
    return make_study(
        run_maker(trials=6, epochs=3, confirm=2, lost=0.3), figures=[ladder(), comparisons()]
    )


def nothing_of(study):
    """Take everything that trials gave out of a study."""
    return dataclasses.replace(
        study,
        answer="", paragraph=[], findings=[], figures=[], tables=[], trials=study.trials.iloc[:0],
        verdicts=study.verdicts.iloc[:0],
        manifest={**study.manifest, "state": "running",
                  "counts": {"planned": 40, "finished": 0, "diverged": 0, "failed": 0}},
    )  # fmt: skip


def test_tags_are_balanced_and_ids_are_unique(page):
    assert len(page.ids) == len(set(page.ids)) > 20


def test_every_link_inside_the_page_leads_somewhere(page):
    targets = [attrs["href"] for attrs in page.all("a")]
    assert all(target.startswith("#") for target in targets)
    assert {target[1:] for target in targets} <= set(page.ids)
    assert {"dose", "comparisons", "ladder", "arms"} <= {target[1:] for target in targets}


def test_nothing_is_loaded_from_anywhere(text, page):
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "srcset" in attrs]
    assert not page.all("link")
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert "url(h" not in text


def test_the_policy_allows_exactly_the_style_and_the_script_of_the_page(text, page):
    (policy,) = [a["content"] for a in page.all("meta") if a.get("http-equiv")]
    assert "default-src 'none'" in policy
    for tag in ("style", "script"):
        (inline,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_no_element_needs_what_the_policy_forbids(page):
    for _, attrs in page.tags:
        assert "style" not in attrs
        assert not [key for key in attrs if key.startswith("on")]


def test_the_answer_is_the_heading_and_the_question_stands_above_it(study, text, page):
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
    question, answer = page.words.index(study.question), page.words.rindex(study.answer)
    assert question < answer
    assert f"<h1>{study.answer}</h1>" in text
    assert all(sentence in page.words for sentence in study.paragraph)


def test_the_parts_stand_in_the_order_in_which_they_are_read(study, page):
    words = page.words
    places = [
        words.index(part)
        for part in (
            study.question, study.paragraph[0], "Arms of dropout", "What needs attention",
            study.figures[0].finding, study.figures[1].finding, "Chosen rates by arm.",
            "Finding by finding", "Trials without a result", "Held fixed:",
            "The command that made this",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_every_figure_has_a_caption_a_named_drawing_an_explanation_and_its_numbers(study, page):
    assert len(page.figures) == len(study.figures)
    for figure in page.figures:
        tags = [tag for tag, _ in figure]
        assert tags.count("figcaption") == 1
        assert tags.count("details") == 2
        assert "table" in tags
        drawings = [attrs for tag, attrs in figure if tag == "svg"]
        assert drawings
        assert all(a["role"] == "img" and len(a["aria-label"]) > 15 for a in drawings)


def test_each_panel_is_a_drawing_of_its_own(page):
    panels = [len([tag for tag, _ in figure if tag == "svg"]) for figure in page.figures]
    assert panels == [2, 1, 1]


def test_every_finding_and_every_trial_stands_on_the_page(study, page):
    assert all(finding.sentence in page.words for finding in study.findings)
    assert all(trial in page.words for trial in study.trials["trial"])


def test_every_colour_of_the_drawings_is_one_that_dark_mode_replaces(text):
    known = {ink.light for ink in INKS.values()} | {"none"}
    drawings = "".join(re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL))
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawings)) <= known
    style = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)[0]
    assert all(style.count(f"--{name}:{ink.dark}") == 2 for name, ink in INKS.items())


def test_the_command_and_the_design_stand_on_the_page(study, page):
    assert study.manifest["command"] in page.words
    assert "64 wide, dropout 0.0; 64 wide, dropout 0.1" in page.words
    assert "depth 2, activation relu, optimizer adam and batch size 32" in page.words


def test_the_same_study_gives_the_same_bytes(study, text):
    assert render_study(study) == text


def test_a_hostile_name_is_only_ever_text(read_page, small, hostile_name):
    name = hostile_name
    finding = Finding(
        code="study.x", about="study", subject=name, verdict=name, sentence=name, next_step=name,
        level="alarm", confidence=name,
    )  # fmt: skip
    design = {
        **small.design, "study": name, "arms": [{"name": name}], "nuisance": {name: [name, 1]},
        "fixed": {name: name}, "options": {name: name},
    }  # fmt: skip
    words = {"id": name, "title": name, "finding": name, "how_to_read": name}
    response = dataclasses.replace(
        dose_response(), **words, x_name=name, y_name=name,
        table=dose_response().table.assign(panel=name, series=name),
        marks=dose_response().marks.assign(panel=name, label=name),
    )  # fmt: skip
    category = dataclasses.replace(ladder(), **words, table=ladder().table.assign(x=name))
    forest = dataclasses.replace(
        comparisons(), **words, unit=name,
        table=comparisons().table.assign(comparison=name, verdict=name),
    )  # fmt: skip
    table = StudyTable(id=name, title=name, table=pd.DataFrame({name: [name]}), note=name)
    content = dataclasses.replace(
        small, question=name, answer=name, paragraph=[name], findings=[finding],
        figures=[response, category, forest], tables=[table],
        manifest={**small.manifest, "study": design, "command": name, "state": name},
        trials=small.trials.assign(arm=name, reason=name),
    )  # fmt: skip
    page = read_page(render_study(content))
    assert [attrs.get("type") for attrs in page.all("script")] == ["application/json", None]
    assert len(page.all("style")) == 1
    assert not page.all("img")
    assert not [attrs for _, attrs in page.tags if any(key.startswith("on") for key in attrs)]
    assert len(page.ids) == len(set(page.ids))
    assert clean(name)[:20] in page.words
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e]", page.words)


def test_a_study_in_which_nothing_happened_has_a_page_that_says_so(read_page, small):
    page = read_page(render_study(nothing_of(small)))
    assert "No conclusion yet: no trial has finished." in page.words
    assert "No trial has been recorded." in page.words
    assert "The study is not complete (running): 0 of 40 trials have finished" in page.words


def test_a_study_in_which_all_diverged_has_a_page_that_says_so(read_page, small):
    lost = small.trials.assign(outcome="diverged", reason="the loss is not finite")
    counts = {"planned": 6, "finished": 0, "diverged": 6, "failed": 0}
    empty = [
        dataclasses.replace(ladder(), table=ladder().table.iloc[:0]),
        dataclasses.replace(comparisons(), table=comparisons().table.iloc[:0]),
    ]
    table = StudyTable(id="contrasts", title="The comparisons", table=pd.DataFrame({"First": []}))
    content = dataclasses.replace(
        small, answer="", trials=lost, figures=empty, tables=[table], findings=[],
        manifest={**small.manifest, "counts": counts},
    )  # fmt: skip
    page = read_page(render_study(content))
    assert "No conclusion: every trial diverged." in page.words
    assert page.words.count("There is nothing to draw: no trial gave a value.") == 2
    assert "This table has no row." in page.words
    assert len(page.figures) == 2
    assert not page.all("svg")


def test_a_study_of_one_arm_has_a_page(read_page, small):
    design = {**small.design, "arms": [{"name": "the only one"}]}
    content = dataclasses.replace(
        small, manifest={**small.manifest, "study": design},
        figures=[dataclasses.replace(ladder(), table=ladder().table.head(2))],
    )  # fmt: skip
    page = read_page(render_study(content))
    assert "1 arm" in page.words
    assert "Then the one arm was trained on 10 fresh seeds." in page.words


def test_an_almost_empty_manifest_still_gives_a_page(read_page, small):
    page = read_page(render_study(dataclasses.replace(small, manifest={}, verdicts=pd.DataFrame())))
    assert small.answer in page.words


def test_trials_without_the_columns_of_a_study_still_give_a_page(read_page, small):
    old = small.trials.drop(columns=["arm", "fold", "train_rows", "label_noise"])
    assert small.answer in read_page(render_study(dataclasses.replace(small, trials=old))).words


@pytest.mark.slow
def test_five_hundred_trials_and_forty_panels_stay_small(run_maker):
    curves = pd.concat([dose_response().table.assign(panel=f"arm {place}") for place in range(20)])
    figure = dataclasses.replace(dose_response(), table=curves)
    content = make_study(
        run_maker(trials=500, epochs=2), figures=[figure, dataclasses.replace(figure, id="two")]
    )
    text = render_study(content)
    assert len(text.encode()) < 2e6


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_the_script_runs_in_a_browser_under_its_policy(text, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(text, encoding="utf-8")
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom",
        path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Content Security Policy" not in done.stderr
    assert '<button type="button">Arm</button>' in done.stdout
