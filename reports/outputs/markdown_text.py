"""Texts and tables as GitHub's Markdown in which names are only names.

A column may be called ``@everyone``, ``#1``, ``|`` or ``<img src=x>``, and a comment on a pull
request must neither mention anybody, nor link, nor break because of that. CommonMark's own escapes
do for what CommonMark reads; what GitHub finds in the finished text (mentions, issues, addresses)
is broken up by a space of no width.
"""

import re
from collections.abc import Sequence
from typing import Final

from reports import wording

BREAK: Final = "\u200b"  # zero-width space
_SPECIAL: Final = re.compile(r"[\\`*{}\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
_FOUND_LATER: Final = re.compile(
    r"(?P<mention>@)|(?P<issue>#)(?=\d)|(?P<number>GH-)(?=\d)|(?P<address>:)(?=//)"
    r"|(?P<site>www)(?=\.)|(?P<emoji>:)(?=[\w+-]+:)",
    re.IGNORECASE,
)
_BLOCK: Final = re.compile(r"\d{1,9}(?=[.)](\s|$))|(?=[-+>#=])")


def text(value: object, limit: int = 600) -> str:
    """Write a text as one line of Markdown that shows just its characters.

    Args:
        value: Anything; it is cleaned as for the page.
        limit: The most characters of it that are shown.
    """
    line = _inline(value, limit)
    block = _BLOCK.match(line)
    return f"{block[0]}\\{line[block.end() :]}" if block else line


def table(header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Write a table of texts.

    Args:
        header: Names of the columns.
        rows: One sequence of texts a row, as long as the header.
        numeric: Whether each column holds numbers, which stand on the right.

    Returns:
        Its lines; ``""`` without a column or a row.
    """
    if not header or not rows:
        return ""
    rule = ["---:" if number else ":---" for number in numeric]
    lines = [[_cell(name) for name in header], rule, *([_cell(one) for one in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(command: str) -> str:
    """Write a command as a block of its own, whatever is in it.

    Args:
        command: One line.
    """
    line = wording.clean(command)
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{line}\n{fence}"


def _cell(value: str) -> str:
    return _inline(value, 120) or " "


def _inline(value: object, limit: int) -> str:
    line = " ".join(wording.shorten(str(value), limit).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _SPECIAL.sub(lambda found: f"\\{found[0]}", line)
    line = _FOUND_LATER.sub(lambda found: f"{found[0]}{BREAK}", line)
    # A pair of dollar signs would be set as a formula; GitHub documents this way out.
    return line.replace("$", "<span>$</span>")
