import dataclasses

import pandas as pd
import pytest
from scipy import stats

from studies.comparison.sides import MARGIN, Side, compare_sides, find_basis, rows_key
from studies.statistics.comparisons import FoldSizes
from studies.statistics.intervals import mean_interval


def side(name, scores, *, seeds=None, folds=None, rows="a", loss=0.1, se=0.01):
    seeds = list(range(len(scores))) if seeds is None else list(seeds)
    members = pd.DataFrame({"seed": seeds, "validation_score": scores})
    members["fold"] = pd.array([pd.NA] * len(seeds) if folds is None else folds, dtype="Int64")
    members = members.assign(
        validation_score_se=se, validation_loss=loss, train_loss=0.1, train_score=0.9
    )
    sizes = None if folds is None else FoldSizes(trained_on=80, tested_on=20)
    return Side(name=name, members=members, fresh=True, folds=sizes, data="d", rows=rows)


def compare(*contrasts):
    return compare_sides(contrasts)


def test_networks_of_the_same_seeds_are_pairs_whatever_their_order():
    first = side("new", [0.95, 0.93, 0.94, 0.96, 0.92], seeds=[5, 4, 3, 2, 1])
    second = side("old", [0.90, 0.94, 0.92, 0.90, 0.92], seeds=[1, 2, 3, 4, 5])
    (result,) = compare((first, second))
    expected = mean_interval([0.03, 0.03, 0.02, 0.02, 0.02])
    assert result.basis == "pairs"
    assert result.pairs == 5
    assert result.difference.estimate == pytest.approx(expected.estimate)
    assert (result.difference.low, result.difference.high) == pytest.approx(
        (expected.low, expected.high)
    )
    assert result.verdict == "better"


def test_only_the_seeds_that_both_have_are_pairs():
    first = side("new", [0.9, 0.9, 0.9, 0.5], seeds=[1, 2, 3, 9])
    (result,) = compare((first, side("old", [0.8, 0.8, 0.8, 0.8], seeds=[1, 2, 3, 4])))
    assert result.pairs == 3
    assert result.difference.estimate == pytest.approx(0.1)


def test_other_seeds_on_the_same_rows_are_compared_by_welch():
    a, b = [0.90, 0.91, 0.92, 0.93, 0.94], [0.80, 0.82, 0.81, 0.86, 0.84]
    (result,) = compare((side("new", a, seeds=range(5)), side("old", b, seeds=range(10, 15))))
    found = stats.ttest_ind(a, b, equal_var=False)
    interval = found.confidence_interval()
    assert result.basis == "seeds"
    assert result.p == pytest.approx(found.pvalue)
    assert (result.difference.low, result.difference.high) == pytest.approx(
        (interval.low, interval.high)
    )


def test_other_rows_widen_the_interval_by_the_error_over_rows():
    scores = [0.90, 0.91, 0.92, 0.93, 0.94]
    first, second = side("new", scores), side("old", scores, seeds=range(10, 15))
    (same,) = compare((first, second))
    (other,) = compare((first, dataclasses.replace(second, rows="b")))
    assert other.basis == "rows"
    assert other.difference.high > same.difference.high + 0.01
    assert other.seeds_needed is None  # more seeds make no more rows


def test_one_seed_is_described_over_rows_and_decides_nothing():
    (result,) = compare((side("new", [0.99], se=0.003), side("old", [0.5, 0.5, 0.5], se=0.004)))
    assert result.basis == "one seed"
    assert result.difference.estimate == pytest.approx(0.49)
    assert result.difference.high - result.difference.estimate == pytest.approx(
        1.959964 * 0.005, rel=1e-4
    )
    assert result.verdict == "undecided"
    assert pd.isna(result.p)


def test_fewer_than_five_pairs_decide_nothing():
    (result,) = compare((side("new", [0.90, 0.91, 0.92, 0.93]), side("old", [0.1, 0.1, 0.1, 0.1])))
    assert result.verdict == "undecided"
    assert pd.isna(result.p)


def test_a_difference_surely_inside_the_margin_is_equivalent():
    scores = [0.90, 0.91, 0.92, 0.93, 0.94]
    shifted = [score + MARGIN / 10 + 0.0001 * place for place, score in enumerate(scores)]
    (result,) = compare((side("new", shifted), side("old", scores)))
    assert result.verdict == "equivalent"


def test_an_undecided_pair_says_how_many_more_seeds_would_settle_it():
    (result,) = compare(
        (side("new", [0.92, 0.91, 0.95, 0.90, 0.94]), side("old", [0.90, 0.92, 0.91, 0.91, 0.92]))
    )
    assert result.verdict == "undecided"
    assert result.seeds_needed > 0


def test_the_same_networks_are_identical_even_on_one_seed():
    (result,) = compare((side("new", [0.9]), side("old", [0.9])))
    assert result.identical
    assert result.verdict == "equivalent"


def test_equal_scores_of_other_losses_are_not_identical():
    (result,) = compare((side("new", [0.9, 0.8], loss=0.3), side("old", [0.9, 0.8])))
    assert not result.identical


def test_the_seeds_of_a_fold_count_once():
    folds = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    seeds = [1, 2] * 5
    first = side("new", [0.9 + 0.01 * fold for fold in folds], seeds=seeds, folds=folds)
    second = side("old", [0.88] * 10, seeds=seeds, folds=folds)
    (result,) = compare((first, second))
    assert (result.basis, result.pairs) == ("folds", 5)
    half = stats.t.isf(0.025, 4) * 0.01581139 * (1 / 5 + 20 / 80) ** 0.5
    assert result.difference.high - result.difference.estimate == pytest.approx(half, rel=1e-5)


def test_folds_are_not_paired_with_the_one_split():
    folded = side("new", [0.9, 0.8, 0.7], seeds=[1, 1, 1], folds=[0, 1, 2])
    assert find_basis(folded, side("old", [0.9, 0.8], seeds=[1, 2])) == "rows"


def test_every_contrast_counts_in_the_verdicts():
    base = [0.90, 0.91, 0.92, 0.93, 0.94]
    near = [score + gain for score, gain in zip(base, (0.03, 0.01, 0.05, 0.02, 0.06), strict=True)]
    first, second = side("new", near), side("old", base)
    (alone,) = compare((first, second))
    among = compare(*[(first, second)] * 6)
    assert alone.p_holm == pytest.approx(alone.p)
    assert among[0].p_holm == pytest.approx(6 * alone.p)
    assert (alone.verdict, among[0].verdict) == ("better", "undecided")


def test_nothing_is_compared_of_no_pair():
    assert compare_sides([]) == []


def test_another_number_of_folds_is_other_rows():
    manifest = {"settings": {}, "data": {"fingerprint": "x"}, "seeds": {"split": 1}}
    five, ten = (rows_key(manifest | {"study": {"folds": folds}}) for folds in (5, 10))
    assert five != ten
    assert rows_key(manifest) == rows_key(manifest | {"study": {"folds": None}})


def test_weighted_rows_are_others_than_the_same_rows_without_weights():
    manifest = {"data": {"fingerprint": "f", "splits": {"validation": 30}}}
    weighted = {"data": {**manifest["data"], "effective_rows": {"validation": 21.5}}}
    unweighted = {"data": {**manifest["data"], "effective_rows": None}}
    assert rows_key(manifest) == rows_key(unweighted) != rows_key(weighted)
