"""Names that hold scripts, in every page: parsed as a browser parses, and opened in one."""

import base64
import hashlib
import shutil

import html5lib
import pytest

pytestmark = pytest.mark.slow  # needs trained networks
PAGES = ("sweep", "study", "compare", "index")
STRANGERS = {"img", "iframe", "object", "embed", "form", "base", "link", "audio", "video"}


@pytest.fixture(scope="module")
def pages(hostile, run, tmp_path_factory):
    """Every kind of page that is made of runs."""
    folder = tmp_path_factory.mktemp("pages")
    other = shutil.copytree(hostile.sweep, folder / "=b <script>alert(9)<")
    comparison, index = folder / "compare.html", hostile.folder / "index.html"
    assert run("compare", hostile.sweep, other, "--out", comparison).code == 0
    assert run("index", hostile.folder, "--out", index).code == 0
    return {
        "sweep": hostile.sweep / "report.html",
        "study": hostile.study / "report.html",
        "compare": comparison,
        "index": index,
    }


def parsed(path):
    tree = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    return [element for element in tree.iter() if isinstance(element.tag, str)]


def policy_of(elements):
    (policy,) = [
        element.get("content") for element in elements
        if element.get("http-equiv") == "Content-Security-Policy"
    ]  # fmt: skip
    return policy


@pytest.mark.parametrize("page", PAGES)
def test_a_name_adds_no_element_and_no_attribute_that_acts(pages, page):
    for element in parsed(pages[page]):
        assert element.tag.rpartition("}")[2] not in STRANGERS
        for name, value in element.attrib.items():
            assert not str(name).lower().startswith("on")
            assert not value.strip().lower().startswith("javascript:")


@pytest.mark.parametrize("page", PAGES)
def test_every_script_that_runs_is_ours_by_its_hash(pages, page):
    elements = parsed(pages[page])
    policy = policy_of(elements)
    scripts = [element for element in elements if element.tag == "script"]
    running = [one for one in scripts if one.get("type") != "application/json"]

    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for script in running:
        digest = hashlib.sha256(script.text.encode()).digest()
        assert f"'sha256-{base64.b64encode(digest).decode()}'" in policy
        assert script.get("src") is None


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_a_character_that_controls_anything(pages, page, unprintable):
    joiners = {"U+200C Cf", "U+200D Cf", "U+00A0 Zs", "U+202F Zs", "U+2009 Zs"}

    assert set(unprintable(pages[page].read_text(encoding="utf-8"))) <= joiners


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("sweep", "<img src=x onerror=alert(7)>$x_1$.csv"),
        ("sweep", "</style><script>alert(5)</script>\ufffd[1m"),  # in a warning about the data
        ("study", "=1+1 <img src=x onerror=alert(6)>"),
        ("study", "_$\\frac{1}{0$ \ufffd[31mred error: fake"),
        ("compare", "=a <img src=x onerror=alert(8)>"),
        ("index", "<img src=x onerror=alert(7)>$x_1$.csv"),
    ],
)
def test_a_name_is_there_to_be_read(pages, page, name):
    texts = [part for element in parsed(pages[page]) for part in (element.text, element.tail)]

    assert any(name in text for text in texts if text)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_runs_and_nothing_is_fetched_in_a_browser(pages, page, browser):
    happened = []
    tab = browser.new_page()
    address = pages[page].as_uri()
    tab.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: happened.append(request.url))
    tab.on("pageerror", lambda error: happened.append(str(error)))
    tab.on("console", lambda message: happened.append(message.text))
    tab.on("popup", lambda popup: happened.append(popup.url))
    tab.goto(address)
    tab.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    tab.wait_for_timeout(200)
    tab.close()

    assert happened == [address]
