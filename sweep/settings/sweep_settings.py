"""The settings of a sweep: what the user decides, checked once, where the value is born.

The manifest of a run keeps them as JSON, `SweepSettings.model_dump(mode="json")`, and
`SweepSettings.model_validate` makes an equal value of that. Importing this module costs 0.3 s
for pydantic; the search space and the samplers do without it.
"""

import re
from collections.abc import Callable
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from sweep.errors import ConfigurationError
from sweep.space.parsing import EPOCHS_REASON, build_space, read_table
from sweep.space.parsing import KEYS as SPACE_KEYS
from sweep.space.rules import did_you_mean, plain, shorten
from sweep.space.search_space import SearchSpace
from sweep.space.writing import space_table

SamplerName = Literal["tpe", "random", "qmc", "grid"]
PrunerName = Literal["none", "halving", "one-epoch"]
TaskName = Literal["classification", "regression"]

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SplitFractions(BaseModel):
    """Hold the shares of the rows that go to each split; together 1.

    A data set's own test split is kept; train and validation then share the rest in proportion.
    """

    model_config = _STRICT

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


class SweepSettings(BaseModel):
    """Hold every setting of a sweep.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    model_config = _STRICT

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
    data_dir: str | None = Field(
        default=None, min_length=1, description="Folder of the IDX files of an image data set."
    )
    trials: int = Field(default=30, ge=1, le=1_000_000, description="Configurations to train.")
    epochs: int = Field(default=30, ge=1, le=100_000, description="Passes over the training rows.")
    workers: int | None = Field(
        default=None, ge=1, le=1024, description="Trials trained at a time; one a core if left out."
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Seed from which all random numbers come."
    )
    sampler: SamplerName = Field(default="tpe", description="How the next configuration is chosen.")
    pruner: PrunerName | None = Field(
        default=None,
        description="How bad trials are stopped early: not at all, by successive halving, or after "
        "one epoch. Chosen by the number of trials and recorded if left out.",
    )
    audit: bool = Field(
        default=False,
        description="Whether to train a random tenth of the pruned trials to their end, to tell "
        "what pruning cost.",
    )
    confirm: int = Field(
        default=5,
        ge=0,
        le=100,
        description="Fresh seeds for each of the best configurations; 0 for none.",
    )
    confirm_top: int = Field(default=3, ge=1, le=100, description="Best configurations to confirm.")
    baselines: bool = Field(default=True, description="Whether to fit simple models to compare.")
    report: bool = Field(default=True, description="Whether to write report.html.")
    lag: int | None = Field(
        default=None,
        ge=1,
        le=4096,
        description="A configuration is drawn from the results of this many slots before it and "
        "earlier; at least the number of workers. Chosen and recorded if left out.",
    )
    split: SplitFractions = Field(default_factory=SplitFractions, description="Shares of the rows.")
    max_failures: int = Field(
        default=10, ge=1, le=1_000_000, description="Consecutive failed trials that stop the sweep."
    )
    space: Annotated[
        InstanceOf[SearchSpace],
        PlainSerializer(space_table, return_type=dict[str, object]),
        WithJsonSchema({"type": "object"}),  # sweep.settings.schema says more
    ] = Field(default_factory=SearchSpace, description="The search space.")

    @field_validator("lag")
    @classmethod
    def _cover_workers(cls, lag: int | None, info: ValidationInfo) -> int | None:
        workers = info.data.get("workers")
        if lag is not None and workers is not None and lag < workers:
            msg = (
                f"{lag} is less than the {workers} workers; "
                f"give at least {workers}, or leave it out"
            )
            raise ValueError(msg)
        return lag

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, value: object, handler: Callable[[object], Self]) -> Self:
        """Read the space where it is a table, and turn pydantic's error into our own."""
        faults: list[str] = []
        if isinstance(value, dict) and isinstance(value.get("space"), dict):
            try:
                space = build_space(read_table(value["space"], "space."))
            except ConfigurationError as err:
                space = SearchSpace()
                faults += err.faults
            value = {**value, "space": space}
        try:
            settings = handler(value)
        except ValidationError as err:
            faults = [*map(_fault, err.errors()), *faults]
            raise ConfigurationError(faults) from err
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
    "less_than": "{value} is too large; give less than {lt:g}",
    "less_than_equal": "{value} is too large; give at most {le}",
    "literal_error": "{value} is not {expected}; {guess}",
    "missing": "it is missing; name a bundled data set or a file",
    "model_type": "{value} is not a table; give one",
    "string_too_short": "it is empty; give a name, or leave it out",
    "string_type": "{value} is not text; put it in quotes",
    "value_error": "{error}",
}


def _fault(error: ErrorDetails) -> str:
    """Write one of pydantic's errors as a line that begins with the key."""
    place, value, context = error["loc"], error["input"], error.get("ctx", {})
    key = ".".join(plain(str(part)) for part in place)
    if error["type"] == "extra_forbidden":
        return f"{key}: {_unknown(str(place[-1]), nested=len(place) > 1)}"
    if key == "epochs" and isinstance(value, dict | list):
        return f"{key}: {EPOCHS_REASON}"
    if key == "data" and error["type"] == "string_too_short":
        return "data: it is empty; name a bundled data set or a file"
    names = re.findall(r"'(\w+)'", str(context.get("expected", "")))
    guess = did_you_mean(value, names) or "give one of them"
    message = _MESSAGES.get(error["type"], "{value} is not valid; mend it")
    return f"{key}: {message.format(value=shorten(value), guess=guess, **context)}"


def _unknown(key: str, *, nested: bool) -> str:
    known = SplitFractions.model_fields if nested else SweepSettings.model_fields
    if not nested and key in SPACE_KEYS:
        return "it belongs to the search space; move it into the table [space]"
    guess = did_you_mean(key, known) or f"the keys are {', '.join(known)}"
    return f"unknown key; {guess}"
