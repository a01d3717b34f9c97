"""From a study's run folder to everything that is said of it."""

from collections.abc import Mapping

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyContent
from reports.wording import count
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.checks import check_study
from studies.answering.ledger import ledger_table
from studies.answering.results import StudyResults
from studies.catalog.index import find_answer
from studies.designs.design import StudyDesign
from studies.diagnosis.networks import ConfigVerdict, diagnose
from studies.findings.left_out import tell_left_out
from studies.findings.network import network_finding
from sweep.runs.folder import RunFolder
from sweep.runs.left_out import LeftOut, guarded

VARIANT: list[str] = ["fold", "train_rows", "label_noise"]


def read_results(folder: RunFolder) -> StudyResults:
    """Read what a study has found so far.

    Raises:
        StorageError: The run cannot be read.
    """
    manifest = folder.current_manifest()
    trials, epochs = folder.tables()
    design = StudyDesign.from_json(manifest["study"])
    return StudyResults(design=design, manifest=manifest, trials=trials, epochs=epochs)


def conclude_study(
    results: StudyResults, verdicts: Mapping[str, ConfigVerdict] | None = None
) -> StudyContent:
    """Answer a study's question, judge its arms and check how it was made.

    Args:
        results: The study.
        verdicts: From `judge_arms`, if they are known.
    """
    verdicts = judge_arms(results) if verdicts is None else verdicts
    answer = _answer(results, verdicts)
    left_out: list[LeftOut] = []
    # A study trains what does not fit on purpose: that is no reason for alarm.
    others = [
        network_finding(name, one.evidence, "good" if one.verdict == "fits" else "info")
        for name, one in verdicts.items()
    ]
    with guarded("findings.checks", left_out):
        others += check_study(results)
    findings = [
        Finding(
            code=f"study.{results.design.study}",
            verdict="answer",
            sentence=answer.answer,
            level="good",
            confidence="the findings below say how sure each part is",
        ),
        *answer.findings,
        *others,
        *tell_left_out(left_out, "study"),
    ]
    return StudyContent(
        manifest=results.manifest,
        question=results.design.question,
        answer=answer.answer,
        paragraph=answer.paragraph,
        findings=findings,
        figures=answer.figures,
        tables=[*answer.tables, ledger_table(results)],
        trials=results.trials,
        verdicts=judge_trials(results),
        epochs=results.epochs,
    )


def judge_trials(results: StudyResults) -> pd.DataFrame:
    """Give every trial its verdict, beside those that were trained on the same rows."""
    parts = [
        diagnose(trials, results.epochs[results.epochs["trial"].isin(trials["trial"])])
        for _, trials in results.trials.groupby(VARIANT, dropna=False, sort=False)
    ]
    return (
        pd.concat(parts, ignore_index=True) if parts else diagnose(results.trials, results.epochs)
    )


def _answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Answer the question once everything is there that the design asks for."""
    if results.manifest.get("state") == "finished":
        if (results.comparison["outcome"] == "finished").any():
            return find_answer(results.design.study).answer(results, verdicts)
        sentence = "No conclusion: no network of the comparison could be trained to its end."
    else:
        planned = results.manifest["counts"]["planned"]
        sentence = (
            f"No answer yet: {count(len(results.trials))} of {count(planned)} trials have ended."
        )
    arms = summarise_arms(results)
    return StudyAnswer(answer=sentence, tables=[arms_table(results, arms, verdicts)])
