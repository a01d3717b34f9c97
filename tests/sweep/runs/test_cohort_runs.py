import pytest

from sweep.records import cohort_of
from sweep.runs.runner import Sweep
from sweep.space.parsing import parse_space
from sweep.training.best import history_difference
from sweep.training.reruns import rerun

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory, small_settings):
    """A run with cohorts of which some members are pruned."""
    settings = small_settings(
        trials=16, epochs=9, pruner="halving", audit=True, lag=8, confirm_top=1,
        space=parse_space({"depth": 1, "width": 8, "optimizer": "adam", "activation": "relu"}),
    )  # fmt: skip
    sweep = Sweep.create(settings, tmp_path_factory.mktemp("cohorts") / "run")
    return sweep, list(sweep.run())


def test_every_trial_is_equal_with_its_cohort(run):
    sweep, records = run
    pruned = [record for record in records if record.outcome == "pruned" and record.cohort]
    assert {len(record.history) for record in pruned} == {1, 3}
    assert any(record.outcome == "finished" and record.cohort for record in records)
    for record in records:
        cohort = cohort_of(record, records)
        again = rerun(sweep.prepared.training, record, cohort, rungs=[1, 3])
        assert (len(cohort) > 1) == bool(record.cohort)
        assert history_difference(again.history, record.history) == 0


def test_alone_it_agrees_to_rounding(run):
    sweep, records = run
    for record in records[:6]:
        again = rerun(sweep.prepared.training, record, [record], rungs=[1, 3])
        assert history_difference(again.history, record.history) < 1e-5


def test_the_network_saved_is_the_one_that_was_recorded(run):
    sweep, _ = run
    assert sweep.folder.read_manifest()["winner"]["rerun_difference"] == 0
