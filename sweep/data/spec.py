"""What a user may say of a data set: its target, roles and kinds of its columns, its notation."""

import dataclasses
from typing import Literal

AskedTask = Literal["classification", "regression"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DataSpec:
    """Say how a data set is to be understood; whatever is left out is found out from the data.

    Attributes:
        target: The column to predict; None for the one called target, label, class or y.
        task: What is asked for; None to infer it from the target.
        group: Rows with the same value here stay in one split; it is no feature.
        categorical: Columns whose values are categories, whatever they look like.
        numeric: Columns whose values are numbers; whatever else stands there is missing.
        drop: Columns that are left out.
        keep: Columns that stay, although they look useless.
        id: Columns that are never learnt from, and are carried into predictions.
        weight: The column with the weight of each row; it is no feature.
        time: The column by which rows are ordered: later rows are validated and tested on.
        log_target: Whether the logarithm of the target is learnt.
        header: Whether the first line of a text file names the columns; None to find out.
        decimal: The decimal mark of a text file's numbers; None to find out.
        test: Path of a file whose rows are the test split; None to split them off.
    """

    target: str | None = None
    task: AskedTask | None = None
    group: str | None = None
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    weight: str | None = None
    time: str | None = None
    log_target: bool = False
    header: bool | None = None
    decimal: Literal[".", ","] | None = None
    test: str | None = None
