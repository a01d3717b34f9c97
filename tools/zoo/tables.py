"""What a table of the zoo is, judged with pandas alone and not with what is on trial."""

import dataclasses
from pathlib import Path

import pandas as pd

FEWEST_ROWS = 40
FEWEST_FEATURES = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file with R's row labels in its first column, whose last column is the target.

    Attributes:
        is_fit: Whether it has 40 rows with a target, two features, and a target to be learnt.
        rows: All of them, with and without a target.
    """

    path: Path
    target: str
    rows: int
    is_fit: bool

    @property
    def name(self) -> str:
        """Its package in R and its own name."""
        return f"{self.path.parent.name}/{self.path.stem}"


def read_table(path: Path) -> Table:
    """Look at a table."""
    frame = pd.read_csv(path, index_col=0, low_memory=False)
    is_fit = len(frame.columns) > FEWEST_FEATURES and _can_be_learnt(frame.iloc[:, -1].dropna())
    return Table(path=path, target=frame.columns[-1], rows=len(frame), is_fit=is_fit)


def _can_be_learnt(target: pd.Series) -> bool:
    """Whether there are rows enough: of any numbers, or of classes that have five on average.

    Two rows at least have another value than most rows have.
    """
    counts = target.value_counts()
    numbers = pd.api.types.is_numeric_dtype(target) and not pd.api.types.is_bool_dtype(target)
    if not numbers:
        counts = counts[counts > 1]
    rows = counts.sum()
    fits = numbers or len(counts) <= rows / 5
    return bool(fits and rows >= FEWEST_ROWS and rows - counts.max() >= 2)
