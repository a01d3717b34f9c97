"""Make synthetic runs: tables with the columns and types of docs/tables.md, and their manifest."""

import dataclasses
import hashlib
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.content import SweepContent
from reports.findings import Finding
from reports.run_score import run_score

BOUNDS: dict[str, Any] = {
    "depth": {"low": 1, "high": 6, "log": False},
    "width": {"low": 8, "high": 512, "log": True},
    "shape": {"choices": ["equal", "tapering"]},
    "dropout": {"low": 0.0, "high": 0.6, "log": False},
    "activation": {"choices": ["relu", "sigmoid", "tanh", "leaky_relu"]},
    "optimizer": {"choices": ["adam", "sgd", "rmsprop"]},
    "learning_rate.adam": {"low": 1e-4, "high": 3e-2, "log": True},
    "learning_rate.sgd": {"low": 1e-3, "high": 1.0, "log": True},
    "learning_rate.rmsprop": {"low": 1e-4, "high": 1e-2, "log": True},
    "momentum": {"low": 0.0, "high": 0.99, "log": False},
    "batch_size": {"value": 32},
}
RUNGS = (3, 10)
INTEGERS = (
    "slot", "replicate", "depth", "width", "batch_size", "epochs", "seed", "parameters",
    "epochs_trained",
)  # fmt: skip
EVIDENCE = {
    "rise": 0.05, "rise_noise": 0.01, "drop": 0.05, "drop_noise": 0.01, "calibration": False,
    "reference": "s0003", "reference_larger": True, "deficit": 0.01, "deficit_low": -0.01,
    "deficit_high": 0.03, "rows_needed": 3.2, "train_deficit": 0.1, "smaller": "s0004",
    "larger_pruned": 0,
}  # fmt: skip
"""What is the same for all made-up trials of what their verdicts rest on."""
NULLABLE = ("diverged_epoch", "best_epoch")
AT_BEST = (
    "train_loss", "train_loss_se", "train_score", "train_score_se", "validation_loss",
    "validation_loss_se", "validation_score", "validation_score_se",
)  # fmt: skip
VERDICT_COLUMNS = (
    "trial", "verdict", "gap", "gap_low", "gap_high", "onset_epoch", "learning_rate_verdict",
    "doubt", "rises", "epochs_seen", "best_epoch", "last_gap", "last_gap_low", "last_gap_high",
    *EVIDENCE, "reason", "epochs", "learning_rate", "diverged_epoch",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What kind of run to make up."""

    trials: int = 30
    epochs: int = 30
    confirm: int = 5
    regression: bool = False
    lost: float = 0.08
    pruned: float = 0.0
    classes: int = 10
    seed: int = 0


def make_run(shape: Shape) -> SweepContent:
    """Make up a whole run that looks like a real one."""
    rng = np.random.default_rng(shape.seed)
    configs = [_config(rng, shape) for _ in range(shape.trials)]
    made = [_trial(rng, shape, config, f"s{slot:04d}", slot) for slot, config in enumerate(configs)]
    trials = [trial for trial, _ in made]
    parts = [epochs for _, epochs in made]
    done = sorted(
        (trial for trial in trials if trial["outcome"] == "finished"),
        key=lambda trial: trial["validation_loss"],
    )
    confirmation = []
    for rank, best in enumerate(done[:3] if shape.confirm else [], start=1):
        repeats = []
        for replicate in range(1, shape.confirm + 1):
            trial, epochs = _trial(
                rng, dataclasses.replace(shape, lost=0.0, pruned=0.0), configs[best["slot"]],
                f"c{rank}-{replicate:02d}", best["slot"],
            )  # fmt: skip
            trial.update(stage="confirmation", replicate=replicate)
            repeats.append(trial)
            parts.append(epochs)
        trials += repeats
        confirmation.append(_confirmed(rank, best, repeats))
    whole = dataclasses.replace(shape, lost=0.0, pruned=0.0)
    for cut in [trial for trial in trials if trial["outcome"] == "pruned"][:2]:
        slot = cut["slot"]
        audit, epochs = _trial(rng, whole, configs[slot], f"a{slot:04d}", slot)
        trials.append({**audit, "stage": "audit"})
        parts.append(epochs)
    table = _typed(pd.DataFrame(trials, columns=list(_columns())))
    epochs = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=EPOCHS)
    verdicts = make_verdicts(table)
    return SweepContent(
        manifest=_manifest(shape, table, confirmation, done),
        trials=table,
        epochs=epochs,
        baselines=_baselines(shape),
        findings=_findings(verdicts, _winner(confirmation, done), _baselines(shape), shape),
        verdicts=verdicts,
    )


EPOCHS = (
    "trial", "epoch", *AT_BEST, "running_loss", "gradient_norm", "seconds",
)  # fmt: skip


def _columns() -> tuple[str, ...]:
    return (
        "trial", "stage", "slot", "replicate", "config", "cohort", "outcome", "reason", "depth",
        "width", "shape", "widths", "dropout", "activation", "optimizer", "learning_rate",
        "momentum", "weight_decay", "use_bias", "batch_size", "epochs", "seed", "parameters",
        "epochs_trained", "diverged_epoch", "best_epoch", *AT_BEST, "loss_gap", "score_gap",
        "last_train_loss", "last_validation_loss", "last_train_score", "last_validation_score",
        "last_loss_gap", "last_score_gap", "seconds",
    )  # fmt: skip


def _config(rng: np.random.Generator, shape: Shape) -> dict[str, Any]:
    depth = int(rng.integers(1, 7))
    width = round(float(np.exp(rng.uniform(np.log(8), np.log(512)))))
    tapering = bool(rng.integers(0, 2))
    widths = [max(width >> layer if tapering else width, min(8, width)) for layer in range(depth)]
    optimizer = str(rng.choice(["adam", "sgd", "rmsprop"]))
    bounds = BOUNDS[f"learning_rate.{optimizer}"]
    rate = float(np.exp(rng.uniform(np.log(bounds["low"]), np.log(bounds["high"]))))
    sizes = [64, *widths, 1 if shape.regression else shape.classes]
    return {
        "depth": depth, "width": width, "shape": "tapering" if tapering else "equal",
        "widths": "-".join(map(str, widths)), "dropout": float(rng.uniform(0, 0.6)),
        "activation": str(rng.choice(["relu", "sigmoid", "tanh", "leaky_relu"])),
        "optimizer": optimizer, "learning_rate": rate,
        "momentum": float(rng.uniform(0, 0.99)) if optimizer == "sgd" else np.nan,
        "weight_decay": 0.0, "use_bias": True, "batch_size": 32, "epochs": shape.epochs,
        "parameters": sum((a + 1) * b for a, b in itertools.pairwise(sizes)),
        "_speed": (np.log(rate / bounds["low"])) / np.log(bounds["high"] / bounds["low"]),
    }  # fmt: skip


def _trial(
    rng: np.random.Generator, shape: Shape, config: dict[str, Any], name: str, slot: int
) -> tuple[dict[str, Any], pd.DataFrame]:
    trial: dict[str, Any] = {
        **{key: value for key, value in config.items() if not key.startswith("_")},
        "trial": name, "stage": "search", "slot": slot, "replicate": 0, "outcome": "finished",
        "reason": "", "cohort": name, "seed": int(rng.integers(0, 2**31)), "diverged_epoch": pd.NA,
        "config": hashlib.sha256(str(config).encode()).hexdigest()[:8],
    }  # fmt: skip
    lost = rng.uniform() < shape.lost
    length = shape.epochs
    if lost and rng.uniform() < 0.4:
        trial.update(outcome="failed", reason="out of memory: 2.1 GiB asked, 1.4 GiB free")
        length = 0
    elif lost:
        trial.update(outcome="diverged", reason="the train loss is not finite after epoch 3")
        trial["diverged_epoch"] = 3
        length = min(3, shape.epochs)
    elif shape.pruned and rng.uniform() < shape.pruned:
        length = min(int(rng.choice(RUNGS)), shape.epochs)
        trial.update(outcome="pruned", reason=f"epoch {length}: not among the best third of 12")
    epochs = _curves(rng, shape, config, length)
    epochs.insert(0, "trial", name)
    if trial["outcome"] == "diverged":
        epochs.loc[epochs.index[-1], ["train_loss", "validation_loss", "running_loss"]] = np.nan
    trial.update(_at_best(epochs), seconds=float(0.4 * length + rng.uniform(0, 2)))
    trial["epochs_trained"] = length
    return trial, epochs


def _curves(
    rng: np.random.Generator, shape: Shape, config: dict[str, Any], length: int
) -> pd.DataFrame:
    epoch = np.arange(1, length + 1)
    speed = 0.03 + 0.6 * float(config["_speed"])
    capacity = np.log10(config["parameters"])
    floor = max(0.02, 0.6 - 0.12 * capacity) + 0.3 * config["dropout"] ** 2
    start = 1.0 if shape.regression else np.log(shape.classes)
    wiggle = rng.normal(0, 0.02, length) * speed
    train = floor + (start - floor) * np.exp(-speed * epoch) * (1 + wiggle)
    growth = 0.0016 * max(capacity - 3, 0) * (1 - config["dropout"]) * speed * 6
    noise = rng.normal(0, 0.006, length)
    validation = train + 0.03 + growth * epoch**1.25 + noise + 0.02 * rng.uniform()
    if shape.regression:
        train_score, validation_score = 1 - train, 1 - validation
        if rng.uniform() < 0.1:
            validation_score = validation_score - 400
    else:
        train_score = np.clip(1 - 0.42 * train, 0, 1)
        validation_score = np.clip(1 - 0.42 * np.minimum(validation, start), 0, 1)
    return pd.DataFrame(
        {
            "epoch": epoch.astype(np.int64), "train_loss": train,
            "train_loss_se": np.full(length, 0.004), "train_score": train_score,
            "train_score_se": np.full(length, 0.003), "validation_loss": validation,
            "validation_loss_se": np.full(length, 0.012), "validation_score": validation_score,
            "validation_score_se": np.full(length, 0.009),
            "running_loss": train + 0.02 + 0.25 * config["dropout"],
            "gradient_norm": 2 * np.exp(-speed * epoch) + 0.1 + 0.02 * rng.uniform(size=length),
            "seconds": np.full(length, 0.4),
        }
    )  # fmt: skip


def _at_best(epochs: pd.DataFrame) -> dict[str, Any]:
    finite = epochs[np.isfinite(epochs["validation_loss"].to_numpy(float))]
    if finite.empty:
        empty = [*AT_BEST, "loss_gap", "score_gap", *(f"last_{name}" for name in (
            "train_loss", "validation_loss", "train_score", "validation_score", "loss_gap",
            "score_gap"))]  # fmt: skip
        return {"best_epoch": pd.NA, **dict.fromkeys(empty, np.nan)}
    best = finite.loc[finite["validation_loss"].idxmin()]
    last = epochs.iloc[-1]
    values: dict[str, Any] = {name: float(best[name]) for name in AT_BEST}
    values["best_epoch"] = int(best["epoch"])
    for prefix, row in (("", best), ("last_", last)):
        values[f"{prefix}loss_gap"] = float(row["validation_loss"] - row["train_loss"])
        values[f"{prefix}score_gap"] = float(row["train_score"] - row["validation_score"])
    for name in ("train_loss", "validation_loss", "train_score", "validation_score"):
        values[f"last_{name}"] = float(last[name])
    return values


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    types = dict.fromkeys(INTEGERS, "int64") | dict.fromkeys(NULLABLE, "Int64")
    texts = ("trial", "stage", "config", "cohort", "outcome", "reason", "shape", "widths",
             "activation", "optimizer")  # fmt: skip
    numbers = [name for name in table.columns if name not in {*types, *texts, "use_bias"}]
    return table.astype(
        types | dict.fromkeys(texts, "str") | dict.fromkeys(numbers, "float64") | {"use_bias": bool}
    )


def make_verdicts(trials: pd.DataFrame) -> pd.DataFrame:
    """Judge made-up trials by a crude rule: only the words matter here."""
    rows = []
    for row in trials.to_dict("records"):
        gap = row["loss_gap"]
        if row["outcome"] != "finished":
            verdict = row["outcome"]
        elif row["train_loss"] > 0.5:
            verdict = "underfits"
        elif row["best_epoch"] == row["epochs_trained"]:
            verdict = "undertrained" if row["validation_loss"] > 0.25 else "fits"
        elif gap > 0.12:
            verdict = "overfits" if row["best_epoch"] > 8 else "overtrained"
        else:
            verdict = "fits" if gap < 0.08 else "undecided"
        rows.append(
            (
                row["trial"], verdict, gap, gap - 0.025, gap + 0.025,
                row["best_epoch"] + 2 if verdict == "overfits" else pd.NA,
                "right" if verdict == "fits" else "undecided",
                "rows" if verdict == "undecided" else "", verdict == "overfits",
                row["epochs_trained"], row["best_epoch"], gap, gap - 0.025, gap + 0.025,
                *EVIDENCE.values(), row["reason"], row["epochs"], row["learning_rate"],
                row["diverged_epoch"],
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(VERDICT_COLUMNS))
    texts = dict.fromkeys(("trial", "verdict", "learning_rate_verdict", "doubt"), "str")
    numbers = dict.fromkeys(("gap", "gap_low", "gap_high"), "float64")
    return table.astype(texts | numbers | {"onset_epoch": "Int64"})


def _confirmed(rank: int, best: dict[str, Any], repeats: list[dict[str, Any]]) -> dict[str, Any]:
    score = np.array([trial["validation_score"] for trial in repeats])
    loss = np.array([trial["validation_loss"] for trial in repeats])
    return {
        "rank": rank, "slot": best["slot"], "trial": best["trial"], "config": best["config"],
        "trials": [trial["trial"] for trial in repeats],
        "searched": {"score": best["validation_score"], "loss": best["validation_loss"]},
        "confirmed": {
            "score": score.mean(), "score_low": score.mean() - 0.006,
            "score_high": score.mean() + 0.006, "loss": loss.mean(),
            "loss_low": loss.mean() - 0.02, "loss_high": loss.mean() + 0.02, "seeds": len(repeats),
        },
    }  # fmt: skip


def _winner(
    confirmation: list[dict[str, Any]], done: list[dict[str, Any]]
) -> dict[str, Any] | None:
    if not done:
        return None
    best = done[0]
    entry = min(confirmation, key=lambda e: e["confirmed"]["loss"]) if confirmation else None
    if entry is not None:
        best = next(trial for trial in done if trial["trial"] == entry["trial"])
    keys = ("depth", "width", "shape", "dropout", "activation", "optimizer", "learning_rate",
            "weight_decay", "use_bias", "batch_size", "epochs", "seed")  # fmt: skip
    return {
        "trial": best["trial"], "rank": entry["rank"] if entry else 1,
        "saved_from": entry["trials"][-1] if entry else best["trial"],
        "parameters": best["parameters"],
        "config": {
            **{key: best[key] for key in keys}, "momentum": 0.0,
            "widths": [int(width) for width in best["widths"].split("-")],
        },
        "validation": {"score": best["validation_score"], "loss": best["validation_loss"]},
        "confirmed": entry["confirmed"] if entry else None,
        "test": {"score": best["validation_score"] - 0.008, "score_se": 0.009,
                 "loss": best["validation_loss"] + 0.01, "loss_se": 0.02, "rows": 360},
    }  # fmt: skip


def _manifest(
    shape: Shape, table: pd.DataFrame, confirmation: list[Any], done: list[Any]
) -> dict[str, Any]:
    outcomes = table.loc[table["stage"] == "search", "outcome"].value_counts()
    winner = _winner(confirmation, done)
    return {
        "schema": 1, "kind": "sweep", "name": "digits-20261123-101500", "fitgap": "0.1.0",
        "command": f"fitgap sweep digits --trials {shape.trials} --epochs {shape.epochs} --seed 0",
        "created": "2026-11-23T10:15:00+00:00", "finished": "2026-11-23T10:17:05+00:00",
        "state": "finished",
        "settings": {"trials": shape.trials, "epochs": shape.epochs, "batch_size": 32,
                     "sampler": "tpe", "seed": 0, "confirm": shape.confirm, "workers": 2},
        "space": {"depth": "1..6", "width": "8..512 (log)", "dropout": "0..0.6",
                  "activation": "relu, sigmoid, tanh, leaky_relu",
                  "learning_rate.adam": "0.0001..0.03 (log)"},
        "space_bounds": BOUNDS,
        "data": {
            "name": "digits", "source": "scikit-learn", "target": "digit",
            "fingerprint": hashlib.sha256(b"digits").hexdigest(),
            "task": "regression" if shape.regression else "multiclass",
            "rows": 1797, "features": 64, "input_shape": [8, 8],
            "classes": [] if shape.regression else [str(n) for n in range(shape.classes)],
            "splits": {"train": 1077, "validation": 360, "test": 360}, "evaluation_rows": 1077,
            "columns": [], "warnings": [],
        },
        "seeds": {"run": 0, "split": 123}, "lag": 8, "threads_per_worker": 1, "device": "CPU",
        "machine": "x86_64, 2 cores",
        "versions": {"python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1"},
        "seconds": {"search": 81.2, "confirmation": 38.0, "baselines": 4.1, "total": 125.3},
        "counts": {"planned": shape.trials, "finished": int(outcomes.get("finished", 0)),
                   "diverged": int(outcomes.get("diverged", 0)),
                   "failed": int(outcomes.get("failed", 0)), "running": 0},
        **_pruning(shape, outcomes),
        "confirmation": confirmation, "winner": winner,
        "test_touches": [{"when": "2026-11-23T10:17:00+00:00", "trial": winner["saved_from"]}]
        if winner else [],
    }  # fmt: skip


def _pruning(shape: Shape, outcomes: pd.Series) -> dict[str, Any]:
    """What a manifest says of pruning; old ones say nothing."""
    if not shape.pruned:
        return {}
    counts = {kind: int(outcomes.get(kind, 0)) for kind in ("finished", "diverged", "failed")}
    return {
        "counts": {"planned": shape.trials, **counts, "pruned": int(outcomes.get("pruned", 0)),
                   "running": 0},
        "rungs": list(RUNGS),
        "settings": {"trials": shape.trials, "epochs": shape.epochs, "sampler": "tpe",
                     "confirm": shape.confirm, "pruner": "halving", "audit": True},
    }  # fmt: skip


def _baselines(shape: Shape) -> pd.DataFrame:
    rows = [
        ("dummy", 0.0, -0.01, 0.01, 1.01) if shape.regression else ("dummy", 0.1, 0.1, 0.016, 2.3),
        ("linear", 0.99, 0.955, 0.011, 0.2),
        ("boosted trees", 1.0, 0.961, 0.010, 0.15),
    ]
    names = ["baseline", "train_score", "validation_score", "validation_score_se",
             "validation_loss"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names).astype({"baseline": "str"})
    return table.assign(rows=np.int64(1077), seconds=1.5)


def _findings(
    verdicts: pd.DataFrame, winner: dict[str, Any] | None, baselines: pd.DataFrame, shape: Shape
) -> list[Finding]:
    """Make the conclusions up from the manifest's winner, in the form that a sweep makes them."""
    if winner is None:
        return []
    score = run_score({"data": {"task": "regression" if shape.regression else "multiclass"}})
    confirmed, searched = winner["confirmed"], winner["validation"]["score"]
    reached = confirmed["score"] if confirmed else searched
    test = winner["test"]
    about: dict[str, Any] = {"about": "sweep", "subject": winner["trial"]}
    found = [
        Finding(
            code="sweep.winner", **about, verdict="chosen", level="good",
            numbers={
                "searched_score": searched, "confirmed_score": reached if confirmed else None,
                "confirmed_score_low": confirmed["score_low"] if confirmed else None,
                "confirmed_score_high": confirmed["score_high"] if confirmed else None,
                "test_score": test["score"], "seeds": shape.confirm, "lost_seeds": 0,
                "parameters": winner["parameters"], "trials": shape.trials, "pruned": 0,
            },
            details={"score": score, "network": "2 hidden layers of 64 (relu)",
                    "training": "adam, learning rate 0.003"},
        ),
        Finding(
            code="sweep.test", **about, verdict="touched once",
            numbers={"estimate": test["score"], "low": test["score"] - 0.02,
                     "high": test["score"] + 0.02, "rows": test["rows"], "touches": 1},
            details={"score": score},
        ),
        Finding(
            code="playbook.edge", about="sweep", subject="learning_rate.adam",
            verdict="near the edge", level="warning",
            confidence="A rule of thumb, without a measured error rate.",
            numbers={"best": 0.028, "low": 0.0001, "high": 0.03, "new_low": 0.0001,
                     "new_high": 0.09},
            details={"confirmed": True, "upper": True, "top": 5, "new_range": "0.0001..0.09"},
        ),
    ]  # fmt: skip
    if confirmed:
        found.append(
            Finding(
                code="sweep.winners_curse",
                **about,
                verdict="confirmed",
                level="good",
                numbers={"estimate": searched - reached, "low": -0.01, "high": 0.01},
                details={"score": score, "searched_score": searched, "confirmed_score": reached},
            )
        )
    for name, theirs in zip(baselines["baseline"], score.of(baselines), strict=True):
        found.append(
            Finding(
                code=f"comparison.{name.replace(' ', '_')}", about="comparison", subject=name,
                verdict="undecided",
                numbers={"difference": reached - theirs, "low": -0.1, "high": 0.1,
                         "network_score": reached, "baseline_score": theirs},
                details={"score": score},
            )
        )  # fmt: skip
    row = verdicts[verdicts["trial"] == winner["trial"]].iloc[0].to_dict()
    onset = 14 if row["verdict"] == "overfits" else None
    found.append(
        Finding(
            code=f"network.{row['verdict']}", about="network", subject=winner["trial"],
            verdict=str(row["verdict"]), level="info",
            confidence="95 % interval over 5 seeds and the rows; error rate not measured yet",
            numbers={"gap": row["gap"], "gap_low": row["gap_low"], "gap_high": row["gap_high"],
                     "onset_epoch": onset},
            details={**row, "seeds": 5},
        )
    )  # fmt: skip
    return found


def empty_run(manifest: dict[str, Any] | None = None) -> SweepContent:
    """Make a run in which nothing has happened yet."""
    whole = make_run(Shape(trials=2, epochs=2, confirm=0))
    counts = {"planned": 30, "finished": 0, "diverged": 0, "failed": 0, "running": 2}
    changes = {"counts": counts, "winner": None, "confirmation": [], "test_touches": [],
               "state": "running", "finished": None, "seconds": {}}  # fmt: skip
    return SweepContent(
        manifest={**whole.manifest, **changes, **(manifest or {})},
        trials=whole.trials.iloc[:0], epochs=whole.epochs.iloc[:0],
        baselines=whole.baselines.iloc[:0], findings=[], verdicts=whole.verdicts.iloc[:0],
    )  # fmt: skip


@pytest.fixture(scope="session")
def run() -> SweepContent:
    """A sweep of 30 trials and 30 epochs on digits, confirmed, with baselines."""
    return make_run(Shape())


@pytest.fixture(scope="session")
def pruned_run() -> SweepContent:
    """A sweep of 40 trials and 30 epochs, most of them pruned at epoch 3 or 10, two audited."""
    return make_run(Shape(trials=40, pruned=0.7, seed=2))


@pytest.fixture(scope="session")
def run_maker():
    """Make up a run of any shape."""

    def make(**changes: Any) -> SweepContent:
        return make_run(Shape(**changes))

    return make


@pytest.fixture(scope="session")
def nothing() -> SweepContent:
    """A run in which nothing has happened yet."""
    return empty_run()
