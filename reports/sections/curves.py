"""The sections that show curves over epochs: the winner's, and those of three telling trials."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.figures import panels
from reports.sections import curve_captions
from reports.sections.section import Section, panel
from reports.sections.tables import Column, Table, figure_table
from reports.summaries import trials as summary_trials
from reports.summaries.curves import (
    CurveSummary,
    Panel,
    learning_curves,
    share_limits,
    side_by_side,
)

READ_WINNER: Final = (
    "Train and validation are measured after each epoch on the same weights, with dropout "
    "off; the shaded area between them is the gap. The thin dashed line, running, is the loss "
    "while training, with dropout on and weights still changing: what Keras prints. Coloured "
    "bands are 95 % t intervals over seeds. A dotted line marks where overfitting sets in. "
    "The gradient shrinks towards a minimum; where it does not, the learning rate may be too "
    "large."
)
READ_CHOSEN: Final = (
    "Losses of single trials of the search, on one scale. Best and median are by validation "
    "loss at the best epoch; most overfitted is the largest gap after the last epoch. Where a "
    "curve leaves the top of the panel, its start is worse than the scale shows."
)


def winner_section(content: SweepContent) -> Section | None:
    """Show how the winner learns; None without a winner or its epochs."""
    members = content.winner_members
    if not members or not content.epochs["trial"].isin(members).any():
        return None
    fit = content.network_finding
    onset = int(fit.number("onset_epoch")) if fit and fit.numbers["onset_epoch"] else None
    of_score = Panel(name=_capital(content.score_name), unit="higher is better", onset_epoch=onset)
    of_loss = Panel(name="Loss", unit=content.loss_name, onset_epoch=onset)
    of_gradient = Panel(name="Gradient norm", unit="root mean square over an epoch")
    loss = learning_curves(content.epochs, members, "loss", of_loss)
    score = learning_curves(content.epochs, members, "score", of_score)
    gradient = learning_curves(content.epochs, members, "gradient", of_gradient)
    finding = curve_captions.winner_curves(loss)
    return Section(
        id="winner",
        title="How the winner learns",
        link="Winner",
        finding=finding,
        how_to_read=READ_WINNER,
        panels=(
            panel(panels.learning_curves(loss), finding, "winner-loss"),
            panel(
                panels.learning_curves(score),
                curve_captions.score_curves(score, content.score_name),
                "winner-score",
            ),
            panel(
                panels.gradient_norm(gradient),
                curve_captions.gradient(gradient),
                "winner-gradient",
            ),
        ),
        table=_winner_table([loss, score, gradient]),
    )


def chosen_section(content: SweepContent, judged: pd.DataFrame) -> Section | None:
    """Show the loss curves of the best, the median and the most overfitted trial.

    Args:
        content: The run.
        judged: The search's trials with verdicts.

    Returns:
        The section, or None if no trial finished.
    """
    chosen = summary_trials.pick_trials(judged)
    if not chosen:
        return None
    verdicts = judged.set_index("trial")["verdict"]
    titles = [Panel(name=_capital(what), unit=f"{name}: {verdicts[name]}") for what, name in chosen]
    summaries = share_limits(
        [
            learning_curves(content.epochs, (name,), "loss", titled)
            for (_, name), titled in zip(chosen, titles, strict=True)
        ]
    )
    drawn = list(zip(chosen, summaries, strict=True))
    return Section(
        id="curves",
        title="The best, the median and the most overfitted",
        link="Curves",
        finding=curve_captions.chosen_curves([(what, summary) for (what, _), summary in drawn]),
        how_to_read=READ_CHOSEN,
        panels=tuple(
            panel(
                panels.learning_curves(summary),
                f"Loss curves of the {what} trial, {name}.",
                f"curve-{place}",
            )
            for place, ((what, name), summary) in enumerate(drawn)
        ),
        table=_chosen_table(summaries),
    )


def _winner_table(summaries: Sequence[CurveSummary]) -> Table:
    data = side_by_side(summaries)
    columns = [
        Column(source=name, title=name, write=wording.count if name == "epoch" else wording.loss)
        for name in map(str, data.columns)
    ]
    return figure_table(data, "Means over the winner's seeds, by epoch.", columns)


def _chosen_table(summaries: Sequence[CurveSummary]) -> Table:
    parts = [side_by_side([summary]).assign(trial=summary.members[0]) for summary in summaries]
    data = pd.concat(parts)
    columns = [
        Column(source="trial", title="trial", write=wording.shorten, numeric=False),
        Column(source="epoch", title="epoch", write=wording.count),
        *(
            Column(source=name, title=name, write=wording.loss)
            for name in ("train loss", "validation loss", "running loss")
            if name in data.columns
        ),
    ]
    return figure_table(data, "Losses by trial and epoch.", columns)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
