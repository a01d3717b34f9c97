"""What a sweep concludes: the winner, how it compares, its capacity, pruning, what went wrong."""

from collections.abc import Mapping
from typing import Final

from reports.wording import is_number, join
from reports.words.filling import Entry, Values, Words

DOING_WITHOUT: Final = {
    "baselines": ", `--no-baselines` with it does without them",
    "figure": ", `--no-report` with it does without the report",
    "report": ", `--no-report` with it does without one",
    "storage": ", `--storage none` with it does without one",
}


def _winner(values: Values) -> Words:
    among = "{trials:network}" + (" ({pruned} more pruned)" if values["pruned"] else "")
    role = "the best" if values["verdict"] == "chosen" else "the best so far"
    fresh = "not confirmed on fresh seeds, so part of it may be luck"
    if is_number(values["confirmed_score"]):
        fresh = "{confirmed_score:score ±} on {seeds:fresh seed}"
    test = "; {test_score:score} on the test rows" if is_number(values["test_score"]) else ""
    lost = "; on {lost_seeds:fresh seed} it diverged or failed" if values["lost_seeds"] else ""
    return (
        f"{{subject}} is {role} of {among}: {{network}}, {{parameters:parameter}}, {{training}}. "
        "Its validation {score.title}: {searched_score:score} in the search, "
        f"{fresh}{test}{lost}."
    ), "" if is_number(values["confirmed_score"]) else "Confirm it on fresh seeds: --confirm 5."


def _winners_curse(values: Values) -> Words:
    what = {"flattered": "The search flattered it", "understated": "The search understated it"}
    return (
        f"{what.get(values['verdict'], 'The score held up')}: searched minus confirmed "
        "validation {score.title} is {estimate:score ±}."
    ), "Quote the confirmed score, not the searched one."


def _test(values: Values) -> Words:
    again = values["touches"] > 1
    return (
        "On {rows:test row} the saved network reaches {score.title} {estimate:score ±}. The test "
        "split was touched {touches:time}."
    ), "The more often it is looked at, the less it proves." if again else ""


def _baseline(values: Values) -> Words:
    verdict = values["verdict"]
    what = {"better": "better than", "worse": "worse than", "undecided": "not clearly apart from"}
    steps = {
        "better": "",
        "worse": "Use {subject}, or find out what it sees that the network does not.",
        "undecided": "Prefer {subject} if simplicity counts, or hold out more rows to tell.",
    }
    step = steps[verdict]
    if values["subject"] == "dummy" and verdict != "better":
        step = "Nothing was learnt for certain: check the target and the features."
    return (
        f"The network is {what[verdict]} the {{subject}} baseline: validation {{score.title}} "
        "{network_score:score} against {baseline_score:score}, difference {difference:score ±}."
    ), step


def _nothing(values: Values) -> Words:
    if not values["trials"]:
        return "No trial has been run yet, so there is nothing to conclude.", "Let the sweep run."
    pruned = values["pruned"]
    return (
        "None of {trials:trial} finished, so there is nothing to conclude"
        f"{'; {pruned} pruned' if pruned else ''}."
    ), (
        "Read the reasons below, lower the learning rates, and run it again"
        f"{', without pruning: --pruner none' if pruned else ''}."
    )


def _smallest(values: Values) -> Words:
    is_best = values["subject"] == values["best"]
    is_enough = values["verdict"] == "smallest adequate"
    named = (
        "{subject} with {parameters:parameter} is the smallest network within one standard error "
        "({standard_error:loss}) of the best validation loss: {behind:loss} behind {best}, with "
        "{share:percent} of its {best_parameters:parameter}."
    )
    if is_best:
        named = (
            "No network smaller than the best one, {subject} ({parameters:parameter}), comes "
            "within one standard error ({standard_error:loss}) of its validation loss."
        )
    told = " Whether it is adequate cannot be told without the errors over rows."
    if is_enough:
        most = "{at_most_behind:loss}" if values["at_most_behind"] > 0 else "0"
        told = (
            " It is adequate: surely no other is better by the {margin:loss} that matter (at most "
            f"{most})."
        )
    elif is_number(values["at_most_behind"]):
        told = (
            " Whether it is adequate cannot be told from so few validation rows: another may be "
            "better by {at_most_behind:loss}, and {margin:loss} would matter."
        )
    lost = " What {pruned:pruned trial} would have reached is not known."
    step = "compare the sizes on ten seeds: fitgap study capacity."
    step = f"If size or speed counts, {'confirm {subject} on 5 seeds.' if is_enough else step}"
    return f"{named}{told}{lost if values['pruned'] else ''}", "" if is_best else step


