from __future__ import annotations

import itertools
import math
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binomtest, norm, permutation_test, sem

from agent.evaluation import stats
from agent.evaluation.stats import pass_at_k, ranked_pass_at_k

counts = st.integers(0, 400)
# Rounded, so that a difference of two is not lost below the size of the test's tolerance.
values = st.floats(-10, 10, allow_subnormal=False).map(lambda x: round(x, 3))
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=12)


# Tests must not fail because the machine is busy.
unhurried = settings(deadline=None)


def exactly(expected: float) -> object:
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("n", range(1, 8))
def test_pass_at_k_is_the_share_of_choices_that_hold_a_right_sample(n: int) -> None:
    for c, k in itertools.product(range(n + 1), range(1, n + 1)):
        choices = list(itertools.combinations([i < c for i in range(n)], k))
        share = sum(map(any, choices)) / len(choices)
        assert stats.pass_at_k(n, c, k) == exactly(share), (n, c, k)


def test_pass_at_k_stays_exact_where_binomials_overflow_a_float() -> None:
    expected = 1 - math.comb(5000 - 3, 2000) / math.comb(5000, 2000)
    assert stats.pass_at_k(5000, 3, 2000) == exactly(expected)


@pytest.mark.parametrize(("n", "c", "k"), [(5, 1, 6), (5, 6, 1), (5, -1, 1), (5, 1, 0), (0, 0, 1)])
def test_pass_at_k_refuses_what_has_no_meaning(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="must be between"):
        stats.pass_at_k(n, c, k)


def test_mean_pass_at_k_weighs_problems_equally() -> None:
    assert stats.mean_pass_at_k([(2, 1), (10, 10), (4, 0)], 1) == exactly((0.5 + 1 + 0) / 3)
    with pytest.raises(ValueError, match="at least one problem"):
        stats.mean_pass_at_k([], 1)
    with pytest.raises(ValueError, match="k must be between"):
        stats.mean_pass_at_k([(10, 3), (2, 1)], 5)


@unhurried
@given(a=counts, b=counts, confidence=st.floats(0.01, 0.999))
def test_wilson_is_scipys(a: int, b: int, confidence: float) -> None:
    passed, total = min(a, b), max(a, b, 1)
    expected = binomtest(passed, total).proportion_ci(confidence, method="wilson")
    low, high = stats.wilson(passed, total, confidence)
    assert low == exactly(expected.low)
    assert high == exactly(expected.high)
    assert 0 <= low <= passed / total <= high <= 1


def test_wilson_knows_nothing_of_no_trial_and_refuses_nonsense() -> None:
    assert stats.wilson(0, 0) == (0, 1)
    for passed, total in [(2, 1), (-1, 3)]:
        with pytest.raises(ValueError, match="passed must be"):
            stats.wilson(passed, total)
    for confidence in (0.0, 1.0, 95.0, math.nan):
        with pytest.raises(ValueError, match="confidence"):
            stats.wilson(1, 2, confidence)


@unhurried
@given(gained=counts, lost=counts)
def test_mcnemar_is_scipys_binomial_test(gained: int, lost: int) -> None:
    changed = gained + lost
    expected = binomtest(gained, changed, 0.5).pvalue if changed else 1.0
    assert stats.mcnemar_exact(gained, lost) == pytest.approx(expected, rel=1e-9)
    assert stats.mcnemar_exact(gained, lost) == stats.mcnemar_exact(lost, gained)


def test_mcnemar_by_hand_and_far_out() -> None:
    assert stats.mcnemar_exact(0, 0) == 1
    assert stats.mcnemar_exact(0, 5) == 2 / 32
    assert stats.mcnemar_exact(3000, 0) == 0  # below the smallest float, and no overflow
    with pytest.raises(ValueError, match="negative"):
        stats.mcnemar_exact(-1, 3)


def exact_bootstrap_quantile(differences: list[float], fraction: float) -> float:
    """Return the quantile over all n**n resamples, which the random resamples approximate."""
    size = len(differences)
    means = sorted(math.fsum(r) / size for r in itertools.product(differences, repeat=size))
    return means[round(fraction * (len(means) - 1))]


