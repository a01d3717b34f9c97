"""Double descent: does the validation loss rise to the interpolation threshold and fall beyond?

Everything is measured after the last epoch: stopping early is what hides it (Nakkiran et al. 2019,
section 1). The threshold is where a network just fits every training label, the wrong ones too.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import count, loss, plural, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    contrasts_table,
    loss_margin,
    records,
)
from studies.answering.results import StudyResults
from studies.catalog.capacity.descent_figures import end_figure, stopped_figure
from studies.catalog.capacity.fit import Network, known_networks
from studies.statistics.hump import Hump, find_hump
from studies.statistics.intervals import Interval
from studies.statistics.shape import FEWEST_PAIRS

FITTED: Final = 0.99  # of the training score, on the noisy labels: as good as all
LOSS: Final = "last_validation_loss"
ERROR: Final = "last_validation_score"
STOPPED: Final = "validation_loss"


class Descent(NamedTuple):
    """Hold what was found over the networks of one depth.

    Attributes:
        depth: Hidden layers.
        networks: Small to large.
        fitted: Of each network, the share of its finished trials that fit the noisy labels.
        threshold: The smallest network of which most fit them; None if none does.
        humps: In the loss and the error after the last epoch, and in the loss at the best epoch, by
            measure; None where there is no whole pair, with folds, or with fewer than 3 networks.
    """

    depth: int
    networks: tuple[Network, ...]
    fitted: dict[str, float]
    threshold: Network | None
    humps: dict[str, Hump | None]

    def network(self, arm: str) -> Network:
        """Return a network by its name."""
        return next(one for one in self.networks if one.arm == arm)


def answer_double_descent(results: StudyResults) -> StudyAnswer:
    """Say whether the validation loss has a peak at the threshold, and how large it is."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    compared = compare_study(results, ERROR)
    known = known_networks(results, arms)
    descents = [
        describe_descent(results, [one for one in known if one.depth == depth])
        for depth in sorted({one.depth for one in known})
    ]
    descents = [one for one in descents if len(one.networks) >= 3]
    tables = [arms_table(results, arms, verdicts), contrasts_table(compared, results)]
    if not descents:
        return StudyAnswer(
            answer="No conclusion: fewer than three networks of one depth were trained to the end "
            "in at least half of the pairs.",
            tables=tables,
        )
    own = [finding for one in descents for finding in _findings(one, results)]
    return StudyAnswer(
        answer=_answer(descents[0], results),
        paragraph=[one.sentence for one in own],
        findings=[*own, *contrast_findings(compared, results)],
        figures=[
            end_figure(results, arms, _marked(descents, results), finding=own[1].sentence),
            end_figure(
                results, arms, _marked(descents, results), finding=own[2].sentence, of_scores=True
            ),
            stopped_figure(results, arms, finding=own[3].sentence),
        ],
        tables=[_table(descents, results, arms), *tables],
    )


def describe_descent(results: StudyResults, networks: Sequence[Network]) -> Descent:
    """Find the threshold and the humps over the networks of one depth.

    Args:
        results: The study.
        networks: Of one depth, small to large.
    """
    names = [one.arm for one in networks]
    trained = results.paired("last_train_score")
    fitted = {name: float((trained[name].dropna() >= FITTED).mean()) for name in names}
    return Descent(
        depth=networks[0].depth,
        networks=tuple(networks),
        fitted=fitted,
        threshold=next((one for one in networks if fitted[one.arm] > 0.5), None),
        humps={measure: _hump(results, names, measure) for measure in (LOSS, ERROR, STOPPED)},
    )


def _hump(results: StudyResults, names: Sequence[str], measure: str) -> Hump | None:
    values = results.paired(measure)[list(names)].dropna()
    if results.design.folds or values.empty or len(names) < 3:
        return None
    if measure == ERROR:
        return find_hump(1 - values, margin=results.design.margin)
    return find_hump(values, margin=loss_margin(values))


