import io
import json

import pytest
from rich.table import Table
from rich.text import Text

from studies.commands.console import (
    harmless_json,
    open_console,
    open_progress_console,
    print_facts,
    print_table,
)


class BrokenStream(io.StringIO):
    def write(self, _):
        raise BrokenPipeError


def test_a_name_is_never_markup(capsys):
    open_console().print("[bold]x[/bold] :smile:")
    assert capsys.readouterr().out == "[bold]x[/bold] :smile:\n"


def test_a_long_line_stays_whole_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    print_facts(open_console(), [("a", "word " * 60), ("long name", "2")])
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"a          {'word ' * 60}".rstrip()
    assert second == "long name  2"


def test_a_table_ends_without_spaces(capsys):
    table = Table(box=None, pad_edge=False)
    table.add_column("a")
    table.add_column("b")
    table.add_row(Text("1"), Text("a long value"))
    table.add_row(Text("2"), Text("x"))
    print_table(open_console(), table)
    assert capsys.readouterr().out == "a  b\n1  a long value\n2  x\n"


def test_progress_that_nobody_can_see_is_given_up(monkeypatch):
    monkeypatch.setattr("sys.stderr", BrokenStream())
    console = open_progress_console()
    console.print("one")
    console.print("two")


def test_progress_goes_to_standard_error(capsys):
    open_progress_console().print("hello")
    assert capsys.readouterr() == ("", "hello\n")


def test_a_result_that_is_kept_elsewhere_may_be_lost_but_no_other(monkeypatch):
    monkeypatch.setattr("sys.stdout", BrokenStream())
    open_console(expendable=True).print("one")
    with pytest.raises(BrokenPipeError):
        open_console().print("one")


@pytest.mark.parametrize("text", ["\x1b[31m", "\x9b31m", "\u202ea", "\u2028"])
def test_what_a_terminal_would_obey_is_replaced(text, capsys):
    open_console().print(Text(f"a{text}b"), f"c{text}")
    print_facts(open_console(), [("name", text)])
    shown = capsys.readouterr().out
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert shown.count("\N{REPLACEMENT CHARACTER}") == 3


def test_json_for_a_terminal_has_the_same_values():
    value = {
        "\x1b[31m": ["\x9b31m", "\u202ea", "größe 🙂", "\U000e0001", "\ud800"],
        "b": [1.5, None],
    }
    text = harmless_json(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(text) == value
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert "größe 🙂" in text
