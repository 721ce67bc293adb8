"""Words of a docstring: crude stems, and their informativeness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_SYNONYMS = {
    "maximum": "max",
    "maximal": "max",
    "minimum": "min",
    "minimal": "min",
    "occurrence": "occur",
    "occurrences": "occur",
    "appears": "occur",
    "summation": "sum",
    "sums": "sum",
    "summing": "sum",
    "arithmetic": "average",
    "multiplication": "multiply",
    "division": "divide",
    "divisors": "divisor",
    "biggest": "largest",
    "greatest": "largest",
    "highest": "largest",
    "lowest": "smallest",
    "least": "smallest",
    "checks": "check",
    "backwards": "backward",
    "palindromic": "palindrome",
    "triangular": "triangle",
    "alphabetically": "alphabetical",
    "parentheses": "parenthesis",
    "strings": "string",
    "vertices": "vertex",
    "indices": "index",
    "indexes": "index",
    "frequencies": "frequency",
}
_SUFFIXES = ("ingly", "edly", "ing", "ed", "es", "ly", "s")


def stem(word: str) -> str:
    """Return a crude stem, equal for most forms of one word."""
    word = _SYNONYMS.get(word, word)
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 3 and not word.endswith("ss"):
            word = word[: -len(suffix)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word.rstrip("e") if len(word) > 3 else word


def stems(text: str) -> list[str]:
    """Return the stems of a text's words and numbers; names split at underscores and capitals."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")
    return [stem(word) for word in re.findall(r"[a-z]+|\d+", text.lower())]


def informativeness(counts: Mapping[str, int]) -> dict[str, float]:
    """Return the weight of each word: 1 if one row has it, less if several rows have it."""
    return {word: 1 / (1 + 0.12 * (count - 1)) for word, count in counts.items()}


def evidence(row: Iterable[str], heard: Mapping[str, float], worth: Mapping[str, float]) -> float:
    """Return the strength of the evidence that the words in `heard` give for a row's words."""
    return sum(heard[word] * worth[word] for word in row if word in heard)
