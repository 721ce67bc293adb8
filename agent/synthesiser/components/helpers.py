"""Helpers: idioms that need statements. A program includes the definitions that it uses.

Bodies may use only `math`, `itertools` and each other.
"""

from __future__ import annotations

import math


def prime_number(n: int) -> bool:
    """Whether `n` has exactly two divisors."""
    if n < 2:
        return False
    return all(n % divisor != 0 for divisor in range(2, math.isqrt(n) + 1))


def primes_below(n: int) -> list[int]:
    """Return all primes less than `n`."""
    return [number for number in range(2, n) if prime_number(number)]


def first_primes(n: int) -> list[int]:
    """Return the `n` smallest primes."""
    primes: list[int] = []
    number = 2
    while len(primes) < n:
        if prime_number(number):
            primes.append(number)
        number += 1
    return primes


def next_prime_after(n: int) -> int:
    """Return the smallest prime greater than `n`."""
    number = n + 1
    while not prime_number(number):
        number += 1
    return number


def divisors_of(n: int) -> list[int]:
    """Return the positive divisors of `n` in ascending order."""
    return [divisor for divisor in range(1, n + 1) if n % divisor == 0]


def prime_factors_of(n: int) -> list[int]:
    """Return the prime factors of `n`, with multiplicity, in ascending order."""
    factors = []
    divisor = 2
    while divisor * divisor <= n:
        if n % divisor == 0:
            factors.append(divisor)
            n //= divisor
        else:
            divisor += 1
    return [*factors, n] if n > 1 else factors


def nth_fibonacci(n: int) -> int:
    """Return the Fibonacci number with index `n`: 0, 1, 1, 2, 3, ..."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def nth_lucas(n: int) -> int:
    """Return the Lucas number with index `n`: 2, 1, 3, 4, 7, ..."""
    a, b = 2, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def nth_catalan(n: int) -> int:
    """Return the Catalan number with index `n`: 1, 1, 2, 5, 14, ..."""
    return math.comb(2 * n, n) // (n + 1)


def digit_list(n: int) -> list[int]:
    """Return the decimal digits of `n`, without its sign."""
    return [int(digit) for digit in str(abs(n))]


def digital_root(n: int) -> int:
    """Sum the digits until one digit is left."""
    while n > 9:
        n = sum(int(digit) for digit in str(n))
    return n


def in_base(n: int, base: int) -> str:
    """Return `n` written in `base`, which is at most 36."""
    written = ""
    while n > 0 and base > 1:
        written = "0123456789abcdefghijklmnopqrstuvwxyz"[n % base] + written
        n //= base
    return written or "0"


def hailstone(n: int) -> list[int]:
    """Return the Collatz sequence from `n` to 1: halve even numbers, map odd `n` to 3n + 1."""
    sequence = [n]
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * int(n) + 1
        sequence.append(n)
    return sequence


def pascal_row(n: int) -> list[int]:
    """Return row `n` of Pascal's triangle."""
    return [math.comb(n, k) for k in range(n + 1)]


def to_roman(n: int) -> str:
    """Return `n` as a Roman numeral."""
    values = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
    letters = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
    numeral = ""
    for value, letter in zip(values, letters, strict=True):
        numeral += letter * (n // value)
        n %= value
    return numeral


def from_roman(numeral: str) -> int:
    """Return the value of a Roman numeral."""
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total = 0
    for index, letter in enumerate(numeral):
        value = values[letter]
        following = numeral[index + 1 : index + 2]
        total += -value if following and values[following] > value else value
    return total


def caesar(text: str, shift: int) -> str:
    """Shift letters along the alphabet; keep their case and all other characters."""
    letters = []
    for letter in text:
        if "a" <= letter <= "z":
            letter = chr((ord(letter) - ord("a") + shift) % 26 + ord("a"))
        elif "A" <= letter <= "Z":
            letter = chr((ord(letter) - ord("A") + shift) % 26 + ord("A"))
        letters.append(letter)
    return "".join(letters)


def well_nested(text: str, brackets: str) -> bool:
    """Whether the pairs in `brackets` open and close properly in `text`."""
    pairs = dict(zip(brackets[1::2], brackets[::2], strict=False))
    stack: list[str] = []
    for letter in text:
        if letter in pairs.values():
            stack.append(letter)
        elif letter in pairs and (not stack or stack.pop() != pairs[letter]):
            return False
    return not stack


def subsequence_of(short: str, text: str) -> bool:
    """Whether the letters of `short` appear in `text` in order."""
    rest = iter(text)
    return all(letter in rest for letter in short)


def edit_distance(first: str, second: str) -> int:
    """Return the number of insertions, deletions and replacements between two strings."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
            previous, row[j] = row[j], cost
    return row[-1]


def longest_palindrome(text: str) -> str:
    """Return the first of the longest substrings that are palindromes."""
    for size in range(len(text), 0, -1):
        for start in range(len(text) - size + 1):
            piece = text[start : start + size]
            if piece == piece[::-1]:
                return piece
    return ""


def max_subarray_sum(numbers: list[int]) -> int:
    """Return the largest sum of a contiguous sublist (Kadane's algorithm)."""
    best = current = numbers[0]
    for number in numbers[1:]:
        current = max(number, current + number)
        best = max(best, current)
    return best


def longest_increasing_length(values: list[int]) -> int:
    """Return the length of the longest strictly increasing subsequence."""
    best: list[int] = []
    for index, value in enumerate(values):
        best.append(1 + max((best[i] for i in range(index) if values[i] < value), default=0))
    return max(best, default=0)


def inversions(values: list[int]) -> int:
    """Return the number of inversions: pairs of values in the wrong order."""
    return sum(a > b for i, a in enumerate(values) for b in values[i + 1 :])


def missing_number(values: list[int]) -> int:
    """Return the smallest integer above the minimum that is missing from `values`."""
    number = min(values)
    while number in values:
        number += 1
    return number
