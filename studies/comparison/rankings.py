"""What ranks over data sets say: in a sentence, as a finding and as tables."""

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import is_number, p_value, plural, score
from studies.answering.results import records
from studies.comparison.data_sets import ScoreTable
from studies.statistics.ranks import FEWEST_DATA_SETS


def describe_ranks(table: ScoreTable) -> str:
    """Say in a sentence which arm ranks best over the data sets, and how sure that is."""
    ranks, best = table.ranks, str(table.ranks.ranks.index[0])
    arms = f"{plural(len(ranks.ranks), table.what)} over {plural(len(table.scores), 'data set')}"
    leads = f"{best} has the best mean rank, {ranks.ranks.iloc[0]:.2f}, of {arms}"
    if is_few(table):
        return f"{leads}; {FEWEST_DATA_SETS} data sets at least are needed for a verdict."
    pairs = records(ranks.pairs)
    beaten = [
        row
        for row in pairs
        if best == {"better": row["first"], "worse": row["second"]}.get(row["verdict"])
    ]
    if len(ranks.ranks) == 2:
        test, clear = f"Wilcoxon p {p_value(pairs[0]['p_holm'])}", bool(beaten)
    else:
        test, clear = f"Friedman p {p_value(ranks.p)}", ranks.p < 0.05
    if not clear:
        return f"{leads}, which may be chance: {test}."
    than = f"; it is better than {plural(len(beaten), 'other')}" if beaten else ""
    return f"{leads}; they do not rank alike ({test}){than}."


def is_few(table: ScoreTable) -> bool:
    """Return whether the data sets are too few for a verdict."""
    return len(table.scores) < FEWEST_DATA_SETS


def rank_finding(table: ScoreTable) -> Finding:
    """Make a finding of the ranks."""
    ranks, number = table.ranks, len(table.scores)
    decided = bool((ranks.pairs["verdict"] != "undecided").any())
    few = is_few(table)
    return Finding(
        code="compare.ranks",
        about="comparison",
        subject=str(ranks.ranks.index[0]),
        verdict="better" if decided else "undecided",
        sentence=describe_ranks(table),
        next_step=f"Run them on {FEWEST_DATA_SETS - number} more data sets." if few else "",
        level="good" if decided else "info",
        confidence=(
            "descriptive: two-sided signed ranks of five data sets cannot reach 0.05"
            if few
            else "Friedman's test in the F form of Iman and Davenport, then Wilcoxon with Holm"
        ),
        numbers={
            "data_sets": number,
            "p": ranks.p if is_number(ranks.p) else None,
            "best_rank": float(ranks.ranks.iloc[0]),
        },
    )


def rank_tables(table: ScoreTable, metric: str) -> list[StudyTable]:
    """Write the ranks with the scores behind them, and the arms two by two."""
    ranks = table.ranks
    scores = pd.DataFrame(
        [
            [name, f"{rank:.2f}", *(score(value) for value in table.scores[name])]
            for name, rank in ranks.ranks.items()
        ],
        columns=[table.what.capitalize(), "Mean rank", *table.scores.index],
    )
    pairs = pd.DataFrame(
        {
            "First": ranks.pairs["first"],
            "Second": ranks.pairs["second"],
            "First scores higher on": [
                f"{100 * row['wins']:.0f} % of {plural(int(row['data_sets']), 'data set')}"
                for row in records(ranks.pairs)
            ],
            "p (Wilcoxon, Holm)": [p_value(value) for value in ranks.pairs["p_holm"]],
            "Verdict": ranks.pairs["verdict"],
        }
    )
    tables = [
        StudyTable(
            id="ranks",
            title="Ranks over data sets",
            table=scores,
            note=f"Mean validation {metric} on each data set; rank 1 is the best of a data set.",
        ),
        StudyTable(
            id="rank-pairs",
            title="Ranks, two by two",
            table=pairs,
            note="Ties count half. Decided only where Friedman's test tells the arms apart too.",
        ),
    ]
    return tables[:1] if is_few(table) else tables
