"""What readers see: light and dark, on a phone and on paper, without script, with a reader."""

import re

import pytest

from reports import theme

pytestmark = pytest.mark.slow


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


@pytest.mark.parametrize("width", [1280, 360])
def test_nobody_is_shut_out(page_file, visit, keep, shut_out, width):
    tab = visit(
        page_file, anchor="#s0001+s0002", bypass_csp=True, viewport={"width": width, "height": 900}
    )
    # The tables behind the figures are alike, and two more of them cost little time.
    parts = "details.reading, section:has(figure):nth-of-type(-n+3) details"
    tab.locator(parts).evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert (shut_out(tab) if width == 1280 else shut_out(tab, ["target-size"])) == []
    tab.emulate_media(color_scheme="dark")
    keep(tab)
    assert shut_out(tab, ["color-contrast"]) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_and_the_button(page_file, visit, keep, scheme):
    tab = visit(page_file, color_scheme=scheme)
    other = {"light": "dark", "dark": "light"}[scheme]

    def ground():
        return tab.evaluate("getComputedStyle(document.body).backgroundColor")

    def drawn():
        return tab.evaluate("getComputedStyle(document.querySelector('.panel svg text')).fill")

    assert ground() == rgb(getattr(theme.INKS["surface"], scheme))
    assert drawn() == rgb(getattr(theme.INKS["muted"], scheme))
    keep(tab)
    tab.click("#theme")
    assert ground() == rgb(getattr(theme.INKS["surface"], other))
    assert drawn() == rgb(getattr(theme.INKS["muted"], other))


@pytest.mark.parametrize("width", [360, 768, 3840])
def test_no_width_needs_sideways_scrolling(page_file, visit, keep, width):
    tab = visit(page_file, anchor="#s0001+s0002", viewport={"width": width, "height": 900})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    keep(tab)
    tab.goto(page_file.address)
    keep(tab, "-top")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_is_there_without_script(page_file, visit, keep):
    tab = visit(page_file, java_script_enabled=False)
    keep(tab)
    for name in ("#theme", "#tools", "#chosen"):
        assert not tab.locator(name).is_visible()
    assert tab.locator("main section figure svg").first.is_visible()
    rows = tab.locator("#trial-table tbody tr")
    assert rows.count() == len(page_file.content.trials)
    assert rows.last.is_visible()
    for details in tab.locator("figure details").all():
        if details.get_attribute("open") is None:
            details.locator("> summary").click()
    assert all(table.is_visible() for table in tab.locator("figure table").all())


def test_paper_has_pages_explanations_and_no_buttons(page_file, visit, keep):
    tab = visit(page_file)
    tab.emulate_media(media="print")
    keep(tab, whole=True)
    assert not tab.locator(".top").is_visible()
    assert not any(one.is_visible() for one in tab.locator(".downloads, #tools, #theme").all())
    pdf = tab.pdf()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 1


PAPER = 1030  # pixels that landscape A4 leaves between its margins


def test_no_table_is_cut_off_by_the_edge_of_the_paper(page_file, visit):
    tab = visit(page_file, viewport={"width": PAPER, "height": 700})
    tab.emulate_media(media="print")
    right = "all => all.filter(one => one.checkVisibility()).map(one => one.scrollWidth)"
    widths = tab.locator("table").evaluate_all(right)
    assert widths
    assert max(widths) <= PAPER


def test_the_table_of_trials_has_broad_pages_and_its_head_on_each(page_file, visit, tmp_path):
    tab = visit(page_file)
    path = tmp_path / "page.pdf"
    tab.pdf(path=path, prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes())
    assert any(float(width) > float(height) for width, height in boxes)
    assert any(float(width) < float(height) for width, height in boxes)
    tab.emulate_media(media="print")
    head = "part => getComputedStyle(part).display"
    assert tab.locator("#trial-table thead button").first.evaluate(head) == "contents"


def test_paper_has_no_closed_folds_of_figures(page_file, visit):
    tab = visit(page_file)
    tab.emulate_media(media="print")
    folds = tab.locator("figure details:not(.reading):not([open])")
    assert folds.count() > 0
    assert not any(one.is_visible() for one in folds.all())


def test_the_contents_follow_the_reader(page_file, visit):
    tab = visit(page_file)
    for part in ("trials", "method"):
        tab.locator(f"#{part}").evaluate("part => part.scrollIntoView({block: 'start'})")
        tab.wait_for_selector(f".top nav a[href='#{part}'][aria-current=location]")
        assert tab.locator("nav [aria-current]").count() == 1


def test_the_skip_link_is_the_first_stop_of_the_tab_key(page_file, visit):
    tab = visit(page_file)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.hash") == "#main"


def test_each_figure_and_each_trial_can_be_linked_to(page_file, visit):
    tab = visit(page_file)
    names = tab.locator("#trial-table tbody tr").evaluate_all("rows => rows.map(row => row.id)")
    assert sorted(names) == sorted(page_file.content.trials["trial"])
    assert tab.locator("main h2").count() == tab.locator("main h2[id] > a").count()


def test_forced_colours_leave_figures_as_they_are_and_nobody_out(page_file, visit, keep, shut_out):
    tab = visit(
        page_file, anchor="#s0001+s0002", bypass_csp=True, forced_colors="active",
        color_scheme="dark",
    )  # fmt: skip
    assert shut_out(tab) == []
    for scheme in ("light", "dark"):
        tab.click("#theme")  # figures then have another ground than the page, or again the same
        keep(tab, f"-{scheme}", whole=True)
        for drawing in ("main figure svg", "#chosen svg"):
            ground = "part => getComputedStyle(part).backgroundColor"
            assert tab.locator(drawing).first.evaluate(ground) == rgb(
                getattr(theme.INKS["surface"], scheme)
            )
    fills = """parts => new Set(parts.map(part => getComputedStyle(part).fill)).size"""
    assert tab.locator("main figure svg use[fill], main figure svg [fill]").evaluate_all(fills) > 3


def test_forced_colours_show_where_the_reader_is_by_lines(page_file, visit, keep):
    tab = visit(page_file, anchor="#s0001+s0002", forced_colors="active")
    line = """part => {
      const style = getComputedStyle(part);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    }"""
    assert tab.locator("#trial-table .is-chosen").first.evaluate(line)
    assert not tab.locator("#trial-table tbody tr:not(.is-chosen,.winner)").first.evaluate(line)
    for part in ("nav a", "#filter", "#trial-table thead button", "#trial-table tbody button",
                 ".downloads button", "summary"):  # fmt: skip
        tab.locator(part).first.focus()
        tab.keyboard.press("Shift")  # what is focused by keyboard has a line around it
        assert tab.locator(part).first.evaluate(line), part
    keep(tab)
