import base64
import dataclasses
import hashlib
import re
import shutil
import subprocess

import pytest

from reports.findings import Finding
from reports.pages.sweep_page import render_sweep, sweep_sections
from reports.pages.writing import write_html
from reports.wording import clean


@pytest.fixture(scope="module")
def text(run):
    return render_sweep(run)


@pytest.fixture(scope="module")
def page(read_page, text):
    return read_page(text)


def test_tags_are_balanced_and_ids_are_unique(page):
    assert len(page.ids) == len(set(page.ids)) > 20


def test_every_link_inside_the_page_leads_somewhere(page):
    targets = [attrs["href"] for attrs in page.all("a")]
    assert all(target.startswith("#") for target in targets)
    assert {target[1:] for target in targets} <= set(page.ids)


def test_nothing_is_loaded_from_anywhere(text, page):
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "srcset" in attrs]
    assert not page.all("link")
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert "@import" not in text
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


def test_every_figure_has_a_caption_a_named_drawing_an_explanation_and_its_numbers(run, page):
    assert len(page.figures) == len(sweep_sections(run)) >= 6
    for figure in page.figures:
        tags = [tag for tag, _ in figure]
        assert tags.count("figcaption") == 1
        assert tags.count("details") >= 2
        assert "table" in tags
        drawings = [attrs for tag, attrs in figure if tag == "svg"]
        assert drawings
        assert all(a["role"] == "img" and len(a["aria-label"]) > 15 for a in drawings)


def test_tables_have_captions_and_scopes(page):
    assert len(page.all("caption")) == len(page.all("table")) > 3
    assert {attrs.get("scope") for attrs in page.all("th")} == {"col", "row"}


def test_the_page_has_a_language_a_title_a_skip_link_and_one_heading(page):
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
    assert page.all("a")[0]["href"] == "#main"


def test_controls_that_need_javascript_are_hidden_without_it(page):
    hidden = [attrs["id"] for _, attrs in page.tags if "hidden" in attrs]
    assert set(hidden) == {"theme", "tools", "chosen"}


def test_every_trial_stands_on_the_page(run, page):
    for trial in run.trials["trial"]:
        assert trial in page.words


def test_the_command_the_fingerprint_and_the_seed_stand_on_the_page(run, page):
    assert run.manifest["command"] in page.words
    assert run.data["fingerprint"] in page.words
    assert "seed of the run" in page.words


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(run, text):
    assert render_sweep(run) == text


@pytest.mark.slow
def test_a_hostile_name_is_only_ever_text(read_page, run_maker, hostile_name):
    name = hostile_name
    run = run_maker(trials=6, epochs=3, confirm=2, lost=0.3)
    finding = Finding(
        code="data.column", about="data", subject=name, verdict=name, sentence=name,
        next_step=name, level="alarm", confidence=name,
    )  # fmt: skip
    manifest = {
        **run.manifest,
        "name": name, "command": name, "state": name, "settings": {name: name},
        "space": {name: name},
        "space_bounds": {**run.manifest["space_bounds"], name: {"choices": [name]},
                         "activation": {"choices": [name, "relu"]}},
        "data": {**run.data, "name": name, "target": name, "source": name, "classes": [name] * 500,
                 "warnings": [name]},
        "versions": {name: name}, "machine": name, "test_touches": [{"when": name, "trial": name}],
    }  # fmt: skip
    content = dataclasses.replace(
        run,
        manifest=manifest,
        findings=[finding],
        trials=run.trials.assign(
            reason=run.trials["reason"].where(run.trials["outcome"] == "finished", name),
            activation=name,
        ),
        baselines=run.baselines.assign(baseline=name),
    )
    page = read_page(render_sweep(content))
    assert [attrs.get("type") for attrs in page.all("script")] == ["application/json", None]
    assert len(page.all("style")) == 1
    assert not page.all("img")
    assert not [attrs for _, attrs in page.tags if any(key.startswith("on") for key in attrs)]
    assert clean(name)[:20] in page.words
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e]", page.words)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"trials": 1, "epochs": 1, "confirm": 0, "lost": 0.0}, "not confirmed"),
        ({"trials": 6, "lost": 1.0}, "No conclusion"),
        ({"trials": 12, "epochs": 1, "confirm": 2}, "epoch 1 of 1"),
        ({"trials": 12, "epochs": 3, "classes": 500, "confirm": 2}, "500 classes"),
        ({"regression": True}, "R²"),
        ({"trials": 2, "epochs": 2, "confirm": 0}, "it cannot be told"),
    ],
)
def test_unusual_runs_have_a_page_that_says_so(read_page, run_maker, shape, words):
    assert words in read_page(render_sweep(run_maker(**shape))).words


