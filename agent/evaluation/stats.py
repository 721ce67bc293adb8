"""The statistics of a report, with the standard library alone: scipy takes seconds to import.

All rates, intervals and p-values are fractions between 0 and 1, never percentages.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from itertools import product
from statistics import NormalDist

_EXACT_FLIPS = 12
"""Largest number of differing pairs for which all ways to flip their signs are enumerated."""


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the chance that at least one of `k` samples is right, if `c` of `n` drawn ones are.

    Unbiased: the share of all choices of `k` out of the `n` samples that contain a right one,
    1 - C(n-c, k) / C(n, k), as a product that cannot overflow (Chen et al. 2021, "Evaluating
    Large Language Models Trained on Code", section 2.1).

    Raises ValueError unless 0 <= c <= n and 1 <= k <= n.
    """
    if not 0 <= c <= n:
        raise ValueError(f"c must be between 0 and n = {n}, not {c}")
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and n = {n}, not {k}")
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - c + 1, n + 1))


def mean_pass_at_k(counts: Sequence[tuple[int, int]], k: int) -> float:
    """Return the mean of `pass_at_k` over problems; each is (samples drawn, samples right).

    Raises ValueError if there are no problems, or if a problem has fewer than `k` samples.
    """
    if not counts:
        raise ValueError("pass@k needs at least one problem")
    return math.fsum(pass_at_k(n, c, k) for n, c in counts) / len(counts)


