"""Where the records of a text stand, and whether its quotes leave but one reading of them.

Quotes are sound where they alternate: each opening one stands at the beginning of a cell, and each
closing one at its end or before another quote. Then no reader can take two cells for one.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sweep.data.table_dialect import COMMENTS, LONGEST_LINE, SPACE, Dialect

LINE_FEED: Final = ord("\n")
RETURN: Final = ord("\r")
LONG_LOOKED_AT: Final = 1000  # records that go over several lines
MOST_TIDIED: Final = 2**22  # quotes, each of which becomes a text of Python's for a while
BLANKS: Final = b" \t\r\n"

Places = NDArray[np.int32] | NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Hold where the records of a text stand that are rows, or may be a header.

    Attributes:
        data: The text.
        dialect: How it is written.
        starts: int [records], the byte at which each record starts.
        ends: int [records], the byte behind its line end.
        lines: int64 [records], the line of the file on which it starts.
        comments: int64 [n], the lines of comments.
        trailing: int64 [n], the lines of separators only behind the last row.
        has_long: Whether a record goes over several lines.
        has_spaces: Whether a cell may begin or end with spaces.
    """

    data: bytes
    dialect: Dialect
    starts: Places
    ends: Places
    lines: NDArray[np.int64]
    comments: NDArray[np.int64]
    trailing: NDArray[np.int64]
    has_long: bool
    has_spaces: bool

    def head(self, most: int) -> list[tuple[int, list[str]]]:
        """Return the first records: the line and the cells of each."""
        spans = zip(self.lines[:most], self.starts, self.ends, strict=False)
        parse = self.dialect.parse_one
        return [(int(line), parse(self.data[start:end])) for line, start, end in spans]

    def lines_like_rows(self) -> list[int]:
        """Return where cells go over lines that could be rows themselves, as a stray quote does."""
        marks, separator = self.dialect.width - 1, self.dialect.separator.encode()
        jumps = np.flatnonzero(np.diff(self.lines) > 1)[:LONG_LOOKED_AT] if self.has_long else ()
        return [
            int(self.lines[place])
            for place in jumps
            for line in self.data[self.starts[place] : self.ends[place]].splitlines()[1:2]
            if line.count(separator) == marks > 0
        ]

    def join(self, first: int) -> bytes | memoryview:
        """Return the bytes of all records from one on, and nothing of what stands between."""
        starts, ends = self.starts[first:], self.ends[first:]
        gaps = np.flatnonzero(starts[1:] != ends[:-1])
        begins, stops = starts[np.append(0, gaps + 1)], ends[np.append(gaps, len(ends) - 1)]
        view = memoryview(self.data)
        parts = [view[begin:stop] for begin, stop in zip(begins, stops, strict=True)]
        return parts[0] if len(parts) == 1 else b"".join(parts)


