from reports.drawing import canvas
from reports.outputs.sheet import WIDEST, lay_out, put_below

ONE = (canvas.WIDTH, 200.0)
STEP = canvas.WIDTH + 16


def test_panels_stand_side_by_side_three_to_a_row():
    sheet = lay_out([ONE] * 4)
    assert sheet.places == ((0, 0), (STEP, 0), (2 * STEP, 0), (0, 216))
    assert (sheet.width, sheet.height) == (WIDEST, 416)


def test_a_row_is_as_high_as_its_highest_panel():
    sheet = lay_out([ONE, (canvas.WIDTH, 300.0), ONE, ONE])
    assert sheet.places[3] == (0, 316)
    assert sheet.height == 516


def test_a_wide_panel_stands_alone():
    sheet = lay_out([(900.0, 100.0), ONE, ONE])
    assert sheet.places == ((0, 0), (0, 116), (STEP, 116))
    assert sheet.width == 900


def test_one_panel_is_the_whole_sheet():
    sheet = lay_out([ONE])
    assert (sheet.places, sheet.width, sheet.height) == (((0, 0),), *ONE)


def test_what_is_put_below_has_a_row_of_its_own():
    sheet = put_below(lay_out([ONE]), (100.0, 20.0))
    assert (sheet.places[1], sheet.width, sheet.height) == ((0, 216), canvas.WIDTH, 236)