def wilson(passed: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion, without continuity correction (Wilson 1927).

    Without any trial it is (0, 1).

    Raises ValueError unless 0 <= passed <= total and 0 < confidence < 1.
    """
    if not 0 <= passed <= total:
        raise ValueError(f"passed must be between 0 and total = {total}, not {passed}")
    z2 = NormalDist().inv_cdf(_upper_tail(confidence)) ** 2
    if total == 0:
        return 0.0, 1.0
    p = passed / total
    center = p + z2 / (2 * total)
    reach = math.sqrt(z2 * (p * (1 - p) + z2 / (4 * total)) / total)
    scale = 1 + z2 / total
    low = 0.0 if passed == 0 else (center - reach) / scale
    high = 1.0 if passed == total else (center + reach) / scale
    return low, high


def mcnemar_exact(gained: int, lost: int) -> float:
    """Return the two-sided p-value that `gained` and `lost` changed pairs are equally likely.

    It is the binomial test of the changed pairs at one half: twice the smaller tail, at most 1
    (McNemar 1947, in its exact form). Without a changed pair it is 1.

    Raises ValueError for a negative count.
    """
    if gained < 0 or lost < 0:
        raise ValueError(f"counts must not be negative: gained {gained}, lost {lost}")
    changed = gained + lost
    tail = sum(math.comb(changed, i) for i in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / (1 << changed))


def paired_bootstrap(
    first: Sequence[float],
    second: Sequence[float],
    resamples: int = 10_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Return the interval of the mean of `second - first`, in their unit, over paired problems.

    Resamples the problems with replacement and takes percentiles of the resampled means,
    interpolated linearly (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", 13.3).
    The same arguments give the same interval on every platform.

    Raises ValueError for unequal lengths, for no problems, for a value that is not finite, for
    fewer than one resample, or unless 0 < confidence < 1.
    """
    if len(first) != len(second):
        raise ValueError(f"pairs need equal lengths, not {len(first)} and {len(second)}")
    differences = [b - a for a, b in zip(first, second, strict=True)]
    if not differences or not all(map(math.isfinite, differences)):
        raise ValueError("the bootstrap needs at least one pair, and finite values")
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, not {resamples}")
    upper = _upper_tail(confidence)
    draw = random.Random(seed).choices
    size = len(differences)
    # fsum rounds once, whatever the order: the sum is the same on all platforms and versions.
    means = sorted(math.fsum(draw(differences, k=size)) / size for _ in range(resamples))
    return _percentile(means, 1 - upper), _percentile(means, upper)


def sign_flip(
    first: Sequence[float], second: Sequence[float], resamples: int = 10_000, seed: int = 0
) -> float:
    """Return the two-sided p-value that the differences of pairs have their signs by chance.

    It is the share of all ways to flip the signs of the differences whose sum is at least as far
    from 0 as the observed sum (Fisher 1935, "The Design of Experiments", section 21): exact up to
    12 differing pairs, else over `resamples` ways drawn with a seed and the observed one. For pairs
    of 0 and 1 it is the exact McNemar test.

    Raises ValueError for unequal lengths or a value that is not finite.
    """
    if len(first) != len(second):
        raise ValueError(f"pairs need equal lengths, not {len(first)} and {len(second)}")
    differences = [b - a for a, b in zip(first, second, strict=True) if a != b]
    if not all(map(math.isfinite, differences)):
        raise ValueError("a test of pairs needs finite values")
    # Rounding: sums that are equal in exact arithmetic may differ in their last bits.
    far = abs(math.fsum(differences)) * (1 - 1e-12)
    if len(differences) <= _EXACT_FLIPS:
        ways = [abs(math.fsum(way)) >= far for way in product(*((d, -d) for d in differences))]
        return sum(ways) / len(ways)
    bits = random.Random(seed).getrandbits
    size, found = len(differences), 1
    for _ in range(resamples):
        signs = bits(size)
        total = math.fsum(d if signs >> i & 1 else -d for i, d in enumerate(differences))
        found += abs(total) >= far
    return found / (resamples + 1)


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Return the p-values adjusted for their number, in the order given (Holm 1979, step-down).

    Rejecting those that are at most alpha keeps the chance of any false rejection at alpha or
    below.

    Raises ValueError for a p-value outside 0 to 1.
    """
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError(f"p-values must lie between 0 and 1: {list(ps)}")
    adjusted = [0.0] * len(ps)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        floor = max(floor, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = floor
    return tuple(adjusted)


def clustered_standard_error(clusters: Sequence[Sequence[float]]) -> float:
    """Return the standard error of the mean of all samples, in their unit, clustered by problem.

    A cluster contains the samples of one problem: they depend on each other, samples of different
    problems do not. The error is sqrt(sum over clusters of (sum over the cluster of x - mean)^2) /
    N, without a correction for few clusters (Liang & Zeger 1986; Miller 2024, "Adding Error Bars to
    Evals", arXiv:2411.00640, on clustered standard errors).

    Raises ValueError for fewer than two clusters, an empty one, or a value that is not finite.
    """
    samples = [value for cluster in clusters for value in cluster]
    if len(clusters) < 2 or not all(clusters):
        raise ValueError(
            f"at least two clusters are needed, none empty: {list(map(len, clusters))}"
        )
    if not all(map(math.isfinite, samples)):
        raise ValueError("samples must be finite")
    mean = math.fsum(samples) / len(samples)
    sums = (math.fsum(value - mean for value in cluster) for cluster in clusters)
    return math.hypot(*sums) / len(samples)


def smallest_detectable(
    problems: int, flips: float, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return the smallest true difference of two paired pass rates that a test can detect.

    The test is two-sided at `alpha` and detects the difference with probability `power`; `flips`
    is the share of the problems whose verdict changes in either direction. A paired difference d
    then has the variance flips - d^2 per problem, so that d = z sqrt((flips - d^2) / n) with
    z = z(1 - alpha/2) + z(power), which solves to d = z sqrt(flips / (n + z^2)) (Miller
    2024, arXiv:2411.00640, on power analysis; Connor 1987 for McNemar's test). It is a normal
    approximation: with few flips the exact test detects less.

    No difference exceeds `flips`, so the result does not either: if it equals `flips`, not even the
    largest possible difference is detected with more than this power.

    Raises ValueError unless problems >= 1, 0 <= flips <= 1 and 0 < alpha < power < 1.
    """
    if problems < 1:
        raise ValueError(f"problems must be at least 1, not {problems}")
    if not 0 <= flips <= 1:
        raise ValueError(f"flips must lie between 0 and 1, not {flips}")
    if not 0 < alpha < power < 1:
        raise ValueError(f"0 < alpha < power < 1 must hold, not alpha {alpha}, power {power}")
    z = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
    return min(flips, z * math.sqrt(flips / (problems + z * z)))


def fewest_flips(alpha: float = 0.05) -> int:
    """Return the fewest problems, flipped in one direction, that give `mcnemar_exact` < alpha.

    With fewer flips no difference is significant, however many problems did not flip.

    Raises ValueError unless 0 < alpha < 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    return next(flips for flips in itertools.count(1) if mcnemar_exact(flips, 0) < alpha)


def _upper_tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return (1 + confidence) / 2


def _percentile(ordered: Sequence[float], fraction: float) -> float:
    position = fraction * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def ranked_pass_at_k(groups: Sequence[Sequence[int]], correct: Sequence[bool], k: int) -> float:
    """Return the probability that one of k answers is right, when a ranking draws the answers.

    As CodeT's own evaluation does (Chen et al., ICLR 2023): one answer is drawn from each of the
    first k groups of tied candidates; with fewer groups, the draws start again at the first.
    Unlike in CodeT, no candidate is drawn twice, so that a single group gives the unbiased pass@k.
    """
    draws = [0] * len(groups)
    left = min(k, sum(map(len, groups)))
    while left:
        for i, group in enumerate(groups):
            if left and draws[i] < len(group):
                draws[i] += 1
                left -= 1
    wrong = 1.0
    for group, count in zip(groups, draws, strict=True):
        if count:
            wrong *= 1.0 - pass_at_k(len(group), sum(correct[i] for i in group), count)
    return 1.0 - wrong
