"""docs/outputs.md lists every fact, every key and every exit code; this keeps it so."""

import re
from pathlib import Path

import pytest

from reports.outputs.fact_names import FACTS
from reports.outputs.json_document import DATA_KEYS, RUN_KEYS, VERDICT_COLUMNS
from studies.commands.conditions import OPERATORS, ConditionHeldError
from studies.exports.trial_series import CURVES, RESULTS
from sweep.errors import FitgapError

PAGE = (Path(__file__).parents[1] / "docs" / "outputs.md").read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```$", "", PAGE, flags=re.DOTALL | re.MULTILINE)
NAMES = set(re.findall(r"`([^`\n]+)`", PROSE))


@pytest.mark.parametrize("kind", FACTS)
def test_every_fact_is_described(kind):
    tables = PAGE.partition("## Conditions")[2].partition("## JSON")[0]
    cells = re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE)
    listed = set(re.findall(r"`([a-z_]+)`", "".join(cells)))
    assert set(FACTS[kind]) <= listed <= set().union(*FACTS.values())


def test_every_comparison_scalar_and_key_is_named():
    assert set(OPERATORS) <= NAMES
    assert {*CURVES, *RESULTS} <= NAMES
    assert {*RUN_KEYS, *DATA_KEYS, *VERDICT_COLUMNS[1:]} <= NAMES


def test_every_exit_code_is_in_the_table():
    codes = {int(code) for code in re.findall(r"^\| (\d+)", PAGE, re.MULTILINE)}
    assert {error.exit_code for error in FitgapError.__subclasses__()} <= codes
    assert ConditionHeldError.exit_code in codes
