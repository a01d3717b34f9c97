import numpy as np
import pytest
from sklearn.datasets import load_digits

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.training.best import history_difference
from sweep.training.workers import InProcessWorker, start_workers, train_trial

CONFIG = TrialConfig(depth=1, width=8, epochs=3, batch_size=64, seed=4)


@pytest.fixture(scope="module")
def data():
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 8, 8)
    return TrainingData(
        task="multiclass", input_shape=(8, 8), classes=10,
        x_train=x[:300], y_train=y[:300].astype(np.int32),
        x_validation=x[300:400], y_validation=y[300:400].astype(np.int32),
    )  # fmt: skip


def test_trials_end_in_the_order_of_submission(data):
    worker = InProcessWorker(data)
    for seed in (3, 1, 2):
        worker.submit(f"s{seed}", CONFIG.with_seed(seed))

    assert [worker.next_result().trial for _ in range(3)] == ["s3", "s1", "s2"]


def test_a_trial_that_ends_well_is_finished(data):
    result = train_trial(data, "s0000", CONFIG)

    assert (result.trial, result.outcome, result.reason) == ("s0000", "finished", "")
    assert len(result.history) == 3
    assert result.history.best_epoch is not None
    assert result.seconds > 0


def test_a_trial_is_a_function_of_its_configuration(data):
    first = train_trial(data, "a", CONFIG)
    train_trial(data, "b", CONFIG.with_seed(5))
    again = train_trial(data, "c", CONFIG)
    other = train_trial(data, "d", CONFIG.with_seed(5))

    assert history_difference(first.history, again.history) == 0
    assert history_difference(first.history, other.history) > 0


def test_a_trial_that_diverges_says_in_which_epoch(data):
    config = TrialConfig(
        depth=1, width=8, optimizer="sgd", learning_rate=1e30, momentum=0.9, epochs=5
    )
    result = train_trial(data, "s0000", config)

    assert result.outcome == "diverged"
    epoch = result.history.diverged_epoch
    assert result.reason == f"loss or weights not finite in epoch {epoch}"
    assert len(result.history) == epoch


def test_an_exception_of_the_engine_is_a_failed_trial_with_its_reason(data):
    result = train_trial(data, "s0000", TrialConfig(depth=1, width=8, activation="swish"))

    assert result.outcome == "failed"
    assert result.reason == "ValueError: tuple.index(x): x not in tuple"
    assert len(result.history) == 0
    assert result.history.best_epoch is None


def test_a_long_reason_is_shortened_to_its_first_line(data):
    config = TrialConfig(depth=1, width=8, optimizer="x" * 2000 + "\nmore")
    reason = train_trial(data, "s0000", config).reason

    assert len(reason) <= 500
    assert "\n" not in reason


def test_one_worker_is_this_process(data):
    with start_workers(data, 1) as worker:
        assert worker.call(lambda given, more: (given is data, more), 5) == (True, 5)
        worker.submit("s0000", CONFIG)
    with pytest.raises(IndexError):
        worker.next_result()  # closing forgets what is queued


def test_workers_are_closed_after_an_error(data, monkeypatch):
    closed = []
    monkeypatch.setattr(InProcessWorker, "close", lambda worker: closed.extend([worker]))
    with pytest.raises(KeyboardInterrupt), start_workers(data, 1) as worker:
        raise KeyboardInterrupt

    assert closed == [worker]
