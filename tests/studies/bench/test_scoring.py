import pytest

from studies.bench.scoring import Case, answers, error_rates


def case(said, truths, *, about="network", seeds=1, family="any"):
    return Case(family=family, about=about, seeds=seeds, said=said, truths=truths)


def rate_of(cases, verdict, seeds=1):
    return next(r for r in error_rates(cases) if (r.verdict, r.seeds) == (verdict, seeds))


def test_a_verdict_that_is_said_though_false_is_a_false_positive():
    cases = [case("overfits", {"overfits": 0.0}), case("fits", {"overfits": 0.0})]

    rate = rate_of(cases, "overfits")

    assert (rate.said_though_false, rate.false, rate.true) == (1, 2, 0)
    assert rate.false_positive.estimate == 0.5


def test_what_is_said_of_a_true_verdict_is_told_apart():
    truths = {"overfits": 1.0, "overtrained": 1.0, "fits": 0.0, "underfits": 0.5}
    cases = [
        case(said, truths)
        for said in ("overfits", "overtrained", "undecided", "fits", "fits", "underfits")
    ]

    rate = rate_of(cases, "overfits")

    assert (rate.true, rate.said, rate.other, rate.undecided, rate.wrong) == (6, 1, 1, 1, 3)
    assert rate.false_negative.estimate == pytest.approx(4 / 6)


def test_a_problem_too_close_to_its_margin_counts_for_neither_error():
    rate = rate_of([case("overfits", {"overfits": 0.5})], "overfits")

    assert (rate.false, rate.true, rate.grey) == (0, 0, 1)


def test_numbers_of_seeds_are_counted_apart():
    cases = [case("fits", {"fits": 1.0}), case("fits", {"fits": 1.0}, seeds=5)]

    assert [rate_of(cases, "fits", seeds).said for seeds in (1, 5)] == [1, 1]


def test_intervals_are_those_of_clopper_and_pearson():
    rate = rate_of([case("fits", {"overfits": 0.0})] * 60, "overfits")

    # No error in 60: the upper bound is 1 - 0.025 ** (1 / 60).
    assert rate.false_positive.high == pytest.approx(1 - 0.025 ** (1 / 60))


def test_what_was_said_is_counted_for_each_family():
    cases = [case("fits", {}), case("undecided", {}), case("undecided", {})]

    counts = answers([*cases, case("fits", {}, family="other")])

    assert [(row["family"], row["said"]) for row in counts] == [
        ("any", {"undecided": 2, "fits": 1}),
        ("other", {"fits": 1}),
    ]
