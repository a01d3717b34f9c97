"""What every run is told, whatever it does: its data, its seed, its workers, and how faults read.

Settings are checked once, where the value is born. The manifest of a run keeps them as JSON,
``model_dump(mode="json")``, and ``model_validate`` makes an equal value of that. Importing this
module costs 0.3 s for pydantic; the search space and the samplers do without it.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from sweep.config import ClassWeight
from sweep.data.spec import DataSpec
from sweep.errors import ConfigurationError
from sweep.limits import TrialLimits
from sweep.space.parsing import EPOCHS_REASON
from sweep.space.parsing import KEYS as SPACE_KEYS
from sweep.space.rules import did_you_mean, plain, shorten

TaskName = Literal["classification", "regression"]

PATIENCE: Final = ("trial_timeout", "memory_limit", "max_failures")
STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

T = TypeVar("T", bound=BaseModel)


class SplitFractions(BaseModel):
    """Hold the shares of the rows that go to each split; together 1.

    A data set's own test split is kept; train and validation then share the rest in proportion.
    """

    model_config = STRICT

    train: float = Field(default=0.6, gt=0, lt=1, description="Share of the rows for training.")
    validation: float = Field(
        default=0.2, gt=0, lt=1, description="Share of the rows by which networks are compared."
    )
    test: float = Field(
        default=0.2, gt=0, lt=1, description="Share of the rows for the one network chosen."
    )

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            msg = (
                f"train {self.train:g}, validation {self.validation:g} and test {self.test:g} "
                f"sum to {total:g}; make them sum to 1"
            )
            raise ValueError(msg)
        return self


class ColumnRoles(BaseModel):
    """Hold what the user says of the columns of a table."""

    model_config = STRICT

    categorical: list[str] = Field(
        default_factory=list, description="Columns whose values are categories, even if numbers."
    )
    numeric: list[str] = Field(
        default_factory=list, description="Columns of numbers; anything else there is missing."
    )
    drop: list[str] = Field(default_factory=list, description="Columns that are left out.")
    keep: list[str] = Field(
        default_factory=list, description="Columns that stay, although they look useless."
    )
    id: list[str] = Field(
        default_factory=list,
        description="Columns that are never learnt from, and carried into predictions.",
    )
    weight: str = Field(
        default="", description="Column with the weight of each row; none if empty."
    )
    time: str = Field(
        default="",
        description="Column by which rows are ordered: later ones validate, the latest test; none"
        " if empty.",
    )


class RunSettings(BaseModel):
    """Hold the settings that a sweep and a study share.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    model_config = STRICT

    data: str = Field(
        min_length=1, description="Name of a bundled data set, or path of a table or array file."
    )
    target: str | None = Field(default=None, min_length=1, description="Target column of a table.")
    task: TaskName | None = Field(
        default=None, description="What is to be learnt; recognised from the target if left out."
    )
    group: str | None = Field(
        default=None, min_length=1, description="Column whose equal values stay in one split."
    )
    class_weight: ClassWeight | None = Field(
        default=None,
        description="balanced: in the training loss classes count alike, however many rows each"
        " has. Rows do if left out.",
    )
    data_dir: str | None = Field(
        default=None, min_length=1, description="Folder of the IDX files of an image data set."
    )
    columns: ColumnRoles = Field(
        default_factory=ColumnRoles, description="Roles and kinds of columns."
    )
    log_target: bool = Field(
        default=False, description="Whether the logarithm of a positive target is learnt."
    )
    header: bool | None = Field(
        default=None,
        description="Whether the first line of a text file names the columns; found out if left"
        " out.",
    )
    decimal: Literal[".", ","] | None = Field(
        default=None, description="Decimal mark of a text file's numbers; found out if left out."
    )
    test: str | None = Field(
        default=None,
        min_length=1,
        description="File whose rows are the test split; split off if left out.",
    )
    rows: int | None = Field(
        default=None,
        ge=20,
        le=1_000_000_000,
        description="Use only so many rows, drawn by class, test rows of the data set's own apart.",
    )
    workers: int | None = Field(
        default=None, ge=1, le=1024, description="Trials trained at a time; one a core if left out."
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Seed from which all random numbers come."
    )
    max_failures: int = Field(
        default=10, ge=1, le=1_000_000, description="Consecutive failed trials that stop the run."
    )
    trial_timeout: float | None = Field(
        default=None,
        gt=0,
        le=10_000_000,
        description="Seconds to train after which a trial has failed.",
    )
    memory_limit: float | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="GB that the worker of a trial may take, TensorFlow's 0.6 among them, before "
        "the trial has failed.",
    )
    report: bool = Field(default=True, description="Whether to write report.html.")
    split: SplitFractions = Field(default_factory=SplitFractions, description="Shares of the rows.")

    @field_validator("test")
    @classmethod
    def _find_from_anywhere(cls, test: str | None) -> str | None:
        return None if test is None else os.path.abspath(test)  # noqa: PTH100 - whatever it holds

    @property
    def data_spec(self) -> DataSpec:
        """Return what is said of the data."""
        roles = self.columns
        return DataSpec(
            target=self.target,
            task=self.task,
            group=self.group,
            categorical=tuple(roles.categorical),
            numeric=tuple(roles.numeric),
            drop=tuple(roles.drop),
            keep=tuple(roles.keep),
            id=tuple(roles.id),
            weight=roles.weight or None,
            time=roles.time or None,
            log_target=self.log_target,
            header=self.header,
            decimal=self.decimal,
            test=self.test,
        )

    @property
    def patience(self) -> dict[str, float | None]:
        """Return what decides when a trial or the run has failed; a run may go on with another."""
        return {name: getattr(self, name) for name in PATIENCE}

    @property
    def limits(self) -> TrialLimits:
        """Return what a trial may take."""
        memory = self.memory_limit
        return TrialLimits(
            seconds=self.trial_timeout, memory=None if memory is None else int(memory * 1e9)
        )

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, value: object, handler: Callable[[object], Self]) -> Self:
        """Turn pydantic's error into our own."""
        return validated(value, handler, faults=[], keys=cls.model_fields)


