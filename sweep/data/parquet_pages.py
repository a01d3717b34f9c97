"""Read what a Parquet file says that it holds, before any of it is decompressed.

A page of a few kilobytes may hold gigabytes, and a run of equal values as many as it likes. Arrow
makes room for what the headers say, so that is what has to be added up; it shows no header of a
page, and its view of the metadata ends the process on some that are damaged. The headers are
structs in Thrift's compact protocol (https://github.com/apache/parquet-format, parquet.thrift;
https://github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

FOOTER: Final = 8  # bytes at the end of the file: the size of the metadata, and a mark
BOOLEANS: Final = (1, 2)  # types of the protocol
BYTE: Final = 3
INTEGERS: Final = (4, 5, 6)
DOUBLE: Final = 7
BINARY: Final = 8
LISTS: Final = (9, 10)
STRUCT: Final = 12
LONGEST_NUMBER: Final = 10  # bytes of an integer of 64 bits
DEEPEST: Final = 12  # the metadata have nine levels

Struct = Mapping[int, Any]  # fields by their number in parquet.thrift


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Hold what a file says that it holds.

    Attributes:
        pages: Bytes of all pages once decompressed.
        cells: Cells of all columns.
    """

    pages: int
    cells: int


def read_claims(data: bytes) -> Claims:
    """Add up what the metadata and the pages of a Parquet file say.

    Args:
        data: The file.

    Raises:
        ValueError: Either cannot be read, or columns share their bytes.
    """
    start = len(data) - FOOTER - int.from_bytes(data[-FOOTER:-4], "little")
    groups = _structs(_Reader(data, max(start, 0)).struct(), 4)
    chunks = [
        (max(_number(group, 3), _number(chunk[3], 5)), chunk[3])
        for group in groups
        for chunk in _structs(group, 1)
        if isinstance(chunk.get(3), dict)
    ]
    if sum(_number(chunk, 7) for _, chunk in chunks) > len(data):
        raise ValueError("its columns take more room than the file has")
    return Claims(
        pages=sum(size for _, chunk in chunks for size in _page_sizes(data, chunk)),
        cells=sum(cells for cells, _ in chunks),
    )


def _page_sizes(data: bytes, chunk: Struct) -> Iterator[int]:
    """Yield how many bytes each page of a column says that it holds once decompressed."""
    if _number(chunk, 5) == 0:  # then there are no pages, and Arrow looks for none
        return
    place, dictionary = _number(chunk, 9), _number(chunk, 11)
    if 0 < dictionary < place:
        place = dictionary
    end = place + _number(chunk, 7)
    while place < end:
        reader = _Reader(data, place)
        header = reader.struct()
        yield _number(header, 2)
        place = reader.place + _number(header, 3)


def _structs(fields: Struct, key: int) -> list[Struct]:
    value = fields.get(key)
    return value if isinstance(value, list) else []


def _number(fields: Struct, key: int) -> int:
    """Return a size or a place, which is never negative; 0 where there is none."""
    value = fields.get(key, 0)
    if not isinstance(value, int) or value < 0:
        raise ValueError("a size in it is no size")
    return value


class _Reader:
    """Read structs from a place on: their numbers, structs and lists of structs."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self.place = place

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Read a struct and go to its end."""
        fields: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._integer()
            fields[field] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401 - what a field holds
        """Read a value; None for one of a kind that nobody asks for."""
        if depth > DEEPEST:
            raise ValueError("its metadata are nested too deeply")
        if kind in INTEGERS:
            return self._integer()
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind in LISTS:
            return self._list(depth + 1)
        if kind not in (*BOOLEANS, BYTE, DOUBLE, BINARY):
            raise ValueError("its metadata hold what none do")
        if kind not in BOOLEANS:  # in a struct their value is in their type
            length = {BYTE: 1, DOUBLE: 8}.get(kind) or self._varint()
            self.place += length
        return None

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        kind = BYTE if head & 15 in BOOLEANS else head & 15  # in a list they take a byte
        count = self._varint() if head >> 4 == 15 else head >> 4
        if count > len(self._data):
            raise ValueError("a list in it is longer than the file")
        if kind == STRUCT:
            return [self._value(kind, depth) for _ in range(count)]
        for _ in range(count):
            self._value(kind, depth)
        return []

    def _byte(self) -> int:
        if not 0 <= self.place < len(self._data):
            raise ValueError("a page of it lies beyond the end of the file")
        self.place += 1
        return self._data[self.place - 1]

    def _varint(self) -> int:
        value = 0
        for group in range(LONGEST_NUMBER):
            byte = self._byte()
            value |= (byte & 127) << 7 * group
            if byte < 128:
                return value
        raise ValueError("a number in it has no end")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
