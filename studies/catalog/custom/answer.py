"""A study of the user's own: its arms compared, one by one, without a question that we know."""

from collections.abc import Mapping

from reports.wording import join, plural, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import compare_study, contrast_findings, forest, study_tables
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults, records
from studies.diagnosis.networks import ConfigVerdict

MOST_CURVES = 12


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Compare the arms by the validation score."""
    arms, compared = summarise_arms(results), compare_study(results)
    best = max(records(arms), key=lambda row: (row["pairs"] > 0, row["validation_score"]))
    parts = []
    for verdict in ("better", "worse", "equivalent", "undecided"):
        found = [row for row in records(compared) if row["verdict"] == verdict]
        if found:
            parts.append(f"{plural(len(found), 'contrast')} {verdict}")
    sentence = (
        f"The best mean {results.metric} is that of {best['arm']}, "
        f"{score(best['validation_score'])}; of the planned comparisons, {join(parts)}."
        if parts
        else f"{best['arm']} reaches {results.metric} {score(best['validation_score'])}."
    )
    differences = [] if compared.empty else [forest(compared, results, finding=sentence)]
    curves = curves_figure(results, arms=results.arms[:MOST_CURVES], finding=sentence)
    return StudyAnswer(
        answer=sentence,
        findings=contrast_findings(compared, results),
        figures=[*differences, curves],
        tables=study_tables(results, arms, verdicts, compared),
    )
