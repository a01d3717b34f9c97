"""Read what a Parquet file says that it holds, before any of it is decompressed.

A page of a few kilobytes may hold gigabytes, and a run of equal values as many as it likes. Arrow
makes room for what the headers say, so that is what has to be added up; it shows no header of a
page, and its view of the metadata ends the process on some that are damaged. The headers are
structs in Thrift's compact protocol (https://github.com/apache/parquet-format, parquet.thrift;
https://github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).
"""

import dataclasses
import io
from collections.abc import Iterator
from typing import Any, Final

FOOTER: Final = 8  # bytes at the end of the file: the size of the metadata, and a mark
LONGEST_NUMBER: Final = 10  # bytes of an integer of 64 bits
DEEPEST: Final = 12  # the metadata have nine levels

Struct = dict[int, Any]  # fields by their number in parquet.thrift


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
    groups = _structs(_read_struct(_at(data, start), 0), 4)
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
        stream = _at(data, place)
        header = _read_struct(stream, 0)
        yield _number(header, 2)
        place = stream.tell() + _number(header, 3)


def _structs(fields: Struct, key: int) -> list[Struct]:
    value = fields.get(key)
    return value if isinstance(value, list) else []


def _number(fields: Struct, key: int) -> int:
    """Return a size or a place, which is never negative; 0 where there is none."""
    value = fields.get(key, 0)
    if not isinstance(value, int) or value < 0:
        raise ValueError("a size in it is no size")
    return value


def _at(data: bytes, place: int) -> io.BytesIO:
    """Return the file as a stream, without a copy of it."""
    stream = io.BytesIO(data)
    stream.seek(max(place, 0))
    return stream


def _read_struct(stream: io.BytesIO, depth: int) -> Struct:
    """Read a struct of Thrift's compact protocol: its numbers, structs and lists of structs."""
    fields: Struct = {}
    field = 0
    while head := _read_byte(stream):
        field = field + (head >> 4) if head >> 4 else _read_integer(stream)
        fields[field] = None if head & 15 in (1, 2) else _read_value(stream, head & 15, depth)
    return fields


def _read_value(stream: io.BytesIO, kind: int, depth: int) -> Any:  # noqa: ANN401 - of any field
    """Read a value of a kind; None for one that nobody asks for."""
    if depth > DEEPEST:
        raise ValueError("its metadata are nested too deeply")
    match kind:
        case 4 | 5 | 6:
            return _read_integer(stream)
        case 9 | 10:
            head = _read_byte(stream)
            count = _read_count(stream) if head >> 4 == 15 else head >> 4
            values = (_read_value(stream, head & 15, depth + 1) for _ in range(count))
            return [value for value in values if isinstance(value, dict)]
        case 12:
            return _read_struct(stream, depth + 1)
        case 1 | 2 | 3 | 7 | 8:  # truth values in a list, a byte, a number of 64 bits, bytes
            stream.seek({7: 8, 8: 0}.get(kind, 1) or _read_count(stream), io.SEEK_CUR)
            return None
    raise ValueError("its metadata hold what none do")


def _read_byte(stream: io.BytesIO) -> int:
    byte = stream.read(1)
    if not byte:
        raise ValueError("a page of it lies beyond the end of the file")
    return byte[0]


def _read_varint(stream: io.BytesIO) -> int:
    value = 0
    for group in range(LONGEST_NUMBER):
        byte = _read_byte(stream)
        value |= (byte & 127) << 7 * group
        if byte < 128:
            return value
    raise ValueError("a number in it has no end")


def _read_count(stream: io.BytesIO) -> int:
    count = _read_varint(stream)
    if count > stream.getbuffer().nbytes:
        raise ValueError("a list in it is longer than the file")
    return count


def _read_integer(stream: io.BytesIO) -> int:
    value = _read_varint(stream)
    return (value >> 1) ^ -(value & 1)
