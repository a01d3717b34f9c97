"""A study of the user's own: its arms compared, one by one, without a question that we know."""

from collections.abc import Mapping

from reports.wording import score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import compare_study, contrast_findings, forest, study_tables
from studies.answering.contrast_words import summarise_verdicts
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults, records
from studies.diagnosis.networks import ConfigVerdict

MOST_CURVES = 12


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Compare the arms by the validation score."""
    arms, compared = summarise_arms(results), compare_study(results)
    best = max(records(arms), key=lambda row: (row["pairs"] > 0, row["validation_score"]))
    reached = f"{results.metric} {score(best['validation_score'])}"
    sentence = f"{best['arm']} reaches {reached}."
    if compared:
        counts = summarise_verdicts(compared)
        sentence = f"The best mean is that of {best['arm']}, {reached}; contrasts: {counts}."
    curves = curves_figure(results, arms=results.arms[:MOST_CURVES], finding=sentence)
    return StudyAnswer(
        answer=sentence,
        findings=contrast_findings(compared, results),
        figures=[*forest(compared, results, sentence), curves],
        tables=study_tables(results, arms, verdicts, compared),
    )
