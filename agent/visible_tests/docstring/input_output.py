"""Readers of examples that list arguments without a call: "For x = 3 the output should be 4",
`Input: x = 3` / `Output: 4`, and `x = 3` / `return 4`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.visible_tests.docstring.equations import read_claim
from agent.visible_tests.docstring.page import DocstringExample, Page, calls, has_kind, plain_call
from agent.visible_tests.docstring.wording import RESULT
from agent.visible_tests.literals import Value

_FOR = re.compile(r"\b(?:[Ff]or|[Ww]hen|[Ii]f|[Gg]iven|[Ww]ith)\s+(?:that\s+)?(?=\w+\s*=)")
_SHOULD = re.compile(
    r"(?:(?!\.\s)[^\n])*?\b(?:output|result|answer|function|it)\b(?:(?!\.\s)[^\n])*?"
    r"(?:\bshould(?:\s+be|\s+return)|\bis|\breturns?|:)\s+",
)
_NAMED_RESULT = (
    r"[ \t]*[,:;]?\s+(?:then\s+)?{}(?:\([\w, ]*\))?\s+(?:(?:should|must|will)\s+)?"
    r"(?:returns?|gives?|is|be|equals?|==?|-+>|=+>|→)\s+"
)
_THEN = re.compile(r"[ \t]*[,:]\s+(?:then\s+)?")
_RETURNED = re.compile(r"\s+(?:is|(?:should|must|will)\s+be)\s+returned[ \t]*(?:\.|\n|$)")
_UNSURE = re.compile(r"\b(?:not|never|cannot|unless|except|or)\b|n't")
_BULLET = r"(?:[-*+>•][ \t]+|\d+[.)][ \t]+)?"
_HEADING = r"(?:(?:For[ \t]+)?(?i:examples?|sample|case|test)[ \t]*\d*[ \t]*[:.)-][ \t]*)?"
_KIND = r"(?:(?i:sample|example|expected)[ \t]+)?"
_INPUT = re.compile(
    rf"^[ \t]*{_BULLET}{_HEADING}{_KIND}(?i:inputs?)[ \t]*\d*[ \t]*[:=]", re.MULTILINE
)
_OUTPUT = re.compile(
    rf"[.,;]?(?:[ \t]*\#[^\n]*)?\s*(?:(?:-+>|=+>|→|➞|\|)[ \t]*)?{_BULLET}{_KIND}"
    r"(?i:outputs?|expected|result|answer|returns?(?:[ \t]+value)?)[ \t]*\d*[ \t]*[:=]"
)
_RESULT = r"(?:[Oo]utput|[Ee]xpected|[Rr]esult|[Aa]nswer|[Ee]xplanation|[Rr]eturns?)\b"
_NAMED = re.compile(rf"\s*{_BULLET}(?!{_RESULT})(?P<name>[^\W\d]\w*)(?:\s*[=:](?!=)\s*|(?=\[))")
_SEPARATOR = re.compile(r"[ \t]*(?:,|;|\band\b|\n)\s*")
_ASSIGNED = re.compile(r"^[ \t]*(?=[^\W\d]\w*(?:\[|[ \t]*=[ \t]*[^=\s]))", re.MULTILINE)
_RETURN = re.compile(
    r"(?:[^\n]*->[^\n]*\n|[ \t]*\n)*[ \t]*(?:returns?[ \t]*=?|result[ \t]*=)[ \t]*"
)

Given = list[tuple[str | None, str]]
"""Arguments as written: pairs of a name (None if the text gives none) and a value."""


def read_sentences(page: Page) -> Iterator[DocstringExample]:
    """Yield examples like "For x = ..., y = ... the output should be ..."."""
    for match in _FOR.finditer(page.source, page.start, page.end):
        given, end = given_at(page, match.end(), several_lines=False)
        own = re.compile(_NAMED_RESULT.format(re.escape(page.entry_point)))
        signs = (sign.match(page.source, end, page.end) for sign in (RESULT, own, _SHOULD))
        should = next((found for found in signs if found), None)
        if should is not None and not _UNSURE.search(should[0]):
            yield from _example(page, given, match.start(), should.end(), "For ... should")
        yield from _returned(page, given, match.start(), end)


def _returned(page: Page, given: Given, start: int, end: int) -> Iterator[DocstringExample]:
    """Yield an example like "Given x = ..., 4 is returned"."""
    before = _THEN.match(page.source, end, page.end)
    value = page.value_at(before.end()) if before else None
    if value is not None and _RETURNED.match(page.source, value.end):
        yield from stated(page, given, start, value, "For ... should", 0.7)


def read_blocks(page: Page) -> Iterator[DocstringExample]:
    """Yield `Input: ... Output: ...`, on one line or several; the input may be the call."""
    called = dict(calls(page, page.entry_point))
    for match in _INPUT.finditer(page.source, page.start, page.end):
        start = match.end() + _blanks(page, match.end())
        given, end = given_at(page, match.end(), several_lines=True)
        output = _OUTPUT.match(page.source, called.get(start, end), page.end)
        if output is None:
            continue
        if start in called:
            yield from _called(page, (start, called[start]), match.start(), output.end())
        else:
            yield from _example(page, given, match.start(), output.end(), "Input/Output")


def read_assignments(page: Page) -> Iterator[DocstringExample]:
    """Yield `x = 3` with `return 4` on a later line; lines with `->` may stand between them."""
    for match in _ASSIGNED.finditer(page.source, page.start, page.end):
        given, end = given_at(page, match.end(), several_lines=True)
        if not {name for name, _ in given} & set(page.parameters):
            continue
        found = re.compile(r"[ \t]*\n").match(page.source, end, page.end)
        returned = _RETURN.match(page.source, found.end(), page.end) if found else None
        if returned is not None:
            yield from _example(page, given, match.end(), returned.end(), "x = ... return")


def given_at(page: Page, start: int, *, several_lines: bool) -> tuple[Given, int]:
    """Return the arguments that begin at an offset, and their end offset."""
    given: Given = []
    end = start
    while True:
        named = _NAMED.match(page.source, start, page.end)
        begin = named.end() if named else start
        value = page.value_at(begin, "given")
        if value is None or (named is None and given and given[-1][0] is not None):
            return given, end
        given.append((named["name"] if named else None, value.source))
        end = value.end
        separator = _SEPARATOR.match(page.source, end, page.end)
        if separator is None or (not several_lines and "\n" in separator[0]):
            return given, end
        if len(given) > len(page.parameters):
            return given, end
        start = separator.end()


def _called(
    page: Page, call: tuple[int, int], start: int, after: int
) -> Iterator[DocstringExample]:
    source, value = plain_call(page, *call), read_claim(page, after, page.entry_point)
    if source is not None and value is not None:
        span = (start + _blanks(page, start), value.end)
        yield DocstringExample(
            call=source, expected=value.source, form="Input/Output", span=span, confidence=0.9
        )


def _example(
    page: Page, given: Given, start: int, after: int, form: str
) -> Iterator[DocstringExample]:
    confidence = 0.9 if {name for name, _ in given} <= {None, *page.parameters} else 0.7
    value = read_claim(page, after, page.entry_point)
    yield from stated(page, given, start + _blanks(page, start), value, form, confidence)


def stated(
    page: Page, given: Given, start: int, value: Value | None, form: str, confidence: float
) -> Iterator[DocstringExample]:
    """Yield the example with these arguments and this value, if the header allows them."""
    arguments = _arguments(page, given)
    if value is None or arguments is None or not has_kind(page, "return", value.source):
        return
    yield DocstringExample(
        call=f"{page.entry_point}({', '.join(arguments)})",
        expected=value.source,
        form=form,
        span=(start, value.end),
        confidence=confidence,
    )


def _arguments(page: Page, given: Given) -> list[str] | None:
    """Return the values in the order of the parameters; None if they cannot be assigned.

    Values are assigned by name if the names are exactly the parameters', else by position. By
    position, each parameter needs one value, and no name may be that of another parameter.
    """
    parameters = page.parameters
    if len(given) != len(parameters) or not given or page.callee.foreign:
        return None
    names = {name for name, _ in given}
    values = dict(given)
    if names == set(parameters):
        given = [(name, values[name]) for name in parameters]
    for (name, value), parameter in zip(given, parameters, strict=True):
        if name not in (None, parameter) and name in parameters:
            return None
        if not has_kind(page, parameter, value):
            return None
    return [value for _, value in given]


def _blanks(page: Page, start: int) -> int:
    text = page.source[start : page.end]
    return len(text) - len(text.lstrip())
