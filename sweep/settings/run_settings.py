"""What every run is told, whatever it does: its data, its seed, its workers.

Settings are checked once, where the value is born. The manifest of a run keeps them as JSON.
"""

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from sweep.config import ClassWeight
from sweep.data.spec import AskedTask, DataSpec
from sweep.errors import ConfigurationError, Fault
from sweep.limits import TrialLimits
from sweep.settings.budget import read_budget
from sweep.settings.fields import Settings, part, setting
from sweep.space.parsing import EPOCHS_REASON
from sweep.space.parsing import KEYS as SPACE_KEYS

PATIENCE: Final = ("trial_timeout", "memory_limit", "max_failures")
ROUNDING: Final = 1e-9


@dataclasses.dataclass(frozen=True, kw_only=True)
class SplitFractions(Settings):
    """Hold the shares of the rows that go to each split; together 1.

    A data set's own test split is kept; train and validation then share the rest in proportion.
    """

    train: float = setting(
        "number", "share of the rows for training", 0.6,
        low=0, high=1, above_low=True, below_high=True,
    )  # fmt: skip
    validation: float = setting(
        "number", "share of the rows by which networks are compared", 0.2,
        low=0, high=1, above_low=True, below_high=True,
    )  # fmt: skip
    test: float = setting(
        "number", "share of the rows for the one network chosen", 0.2,
        low=0, high=1, above_low=True, below_high=True,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Check that they sum to one."""
        super().__post_init__()
        total = self.train + self.validation + self.test
        if abs(total - 1) > ROUNDING:
            reason = (
                f"train {self.train:g}, validation {self.validation:g} and test {self.test:g} "
                f"sum to {total:g}; make them sum to 1"
            )
            raise ConfigurationError([Fault("", reason)])


@dataclasses.dataclass(frozen=True, kw_only=True)
class ColumnRoles(Settings):
    """Hold what the user says of the columns of a table."""

    categorical: list[str] = setting(
        "texts", "a column whose values are categories, even if they are numbers; repeatable", list
    )
    numeric: list[str] = setting(
        "texts", "a column of numbers; anything else that stands there is missing; repeatable", list
    )
    drop: list[str] = setting("texts", "a column that is left out; repeatable", list)
    keep: list[str] = setting(
        "texts", "a column that stays, although it looks useless; repeatable", list
    )
    id: list[str] = setting(
        "texts",
        "a column that is never learnt from, and carried into predictions; repeatable",
        list,
    )
    weight: str = setting("text", "a column with the weight of each row", "", metavar="COL")
    time: str = setting(
        "text", "a column by which rows are ordered: later ones validate, the latest test", "",
        metavar="COL",
    )  # fmt: skip


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunSettings(Settings):
    """Hold the settings that a sweep and a study share.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    data: str = setting(
        "text", "name of a bundled data set, or path of a table or array file", group=None,
        missing="it is missing; name a bundled data set or a file",
    )  # fmt: skip
    target: str | None = setting(
        "text", "the column to predict", None, group="data", metavar="COL",
        otherwise="the one called target, label, class or y",
    )  # fmt: skip
    task: AskedTask | None = setting(
        "name", "what is to be learnt", None, group="data", names=get_args(AskedTask),
        otherwise="from the target",
    )  # fmt: skip
    group: str | None = setting(
        "text", "a column whose rows of equal value stay in one split", None,
        group="data", metavar="COL",
    )  # fmt: skip
    columns: ColumnRoles = part(
        "roles and kinds of the columns of a table", ColumnRoles, group="data"
    )
    class_weight: ClassWeight | None = setting(
        "name", "in the training loss classes count alike, however many rows each has", None,
        group="data", names=get_args(ClassWeight), otherwise="rows do",
    )  # fmt: skip
    log_target: bool = setting(
        "boolean", "learn the logarithm of a positive target", default=False, group="data"
    )
    test: str | None = setting(
        "text", "a file whose rows are the test split", None, group="data", metavar="FILE",
        otherwise="split off",
    )  # fmt: skip
    header: bool | None = setting(
        "boolean", "whether the first line of a text file names the columns", None, group="data",
        otherwise="found out",
    )  # fmt: skip
    decimal: Literal[".", ","] | None = setting(
        "name", "the decimal mark of a text file's numbers", None, group="data",
        names=(".", ","), metavar="MARK", otherwise="found out",
    )  # fmt: skip
    data_dir: str | None = setting(
        "text", "the folder of fashion-mnist's four IDX files", None, group="data", metavar="DIR"
    )
    rows: int | None = setting(
        "integer", "use only so many rows, drawn by class, test rows of the data set's own apart",
        None, group="data", low=20, high=1_000_000_000, otherwise="all",
    )  # fmt: skip
    seed: int = setting(
        "integer", "where all random numbers come from: an equal seed gives an equal run", 0,
        low=0, high=2**31 - 1, metavar="S",
    )  # fmt: skip
    workers: int | None = setting(
        "integer", "trials trained at a time", None, high=1024, otherwise="one per core"
    )
    trial_timeout: float | None = setting(
        "number", "seconds after which a trial that still trains has failed, and its worker is"
        " renewed", None, low=0, above_low=True, high=10_000_000, otherwise="no limit",
    )  # fmt: skip
    memory_limit: float | None = setting(
        "number", "GB of memory beyond which a trial's worker is renewed, and the trial has failed;"
        " TensorFlow alone takes 0.6", None, high=1_000_000, otherwise="no limit", metavar="GB",
    )  # fmt: skip
    max_failures: int = setting(
        "integer", "failed trials in a row that stop the run", 10, high=1_000_000
    )
    report: bool = setting("boolean", "write report.html", default=True, group="result")
    split: SplitFractions = part("shares of the rows, which sum to 1", SplitFractions)

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

    @classmethod
    def prepared(cls, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """Bring values into their one form; see `Settings.prepared`."""
        ready, faults = super().prepared(values)
        if isinstance(test := values.get("test"), str) and test:  # found from anywhere
            ready["test"] = os.path.abspath(test)  # noqa: PTH100 - whatever it holds
        return ready, faults

    @classmethod
    def value_faults(cls, name: str, value: Any) -> list[str]:  # noqa: ANN401 - whatever was given
        """List what is wrong with the value of one field, without its name; at most one fault."""
        if name == "epochs" and isinstance(value, dict | list):
            return [EPOCHS_REASON]
        if name == "data" and value == "":
            return ["it is empty; name a bundled data set or a file"]
        if faults := super().value_faults(name, value):
            return faults
        try:
            read_budget(value if name == "budget" else None)
        except ConfigurationError as err:
            return [fault.reason for fault in err.faults]
        return []

    @classmethod
    def unknown(cls, key: str) -> str:
        """Say that there is no such key."""
        if "space" in cls.settings() and key in SPACE_KEYS:
            return "it belongs to the search space; move it into the table [space]"
        return super().unknown(key)
