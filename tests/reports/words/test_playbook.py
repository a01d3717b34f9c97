import pytest

from reports.findings import Finding
from reports.words.saying import say

CASES = [
    ("duplicates", {"warning": "7 duplicated rows."},
     "The data hold duplicated rows: 7 duplicated rows.",
     "Remove the copies, or keep them in one split with --group."),
    ("train_rises",
     {"trials": 1, "finished": 6, "optimizer": "adam", "learning_rate": 0.01,
      "optimizers": ["adam"], "momentum": False},
     ("In 1 of 6 finished trials the training loss ends above where it began: s0001 (adam at "
     "0.01)."),
     "Lower the upper end of the learning rates of adam; look at these curves first."),
    ("train_rises",
     {"trials": 2, "finished": 6, "optimizer": "sgd", "learning_rate": 0.01,
      "optimizers": ["adam", "sgd"], "momentum": True},
     ("In 2 of 6 finished trials the training loss ends above where it began: s0001 (sgd at 0.01) "
     "is the best of them."),
     ("Lower the upper end of the learning rates (or of the momentum) of adam and sgd; look at "
     "these curves first.")),
    ("periodic_validation", {"trials": 3, "among": 5, "period": 6.04},
     "The validation losses of 3 of the 5 best trials swing with the same period of 6.04 epochs.",
     "Look whether rows are shuffled, and whether the data repeat in blocks."),
    ("lost_trials", {"lost": 2, "trials": 6, "share": 1 / 3, "diverged": 1, "failed": 1},
     "2 of 6 trials (33 %) gave no network: 1 diverged, 1 failed.",
     "Narrow the space to where training works, or mend what failed."),
    ("edge",
     {"confirmed": True, "upper": True, "best": 480.0, "low": 8, "high": 512, "top": 5,
      "new_range": "8..2048"},
     ("The confirmed winner's s0001, 480, lies at the upper end of its range 8 to 512, and the "
     "best 5 trials of the search lean there: something better may lie beyond."),
     "Widen it: --set s0001=8..2048."),
    ("edge",
     {"confirmed": False, "upper": False, "best": 9.0, "low": 8, "high": 512, "top": 5,
      "new_range": "2..512"},
     ("The best trial's s0001, 9, lies at the lower end of its range 8 to 512, and the best 5 "
     "trials of the search lean there: something better may lie beyond."),
     "Widen it: --set s0001=2..512."),
    ("rate_near_divergence",
     {"learning_rate": 0.001, "optimizer": "adam", "factor": 2.0, "first_diverged": 0.002},
     ("The best trial's learning rate, 0.001 (adam), lies only 2 times below the first that "
     "diverged, 0.002."),
     "Expect other seeds to diverge; a third of the rate is safer."),
    ("budget_too_short", {"top": 5, "share": 0.95, "epochs": 20, "advised": 40},
     ("The best epoch of the 5 best trials lies at 95 % of their 20 epochs (median): the budget is "
     "too short."), "Train for more epochs: --epochs 40."),
    ("budget_too_long", {"top": 5, "share": 0.1, "epochs": 2000, "advised": 1000},
     ("The best epoch of the 5 best trials lies at 10 % of their 2,000 epochs (median): the budget "
     "is too long."), "Half the epochs suffice: --epochs 1000."),
    ("noise", {"trials": 3, "difference": 0.01, "noise": 0.02, "over_seeds": True},
     ("The 3 best trials lie 0.0100 apart in validation loss, less than one standard deviation "
     "from seed to seed (0.0200): their order is chance."),
     "Choose among them by size or speed, or confirm on more seeds."),
    ("noise", {"trials": 3, "difference": 0.01, "noise": 0.02, "over_seeds": False},
     ("The 3 best trials lie 0.0100 apart in validation loss, less than one standard deviation "
     "from epoch to epoch, late (0.0200): their order is chance."),
     "Choose among them by size or speed, or confirm on more seeds."),
    ("more_trials", {"half": 6, "trials": 12, "gain": 0.1, "error": 0.01, "advised": 2400},
     ("The best-of-k curve is still falling: from 6 to 12 trials the expected best validation loss "
     "fell by 0.100, more than its standard error (0.0100)."),
     "Run more trials: fitgap resume RUN --trials 2400."),
    ("batch_size_tuned", {},
     ("The batch size was tuned for the validation loss. It mostly sets the speed; what it changes "
     "in the loss is undone by retuning learning rate and regularisation."),
     "Fix it to the largest that is fast: --set batch_size=32."),
]  # fmt: skip


@pytest.mark.parametrize(("check", "details", "sentence", "step"), CASES)
def test_a_check_is_said_with_its_numbers(check, details, sentence, step):
    verdict = check.removeprefix("budget_").replace("_", " ")
    finding = Finding(
        code=f"playbook.{check}", about="sweep", subject="s0001", verdict=verdict, details=details
    )
    said = say(finding)
    assert (said.sentence, said.next_step) == (sentence, step)
