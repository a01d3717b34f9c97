import pytest
from markdown_it import MarkdownIt

from reports.outputs import markdown_text
from reports.wording import clean

ZERO_WIDTH = "\u200b"
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(source):
    """What a reader of Markdown shows, and the kinds of element it is made of."""
    words, kinds = [], []
    for token in READER.parse(source):
        kinds.append(token.type)
        for child in token.children or ():
            kinds.append(child.type)
            words.append(child.content)
    return "".join(words).replace(ZERO_WIDTH, ""), set(kinds)


PLAIN = {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
AWKWARD = (
    "# heading", "- item", "+ item", "> quote", "1. one", "12) twelve", "===", "---", "a *b* _c_",
    "__init__", "leaky_relu", "`code`", "[link](http://x)", "![i](y)", "a\\b", "~~gone~~",
    "&lt; &amp;", "<b>bold</b>", "<!-- x -->", "a | b", "line\nbreak", "  spaces  ", "2026-11-23",
    "0.5 to 0.7", "```", "| a | b |\n| - | - |",
)  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_a_text_is_shown_as_it_is(text):
    words, kinds = shown(markdown_text.text(text))
    assert words == " ".join(clean(text).split())
    assert kinds <= PLAIN


def test_a_hostile_name_is_only_text(hostile_name):
    words, kinds = shown(markdown_text.text(hostile_name).replace("<span>$</span>", "$"))
    assert words == " ".join(clean(hostile_name).split())
    assert kinds <= PLAIN


@pytest.mark.parametrize(
    "text",
    ["@everyone", "see #12", "GH-7", "https://evil.example", "www.evil.example", "a@b.example",
     ":rocket:"],
)  # fmt: skip
def test_nobody_is_mentioned_and_nothing_is_linked(text):
    """GitHub looks for these in the finished text, where an escape is gone already."""
    words = markdown_text.text(text)
    assert ZERO_WIDTH in words
    for sign in ("@e", "@b", "#12", "-7", "://", "www.", ":rocket"):
        assert sign not in words


def test_dollars_are_no_formula():
    assert markdown_text.text("$a$") == "<span>$</span>a<span>$</span>"


def test_a_long_text_is_cut():
    assert markdown_text.text("x" * 99, 10) == "x" * 9 + "…"


def test_ordinary_text_stays_readable():
    sentence = (
        "From 1x128 to 3x128 accuracy goes from 0.868 to 0.867 (95 % interval \N{MINUS SIGN}0.006)."
    )
    assert markdown_text.text(sentence) == sentence


def test_a_table_has_its_cells_at_their_places():
    table = markdown_text.table(("a|b", "n"), [("x\ny", "1"), ("<", "-2")], (False, True))
    assert table.splitlines()[1] == "| :--- | ---: |"
    tokens = [token.content for token in READER.parse(table) if token.type == "inline"]
    assert [READER.renderInline(one) for one in tokens] == ["a|b", "n", "x y", "1", "&lt;", "-2"]


@pytest.mark.parametrize(("header", "rows"), [((), ()), (("a",), ())])
def test_a_table_without_a_row_is_nothing(header, rows):
    assert markdown_text.table(header, rows, [False] * len(header)) == ""


@pytest.mark.parametrize("command", ["fitgap sweep x", "a ```b", "``` ````", "</code>", "é\n\x1b"])
def test_a_command_stays_in_its_block(command):
    (token,) = READER.parse(markdown_text.code(command))
    assert (token.type, token.info) == ("fence", "sh")
    assert token.content == f"{clean(command)}\n"
