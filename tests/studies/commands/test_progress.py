import io

import pytest
from rich.console import Console

from studies.commands.progress import Tally, show_progress


def test_a_tally_counts_what_there_is_and_what_is_to_come(fresh_run, record_of):
    fresh_run.folder.append_record(record_of(0, (0.5, 0.4)))
    tally = Tally(fresh_run)
    assert (tally.done, tally.total, tally.failed) == (1, 4 + 2 * 3, 0)
    assert tally.describe_best() == "best loss 0.4000 (s0000)"
    assert tally.seconds_left is None


def test_before_the_first_trial_there_is_no_best(fresh_run):
    assert Tally(fresh_run).describe_best() == "no trial finished yet"
    assert Tally(fresh_run).describe_rest() == "no trial finished yet"


def test_the_time_left_is_that_of_the_trials_left(fresh_run, record_of):
    tally = Tally(fresh_run)
    tally._started -= 10
    tally.add(record_of(0))
    assert tally.seconds_left == pytest.approx(10 * 9, rel=0.01)
    tally._first -= 4  # the second trial took 4 s, the first 10 s with all its imports
    tally.add(record_of(1))
    assert tally.seconds_left == pytest.approx(4 * 8, rel=0.01)


def test_a_line_tells_trial_network_result_and_best(fresh_run, record_of):
    tally = Tally(fresh_run)
    tally.add(record_of(3, (0.5, 0.25)))
    assert tally.line(record_of(3, (0.5, 0.25))) == (
        "[1/10] s0003 16-16 adam: accuracy 0.7500, loss 0.2500; best loss 0.2500 (s0003)"
    )


def test_a_lost_trial_has_its_reason_without_controls(fresh_run, record_of):
    tally = Tally(fresh_run)
    record = record_of(0, (), outcome="failed", reason="bad \x1b[31mthing\n" + "x" * 500)
    tally.add(record)
    line = tally.line(record)
    assert "failed: bad \N{REPLACEMENT CHARACTER}[31mthing" in line
    assert "\n" not in line
    assert len(line) < 300
    assert ", 1 failed" in tally.describe_rest()


def test_a_confirmation_is_never_the_best_of_the_search(fresh_run, record_of):
    tally = Tally(fresh_run)
    tally.add(record_of(0, (0.4,)))
    tally.add(record_of(0, (0.1,), replicate=1))
    assert tally.describe_best() == "best loss 0.4000 (s0000)"


def test_a_pruned_trial_is_counted_apart_from_the_failed_and_is_never_the_best(
    fresh_run, record_of
):
    tally = Tally(fresh_run)
    tally.add(record_of(0, (0.5, 0.4)))
    pruned = record_of(1, (0.1,), outcome="pruned", reason="not among the best third of 2")
    tally.add(pruned)
    assert (tally.pruned, tally.failed) == (1, 0)
    assert tally.line(pruned).endswith(
        "pruned: not among the best third of 2; best loss 0.4000 (s0000)"
    )
    assert ", 1 pruned" in tally.describe_rest()


def test_an_audit_is_expected_once_trials_are_pruned_and_is_never_the_best(fresh_run, record_of):
    fresh_run.settings = fresh_run.settings.replace(audit=True)
    tally = Tally(fresh_run)
    tally.add(record_of(0, (0.4,)))
    assert tally.total == 4 + 6
    for slot in (1, 2):  # a tenth of them, and one at least
        tally.add(record_of(slot, (0.9,), outcome="pruned"))
        assert tally.total == 4 + 6 + 1
    audit = record_of(1, (0.1,), trial="a0001", stage="audit")
    tally.add(audit)
    assert (tally.done, tally.total) == (4, 11)
    assert tally.stage(audit) == "audit"
    assert tally.describe_best() == "best loss 0.4000 (s0000)"


def test_without_an_audit_pruned_trials_are_no_more_to_do(fresh_run, record_of):
    tally = Tally(fresh_run)
    tally.add(record_of(1, (0.9,), outcome="pruned"))
    assert tally.total == 4 + 6


def test_the_time_left_counts_the_search_as_short_as_pruning_makes_it(fresh_run, record_of):
    tally = Tally(fresh_run)
    tally.add(record_of(0))
    tally._first -= 4  # the half of a trial that follows takes 4 s
    tally.add(record_of(1, (0.5,), outcome="pruned"))
    left = 2 * 0.75 + 6  # two of the search, three quarters each on average, and 6 confirmations
    assert tally.seconds_left == pytest.approx(8 * left, rel=0.01)


def test_more_trials_than_expected_raise_the_total(fresh_run, record_of):
    tally = Tally(fresh_run)
    for slot in range(12):
        tally.add(record_of(slot))
    assert (tally.done, tally.total) == (12, 12)
    assert tally.stage(record_of(0)) == "finish"
    assert "left" not in tally.describe_rest()


@pytest.mark.slow
def test_without_a_terminal_there_is_a_line_a_trial(fresh_run):
    stream = io.StringIO()
    show_progress(fresh_run, Tally(fresh_run), Console(file=stream, width=1000))
    lines = stream.getvalue().splitlines()
    assert lines[0] == f"run folder {fresh_run.folder.path}"
    assert len(lines) == 1 + 4 + 6
    assert lines[-1].startswith("[10/10] c")
    assert "\x1b" not in stream.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("width", [40, 80, 120])
def test_on_a_terminal_the_live_line_never_wraps(width, fresh_run):
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None)
    show_progress(fresh_run, Tally(fresh_run), console)
    shown = stream.getvalue().replace("\r", "\n")
    frames = [line for line in shown.splitlines() if "/10" in line]
    assert any("10/10" in frame for frame in frames)
    assert max(len(frame.split("\x1b[2K")[-1]) for frame in frames) <= width
