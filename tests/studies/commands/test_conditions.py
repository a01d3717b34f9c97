import math
import re

import pytest

from reports.outputs.fact_names import SCORE_FACTS
from studies.commands.conditions import (
    Condition,
    ConditionHeldError,
    check_conditions,
    read_conditions,
)
from sweep.errors import ConfigurationError, NothingUsableError
from sweep.scores import SCORES

FACTS = {"gap": 0.1, "alarms": 0, "verdict": "overfits", "test_score": None, "state": "finished"}


def judge(*texts):
    check_conditions(read_conditions(texts, "sweep"), FACTS)


@pytest.mark.parametrize(
    "text",
    ["gap > 0.05", "gap >= 0.1", "gap == 0.1", "gap<1", "  gap  <=  .1 ", "gap != 1e-3",
     "gap > -1", "gap < +1.", "alarms == 0", "verdict == overfits", "verdict == 'overfits'",
     'verdict != "fits"', "state == finished"],
)  # fmt: skip
def test_a_condition_that_holds_is_told(text):
    with pytest.raises(ConditionHeldError, match="it holds") as caught:
        judge(text)
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "text",
    ["gap > 0.1", "gap < 0.1", "gap != 0.1", "gap == 0", "alarms > 0", "verdict == fits",
     "verdict != 'overfits'"],
)  # fmt: skip
def test_a_condition_that_does_not_hold_is_no_word_worth(text):
    judge(text)


def test_the_line_has_condition_and_number():
    with pytest.raises(ConditionHeldError) as caught:
        judge("gap > 0.05", "alarms > 0", "verdict == overfits")
    assert caught.value.faults == (
        "--fail-if 'gap > 0.05': it holds, gap is 0.1; see the report",
        "--fail-if 'verdict == overfits': it holds, verdict is overfits; see the report",
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.07145279434850298, "0.07145"),
        (30.0, "30"),
        (123456.789, "123457"),
        (12345678, "12345678"),
    ],
)
def test_numbers_are_told_to_four_digits_and_counts_whole(value, shown):
    conditions = read_conditions(["seconds > 0"], "sweep")
    with pytest.raises(ConditionHeldError, match=f"it holds, seconds is {shown}; see"):
        check_conditions(conditions, {"seconds": value})


def test_a_fact_that_is_not_known_is_a_fault_of_its_own():
    with pytest.raises(NothingUsableError, match="test_score is not known of this run") as caught:
        judge("alarms > 0", "test_score < 0.9")
    assert caught.value.exit_code == 4


def test_what_holds_outweighs_what_is_not_known():
    with pytest.raises(ConditionHeldError) as caught:
        judge("test_score < 0.9", "gap > 0")
    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "--fail-if 'gap > 0'", "--fail-if 'test_score < 0.9'",
    ]  # fmt: skip


WRONG = [
    ("", "it is no condition; write it as NAME OP VALUE, such as 'gap > 0.1'"),
    ("gap", "it is no condition; *"),
    ("gap >", "it is no condition; *"),
    ("0.1 < gap", "it is no condition; *"),
    ("gap > 0.1 and alarms > 0", "'0.1 and alarms > 0' is not a number; write one, such as 0.1"),
    ("gap => 0.1", "'=>' is no comparison; write one of < <= > >= == !="),
    ("gap = 0.1", "'=' is no comparison; *"),
    ("gpa > 0.1", "a sweep has no fact 'gpa'; did you mean gap?"),
    ("zzz > 0.1", "a sweep has no fact 'zzz'; it has verdict, gap, *"),
    ("largest_gap > 0.1", "a sweep has no fact 'largest_gap'; *"),
    ("gap > nan", "'nan' is not a number; write one, such as 0.1"),
    ("gap > inf", "'inf' is not a number; *"),
    ("gap > 1e999", "'1e999' is not a number; *"),
    ("gap > 10 %", "'10 %' is not a number; *"),
    ("gap > 1_0", "'1_0' is not a number; *"),
    ("gap > alarms", "'alarms' is not a number; *"),
    ("gap > __import__('os')", "\"__import__('os')\" is not a number; *"),
    ("verdict == overfit", "verdict is one of *, never 'overfit'; did you mean overfits?"),
    ("verdict == 'overfits", 'verdict is one of *, never "\'overfits"; did you mean overfits?'),
    ("verdict > fits", "verdict is a word, which > does not compare; write == or !="),
    ("verdict == ''", "verdict is one of *, never ''; write one of them"),
]


