"""Our own small exercises: the development set of the embedded model."""

from __future__ import annotations

EXERCISES: dict[str, tuple[str, str]] = {
    "evens_total": (
        "(xs)",
        "Sum of the even numbers.\n>>> evens_total([1, 2, 4])\n6\n>>> evens_total([3])\n0",
    ),
    "loudly": ("(text: str) -> str", "Text in uppercase.\n>>> loudly('ab c')\n'AB C'"),
    "word_tally": (
        "(text: str) -> int",
        "Number of words.\n>>> word_tally('a bc d')\n3\n>>> word_tally('')\n0",
    ),
    "biggest_gap": (
        "(xs: list[int]) -> int",
        "Largest less smallest.\n>>> biggest_gap([3, 9, 4])\n6\n>>> biggest_gap([5, 5])\n0",
    ),
    "mean_of": (
        "(xs: list[float]) -> float",
        "The average.\n>>> mean_of([1.0, 2.0])\n1.5\n>>> mean_of([4.0, 4.0, 1.0])\n3.0",
    ),
    "flip_words": (
        "(s: str) -> str",
        "Reverse the order of words.\n>>> flip_words('a bc d')\n'd bc a'",
    ),
    "no_repeats": (
        "(xs: list[int]) -> list[int]",
        "Remove duplicates, keeping order.\n>>> no_repeats([3, 1, 3, 2])\n[3, 1, 2]",
    ),
    "short_names": (
        "(names: list[str], size: int) -> list[str]",
        "Names shorter than size.\n>>> short_names(['ab', 'abcd', 'c'], 3)\n['ab', 'c']\n"
        ">>> short_names(['ab', 'x'], 2)\n['x']",
    ),
    "squares_of": ("(xs)", "Square each.\n>>> squares_of([1, 2, 5])\n[1, 4, 25]"),
    "prime_tally": (
        "(xs: list[int]) -> int",
        "Count the primes.\n>>> prime_tally([2, 3, 4, 9])\n2\n>>> prime_tally([1])\n0",
    ),
    "backward_equal": (
        "(s: str) -> bool",
        "Whether s is a palindrome.\n>>> backward_equal('aba')\nTrue\n"
        ">>> backward_equal('ab')\nFalse",
    ),
    "sign_name": (
        "(n: int) -> str",
        "Say 'up' for positive n, else 'down'.\n>>> sign_name(3)\n'up'\n>>> sign_name(-2)\n'down'\n"
        ">>> sign_name(9)\n'up'",
    ),
    "letter_counts": (
        "(s: str) -> dict[str, int]",
        "Count each letter.\n>>> letter_counts('aab')\n{'a': 2, 'b': 1}",
    ),
    "by_size": (
        "(ws: list[str]) -> list[str]",
        "Sort by length.\n>>> by_size(['ccc', 'a', 'bb'])\n['a', 'bb', 'ccc']",
    ),
    "steps_up": (
        "(xs: list[int]) -> list[int]",
        "Differences of consecutive numbers.\n>>> steps_up([1, 4, 9])\n[3, 5]",
    ),
    "shared": (
        "(a: list[int], b: list[int]) -> list[int]",
        "Common elements, sorted.\n>>> shared([3, 1, 2], [2, 3, 9])\n[2, 3]",
    ),
    "choose_two": (
        "(n: int, k: int) -> int",
        "Binomial coefficient.\n>>> choose_two(5, 2)\n10\n>>> choose_two(6, 3)\n20",
    ),
    "digits_total": ("(n: int) -> int", "Sum of digits.\n>>> digits_total(123)\n6"),
    "running": ("(xs: list[int])", "Cumulative sum.\n>>> running([1, 2, 3])\n[1, 3, 6]"),
    "ends": (
        "(xs: list[int]) -> tuple[int, int]",
        "First and last.\n>>> ends([4, 5, 6])\n(4, 6)",
    ),
    "without": (
        "(text: str, letter: str) -> str",
        "Remove the letter from text.\n>>> without('banana', 'n')\n'baaa'",
    ),
    "only_words": (
        "(xs: list)",
        "Keep only strings.\n>>> only_words([1, 'a', 2.5, 'b'])\n['a', 'b']",
    ),
    "top_key": (
        "(scores: dict[str, int]) -> str",
        "Key of the largest value.\n>>> top_key({'a': 1, 'b': 5})\n'b'",
    ),
    "to_base_two": ("(n: int) -> str", "Binary form.\n>>> to_base_two(5)\n'101'"),
    "safe_first": (
        "(xs: list[int])",
        "First number, None if empty.\n>>> safe_first([4, 2])\n4\n>>> safe_first([])\n"
        ">>> safe_first([7])\n7",
    ),
    "middle_value": ("(xs: list[int])", "The median.\n>>> middle_value([5, 1, 3])\n3"),
    "third_power_total": (
        "(xs: list[int]) -> int",
        "Sum of cubes.\n>>> third_power_total([1, 2])\n9\n>>> third_power_total([3])\n27",
    ),
}


def stub(name: str) -> str:
    """Return the exercise as a prompt."""
    signature, docstring = EXERCISES[name]
    body = "\n    ".join(docstring.splitlines())
    return f'def {name}{signature}:\n    """{body}\n    """\n'
