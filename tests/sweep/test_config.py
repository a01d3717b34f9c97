import dataclasses

import pytest

from sweep.config import TrialConfig, count_parameters, layer_widths


def test_no_hidden_layer_has_no_widths():
    assert layer_widths(0, 0, "equal") == ()
    assert layer_widths(0, 64, "tapering") == ()


def test_equal_widths_repeat():
    assert TrialConfig(depth=3, width=17).widths == (17, 17, 17)


@pytest.mark.parametrize(
    ("width", "widths"),
    [(64, (64, 32, 16, 8, 8)), (20, (20, 10, 8, 8, 8)), (8, (8,) * 5), (5, (5,) * 5)],
)
def test_tapering_widths_halve_down_to_eight_or_stay_narrower(width, widths):
    assert layer_widths(5, width, "tapering") == widths


def test_the_identifier_leaves_the_seed_out_and_nothing_else():
    config = TrialConfig(depth=2, width=32)
    changes = {
        "depth": 3, "width": 33, "shape": "tapering", "dropout": 0.1, "activation": "tanh",
        "optimizer": "sgd", "learning_rate": 0.0011, "momentum": 0.9, "weight_decay": 0.01,
        "use_bias": False, "batch_size": 33, "epochs": 31,
        "initializer": "he_normal",
    }  # fmt: skip
    assert {*changes, "seed"} == {field.name for field in dataclasses.fields(TrialConfig)}

    names = {
        dataclasses.replace(config, **{name: value}).config_id for name, value in changes.items()
    }

    assert len(names | {config.config_id}) == len(changes) + 1
    assert config.with_seed(9).config_id == config.config_id
    assert config.with_seed(9).seed == 9
    assert len(config.config_id) == 8
    int(config.config_id, 16)


def test_the_identifier_is_that_of_runs_from_before_there_were_initializers():
    assert TrialConfig(depth=2, width=32).config_id == "45722d00"


def test_the_textbook_ladder_has_the_textbook_number_of_parameters():
    count = count_parameters((128, 128), inputs=784, outputs=10, use_bias=True)

    assert count == 784 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10


def test_a_linear_model_without_bias_has_one_weight_an_input_and_output():
    assert count_parameters((), inputs=4, outputs=3, use_bias=False) == 12


def test_a_configuration_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrialConfig(depth=1, width=8).depth = 2


def test_a_taper_that_changes_no_layer_makes_no_other_configuration():
    narrow = TrialConfig(depth=3, width=8, shape="tapering", seed=4)
    wide = TrialConfig(depth=3, width=9, shape="tapering", seed=4)

    assert narrow.effective == TrialConfig(depth=3, width=8).effective
    assert wide.effective != TrialConfig(depth=3, width=9).effective
    assert TrialConfig(depth=1, width=9, shape="tapering").effective.shape == "equal"