def validated(
    value: object, handler: Callable[[object], T], *, faults: list[str], keys: Iterable[str]
) -> T:
    """Validate settings, and report every fault at once.

    Args:
        value: What pydantic is to read.
        handler: Pydantic's validator.
        faults: What is already known to be wrong.
        keys: The keys that the settings have.

    Raises:
        ConfigurationError: With those faults and pydantic's.
    """
    try:
        settings = handler(value)
    except ValidationError as err:
        found = [_fault(error, keys) for error in err.errors()]
        raise ConfigurationError([*found, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return settings


_MESSAGES: Final = {
    "bool_type": "{value} is not true or false; give one of them",
    "finite_number": "{value} is not a finite number; give one",
    "float_type": "{value} is not a number; give one",
    "greater_than": "{value} is too small; give more than {gt:g}",
    "greater_than_equal": "{value} is too small; give at least {ge}",
    "int_from_float": "{value} is not a whole number; give one",
    "int_type": "{value} is not a whole number; give one",
    "is_instance_of": "{value} is not a table; give one",
    "list_type": "{value} is not a list; give one",
    "less_than": "{value} is too large; give less than {lt:g}",
    "less_than_equal": "{value} is too large; give at most {le}",
    "literal_error": "{value} is not {expected}; {guess}",
    "missing": "it is missing; name a bundled data set or a file",
    "model_type": "{value} is not a table; give one",
    "string_too_short": "it is empty; give a name, or leave it out",
    "string_unicode": "{value} is not UTF-8 text; use other characters, or rename the file",
    "string_type": "{value} is not text; put it in quotes",
    "value_error": "{error}",
}


def _fault(error: ErrorDetails, keys: Iterable[str]) -> str:
    """Write one of pydantic's errors as a line that begins with the key."""
    place, value, context = error["loc"], error["input"], error.get("ctx", {})
    key = ".".join(plain(str(part)) for part in place)
    if error["type"] == "extra_forbidden":
        known = _PARTS[str(place[0])].model_fields if len(place) > 1 else keys
        return f"{key}: {_unknown(str(place[-1]), known)}"
    if key == "epochs" and isinstance(value, dict | list):
        return f"{key}: {EPOCHS_REASON}"
    if key == "data" and error["type"] == "string_too_short":
        return "data: it is empty; name a bundled data set or a file"
    names = re.findall(r"'(\w+)'", str(context.get("expected", "")))
    guess = did_you_mean(value, names) or "give one of them"
    message = _MESSAGES.get(error["type"], "{value} is not valid; mend it")
    return f"{key}: {message.format(value=shorten(value), guess=guess, **context)}"


_PARTS: Final[dict[str, type[BaseModel]]] = {"split": SplitFractions, "columns": ColumnRoles}


def _unknown(key: str, known: Iterable[str]) -> str:
    if "space" in known and key in SPACE_KEYS:
        return "it belongs to the search space; move it into the table [space]"
    guess = did_you_mean(key, known) or f"the keys are {', '.join(known)}"
    return f"unknown key; {guess}"
