"""What a report is made from: the tables of a run folder, its manifest and its conclusions."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.run_score import RunScore, epoch_score, run_score
from reports.wording import choice, is_number

FIRST_CHOICES: Final = ("activation", "optimizer")  # the eight marks are theirs
MOST_CHOICES: Final = 8
Z_95: Final = 1.959963984540054  # 97.5 % quantile of the normal distribution


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SweepContent:
    """Hold everything the report of one sweep shows.

    Attributes:
        manifest: ``manifest.json`` of the run folder.
        trials: One row a trial; docs/tables.md.
        epochs: One row a trial and epoch; docs/tables.md.
        baselines: One row a baseline; docs/tables.md. May have no row.
        findings: The conclusions, most important first.
        verdicts: One row a trial; docs/verdicts.md. May have no row.
        equal_counts: One row a hyperparameter and value, compared by the expected best score at
            equal counts; `studies.statistics.equal_counts.compare_settings`. May have no row.
        importance: One row a measure, method and hyperparameter;
            `sweep.search.importance.measure_importance`. May have no row.
        best_of: One row a measure and number of trials;
            `studies.findings.evidence.best_of_trials`. May have no row.
    """

    manifest: Mapping[str, Any]
    trials: pd.DataFrame
    epochs: pd.DataFrame
    baselines: pd.DataFrame
    findings: Sequence[Finding]
    verdicts: pd.DataFrame
    equal_counts: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    importance: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    best_of: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)

    @property
    def is_regression(self) -> bool:
        """Return whether the score is R² and the loss a squared error."""
        return bool(self.data.get("task") == "regression")

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the manifest's description of the data."""
        return self.manifest.get("data") or {}

    @property
    def winner(self) -> Mapping[str, Any] | None:
        """Return the manifest's winner, or None if no trial finished."""
        return self.manifest.get("winner") or None

    @property
    def score(self) -> RunScore:
        """Return the score that is shown first, and may have chosen the winner."""
        return run_score(self.manifest)

    @property
    def score_name(self) -> str:
        """Return what the score is called that every epoch is judged by."""
        return epoch_score(self.manifest).title

    @property
    def loss_name(self) -> str:
        """Return what a loss is, with its unit."""
        return "squared error, standardised" if self.is_regression else "cross-entropy, nats"

    @property
    def searched(self) -> pd.DataFrame:
        """Return the trials of the search, without those that repeat a configuration."""
        return self.trials[self.trials["stage"] == "search"]

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """Return the values of each hyperparameter that has names or few whole numbers.

        Of those that vary, in one order for the whole page, so that `theme.value_marks` gives
        each value the same mark in every figure.
        """
        bounds = self.manifest.get("space_bounds") or {}
        found = {}
        for name in sorted(bounds, key=lambda name: (name not in FIRST_CHOICES, str(name))):
            values = _values(bounds[name])
            if len(values) > 1:
                found[str(name)] = values
        return found

    @property
    def winner_members(self) -> tuple[str, ...]:
        """Return the winner's confirmation trials, or its one trial; empty without a winner."""
        if self.winner is None:
            return ()
        known = set(self.trials["trial"])
        for entry in self.manifest.get("confirmation") or ():
            if entry.get("trial") == self.winner.get("trial"):
                members = tuple(name for name in entry.get("trials") or () if name in known)
                if members:
                    return members
        names = (self.winner.get("trial"), self.winner.get("saved_from"))
        return next(((str(name),) for name in names if name in known), ())

    @property
    def network_finding(self) -> Finding | None:
        """Return how the winner fits; None without a winner."""
        trial = (self.winner or {}).get("trial")
        same = (one for one in self.findings if one.about == "network" and one.subject == trial)
        return next(same, None)

    def finding(self, code: str) -> Finding | None:
        """Return the first finding of a code; None if there is none."""
        return next((one for one in self.findings if one.code == code), None)

    @property
    def test_interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the test score; NaN without one."""
        numbers = one.numbers if (one := self.finding("sweep.test")) else {}
        return _number(numbers.get("low")), _number(numbers.get("high"))


def normal_interval(value: object, error: object) -> tuple[float, float]:
    """Return the 95 % normal interval of a value with a standard error; NaN without one."""
    half = Z_95 * _number(error)
    return _number(value) - half, _number(value) + half


def _values(bound: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the choices of a hyperparameter, or its whole numbers; none if they are many."""
    if "choices" in bound:
        return tuple(dict.fromkeys(map(choice, bound["choices"])))
    low, high = bound.get("low"), bound.get("high")
    if not (isinstance(low, int) and isinstance(high, int)) or bound.get("log"):
        return ()
    return tuple(map(str, range(low, high + 1))) if high - low < MOST_CHOICES else ()


def _number(value: object) -> float:
    return float(value) if is_number(value) else math.nan
