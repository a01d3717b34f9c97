"""The names of the numbers that a run can be judged by. Light: the command line reads it."""

from typing import Final

RUN_FACTS: Final[dict[str, str]] = {
    "planned": "trials planned",
    "finished": "trials that finished",
    "pruned": "trials that were pruned",
    "diverged": "trials that diverged",
    "failed": "trials that failed",
    "diverged_share": "share of the ended trials that diverged, from 0 to 1",
    "failed_share": "share of the ended trials that failed, from 0 to 1",
    "alarms": "findings that are alarms",
    "warnings": "findings that are warnings",
    "seconds": "time that the run took",
    "state": "created, running, interrupted or finished",
}
SWEEP_FACTS: Final[dict[str, str]] = {
    "verdict": "how the winner fits: docs/verdicts.md",
    "gap": "loss gap of the winner at its best epoch, validation minus train",
    "gap_low": "lower end of the 95 % interval of that gap",
    "gap_high": "upper end of it",
    "score_gap": "score gap of the winner at its best epoch, train minus validation",
    "score": "validation score of the winner: confirmed, or searched without confirmation",
    "searched_score": "validation score that the search claimed for the winner",
    "confirmed_score": "its mean validation score on fresh seeds",
    "validation_loss": "validation loss of the winner, on fresh seeds if it was confirmed",
    "test_score": "score of the saved network on the test rows",
    "test_loss": "loss of the saved network on the test rows",
    "baseline_score": "validation score of the best baseline",
    "parameters": "trainable parameters of the winner",
}
SCORE_FACTS: Final[dict[str, str]] = {
    "validation": "of the winner on the validation rows, over fresh seeds if it was confirmed",
    "test": "of the saved network on the test rows",
    "baseline": "of the best baseline on the validation rows",
}
"""What a score's name, such as ``roc_auc``, follows in that of a fact: ``test_roc_auc``."""
STUDY_FACTS: Final[dict[str, str]] = {
    "arms": "arms with a verdict",
    "best_score": "largest mean validation score of an arm in the comparison",
    "largest_gap": "largest loss gap of an arm at its best epoch, validation minus train",
    "overfitting_arms": "arms that overfit",
    "underfitting_arms": "arms that underfit",
    "undecided_comparisons": "comparisons of scores that are undecided",
}
FACTS: Final[dict[str, dict[str, str]]] = {
    "sweep": SWEEP_FACTS | RUN_FACTS,
    "study": STUDY_FACTS | RUN_FACTS,
}
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "state": ("created", "running", "interrupted", "finished"),
    "verdict": (
        "underfits",
        "fits",
        "overfits",
        "undertrained",
        "overtrained",
        "diverged",
        "undecided",
    ),
}
"""The facts that are words, and the words they may be."""
