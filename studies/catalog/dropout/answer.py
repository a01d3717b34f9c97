"""Dose and response of dropout: train, validation and gap against the rate, in narrow and wide.

Every rate is compared with none inside its width. The best rate of a width is chosen by its result,
so it is believed only with Holm's correction over every rate that was tried.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import join, loss
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    forest,
    loss_margin,
    study_tables,
)
from studies.answering.contrast_words import next_step
from studies.answering.contrasts import Contrast, Contrasts, largest
from studies.answering.effects import against_zero, fitted_changes
from studies.answering.results import StudyResults
from studies.answering.words import bounds, claim, in_cell, in_words, numbers, rests_on, signed
from studies.catalog.dropout.figures import (
    dose_figure,
    loss_figure,
    printed_figure,
    printed_finding,
)
from studies.designs.arm_grid import ArmGrid
from studies.diagnosis.networks import ConfigVerdict

GAP: Final = "last_loss_gap"
MEASURES: Final = ("validation_score", "train_score", GAP)
"""What each rate is compared with none in.

The gap is that of the loss after the last epoch: the score on the training rows is often 1 whatever
the dose, and its gap then says no more than the validation score.
"""


class Response(NamedTuple):
    """Hold what was found in one width.

    Attributes:
        width: Units of each hidden layer.
        rates: The dropout rate of each arm that has dropout, by its name.
        best: The contrast with none of the rate of the best mean; None if nothing was compared.
        harmful: The rates that are clearly worse than none.
        underfits: The rates at which train and validation score are both clearly lower.
        narrower: The rates at which the gap at the end is clearly smaller.
        same_gap: Whether every rate leaves the gap as it is, within the margin.
        trend: The change of the gap over the rates, as `against_zero` tests it.
    """

    width: int
    rates: Mapping[str, float]
    best: Contrast | None
    harmful: list[float]
    underfits: list[float]
    narrower: list[float]
    same_gap: bool
    trend: Contrast

    @property
    def place(self) -> str:
        """Return where this is, for a sentence."""
        return f"at width {self.width:,}"

    @property
    def best_rate(self) -> float:
        """Return the rate of the best mean."""
        return self.rates[self.best.first] if self.best else 0.0


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say which rate is best in each width, and what the dose does to the gap."""
    grid, arms = ArmGrid.of(results.design, "width", "dropout"), summarise_arms(results)
    narrowing = loss_margin(results.paired("validation_loss"))
    compared = {
        measure: compare_study(results, measure, margin=narrowing if measure == GAP else None)
        for measure in MEASURES
    }
    scores = compared["validation_score"]
    responses = _respond(results, grid, compared, narrowing)
    sentence = "; ".join(_short(response, results.metric) for response in responses)
    sentence = f"{sentence[:1].upper()}{sentence[1:]}."
    gaps = [_gap_finding(response) for response in responses]
    interaction = _interaction_finding(results, grid)
    printed = printed_finding(results, grid.along(grid.firsts[-1]))
    return StudyAnswer(
        answer=sentence,
        paragraph=[one.sentence for one in (*gaps, *interaction)],
        findings=[
            *(_best_finding(response, results) for response in responses),
            *gaps,
            *(_underfit_finding(response, results) for response in responses),
            *interaction,
            *printed,
            *contrast_findings(scores, results),
        ],
        figures=[
            dose_figure(results, arms, {one.width: one.best_rate for one in responses
                                        if one.best and one.best.verdict == "better"}),
            loss_figure(results, arms),
            *forest(scores, results, sentence),
            *printed_figure(results, printed),
        ],
        tables=[
            *study_tables(results, arms, verdicts, scores),
            _effects_table(results, compared),
        ],
    )  # fmt: skip


