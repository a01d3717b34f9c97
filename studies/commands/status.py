"""How far a run is, and what it found: `fitgap status`."""

import argparse
import dataclasses
import json
import math
import shlex
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.run_score import RunScore, run_score
from reports.wording import between
from reports.words.configurations import network, training
from studies.commands.console import harmless_json, open_console, print_facts
from studies.commands.durations import describe_duration
from studies.commands.study_status import LONGEST, known_findings, study_rows, study_status
from sweep.data.names import printable
from sweep.errors import StorageError
from sweep.records import OUTCOMES, TrialRecord
from sweep.runs.folder import RunFolder, is_study
from sweep.runs.left_out import LeftOut, run_left_out
from sweep.runs.manifest_file import damaged_manifest
from sweep.runs.ranking import best_slots, shown_score
from sweep.scores import SCORES


def status(options: argparse.Namespace) -> int:
    """Print the status of a run, for a person or as JSON."""
    folder = RunFolder.open(Path(options.run))
    try:
        facts = run_status(folder)
    except (KeyError, TypeError, AttributeError) as err:
        reason = f"what should stand at {err} is not there"
        raise damaged_manifest(folder.manifest_path, reason) from err
    facts |= _damage(folder)
    if options.json:
        print(harmless_json(json.dumps(facts, indent=1, ensure_ascii=False)))  # noqa: T201 - the command's result
    else:
        _print(facts)
    return 0


def run_status(folder: RunFolder) -> dict[str, Any]:
    """Gather what is known of a run.

    Args:
        folder: The run.

    Returns:
        ``state`` (created, running, interrupted or finished), ``counts`` of the search by outcome,
        how many pruned trials were ``audited``, ``best`` so far, ``seconds_left`` while it runs,
        the manifest's ``winner`` with its ``verdict`` once there is one, and its ``left_out``. Of a
        study, what `studies.commands.study_status.study_status` says, and ``left_out``.
    """
    manifest = folder.current_manifest()
    records = folder.records()
    settings = manifest["settings"]
    state = manifest["state"]
    left_out = [dataclasses.asdict(one) for one in run_left_out(manifest)]
    if is_study(manifest):
        return study_status(folder, manifest, records, state) | {"left_out": left_out}
    shown = run_score(manifest)
    search = [record for record in records if record.stage == "search"]
    outcomes = [record.outcome for record in search]
    counts: dict[str, int] = {name: outcomes.count(name) for name in OUTCOMES}
    counts = {"planned": manifest["counts"].get("planned", settings["trials"]), **counts}
    stages = [record.stage for record in records]
    winner = manifest["winner"] if state == "finished" else None
    return {
        "run": str(folder.path),
        "state": state,
        "score": shown.title.replace("²", "2"),
        "counts": counts,
        "confirmation": {
            "planned": settings["confirm"] * min(settings["confirm_top"], counts["planned"]),
            "done": stages.count("confirmation"),
        },
        "audited": stages.count("audit"),
        "best": _best(search, shown),
        "seconds_left": _seconds_left(records, counts, settings) if state == "running" else None,
        "winner": winner and {**winner, "verdict": _verdict(folder)},
        "left_out": left_out,
    }


def _best(search: Sequence[TrialRecord], shown: RunScore) -> dict[str, Any] | None:
    score = SCORES[shown.name]
    best = best_slots(search, 1, score if shown.chooses else None)
    if not best:
        return None
    value = shown_score(best[0], score)
    return {
        "trial": best[0].trial,
        "validation": {
            "score": value if math.isfinite(value) else None,
            "loss": best[0].validation_loss,
        },
    }


def _seconds_left(
    records: Sequence[TrialRecord], counts: Mapping[str, int], settings: Mapping[str, Any]
) -> float | None:
    """Guess the time left from the mean times of the trials that have ended."""
    search = [record.seconds for record in records if record.stage == "search"]
    whole = [record.seconds for record in records if record.outcome == "finished"] or search
    if not search:
        return None
    planned = counts["planned"]
    repeats = settings["confirm"] * min(settings["confirm_top"], planned)
    repeats -= sum(record.stage == "confirmation" for record in records)
    # A pruned trial is short, and a confirmation never is.
    left = statistics.mean(search) * max(planned - len(search), 0)
    left += statistics.mean(whole) * max(repeats, 0)
    return float(round(left / min(settings["workers"] or 1, planned), 1))


