from studies.catalog.activation.design import spec


def test_rate_and_initialisation_are_retuned_in_each_of_the_four_arms(design_of):
    design = design_of(spec)

    assert [arm.name for arm in design.arms] == ["relu", "sigmoid", "tanh", "leaky relu"]
    for arm in design.arms:
        settings = {(one.learning_rate, one.initializer) for one in arm.candidates}
        assert len(settings) == len(arm.candidates) == 12
        assert {one.initializer for one in arm.candidates} == {"glorot_uniform", "he_normal"}
