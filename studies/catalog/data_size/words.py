"""The findings on data and network in words."""

from collections.abc import Mapping
from typing import Final

from reports.findings import Finding
from reports.wording import count, is_number, join, plural, score, setting
from studies.answering.results import StudyResults
from studies.catalog.data_size.design import Plan
from studies.catalog.data_size.growth import Promise, Row, interaction
from studies.diagnosis.networks import ConfigVerdict
from studies.diagnosis.words import between
from studies.statistics.intervals import Interval
from studies.statistics.power_law import PowerLaw

STUDY: Final = "study.data-size"


def answer_sentence(results: StudyResults, promise: Promise) -> str:
    """Say in one sentence what to buy next."""
    plan = Plan.of(results.design)
    data = f"twice the rows promise {_gain(promise.data)} {results.metric}"
    widths = f"width {plan.widths[-1]:,} for {plan.widths[-2]:,}"
    network = f"{widths} brought {_gain(promise.network)}"
    if not is_number(promise.data.estimate):
        return f"Data or network is undecided: no power law holds for twice the rows; {network}."
    lead = {
        "more data": "More data",
        "larger network": "A larger network",
        "neither": "Neither matters",
        "either": "Either buys as much",
        "undecided": "Data or network is undecided",
    }[promise.advice]
    return f"{lead}: {data}, {network}."


def buy_finding(results: StudyResults, promise: Promise, law: PowerLaw) -> Finding:
    """Say what twice the rows promise at the largest network, against what the network brought."""
    plan = Plan.of(results.design)
    width, before = plan.widths[-1], plan.widths[-2]
    network = (
        f"the last step of the network, from width {before:,} to {width:,} with all "
        f"{count(plan.sizes[-1])} rows, brought {_interval(promise.network)}"
    )
    if law.unsupported:
        sentence = (
            f"What twice the rows promise at width {width:,} cannot be said: {law.unsupported}; "
            f"{network}."
        )
    else:
        sentence = (
            f"By the power law at width {width:,}, {count(law.predictions[0].rows)} rows in place "
            f"of {count(plan.sizes[-1])} promise {_interval(promise.data)} in validation "
            f"{results.metric}; {network}. {_REASONS[promise.advice]}"
        )
    return Finding(
        code=f"{STUDY}.buy",
        about="study",
        subject="",
        verdict=promise.advice,
        sentence=sentence,
        next_step=_STEPS[promise.advice],
        level="info" if promise.advice == "undecided" else "good",
        confidence=(
            "extrapolated twofold by a power law; its interval resamples seeds, and a law of "
            "another form is not ruled out, nor another choice of the nested rows; a network "
            "larger than those tried was not measured"
        ),
        numbers={
            **_numbers("data", promise.data),
            **_numbers("network", promise.network),
            "misfit": law.misfit if is_number(law.misfit) else None,
        },
    )


_REASONS: Final = {
    "more data": "The intervals do not meet: more data promise more than a larger network.",
    "larger network": "The intervals do not meet: a larger network promises more than more data.",
    "neither": "Both lie below the margin: neither matters.",
    "either": "They differ by less than the margin, whatever their intervals leave open.",
    "undecided": "The intervals meet: which of the two promises more is undecided.",
}
_STEPS: Final = {
    "more data": "Get more rows before a larger network.",
    "larger network": "Enlarge the network before getting more rows: --set width=... goes on.",
    "either": "Take what is cheaper.",
    "neither": "Look elsewhere: features, labels, another kind of model.",
    "undecided": "Repeat with more --seeds, or with larger steps: --set width=..., train_rows=...",
}


def steps_finding(results: StudyResults, rows: Mapping[tuple[str, str], Row]) -> Finding:
    """Compare the last steps that were measured, without any extrapolation."""
    plan = Plan.of(results.design)
    data, network = rows[plan.data_step], rows[plan.network_step]
    apart = rows[plan.steps_apart]
    said = {
        "better": "the data's step brought more",
        "worse": "the network's step brought more",
        "equivalent": "they are equivalent",
        "undecided": "which of the two brought more is undecided",
    }[apart["verdict"]]
    sentence = (
        f"Measured at width {plan.widths[-1]:,}: {setting(plan.sizes[-1] / plan.sizes[-2])} times "
        f"the rows, from {count(plan.sizes[-2])} to {count(plan.sizes[-1])}, brought "
        f"{_row_interval(data)} in validation {results.metric}; "
        f"{setting(plan.widths[-1] / plan.widths[-2])} times the width brought "
        f"{_row_interval(network)}; {said}, {_row_interval(apart)} apart."
    )
    return Finding(
        code=f"{STUDY}.steps",
        about="study",
        subject="",
        verdict=apart["verdict"],
        sentence=sentence,
        confidence="paired t tests over seeds, Holm over all contrasts; one choice of nested rows",
        numbers={
            "data": data["difference"],
            "network": network["difference"],
            "difference": apart["difference"],
            "low": apart["low"],
            "high": apart["high"],
        },
    )


