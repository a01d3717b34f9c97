from reports.drawing.key import EDGE, LINE, Entry, key_figure


def entries(number, words="some words"):
    return [Entry(glyph="●", colour="#00805f", words=f"{words} {n}") for n in range(number)]


def texts(figure):
    return [text.get_text() for text in figure.texts]


def test_each_entry_is_a_mark_and_its_words():
    figure = key_figure(entries(2), 360.0)
    assert texts(figure) == ["●", "some words 0", "●", "some words 1"]
    assert figure.texts[0].get_color() == "#00805f"


def test_entries_that_do_not_fit_go_on_in_the_next_line():
    one, two = key_figure(entries(3), 360.0), key_figure(entries(6), 360.0)
    assert one.get_figheight() * 72 == LINE + EDGE
    assert two.get_figheight() * 72 == 2 * LINE + EDGE
    rows = {round(text.get_position()[1], 6) for text in two.texts}
    assert len(rows) == 2


def test_nothing_leaves_the_drawing():
    figure = key_figure(entries(9), 360.0)
    assert all(0 <= x < 1 and 0 < y < 1 for x, y in (one.get_position() for one in figure.texts))


def test_words_longer_than_the_drawing_have_a_line_of_their_own():
    figure = key_figure(entries(2, "x" * 80), 360.0)
    assert figure.get_figheight() * 72 == 2 * LINE + EDGE


def test_a_name_is_no_formula():
    figure = key_figure(entries(1, "$\\frac$"), 360.0)
    assert not figure.texts[1].get_parse_math()
