import dataclasses

import pytest

from reports.findings import Finding
from reports.pages import cards, conclusion, method
from reports.words.saying import say


def change(run, **changes):
    return dataclasses.replace(run, manifest={**run.manifest, **changes})


def test_the_headline_gives_the_test_score_and_the_verdict(run):
    text = conclusion.headline(run)
    assert text.startswith("The best network reaches accuracy 0.")
    assert conclusion.PHRASES[run.network_finding.verdict] in text


def test_the_paragraph_is_what_the_findings_on_the_winner_say(run):
    codes = ("sweep.winner", "sweep.winners_curse", "sweep.test", "comparison.boosted_trees")
    told = [*map(run.finding, codes), run.network_finding]
    assert conclusion.paragraph(run) == [say(finding).sentence for finding in told]


def test_the_paragraph_holds_the_scores_of_the_winner(run):
    text = " ".join(conclusion.paragraph(run))
    winner = run.winner
    for value in (
        winner["validation"]["score"],
        winner["confirmed"]["score"],
        winner["confirmed"]["score_low"],
        winner["test"]["score"],
    ):
        assert f"{value:.3f}" in text
    assert "boosted trees" in text


def test_a_search_without_confirmation_says_so(run_maker):
    run = run_maker(confirm=0)
    assert "not confirmed on fresh seeds" in " ".join(conclusion.paragraph(run))
    assert any(card.remark == "not confirmed on fresh seeds" for card in cards.cards(run))


def test_without_baselines_nothing_is_claimed_about_them(run):
    bare = dataclasses.replace(run, baselines=run.baselines.iloc[:0])
    assert "baseline" not in " ".join(conclusion.paragraph(bare))


@pytest.mark.parametrize(
    ("counts", "words"),
    [({"planned": 3, "diverged": 3}, "every trial diverged"),
     ({"planned": 3, "diverged": 1, "failed": 2}, "no trial finished"),
     ({"planned": 3, "diverged": 1, "pruned": 2}, "no trial finished"),
     ({"planned": 3, "running": 1}, "no trial has finished"),
     ({"planned": 3, "finished": 2}, "No winner yet")],
)  # fmt: skip
def test_a_run_without_a_winner_says_why(nothing, counts, words):
    run = change(nothing, counts=counts)
    assert words in conclusion.headline(run)
    assert conclusion.paragraph(run)


def test_an_interrupted_run_says_that_it_may_change(run):
    text = conclusion.paragraph(change(run, state="interrupted"))[-1]
    assert "not complete (interrupted)" in text


def test_the_cards_give_the_numbers_of_the_page(run):
    names = [card.name for card in cards.cards(run)]
    assert names == [
        "Network", "Confirmed accuracy", "Test accuracy", "Loss gap", "Trials finished", "Time",
    ]  # fmt: skip


def test_alarms_come_before_warnings_and_notes_are_left_out():
    found = [
        Finding(code=level, about="sweep", subject="", verdict="v", sentence=level, level=level)
        for level in ("info", "warning", "alarm", "good")
    ]
    told = cards.notices(found, ("alarm", "warning"))
    assert [notice.level for notice in told] == ["alarm", "warning"]


def test_many_findings_of_one_kind_are_told_once():
    found = [
        Finding(code="network.overfits", about="network", subject=f"s{n:04d}", verdict="overfits",
                sentence=f"s{n:04d} overfits.", level="warning")
        for n in range(400)
    ]  # fmt: skip
    (notice,) = cards.notices(found, ("warning",))
    assert notice.sentence == "s0000 overfits."
    assert notice.others.startswith("The same holds for 399 more (s0001, s0002")


def test_how_the_winner_fits_is_the_finding_on_it(run):
    other = Finding(code="network.fits", about="network", subject="s9999", verdict="fits")
    both = dataclasses.replace(run, findings=[other, *run.findings])
    assert both.network_finding.subject == run.winner["trial"]
    assert dataclasses.replace(run, findings=[]).network_finding is None


def test_the_method_counts_the_touches_of_the_test_rows(run):
    text = " ".join(method.sentences(change(run, test_touches=[{}, {}, {}])))
    assert "touched 3 times" in text


def test_the_facts_hold_fingerprint_seeds_and_versions(run):
    facts = {title: dict(pairs) for title, pairs in method.facts(run)}
    assert facts["Data"]["fingerprint (SHA-256)"] == run.data["fingerprint"]
    assert facts["Run"]["seed of the split"] == "123"
    assert facts["Versions"]["tensorflow"] == "2.21.0"


@pytest.mark.parametrize("moment", [None, "", "yesterday"])
def test_a_missing_date_is_left_out(moment):
    assert method.day(moment) == ""


def test_the_card_of_trials_counts_the_pruned_apart_from_the_lost(pruned_run):
    (card,) = [card for card in cards.cards(pruned_run) if card.name == "Trials"]
    counts = pruned_run.manifest["counts"]
    assert card.value == "40"
    assert card.remark.startswith(f"{counts['finished']} finished, {counts['pruned']} pruned, ")
    assert "planned" not in card.remark


def test_the_card_of_an_interrupted_pruned_run_tells_what_was_planned(pruned_run):
    counts = {"planned": 40, "finished": 5, "pruned": 20, "diverged": 0, "failed": 0}
    (card,) = [c for c in cards.cards(change(pruned_run, counts=counts)) if c.name == "Trials"]
    assert (card.value, card.remark) == ("25", "5 finished, 20 pruned, of 40 planned")


def test_an_unfinished_conclusion_tells_how_many_were_pruned(pruned_run):
    counts = pruned_run.manifest["counts"]
    last = conclusion.paragraph(change(pruned_run, state="interrupted"))[-1]
    assert f"{counts['finished']} of 40 trials have finished, {counts['pruned']} were" in last


def test_the_method_names_pruner_rungs_and_audit(pruned_run):
    text = " ".join(method.sentences(pruned_run))
    assert "pruned after epochs 3 and 10 (pruner: halving)" in text
    assert "among the best third" in text
    assert "The confirmation was not pruned." in text
    assert "2 pruned trials, drawn at random, were trained to the end" in text
    facts = {title: dict(pairs) for title, pairs in method.facts(pruned_run)}
    assert facts["Run"]["epochs at which trials may be pruned"] == "3, 10"
    assert facts["Settings"]["pruner"] == "halving"


def test_the_method_names_the_share_of_each_pruner(pruned_run):
    def told(pruner):
        text = method.sentences(change(pruned_run, rungs=[1], settings={"pruner": pruner}))
        return " ".join(text)

    assert "after epoch 1 (pruner: one-epoch)" in told("one-epoch")
    assert "among the best quarter" in told("one-epoch")
    assert "among the best of the trials" in told("unheard-of")


@pytest.mark.parametrize(
    "changes", [{}, {"rungs": []}, {"rungs": [3], "settings": {"pruner": "none"}}]
)
def test_the_method_of_a_run_without_pruning_says_nothing_of_it(run, changes):
    assert "prune" not in " ".join(method.sentences(change(run, **changes)))


def test_cohorts_are_told_where_there_are_any(run):
    def told(trials):
        facts = {t: dict(p) for t, p in method.facts(dataclasses.replace(run, trials=trials))}
        return facts["Run"].get("cohorts")

    assert told(run.trials) is None
    assert told(run.trials.drop(columns="cohort")) is None
    paired = run.trials.head(3).assign(cohort=["s0000", "s0000", "s0002"])
    assert told(paired) == "3 trials in 2, of up to 2"
