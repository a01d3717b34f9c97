"""The settings of a sweep: what the user decides, checked once, where the value is born."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self, get_args

from sweep.errors import ConfigurationError, Fault
from sweep.settings.budget import read_budget
from sweep.settings.fields import setting
from sweep.settings.run_settings import RunSettings
from sweep.settings.storage_address import read_address
from sweep.space.parameters import Value
from sweep.space.parsing import build_space, read_table
from sweep.space.rules import did_you_mean, shorten
from sweep.space.search_space import SearchSpace
from sweep.space.starts import read_starts
from sweep.space.writing import space_table

SamplerName = Literal["tpe", "random", "qmc", "grid"]
PrunerName = Literal["none", "halving", "one-epoch"]

MOST_TRIALS: Final = 1_000_000
TRIALS: Final = 30  # unless a budget decides


@dataclasses.dataclass(frozen=True, kw_only=True)
class SweepSettings(RunSettings):
    """Hold every setting of a sweep.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    trials: int = setting(
        "integer", "configurations to train, at most", None, shown=TRIALS, high=MOST_TRIALS
    )
    budget: str | None = setting(
        "text", "at most so much: trials, such as 200, or time, such as 10m or 2h, of one worker"
        " and by an estimate from the work in the trials, so that no clock decides; with --trials,"
        " both", None, low=0, metavar="MOST", otherwise="no limit",
    )  # fmt: skip
    epochs: int = setting(
        "integer", "passes over the training rows in each trial", 30, high=100_000
    )
    sampler: SamplerName = setting(
        "name", "how the next configuration is chosen", "tpe", names=get_args(SamplerName)
    )
    pruner: PrunerName | None = setting(
        "name", "how bad trials are stopped early", None, names=get_args(PrunerName),
        otherwise="halving from 20 trials on",
    )  # fmt: skip
    audit: bool = setting(
        "boolean", "train a random tenth of the pruned trials to their end, to tell what pruning"
        " cost", default=False,
    )  # fmt: skip
    lag: int | None = setting(
        "integer", "draw a configuration from the results of this many trials before it and"
        " earlier; at most so many trials are trained at a time", None, high=4096,
        otherwise="8, or 4 for each of many workers",
    )  # fmt: skip
    storage: str | None = setting(
        "text", "keep the Optuna study in a database too: postgresql+psycopg://USER@HOST/DATABASE,"
        " whose password comes from PGPASSWORD or ~/.pgpass, or sqlite:///FILE (see"
        " docs/storage.md)", None, metavar="URL",
    )  # fmt: skip
    confirm: int = setting(
        "integer", "fresh seeds on which each of the best configurations is trained again; 0 for"
        " none", 5, low=0, high=100, group="result", metavar="SEEDS",
    )  # fmt: skip
    confirm_top: int = setting(
        "integer", "how many of the best configurations are", 3, high=100, group="result"
    )
    score: str | None = setting(
        "text", "what is shown first, and chooses the winner: accuracy, balanced-accuracy, roc-auc,"
        " average-precision, f1, log-loss or brier; r2, rmse or mae", None, group="result",
        metavar="NAME", otherwise="accuracy or r2 is shown, and the validation loss, which the"
        " search minimises, chooses",
    )  # fmt: skip
    baselines: bool = setting(
        "boolean", "fit simple models to compare with", default=True, group="result"
    )
    space: SearchSpace = setting("table", "the search space", SearchSpace, group=None)
    start: list[dict[str, Value]] = setting(
        "tables", "configurations of the space to begin with", list, group=None
    )

    @classmethod
    def read(cls, values: object, faults: Iterable[Fault] = ()) -> Self:
        """Make settings of a table; see `Settings.read`. Of trials and budget the lower bounds."""
        if isinstance(values, Mapping) and isinstance(given := values.get("trials"), int):
            most = _most_trials(values.get("budget"))
            values = {**values, "trials": given if most is None else min(given, most)}
        return super().read(values, faults)

    @classmethod
    def prepared(cls, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """Bring values into their one form; see `Settings.prepared`."""
        ready, faults = super().prepared(values)
        lag, workers = values.get("lag"), values.get("workers")
        if isinstance(lag, int) and isinstance(workers, int) and 0 < lag < workers:
            reason = (
                f"{lag} is less than the {workers} workers; give at least {workers}, or leave it"
                " out"
            )
            faults.append(Fault("lag", reason))
        space = values.get("space", SearchSpace())
        try:
            if isinstance(space, Mapping):
                space = ready["space"] = build_space(read_table(space, "space."))
        except ConfigurationError as err:
            space = SearchSpace()
            faults += err.faults
        try:
            if isinstance(space, SearchSpace) and isinstance(start := values.get("start"), list):
                ready["start"] = read_starts(start, space)
        except ConfigurationError as err:
            faults += err.faults
        if faults:
            return ready, faults
        if "trials" in values and values["trials"] is None:
            most = _most_trials(values.get("budget"))
            ready["trials"] = most or (MOST_TRIALS if values.get("budget") else TRIALS)
        if values.get("storage") is not None:
            ready["storage"] = read_address(values["storage"])
        return ready, faults

    @classmethod
    def value_faults(cls, name: str, value: Any) -> list[str]:  # noqa: ANN401 - whatever was given
        """List what is wrong with the value of one field, without its name; at most one fault."""
        if isinstance(value, SearchSpace) and name == "space":
            return []
        if faults := super().value_faults(name, value):
            return faults
        if name == "storage":
            try:
                read_address(value)
            except ValueError as err:
                return [str(err)]
        return _score_faults(value) if name == "score" else []

    def as_json(self) -> dict[str, Any]:
        """Return all fields as JSON holds them, and `read` reads them."""
        return {**super().as_json(), "space": space_table(self.space)}


def _most_trials(budget: object) -> int | None:
    """Return the trials that a budget allows; None if it names none, or is wrong."""
    try:
        most = read_budget(budget).trials if isinstance(budget, str) else None
    except ConfigurationError:
        return None
    return None if most is None else max(int(most), 1)


def _score_faults(score: str) -> list[str]:
    from sweep.scores import SCORES  # noqa: PLC0415 - NumPy, which `--help` does without

    if score in SCORES:
        return []
    advice = did_you_mean(score, SCORES) or f"give one of {', '.join(SCORES)}"
    return [f"{shorten(score)} is not a score; {advice}"]