def test_bootstrap_finds_the_percentiles_of_all_resamples() -> None:
    differences = [1.0, 0.25, -0.5, 3.125, 0.75, -1.75]
    low, high = stats.paired_bootstrap([0.0] * 6, differences, confidence=0.9)
    assert low == pytest.approx(exact_bootstrap_quantile(differences, 0.05), abs=0.05)
    assert high == pytest.approx(exact_bootstrap_quantile(differences, 0.95), abs=0.05)


def slow_bootstrap(
    first: list[float], second: list[float], resamples: int, seed: int, confidence: float
) -> tuple[float, float]:
    """Return the same interval from a plain loop and the definition of a percentile."""
    rng = random.Random(seed)
    means = []
    for _ in range(resamples):
        picked = [math.floor(rng.random() * len(first)) for _ in first]
        means.append(sum(second[i] - first[i] for i in picked) / len(first))
    means.sort()

    def percentile(fraction: float) -> float:
        # At most `fraction` of the gaps between neighbours lie below it.
        position = fraction * (resamples - 1)
        inside = [max(0.0, min(1.0, position - gap)) for gap in range(resamples - 1)]
        steps = zip(inside, itertools.pairwise(means), strict=True)
        return means[0] + sum(part * (b - a) for part, (a, b) in steps)

    return percentile((1 - confidence) / 2), percentile((1 + confidence) / 2)


@unhurried
@given(
    pairs=pairs,
    resamples=st.integers(1, 60),
    seed=st.integers(0, 9),
    confidence=st.floats(0.01, 0.99),
)
def test_bootstrap_agrees_with_a_slow_one(
    pairs: list[tuple[float, float]], resamples: int, seed: int, confidence: float
) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    low, high = stats.paired_bootstrap(first, second, resamples, seed, confidence)
    slow = slow_bootstrap(first, second, resamples, seed, confidence)
    assert (low, high) == (exactly(slow[0]), exactly(slow[1]))
    mirrored = stats.paired_bootstrap(second, first, resamples, seed, confidence)
    assert (-mirrored[1], -mirrored[0]) == (exactly(low), exactly(high))


def test_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = random.Random(7)
    runs, size, truth = 300, 80, 0.15
    hits = 0
    for run in range(runs):
        before = [float(rng.random() < 0.3) for _ in range(size)]
        after = [float(b or rng.random() < truth / 0.7) for b in before]
        low, high = stats.paired_bootstrap(before, after, resamples=400, seed=run)
        hits += low <= truth <= high
    assert 0.89 <= hits / runs <= 0.985


def test_bootstrap_is_quick_and_the_same_everywhere() -> None:
    before = [float(i % 5 == 0) for i in range(164)]
    after = [float(i % 3 == 0) for i in range(164)]
    started = time.process_time()
    interval = stats.paired_bootstrap(before, after)
    assert time.process_time() - started < 2  # 0.15 s on the machine of the author
    assert interval == stats.paired_bootstrap(before, after)
    assert interval != stats.paired_bootstrap(before, after, seed=1, resamples=999)
    assert interval == (6 / 164, 38 / 164)


def test_bootstrap_refuses_what_it_cannot_pair() -> None:
    with pytest.raises(ValueError, match="equal lengths"):
        stats.paired_bootstrap([1], [1, 2])
    with pytest.raises(ValueError, match="at least one pair"):
        stats.paired_bootstrap([], [])
    with pytest.raises(ValueError, match="finite"):
        stats.paired_bootstrap([1, math.nan], [1, 2])
    with pytest.raises(ValueError, match="resamples"):
        stats.paired_bootstrap([1], [1], resamples=0)
    with pytest.raises(ValueError, match="confidence"):
        stats.paired_bootstrap([1], [1], confidence=1)


def holm_rejects(ps: list[float], alpha: float) -> set[int]:
    """Return the rejected indices by Holm's own procedure: step down to the first that stays."""
    rejected: set[int] = set()
    left = list(range(len(ps)))
    while left:
        smallest = min(left, key=lambda i: ps[i])
        if ps[smallest] * len(left) > alpha:
            break
        rejected.add(smallest)
        left.remove(smallest)
    return rejected