def interaction_findings(results: StudyResults) -> list[Finding]:
    """Say whether the larger network pays more with more rows."""
    plan, rows = Plan.of(results.design), interaction(results)
    if len(rows) < 3:
        return []
    full, few, apart = rows
    said = {
        "better": "A larger network pays more with more rows",
        "worse": "A larger network pays less with more rows",
        "equivalent": "A larger network pays as much with few rows as with all",
        "undecided": "Whether a larger network pays more with more rows is undecided",
    }[apart["verdict"]]
    return [
        Finding(
            code=f"{STUDY}.interaction",
            about="study",
            subject="",
            verdict=apart["verdict"],
            sentence=(
                f"{said}: width {plan.widths[-1]:,} gains {_row_interval(full)} over width "
                f"{plan.widths[0]:,} with {count(plan.sizes[-1])} rows, and {_row_interval(few)} "
                f"with {count(plan.sizes[0])}."
            ),
            confidence="paired t test over seeds of the difference of both gains, Holm over 3",
            numbers={key: apart[key] for key in ("difference", "low", "high")},
        )
    ]


def law_finding(results: StudyResults, width: int, law: PowerLaw) -> Finding:
    """Describe the power law of one width, or say why there is none."""
    if law.unsupported:
        sentence = f"Width {width:,}: no power law of the validation error; {law.unsupported}."
    else:
        error = law.predictions[0].error
        sentence = (
            f"Width {width:,}: the validation error (1 minus {results.metric}) falls with the "
            f"rows to the power {score(law.exponent.estimate)} "
            f"({between(law.exponent.low, law.exponent.high, score)}) above a floor of "
            f"{score(law.floor.estimate)} ({between(law.floor.low, law.floor.high, score)}); with "
            f"{count(law.predictions[0].rows)} rows it would be {score(error.estimate)} "
            f"({between(error.low, error.high, score)}). The law misses no mean by more than "
            f"{100 * law.misfit:.0f} %."
        )
    return Finding(
        code=f"{STUDY}.law",
        about="study",
        subject=f"width {width:,}",
        verdict="unsupported" if law.unsupported else "fitted",
        sentence=sentence,
        confidence="95 % intervals by resampling seeds; 91 to 96 % in simulations with ten",
        numbers={} if law.unsupported else _numbers("exponent", law.exponent),
    )


def undertrained_findings(
    results: StudyResults, verdicts: Mapping[str, ConfigVerdict]
) -> list[Finding]:
    """Warn where fewer rows meant too few updates: then the rows are not what was missing."""
    names = [name for name, one in verdicts.items() if one.verdict == "undertrained"]
    if not names:
        return []
    epochs = results.design.fixed["epochs"]
    return [
        Finding(
            code=f"{STUDY}.undertrained",
            about="study",
            subject="",
            verdict="undertrained",
            sentence=(
                f"{plural(len(names), 'arm')} still improved after {epochs} epochs: "
                f"{join(names[:4])}{' and others' if len(names) > 4 else ''}. An epoch of fewer "
                "rows has fewer updates, so that part of what the rows bring may be training time."
            ),
            next_step="Train longer: --epochs.",
            level="warning",
            confidence="as for the verdict on each arm",
            numbers={"arms": len(names)},
        )
    ]


def _gain(interval: Interval) -> str:
    """Write a gain in short, for the answer."""
    numbers = f" ({score(interval.low)} to {score(interval.high)})"
    sign = "+" if interval.estimate > 0 else ""
    return f"{sign}{score(interval.estimate)}{numbers if is_number(interval.low) else ''}"


def _interval(interval: Interval) -> str:
    return f"{score(interval.estimate)} ({between(interval.low, interval.high, score)})"


def _row_interval(row: Row) -> str:
    return f"{score(row['difference'])} ({between(row['low'], row['high'], score)})"


def _numbers(name: str, interval: Interval) -> dict[str, float | int | str | bool | None]:
    parts = {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return {key: value if is_number(value) else None for key, value in parts.items()}
