import itertools

import pytest

from studies.designs.design import Probes
from studies.designs.planning import (
    choose_candidates,
    count_stages,
    count_trials,
    plan_trials,
    tuning_trials,
)
from studies.designs.spec import StudySpec
from sweep.records import STUDY_STAGES

ARMS = ({"width": 8}, {"width": 16}, {"width": 32})
RATES = (0.001, 0.01)


def spec_of(**more):
    nuisance = {"learning_rate.adam": RATES}
    return StudySpec(
        study="custom", question="Why?", arms=ARMS,
        **{"nuisance": nuisance, "tuning_seeds": 2, "epochs": 6, **more},
    )  # fmt: skip


@pytest.fixture(name="recorded")
def _recorded(record_of):
    """Records of planned trials; the loss of each is a function of it, None for one that failed."""

    def recorded(planned, loss):
        records = []
        for item in planned:
            value = loss(item)
            failed = value is None
            records.append(
                record_of(
                    item.slot,
                    () if failed else (value + 1, value),
                    trial=item.trial,
                    stage=item.stage,
                    replicate=item.replicate,
                    config=item.config,
                    arm=item.arm,
                    variant=item.variant,
                    outcome="failed" if failed else "finished",
                )
            )
        return records

    return recorded


def finish(design, recorded, loss=lambda item: item.config.learning_rate):
    tuning = tuning_trials(design, seed=0)
    return plan_trials(design, recorded(tuning, loss), seed=0)


def of_stage(planned, stage):
    return [item for item in planned if item.stage == stage]


def test_tuning_comes_first_and_alone(design_of):
    planned = plan_trials(design_of(spec_of()), [], seed=0)

    assert {item.stage for item in planned} == {"tuning"}
    assert len(planned) == len(ARMS) * len(RATES) * 2
    assert [item.trial for item in planned[:4]] == [
        "t0000-01", "t0000-02", "t0001-01", "t0001-02",
    ]  # fmt: skip


def test_the_comparison_is_not_known_until_every_tuning_trial_has_a_record(design_of, recorded):
    design = design_of(spec_of())
    records = recorded(tuning_trials(design, seed=0), lambda _: 0.5)

    assert not of_stage(plan_trials(design, records[:-1], seed=0), "comparison")
    assert of_stage(plan_trials(design, records, seed=0), "comparison")


def test_what_is_known_stays_known_as_records_come_in(design_of, recorded):
    design = design_of(spec_of(probes=Probes(factors=(3.0,), epochs=2, seeds=2)))
    everything = finish(design, recorded)
    records = recorded(everything, lambda item: item.config.learning_rate)

    for count in range(len(everything) + 1):
        planned = plan_trials(design, records[:count], seed=0)
        assert planned == everything[: len(planned)]
        assert len(planned) in {12, len(everything)}


def test_all_arms_are_compared_on_the_same_seeds(design_of, recorded):
    compared = of_stage(finish(design_of(spec_of(), seeds=5), recorded), "comparison")
    seeds = {arm: [item.config.seed for item in compared if item.arm == arm] for arm in
             ("width 8", "width 16", "width 32")}  # fmt: skip

    assert len(compared) == 15
    assert seeds["width 8"] == seeds["width 16"] == seeds["width 32"]
    assert len(set(seeds["width 8"])) == 5
    assert [item.replicate for item in compared[:5]] == [1, 2, 3, 4, 5]


def test_no_seed_of_the_tuning_is_one_of_the_comparison(design_of, recorded):
    planned = finish(design_of(spec_of(), seeds=20), recorded)
    tuned, compared = (
        {item.config.seed for item in of_stage(planned, stage)}
        for stage in ("tuning", "comparison")
    )
    assert len(tuned) == 2
    assert not tuned & compared


def test_another_seed_of_the_run_makes_other_seeds(design_of):
    design = design_of(spec_of())
    one, other = ({item.config.seed for item in tuning_trials(design, seed=s)} for s in (0, 1))
    assert not one & other


def test_each_arm_takes_the_candidate_of_the_lowest_mean_loss(design_of, recorded):
    design = design_of(spec_of())
    losses = {  # by slot: one trial each of the two tuning seeds
        0: (0.2, 0.8), 1: (0.4, 0.4),  # the mean decides, not the best trial
        2: (0.3, 0.3), 3: (0.4, 0.4),
        4: (0.3, 0.3), 5: (0.3, 0.3),  # the first of equals
    }  # fmt: skip
    planned = finish(design, recorded, lambda item: losses[item.slot][item.replicate - 1])
    chosen = {item.arm: item.config.learning_rate for item in of_stage(planned, "comparison")}

    assert chosen == {"width 8": 0.01, "width 16": 0.001, "width 32": 0.001}


def test_a_candidate_that_lost_a_trial_is_worse_than_one_that_lost_none(design_of, recorded):
    design = design_of(spec_of())

    def loss(item):
        if item.config.learning_rate == 0.001 and item.replicate == 1:
            return None
        return 0.1 if item.config.learning_rate == 0.001 else 5.0

    chosen = {item.config.learning_rate for item in finish(design, recorded, loss)[12:]}
    assert chosen == {0.01}