@unhurried
@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0, 0.999))
def test_holm_rejects_what_the_procedure_rejects(ps: list[float], alpha: float) -> None:
    adjusted = stats.holm(ps)
    assert {i for i, p in enumerate(adjusted) if p <= alpha} == holm_rejects(ps, alpha)
    assert all(p <= a <= 1 for p, a in zip(ps, adjusted, strict=True))


def test_holm_by_hand() -> None:
    assert stats.holm([0.04, 0.01, 0.03]) == (exactly(0.06), exactly(0.03), exactly(0.06))
    assert stats.holm([]) == ()
    for bad in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            stats.holm([0.5, bad])


def test_a_ranking_draws_one_of_each_of_the_first_groups() -> None:
    groups, correct = [(0, 1), (2,), (3, 4)], [True, False, False, True, True]
    assert ranked_pass_at_k(groups, correct, 1) == 0.5
    assert ranked_pass_at_k(groups, correct, 2) == 0.5
    assert ranked_pass_at_k(groups, correct, 3) == 1.0
    # With two groups a third draw goes to the first again, and not to the same candidate.
    assert ranked_pass_at_k([(0, 1, 2), (3,)], [True, False, False, False], 3) == pytest.approx(
        2 / 3
    )
    assert ranked_pass_at_k([(0,), (1,)], [False, False], 10) == 0.0


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(1, 12))
def test_a_ranking_of_one_group_is_the_unbiased_pass_at_k(correct: list[bool], k: int) -> None:
    k = min(k, len(correct))
    found = ranked_pass_at_k([range(len(correct))], correct, k)
    assert found == pytest.approx(pass_at_k(len(correct), sum(correct), k))


clusters = st.lists(st.lists(values, min_size=1, max_size=5), min_size=2, max_size=8)
shares = st.floats(0, 1)


@given(clusters)
def test_a_clustered_error_is_the_sum_over_all_pairs_within_a_problem(
    samples: list[list[float]],
) -> None:
    every = [x for cluster in samples for x in cluster]
    mean = sum(every) / len(every)
    pairs = (itertools.product(cluster, repeat=2) for cluster in samples)
    variance = sum((a - mean) * (b - mean) for cluster in pairs for a, b in cluster)
    found = stats.clustered_standard_error(samples)
    assert found**2 * len(every) ** 2 == exactly(variance)


@given(st.lists(values, min_size=2, max_size=12))
def test_of_one_sample_a_problem_it_is_the_usual_error(samples: list[float]) -> None:
    usual = sem(samples, ddof=0)
    assert stats.clustered_standard_error([[x] for x in samples]) == exactly(usual)
    # The same sample drawn again says nothing new.
    assert stats.clustered_standard_error([[x, x, x] for x in samples]) == exactly(usual)


def test_a_clustered_error_needs_two_problems_with_finite_samples() -> None:
    for too_few in ([], [[1.0, 2.0]], [[1.0], []]):
        with pytest.raises(ValueError, match="two clusters"):
            stats.clustered_standard_error(too_few)
    with pytest.raises(ValueError, match="finite"):
        stats.clustered_standard_error([[1.0], [math.inf]])


@unhurried
@given(
    problems=st.integers(1, 2000),
    flips=shares,
    power=st.floats(0.3, 0.99),
    alpha=st.floats(0.001, 0.2),
)
def test_the_smallest_detectable_difference_solves_its_equation(
    problems: int, flips: float, power: float, alpha: float
) -> None:
    z = norm.ppf(1 - alpha / 2) + norm.ppf(power)

    def excess(delta: float) -> float:
        return float(delta - z * math.sqrt(max(0.0, flips - delta**2) / problems))

    solved = brentq(excess, 0, math.sqrt(flips), xtol=1e-14) if flips else 0.0
    found = stats.smallest_detectable(problems, flips, power, alpha)
    assert found == exactly(min(solved, flips))


