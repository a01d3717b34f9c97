from studies.catalog.learning_rate.design import spec


def test_by_default_each_optimizer_has_as_many_rates_and_nothing_is_tuned(design_of):
    design = design_of(spec)

    assert len(design.arms) == 33
    assert design.candidates == 1
    assert design.tuning_seeds == 0
    assert {arm.candidates[0].optimizer for arm in design.arms} == {"adam", "sgd", "rmsprop"}
    assert (design.probes.epochs, design.probes.seeds) == (20, 5)


def test_probes_are_as_short_and_as_few_as_the_study_that_they_belong_to(design_of):
    design = design_of(spec, set=("optimizer=adam",), epochs=6, seeds=3)

    assert (design.probes.epochs, design.probes.seeds) == (3, 3)
