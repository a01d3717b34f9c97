import json

import pytest

from studies.diagnosis import error_rates
from studies.diagnosis.error_rates import STORED, UNMEASURED, confidence_of, measured_rate


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Two rates of a verdict, for one seed and for five."""
    interval = {"estimate": 0.02, "low": 0.004, "high": 0.05}
    rates = [
        {
            "about": "network", "verdict": "too small", "seeds": seeds, "false": 50 * seeds,
            "said_though_false": seeds, "false_positive": interval,
        }
        for seeds in (1, 5)
    ]  # fmt: skip
    path = tmp_path / "error_rates.json"
    path.write_text(json.dumps({"rates": rates}))
    monkeypatch.setattr(error_rates, "STORED", path)
    error_rates._stored.cache_clear()
    yield
    error_rates._stored.cache_clear()


@pytest.mark.usefixtures("stored")
def test_the_sentence_has_share_count_and_interval():
    assert confidence_of("too small", seeds=5) == (
        "said in 2.0 % of 250 known-truth problems where it was false "
        "(95 % interval 0.4 % to 5.0 %; 5 seeds each)"
    )


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("seeds", "taken"), [(1, 1), (3, 1), (5, 5), (12, 5)])
def test_the_rate_is_that_of_the_largest_number_of_seeds_that_is_not_larger(seeds, taken):
    rate = measured_rate("curve.learning_rate_too_small", seeds=seeds)

    assert rate is not None
    assert rate.seeds == taken


@pytest.mark.usefixtures("stored")
def test_a_verdict_that_the_bench_does_not_have_was_not_measured():
    assert confidence_of("undecided", seeds=1) == UNMEASURED


def test_the_rates_that_come_with_the_tool_are_those_of_the_report_set():
    content = json.loads(STORED.read_text(encoding="utf-8"))

    assert content["set"] == "report"
    for verdict in ("overfits", "underfits", "better"):
        rate = measured_rate(verdict, seeds=10)
        assert rate is not None
        assert rate.said / rate.problems <= 0.05
        assert rate.low <= rate.said / rate.problems <= rate.high
