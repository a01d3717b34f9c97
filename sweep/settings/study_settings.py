"""The settings of a study: what the user decides; the design follows from it and the data."""

from pydantic import Field, field_validator

from sweep.settings.run_settings import RunSettings


class StudySettings(RunSettings):
    """Hold every setting of a study.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    study: str = Field(
        min_length=1, description="Name of a built-in study, or path of a TOML file of one's own."
    )
    seeds: int = Field(
        default=10, ge=2, le=1000, description="Fresh seeds on which every arm is compared, paired."
    )
    folds: int = Field(
        default=0, ge=0, le=100, description="Folds in which each seed is trained; 0 for one split."
    )
    budget: str | None = Field(
        default=None,
        min_length=1,
        description="At most so much: trials, such as 200, or time, such as 5m.",
    )
    epochs: int | None = Field(
        default=None, ge=1, le=100_000, description="Passes over the training rows."
    )
    label_noise: float = Field(
        default=0.0, ge=0, le=1, description="Share of the training rows with permuted targets."
    )
    margin: float | None = Field(
        default=None,
        gt=0,
        lt=1000,
        description="The largest difference in score that is no matter.",
    )
    parameters: list[str] = Field(
        default_factory=list,
        description="Hyperparameters in place of the study's own, each as KEY=VALUE.",
    )

    @field_validator("folds")
    @classmethod
    def _several_folds(cls, folds: int) -> int:
        if folds == 1:
            msg = "1 fold leaves nothing to train on; give 2 or more, or 0 for one split"
            raise ValueError(msg)
        return folds
