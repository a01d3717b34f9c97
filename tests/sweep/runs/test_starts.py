import pytest

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError
from sweep.runs.starts import starts_of_run
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace


@pytest.fixture
def earlier_run(made_up_run, record_of):
    """A run whose trials are the better the wider, but for the widest, which diverged."""
    for slot, width in enumerate((16, 64, 300, 600, 900), start=5):
        config = TrialConfig(depth=1, width=width, dropout=0.1)
        outcome = "diverged" if width == 900 else "finished"
        made_up_run.append_record(
            record_of(slot, losses=[1 / width], config=config, outcome=outcome)
        )
    return made_up_run.path


def test_the_best_that_lie_in_the_space_are_taken_and_the_others_told(earlier_run):
    starts, notes = starts_of_run(earlier_run, SearchSpace(), 3)

    assert [table["width"] for table in starts] == [300, 64]
    (note,) = notes
    assert "s0008" in note
    assert "600" in note


def test_what_is_larger_than_the_cap_is_left_out(earlier_run):
    with pytest.raises(ConfigurationError, match="it has 730, more than 700"):
        starts_of_run(earlier_run, SearchSpace(max_parameters=700), 3)


def test_a_run_of_which_nothing_lies_in_the_space_is_refused_with_every_reason(earlier_run):
    with pytest.raises(ConfigurationError) as caught:
        starts_of_run(earlier_run, parse_space({"width": [5, 6]}), 2)

    first, *reasons = caught.value.faults
    assert first.startswith(f"--start: {earlier_run}: none of its best trials lies in the space")
    assert [reason.split()[1] for reason in reasons] == ["s0008", "s0007"]


def test_a_run_without_a_finished_trial_is_refused(made_up_run):
    made_up_run.records_path.write_bytes(b"")
    made_up_run.write_manifest(made_up_run.read_manifest() | {"records": 0})

    with pytest.raises(ConfigurationError, match="none of its trials finished"):
        starts_of_run(made_up_run.path, SearchSpace(), 5)


def test_a_study_and_an_empty_folder_are_refused(made_up_run, tmp_path):
    with pytest.raises(ConfigurationError, match="no run here"):
        starts_of_run(tmp_path, SearchSpace(), 5)
    made_up_run.write_manifest(made_up_run.read_manifest() | {"kind": "study"})
    with pytest.raises(ConfigurationError, match="is a study; give the folder of a sweep"):
        starts_of_run(made_up_run.path, SearchSpace(), 5)
