import pandas as pd
import pytest

from reports.findings import Finding
from reports.study_content import ForestFigure, ResponseFigure, StudyContent, StudyTable


def study(name="ladder", arm="3x128", **changes):
    """A study of two arms on two seeds, one of which overfits."""
    rows = [
        (f"r{place:03d}-{seed}", "comparison", one, score)
        for place, (one, scores) in enumerate({"1x8": (0.8, 0.9), arm: (0.7, 0.9)}.items())
        for seed, score in enumerate(scores, 1)
    ]
    trials = pd.DataFrame(rows, columns=["trial", "stage", "arm", "validation_score"])
    trials = trials.assign(outcome="finished", reason="", validation_loss=0.3, loss_gap=0.1)
    points = [("", "train", 1.0, 0.9, 0.8, 1.0), ("", "train", 2.0, 0.95, 0.9, 1.0)]
    held = {
        "manifest": {
            "name": name, "state": "finished", "fitgap": "0.1.0", "created": "2026-11-23T10:15:00",
            "command": f"fitgap study {name} digits", "study": {"name": name, "arms": ["1x8", arm]},
            "counts": {"planned": 4, "finished": 4, "diverged": 0, "failed": 0},
            "seconds": {"total": 12.0}, "data": {"name": "digits", "rows": 100},
        },
        "question": "Do more layers help?", "answer": f"{arm} does not help.",
        "paragraph": [f"{arm} loses 0.050."],
        "findings": [
            Finding(code="study.x", about="study", subject="", verdict="answer", level="good",
                    sentence=f"{arm} does not help."),
            Finding(code="network.overfits", about="network", subject=arm, verdict="overfits",
                    sentence="It overfits.", numbers={"gap": 0.25}),
            Finding(code="network.fits", about="network", subject="1x8", verdict="fits",
                    sentence="It fits.", numbers={"gap": 0.05}),
            Finding(code="comparison.score.undecided", about="comparison", subject=arm,
                    verdict="undecided", sentence="Too close to tell.", level="warning",
                    next_step="More seeds."),
        ],
        "figures": [
            ResponseFigure(
                id="scores", title=f"Scores of {arm}", finding=f"{arm} rises.", how_to_read="So.",
                x_name="depth", x_scale="linear", y_name="accuracy",
                table=pd.DataFrame(
                    points, columns=["panel", "series", "x", "mean", "low", "high"]
                ),
                marks=pd.DataFrame({"panel": [], "x": [], "label": []}),
            ),
            ForestFigure(
                id="forest", title="Differences", finding="None matters.", how_to_read="So.",
                unit="accuracy", margin=0.1,
                table=pd.DataFrame(
                    {"comparison": [f"{arm} against 1x8"], "difference": [-0.05], "low": [-0.1],
                     "high": [0.1], "verdict": ["undecided"]}
                ),
            ),
        ],
        "tables": [
            StudyTable(id="arms", title="The arms", note="Means over seeds.", table=pd.DataFrame(
                {"Arm": [arm, "1x8"], "Score": [0.8, 0.85], "Rows": [None, 3.0]})),
        ],
        "trials": trials,
        "verdicts": pd.DataFrame(
            columns=["trial", "verdict", "gap", "gap_low", "gap_high", "onset_epoch",
                     "learning_rate_verdict", "sentence"]
        ),
    }  # fmt: skip
    return StudyContent(**(held | changes))


@pytest.fixture(name="study_of", scope="session")
def _study_of():
    """Make up a study, its name, its second arm or anything else of it changed."""
    return study
