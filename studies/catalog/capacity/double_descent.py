"""Double descent: does the validation loss rise to the interpolation threshold and fall beyond?

Everything is measured after the last epoch: stopping early is what hides it (Nakkiran et al. 2019,
section 1). The threshold is where a network just fits every training label, the wrong ones too.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import count, loss, plural, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    loss_margin,
    study_tables,
)
from studies.answering.results import StudyResults
from studies.answering.words import in_words, numbers, whole_percent
from studies.catalog.capacity.figures import end_figure, stopped_figure
from studies.catalog.capacity.fit import Network, known_networks
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.hump import Hump, find_hump
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


def answer_double_descent(
    results: StudyResults, verdicts: Mapping[str, ConfigVerdict]
) -> StudyAnswer:
    """Say whether the validation loss has a peak at the threshold, and how large it is."""
    arms, compared = summarise_arms(results), compare_study(results, ERROR)
    known = known_networks(results, arms)
    of_depth = [
        [one for one in known if one.depth == depth] for depth in sorted({n.depth for n in known})
    ]
    descents = [describe_descent(results, networks) for networks in of_depth if len(networks) > 2]
    tables = study_tables(results, arms, verdicts, compared)
    if not descents:
        return StudyAnswer(
            answer="No conclusion: fewer than three networks of one depth were trained to the end "
            "in at least half of the pairs.",
            tables=tables,
        )
    own = [finding for one in descents for finding in describe(one, results)]
    marked, sentences = places(descents, results), [one.sentence for one in own]
    return StudyAnswer(
        answer=short_answer(descents[0], results),
        paragraph=sentences,
        findings=[*own, *contrast_findings(compared, results)],
        figures=[
            end_figure(results, arms, marked, finding=sentences[1]),
            end_figure(results, arms, marked, finding=sentences[2], of_scores=True),
            stopped_figure(results, arms, finding=sentences[3]),
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


def short_answer(one: Descent, results: StudyResults) -> str:
    """Say in one sentence whether the validation loss has a peak."""
    hump = one.humps[LOSS]
    noise = f"With {100 * _noise(results):g} % label noise"
    if hump is None or hump.pairs < FEWEST_PAIRS:
        return f"{noise}, too few paired seeds to tell whether the validation loss has a peak."
    heights = f"{loss(hump.rise.estimate)} up, {loss(-hump.fall.estimate)} down"
    if hump.verdict == "seen":
        peak = one.network(hump.peak)
        kind = "double descent" if hump.is_second else "a peak, with no clear descent before it"
        return (
            f"{noise} the final validation loss peaks at {count(peak.parameters)} parameters "
            f"({heights}), {_place(one, peak)}: {kind}."
        )
    if hump.verdict == "not seen":
        return f"{noise} no double descent: no peak is higher than {loss(hump.most)}."
    return f"{noise} a double descent is undecided: the highest peak is {heights}."


def _place(one: Descent, peak: Network) -> str:
    if one.threshold is None:
        return "though no network fits all labels"
    if peak == one.threshold:
        return "at the interpolation threshold"
    return f"{peak.parameters / one.threshold.parameters:.2g} times the interpolation threshold"


def describe(one: Descent, results: StudyResults) -> list[Finding]:
    """State the threshold, the peaks of loss and error, and what stopping early leaves of them."""
    return [
        _threshold_finding(one, results),
        _hump_finding(one, results, LOSS),
        _hump_finding(one, results, ERROR),
        _stopped_finding(one),
    ]


def _threshold_finding(one: Descent, results: StudyResults) -> Finding:
    threshold, expected = one.threshold, _expected(results)
    if threshold is None:
        return Finding(
            code="study.capacity.threshold",
            verdict="not reached",
            sentence=f"No interpolation threshold up to {one.networks[-1].arm}: most networks stay "
            f"below a train score of {FITTED} on the noisy labels.",
            next_step="Train for longer (--epochs), or add larger networks.",
            confidence="counted over the seeds",
            numbers={"parameters": None},
        )
    return Finding(
        code="study.capacity.threshold",
        subject=threshold.arm,
        verdict="threshold",
        sentence=(
            f"The interpolation threshold is {threshold.arm} ({count(threshold.parameters)} "
            f"parameters), the smallest network of train score {FITTED} or more on most seeds: "
            f"{threshold.parameters / expected:.2g} times {count(expected)}, training rows times "
            "outputs (Belkin et al. 2019)."
        ),
        confidence="counted over the seeds",
        numbers={"parameters": threshold.parameters, "rows_times_outputs": expected},
    )


def _hump_finding(one: Descent, results: StudyResults, measure: str) -> Finding:
    hump, is_loss = one.humps[measure], measure == LOSS
    name = "double_descent" if is_loss else "error_descent"
    measure_name = "validation loss" if is_loss else f"1 minus the validation {results.metric}"
    after = f"After the last epoch, {measure_name}"
    if hump is None or hump.pairs < FEWEST_PAIRS:
        return Finding(
            code=f"study.capacity.{name}",
            verdict="undecided",
            sentence=f"{after} is not judged: that takes {FEWEST_PAIRS} paired seeds, no folds.",
            confidence="descriptive",
        )
    steps = {f"{hump.before} to {hump.peak}": hump.rise, f"{hump.peak} to {hump.last}": hump.fall}
    if hump.descent is not None:
        steps = {f"{one.networks[0].arm} to {hump.before}": hump.descent, **steps}
    write = loss if is_loss else score
    tests = ", ".join(f"{step} {in_words(change, write)}" for step, change in steps.items())
    says = {
        "seen": "rises to a peak and falls beyond it",
        "not seen": f"has no peak that matters, none higher than {write(hump.most)}",
        "undecided": "may or may not have a peak",
    }[hump.verdict]
    again = "Repeat it with more --seeds, or more label noise."
    return Finding(
        code=f"study.capacity.{name}",
        subject=hump.peak,
        verdict=hump.verdict,
        sentence=f"{after} {says}: {tests}.",
        next_step=again if hump.verdict == "undecided" else "",
        level="good" if hump.verdict == "seen" and is_loss else "info",
        confidence=(
            f"sign flips over {plural(hump.pairs, 'pair')}; 95 % intervals that hold for all pairs "
            "of networks at once"
        ),
        numbers={
            "peak_parameters": one.network(hump.peak).parameters,
            **numbers(hump.rise, "rise", "rise_"),
            **numbers(hump.fall, "fall", "fall_"),
            "most": hump.most,
        },
    )


def _stopped_finding(one: Descent) -> Finding:
    hump = one.humps[STOPPED]
    verdict, sentence = "undecided", "What stopping early changes is not judged."
    if hump is not None and hump.pairs >= FEWEST_PAIRS:
        verdict, highest = hump.verdict, max(min(hump.rise.estimate, -hump.fall.estimate), 0.0)
        says = {
            "seen": f"a peak is left, of {loss(hump.rise.estimate)} at {hump.peak}",
            "not seen": f"there is no peak that matters: at most {loss(hump.most)}",
            "undecided": f"the highest peak is {loss(highest)}, not clearly there",
        }[hump.verdict]
        sentence = f"Stopped at the best epoch, {says}."
    return Finding(
        code="study.capacity.stopped_early",
        subject=hump.peak if hump else "",
        verdict=verdict,
        sentence=sentence,
        confidence="95 % intervals that hold for all pairs of networks at once",
        numbers={"most": hump.most} if hump else {},
    )


def _noise(results: StudyResults) -> float:
    return results.design.arms[0].variant.label_noise


def _expected(results: StudyResults) -> int:
    return int(results.design.options["rows_times_outputs"])


def places(descents: Sequence[Descent], results: StudyResults) -> list[tuple[int, float, str]]:
    """Return what to point out in a figure, as (depth, parameters, label)."""
    found: list[tuple[int, float, str]] = []
    for one in descents:
        found.append((one.depth, _expected(results), "rows × outputs"))  # noqa: RUF001 - times
        if one.threshold:
            found.append((one.depth, one.threshold.parameters, "interpolation threshold"))
    return found


def _table(descents: Sequence[Descent], results: StudyResults, arms: pd.DataFrame) -> StudyTable:
    shown = [(one, network) for one in descents for network in one.networks]
    rows = arms.set_index("arm").loc[[network.arm for _, network in shown]]
    metric, expected = results.metric, _expected(results)
    table = {
        "Network": rows.index,
        "Parameters": rows["parameters"],
        "Of rows × outputs": (rows["parameters"] / expected).map("{:.2g}".format),  # noqa: RUF001 - times
        "Fit all labels": [whole_percent(one.fitted[network.arm]) for one, network in shown],
        f"Train {metric}": rows["last_train_score"].map(score),
        f"Validation {metric}": rows[ERROR].map(score),
        "Train loss": rows["last_train_loss"].map(loss),
        "Validation loss": rows[LOSS].map(loss),
        "At the best epoch": rows[STOPPED].map(loss),
    }
    return StudyTable(
        id="descent",
        title="From too small to far too large",
        table=pd.DataFrame(table).reset_index(drop=True),
        note="Means over seeds after the last epoch, the last column at the best. Train: of the "
        f"noisy labels, all fitted from a train score of {FITTED} on; validation: without noise.",
    )
