"""Dose and response of dropout: train, validation and gap against the rate, in narrow and wide.

Every rate is compared with none inside its width. The best rate of a width is chosen by its result,
so it is believed only with Holm's correction over every rate that was tried.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import is_number, join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import (
    contrast_findings,
    contrasts_table,
    forest,
    records,
)
from studies.answering.results import StudyResults
from studies.catalog.dropout.doses import (
    Doses,
    Response,
    Row,
    compare_doses,
    compare_widths,
    doses_of,
    respond,
)
from studies.catalog.dropout.figures import (
    dose_figure,
    loss_figure,
    printed_figure,
    printed_finding,
)
from studies.diagnosis.words import between
from studies.statistics.power import FEWEST_PAIRS

NUMBERS: Final = ("difference", "low", "high", "p_holm")


class Judgement(NamedTuple):
    """Hold what is concluded.

    Attributes:
        answer: The sentence that answers the question.
        responses: What was found in each width.
        best: On the best rate, of each width.
        gaps: On the claim that dropout suppresses overfitting, of each width.
        underfitting: On too much of it, of each width.
        interaction: Whether the effect depends on width; none with one width.
        printed: On the train loss as Keras prints it; none if no network with dropout finished.
    """

    answer: str
    responses: list[Response]
    best: list[Finding]
    gaps: list[Finding]
    underfitting: list[Finding]
    interaction: list[Finding]
    printed: list[Finding]

    @property
    def findings(self) -> list[Finding]:
        """Return every finding, most important first."""
        return [
            *self.best, *self.gaps, *self.underfitting, *self.interaction, *self.printed
        ]  # fmt: skip


def answer(results: StudyResults) -> StudyAnswer:
    """Say which rate is best in each width, and what the dose does to the gap."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    compared = compare_doses(results)
    scores = compared["validation_score"]
    found = judge_doses(results, compared)
    return StudyAnswer(
        answer=found.answer,
        paragraph=[one.sentence for one in (*found.gaps, *found.interaction)],
        findings=[*found.findings, *contrast_findings(scores, results)],
        figures=[
            dose_figure(results, arms, {one.doses.width: _marked(one) for one in found.responses}),
            loss_figure(results, arms),
            forest(scores, results, finding=found.answer),
            *printed_figure(results, found.printed),
        ],
        tables=[
            arms_table(results, arms, verdicts),
            contrasts_table(scores, results),
            _effects_table(results, compared),
        ],
    )


def judge_doses(results: StudyResults, compared: Mapping[str, pd.DataFrame]) -> Judgement:
    """Draw the conclusions of the study from its contrasts.

    Args:
        results: The study.
        compared: From `compare_doses`.
    """
    widths = doses_of(results)
    responses = respond(results, widths, compared)
    return Judgement(
        answer=_answer(responses, results),
        responses=responses,
        best=[_best_finding(response, results) for response in responses],
        gaps=[_gap_finding(response) for response in responses],
        underfitting=[_underfit_finding(response, results) for response in responses],
        interaction=_interaction_finding(results, widths),
        printed=printed_finding(results, list(widths[-1].arms)),
    )


def _answer(responses: Sequence[Response], results: StudyResults) -> str:
    sentence = "; ".join(_short(response, results.metric) for response in responses)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _short(response: Response, metric: str) -> str:
    """Say in a few words whether dropout helps in one width."""
    best, doses = response.best, response.doses
    if best is None:
        return f"{doses.place} nothing can be compared"
    rate = f"{doses.rates[best['first']]:g}"
    change = f"{metric} {_signed(best['difference'])}, {_range(best)}"
    if not response.is_good:
        harm = "every rate harms" if response.all_harm else "no rate has a better mean than none"
        return f"{doses.place} {harm} ({rate}: {change})"
    return {
        "better": f"{doses.place} dropout {rate} helps ({change})",
        "equivalent": (
            f"{doses.place} even the best rate, {rate}, changes nothing that matters ({change})"
        ),
    }.get(best["verdict"], f"{doses.place} it is undecided (best: {rate}, {change})")


def _signed(value: float) -> str:
    return f"+{score(value)}" if value > 0 else score(value)


def _range(row: Row) -> str:
    if not is_number(row["low"]):
        return "no interval"
    return f"{score(row['low'])} to {score(row['high'])}"


def _best_finding(response: Response, results: StudyResults) -> Finding:
    doses, best, metric = response.doses, response.best, results.metric
    place = f"{doses.place[:1].upper()}{doses.place[1:]}"
    if best is None:
        verdict, numbers, step = "undecided", Row(), ""
        sentence = f"{place} no rate could be compared with none: too few networks finished."
    else:
        verdict, rate = best["verdict"], doses.rates[best["first"]]
        change = f"{score(best['difference'])} ({between(best['low'], best['high'], score)})"
        claim = {
            "better": "clearly better than none",
            "equivalent": "no different from none by as much as the margin",
            "worse": "clearly worse than none",
        }.get(verdict, "not clearly different from none")
        sentence = f"{place} the best rate above 0 is {rate:g}, {claim}: {metric} {change}."
        numbers = {"rate": rate, **{name: best[name] for name in NUMBERS}}
        step = _next_step(response, best, rate)
    if response.harmful:
        shown = join([f"{rate:g}" for rate in response.harmful])
        sentence += f" Clearly worse than none: {shown}."
    return Finding(
        code="study.dropout.best",
        about="study",
        subject=f"width {doses.width}",
        verdict=verdict,
        sentence=sentence,
        next_step=step,
        level="good" if verdict == "better" else "info",
        confidence=_confidence(best, "paired t test over seeds, Holm over every rate and width"),
        numbers=numbers,
    )


