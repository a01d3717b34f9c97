"""From a study's settings to its design: one that is built in, or one of the user's own."""

from pathlib import Path

from studies.catalog.custom.design import read_spec
from studies.catalog.index import CUSTOM, find_design, list_studies, rules_of
from studies.designs.building import build_design
from studies.designs.context import StudyContext
from studies.designs.design import StudyDesign
from studies.designs.spec import Overrides
from sweep.settings.study_settings import StudySettings
from sweep.space.parsing import read_set_values


def design_study(settings: StudySettings, context: StudyContext) -> StudyDesign:
    """Design a study for its data.

    Args:
        settings: What the user decided.
        context: What is known of the data.

    Raises:
        ConfigurationError: Every fault of the hyperparameters given, or of the user's file.
    """
    rules = rules_of(settings.study)
    overrides = Overrides.of(read_set_values(settings.parameters, rules=rules))
    if settings.study in list_studies():
        spec = find_design(settings.study).spec(overrides, context)
    else:
        spec = read_spec(Path(settings.study), overrides, study=CUSTOM)
    return build_design(spec, settings, overrides)
