"""Reader of examples in sentences: "For example, given 3 and 4 you should return 7"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.visible_tests.docstring.equations import read_claim
from agent.visible_tests.docstring.page import DocstringExample, Page
from agent.visible_tests.docstring.wording import RESULT
from agent.visible_tests.literals import Value

_OPENING = re.compile(
    r"\b(?:[Ff]or\s+(?:example|instance)|[Ee]\.g\.|[Ee]xample)[ \t]*[,:]?\s+"
    r"(?:(?:if|when|suppose|let|say|with|for|on)\b[^.\n]{0,40}?\s+)??"
    r"(?=(?:you|it|we|the|is|are|given|called|passed|input|function|with|for)\b)",
)
_VALUE = re.compile(r"(?<![\w.\"'])(?=[\"'\[({]|-?\d|(?:True|False|None)\b)")
_UNSURE = re.compile(
    r"\b(?:not|no|never|cannot|contain\w*|ha[sd]|have|more|less|fewer|than|least|most|between"
    r"|greater|larger|smaller|index|length|size|elements?|items?|first|last|or|except|unless"
    r"|times|divisible|multiples?)\b|n't|\.\s|\n[ \t]*\n",
    re.IGNORECASE,
)
_MAX_CHARACTERS = 600


def read_prose(page: Page) -> Iterator[DocstringExample]:
    """Yield examples from sentences that give each parameter one value and then state the result.

    If there are several parameters, each name, or a word of it, must stand beside its value.
    """
    for opening in _OPENING.finditer(page.source, page.start, page.end):
        values, gaps, end = _condition(page, opening.end())
        result = RESULT.match(page.source, end, page.end)
        if result is None or len(values) != len(page.parameters) or not values:
            continue
        gaps.append("")
        if _is_unsure(page, gaps) or not _is_named(page, gaps):
            continue
        value = read_claim(page, result.end(), page.entry_point)
        if value is not None:
            yield DocstringExample(
                call=f"{page.entry_point}({', '.join(given.source for given in values)})",
                expected=value.source,
                form="given ... return",
                span=(opening.start(), value.end),
                confidence=0.6,
            )


def _condition(page: Page, start: int) -> tuple[list[Value], list[str], int]:
    """Return the values before the words that announce the result, the gaps, and the end."""
    values: list[Value] = []
    gaps: list[str] = []
    limit = min(page.end, start + _MAX_CHARACTERS)
    position = start
    while True:
        result = RESULT.search(page.source, position, limit)
        found = _VALUE.search(page.source, position, result.start() if result else limit)
        if result is None or found is None:
            end = result.start() if result else position
            return values, [*gaps, page.source[position:end]], end
        value = page._replace(end=limit).value_at(found.start(), "given")
        if value is None:
            return [], [], position
        gaps.append(page.source[position : value.start])
        values.append(value)
        position = value.end


def _is_unsure(page: Page, gaps: list[str]) -> bool:
    """Whether a word suggests that a value is not an argument; parameter names are ignored."""
    own = re.compile(rf"\b(?:{'|'.join(map(re.escape, page.parameters))})\b")
    return any(_UNSURE.search(own.sub("", words)) for words in gaps)


def _is_named(page: Page, gaps: list[str]) -> bool:
    """Whether each value stands beside its parameter's name, if there are several."""
    if len(page.parameters) == 1:
        return re.fullmatch(r"[\s,]*(?:\bas\b[\w\s]*)?", gaps[1]) is not None
    beside = (" ".join(gaps[place : place + 2]) for place in range(len(page.parameters)))
    return all(
        any(re.search(rf"\b{re.escape(word)}", words, re.IGNORECASE) for word in _words(parameter))
        for parameter, words in zip(page.parameters, beside, strict=True)
    )


def _words(parameter: str) -> list[str]:
    return [word for word in re.split(r"_+|\d+|(?<=[a-z])(?=[A-Z])", parameter) if word]
