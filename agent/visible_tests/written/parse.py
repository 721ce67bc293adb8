"""Parser of the tests in a model's answer, which may be any text.

Each line that begins a statement is read on its own, so that prose, broken code and a cut-off end
do not affect it. Nothing is executed: previously bound values are substituted into the assert, and
loops and `parametrize` over literal rows are unrolled. All other code of a test is ignored.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from agent.parsing.fences import fenced_blocks
from agent.parsing.marks import without_thinking
from agent.parsing.source import expression, is_shallow, unparse
from agent.types import VisibleTest, normalised
from agent.visible_tests.literals import is_value
from agent.visible_tests.names import names_of
from agent.visible_tests.raising import raising_source
from agent.visible_tests.written.checks import Assertion
from agent.visible_tests.written.loose_statements import LONGEST, statements
from agent.visible_tests.written.purity import is_checkable
from agent.visible_tests.written.reader import Reader

LIMIT = 8
"""Default maximum number of tests per answer."""

_QUOTED = re.compile(r'(?<=[\[,\s])("assert\b(?:\\.|[^"\\\n])*"|\'assert\b(?:\\.|[^\'\\\n])*\')')
_PROMPTED = re.compile(r"^[ \t]*>>>[ \t]*(?P<call>[^\n]+)\n[ \t]*(?P<value>[^\n>]+)$", re.MULTILINE)


def parse_tests(
    text: str,
    entry_point: str,
    limit: int = LIMIT,
    continues: str = "",
    known: Collection[str] = (),
) -> tuple[VisibleTest, ...]:
    """Return the first tests of the entry point in a model's answer, merged. Never raises.

    `continues` is the beginning that the text completes: `assert ` if the model was asked to
    complete an assert. `limit` counts tests before merging: a repeated test counts again, and adds
    to the test's `count`. `known` are names that the prompt defines, which tests may use too.
    """
    answer = without_thinking(text)
    whole = (continues + answer).partition("\n```")[0] if continues else answer
    blocks = () if continues else fenced_blocks(answer)
    for form in (_as_written, _quoted, _prompted):
        for texts in (blocks, (whole,)):
            checks = (check for part in texts for check in _checks(form(part), entry_point, known))
            tests = (_test(check, entry_point, known) for check in checks)
            found = tuple(islice((test for test in tests if test is not None), max(limit, 0)))
            if found:
                return merge(found)
    return ()


def merge(tests: Iterable[VisibleTest]) -> tuple[VisibleTest, ...]:
    """Merge equal tests, in the order of first appearance, and add up their counts.

    A docstring example that the model generated too keeps the origin `docstring`.
    """
    merged: dict[str, VisibleTest] = {}
    for test in tests:
        same = merged.get(test.source)
        if same is None:
            merged[test.source] = test
            continue
        kept = test if test.origin == "docstring" and same.origin != "docstring" else same
        merged[test.source] = kept.model_copy(update={"count": same.count + test.count})
    return tuple(merged.values())


def _as_written(text: str) -> str:
    return text


def _quoted(text: str) -> str:
    """Return the asserts that are items of a JSON or Python list of strings, one per line."""
    items = (expression(match[1]) for match in _QUOTED.finditer(text))
    return "\n".join(str(item.value) for item in items if isinstance(item, ast.Constant))


def _prompted(text: str) -> str:
    """Return calls after `>>>` with a value on the next line as asserts, one per line."""
    found = ((expression(match["call"]), match) for match in _PROMPTED.finditer(text))
    return "\n".join(
        f"assert {match['call']} == {match['value']}"
        for call, match in found
        if isinstance(call, ast.Call) and (value := expression(match["value"])) and is_value(value)
    )


def _checks(text: str, entry_point: str, known: Collection[str]) -> Iterator[Assertion]:
    if entry_point not in normalised(text) and "candidate" not in text:
        return
    reader = Reader(entry_point, known)
    for indent, source in statements(text):
        yield from reader.read(indent, source)


def _test(check: Assertion, entry_point: str, known: Collection[str]) -> VisibleTest | None:
    """Return an assertion as a test in normal form; None if it is trivial or not allowed."""
    if not is_shallow(check.expression) or not is_checkable(check.expression, entry_point, known):
        return None
    if check.raises is None:
        source = unparse(ast.Assert(check.expression, None))
    else:
        call = unparse(check.expression)
        source = None if call is None else raising_source(call, check.raises)
    if source is None or len(source) > LONGEST:
        return None
    setup = "import math\n" if "math" in names_of(check.expression) - set(known) else ""
    form = "assert" if check.raises is None else "raises"
    return VisibleTest(source=setup + source, origin="generated", form=form)
