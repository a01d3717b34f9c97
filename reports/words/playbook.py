"""What the checks of the tuning playbook found, in a sweep."""

from collections.abc import Mapping
from typing import Final

from reports.words.filling import Entry, Values, Words


def _train_rises(values: Values) -> Words:
    several = " is the best of them" if values["trials"] > 1 else ""
    momentum = " (or of the momentum)" if values["momentum"] else ""
    return (
        "In {trials} of {finished:finished trial} the training loss ends above where it began: "
        f"{{subject}} ({{optimizer}} at {{learning_rate:setting}}){several}."
    ), (
        f"Lower the upper end of the learning rates{momentum} of {{optimizers:list}}; look at "
        "these curves first."
    )


def _edge(values: Values) -> Words:
    who = "confirmed winner's" if values["confirmed"] else "best trial's"
    end = "upper" if values["upper"] else "lower"
    return (
        f"The {who} {{subject}}, {{best:setting}}, lies at the {end} end of its range "
        "{low:setting} to {high:setting}, and the best {top} trials of the search lean there: "
        "something better may lie beyond."
    ), "Widen it: --set {subject}={new_range}."


def _noise(values: Values) -> Words:
    what = "from seed to seed" if values["over_seeds"] else "from epoch to epoch, late"
    return (
        (
            "The {trials} best trials lie {difference:loss} apart in validation loss, less than "
            f"one standard deviation {what} ({{noise:loss}}): their order is chance."
        ),
        "Choose among them by size or speed, or confirm on more seeds.",
    )


BUDGET: Final = (
    "The best epoch of the {top} best trials lies at {share:percent} of their {epochs:epoch} "
    "(median): the budget is {verdict}."
)
PLAYBOOK: Final[Mapping[str, Entry]] = {
    "playbook.duplicates": (
        "The data hold duplicated rows: {warning}",
        "Remove the copies, or keep them in one split with --group.",
    ),
    "playbook.train_rises": _train_rises,
    "playbook.periodic_validation": (
        (
            "The validation losses of {trials} of the {among} best trials swing with the same "
            "period of {period:setting} epochs."
        ),
        "Look whether rows are shuffled, and whether the data repeat in blocks.",
    ),
    "playbook.lost_trials": (
        (
            "{lost} of {trials:trial} ({share:percent}) gave no network: {diverged} diverged, "
            "{failed} failed."
        ),
        "Narrow the space to where training works, or mend what failed.",
    ),
    "playbook.edge": _edge,
    "playbook.rate_near_divergence": (
        (
            "The best trial's learning rate, {learning_rate:setting} ({optimizer}), lies only "
            "{factor:setting} times below the first that diverged, {first_diverged:setting}."
        ),
        "Expect other seeds to diverge; a third of the rate is safer.",
    ),
    "playbook.budget_too_short": (BUDGET, "Train for more epochs: --epochs {advised:argument}."),
    "playbook.budget_too_long": (BUDGET, "Half the epochs suffice: --epochs {advised:argument}."),
    "playbook.noise": _noise,
    "playbook.more_trials": (
        (
            "The best-of-k curve is still falling: from {half} to {trials:trial} the expected best "
            "validation loss fell by {gain:loss}, more than its standard error ({error:loss})."
        ),
        "Run more trials: fitgap resume RUN --trials {advised:argument}.",
    ),
    "playbook.batch_size_tuned": (
        (
            "The batch size was tuned for the validation loss. It mostly sets the speed; what it "
            "changes in the loss is undone by retuning learning rate and regularisation."
        ),
        "Fix it to the largest that is fast: --set batch_size=32.",
    ),
}