def _respond(
    results: StudyResults, grid: ArmGrid, compared: Mapping[str, Contrasts], margin: float
) -> list[Response]:
    """Say what the doses do in each width; the margin is that of the gap."""
    table, widths = results.paired(GAP), grid.firsts
    doses = {width: {grid.names[width, rate]: rate for rate in grid.seconds} for width in widths}
    lines = {str(width): fitted_changes(doses[width], table) for width in widths}
    trends = against_zero(pd.DataFrame(lines), results, margin=margin)
    responses = []
    for width, trend in zip(widths, trends, strict=True):
        none, *dropped = grid.along(width)
        rates = {name: doses[width][name] for name in dropped}
        rows, _, gaps = all_rows = [
            [row for row in compared[measure] if row.second == none] for measure in MEASURES
        ]
        # The rates at which a measure is clearly smaller than without dropout.
        harmful, untrained, narrower = (
            [rates[row.first] for row in rows if row.verdict == "worse"] for rows in all_rows
        )
        responses.append(
            Response(
                width=width,
                rates=rates,
                best=largest(rows),
                harmful=harmful,
                underfits=[rate for rate in untrained if rate in harmful],
                narrower=narrower,
                same_gap=all(row.verdict == "equivalent" for row in gaps),
                trend=trend,
            )
        )
    return responses


def _short(response: Response, metric: str) -> str:
    """Say in a few words whether dropout helps in one width."""
    best, place, rate = response.best, response.place, f"{response.best_rate:g}"
    if best is None:
        return f"{place} nothing can be compared"
    change = f"{metric} {signed(best.difference.estimate)}, {bounds(best.difference)}"
    verdict = {
        "better": f"dropout {rate} helps ({change})",
        "equivalent": f"even the best rate, {rate}, changes nothing that matters ({change})",
    }.get(best.verdict, f"it is undecided (best: {rate}, {change})")
    if not best.difference.estimate > 0:
        all_harm = len(response.harmful) == len(response.rates)
        harm = "every rate harms" if all_harm else "no rate has a better mean than none"
        verdict = f"{harm} ({rate}: {change})"
    return f"{place} {verdict}"


def _best_finding(response: Response, results: StudyResults) -> Finding:
    best, rate = response.best, response.best_rate
    how = "paired t test over seeds, Holm over every rate and width"
    sentence = f"{response.place}: no rate could be compared with none."
    if best:
        change = in_words(best.difference, sign=True)
        sentence = (
            f"{response.place}: the best rate above 0 is {rate:g}; against none {results.metric} "
            f"{change}, {best.verdict}."
        )
    harmful = f" Clearly worse than none: {_rates(response.harmful)}." if response.harmful else ""
    return Finding(
        code="study.dropout.best",
        subject=f"width {response.width}",
        verdict=best.verdict if best else "undecided",
        sentence=f"{sentence[:1].upper()}{sentence[1:]}{harmful}",
        next_step=_next_step(response, best) if best else "",
        level="good" if best and best.verdict == "better" else "info",
        confidence=rests_on(how, best.pairs) if best else how,
        numbers={"rate": rate, **numbers(best.difference), "p_holm": best.p_holm} if best else {},
    )


def _next_step(response: Response, best: Contrast) -> str:
    if best.verdict == "better" and response.best_rate == max(response.rates.values()):
        return "The best rate is the largest tried: add larger ones with --set dropout=…"
    if best.verdict == "undecided" and best.seeds_needed:
        return next_step(best)
    return "" if best.difference.estimate > 0 else "Leave dropout out here."


