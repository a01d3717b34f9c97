import numpy as np
import pandas as pd
import pytest

from studies.answering.trends import against_zero, fitted_changes
from studies.designs.spec import StudySpec

DOSES = {"none": 0.0, "some": 0.2, "much": 0.6}


def pairs(*rows):
    return pd.DataFrame(rows, columns=list(DOSES), dtype=float)


def test_a_straight_line_changes_by_its_slope_times_the_range():
    table = pairs([1.0, 0.8, 0.4], [2.0, 2.1, 2.3])

    assert fitted_changes(DOSES, table).to_numpy() == pytest.approx([-0.6, 0.3])


def test_a_pair_that_lacks_an_arm_has_no_line():
    changes = fitted_changes(DOSES, pairs([1.0, np.nan, 0.4], [1.0, 0.8, 0.4]))

    assert changes.isna().tolist() == [True, False]


def test_an_arm_that_no_pair_has_is_left_out_of_the_line():
    changes = fitted_changes(DOSES, pairs([1.0, 0.8, np.nan], [1.0, 0.9, np.nan]))

    assert changes.to_numpy() == pytest.approx([-0.2, -0.1])


@pytest.mark.parametrize("rows", [[], [[1.0, np.nan, np.nan]]])
def test_without_two_doses_there_is_no_line(rows):
    assert fitted_changes(DOSES, pairs(*rows)).isna().all()


def test_a_mean_above_zero_is_better_and_one_inside_the_margin_equivalent(design_of, run_design):
    spec = StudySpec(study="any", question="?", arms=({"width": 4}, {"width": 8}), margin=0.1)
    results = run_design(design_of(spec), lambda _: {})
    noise = np.random.default_rng(0).normal(0, 0.01, (10, 2))
    values = pd.DataFrame(noise + np.array([0.5, 0.0]), columns=["above", "near"])

    table = against_zero(values, results)

    assert table["verdict"].tolist() == ["better", "equivalent"]
    assert table["second"].tolist() == ["zero", "zero"]
    assert against_zero(values, results, margin=1.0)["verdict"].tolist() == ["equivalent"] * 2
