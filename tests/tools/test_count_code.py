from tools.count_code import Count, count_folder, count_source

SOURCE = '''"""A module."""

import math  # for pi


def area(radius):
    """Return an area.

    Of a circle.
    """
    # the formula of Archimedes
    return (
        math.pi
        * radius**2
    )


TEXT = """
a text is code
"""
'''


def test_comments_docstrings_and_empty_lines_are_no_code():
    assert count_source(SOURCE).lines == 1 + 1 + 4 + 3


def test_tokens_are_those_of_the_code():
    assert count_source("x = 1  # one\n") == Count(files=1, lines=1, tokens=3)
    assert count_source('"""Only a docstring."""\n').tokens == 0


def test_a_folder_has_the_code_of_its_files(tmp_path):
    (tmp_path / "deeper").mkdir()
    (tmp_path / "one.py").write_text("x = 1\n")
    (tmp_path / "deeper" / "two.py").write_text("y = 2\nz = 3\n")
    assert count_folder(tmp_path) == Count(files=2, lines=3, tokens=9)
