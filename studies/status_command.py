"""How far a run is, and what it found: `fitgap status`."""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sweep.records import TrialRecord
from sweep.runs.folder import RunFolder


def status(options: argparse.Namespace) -> int:
    """Print the status of a run, for a person or as JSON."""
    facts = run_status(RunFolder.open(Path(options.run)))
    if options.json:
        print(json.dumps(facts, indent=1, ensure_ascii=False))  # noqa: T201 - the command's result
    else:
        _print(facts)
    return 0


def run_status(folder: RunFolder) -> dict[str, Any]:
    """Gather what is known of a run.

    Returns:
        ``state`` (created, running, interrupted or finished), ``counts``, ``best`` so far,
        ``seconds_left`` while it runs, and the manifest's ``winner`` with its ``verdict`` once
        there is one.
    """
    manifest = folder.read_manifest()
    records = folder.records()
    settings = manifest["settings"]
    state = manifest["state"]
    if state == "running" and not folder.in_use:
        state = "interrupted"  # by something that left no time to say so
    search = [record for record in records if record.stage == "search"]
    outcomes = [record.outcome for record in search]
    counts = {name: outcomes.count(name) for name in ("finished", "diverged", "failed")}
    counts = {"planned": manifest["counts"].get("planned", settings["trials"]), **counts}
    confirmed = len(records) - len(search)
    winner = manifest["winner"] if state == "finished" else None
    return {
        "run": str(folder.path),
        "state": state,
        "score": "R2" if manifest["data"]["task"] == "regression" else "accuracy",
        "counts": counts,
        "confirmation": {
            "planned": settings["confirm"] * min(settings["confirm_top"], counts["planned"]),
            "done": confirmed,
        },
        "best": _best(search),
        "seconds_left": _seconds_left(records, counts, settings) if state == "running" else None,
        "winner": winner and {**winner, "verdict": _verdict(folder)},
    }


def _best(search: Sequence[TrialRecord]) -> dict[str, Any] | None:
    usable = [record for record in search if record.outcome == "finished"]
    usable = [record for record in usable if math.isfinite(record.validation_loss)]
    if not usable:
        return None
    best = min(usable, key=lambda record: record.validation_loss)
    return {
        "trial": best.trial,
        "validation": {"score": best.validation_score, "loss": best.validation_loss},
    }


def _seconds_left(
    records: Sequence[TrialRecord], counts: Mapping[str, int], settings: Mapping[str, Any]
) -> float | None:
    """Guess the time left from the mean time of the trials that have ended."""
    if not records:
        return None
    mean = sum(record.seconds for record in records) / len(records)
    planned = counts["planned"]
    total = planned + settings["confirm"] * min(settings["confirm_top"], planned)
    workers = min(settings["workers"] or 1, planned)
    return float(round(mean * max(total - len(records), 0) / workers, 1))


def _verdict(folder: RunFolder) -> dict[str, Any] | None:
    """Return what findings.json says of the winner as a network; None before it is written."""
    try:
        findings = json.loads(folder.findings_path.read_bytes())["findings"]
    except (OSError, ValueError, KeyError):
        return None
    for finding in findings:
        if finding["about"] == "network":
            return {name: finding[name] for name in ("code", "verdict", "sentence", "next_step")}
    return None


def _print(facts: Mapping[str, Any]) -> None:
    counts, score = facts["counts"], facts["score"]
    table = Table.grid(padding=(0, 2))
    ended = counts["finished"] + counts["diverged"] + counts["failed"]
    lost = [f"{counts[name]} {name}" for name in ("diverged", "failed") if counts[name]]
    rows = [
        ("run", facts["run"]),
        ("state", facts["state"]),
        ("trials", f"{ended} of {counts['planned']}" + (f" ({', '.join(lost)})" if lost else "")),
    ]
    confirmation = facts["confirmation"]
    if confirmation["planned"]:
        rows.append(("confirmation", f"{confirmation['done']} of {confirmation['planned']}"))
    if facts["seconds_left"] is not None:
        rows.append(("time left", f"about {facts['seconds_left']:.0f} s"))
    if facts["best"] is not None:
        best = facts["best"]
        rows.append(("best so far", f"{best['trial']}, {_measured(best['validation'], score)}"))
    if facts["winner"] is not None:
        rows += _winner_rows(facts["winner"], score)
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(value))
    Console(soft_wrap=True).print(table)
    if facts["state"] == "interrupted":
        Console(soft_wrap=True).print(
            f"Go on with: fitgap resume {facts['run']}", markup=False, highlight=False
        )


def _winner_rows(winner: Mapping[str, Any], score: str) -> list[tuple[str, str]]:
    config = winner["config"]
    widths = "-".join(map(str, config["widths"])) or "none"
    rows = [
        ("winner", f"{winner['trial']}: hidden layers {widths}, {winner['parameters']} parameters"),
        ("validation", _measured(winner["validation"], score)),
    ]
    confirmed = winner["confirmed"]
    if confirmed is not None:
        interval = ""
        if confirmed["score_low"] is not None:
            interval = (
                f", 95 % interval {confirmed['score_low']:.4f} to {confirmed['score_high']:.4f}"
            )
        rows.append(
            ("confirmed", f"{_measured(confirmed, score)}, {confirmed['seeds']} seeds{interval}")
        )
    rows.append(("test", _measured(winner["test"], score)))
    if winner["verdict"] is not None:
        rows.append(("verdict", f"{winner['verdict']['verdict']}: {winner['verdict']['sentence']}"))
    return rows


def _measured(values: Mapping[str, float], score: str) -> str:
    return f"{score} {values['score']:.4f}, loss {values['loss']:.4f}"
