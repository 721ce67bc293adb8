"""Words around a value: those that make it less than exact, and those that announce it."""

from __future__ import annotations

import re

HEDGE = (
    r"(?:[~≈]|\b(?:about|almost|approx\w*|arbitrary|around|close\s+to|depend\w*|incorrect|may|maybe"
    r"|might|nearly|not\s+tested|optional|possibly|probably|random\w*|roughly|rounded|rounding"
    r"|sometimes|doctest:\s*\+SKIP|xfail|tol|unordered|usually|varies|vary|wrong|any\s+order|output\s+order)\b)"
)
"""A pattern for words after which other values may be right. They are looked for beside a value."""
RESULT = re.compile(
    r"(?:[ \t]*[,:;]?\s+(?:and\s+)?(?:then\s+)?(?:"
    r"(?:you|we|it|the\s+function|your\s+function)\s+(?:should|must|will|would|has\s+to|have\s+to)"
    r"\s+(?:return|give|get|output)"
    r"|(?:it|the\s+function|your\s+function)\s+(?:returns|gives|outputs)"
    r"|(?:you|we)\s+(?:get|obtain|return)"
    r"|(?:the|your)\s+(?:output|result|answer|return\s+value)\s+"
    r"(?:is|(?:should|must|will|would)\s+be)"
    r"|returns?)|,?\s+(?:-+>|=+>|→|➞|⇒))\s+"
)
"""Words between the arguments and the result."""
_HEDGED = re.compile(rf"\#?\s*or\b|[^\n]*?{HEDGE}", re.IGNORECASE)


def is_hedged(note: str) -> bool:
    """Whether a note beside a value says that other values may be right, or this one wrong."""
    return _HEDGED.match(note) is not None
