"""The doses of dropout in each width, and what is found of them against none."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from reports.wording import is_number
from studies.answering.comparing import compare_study, loss_margin, records
from studies.answering.results import StudyResults
from studies.answering.trends import against_zero, fitted_changes

GAP: Final = "last_loss_gap"
MEASURES: Final = ("validation_score", "train_score", GAP)
"""What each rate is compared with none in."""

Row = dict[str, Any]


class Doses(NamedTuple):
    """Hold the arms of one width.

    Attributes:
        width: Units of each hidden layer.
        rates: The dropout rate of each arm that has dropout, by its name.
        none: Name of the arm without.
    """

    width: int
    rates: Mapping[str, float]
    none: str

    @property
    def place(self) -> str:
        """Return where this is, for a sentence."""
        return f"at width {self.width:,}"

    @property
    def arms(self) -> dict[str, float]:
        """Return the rate of every arm, none first."""
        return {self.none: 0.0, **self.rates}


class Response(NamedTuple):
    """Hold what was found in one width.

    Attributes:
        doses: Its arms.
        best: The contrast with none of the rate of the best mean; None if nothing was compared.
        harmful: The rates that are clearly worse than none.
        underfits: The rates at which train and validation score are both clearly lower.
        narrower: The rates at which the gap at the end is clearly smaller.
        same_gap: Whether every rate leaves the gap as it is, within the margin.
        trend: The change of the gap over the rates, as `against_zero` tests it.
    """

    doses: Doses
    best: Row | None
    harmful: tuple[float, ...]
    underfits: tuple[float, ...]
    narrower: tuple[float, ...]
    same_gap: bool
    trend: Row

    @property
    def is_good(self) -> bool:
        """Return whether some rate has a better mean than none."""
        return self.best is not None and self.best["difference"] > 0

    @property
    def all_harm(self) -> bool:
        """Return whether every rate is clearly worse than none."""
        return len(self.harmful) == len(self.doses.rates)


def doses_of(results: StudyResults) -> list[Doses]:
    """Return the arms of each width, narrow first."""
    arms = results.design.arms
    found = []
    for width in sorted({int(arm.scientific["width"]) for arm in arms}):
        rates = {
            arm.name: float(arm.scientific["dropout"])
            for arm in arms
            if arm.scientific["width"] == width
        }
        none = next(name for name, rate in rates.items() if rate == 0)
        del rates[none]
        found.append(Doses(width, rates, none))
    return found


def compare_doses(results: StudyResults) -> dict[str, pd.DataFrame]:
    """Compare each rate with none, by measure: `MEASURES`.

    The gap is that of the loss after the last epoch: the score on the training rows is often 1
    whatever the dose, and its gap then says no more than the validation score.
    """
    margins = {GAP: gap_margin(results)}
    return {
        measure: compare_study(results, measure, margin=margins.get(measure))
        for measure in MEASURES
    }


def gap_margin(results: StudyResults) -> float:
    """Return the largest change of the loss gap that is no matter."""
    return loss_margin(results.paired("validation_loss"))


def respond(
    results: StudyResults, widths: Sequence[Doses], compared: Mapping[str, pd.DataFrame]
) -> list[Response]:
    """Say what the doses do in each width.

    Args:
        results: The study.
        widths: From `doses_of`.
        compared: From `compare_doses`.
    """
    gaps = results.paired(GAP)
    trends = against_zero(
        pd.DataFrame({one.none: fitted_changes(one.arms, gaps) for one in widths}),
        results,
        margin=gap_margin(results),
    )
    return [
        _response(one, compared, trend) for one, trend in zip(widths, records(trends), strict=True)
    ]


def _response(doses: Doses, compared: Mapping[str, pd.DataFrame], trend: Row) -> Response:
    rows, trained, gaps = (
        [row for row in records(compared[measure]) if row["second"] == doses.none]
        for measure in MEASURES
    )
    known = [row for row in rows if is_number(row["difference"])]
    harmful = _rates(rows, doses)
    return Response(
        doses=doses,
        best=max(known, key=lambda row: row["difference"], default=None),
        harmful=harmful,
        underfits=tuple(rate for rate in _rates(trained, doses) if rate in harmful),
        narrower=_rates(gaps, doses),
        same_gap=all(row["verdict"] == "equivalent" for row in gaps),
        trend=trend,
    )


def _rates(rows: Sequence[Row], doses: Doses) -> tuple[float, ...]:
    """Return the rates at which a measure is clearly smaller than without dropout."""
    return tuple(doses.rates[row["first"]] for row in rows if row["verdict"] == "worse")


def compare_widths(results: StudyResults, widths: Sequence[Doses]) -> pd.DataFrame:
    """Test whether each rate does more in the widest network than in the narrowest.

    Args:
        results: The study.
        widths: From `doses_of`, two or more.

    Returns:
        As `against_zero`; ``first`` is the rate.
    """
    narrow, wide = widths[0], widths[-1]
    table = results.paired("validation_score")
    of_rate = {rate: name for name, rate in narrow.rates.items()}
    return against_zero(
        pd.DataFrame(
            {
                f"{rate:g}": (table[name] - table[wide.none])
                - (table[of_rate[rate]] - table[narrow.none])
                for name, rate in wide.rates.items()
            },
            index=table.index,
        ),
        results,
    )
