import dataclasses

import numpy as np
import pytest

from studies.answering.arms import judge_arms
from studies.catalog.conclusion import conclude_study
from studies.comparison.networks import best_arm
from studies.comparison.runs import ComparedRun, read_runs
from studies.designs.spec import StudySpec
from sweep.runs.folder import RunFolder

SEEDS = (11, 12, 13, 14, 15)


def sweep_manifest(name, *, data="digits", split=1, task="multiclass", **more):
    """What a sweep of made-up data leaves behind."""
    return {
        "schema": 1,
        "kind": "sweep",
        "name": name,
        "fitgap": "0.1.0",
        "command": f"fitgap sweep {data}",
        "created": "2026-01-02T03:04:05+00:00",
        "state": "finished",
        "settings": {"data": data, "sampler": "random", "pruner": "none", "confirm": 5, "seed": 0},
        "space": {"depth": "1..6"},
        "data": {
            "name": data,
            "fingerprint": f"sha of {data}",
            "task": task,
            "target": "y",
            "rows": 1000,
            "features": 4,
            "classes": ["0", "1"],
            "splits": {"train": 600, "validation": 200, "test": 200},
        },
        "seeds": {"run": 0, "split": split},
        "versions": {"python": "3.11.7", "tensorflow": "2.21.0"},
        "seconds": {"total": 30.0},
        "counts": {"planned": 1, "finished": 1, "pruned": 0, "diverged": 0, "failed": 0},
        "confirmation": [],
        "winner": {"trial": "s0000", "test": {"score": 0.9, "score_se": 0.02, "rows": 200}},
        "test_touches": [],
        **more,
    }


@pytest.fixture
def make_sweep(tmp_path, record_of):
    """The folder of a sweep whose winner has given scores on fresh seeds; None is a lost seed."""

    def make(name, scores, *, seeds=SEEDS, searched=0.9, outcome="finished", **more):
        folder = RunFolder.create(tmp_path / name)
        folder.write_manifest(sweep_manifest(name, **more))
        first = record_of(0, (0.6, 1 - searched), outcome=outcome)
        folder.append_record(first)
        for number, (score, seed) in enumerate(zip(scores, seeds, strict=False), start=1):
            told = {"replicate": number, "config": first.config.with_seed(seed)}
            if score is None:
                told |= {"outcome": "diverged", "reason": "loss not finite in epoch 1"}
            losses = () if score is None else (0.6, 1 - score)
            folder.append_record(record_of(0, losses, **told))
        return folder.path

    return make


@pytest.fixture
def read_sweeps(make_sweep):
    """Sweeps by name, each by the scores of its winner or by the arguments of `make_sweep`."""

    def read(**sweeps):
        paths = [
            make_sweep(name, **(told if isinstance(told, dict) else {"scores": told}))
            for name, told in sweeps.items()
        ]
        return read_runs(paths)

    return read


@pytest.fixture
def study_run(run_design, design_of):
    """A study of three widths with given scores of its arms; its conclusions only if wanted."""

    def run(label, scores, *, data="digits", noise=0.001, concluded=False, **settings):
        arms = tuple({"width": width} for width in (8, 16, 32))
        rate = {"learning_rate.adam": (0.003,)}
        spec = StudySpec(study="custom", question="How wide?", arms=arms, nuisance=rate, epochs=6)
        design = design_of(spec, **settings)

        def curves(item):
            shared = np.random.default_rng(item.replicate).normal(0, 0.02)
            own = np.random.default_rng([item.slot, item.replicate]).normal(0, noise)
            score = scores[item.arm] + shared + own
            return {"validation_score": score, "validation_loss": 1 - score}

        results = run_design(design, curves)
        told = sweep_manifest(label, data=data, kind="study", winner=None)
        manifest = told | results.manifest | {"data": told["data"], "study": design.as_json()}
        results = dataclasses.replace(results, manifest=manifest)
        content = conclude_study(results) if concluded else None
        return ComparedRun(
            label=label,
            manifest=manifest,
            trials=results.trials,
            epochs=results.epochs,
            network=best_arm(results, judge_arms(results)),
            results=results,
            answer=content.answer if content else "",
            findings=content.findings if content else (),
        )

    return run


@pytest.fixture
def around():
    """Scores round a mean, in steps that no two runs of different ``turn`` share."""

    def around(mean, spread=0.004, *, turn=0):
        return (mean + spread * np.roll([-1.0, -0.5, 0.0, 0.5, 1.0], turn)).tolist()

    return around
