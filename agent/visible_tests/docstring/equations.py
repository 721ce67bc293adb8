"""Reader of `f(x) == y` in prose, with any sign or verb that means equality."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import expression, is_builtin, unparse
from agent.visible_tests.docstring.page import DocstringExample, Page, calls, plain_call
from agent.visible_tests.docstring.wording import HEDGE, is_hedged
from agent.visible_tests.literals import Value, balanced_end, evaluate

_SIGN = re.compile(
    r"[\s]{0,2}[ \t]*(?P<comment>\#[ \t]*)?"
    r"(?P<sign>==>|=>|-+>|➞|→|⇒|⟶|⟹|↦|==|=(?!=)"
    r"|(?:[Ee]xpected\s+)?(?:[Oo]utput|[Rr]eturns|[Rr]esult|[Ee]xpected|[Aa]nswer)[ \t]*:"
    r"|(?:should|must|will|would)\s+(?:return|be|give|output|equal|yield|produce|evaluate\s+to)\b"
    r"|(?:returns?|outputs?|gives?|yields?|equals?|produces|results\s+in|is\s+equal\s+to"
    r"|evaluates\s+to|is)\b|:(?=[ \t]+\S))?"
)
_CLOSED = re.compile(
    rf"""[ \t]*(?:$|\n(?!\s*or\b)|(?:\#|//)(?!\s*or\b|[^\n]*{HEDGE})"""
    rf"""|\((?![^)\n]*(?:\b(?:or|any|either)\b|{HEDGE}))|(?<!\d)!(?=\s|$)|[.;](?=\s|$)|[`)|\]]"""
    r"""|(?:because|since|as|[Ee]xplanation|[Nn]ote|[Rr]eason)\b)""",
)
_LINK = re.compile(r"\s*(?:=>\s*)?(?:result\s*)?==?(?![=>])")
"""The sign between equal values of a chain: `1 + 2 = 3`, `result = 1 + 2`, `=> result = 3`."""
_NEXT = re.compile(r"[ \t]*(?:,?\s*(?:and|but|while|whereas)|,)\s+")
_PROSE = re.compile(r"(?!(?:True|False|None|true|false|null|or|if)\b)[A-Za-z]+(?=[\s,.;!]|$)")
_BULLET = re.compile(r"\s*(?:[-*+•][ \t]+|\d+[.)][ \t]+|>[ \t]+)?")
_FORMER = re.compile(
    r"\b(?:FIXME|BUG|XXX|bug|wrong(?:ly)?|incorrect(?:ly)?|used\s+to|previously|formerly|no\s+longer"
    r"|instead\s+of|versionchanged|deprecated)\b"
)
"""Words before an example that is not, or no longer, right."""
_EXACT = frozenset({"==", "=>", "==>", "->", "➞", "→", "⇒"})


class Claim(NamedTuple):
    """A call and the value that the text states for it."""

    call: str
    value: Value
    form: str
    span: tuple[int, int]


def read_equations(page: Page) -> Iterator[DocstringExample]:
    """Yield the examples that call the entry point by its name."""
    for claim in claims(page, page.entry_point):
        yield DocstringExample(
            call=claim.call,
            expected=claim.value.source,
            form=claim.form,
            span=claim.span,
            confidence=0.95 if claim.form in _EXACT else 0.9,
        )


def claims(page: Page, name: str) -> Iterator[Claim]:
    """Yield the claims that a text makes about calls of a function, except ambiguous ones."""
    for inner_start, inner_end in calls(page, name):
        start, end = _with_builtin(page, inner_start, inner_end)
        call = _call(page, (start, end), (inner_start, inner_end))
        if call is None or _is_negated(page, start):
            continue
        form, after = _sign(page, start, end)
        if form is None:
            continue
        value = read_claim(page, after, name)
        if value is not None:
            yield Claim(call, value, form, (start, value.end))


def read_claim(page: Page, start: int, name: str) -> Value | None:
    """Return the value that ends a sentence, or the last of a chain of equal values.

    None if the text goes on in a way that may change the meaning of the sentence.
    """
    value = _read(page, start)
    while value is not None and (link := _link(page, value.end)) is not None:
        following = _read(page, link)
        if following is None or not _are_equal(value.source, following.source):
            return None
        value = following
    return value if value is None or is_complete(page, value.end, name) else None


def _read(page: Page, start: int) -> Value | None:
    value = _twice_opened(page, start)
    return value or page.value_at(start)


def _twice_opened(page: Page, start: int) -> Value | None:
    """Return `"word"` for `""word"` at the end of a line."""
    match = re.compile(r'[ \t]*"("[^"\n]+")[ \t]*$', re.MULTILINE).match(
        page.source, start, page.end
    )
    return Value(match[1], match.start(1) - 1, match.end(1)) if match else None


def _link(page: Page, position: int) -> int | None:
    match = _LINK.match(page.source, position, page.end)
    return match.end() if match else None


def _are_equal(left: str, right: str) -> bool:
    """Whether two values of a chain are equal; True if one of them cannot be evaluated."""
    try:
        return evaluate(left) == evaluate(right)
    except ValueError:
        return True


def is_complete(page: Page, position: int, name: str) -> bool:
    """Whether the claim ends here: at the end of a line or sentence, or before an explanation."""
    if _CLOSED.match(page.source[: page.end], position):
        return True
    match = _NEXT.match(page.source, position, page.end)
    if match is None:
        return False
    rest = page.source[match.end() : page.end]
    prose = _PROSE.match(rest) is not None and not is_hedged(rest.partition("\n")[0])
    return prose or rest.startswith(f"{name}(")


def _sign(page: Page, start: int, end: int) -> tuple[str | None, int]:
    """Return the sign after a call, and its end offset; (None, end) if there is no sign."""
    match = _SIGN.match(page.source, end, page.end)
    if match is None:
        return None, end
    sign = " ".join((match["sign"] or "").split())
    if match["comment"]:
        return f"# {sign}".strip(), match.end()
    line = page.source[page.source.rfind("\n", 0, start) + 1 : start]
    if not sign and line.strip() == ">>>":
        return ">>> f(x) y", end
    if sign == ":" and not _BULLET.fullmatch(line):
        return None, end
    return sign or None, match.end()


def _is_negated(page: Page, start: int) -> bool:
    """Whether the text before a call negates it, or makes it part of a larger expression."""
    line = page.source[page.source.rfind("\n", 0, start) + 1 : start]
    if _FORMER.search(line):
        return True
    return re.search(r"\b(?:not|never|n't|unless)\s+$|[-+*/%<>!]=?\s*$", line) is not None and (
        line.strip() not in {"-", "*", "+", ">>>", "->", ">"}
    )


def _with_builtin(page: Page, start: int, end: int) -> tuple[int, int]:
    """Return the span of `g(f(x), ...)` if `f(x)` is the first argument of a builtin `g`."""
    match = re.search(r"(?<![\w.])([A-Za-z_]\w*)\($", page.source[page.start : start])
    if match is None or not is_builtin(match[1]):
        return start, end
    outer = balanced_end(page.source, start - 1, page.end)
    return (start - len(match[0]), outer) if outer else (start, end)


def _call(page: Page, outer: tuple[int, int], inner: tuple[int, int]) -> str | None:
    """Return the source of a call on values, with the builtin call around it, if any."""
    call = plain_call(page, *inner)
    if call is None or outer == inner:
        return call
    if page.source[slice(*outer)] == f"print({page.source[slice(*inner)]})":
        return call  # the value is what print shows, not its result
    rest = plain_call(
        page._replace(source=_masked(page.source, inner)), *outer
    )  # the other arguments must be values too
    return None if rest is None else page.source[slice(*outer)]


def _masked(source: str, span: tuple[int, int]) -> str:
    return source[: span[0]] + "0".ljust(span[1] - span[0]) + source[span[1] :]


def spelled_with(call: str, name: str) -> str | None:
    """Return the same call, with `name` as the function."""
    node = expression(call)
    if not isinstance(node, ast.Call):
        return None
    return unparse(ast.Call(func=ast.Name(id=name), args=node.args, keywords=node.keywords))