def _answer(one: Descent, results: StudyResults) -> str:
    hump = one.humps[LOSS]
    noise = f"With {100 * _noise(results):g} % label noise"
    if hump is None or hump.pairs < FEWEST_PAIRS:
        return f"{noise}, too few paired seeds to tell whether the validation loss has a peak."
    peak = one.network(hump.peak)
    if hump.verdict == "seen":
        heights = f"{loss(hump.rise.estimate)} up, {loss(-hump.fall.estimate)} down"
        kind = "double descent" if hump.is_second else "a peak, with no clear descent before it"
        return (
            f"{noise} the final validation loss peaks at {count(peak.parameters)} parameters "
            f"({heights}), {_place(one, peak)}: {kind}."
        )
    if hump.verdict == "not seen":
        return (
            f"{noise} no double descent: no peak of the final validation loss is higher than "
            f"{loss(hump.most)}."
        )
    return (
        f"{noise} a double descent is undecided: the highest peak is {loss(hump.rise.estimate)} "
        f"above what is before it, {loss(-hump.fall.estimate)} above the largest network."
    )


def _place(one: Descent, peak: Network) -> str:
    if one.threshold is None:
        return "though no network fits all labels"
    if peak == one.threshold:
        return "at the interpolation threshold"
    return f"{peak.parameters / one.threshold.parameters:.2g} times the interpolation threshold"


def _findings(one: Descent, results: StudyResults) -> list[Finding]:
    return [
        _threshold_finding(one, results),
        _hump_finding(one, results, LOSS),
        _hump_finding(one, results, ERROR),
        _stopped_finding(one),
    ]


def _threshold_finding(one: Descent, results: StudyResults) -> Finding:
    expected = _expected(results)
    rule = f"{count(expected)}, the training rows times the outputs (Belkin et al. 2019)"
    if one.threshold is None:
        sentence = (
            f"No interpolation threshold up to {one.networks[-1].arm}: in none do most networks "
            f"reach a train score of {FITTED} on the noisy labels."
        )
        step = "Train for longer (--epochs), or add larger networks."
        numbers: dict[str, Any] = {"parameters": None}
    else:
        sentence = (
            f"The interpolation threshold is {one.threshold.arm} with "
            f"{count(one.threshold.parameters)} parameters, the smallest network that fits the "
            f"noisy labels (train score {FITTED} or more) on most seeds: "
            f"{one.threshold.parameters / expected:.2g} times {rule}."
        )
        step = ""
        numbers = {"parameters": one.threshold.parameters, "rows_times_outputs": expected}
    return Finding(
        code="study.capacity.threshold",
        about="study",
        subject=one.threshold.arm if one.threshold else "",
        verdict="threshold" if one.threshold else "not reached",
        sentence=sentence,
        next_step=step,
        confidence="counted over the seeds",
        numbers=numbers,
    )


def _hump_finding(one: Descent, results: StudyResults, measure: str) -> Finding:
    hump = one.humps[measure]
    is_loss = measure == LOSS
    what = "validation loss" if is_loss else f"1 minus the validation {results.metric}"
    name = "study.capacity.double_descent" if is_loss else "study.capacity.error_descent"
    after = f"After the last epoch the {what}" if is_loss else f"After the last epoch {what}"
    write = loss if is_loss else score
    if hump is None or hump.pairs < FEWEST_PAIRS:
        return Finding(
            code=name, about="study", subject="", verdict="undecided",
            sentence=f"{after} is not judged: that takes {FEWEST_PAIRS} paired seeds, no folds.",
            confidence="descriptive",
        )  # fmt: skip
    rise = f"{write(hump.rise.estimate)} ({_between(hump.rise)})"
    fall = f"{write(hump.fall.estimate)} ({_between(hump.fall)})"
    tests = f"{hump.before} to {hump.peak} {rise}, {hump.peak} to {hump.last} {fall}"
    if hump.descent is not None:
        first = f"{write(hump.descent.estimate)} ({_between(hump.descent)})"
        tests = f"{one.networks[0].arm} to {hump.before} {first}, {tests}"
    sentence = {
        "seen": f"{after} rises to a peak and falls beyond it: {tests}.",
        "not seen": (
            f"{after} has no peak that matters: at most {write(hump.most)} higher than what is "
            f"before it and than the largest network; the most that is seen: {tests}."
        ),
        "undecided": f"Whether {after[:1].lower()}{after[1:]} has a peak is undecided: {tests}.",
    }[hump.verdict]
    return Finding(
        code=name,
        about="study",
        subject=hump.peak,
        verdict=hump.verdict,
        sentence=sentence,
        next_step="Repeat it with more --seeds, or more label noise."
        if hump.verdict == "undecided"
        else "",
        level="good" if hump.verdict == "seen" and is_loss else "info",
        confidence=(
            f"sign flips over {plural(hump.pairs, 'pair')}; 95 % intervals that hold for all pairs "
            "of networks at once"
        ),
        numbers={
            "peak_parameters": one.network(hump.peak).parameters,
            "rise": hump.rise.estimate,
            "rise_low": hump.rise.low,
            "rise_high": hump.rise.high,
            "fall": hump.fall.estimate,
            "fall_low": hump.fall.low,
            "fall_high": hump.fall.high,
            "most": hump.most,
        },
    )


