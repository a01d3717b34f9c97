from sweep.spelling import closest


def test_nearest_name_is_found_whatever_its_case():
    assert closest("WIDHT", ["depth", "width"]) == "width"


def test_nothing_near_gives_nothing():
    assert closest("zebra", ["depth", "width"]) is None
    assert closest("", ["depth"]) is None
    assert closest("depth", []) is None