@pytest.mark.parametrize(("text", "fault"), WRONG)
def test_a_wrong_condition_is_one_line(text, fault):
    with pytest.raises(ConfigurationError) as caught:
        read_conditions([text], "sweep")
    (line,) = caught.value.faults
    known = re.escape(f"--fail-if {text!r}: ") + re.escape(fault).replace(r"\*", ".*")
    assert re.fullmatch(known, line)


def test_all_faults_are_told_at_once():
    with pytest.raises(ConfigurationError) as caught:
        read_conditions([text for text, _ in WRONG] + ["gap > 1"], "sweep")
    assert len(caught.value.faults) == len(WRONG)


def test_a_study_has_facts_of_its_own():
    (condition,) = read_conditions(["overfitting_arms>=2"], "study")
    assert condition == Condition(
        text="overfitting_arms>=2", name="overfitting_arms", sign=">=", value=2.0
    )
    with pytest.raises(ConfigurationError, match="a study has no fact 'test_score'"):
        read_conditions(["test_score > 0"], "study")


def test_no_condition_asks_nothing():
    assert read_conditions([], "sweep") == []
    check_conditions([], {"gap": math.nan})


def test_wrong_conditions_are_told_with_all_else_that_is_wrong(run_command, capsys):
    assert run_command("sweep", "digits", "--trials", 0, "--fail-if", "gpa > 1") == 2
    sweep = capsys.readouterr().err.splitlines()
    assert run_command("study", "ladder", "iris", "--seeds", 1, "--fail-if", "gap > 1") == 2
    study = capsys.readouterr().err.splitlines()
    keys = [line.split(":")[1].split()[0] for line in (*sweep, *study)]
    assert keys == ["--trials", "--fail-if", "--seeds", "--fail-if"]


@pytest.mark.slow
def test_a_sweep_is_judged_at_its_end(run_command, tmp_path, capsys):
    small = ("--trials", 2, "--epochs", 1, "--confirm", 0, "--workers", 1, "--no-report")
    out = tmp_path / "run"
    command = ("sweep", "iris", *small, "--no-baselines", "--out", out)
    assert run_command(*command, "--fail-if", "finished == 2", "--fail-if", "failed > 0") == 6
    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1] == (
        "error: --fail-if 'finished == 2': it holds, finished is 2; see the report"
    )
    assert "fitgap status" in captured.out
    assert run_command("report", out, "--format", "md", "--out", "-") == 0


@pytest.mark.slow
def test_a_study_is_judged_at_its_end(run_command, tmp_path, capsys):
    (tmp_path / "mine.toml").write_text(
        'question = "Does width matter?"\n[scientific]\nwidth = [2, 4]\n[fixed]\ndepth = 1\n'
        'learning_rate = 0.01\n'
    )  # fmt: skip
    options = ("--seeds", 2, "--epochs", 1, "--workers", 1, "--no-report", "--out", tmp_path / "r")
    command = ("study", tmp_path / "mine.toml", "iris", *options)
    assert run_command(*command, "--fail-if", "arms >= 2") == 6
    assert "it holds, arms is 2; see the report" in capsys.readouterr().err


def test_each_score_is_a_fact_of_a_sweep_and_of_no_study():
    texts = [f"{of}_{score.key} < 0.8" for of in SCORE_FACTS for score in SCORES.values()]

    assert len(read_conditions(texts, "sweep")) == 30
    with pytest.raises(ConfigurationError, match="a study has no fact 'test_roc_auc'"):
        read_conditions(["test_roc_auc < 0.8"], "study")
    with pytest.raises(ConfigurationError, match=r"'test_rocauc'; did you mean test_roc_auc\?"):
        read_conditions(["test_rocauc < 0.8"], "sweep")
