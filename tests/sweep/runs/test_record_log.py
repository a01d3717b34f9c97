import json
import math
import os
import resource
import signal
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.config import TrialConfig
from sweep.errors import StorageError
from sweep.records import HISTORY_COLUMNS, TaskSpan, TrainingHistory
from sweep.runs.record_log import append_record, cut_torn_tail, read_records
from sweep.variant import AS_SPLIT, DataVariant

WIDTH = len(HISTORY_COLUMNS)


def assert_equal(found, expected):
    """Records are equal bit for bit, NaN and the sign of zero included."""
    assert [record.trial for record in found] == [record.trial for record in expected]
    for one, other in zip(found, expected, strict=True):
        for name in ("stage", "slot", "replicate", "config", "outcome", "reason", "parameters"):
            assert getattr(one, name) == getattr(other, name)
        assert (one.seconds, one.number) == (other.seconds, other.number)
        assert (one.cohort, one.arm, one.variant) == (other.cohort, other.arm, other.variant)
        assert one.spans == other.spans
        assert one.scores == other.scores
        assert one.history.diverged_epoch == other.history.diverged_epoch
        assert one.history.array.shape == other.history.array.shape
        assert one.history.array.tobytes() == other.history.array.tobytes()


@pytest.fixture
def log(tmp_path):
    return tmp_path / "records.jsonl"


@pytest.fixture
def three(log, record_of):
    """A log of three records, and what is in it."""
    records = [record_of(slot, losses=[0.5, 0.4 + slot / 7]) for slot in range(3)]
    for record in records:
        append_record(log, record)
    return records


def test_no_log_and_an_empty_log_hold_nothing(log):
    assert read_records(log) == []
    assert cut_torn_tail(log) == 0
    log.touch()
    assert read_records(log) == []
    assert cut_torn_tail(log) == 0


def test_records_come_back_in_the_order_of_writing(log, three):
    assert_equal(read_records(log), three)
    assert cut_torn_tail(log) == 0


def test_every_kind_of_record_comes_back(log, record_of, history_of):
    history = history_of([0.5, math.nan, math.inf, -math.inf, -0.0, 5e-324], diverged_epoch=2)
    empty = TrainingHistory(array=np.empty((0, WIDTH)))
    config = TrialConfig(
        depth=3, width=65, shape="tapering", dropout=0.1 + 0.2, activation="leaky_relu",
        optimizer="sgd", learning_rate=1 / 3e3, momentum=0.9, weight_decay=1e-5, use_bias=False,
        batch_size=7, epochs=3, seed=2**31 - 1,
    )  # fmt: skip
    records = [
        record_of(0, config=config),
        record_of(1, outcome="diverged", reason="epoch 2", history=history),
        record_of(
            2, outcome="failed", reason='no "memory"\n\x00\u2028 ünïcode \ud800', history=empty
        ),
        record_of(0, trial="c0000-01", stage="confirmation", replicate=1, number=None),
        record_of(
            3, trial="r003-01", stage="comparison", replicate=1, number=None, cohort="r003-01",
            arm='3x128, "ünïcode"', variant=DataVariant(
                fold=2, folds=5, train_rows=400, label_noise=1 / 3
            ),
        ),
        record_of(
            0, trial="t0000-01", stage="tuning", replicate=1, number=None, arm="he normal",
            config=TrialConfig(depth=1, width=8, initializer="he_normal"),
        ),
    ]  # fmt: skip
    for record in records:
        append_record(log, record)

    assert_equal(read_records(log), records)


def test_a_record_of_the_run_s_own_split_is_written_as_before_there_were_variants(log, record_of):
    append_record(log, record_of(0))

    text = log.read_text()
    assert '"variant"' not in text
    assert read_records(log)[0].variant == AS_SPLIT


def test_a_record_from_before_there_were_arms_and_initializers_is_read(log, record_of):
    append_record(log, record_of(0))
    values = json.loads(log.read_bytes().partition(b" ")[2])
    for name in ("arm", "cohort", "dead_units", "saturated_units"):
        values.pop(name, None)
    del values["config"]["initializer"]
    line = json.dumps(values).encode()
    log.write_bytes(b"%08x %s\n" % (zlib.crc32(line), line))

    assert_equal(read_records(log), [record_of(0)])


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(width=64), max_size=4),
    rate=st.floats(1e-300, 1e300),
    seconds=st.floats(0, 1e9),
    reason=st.text(max_size=30),
)
def test_any_float_and_any_reason_comes_back(
    tmp_path_factory, record_of, values, rate, seconds, reason
):
    path = tmp_path_factory.mktemp("log") / "records.jsonl"
    array = np.tile(np.array(values)[:, None], (1, WIDTH)).reshape(-1, WIDTH)
    record = record_of(
        config=TrialConfig(depth=1, width=8, learning_rate=rate),
        history=TrainingHistory(array=array), seconds=seconds, reason=reason,
    )  # fmt: skip
    append_record(path, record)

    assert_equal(read_records(path), [record])