def _pruned(values: Values) -> Words:
    places = range(len(values["stops"]))
    stops = [f"{{stops[{n}][1]}} after epoch {{stops[{n}][0]}}" for n in places]
    ending = "; the audit took {audit_epochs:epoch} of its own" if values["audit_epochs"] else ""
    step = ""
    if not values["audited"]:
        step = "Train a random tenth of them to the end: fitgap resume RUN --audit."
        ending = ". No pruned trial was trained to its end, so what pruning cost is not known here"
    return (
        f"{{pruned}} of {{trials:trial}} pruned: {join(stops)}. So {{saved_epochs}} of the "
        f"{{planned_epochs:epoch}} planned ({{saved_share:percent}}) were not trained{ending}."
    ), step


def _pruning_audit(values: Values) -> Words:
    ends = "None of them ended with a finite loss."
    if values["lowest"]:
        gain, clear = values["gain"], values["clearly_better"]
        how = (": a clear difference" if clear else ": no clear difference") if gain > 0 else ""
        ends = (
            f"The lowest loss among them, that of {{lowest}}, lies {{distance:loss}} "
            f"{'below' if gain > 0 else 'above'} the best, with a standard error of "
            f"{{standard_error:loss}}{how}."
        )
    failed = " {failed:audit} failed and left out." if values["failed"] else ""
    few = " {audited} are too few to decide." if values["verdict"] == "undecided" else ""
    steps = {
        "costly": "Sweep again with --pruner none, or narrowed to where {lowest} lies.",
        "undecided": "{settling} audits, none of them better, would settle it; so would "
        "--pruner none.",
    }
    return (
        "Of {audited:pruned trial} trained to the end as an audit, drawn from {pruned}, "
        f"{'{better}' if values['better'] else 'none'} would have beaten the best finished trial "
        "of the search, {best}. The share of all pruned trials that would have: "
        f"{{share:percent ±}}. {ends}{failed}{few}"
    ), steps.get(values["verdict"], "")


def _lost(values: Values) -> Words:
    shown = [f"{{shown[{n}][0]}} times {{shown[{n}][1]}}" for n in range(len(values["shown"]))]
    rest = "; and {others:other reason}" if values["others"] else ""
    is_failed = values["verdict"] == "failed"
    return (
        f"{{lost}} of {{trials:trial}} {{verdict}}: {'; '.join(shown)}{rest}.",
        "The reason says what to mend; run the sweep again afterwards."
        if is_failed
        else "Expected at the upper end of the learning rates; narrow it if there are many.",
    )


def _caveats(values: Values) -> Words:
    warned = [f"{{warnings[{place}]}}." for place in range(len(values["warnings"]))]
    return " ".join([*(_CAVEATS[name] for name in values["which"]), *warned]), ""


def _left_out(values: Values) -> Words:
    without = DOING_WITHOUT.get(values["subject"].partition(".")[0], "")
    return "{what}.", f"`fitgap resume` tries again{without}."


_CAVEATS: Final[Mapping[str, str]] = {
    "split": "One split into train and validation rows: no interval says how another split would "
    "end.",
    "unconfirmed": "No confirmation: the winner was chosen for its score on one seed.",
    "baselines": "No baselines were trained: what a simpler model reaches is not known.",
    "unfinished": "The run is not finished: {searched} of {planned:trial}.",
    "pruned": "{pruned:trial} pruned: what is said of several configurations rests on those "
    "trained to their end.",
    "rows": "Only {rows:validation row}: most differences stay undecided.",
    "fixed": "Held fixed, so nothing is known about: {fixed:list}.",
}
SWEEP: Final[Mapping[str, Entry]] = {
    "sweep.winner": _winner,
    "sweep.winners_curse": _winners_curse,
    "sweep.test": _test,
    "sweep.nothing": _nothing,
    "sweep.pruned": _pruned,
    "sweep.pruning_audit": _pruning_audit,
    "sweep.diverged": _lost,
    "sweep.failed": _lost,
    "sweep.caveats": _caveats,
    "comparison": _baseline,
    "capacity.smallest_adequate": _smallest,
    "capacity.edge": (
        (
            "The best network ({parameters:parameter}) is among the {end} tried ({fewest} to "
            "{most}), and the other good ones lean there: the best capacity may lie outside."
        ),
        ("Widen the space towards {towards} networks: depth or width."),
    ),
    "run.left_out": _left_out,
}
