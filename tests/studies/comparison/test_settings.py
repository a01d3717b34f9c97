from studies.comparison.settings import changed_versions, settings_tables


def rows(table):
    return {(row[0], row[1]): tuple(row[2:]) for row in table.table.itertuples(index=False)}


def test_only_what_differs_is_in_the_first_table(read_sweeps):
    settings = {"data": "digits", "sampler": "tpe", "pruner": "none", "confirm": 5, "seed": 0}
    other = {"scores": [0.8, 0.9], "settings": settings}
    differing, same = settings_tables(read_sweeps(a=[0.8, 0.9], b=other))
    assert rows(differing) == {("settings", "sampler"): ("random", "tpe")}
    assert rows(same)["settings", "pruner"] == ("none",)
    assert list(differing.table.columns) == ["About", "Setting", "a", "b"]


def test_runs_of_equal_settings_differ_in_nothing(read_sweeps):
    differing, _ = settings_tables(read_sweeps(a=[0.8, 0.9], b=[0.7, 0.8]))
    assert differing.table.empty


def test_values_that_differ_in_their_last_digit_look_different(read_sweeps):
    told = [{"sampler": "random", "margin": margin} for margin in (0.12345678, 0.12345679)]
    runs = read_sweeps(
        a={"scores": [0.8, 0.9], "settings": told[0]}, b={"scores": [0.8, 0.9], "settings": told[1]}
    )
    assert rows(settings_tables(runs)[0]) == {("settings", "margin"): ("0.12345678", "0.12345679")}


def test_a_setting_that_one_run_lacks_is_shown_as_missing(read_sweeps):
    told = {"scores": [0.8, 0.9], "settings": {"sampler": "random", "new thing": True}}
    differing, _ = settings_tables(read_sweeps(a=[0.8, 0.9], b=told))
    assert rows(differing)["settings", "new thing"] == ("–", "yes")  # noqa: RUF001 - as it is shown


def test_runs_that_are_called_like_a_column_are_shown_all_the_same(read_sweeps):
    told = {"scores": [0.8, 0.9], "settings": {"sampler": "tpe"}}
    differing, _ = settings_tables(read_sweeps(About=told, Setting=[0.8, 0.9]))
    assert list(differing.table.columns) == ["About", "Setting", "About", "Setting"]


def test_changed_versions_name_both():
    before = {"fitgap": "0.1.0", "versions": {"keras": "3.15", "old": "1"}}
    after = {"fitgap": "0.2.0", "versions": {"keras": "3.15", "new": "2"}}
    assert changed_versions(before, after) == ["fitgap 0.1.0 to 0.2.0", "old 1 to –", "new – to 2"]  # noqa: RUF001 - as it is shown
