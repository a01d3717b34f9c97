"""Variants of a data set: what a study changes in the rows that a trial is trained on."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DataVariant:
    """Describe which rows a trial is trained and measured on, apart from the data set itself.

    Attributes:
        fold: Which part of the train and validation rows, from 0, is the validation split; -1
            for the split of the run.
        folds: Into how many parts they are divided; 0 without folds.
        train_rows: The first so many training rows, nested: what a smaller variant has, a larger
            one has too. 0 for all of them.
        label_noise: Share of the training rows, in [0, 1], whose targets are permuted among
            them; 1 leaves nothing to learn but the rows by heart.
    """

    fold: int = -1
    folds: int = 0
    train_rows: int = 0
    label_noise: float = 0.0


AS_SPLIT = DataVariant()
"""The data as the run splits them."""
