"""Count the code of this project: python -m tools.count_code [FOLDER ...].

A code line holds a token that is neither a comment nor part of a docstring. Tokens are those of
Python's tokenize, without comments, docstrings and what stands for lines and indents.
"""

import argparse
import ast
import io
import tokenize
from pathlib import Path
from typing import NamedTuple

DEFAULT = ("sweep", "studies", "reports")
LAYOUT = frozenset(
    {
        tokenize.COMMENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER, tokenize.INDENT,
        tokenize.NEWLINE, tokenize.NL,
    }
)  # fmt: skip
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Count(NamedTuple):
    """Hold how much code there is."""

    files: int = 0
    lines: int = 0
    tokens: int = 0

    def plus(self, other: "Count") -> "Count":
        """Return both together."""
        return Count(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def count_source(source: str) -> Count:
    """Count the code of one file."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            docstrings.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in LAYOUT and token.start[0] not in docstrings
    ]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    return Count(files=1, lines=len(lines), tokens=len(tokens))


def count_folder(folder: Path) -> Count:
    """Count the code of all files below a folder."""
    total = Count()
    for path in sorted(folder.rglob("*.py")):
        total = total.plus(count_source(path.read_text(encoding="utf-8")))
    return total


def main() -> None:
    """Count each folder, and print the table."""
    parser = argparse.ArgumentParser(prog="count_code", description=__doc__)
    parser.add_argument("folders", nargs="*", default=DEFAULT)
    total = Count()
    for name in parser.parse_args().folders:
        found = count_folder(Path(name))
        total = total.plus(found)
        print(f"{name:<10}{found.files:>6,} files{found.lines:>9,} lines{found.tokens:>10,} tokens")
    print(f"{'all':<10}{total.files:>6,} files{total.lines:>9,} lines{total.tokens:>10,} tokens")


if __name__ == "__main__":
    main()
