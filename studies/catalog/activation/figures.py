"""What the activations show: train and validation side by side, and the units that idle."""

from collections.abc import Sequence

import pandas as pd

from reports.study_content import ResponseFigure, StudyTable
from reports.wording import is_number, loss
from studies.answering.arms import with_intervals
from studies.answering.figures import points, splits
from studies.answering.results import StudyResults
from studies.answering.words import percent
from sweep.activations import ACTIVATIONS


def splits_figure(results: StudyResults, arms: pd.DataFrame, *, finding: str) -> ResponseFigure:
    """Draw train and validation, score and loss, for each activation."""
    measures = {results.metric: "last_{}_score", "loss": "last_{}_loss"}
    parts = [splits({panel: arms}, measure, "arm") for panel, measure in measures.items()]
    return ResponseFigure(
        id="splits",
        title="Trained as far, or generalising worse?",
        finding=finding,
        how_to_read=(
            f"{results.metric.capitalize()} and loss after the last epoch, means with 95 % t "
            "intervals. A high train loss: hard to train. A low one with a poor validation value: "
            "it generalises worse."
        ),
        x_name="activation",
        x_scale="category",
        y_name="after the last epoch",
        table=pd.concat(parts, ignore_index=True),
    )


def units_figure(units: pd.DataFrame, *, finding: str) -> Sequence[ResponseFigure]:
    """Draw the share of idle units of each activation; nothing if none were counted."""
    known = units[units["share"].notna()]
    if known.empty:
        return []
    rows = [ACTIVATIONS[name] for name in known["activation"]]
    rules = "; ".join(f"{row.title}: {row.idle}, {row.idle_rule}" for row in rows)
    return [
        ResponseFigure(
            id="units",
            title="Hidden units that do no work",
            finding=finding,
            how_to_read=(
                "Share of all hidden units, mean over seeds with 95 % t intervals, in the network "
                f"of the best epoch. {rules}."
            ),
            x_name="activation",
            x_scale="category",
            y_name="share of hidden units",
            table=points(known, "share", x="arm", series="idle units"),
        )
    ]


def settings_table(results: StudyResults, arms: pd.DataFrame, units: pd.DataFrame) -> StudyTable:
    """Write what each activation was tuned to, and how it trained."""
    chosen = results.comparison.drop_duplicates("arm").set_index("arm").reindex(arms["arm"])
    groups = units.groupby("kind", sort=False)["arm"].agg(", ".join)
    kinds = ", ".join(f"{kind} ({titles})" for kind, titles in groups.items())
    table = pd.DataFrame(
        {
            "Activation": arms["arm"].tolist(),
            "Learning rate": chosen["learning_rate"].map(loss).tolist(),
            "Initialisation": chosen["initializer"].tolist(),
            "Train loss at the end": with_intervals(arms, "last_train_loss", loss),
            f"Validation {results.metric} at the end": with_intervals(
                arms, "last_validation_score"
            ),
            "Idle units": units["share"].map(_idle).tolist(),
            "Most of one network": units["most"].map(_idle).tolist(),
            "Epochs to its best": arms["best_epoch"].map(loss).tolist(),
        }
    )
    return StudyTable(
        id="settings",
        title="What was chosen, and how it trained",
        table=table,
        note="Learning rate and initialisation were chosen in each arm on other seeds, by the mean "
        f"validation loss. Idle: {kinds}.",
    )


def _idle(share: float) -> str:
    return percent(share) if is_number(share) else "not counted"
