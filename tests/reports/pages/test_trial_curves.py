import json
import math

import numpy as np
import pandas as pd
import pytest

from reports import wording
from reports.pages.trial_curves import ALPHABET, BUDGET, MEASURES, thin, trial_data
from reports.tables.table import Table
from reports.words.saying import say_trial

LETTERS = ALPHABET.tobytes().decode()


def table_of(*names):
    rows = tuple((name,) for name in names)
    return Table(caption="", header=("Trial",), numeric=(False,), rows=rows)


def epochs_of(**curves):
    """Make an epochs table: one list of validation losses a trial."""
    parts = [
        pd.DataFrame({"trial": name, "epoch": range(1, len(losses) + 1), "validation_loss": losses,
                      "train_loss": np.asarray(losses) / 2, "train_score": 0.9,
                      "validation_score": 0.8})
        for name, losses in curves.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def failures_of(**reasons):
    """Make the verdicts of trials that failed, by the reason of each."""
    rows = {"trial": list(reasons), "reason": list(reasons.values())}
    return pd.DataFrame(rows).assign(verdict="failed", doubt="", calibration=False)


def told(*args):
    return json.loads(trial_data(*args).json)


def read_back(data, place):
    """Decode the curves of one trial as the page's script does: epochs, and values by measure."""
    kept = [
        sorted({*(e for e in data["schedule"] if e <= last), last, best} - {0})
        for last, best in zip(data["last"], data["best"], strict=True)
    ]
    start = sum(map(len, kept[:place])) * 4
    digits, missing = data["digits"], 64 ** data["digits"] - 1
    values = {measure: [] for measure in MEASURES}
    for point in range(len(kept[place])):
        for number, measure in enumerate(MEASURES):
            at = (start + point * 4 + number) * digits
            code = 0
            for letter in data["curves"][at : at + digits]:
                code = 64 * code + LETTERS.index(letter)
            low, high = data["scales"][number // 2]
            value = math.sinh(low + code / (missing - 1) * (high - low)) * data["unit"]
            own = 1 - value if "score" in measure else value
            values[measure].append(math.nan if code == missing else own)
    return kept[place], values


def test_every_value_comes_back():
    losses = {"a": [2.0, 0.5, 0.25], "b": [1e-4, 3.0]}
    data = told(table_of("b", "a"), epochs_of(**losses), pd.DataFrame())
    for place, name in enumerate(("b", "a")):
        epochs, values = read_back(data, place)
        assert epochs == list(range(1, len(losses[name]) + 1))
        assert values["validation_loss"] == pytest.approx(losses[name], rel=1e-4, abs=2e-7)
        assert values["train_loss"] == pytest.approx(np.divide(losses[name], 2), rel=1e-4, abs=2e-7)
        assert values["validation_score"] == pytest.approx([0.8] * len(epochs))


def test_a_value_that_is_not_finite_is_missing():
    data = told(table_of("a"), epochs_of(a=[1.0, math.nan, math.inf]), pd.DataFrame())
    _, values = read_back(data, 0)
    assert values["validation_loss"] == pytest.approx([1.0, math.nan, math.nan], nan_ok=True)
    assert data["best"] == [1]


def test_a_trial_without_an_epoch_has_no_curve():
    data = told(table_of("none", "a"), epochs_of(a=[1.0]), pd.DataFrame())
    assert data["last"] == [0, 1]
    assert read_back(data, 0) == ([], {measure: [] for measure in MEASURES})
    assert read_back(data, 1)[0] == [1]


@pytest.mark.parametrize("epochs", [None, epochs_of(a=[1.0]).iloc[:0], epochs_of(other=[1.0])])
def test_without_epochs_there_are_no_curves(epochs):
    data = told(table_of("a"), epochs, pd.DataFrame())
    assert data["curves"] == ""
    assert data["last"] == [0]


def test_an_empty_table_of_trials_is_no_error():
    data = told(table_of(), epochs_of(a=[1.0]), pd.DataFrame())
    assert data["last"] == data["sentences"] == []


def test_a_long_curve_keeps_its_best_and_its_last_epoch():
    losses = np.linspace(2, 1, 1000)
    losses[776] = 0.5
    epochs, values = read_back(told(table_of("a"), epochs_of(a=losses), pd.DataFrame()), 0)
    assert len(epochs) <= 162
    assert {1, 777, 1000} <= set(epochs)
    assert values["validation_loss"][epochs.index(777)] == pytest.approx(0.5, rel=1e-4)


def test_short_runs_show_every_epoch_and_say_so():
    assert trial_data(table_of("a"), epochs_of(a=[1.0, 0.5]), pd.DataFrame()).rule == (
        "Curves show every epoch."
    )


@pytest.mark.parametrize(("trials", "epochs"), [(10_000, 30), (200, 50), (40_000, 100), (3, 5000)])
def test_curves_stay_within_the_budget(trials, epochs):
    thinning = thin(np.full(trials, epochs))
    points = len(thinning.schedule) + 2
    assert thinning.trials * points * len(MEASURES) * thinning.digits <= BUDGET * 1.5
    kept = np.minimum(np.searchsorted(thinning.schedule, epochs, side="right") + 2, epochs)
    assert thinning.trials * kept * len(MEASURES) * thinning.digits <= BUDGET
    assert (thinning.trials == trials) == (trials < 40_000)


def test_thinned_curves_are_closer_at_the_start():
    steps = np.diff(thin(np.full(10_000, 30)).schedule)
    assert (np.diff(steps) >= 0).all()


def test_what_is_thinned_and_rounded_is_said():
    losses = {f"t{place}": [1.0] * 30 for place in range(3)}
    data = trial_data(table_of(*losses), epochs_of(**losses), pd.DataFrame())
    assert "every epoch" in data.rule
    many = thin(np.full(10_000, 30))
    assert many.digits == 2
    assert len(many.schedule) < 30


def test_sentences_share_their_words_and_come_back_whole(run):
    verdicts = run.verdicts
    data = told(table_of(*verdicts["trial"]), None, verdicts)
    assert len(data["patterns"]) < len(verdicts) / 2
    for place, row in enumerate(verdicts.to_dict("records")):
        pattern, *values = data["sentences"][place]
        parts = data["patterns"][pattern]
        filled = [part + value for part, value in zip(parts, [*values, ""], strict=True)]
        assert "".join(filled) == say_trial(row).sentence


def test_a_trial_without_a_verdict_has_no_sentence():
    data = told(table_of("a"), None, failures_of(b="out of memory"))
    assert data["patterns"][data["sentences"][0][0]] == [""]


def test_no_text_ends_the_script_element():
    data = trial_data(table_of("a"), None, failures_of(a="</script><!-- \u2028 \x00"))
    assert "<" not in data.json
    assert json.loads(data.json)["sentences"][0][2].startswith("</script><!--")


def test_the_same_run_gives_the_same_block(run):
    table = table_of(*run.trials["trial"])
    made = [trial_data(table, run.epochs, run.verdicts) for _ in range(2)]
    assert made[0] == made[1]


def test_a_trial_of_a_long_name_keeps_its_sentence():
    name = "n" * 200
    data = told(table_of(wording.shorten(name)), None, failures_of(**{name: "out of memory"}))
    assert data["sentences"][0][1:] == ["It", "out of memory"]