@pytest.mark.parametrize("lost", [None, float("nan"), float("inf")])
def test_an_arm_whose_every_trial_was_lost_takes_its_first_candidate(lost, design_of, recorded):
    planned = finish(design_of(spec_of()), recorded, lambda _: lost)
    assert {item.config.learning_rate for item in of_stage(planned, "comparison")} == {RATES[0]}


def test_tuning_may_minimise_the_training_loss(design_of, record_of):
    design = design_of(spec_of(objective="train_loss"))
    records = []
    for item in tuning_trials(design, seed=0):
        record = record_of(
            item.slot, (0.5, item.config.learning_rate), trial=item.trial, stage="tuning",
            replicate=item.replicate, config=item.config,
        )  # fmt: skip
        record.history.column("train_loss")[:] = 1 - item.config.learning_rate
        records.append(record)

    assert {config.learning_rate for config in choose_candidates(design, records)} == {0.01}


def test_the_order_in_which_trials_ended_decides_nothing(design_of, recorded):
    design = design_of(spec_of(tuning_seeds=3))
    tenths = {1: 0.1, 2: 0.2, 3: 0.3}  # of which the sum depends on the order
    records = recorded(tuning_trials(design, seed=0), lambda item: tenths[item.replicate])
    by_slot = [list(group) for _, group in itertools.groupby(records, lambda record: record.slot)]
    for turned in itertools.permutations(by_slot[0]):
        shuffled = [*turned, *itertools.chain(*by_slot[1:])]
        assert choose_candidates(design, shuffled) == choose_candidates(design, records)


def test_an_arm_that_follows_another_takes_its_setting_untuned(design_of, recorded):
    design = design_of(spec_of(follows={"width 16": "width 8"}))
    assert {item.arm for item in tuning_trials(design, seed=0)} == {"width 8", "width 32"}

    def loss(item):
        best = {"width 8": 0.01, "width 32": 0.001}[item.arm]
        return abs(item.config.learning_rate - best)

    compared = of_stage(finish(design, recorded, loss), "comparison")
    chosen = {item.arm: (item.config.width, item.config.learning_rate) for item in compared}
    assert chosen == {"width 8": (8, 0.01), "width 16": (16, 0.01), "width 32": (32, 0.001)}


def test_without_candidates_the_comparison_begins_at_once(design_of):
    planned = plan_trials(design_of(spec_of(), set=["learning_rate=0.02"], seeds=4), [], seed=0)

    assert {item.stage for item in planned} == {"comparison"}
    assert len(planned) == 12


def test_folds_cross_the_seeds(design_of, recorded):
    compared = of_stage(finish(design_of(spec_of(), seeds=2, folds=3), recorded), "comparison")
    arm = [item for item in compared if item.arm == "width 8"]

    assert [item.variant.fold for item in arm] == [0, 1, 2, 0, 1, 2]
    assert {item.variant.folds for item in arm} == {3}
    assert [item.replicate for item in arm] == [1, 2, 3, 4, 5, 6]
    seeds = [item.config.seed for item in arm]
    assert seeds[:3] == [seeds[0]] * 3 != seeds[3:] == [seeds[3]] * 3


def test_tuning_takes_a_fold_a_seed(design_of):
    design = design_of(spec_of(tuning_seeds=4), folds=3)
    first = [item.variant.fold for item in tuning_trials(design, seed=0)][:4]
    assert first == [0, 1, 2, 0]


def test_probes_begin_with_the_weights_of_their_arm_at_other_rates(design_of, recorded):
    probes = Probes(factors=(1 / 3, 3.0), epochs=2, seeds=2)
    planned = finish(design_of(spec_of(probes=probes), seeds=4), recorded)
    compared, probed = (of_stage(planned, stage) for stage in ("comparison", "probe"))
    by_arm = {(item.arm, item.replicate): item.config for item in compared}

    assert len(probed) == len(ARMS) * 2 * 2
    for item in probed:
        arm = by_arm[item.arm, item.replicate]
        assert item.config.seed == arm.seed
        assert item.config.width == arm.width
        assert item.config.epochs == 2
    rates = [item.config.learning_rate for item in probed[:4]]
    assert rates == pytest.approx([0.001 / 3] * 2 + [0.003] * 2)


def test_trials_are_counted_before_they_are_planned(design_of, recorded):
    probes = Probes(factors=(1 / 3, 3.0), epochs=2, seeds=2)
    for spec, settings in (
        (spec_of(), {"seeds": 4}),
        (spec_of(probes=probes), {"seeds": 3, "folds": 2}),
        (spec_of(follows={"width 16": "width 8"}), {}),
    ):
        design = design_of(spec, **settings)
        planned = finish(design, recorded)
        assert count_trials(design) == len(planned)
        assert count_stages(design) == {
            stage: len(of_stage(planned, stage)) for stage in STUDY_STAGES
        }
        assert list(count_stages(design)) == list(STUDY_STAGES)


def test_no_two_trials_have_one_name(design_of, recorded):
    probes = Probes(factors=(1 / 3, 3.0), epochs=2, seeds=2)
    planned = finish(design_of(spec_of(probes=probes), seeds=101), recorded)

    assert len({item.trial for item in planned}) == len(planned)
