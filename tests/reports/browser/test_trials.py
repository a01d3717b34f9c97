"""The table of trials: sorted, filtered, and with the curves of those that are chosen."""

import numpy as np
import pytest

from reports import wording
from reports.words.saying import say_trial

pytestmark = pytest.mark.slow

ROWS = "#trial-table tbody tr:not([hidden])"


def column(tab, title):
    heads = tab.locator("#trial-table thead th").all_inner_texts()
    place = [head.strip(" ▲▼") for head in heads].index(title)
    cells = f"rows => rows.map(row => row.cells[{place}].textContent)"
    return tab.locator(ROWS).evaluate_all(cells)


def numbers(texts):
    return [float(text.replace(wording.MINUS, "-").replace(",", "")) for text in texts]


def finished(written, place):
    trials = written.content.trials
    return trials[trials["outcome"] == "finished"]["trial"].iloc[place]


def row_button(tab, trial):
    return tab.locator(f"#{trial} button")


def panel(tab):
    return tab.locator("#chosen")


def test_a_click_on_a_head_sorts_up_then_down_then_as_before(page_file, visit):
    tab = visit(page_file)
    before = column(tab, "Trial")
    head = tab.locator("#trial-table thead button", has_text="Parameters")
    head.click()
    up = numbers(column(tab, "Parameters"))
    assert up == sorted(up)
    assert tab.locator("th[aria-sort=ascending]").inner_text().startswith("Parameters")
    head.press("Enter")
    assert numbers(column(tab, "Parameters")) == up[::-1]
    head.click()
    assert column(tab, "Trial") == before


def test_words_and_comparisons_filter_the_rows(page_file, visit):
    tab = visit(page_file)
    trials = page_file.content.trials
    tab.fill("#filter", "adam parameters>2000")
    wanted = trials[(trials["optimizer"] == "adam") & (trials["parameters"] > 2000)]
    assert sorted(column(tab, "Trial")) == sorted(wanted["trial"])
    assert 0 < len(wanted) < len(trials)
    assert tab.inner_text("#shown") == f"{len(wanted)} of {len(trials)} shown"
    tab.fill("#filter", "no such word")
    assert column(tab, "Trial") == []
    tab.fill("#filter", "")
    assert len(column(tab, "Trial")) == len(trials)


def test_choosing_a_trial_shows_its_curves_settings_and_sentence(page_file, visit, keep):
    tab = visit(page_file)
    trial = finished(page_file, 0)
    tab.locator(f"#{trial} td").nth(3).click()
    keep(tab)
    verdicts = page_file.content.verdicts.set_index("trial")
    sentence = say_trial(verdicts.loc[trial].to_dict()).sentence
    shown = panel(tab).inner_text()
    assert f"Trial {trial}" in shown
    assert sentence in shown
    assert tab.locator("#chosen svg").count() == 2
    assert tab.url.endswith(f"#{trial}")
    assert row_button(tab, trial).get_attribute("aria-pressed") == "true"
    settings = tab.locator("#chosen table").last.inner_text()
    optimizer = page_file.content.trials.set_index("trial").loc[trial, "optimizer"]
    assert optimizer in settings


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_trial_is_chosen_and_let_go_by_keyboard(page_file, visit, key):
    tab = visit(page_file)
    first = tab.locator("#trial-table tbody button").first
    first.focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press(key)
    second = tab.locator("#trial-table tbody th").nth(1).inner_text()
    assert f"Trial {second.strip('✓ ')}" in panel(tab).inner_text()
    assert tab.locator("#trial-table tbody button[tabindex='0']").count() == 1
    tab.keyboard.press("Escape")
    assert not panel(tab).is_visible()


def test_the_values_at_an_epoch_are_those_of_the_run(page_file, visit):
    tab = visit(page_file)
    epochs = page_file.content.epochs
    trial = finished(page_file, 3)
    rows = epochs[epochs["trial"] == trial].set_index("epoch")
    row_button(tab, trial).press("Enter")
    slider = tab.locator("#chosen input[type=range]")
    slider.focus()
    slider.press("Home")
    for epoch in (1, 2, 3):
        texts = tab.locator("#chosen table").first.locator("tbody td").all_inner_texts()
        own = rows.loc[epoch]
        scores = [f"{own[name]:.3f}" for name in ("train_score", "validation_score")]
        assert texts == [
            str(epoch), wording.loss(own["train_loss"]), wording.loss(own["validation_loss"]),
            *(score.replace("-", wording.MINUS) for score in scores),
        ]  # fmt: skip
        assert trial in slider.get_attribute("aria-valuetext")
        slider.press("ArrowRight")


