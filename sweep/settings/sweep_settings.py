"""The settings of a sweep: what the user decides, checked once, where the value is born."""

from collections.abc import Callable
from typing import Annotated, Final, Literal, Self

from pydantic import (
    Field,
    InstanceOf,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from sweep.errors import ConfigurationError
from sweep.scores import SCORES
from sweep.settings.budget import read_budget
from sweep.settings.run_settings import RunSettings, validated
from sweep.settings.storage_address import read_address
from sweep.space.parameters import Value
from sweep.space.parsing import build_space, read_table
from sweep.space.rules import did_you_mean, shorten
from sweep.space.search_space import SearchSpace
from sweep.space.starts import read_starts
from sweep.space.writing import space_table

MOST_TRIALS: Final = 1_000_000

SamplerName = Literal["tpe", "random", "qmc", "grid"]
PrunerName = Literal["none", "halving", "one-epoch"]


class SweepSettings(RunSettings):
    """Hold every setting of a sweep.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    trials: int = Field(
        default=30, ge=1, le=MOST_TRIALS, description="Configurations to train, at most."
    )
    budget: str | None = Field(
        default=None,
        min_length=1,
        description="At most so much: trials, such as 200, or the estimated time of one worker,"
        " such as 10m; --trials has no default then.",
    )
    epochs: int = Field(default=30, ge=1, le=100_000, description="Passes over the training rows.")
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
    score: str | None = Field(
        default=None,
        description="What is shown first, and by its validation value chooses what is confirmed and"
        f" the winner; the search minimises the validation loss. One of {', '.join(SCORES)}. Left "
        "out, accuracy or R² is shown, and the loss chooses.",
    )
    confirm_top: int = Field(default=3, ge=1, le=100, description="Best configurations to confirm.")
    baselines: bool = Field(default=True, description="Whether to fit simple models to compare.")
    lag: int | None = Field(
        default=None,
        ge=1,
        le=4096,
        description="A configuration is drawn from the results of this many slots before it and "
        "earlier; at least the number of workers. Chosen and recorded if left out.",
    )
    storage: str | None = Field(
        default=None,
        min_length=1,
        description="Database that mirrors the Optuna study: postgresql+psycopg://USER@HOST/"
        "DATABASE or sqlite:///FILE, without a password.",
    )
    space: Annotated[
        InstanceOf[SearchSpace],
        PlainSerializer(space_table, return_type=dict[str, object]),
        WithJsonSchema({"type": "object"}),  # sweep.settings.schema says more
    ] = Field(default_factory=SearchSpace, description="The search space.")
    start: Annotated[
        list[dict[str, Value]],
        WithJsonSchema({"type": "array"}),  # likewise
    ] = Field(default_factory=list, description="Configurations of the space to begin with.")

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

    @field_validator("score")
    @classmethod
    def _know_score(cls, score: str | None) -> str | None:
        if score is not None and score not in SCORES:
            guess = did_you_mean(score, SCORES) or f"give one of {', '.join(SCORES)}"
            msg = f"{shorten(score)} is not a score; {guess}"
            raise ValueError(msg)
        return score

    @field_validator("storage")
    @classmethod
    def _read_storage(cls, storage: str | None) -> str | None:
        return None if storage is None else read_address(storage)

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, value: object, handler: Callable[[object], Self]) -> Self:
        """Read the space and the starts from tables, and report their faults with all others."""
        faults: list[str] = []
        if isinstance(value, dict) and isinstance(value.get("space"), dict):
            try:
                space = build_space(read_table(value["space"], "space."))
            except ConfigurationError as err:
                space = SearchSpace()
                faults += err.faults
            value = {**value, "space": space}
        if isinstance(value, dict) and isinstance(value.get("budget"), str):
            try:
                most = read_budget(value["budget"], "budget").trials
            except ConfigurationError as err:
                most, value = None, {**value, "budget": None}
                faults += err.faults
            most = MOST_TRIALS if most is None else max(int(most), 1)
            given = value.get("trials", most)
            value = {**value, "trials": min(given, most) if isinstance(given, int) else given}
        if isinstance(value, dict) and isinstance(value.get("start"), list):
            space = value.get("space", SearchSpace())
            try:
                starts = read_starts(value["start"], space)
            except ConfigurationError as err:
                starts = []
                faults += err.faults
            value = {**value, "start": starts}
        return validated(value, handler, faults=faults, keys=cls.model_fields)
