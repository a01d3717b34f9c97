"""The parser of the command line: wrong usage reads as every other fault does."""

import argparse
import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from sweep.settings.storage_address import mask_passwords
from sweep.spelling import closest

USAGE: Final = 2

Commands = Any  # argparse's own class for sub-commands is private


class Parser(argparse.ArgumentParser):
    """Report wrong usage as every other fault: in one line, with exit code 2.

    Attributes:
        foreign: Why options of other commands are none of this one's, and what to do, by option.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - argparse's own, from add_parser
        self.foreign: dict[str, str] = {}
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options
        )

    @property
    def options(self) -> set[str]:
        """Return the options that it takes."""
        return {name for name in self._option_string_actions if name.startswith("--")}

    def error(self, message: str) -> NoReturn:
        """End the process with one line about what is wrong."""
        fault = mask_passwords(self._explain(message))
        self.exit(USAGE, f"error: {without_controls(fault)}\n")

    def refuse(self, words: Sequence[str]) -> NoReturn:
        """End the process with one line for each word that no option takes."""
        faults = []
        follows = False
        for word in words:
            name, equals, _ = word.partition("=")
            if name in self.foreign:
                faults.append(f"{name}: {self.foreign[name]}")
                follows = not equals
            elif follows and not word.startswith("-"):
                follows = False  # its value
            elif word.startswith("-"):
                faults.append(
                    f"{name}: there is no such option; {self._advise(name, sorted(self.options))}"
                )
            else:
                faults.append(f"{word}: it is one word too many; {self._advise(word, [])}")
        lines = [f"error: {without_controls(mask_passwords(fault))}\n" for fault in faults]
        self.exit(USAGE, "".join(lines))

    def _explain(self, message: str) -> str:
        """Put argparse's messages into the form of our own; unknown ones stay as they are."""
        if match := re.match(r"the following arguments are required: (.*)", message):
            return f"{match[1]}: it is missing; {self._advise('', [])}"
        if match := re.match(r"argument ([^:]+): invalid choice: '?(.*?)'? \(", message):
            known = [name for action in self._actions for name in action.choices or ()]
            advice = self._advise(match[2], known)
            return f"{match[1]}: {match[2]!r} is none of {', '.join(known)}; {advice}"
        if match := re.match(r"argument ([^:]+): expected one argument", message):
            return f"{match[1]}: its value is missing; {self._advise('', [])}"
        if match := re.match(r"argument ([^:]+): ignored explicit argument (.*)", message):
            return f"{match[1]}: it takes no value, not {match[2]}; leave the value out"
        return f"{message}; {self._advise('', [])}"

    def _advise(self, word: str, known: Sequence[str]) -> str:
        guess = closest(word, known)
        return f"see `{self.prog} --help`" if guess is None else f"did you mean {guess}?"


def add_command(commands: Commands, name: str, text: str, epilog: str = "") -> Parser:
    """Add a sub-command.

    Args:
        commands: What argparse holds sub-commands in.
        name: Its name.
        text: What it does, in a few words.
        epilog: Examples.
    """
    parser: Parser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog
    )
    parser.add_argument(
        "--debug", action="store_true", help="show where in the code an error was found"
    )
    parser.set_defaults(parser=parser)
    return parser


def without_controls(text: str) -> str:
    """Replace what could move a terminal's cursor or fake a line of its own."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