def _verdict(folder: RunFolder) -> dict[str, Any] | None:
    """Return what findings.json says of the winner as a network; None if it does not."""
    for finding in known_findings(folder):
        if finding["about"] == "network":
            return {name: finding[name] for name in ("code", "verdict", "sentence", "next_step")}
    return None


def _damage(folder: RunFolder) -> dict[str, str]:
    """Say what is wrong with the findings, without which the status still stands."""
    try:
        folder.findings()
    except StorageError as err:
        return {"damaged": err.faults[0]}
    return {}


def _print(facts: Mapping[str, Any]) -> None:
    rows = [("run", facts["run"]), ("state", facts["state"]), ("trials", _counted(facts["counts"]))]
    rows += study_rows(facts) if "study" in facts else _sweep_rows(facts)
    if facts["seconds_left"] is not None:
        rows.append(("time left", f"about {describe_duration(facts['seconds_left'])}"))
    for one in facts["left_out"]:
        rows.append(("left out", printable(LeftOut(**one).sentence, longest=LONGEST)))
    if "damaged" in facts:
        rows.append(("damaged", printable(facts["damaged"], longest=LONGEST)))
    if facts["state"] in {"created", "interrupted"}:
        rows.append(("go on with", f"fitgap resume {shlex.quote(facts['run'])}"))
    print_facts(open_console(), rows)


def _sweep_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows, score = [], facts["score"]
    if facts["audited"]:
        rows.append(("audit", f"{facts['audited']} of the pruned trials trained to their end"))
    confirmation = facts["confirmation"]
    if confirmation["planned"]:
        rows.append(("confirmation", f"{confirmation['done']} of {confirmation['planned']}"))
    if facts["best"] is not None:
        best = facts["best"]
        name = "best of search" if facts["winner"] is not None else "best so far"
        rows.append((name, f"{best['trial']}, {_measured(best['validation'], score)}"))
    if facts["winner"] is not None:
        rows += _winner_rows(facts["winner"], score)
    return rows


def _counted(counts: Mapping[str, int]) -> str:
    """Return how many trials of the search have ended, and how, unless all of them finished."""
    shown = OUTCOMES if counts["pruned"] else ("diverged", "failed")
    parts = [f"{counts[name]} {name}" for name in shown if counts[name]]
    ended = f"{sum(counts[name] for name in OUTCOMES)} of {counts['planned']}"
    return f"{ended} ({', '.join(parts)})" if parts else ended


def _winner_rows(winner: Mapping[str, Any], score: str) -> list[tuple[str, str]]:
    config = winner["config"]
    rows = [
        ("winner", f"{winner['trial']}, {winner['parameters']:,} parameters"),
        ("configuration", f"{network(config)}, {training(config)}"),
        ("validation", _measured(winner["validation"], score)),
    ]
    confirmed = winner["confirmed"]
    if confirmed is not None:
        low, high = confirmed["score_low"], confirmed["score_high"]
        interval = f" ({score} {between(low, high, '{:.4f}'.format)})" if low is not None else ""
        seeds = "1 fresh seed" if confirmed["seeds"] == 1 else f"{confirmed['seeds']} fresh seeds"
        rows.append(("confirmed", f"{_measured(confirmed, score)} on {seeds}{interval}"))
    rows.append(("test", f"{_measured(winner['test'], score)}, {winner['test']['rows']:,} rows"))
    rows += _score_rows(winner)
    if winner["verdict"] is not None:
        verdict = winner["verdict"]
        rows += [("verdict", verdict["verdict"]), ("because", verdict["sentence"])]
        if verdict["next_step"]:
            rows.append(("next step", verdict["next_step"]))
    return rows


def _score_rows(winner: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a line a score, of runs that have them all: validation, and test with its interval."""
    fresh = (winner["confirmed"] or {}).get("scores") or {}
    rows = []
    for name, measured in (winner.get("scores") or {}).items():
        validation = fresh.get(name) or measured["validation"]
        parts = [f"validation {_cell(validation)}", f"test {_cell(measured['test'])}"]
        rows.append((name, ", ".join(parts)))
    return rows


def _cell(cell: Mapping[str, Any]) -> str:
    if cell["value"] is None:
        return f"none ({cell['reason']})" if cell.get("reason") else "none"
    ends = "" if cell["low"] is None else f" ({cell['low']:.4g} to {cell['high']:.4g})"
    return f"{cell['value']:.4g}{ends}"


def _measured(values: Mapping[str, float | None], score: str) -> str:
    value = "none" if values["score"] is None else f"{values['score']:.4f}"
    return f"{score} {value}, loss {values['loss']:.4f}"
