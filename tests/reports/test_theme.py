import itertools

import numpy as np
import pytest

from reports import theme

# Severity 1.0 of Machado, Oliveira and Fernandes (2009), in linear RGB.
PROTANOPIA = [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
DEUTERANOPIA = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
DRAWN = [name for name in theme.INKS if name not in {"surface", "grid"}]


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    xyz = np.array(TO_XYZ) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("name", DRAWN)
def test_every_mark_stands_out_from_its_background(name):
    ink, surface = theme.INKS[name], theme.INKS["surface"]
    assert contrast(ink.light, surface.light) >= 3
    assert contrast(ink.dark, surface.dark) >= 3


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in {"undecided", "baseline"}])
def test_every_colour_of_text_reaches_the_contrast_of_text(name):
    ink, surface = theme.INKS[name], theme.INKS["surface"]
    assert contrast(ink.light, surface.light) >= 4.5
    assert contrast(ink.dark, surface.dark) >= 4.5


@pytest.mark.parametrize("deficiency", [np.eye(3), PROTANOPIA, DEUTERANOPIA])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lines_of_one_panel_differ_for_the_colour_blind(deficiency, mode):
    shown = [
        lab(np.array(deficiency) @ linear(getattr(theme.INKS[name], mode)))
        for name in ("train", "validation", "ink")
    ]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(shown, 2)]
    assert min(distances) > 20


def test_verdicts_that_share_a_colour_differ_in_their_mark():
    marks = [(mark.ink, mark.marker) for mark in theme.MARKS.values()]
    assert len(set(marks)) == len(marks)
    assert len({mark.glyph for mark in theme.MARKS.values()}) == len(theme.MARKS)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_colour_of_a_series_reaches_the_contrast_of_text(mode):
    surface = getattr(theme.INKS["surface"], mode)
    for ink in theme.SERIES_INKS.values():
        assert contrast(getattr(ink, mode), surface) >= 4.5


@pytest.mark.parametrize("deficiency", [np.eye(3), PROTANOPIA, DEUTERANOPIA])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_series_differ_for_the_colour_blind_and_the_first_four_differ_most(deficiency, mode):
    shown = [
        lab(np.array(deficiency) @ linear(getattr(ink, mode))) for ink in theme.SERIES_INKS.values()
    ]
    pairs = [np.linalg.norm(a - b) for a, b in itertools.combinations(shown, 2)]
    first = [np.linalg.norm(a - b) for a, b in itertools.combinations(shown[:4], 2)]
    assert min(pairs) > 18
    assert min(first) > 29


def test_each_series_has_a_mark_of_its_own_up_to_sixteen():
    names = [f"series {place}" for place in range(16)]
    marks = theme.series_marks(["train", *names])
    looks = {(mark.ink, mark.marker, mark.hollow) for mark in marks.values()}
    assert len(looks) == 16 + len(theme.MEASURED_MARKS)
    assert len({mark.marker for mark in list(theme.series_marks(names[:8]).values())[3:]}) == 8
    assert len({theme.glyph(marks[name]) for name in names}) == 16


def test_train_and_validation_keep_their_colours_among_other_series():
    marks = theme.series_marks(["sgd", "validation", "train"])
    assert marks["train"].ink == "train"
    assert marks["validation"].ink == "validation"
    assert marks["sgd"] == theme.series_marks(["sgd"])["sgd"]


def test_no_two_ideas_share_a_light_colour():
    lights = [ink.light for ink in (theme.INKS | theme.SERIES_INKS).values()]
    assert len(set(lights)) == len(lights)


def test_an_unknown_verdict_is_drawn_as_undecided():
    assert theme.mark_of("<script>") == theme.MARKS["undecided"]


def test_every_colour_of_a_figure_is_replaced_by_a_variable():
    css = theme.style_sheet()
    for name, ink in theme.INKS.items():
        assert f'[fill="{ink.light}"]{{fill:var(--{name})}}' in css
        assert f'[stroke="{ink.light}"]{{stroke:var(--{name})}}' in css
        assert css.count(f"--{name}:{ink.dark}") == 2


def test_a_style_sheet_has_the_colours_it_is_asked_for():
    assert "--series-1" not in theme.style_sheet()
    css = theme.style_sheet(theme.INKS | theme.SERIES_INKS)
    ink = theme.SERIES_INKS["series-1"]
    assert f'[fill="{ink.light}"]{{fill:var(--series-1)}}' in css
    assert ".ink-series-1{color:var(--series-1)}" in css


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_numbers_are_legible_on_every_step_of_the_ramp(mode):
    for step, text in zip(theme.RAMP_INKS.values(), theme.RAMP_TEXTS, strict=True):
        assert contrast(getattr(step, mode), getattr(theme.INKS[text], mode)) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_ramp_goes_from_the_page_to_the_ink_in_even_steps_of_lightness(mode):
    surface = lab(linear(getattr(theme.INKS["surface"], mode)))[0]
    steps = [lab(linear(getattr(ink, mode)))[0] for ink in theme.RAMP_INKS.values()]
    away = np.abs(np.array(steps) - surface)
    assert np.diff(away).min() > 10
    assert np.ptp(np.diff(away)) < 1.5


def test_no_ink_of_a_sweep_shares_its_light_colour():
    lights = [ink.light for ink in theme.SWEEP_INKS.values()]
    assert len(set(lights)) == len(lights)


def test_a_value_has_one_mark_wherever_it_stands():
    marks = theme.value_marks({"optimizer": ["adam", "sgd"], "depth": [1, 2]})
    assert list(marks) == [
        ("optimizer", "adam"),
        ("optimizer", "sgd"),
        ("depth", "1"),
        ("depth", "2"),
    ]
    assert len(set(marks.values())) == 4


def test_the_ninth_value_comes_again_hollow():
    marks = list(theme.value_marks({"width": range(9)}).values())
    assert marks[8].ink == marks[0].ink
    assert marks[8].hollow
    assert not marks[0].hollow


def test_no_hyperparameter_has_no_marks():
    assert theme.value_marks({}) == {}