def test_the_smallest_detectable_difference_is_found_as_often_as_it_says() -> None:
    problems, flips = 400, 0.3
    gain = stats.smallest_detectable(problems, flips)
    rng = random.Random(3)
    weights = [(flips + gain) / 2, (flips - gain) / 2, 1 - flips]
    found = 0
    for _ in range(400):
        changes = rng.choices("+-=", weights, k=problems)
        found += stats.mcnemar_exact(changes.count("+"), changes.count("-")) < 0.05
    assert 0.72 <= found / 400 <= 0.86


def test_the_smallest_detectable_difference_by_hand() -> None:
    z = 1.959963984540054 + 0.8416212335729143
    assert stats.smallest_detectable(164, 0.1) == exactly(z * math.sqrt(0.1 / (164 + z * z)))
    assert stats.smallest_detectable(164, 0) == 0
    assert stats.smallest_detectable(164, 0.01) == 0.01  # no more can be gained
    assert stats.smallest_detectable(1, 1) == exactly(z / math.sqrt(1 + z * z))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((0, 0.1), "problems must be at least 1"),
        ((9, -0.1), "flips must lie"),
        ((9, 1.1), "flips must lie"),
        ((9, math.nan), "flips must lie"),
        ((9, 0.1, 1.0), "alpha < power"),
        ((9, 0.1, 0.04), "alpha < power"),
        ((9, 0.1, 0.8, 0.0), "alpha < power"),
    ],
)
def test_the_smallest_detectable_difference_refuses_nonsense(
    arguments: tuple[int, float], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        stats.smallest_detectable(*arguments)


@given(st.floats(1e-12, 0.999))
def test_the_fewest_flips_are_the_first_that_scipy_calls_significant(alpha: float) -> None:
    fewest = stats.fewest_flips(alpha)
    assert binomtest(fewest, fewest).pvalue < alpha
    assert fewest == 1 or binomtest(fewest - 1, fewest - 1).pvalue >= alpha


def test_six_flips_are_the_fewest_at_the_usual_level() -> None:
    assert stats.fewest_flips() == 6
    assert stats.fewest_flips(2 / 2**6) == 7  # below, not at most
    for alpha in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="alpha"):
            stats.fewest_flips(alpha)


@unhurried
@given(st.lists(st.tuples(values, values), min_size=2, max_size=8))
def test_sign_flip_is_scipys(pairs: list[tuple[float, float]]) -> None:
    first, second = zip(*pairs, strict=True)
    if all(a == b for a, b in pairs):
        assert stats.sign_flip(first, second) == 1
        return
    theirs = permutation_test(
        (first, second),
        lambda a, b, axis: np.sum(b - a, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    ).pvalue
    # scipy doubles the smaller tail; the sums lie symmetric around 0, so that it is the same.
    assert stats.sign_flip(first, second) == pytest.approx(min(1.0, theirs), abs=1e-9)


@given(gained=st.integers(0, 6), lost=st.integers(0, 6), same=st.integers(0, 9))
def test_sign_flip_of_verdicts_is_mcnemars_test(gained: int, lost: int, same: int) -> None:
    pairs = [(0, 1)] * gained + [(1, 0)] * lost + [(1, 1)] * same
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    assert stats.sign_flip(first, second) == exactly(stats.mcnemar_exact(gained, lost))


def test_sign_flip_of_many_pairs_is_drawn_and_near_the_exact_value() -> None:
    first, second = [0.0] * 40, [1.0] * 27 + [-1.0] * 13
    assert stats.sign_flip(first, second) == pytest.approx(stats.mcnemar_exact(27, 13), abs=0.01)
    assert stats.sign_flip(first, second, seed=1) == stats.sign_flip(first, second, seed=1)
    assert stats.sign_flip([0.0] * 40, [1.0] * 40, resamples=999) == 1 / 1000


@pytest.mark.parametrize(("first", "second"), [([1.0], [1.0, 2.0]), ([0.0], [math.inf])])
def test_sign_flip_refuses_what_has_no_meaning(first: list[float], second: list[float]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        stats.sign_flip(first, second)
