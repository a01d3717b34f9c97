"""The section that tells what more trials would be expected to bring."""

import math
from typing import Final

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Section, panel
from reports.figures import best_of as figures
from reports.summaries.best_of import BestOfSummary, best_of
from reports.tables.table import Column, first_rows

READ: Final = (
    "The line is the best {name} to be expected of k of these trials drawn at random (Dodge et al. "
    "2019, Tang et al. 2020); the shade is its 95 % interval, given up to a third of the trials: "
    "beyond, where the line is dashed, too few sets of k are left to give one. The grey steps are "
    "what this run had reached after k finished trials, in their order. Dots stand at half and at "
    "all of the trials. At its end the line is the best trial itself, and flat where more trials "
    "can add little; it cannot rise above what was seen. {sampler} Trials without a result are not "
    "counted."
)
ADAPTIVE: Final = (
    "This run's sampler ({sampler}) learns from earlier trials, so its draws are not independent: "
    "the line then describes these trials in a random order, and the steps what really happened."
)
PLAIN: Final = "This run's sampler ({sampler}) does not adapt, as the formula asks."
ADAPTS: Final = "This sampler learns as it goes, so take it as a rough guide."
INDEPENDENT: Final = ("random", "qmc")


def best_of_section(content: SweepContent) -> Section | None:
    """Show the expected best of k trials against k; None where there is no such curve."""
    loss, score = best_of(content.best_of, "loss"), best_of(content.best_of, "score")
    if loss is None or score is None:
        return None
    sampler = str((content.manifest.get("settings") or {}).get("sampler") or "unknown")
    note = PLAIN if sampler in INDEPENDENT else ADAPTIVE
    explained = note.format(sampler=wording.shorten(sampler, 24))
    name = f"validation loss or {content.score_name}"
    finding = told(loss, score, content.score_name, error=_error(content))
    if sampler not in INDEPENDENT:
        finding = f"{finding} {ADAPTS}"
    remark = "expected best of k trials; steps: as it went"
    titles = {"loss": "Validation loss", "score": f"Validation {content.score_name}"}
    table = content.best_of.assign(what=content.best_of["measure"].map(titles))
    return Section(
        id="best-of",
        title="Would more trials help",
        link="Best of k",
        finding=finding,
        how_to_read=READ.format(name=name, sampler=explained),
        panels=tuple(
            panel(figures.best_of(one, titles[one.measure], remark), finding, f"best-of-{place}")
            for place, one in enumerate((loss, score))
        ),
        table=first_rows(
            table,
            "Expected best of k of these trials, its 95 % interval, and the best of the first k.",
            [
                Column(source="what", title="measure", write=wording.shorten, numeric=False),
                Column(source="k", title="k", write=wording.count),
                Column(source="expected", title="expected best", write=wording.loss),
                Column(source="low", title="from", write=wording.loss),
                Column(source="high", title="to", write=wording.loss),
                Column(source="so_far", title="best so far", write=wording.loss),
            ],
        ),
    )


def told(loss: BestOfSummary, score: BestOfSummary, score_name: str, *, error: float) -> str:
    """Say what the second half of the trials brought, and what doubling may bring.

    Args:
        loss: The curve of the validation loss.
        score: The curve of the validation score.
        score_name: What the score is called.
        error: Standard error of the best trial's validation loss; NaN if unknown.
    """
    text = (
        f"From {wording.count(loss.half)} to {wording.plural(loss.trials, 'finished trial')} the "
        f"expected best validation loss fell by {wording.loss(loss.gain)}, from "
        f"{wording.loss(loss.before)} to {wording.loss(loss.expected)}, and the expected best "
        f"{score_name} rose by {wording.loss(score.gain)}."
    )
    if not math.isfinite(error):
        return text
    if loss.gain > error:
        return (
            f"{text} That is more than the standard error of the best trial's loss "
            f"({wording.loss(error)}): doubling the trials may well bring more."
        )
    return (
        f"{text} That is no more than the standard error of the best trial's loss "
        f"({wording.loss(error)}): doubling the trials is not expected to bring much."
    )


def _error(content: SweepContent) -> float:
    search = content.searched
    finished = search[(search["outcome"] == "finished") & search["validation_loss"].notna()]
    if finished.empty:
        return math.nan
    best = finished.sort_values(["validation_loss", "trial"])["validation_loss_se"].iloc[0]
    return float(best)
