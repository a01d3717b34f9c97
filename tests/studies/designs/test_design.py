import json

from studies.catalog.ladder.design import spec
from studies.designs.design import Arm, Probes, StudyDesign, in_fold
from sweep.config import TrialConfig
from sweep.variant import AS_SPLIT, DataVariant

CONFIG = TrialConfig(depth=1, width=8)
FEW = DataVariant(train_rows=100, label_noise=0.2)


def design(**more):
    fields = {
        "study": "custom",
        "question": "Why?",
        "arms": (
            Arm(name="one", scientific={"width": 8}, candidates=(CONFIG, CONFIG.with_seed(0))),
            Arm(
                name="two",
                scientific={"width": 8, "use_bias": True, "dropout": 0.1},
                candidates=(CONFIG, CONFIG),
                variant=FEW,
                follows="one",
            ),
        ),
        "contrasts": (("two", "one"),),
        "seeds": 4,
        "folds": 0,
        "tuning_seeds": 2,
        "objective": "train_loss",
        "margin": 0.02,
        "nuisance": {"learning_rate.adam": (0.001, 0.01)},
        "fixed": {"depth": 2, "activation": "relu", "use_bias": True, "dropout": 0.0},
        "options": {"budget": 3000},
        "probes": Probes(factors=(1 / 3, 3.0), epochs=5, seeds=2),
    }
    return StudyDesign(**{**fields, **more})


def test_a_design_comes_back_from_the_json_of_a_manifest():
    for one in (design(), design(probes=None, folds=5, options={}, contrasts=())):
        text = json.dumps(one.as_json(), allow_nan=False)
        assert StudyDesign.from_json(json.loads(text)) == one


def test_the_design_of_a_built_in_study_comes_back_too(design_of):
    one = design_of(spec)
    assert StudyDesign.from_json(json.loads(json.dumps(one.as_json()))) == one


def test_an_arm_is_trained_once_a_seed_or_once_a_seed_and_fold():
    assert design().pairs == 4
    assert design(folds=3).pairs == 12


def test_an_arm_that_follows_another_is_not_tuned():
    assert [arm.name for arm in design().tuned] == ["one"]
    assert design(tuning_seeds=0).tuned == ()
    assert design().candidates == 2


def test_an_arm_is_found_by_its_name():
    assert design().arm("two").variant == FEW


def test_the_variants_are_those_of_the_arms_in_every_fold():
    assert design().variants() == {AS_SPLIT, FEW}
    assert design(folds=2).variants() == {
        in_fold(variant, fold, 2) for variant in (AS_SPLIT, FEW) for fold in (0, 1)
    }


def test_without_folds_a_variant_stays_as_it_is():
    assert in_fold(FEW, 1, 0) == FEW
    assert in_fold(FEW, 1, 5) == DataVariant(fold=1, folds=5, train_rows=100, label_noise=0.2)
