import json
from pathlib import Path

from studies.bench.scoring import Case
from studies.bench.tables import document_of, results_of
from studies.diagnosis.error_rates import STORED

CASES = [
    Case(family="any", about="network", seeds=1, said=said, truths={"overfits": truth, "fits": 0.5})
    for said, truth in [("overfits", 1.0), ("overfits", 0.0), *[("undecided", 0.0)] * 9]
]
RESULTS = results_of(CASES, instances=11, seed=3, stream="report")


def test_results_are_json_without_nan():
    assert json.loads(json.dumps(RESULTS, allow_nan=False)) == RESULTS


def test_results_hold_counts_and_exact_intervals():
    rate = RESULTS["rates"][0]

    assert (rate["verdict"], rate["said_though_false"], rate["false"]) == ("overfits", 1, 10)
    # Clopper and Pearson's interval of 1 in 10 (1934, table for n = 10).
    assert rate["false_positive"] == {"estimate": 0.1, "low": 0.00253, "high": 0.44502}
    assert RESULTS["rates"][1]["false_positive"]["low"] is None


def test_the_page_shows_every_verdict_and_what_was_said():
    page = document_of(RESULTS)

    assert "| `overfits` | 1 | 1 of 10 | 10.0 % (0.3 to 44.5) | 1 | 1 | 0 | 0 | 0 |" in page
    assert "| network | any | 1 | undecided 9, overfits 2 |" in page
    assert "--instances 11 --seed 3 --set report`" in page


def test_the_published_page_is_that_of_the_stored_results():
    page = Path(__file__).parents[3] / "docs" / "verdict-error-rates.md"

    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert page.read_text(encoding="utf-8") == document_of(stored)
