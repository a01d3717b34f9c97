import dataclasses
import itertools

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from reports.findings import Finding
from reports.outputs.markdown import LARGEST, render_markdown
from reports.study_content import StudyTable
from reports.wording import MISSING

READER = MarkdownIt("commonmark").enable("table")


def headings(text):
    tokens = READER.parse(text)
    return [after.content for token, after in itertools.pairwise(tokens)
            if token.type == "heading_open"]  # fmt: skip


def tables(text):
    """The cells of each table, row by row."""
    found = []
    for token in READER.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level > 2:
            found[-1][-1].append(token.content)
    return found


def test_a_sweep_is_told_answer_first(pruned_run):
    text = render_markdown(pruned_run)
    assert headings(text) == [
        "fitgap sweep: digits", "What needs attention", "Findings", "The best trials",
        "Do it again",
    ]  # fmt: skip
    assert text.index("**The best network") < text.index("Data: 1,797 rows") < text.index("| ")
    assert "```sh\nfitgap sweep digits --trials 40 --epochs 30 --seed 0\n```\n" in text


def test_the_best_trials_are_those_that_finished_with_the_smallest_loss(pruned_run):
    search = pruned_run.trials[pruned_run.trials["stage"] == "search"]
    finished = search[search["outcome"] == "finished"].sort_values("validation_loss")
    cells = tables(render_markdown(pruned_run))[-1]
    assert [row[0] for row in cells[1:]] == finished["trial"].tolist()[:10]


def test_no_more_than_ten_trials_are_shown(run):
    text = render_markdown(run)
    assert len(tables(text)[-1]) == 11
    finished = ((run.trials["stage"] == "search") & (run.trials["outcome"] == "finished")).sum()
    assert f"{finished - 10} more rows in the report." in text


def test_a_study_is_told_with_its_question_and_its_tables(study_of):
    text = render_markdown(study_of())
    assert headings(text) == [
        "fitgap study: ladder on digits", "What needs attention", "Findings", "The arms",
        "Do it again",
    ]  # fmt: skip
    assert "*Do more layers help?*" in text
    assert tables(text)[-1] == [["Arm", "Score", "Rows"], ["3x128", "0.80", MISSING],
                                ["1x8", "0.85", "3"]]  # fmt: skip


def test_a_run_without_a_result_says_so(nothing):
    text = render_markdown(nothing)
    assert "**No conclusion yet: no trial has finished.**" in text
    assert "The best trials" not in headings(text)


def test_names_that_mean_harm_change_no_structure(study_of, hostile_name):
    plain, hostile = study_of(), study_of(name=hostile_name, arm=hostile_name)
    assert len(headings(render_markdown(hostile))) == len(headings(render_markdown(plain)))
    text = render_markdown(hostile)
    assert [len(row) for row in tables(text)[-1]] == [3, 3, 3]
    html = {token.content for token in READER.parse(text) if token.type == "html_block"}
    assert html == set()
    inline = [child.content for token in READER.parse(text) for child in token.children or ()
              if child.type == "html_inline"]  # fmt: skip
    assert set(inline) <= {"<span>", "</span>"}  # around a dollar sign


def test_it_fits_a_comment_whatever_was_found(run, study_of):
    long = "<&|" * 400
    findings = [
        Finding(code=f"x.{number}", about="sweep", subject="", verdict="x", sentence=long,
                next_step=long, level="warning" if number % 2 else "info")
        for number in range(100)
    ]  # fmt: skip
    many = dataclasses.replace(run, findings=findings)
    assert len(render_markdown(many).encode()) < LARGEST
    wide = pd.DataFrame({f"{long}{place}": [long] * 300 for place in range(8)})
    table = StudyTable(id="t", title=long, table=wide, note=long)
    study = study_of(findings=findings, tables=[table], paragraph=[long] * 50, answer=long)
    text = render_markdown(study)
    assert len(text.encode()) < LARGEST
    assert "more, in the report" in text


def test_it_is_the_same_each_time(run):
    assert render_markdown(run) == render_markdown(run)


@pytest.mark.parametrize("level", ["alarm", "warning"])
def test_what_to_do_stands_beside_what_needs_attention(run, level):
    finding = Finding(code="x", about="sweep", subject="", verdict="x", sentence="It burns.",
                      next_step="Put it out.", level=level)  # fmt: skip
    text = render_markdown(dataclasses.replace(run, findings=[finding]))
    assert f"- **{level.capitalize()}:** It burns. *What to do:* Put it out.\n" in text