def _stopped_finding(one: Descent) -> Finding:
    hump = one.humps[STOPPED]
    if hump is None or hump.pairs < FEWEST_PAIRS:
        verdict, sentence = "undecided", "What stopping early changes is not judged."
    elif hump.verdict == "seen":
        verdict = "seen"
        sentence = (
            f"Stopping at the best epoch leaves a peak, of {loss(hump.rise.estimate)} at "
            f"{hump.peak}."
        )
    elif hump.verdict == "not seen":
        verdict = "not seen"
        sentence = (
            "Stopped at its best epoch, no network shows a peak that matters: at most "
            f"{loss(hump.most)}."
        )
    else:
        verdict = "undecided"
        sentence = (
            "Stopped at the best epoch, the highest peak is "
            f"{loss(max(min(hump.rise.estimate, -hump.fall.estimate), 0.0))}, not clearly there."
        )
    return Finding(
        code="study.capacity.stopped_early",
        about="study",
        subject=hump.peak if hump else "",
        verdict=verdict,
        sentence=sentence,
        confidence="95 % intervals that hold for all pairs of networks at once",
        numbers={"most": hump.most} if hump else {},
    )


def _between(interval: Interval) -> str:
    return f"95 % interval {loss(interval.low)} to {loss(interval.high)}"


def _noise(results: StudyResults) -> float:
    return results.design.arms[0].variant.label_noise


def _expected(results: StudyResults) -> int:
    return int(results.design.options["rows_times_outputs"])


def _marked(descents: Sequence[Descent], results: StudyResults) -> list[tuple[int, float, str]]:
    """Return what to point out, as (depth, parameters, label)."""
    places: list[tuple[int, float, str]] = []
    for one in descents:
        places.append((one.depth, _expected(results), "rows × outputs"))  # noqa: RUF001 - times
        if one.threshold:
            places.append((one.depth, one.threshold.parameters, "interpolation threshold"))
    return places


def _table(descents: Sequence[Descent], results: StudyResults, arms: pd.DataFrame) -> StudyTable:
    rows = {row["arm"]: row for row in records(arms)}
    metric = results.metric
    table = [
        {
            "Network": network.arm,
            "Parameters": network.parameters,
            "Of rows × outputs": f"{network.parameters / _expected(results):.2g}",  # noqa: RUF001 - times
            "Fit all labels": f"{100 * one.fitted[network.arm]:.0f} %",
            f"Train {metric}": score(rows[network.arm]["last_train_score"]),
            f"Validation {metric}": score(rows[network.arm][ERROR]),
            "Train loss": loss(rows[network.arm]["last_train_loss"]),
            "Validation loss": loss(rows[network.arm][LOSS]),
            "At the best epoch": loss(rows[network.arm][STOPPED]),
        }
        for one in descents
        for network in one.networks
    ]
    return StudyTable(
        id="descent",
        title="From too small to far too large",
        table=pd.DataFrame(table),
        note="Means over seeds after the last epoch, the last column at the best epoch. Train "
        f"figures are of the noisy labels; a network fits all labels from a train score of {FITTED}"
        " on. Validation labels have no noise.",
    )