def _gap_finding(response: Response) -> Finding:
    """Put the claim of the textbooks to the test.

    A gap that closes because both scores fall is no overfitting suppressed.
    """
    trend = response.trend
    useful = [rate for rate in response.narrower if rate not in response.harmful]
    verdict = "does not hold"
    if useful:
        verdict, reason = "holds", f"is clearly smaller at {_rates(useful)}, at no clear loss"
    elif response.narrower:
        reason = "is clearly smaller only where validation is clearly worse, too"
    elif response.same_gap:
        reason = "stays as it is at every rate"
    else:
        verdict, reason = "undecided", "is clearly smaller at no rate"
    return Finding(
        code="study.dropout.gap",
        subject=f"width {response.width}",
        verdict=verdict,
        sentence=(
            f"{claim('dropout suppresses overfitting', verdict, response.place)}: the loss gap at "
            f"the end {reason}. A straight line from none to {max(response.rates.values()):g} "
            f"changes it by {in_words(trend.difference, loss, sign=True)}."
        ),
        level="good" if verdict == "holds" else "info",
        confidence=rests_on(
            "paired t tests over seeds, Holm over every rate; the line fitted to each seed",
            trend.pairs,
        ),
        numbers={
            "smallest_rate": min(useful, default=None),
            **numbers(trend.difference, "trend", "trend_"),
            "trend_p_holm": trend.p_holm,
        },
    )


def _underfit_finding(response: Response, results: StudyResults) -> Finding:
    place, rates, metric = response.place, response.underfits, results.metric
    which = f"No rate up to {max(response.rates.values()):g}"
    which = f"Dropout from {min(rates):g} on" if rates else which
    sentence = f"{which} underfits {place}: train and validation {metric} both clearly lower."
    return Finding(
        code="study.dropout.underfits",
        subject=f"width {response.width}",
        verdict="underfits" if rates else "not shown",
        sentence=sentence,
        next_step="Use a smaller rate, or a wider network." if rates else "",
        confidence="paired t tests of train and of validation over seeds, Holm over every rate",
        numbers={"from_rate": min(rates, default=None), "rates": len(rates)},
    )


def _interaction_finding(results: StudyResults, grid: ArmGrid) -> list[Finding]:
    """Test whether each rate does more in the widest network than in the narrowest."""
    narrow, wide = grid.firsts[0], grid.firsts[-1]
    if narrow == wide:
        return []
    table = results.paired("validation_score")
    gains = {
        f"{rate:g}": (table[grid.names[wide, rate]] - table[grid.names[wide, 0.0]])
        - (table[grid.names[narrow, rate]] - table[grid.names[narrow, 0.0]])
        for rate in grid.seconds
        if rate
    }
    rows = against_zero(pd.DataFrame(gains, index=table.index), results)
    known = [row for row in rows if row.is_measured]
    if not known:
        return []
    clear = [row for row in known if row.is_clear]
    shown = max(clear or known, key=lambda row: abs(row.difference.estimate))
    verdict = "depends on width" if clear else "undecided"
    if all(row.verdict == "equivalent" for row in known):
        verdict = "equivalent"
    sentence = (
        f"Whether dropout does something else at width {wide:,} than at {narrow:,}: {verdict}; the "
        f"most at rate {shown.first}, {results.metric} {in_words(shown.difference, sign=True)}."
    )
    return [
        Finding(
            code="study.dropout.width",
            subject=f"width {wide} - width {narrow}",
            verdict=verdict,
            sentence=sentence,
            confidence=rests_on(
                "paired t test of the difference of effects, Holm over the rates", shown.pairs
            ),
            numbers={
                "rate": float(shown.first),
                **numbers(shown.difference),
                "p_holm": shown.p_holm,
            },
        )
    ]


def _effects_table(results: StudyResults, compared: Mapping[str, Contrasts]) -> StudyTable:
    """Set what each rate changes side by side: validation, train and gap, against none."""
    titles = (f"Validation {results.metric}", f"Train {results.metric}", "Loss gap at the end")
    scores = compared["validation_score"]
    table = pd.DataFrame(
        {"Arm": [row.first for row in scores], "Against": [row.second for row in scores]}
    )
    for name, rows in zip(titles, compared.values(), strict=True):
        table[name] = [in_cell(row.difference) for row in rows]
    return StudyTable(
        id="effects",
        title="What each rate changes",
        table=table,
        note="Mean paired difference to the network of the same width without dropout, with 95 % t "
        "intervals; train scores are measured without dropout.",
    )


def _rates(rates: Sequence[float]) -> str:
    return join([f"{rate:g}" for rate in rates])
