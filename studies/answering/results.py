"""What a study has found: its design beside the tables of its run folder."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from studies.designs.design import StudyDesign
from studies.statistics.comparisons import FoldSizes
from studies.statistics.intervals import (
    Interval,
    estimate_interval,
    mean_estimate,
    mean_interval,
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyResults:
    """Hold a study that has run, or a part of one; two of them are equal only if they are one.

    Attributes:
        design: What was compared.
        manifest: ``manifest.json``.
        trials: ``trials.parquet``; docs/tables.md.
        epochs: ``epochs.parquet``; docs/tables.md.
    """

    design: StudyDesign
    manifest: Mapping[str, Any]
    trials: pd.DataFrame
    epochs: pd.DataFrame

    @property
    def metric(self) -> str:
        """Return what a score is called."""
        return "R²" if self.manifest["data"]["task"] == "regression" else "accuracy"

    @property
    def arms(self) -> list[str]:
        """Return the names of the arms, in the order of the design."""
        return [arm.name for arm in self.design.arms]

    @property
    def comparison(self) -> pd.DataFrame:
        """Return the trials that compare the arms, one row a trial, arm by arm."""
        return self.trials[self.trials["stage"] == "comparison"]

    @property
    def folds(self) -> FoldSizes | None:
        """Return how many rows each fold has; None without folds."""
        if not self.design.folds:
            return None
        splits = self.manifest["data"]["splits"]
        rows = splits["train"] + splits["validation"]
        tested = rows // self.design.folds
        return FoldSizes(trained_on=rows - tested, tested_on=tested)

    def interval(self, values: pd.Series, folds: pd.Series) -> Interval:
        """Return the mean of a measure over networks of one arm, with its 95 % t interval.

        Args:
            values: One a network, some of them missing.
            folds: The fold of each, with the same index. Where there are folds, those of one are
                averaged, and the variance is that of Nadeau and Bengio (2003).
        """
        numbers = values.astype("float64")
        sizes = self.folds
        if sizes is None:
            return mean_interval(np.asarray(numbers, dtype=np.float64))
        means = np.asarray(numbers.groupby(folds).mean(), dtype=np.float64)
        return estimate_interval(sizes.widened(mean_estimate(means)))

    def paired(self, measure: str) -> pd.DataFrame:
        """Return a measure of every comparison trial, pair by pair.

        Args:
            measure: A column of the trials table, or one that ``comparison`` was given.

        Returns:
            One row a pair (index ``replicate``, and ``fold`` where there are folds), one column an
            arm in the order of the design; NaN where a network diverged, failed, or is not there.
        """
        return pivot(self.comparison, measure, self)

    def mean(self, values: pd.Series) -> Interval:
        """Return the mean of one value a pair, with its 95 % t interval.

        Args:
            values: Indexed as `paired` is; a NaN is left out. Where there are folds, the mean over
                the seeds of each counts once, as in `interval`.
        """
        known = values.dropna()
        folds = known.index.get_level_values("fold") if self.folds else None
        return self.interval(known, pd.Series(folds, index=known.index, dtype="float64"))

    @property
    def finished(self) -> pd.DataFrame:
        """Return the trials of the comparison that were trained to their end."""
        return self.comparison[self.comparison["outcome"] == "finished"]


def pivot(rows: pd.DataFrame, measure: str, results: StudyResults) -> pd.DataFrame:
    """Return a column of comparison trials, pair by pair and arm by arm, as `paired` does."""
    index = ["replicate", "fold"] if results.design.folds else ["replicate"]
    usable = rows[rows["outcome"] == "finished"].astype({measure: "float64"})
    table = usable.pivot_table(index=index, columns="arm", values=measure, sort=True)
    return table.reindex(columns=results.arms).rename_axis(columns=None)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by column name."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
