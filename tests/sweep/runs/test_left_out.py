import errno

import pytest

from sweep.errors import ConfigurationError, DataError, StorageError
from sweep.runs.left_out import LeftOut, guarded, run_left_out


def left_out_by(err):
    noted = []
    with guarded("figure.scores", noted):
        raise err
    return noted


@pytest.mark.parametrize(
    "err",
    [ValueError("no"), MemoryError(), RecursionError("deep"), RuntimeWarning("w"), OSError("?")],
)
def test_whatever_is_unexpected_is_noted(err):
    (noted,) = left_out_by(err)
    assert (noted.stage, noted.error, noted.text) == (
        "figure.scores", type(err).__name__, str(err),
    )  # fmt: skip
    assert noted.sentence.startswith(f"figure scores could not be made, because of {noted.error}")


@pytest.mark.parametrize(
    "err",
    [
        StorageError("run: the disk is full; make room"),
        DataError("a.csv: it is gone; put it back"),
        ConfigurationError("--out: no; give another"),
        OSError(errno.ENOSPC, "No space left on device"),
        PermissionError(errno.EACCES, "Permission denied"),
        KeyboardInterrupt(),
        SystemExit(3),
        GeneratorExit(),
    ],
)
def test_what_is_a_fault_of_the_run_itself_goes_on_up(err):
    noted = []
    with pytest.raises(type(err)), guarded("baselines", noted):
        raise err
    assert noted == []


def test_what_is_told_is_one_harmless_line_without_passwords():
    text = "red \x1b[31m\nline of postgresql+psycopg://anna:sword@db/runs " + "x" * 500
    (noted,) = left_out_by(ValueError(text))
    assert noted.text.isprintable()
    assert len(noted.text) <= 300
    assert "sword" not in noted.sentence
    assert noted.where.startswith("sweep.runs.left_out:")  # no other line of ours was reached


def test_the_line_of_ours_that_was_reached_last_is_named():
    noted = []
    with guarded("baselines", noted):
        run_left_out({"left_out": [None]})
    (one,) = noted
    assert one.error == "TypeError"
    assert one.where.startswith("sweep.runs.left_out:")


def test_a_manifest_says_what_was_left_out_and_an_old_one_nothing():
    entry = {"stage": "storage", "error": "", "text": "storage: gone; resume", "where": ""}
    assert run_left_out({"left_out": [entry]}) == [LeftOut(**entry)]
    assert run_left_out({"left_out": [entry]})[0].sentence == "storage: gone; resume"
    assert run_left_out({}) == []