def scan(data: bytes, dialect: Dialect, lines_of: NDArray[np.int64] | None = None) -> Scan | None:
    """Find the records of a text whose quotes are sound.

    Spaces between a quote and a separator or line end do not matter, and are taken out; a backslash
    before a quote makes it one of a cell, where no other reading is sound.

    Args:
        data: The text.
        dialect: How it is written.
        lines_of: int64 [records], the lines on which the records stood, if elsewhere.

    Returns:
        The records; None where the quotes are not sound, a line is too long, or runs of spaces
        divide the cells.
    """
    raw = np.frombuffer(data, np.uint8)
    breaks = _find_breaks(data, raw)
    longest = np.diff(breaks, prepend=-1, append=len(data)).max()
    if longest > LONGEST_LINE or dialect.separator == SPACE:
        return None
    quotes = _places(raw == ord(dialect.quote), len(data))
    fence = np.zeros(256, dtype=np.bool_)  # what may stand before and behind a cell
    fence[[LINE_FEED, RETURN, ord(dialect.separator), ord(dialect.quote)]] = True
    if len(quotes) and not _are_sound(raw, quotes, fence):
        anew = _tidy(data, dialect.quote) if len(quotes) < MOST_TIDIED else ()
        return next(filter(None, (scan(text, dialect) for text in anew)), None)
    outer = breaks[np.searchsorted(quotes, breaks) % 2 == 0] if len(quotes) else breaks
    bounds = np.empty(len(outer) + 2, dtype=breaks.dtype)
    bounds[0], bounds[-1] = 0, len(data)
    np.add(outer, 1, out=bounds[1:-1])
    if len(data) == 0 or bounds[-2] == len(data):
        bounds = bounds[:-1]
    first = raw[bounds[:-1]]
    spaces = BLANKS.replace(dialect.separator.encode(), b"")  # lines of tabs may be rows
    kept = (first != LINE_FEED) & (first != RETURN)
    for place in np.flatnonzero((first == ord(" ")) | (first == ord("\t"))):
        kept[place] = bool(data[bounds[place] : bounds[place + 1]].strip(spaces))
    is_comment = np.zeros_like(kept)
    for place in np.flatnonzero(np.isin(first, [ord(mark) for mark in COMMENTS])):
        cells = dialect.parse_one(data[bounds[place] : bounds[place + 1]])
        is_comment[place] = dialect.is_comment(cells)
    rows = np.flatnonzero(kept & ~is_comment)
    count = len(rows)
    blanks = BLANKS + dialect.separator.encode()
    while count and not data[bounds[rows[count - 1]] : bounds[rows[count - 1] + 1]].strip(blanks):
        count -= 1

    def lines(places: NDArray[np.int64]) -> NDArray[np.int64]:
        counted = np.searchsorted(breaks, bounds[places]) + 1
        return counted if lines_of is None else lines_of[places]

    return Scan(
        data=data,
        dialect=dialect,
        starts=bounds[rows[:count]],
        ends=bounds[rows[:count] + 1],
        lines=lines(rows[:count]),
        comments=lines(np.flatnonzero(is_comment)),
        trailing=lines(rows[count:]),
        has_long=len(outer) < len(breaks),
        has_spaces=_has_spaces(data, raw, quotes, fence),
    )


def _places(mask: NDArray[np.bool_], size: int) -> Places:
    """Return where a mask is true, in half the memory for a text of usual size."""
    places = np.flatnonzero(mask)
    return places.astype(np.int32) if size < 2**31 - 1 else places


def _find_breaks(data: bytes, raw: NDArray[np.uint8]) -> Places:
    """Return the last byte of every line end, be it LF, CR or CR LF."""
    breaks = _places(raw == LINE_FEED, len(data))
    if b"\r" in data:
        returns = _places(raw == RETURN, len(data))
        lone = _after(raw, returns) != LINE_FEED
        breaks = np.sort(np.concatenate([breaks, returns[lone]]))
    return breaks


def _are_sound(raw: NDArray[np.uint8], quotes: Places, fence: NDArray[np.bool_]) -> bool:
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        return False
    opens = fence[raw[opening - 1]] | (opening == 0)
    return bool(opens.all() and fence[_after(raw, closing)].all())


def _tidy(data: bytes, quote: str) -> Iterator[bytes]:
    """Yield a text without spaces beside quotes; with quotes doubled that had a backslash."""
    mark = quote.encode()
    parts = zip(data.split(mark), itertools.cycle((False, True)), strict=False)
    bare = mark.join(part if inside else part.strip(b" ") or part for part, inside in parts)
    yield from (text for text in (bare, data.replace(b"\\" + mark, 2 * mark)) if text != data)


def _has_spaces(
    data: bytes, raw: NDArray[np.uint8], quotes: Places, fence: NDArray[np.bool_]
) -> bool:
    """Return whether a cell may begin or end with a space of any kind."""
    if not data.isascii():
        return True
    spaces = np.flatnonzero(raw <= ord(" "))
    spaces = spaces[~fence[raw[spaces]]]
    around = np.stack([raw[spaces - 1], _after(raw, spaces)])
    is_outer = np.searchsorted(quotes, spaces) % 2 == 0
    quote = raw[quotes[0]] if len(quotes) else 0
    at_edge = (fence[around].any(axis=0) & is_outer) | (around == quote).any(axis=0)
    return bool((at_edge | (spaces == 0) | (spaces == len(raw) - 1)).any())


def _after(raw: NDArray[np.uint8], places: Places) -> NDArray[np.uint8]:
    """Return the byte behind each place; behind the last one, that itself."""
    return raw[np.minimum(places + 1, len(raw) - 1)]