@pytest.mark.slow
def test_a_pruned_run_has_a_page_with_its_pruning(read_page, pruned_run):
    text = render_sweep(pruned_run)
    page = read_page(text)
    assert len(page.figures) == len(sweep_sections(pruned_run)) >= 7
    assert len(page.ids) == len(set(page.ids))
    assert "What pruning stopped" in page.words
    number = pruned_run.manifest["counts"]["pruned"]
    assert page.words.count(f"The {number} pruned trials (◇)") == 3
    assert {f"mark-{kind}" for kind in ("finished", "pruned", "audit")} <= {
        attrs.get("class") for attrs in page.all("span")
    }
    for trial in pruned_run.trials["trial"]:
        assert trial in page.words
    assert render_sweep(pruned_run) == text


@pytest.mark.slow
def test_audits_change_no_figure_but_that_of_the_pruning(pruned_run):
    def svgs(trials):
        text = render_sweep(dataclasses.replace(pruned_run, trials=trials))
        found = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
        return [svg for svg in found if 'id="pruning-' not in svg]

    bare = pruned_run.trials[pruned_run.trials["stage"] != "audit"]
    assert svgs(pruned_run.trials) == svgs(bare)
    assert len(svgs(bare)) > 10


@pytest.mark.slow
def test_a_pruned_run_with_an_old_manifest_has_a_page(read_page, pruned_run):
    old = {key: value for key, value in pruned_run.manifest.items() if key != "rungs"}
    settings = {k: v for k, v in old["settings"].items() if k not in {"pruner", "audit"}}
    bare = dataclasses.replace(
        pruned_run,
        manifest={**old, "settings": settings},
        trials=pruned_run.trials.drop(columns="cohort"),
    )
    assert "What pruning stopped" in read_page(render_sweep(bare)).words


def test_a_run_in_which_nothing_happened_has_a_page_that_says_so(read_page, nothing):
    page = read_page(render_sweep(nothing))
    assert "No conclusion yet: no trial has finished." in page.words
    assert "No trial has been recorded." in page.words


@pytest.mark.slow
def test_a_run_without_baselines_findings_and_verdicts_has_a_page(read_page, run):
    bare = dataclasses.replace(
        run, baselines=run.baselines.iloc[:0], findings=[], verdicts=run.verdicts.iloc[:0]
    )
    assert "The best network reaches accuracy" in read_page(render_sweep(bare)).words


@pytest.mark.slow
def test_an_almost_empty_manifest_still_gives_a_page(read_page, run):
    bare = dataclasses.replace(run, manifest={}, findings=[])
    assert "No conclusion yet" in read_page(render_sweep(bare)).words


@pytest.mark.slow
def test_two_hundred_trials_of_fifty_epochs_stay_small(run_maker):
    text = render_sweep(run_maker(trials=200, epochs=50))
    assert len(text.encode()) < 2e6


@pytest.mark.long
def test_ten_thousand_trials_stay_within_bounds(run_maker):
    text = render_sweep(run_maker(trials=10_000, epochs=30))
    assert len(text.encode()) < 5e6
    assert text.count('<th scope="row">') > 10_000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_the_script_runs_in_a_browser_under_its_policy(text, tmp_path):
    path = tmp_path / "report.html"
    write_html(path, text)
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom",
        path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Content Security Policy" not in done.stderr
    assert '<div class="tools" id="tools">' in done.stdout
    assert '<button type="button">Trial</button>' in done.stdout
