import pandas as pd
import pytest

from reports.figures.importance import MARKS, importance, panel

ROWS = pd.DataFrame(
    [
        ("score", "PED-ANOVA", "width", 0.7, 0.5, 0.9, 40),
        ("score", "PED-ANOVA", "a$^{x}$", 0.3, 0.1, 0.5, 40),
        ("score", "fANOVA", "width", 0.6, float("nan"), float("nan"), 40),
    ],
    columns=["measure", "method", "hyperparameter", "importance", "low", "high", "trials"],
)


@pytest.fixture(scope="module")
def axes():
    (axes,) = panel(importance(ROWS, "score"), "score").draw().axes
    return axes


def dots(axes, method):
    marker = MARKS[method].marker
    return [
        line.get_xdata().tolist() if hasattr(line.get_xdata(), "tolist") else list(line.get_xdata())
        for line in axes.lines
        if line.get_marker() == marker
    ]


def test_each_method_has_its_own_mark_at_its_importance(axes):
    assert dots(axes, "PED-ANOVA")[0] == [0.7, 0.3]
    assert dots(axes, "fANOVA")[0] == [0.6]


def test_intervals_are_drawn_and_a_line_shows_the_even_share(axes):
    spans = [tuple(line.get_xdata()) for line in axes.lines]
    assert (0.5, 0.9) in spans
    assert (0.5, 0.5) in spans  # one of two hyperparameters


def test_the_number_of_trials_and_both_methods_are_named(axes):
    words = " ".join(text.get_text() for text in axes.figure.texts)
    assert "40 finished trials" in words
    assert "PED-ANOVA" in words
    assert "fANOVA" in words


def test_a_name_like_mathematics_is_only_text(axes):
    names = [text for text in axes.texts if "$" in text.get_text()]
    assert names
    assert not any(text.get_parse_math() for text in names)
