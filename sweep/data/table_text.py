"""Text of a table: bytes of any common encoding in, UTF-8 out, with a word where it was guessed."""

import codecs
import contextlib
import re
from typing import Final

from sweep.data.files import name_content, name_path
from sweep.data.formats import PLAIN_ENDINGS
from sweep.data.names import printable, quoted
from sweep.errors import DataError

MARKS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",  # begins as the mark of UTF-16 does
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# Letters with accents stand alone or in pairs; whole words of such bytes are another alphabet.
OTHER_ALPHABET: Final = re.compile(rb"[\x80-\xff]{3}")
UTF8_LETTER: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
WORD_AROUND: Final = 20  # characters, for the example in a warning


def decode(data: bytes, source: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the content of a text file in UTF-8, without its mark, and what was guessed.

    Args:
        data: The content, decompressed.
        source: The path, for messages.

    Raises:
        DataError: It is no text, holds NUL bytes, or is of an encoding that cannot be told.
    """
    where = name_path(source)
    if kind := name_content(data):
        raise DataError(
            f"{where}: its content is {kind}, not CSV text; give it the name that belongs to its "
            f"format ({', '.join(PLAIN_ENDINGS)}), or export it as CSV"
        )
    warnings: tuple[str, ...] = ()
    if name := next((name for mark, name in MARKS.items() if data.startswith(mark)), ""):
        try:
            data = data.decode(name).encode()
        except UnicodeError as error:
            raise DataError(
                f"{where}: begins as {name}, but is not ({printable(str(error))}); save it as UTF-8"
            ) from error
        warnings = (f"the file is {name}, and was read as such",)
    data = data.removeprefix(codecs.BOM_UTF8)
    if (place := data.find(b"\0")) >= 0:
        hint = "; it may be UTF-16: save it as UTF-8" if data.count(b"\0") > len(data) // 4 else ""
        advice = hint or "; remove it, or write the file again"
        raise DataError(f"{where}: line {_line(data, place)} holds a NUL byte{advice}")
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError as error:
        told = f"line {_line(data, error.start)} is not UTF-8 (byte 0x{data[error.start]:02x}"
        text = _read_western(data)
        if not text:
            raise DataError(
                f"{where}: {told}, and not surely Windows-1252 either); save it as UTF-8, for "
                "example with iconv -f ENCODING -t UTF-8"
            ) from error
        words = re.findall(r"\w+", text[max(error.start - WORD_AROUND, 0) :][: 2 * WORD_AROUND])
        word = next((word for word in words if not word.isascii()), text[error.start])
        told = f"{told}); read as Windows-1252, such as {quoted(word)}; if wrong, save it as UTF-8"
        return text.encode(), (told,)
    return data, warnings


def _read_western(data: bytes) -> str:
    """Read what can only be Windows-1252, of which Latin-1 is the same but for control bytes."""
    if not (OTHER_ALPHABET.search(data) or UTF8_LETTER.search(data)):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("cp1252")
    return ""


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
