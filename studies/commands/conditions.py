"""What a run is judged by in CI: `--fail-if 'gap > 0.1'`.

A condition is a fact, a comparison and a value: a grammar so small that nothing in it can be run.
All faults of all conditions are told together, before anything is trained or drawn.
"""

import argparse
import dataclasses
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

from reports.outputs.fact_names import FACTS, SCORE_FACTS, WORDS
from sweep.errors import ConfigurationError, FitgapError, NothingUsableError
from sweep.scores import SCORES
from sweep.spelling import closest

if TYPE_CHECKING:
    from studies.reporting import Content
    from sweep.runs.folder import RunFolder

Kind = Literal["sweep", "study"]
Settings = TypeVar("Settings")

OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
FORM: Final = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*(?P<sign>[<>=!]+)\s*(?P<value>.+?)\s*")
NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
SHAPE: Final = "write it as NAME OP VALUE, such as 'gap > 0.1'"


class ConditionHeldError(FitgapError):
    """A condition of ``--fail-if`` holds."""

    exit_code: ClassVar[int] = 6


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Hold one condition.

    Attributes:
        text: As it was written.
        name: Of a fact: `reports.outputs.fact_names.FACTS`.
        sign: One of `OPERATORS`.
        value: A number, or one of the words that the fact may be.
    """

    text: str
    name: str
    sign: str
    value: float | str


def read_conditions(texts: Sequence[str], kind: Kind) -> list[Condition]:
    """Read conditions.

    Args:
        texts: As they were written.
        kind: Of the run, whose facts may be named.

    Raises:
        ConfigurationError: Everything that is wrong with them.
    """
    faults: list[str] = []
    read = []
    facts = dict(FACTS[kind])
    if kind == "sweep":
        facts |= {
            f"{of}_{score.key}": f"{score.title} {meaning}"
            for of, meaning in SCORE_FACTS.items()
            for score in SCORES.values()
        }
    for text in texts:
        found = _read(text, facts, kind)
        if isinstance(found, str):
            faults.append(f"--fail-if {text!r}: {found}")
        else:
            read.append(found)
    if faults:
        raise ConfigurationError(faults)
    return read


def read_gated(
    read_settings: Callable[[argparse.Namespace], Settings], options: argparse.Namespace, kind: Kind
) -> tuple[Settings, list[Condition]]:
    """Read the settings of a new run, and the conditions it will be judged by.

    Args:
        read_settings: What reads the settings.
        options: The command line.
        kind: Of the run.

    Raises:
        ConfigurationError: Everything that is wrong with either.
    """
    faults: list[str] = []
    conditions: list[Condition] = []
    try:
        conditions = read_conditions(options.fail_if, kind)
    except ConfigurationError as err:
        faults += err.faults
    try:
        settings = read_settings(options)
    except ConfigurationError as err:
        raise ConfigurationError([*err.faults, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return settings, conditions


def run_kind(folder: "RunFolder") -> Kind:
    """Return what kind of run there is.

    Raises:
        ConfigurationError: There is none.
        StorageError: Its manifest cannot be read.
    """
    from sweep.runs.folder import RunFolder, is_study  # noqa: PLC0415 - pandas, after the options

    return "study" if is_study(RunFolder.open(folder.path).read_manifest()) else "sweep"


def judge(content: "Content", conditions: Sequence[Condition]) -> None:
    """Judge a run by its conclusions; raises as `check_conditions` does."""
    if conditions:
        from reports.outputs.facts import run_facts  # noqa: PLC0415 - pandas, only where it is asked

        check_conditions(conditions, run_facts(content))


def judge_run(path: Path, conditions: Sequence[Condition]) -> None:
    """Judge the run in a folder; raises as `check_conditions` does."""
    if conditions:
        from studies.reporting import conclude_run  # noqa: PLC0415 - the same
        from sweep.runs.folder import RunFolder  # noqa: PLC0415 - the same

        judge(conclude_run(RunFolder.open(path)), conditions)


def check_conditions(
    conditions: Sequence[Condition], facts: Mapping[str, float | int | str | None]
) -> None:
    """Judge a run.

    Args:
        conditions: As `read_conditions` returns them.
        facts: As `reports.outputs.facts.run_facts` returns them.

    Raises:
        ConditionHeldError: One holds, or several; with a line also for each that cannot be judged.
        NothingUsableError: None holds, but one cannot be judged: its fact is not known.
    """
    held, unknown = [], []
    for one in conditions:
        value = facts.get(one.name)
        if value is None:
            unknown.append(
                f"--fail-if {one.text!r}: {one.name} is not known of this run; let it come to its"
                " end, or leave the condition out"
            )
        elif OPERATORS[one.sign](value, one.value):
            held.append(
                f"--fail-if {one.text!r}: it holds, {one.name} is {_shown(value)}; see the report"
            )
    if held:
        raise ConditionHeldError([*held, *unknown])
    if unknown:
        raise NothingUsableError(unknown)


def _shown(value: float | str) -> str:
    """Write a fact: what is not whole to four significant digits, a large one without decimals."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _read(text: str, facts: Mapping[str, str], kind: str) -> Condition | str:
    """Read one condition, or say what is wrong with it."""
    form = FORM.fullmatch(text)
    if form is None:
        return f"it is no condition; {SHAPE}"
    name, sign, value = form["name"], form["sign"], form["value"]
    if name not in facts:
        guess = closest(name, list(facts))
        advice = f"did you mean {guess}?" if guess else f"it has {', '.join(facts)}"
        return f"a {kind} has no fact {name!r}; {advice}"
    if sign not in OPERATORS:
        return f"{sign!r} is no comparison; write one of {' '.join(OPERATORS)}"
    if name in WORDS:
        return _word(text, name, sign, value)
    if NUMBER.fullmatch(value) is None or not math.isfinite(float(value)):
        return f"{value!r} is not a number; write one, such as 0.1"
    return Condition(text=text, name=name, sign=sign, value=float(value))


def _word(text: str, name: str, sign: str, value: str) -> Condition | str:
    quoted = QUOTED.fullmatch(value)
    word = (quoted[1] or quoted[2] or "") if quoted else value
    known = WORDS[name]
    if sign not in ("==", "!="):
        return f"{name} is a word, which {sign} does not compare; write == or !="
    if word not in known:
        guess = closest(word, list(known))
        advice = f"did you mean {guess}?" if guess else "write one of them"
        return f"{name} is one of {', '.join(known)}, never {word!r}; {advice}"
    return Condition(text=text, name=name, sign=sign, value=word)
