import numpy as np
import pytest

from studies.designs.spec import StudySpec

RATES = (0.001, 0.003, 0.01)


def three_widths(**more):
    arms = tuple({"width": width} for width in (8, 16, 32))
    nuisance = {"learning_rate.adam": RATES}
    fields = {"arms": arms, "nuisance": nuisance, "epochs": 8, "tuning_seeds": 1}
    return StudySpec(study="custom", question="How wide?", **{**fields, **more})


@pytest.fixture
def widths():
    """A specification of three widths and three rates; fields by name."""
    return three_widths


@pytest.fixture
def scored():
    """Curves of arms whose scores are given, with noise that all arms of a pair share.

    The middle rate tunes best. None is an arm of which every network diverges.
    """

    def scored(scores, noise=0.001):
        def curves(item):
            if item.stage == "tuning":
                return {"validation_loss": abs(np.log(item.config.learning_rate / 0.003)) + 0.1}
            score = scores[item.arm]
            if score is None:
                return None
            shared = np.random.default_rng(item.replicate).normal(0, 0.02)
            own = np.random.default_rng([item.slot, item.replicate]).normal(0, noise)
            return {"validation_score": score + shared + own}

        return curves

    return scored
