"""The settings of a study: what the user decides; the design follows from it and the data."""

import dataclasses
from typing import Any

from sweep.settings.fields import setting
from sweep.settings.run_settings import RunSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class StudySettings(RunSettings):
    """Hold every setting of a study.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    study: str = setting(
        "text", "list, the name of a built-in study, or a TOML file", group=None,
        missing="it is missing; name a study or a file",
    )  # fmt: skip
    label_noise: float = setting(
        "number", "permute the targets of this share of the training rows", 0.0, group="data",
        low=0, high=1, metavar="SHARE",
    )  # fmt: skip
    seeds: int = setting(
        "integer", "paired seeds on which every arm is compared", 10, low=2, high=1000
    )
    folds: int = setting(
        "integer", "train every seed in so many folds", 0, low=0, high=100, metavar="K",
        otherwise="one split",
    )  # fmt: skip
    budget: str | None = setting(
        "text", "at most so much: trials, such as 200, or time, such as 5m", None, metavar="MOST",
        otherwise="no limit",
    )  # fmt: skip
    epochs: int | None = setting(
        "integer", "passes over the training rows", None, high=100_000, otherwise="the study's"
    )
    margin: float | None = setting(
        "number", "the largest difference in score that is no matter", None, low=0, high=1000,
        above_low=True, below_high=True, metavar="SCORE", otherwise="0.01",
    )  # fmt: skip
    parameters: list[str] = setting(
        "texts", "hyperparameters in place of the study's own, each as KEY=VALUE", list, group=None
    )

    @classmethod
    def value_faults(cls, name: str, value: Any) -> list[str]:  # noqa: ANN401 - whatever was given
        """List what is wrong with the value of one field, without its name; at most one fault."""
        if name == "folds" and value == 1 and not isinstance(value, bool):
            return ["1 fold leaves nothing to train on; give 2 or more, or 0 for one split"]
        return super().value_faults(name, value)