def _next_step(response: Response, best: Row, rate: float) -> str:
    if best["verdict"] == "better" and rate == max(response.doses.rates.values()):
        return "The best rate is the largest tried: add larger ones with --set dropout=…"
    if best["verdict"] == "undecided" and is_number(best["seeds_needed"]):
        return f"Repeat the study with --seeds {int(best['pairs']) + int(best['seeds_needed'])}."
    return "" if response.is_good else "Leave dropout out here."


def _gap_finding(response: Response) -> Finding:
    """Put the claim of the textbooks to the test.

    A gap that closes because both scores fall is no overfitting suppressed.
    """
    row, doses = response.trend, response.doses
    useful = [rate for rate in response.narrower if rate not in response.harmful]
    if useful:
        verdict = "holds"
        reason = (
            f"holds {doses.place}: the loss gap at the end is clearly smaller at "
            f"{join([f'{rate:g}' for rate in useful])}, with no clear loss on validation"
        )
    elif response.narrower:
        verdict = "does not hold"
        reason = (
            f"does not hold {doses.place}: the loss gap at the end is clearly smaller only where "
            "validation is clearly worse, too"
        )
    elif response.same_gap:
        verdict = "does not hold"
        reason = f"does not hold {doses.place}: every rate leaves the loss gap at the end as it is"
    else:
        verdict = "undecided"
        reason = f"is undecided {doses.place}: no rate has a clearly smaller loss gap at the end"
    change = f"{loss(row['difference'])} ({between(row['low'], row['high'])})"
    return Finding(
        code="study.dropout.gap",
        about="study",
        subject=f"width {doses.width}",
        verdict=verdict,
        sentence=(
            f'The claim "dropout suppresses overfitting" {reason}. A straight line over the rates, '
            f"from none to {max(doses.rates.values()):g}, changes the gap by {change}."
        ),
        level="good" if verdict == "holds" else "info",
        confidence=_confidence(
            row, "paired t tests over seeds, Holm over every rate; the line fitted to each seed"
        ),
        numbers={
            "smallest_rate": min(useful, default=None),
            "trend": row["difference"],
            "trend_low": row["low"],
            "trend_high": row["high"],
            "trend_p_holm": row["p_holm"],
        },
    )


def _underfit_finding(response: Response, results: StudyResults) -> Finding:
    doses, rates = response.doses, response.underfits
    if rates:
        sentence = (
            f"Too much dropout underfits {doses.place}: from rate {min(rates):g} train and "
            f"validation {results.metric} are both clearly below those without."
        )
    else:
        sentence = (
            f"No rate up to {max(doses.rates.values()):g} clearly underfits "
            f"{doses.place}: none lowers train and validation {results.metric} both."
        )
    return Finding(
        code="study.dropout.underfits",
        about="study",
        subject=f"width {doses.width}",
        verdict="underfits" if rates else "not shown",
        sentence=sentence,
        next_step="Use a smaller rate, or a wider network." if rates else "",
        confidence="paired t tests of train and of validation over seeds, Holm over every rate",
        numbers={"from_rate": min(rates, default=None), "rates": len(rates)},
    )


def _interaction_finding(results: StudyResults, widths: Sequence[Doses]) -> list[Finding]:
    rows = records(compare_widths(results, widths)) if len(widths) > 1 else []
    known = [row for row in rows if is_number(row["difference"])]
    if not known:
        return []
    narrow, wide = widths[0].width, widths[-1].width
    clear = [row for row in known if row["verdict"] in {"better", "worse"}]
    shown = max(clear or known, key=lambda row: abs(row["difference"]))
    at = (
        f"at rate {shown['first']} what it does to {results.metric} differs by "
        f"{score(shown['difference'])} ({between(shown['low'], shown['high'], score)}), width "
        f"{wide:,} minus {narrow:,}"
    )
    if clear:
        sentence = f"What dropout does depends on width: {at}."
        verdict = "depends on width"
    elif all(row["verdict"] == "equivalent" for row in known):
        sentence = f"Width does not change what dropout does by more than the margin; {at}."
        verdict = "equivalent"
    else:
        sentence = f"Whether the effect depends on width is undecided; {at}, the most of any rate."
        verdict = "undecided"
    return [
        Finding(
            code="study.dropout.width",
            about="study",
            subject=f"width {wide} - width {narrow}",
            verdict=verdict,
            sentence=sentence,
            confidence=_confidence(
                shown, "paired t test of the difference of effects, Holm over the rates"
            ),
            numbers={
                "rate": float(shown["first"]),
                **{name: shown[name] for name in ("difference", "low", "high", "p_holm")},
            },
        )
    ]


def _effects_table(results: StudyResults, compared: Mapping[str, pd.DataFrame]) -> StudyTable:
    """Set what each rate changes side by side: validation, train and gap, against none."""
    titles = (f"Validation {results.metric}", f"Train {results.metric}", "Loss gap at the end")
    columns = dict(zip(titles, compared.values(), strict=True))
    scores = compared["validation_score"]
    table = pd.DataFrame({"Arm": scores["first"], "Against": scores["second"]})
    for name, rows in columns.items():
        table[name] = [f"{score(row['difference'])} ({_range(row)})" for row in records(rows)]
    return StudyTable(
        id="effects",
        title="What each rate changes",
        table=table,
        note="Mean paired difference to the network of the same width without dropout, with 95 % t "
        "intervals; train scores are measured without dropout.",
    )


def _marked(response: Response) -> float | None:
    best = response.best
    is_better = best is not None and best["verdict"] == "better"
    return response.doses.rates[best["first"]] if best is not None and is_better else None


def _confidence(row: Row | None, how: str) -> str:
    if row is not None and row["pairs"] < FEWEST_PAIRS:
        return f"descriptive: fewer than {FEWEST_PAIRS} pairs are not tested"
    return how
