"""Samplers that give each value by itself, when it is asked for."""

from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial


class IndependentSampler(BaseSampler):
    """Leave everything to `sample_independent`, which is to be defined."""

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return nothing: no value is drawn before it is asked for."""
        del study, trial
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: no value is drawn before it is asked for."""
        del study, trial, search_space
        return {}