def test_the_pointer_moves_the_epoch(page_file, visit):
    tab = visit(page_file, anchor=f"#{finished(page_file, 0)}")
    drawing = tab.locator("#chosen svg").first
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    tab.mouse.move(box["x"] + box["width"] * 47 / 360, box["y"] + box["height"] / 2)
    assert tab.locator("#chosen .epoch b").inner_text() == "1"
    assert drawing.locator(".cursor").get_attribute("visibility") == "visible"


def test_up_to_four_are_compared_each_with_its_own_dash_and_mark(page_file, visit, keep):
    tab = visit(page_file)
    names = [finished(page_file, place) for place in range(5)]
    row_button(tab, names[0]).click()
    row_button(tab, names[1]).click(modifiers=["Control"])
    row_button(tab, names[2]).click(modifiers=["Shift"])
    tab.check("#add")
    row_button(tab, names[3]).click()
    keep(tab)
    assert tab.url.endswith("#" + "+".join(names[:4]))
    assert "4 trials compared" in panel(tab).inner_text()
    drawings = tab.locator("#chosen svg")
    assert drawings.count() == 4
    lines = drawings.first.locator("path[stroke-dasharray]")
    dashes = lines.evaluate_all("all => all.map(one => one.getAttribute('stroke-dasharray'))")
    assert len(set(dashes)) == 4
    marks = drawings.first.locator("path[transform]")
    assert len(set(marks.evaluate_all("all => all.map(one => one.getAttribute('d'))"))) == 4
    row_button(tab, names[4]).click()
    assert tab.url.endswith("#" + "+".join(names[1:]))
    tab.locator("#chosen .members button").first.click()
    assert tab.url.endswith("#" + "+".join(names[2:]))


def test_the_address_brings_a_choice_back(page_file, visit):
    names = [finished(page_file, 1), finished(page_file, 2)]
    tab = visit(page_file, anchor=f"#{names[0]}+{names[1]}")
    assert "2 trials compared" in panel(tab).inner_text()
    tab.evaluate(f"location.hash = '#{names[0]}'")
    tab.wait_for_function(
        f"document.getElementById('chosen').innerText.includes('Trial {names[0]}')"
    )


@pytest.mark.parametrize("anchor", ["#%", "#%E0%A4%A"])
def test_an_address_with_broken_escapes_stops_no_script(anchor, page_file, visit):
    tab = visit(page_file, anchor=anchor)
    assert panel(tab).is_hidden()
    assert tab.locator(".downloads button").count()


def test_numbers_with_two_minus_signs_are_read_whole(page_file, visit):
    tab = visit(page_file)
    assert tab.evaluate("fitgap.number('\u22121.50e\u221205')") == pytest.approx(-1.5e-5)


def test_a_trial_named_in_a_sentence_leads_to_its_curves(page_file, visit):
    tab = visit(page_file)
    link = tab.locator("main :is(.lead, .findings) a[href^='#s0']").first
    name = link.inner_text()
    link.click()
    tab.wait_for_selector("#chosen svg")
    assert f"Trial {name}" in panel(tab).inner_text()


def test_a_trial_without_an_epoch_says_so(page_file, visit):
    trials = page_file.content.trials
    failed = trials[trials["epochs_trained"] == 0]["trial"]
    assert len(failed)
    tab = visit(page_file, anchor=f"#{failed.iloc[0]}")
    assert f"No curve here: {failed.iloc[0]}." in panel(tab).inner_text()
    assert tab.locator("#chosen svg").count() == 0


def test_numbers_of_a_diverged_trial_are_missing_where_they_are_not_finite(pages, visit):
    written = pages["sweep"]
    trials = written.content.trials
    trial = trials[trials["outcome"] == "diverged"]["trial"].iloc[0]
    own = written.content.epochs[written.content.epochs["trial"] == trial]
    assert np.isnan(own["train_loss"].iloc[-1])
    tab = visit(written, anchor=f"#{trial}")
    tab.locator("#chosen input[type=range]").press("End")
    texts = tab.locator("#chosen table").first.locator("tbody td").all_inner_texts()
    assert texts[1:3] == [wording.MISSING, wording.MISSING]
