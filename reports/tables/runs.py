"""The runs of a comparison side by side, one a row."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports import wording
from reports.comparison_content import ComparisonContent, RunSide
from reports.tables.table import Table, figure_table

LONGEST_NETWORK: Final = 80


def runs_table(content: ComparisonContent) -> Table:
    """Write the runs side by side, in the order in which they were given."""
    metric, labels = content.metric, content.labels
    table = pd.DataFrame([_row(run, metric) for run in content.runs])
    caption = (
        f"{wording.plural(len(labels), 'run')}, each by the network that stands for it: score and "
        "loss are means over its seeds with 95 % intervals, or over rows where there is one seed; "
        "the gap is validation minus train loss."
    )
    if content.best:
        caption += " The highlighted row has the highest mean score, which alone shows nothing."
    scores = [f"Validation {metric}", "from", "to", f"Test {metric}"]
    formats = dict.fromkeys(scores, wording.score) | {
        "Seeds": wording.count, "Parameters": wording.count, "Trials": wording.count,
        "Network": _network, "Loss": wording.aligned([run.loss[0] for run in content.runs]),
    }  # fmt: skip
    return dataclasses.replace(
        figure_table(table, caption, formats, most=None),
        marks=tuple(run.verdict or "failed" for run in content.runs),
        winner=labels.index(content.best) if content.best else -1,
    )


def _row(run: RunSide, metric: str) -> dict[str, object]:
    design, counts = run.manifest.get("study") or {}, run.manifest.get("counts") or {}
    study = str(design.get("study") or "") if isinstance(design, Mapping) else ""
    spent = (run.manifest.get("seconds") or {}).get("total")
    planned = counts.get("planned")
    return {
        "Run": run.label,
        "Fit": run.verdict or "none finished",
        "Kind": f"study {study}".strip() if run.manifest.get("kind") == "study" else "sweep",
        "Data": str(run.data.get("name") or wording.MISSING),
        **dict(zip((f"Validation {metric}", "from", "to"), run.score, strict=True)),
        "Seeds": float(run.seeds or math.nan),
        "Loss": run.loss[0],
        **dict(zip(("Loss gap", "Gap from", "Gap to"), run.gap, strict=True)),
        f"Test {metric}": run.test[0],
        "Parameters": float(run.parameters or math.nan),
        "Network": run.network,
        "Trials": float(planned) if wording.is_number(planned) else math.nan,
        "Seconds": float(spent) if wording.is_number(spent) else math.nan,
        "State": str(run.manifest.get("state") or "unknown"),
    }


def _network(value: object) -> str:
    return wording.shorten(str(value), LONGEST_NETWORK) or wording.MISSING