def test_a_log_cut_at_any_byte_of_its_last_record_keeps_the_others(log, three, record_of):
    content = log.read_bytes()
    start = content[:-1].rindex(b"\n") + 1
    for size in range(start, len(content)):
        log.write_bytes(content[:size])
        assert [record.slot for record in read_records(log)] == [0, 1], size
        assert cut_torn_tail(log) == size - start
        assert log.read_bytes() == content[:start]
    append_record(log, record_of(3))
    assert [record.slot for record in read_records(log)] == [0, 1, 3]
    assert_equal(read_records(log)[:2], three[:2])


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_a_tail_of_nul_bytes_is_cut(log, three, cut):
    content = log.read_bytes()
    torn = content[:-cut] if cut else content
    log.write_bytes(torn + bytes(1000))

    kept = 2 if cut else 3
    assert_equal(read_records(log), three[:kept])
    assert cut_torn_tail(log) > 0
    assert_equal(read_records(log), three[:kept])
    assert log.read_bytes() == content[: len(log.read_bytes())]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("line", [1, 2])
def test_a_damaged_line_before_the_last_is_refused_by_its_number(log, line):
    content = bytearray(log.read_bytes())
    starts = [0, *(place + 1 for place, byte in enumerate(content) if byte == ord("\n"))]
    for offset in (0, 5, 9, 60, 300):  # in the checksum, and in what it is of
        damaged = content.copy()
        damaged[starts[line - 1] + offset] ^= 1
        log.write_bytes(damaged)
        with pytest.raises(StorageError, match=rf"records\.jsonl: line {line} is damaged; move"):
            read_records(log)
        with pytest.raises(StorageError, match=f"line {line} is damaged"):
            cut_torn_tail(log)
        assert log.read_bytes() == damaged  # what a person may still mend is left alone


def test_a_damaged_last_line_is_cut_like_a_torn_one(log, three):
    content = bytearray(log.read_bytes())
    content[-20] ^= 1
    log.write_bytes(content)

    assert_equal(read_records(log), three[:2])


def test_a_damaged_line_that_was_moved_out_leaves_the_others(log, three):
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + lines[2])

    assert_equal(read_records(log), [three[0], three[2]])


@pytest.mark.usefixtures("three")
def test_a_line_swapped_with_another_file_is_refused(log):
    log.write_bytes(b'{"trial": "s0000"}\n' + log.read_bytes())

    with pytest.raises(StorageError, match="line 1 is damaged"):
        read_records(log)


@pytest.fixture
def limited_files():
    """Files may not grow beyond a size: the kernel then refuses part of a write, then all."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then write() fails with EFBIG
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("room", [0, 1, 500])
def test_a_full_disk_leaves_the_log_as_it_was(log, record_of, limited_files, room):
    content = log.read_bytes()
    limited_files(len(content) + room)

    with pytest.raises(StorageError, match=r"records\.jsonl: File too large; make room"):
        append_record(log, record_of(3))

    limited_files(resource.RLIM_INFINITY)
    assert log.read_bytes() == content
    append_record(log, record_of(3))
    assert [record.slot for record in read_records(log)] == [0, 1, 2, 3]


def test_a_small_file_system_that_is_full_leaves_the_log_as_it_was(small_disk, record_of):
    log = small_disk / "records.jsonl"
    written = []

    def fill():
        for slot in range(1000):
            append_record(log, record_of(slot))
            written.append(slot)

    with pytest.raises(StorageError, match=r"records\.jsonl: No space left on device; make room"):
        fill()
    assert written
    assert log.read_bytes().endswith(b"\n")
    assert [record.slot for record in read_records(log)] == written
    (small_disk / "ballast").unlink()
    append_record(log, record_of(len(written)))
    assert len(read_records(log)) == len(written) + 1


def test_the_log_is_synced_before_appending_returns(log, record_of, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (fsync(file), synced.append(os.fstat(file))))
    append_record(log, record_of())

    kinds = [status.st_ino for status in synced]
    assert kinds == [log.stat().st_ino, log.parent.stat().st_ino]  # and the name of a new file
    assert synced[0].st_size == log.stat().st_size


def test_a_log_that_cannot_be_written_is_named(tmp_path, record_of):
    with pytest.raises(StorageError, match=r"missing/records\.jsonl: No such file or directory"):
        append_record(tmp_path / "missing" / "records.jsonl", record_of())
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="folder: Is a directory"):
        read_records(tmp_path / "folder")


def test_appending_leaks_no_file_descriptor(log, record_of):
    append_record(log, record_of(0))
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only a count
    for slot in range(1, 50):
        append_record(log, record_of(slot))
        read_records(log)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_shares_of_idle_units_are_kept_and_may_be_missing(log, record_of):
    counted = record_of(0, dead_units=0.1 + 0.2, saturated_units=None)
    for record in (counted, record_of(1)):
        append_record(log, record)

    first, second = read_records(log)

    assert (first.dead_units, first.saturated_units) == (0.1 + 0.2, None)
    assert (second.dead_units, second.saturated_units) == (None, None)


def test_who_trained_and_when_is_kept_and_takes_no_room_where_it_is_not_known(log, record_of):
    spans = (
        TaskSpan(worker="0", start=0.1 + 0.2, end=1.5),
        TaskSpan(worker="11", start=2.0, end=3.25),
    )
    for record in (record_of(0, spans=spans), record_of(1)):
        append_record(log, record)

    assert [record.spans for record in read_records(log)] == [spans, ()]
    assert b"spans" not in log.read_bytes().splitlines()[1]


def test_scores_are_kept_and_a_record_without_them_is_written_as_ever(log, record_of):
    scored = {"roc-auc": 0.1 + 0.2, "log-loss": 1e-300}
    append_record(log, record_of(0))
    append_record(log, record_of(1, scores=scored))
    without, with_scores = read_records(log)

    assert b'"scores"' not in log.read_bytes().splitlines()[0]
    assert (without.scores, with_scores.scores) == ({}, scored)
