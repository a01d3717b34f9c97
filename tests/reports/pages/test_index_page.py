import pytest

from reports.comparison_content import IndexContent, ListedFolder
from reports.pages.index_page import render_index


def listed(path="a", **more):
    fields = {
        "path": path, "kind": "sweep", "data": "digits", "state": "finished",
        "created": "2026-01-02T03:04:05+00:00", "counts": {"planned": 3, "finished": 2,
        "pruned": 1}, "score": (0.9, 0.88, 0.92), "verdict": "fits",
        "conclusion": "s0001 was chosen.", "report": f"{path}/report.html",
    }  # fmt: skip
    return ListedFolder(**fields | more)


def render(*folders, **more):
    return render_index(IndexContent(name="runs", folders=folders, **more))


def test_each_run_has_a_row_with_what_it_concluded(read_page):
    words = read_page(render(listed())).words
    for part in ("a", "fits", "s0001 was chosen.", "0.900", "0.880 to 0.920", "digits",
                 "2026-01-02 03:04 UTC", "finished", "3 planned, 1 pruned"):  # fmt: skip
        assert part in words


def test_a_name_leads_to_the_report_if_there_is_one(read_page):
    page = read_page(render(listed("a"), listed("b", report="")))
    links = [attrs["href"] for attrs in page.all("a") if not attrs["href"].startswith("#")]
    assert links == ["./a/report.html"]


@pytest.mark.parametrize(
    ("report", "address"),
    [
        ("javascript:alert(1)/report.html", "./javascript%3Aalert%281%29/report.html"),
        ("a \"b'#?/report.html", "./a%20%22b%27%23%3F/report.html"),
        ("//host/report.html", ".///host/report.html"),
        ("../x/report.html", "./../x/report.html"),
        ("100%/ü/report.html", "./100%25/%C3%BC/report.html"),
    ],
)
def test_addresses_are_relative_and_quoted(report, address, read_page):
    page = read_page(render(listed(report=report)))
    links = [attrs["href"] for attrs in page.all("a") if not attrs["href"].startswith("#")]
    assert links == [address]


def test_a_folder_that_cannot_be_read_is_told_with_the_reason(read_page):
    page = read_page(render(listed(), ListedFolder(path="x/y", fault="it is damaged")))
    assert "x/y" in page.words
    assert "it is damaged" in page.words
    assert "Cannot be read" in page.words


def test_without_a_run_the_page_says_so(read_page):
    words = read_page(render()).words
    assert "No run in runs." in words
    assert "No folder below this one holds a run" in words


def test_a_study_has_no_mark_of_a_winner():
    row = render(listed(kind="study ladder", verdict="", score=(float("nan"),) * 3))
    body = row.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "mark-" not in body
    assert "not confirmed" not in body


def test_a_claimed_score_is_said_not_to_be_confirmed(read_page):
    nan = float("nan")
    assert "not confirmed" in read_page(render(listed(score=(0.9, nan, nan)))).words


def test_hostile_names_are_only_text(hostile_name, read_page):
    one = listed(hostile_name, data=hostile_name, conclusion=hostile_name, kind=hostile_name,
                 state=hostile_name, verdict=hostile_name)  # fmt: skip
    page = read_page(render(one, ListedFolder(path=hostile_name, fault=hostile_name)))
    assert not page.all("img")
    assert len(page.all("script")) == 1
    assert not [key for tag, attrs in page.tags for key in attrs if key.startswith("on")]


def test_five_hundred_runs_are_five_hundred_rows():
    page = render(*[listed(f"run{number}") for number in range(500)])
    assert page.count("<tr") == 501


def test_ids_are_unique(read_page):
    ids = read_page(render(listed("a"), listed("b"))).ids
    assert len(ids) == len(set(ids))


def test_a_path_that_is_no_text_leads_to_the_bytes_it_has(read_page):
    page = read_page(render(listed(path="\udcff", report="\udcff/report.html")))
    links = [attrs["href"] for attrs in page.all("a") if not attrs["href"].startswith("#")]
    assert links == ["./%FF/report.html"]
