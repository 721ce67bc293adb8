"""Docstring examples, as examples and as visible tests.

Each notation has one reader in `_READERS`, which takes a page and yields examples. The readers run
in order; an example that overlaps one of an earlier reader is dropped. No program is executed.
Ambiguous and contradictory examples are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache

from agent.parsing.source import expression, parse, unparse
from agent.types import Problem, VisibleTest
from agent.visible_tests.docstring.arrows import read_arrows
from agent.visible_tests.docstring.asserts import read_asserts
from agent.visible_tests.docstring.call_over_value import read_call_over_value
from agent.visible_tests.docstring.doctests import read_doctests
from agent.visible_tests.docstring.equations import read_equations
from agent.visible_tests.docstring.example_tables import read_tables
from agent.visible_tests.docstring.input_output import read_assignments, read_blocks, read_sentences
from agent.visible_tests.docstring.misspelled import read_renamed, read_unquoted
from agent.visible_tests.docstring.page import DocstringExample, Page, open_pages, overlaps
from agent.visible_tests.docstring.prose import read_prose
from agent.visible_tests.docstring.reconcile import reconcile
from agent.visible_tests.docstring.sessions import session_spans
from agent.visible_tests.names import names_of
from agent.visible_tests.raising import raising_source

__all__ = ["DocstringExample", "docstring_examples", "docstring_tests"]

_READERS: tuple[Callable[[Page], Iterator[DocstringExample]], ...] = (
    read_doctests,
    read_asserts,
    read_sentences,
    read_blocks,
    read_equations,
    read_assignments,
    read_call_over_value,
    read_tables,
    read_arrows,
    read_prose,
)
_FALLBACK_READERS: tuple[Callable[[Page], Iterator[DocstringExample]], ...] = (
    read_unquoted,
    read_renamed,
)
"""Fallback readers: each runs only if all readers before it found nothing."""


@lru_cache(maxsize=1024)  # both the tests and the inputs need them
def docstring_examples(problem: Problem) -> tuple[DocstringExample, ...]:
    """Return the examples of a prompt in textual order, or () if it has none. Never raises."""
    pages = open_pages(problem)
    found = [_read(page, _READERS) for page in pages]
    for reader in _FALLBACK_READERS:
        if not any(found):
            found = [_read(page, (reader,)) for page in pages if page.parameters]
    return reconcile(pages, found) if any(found) else ()


def docstring_tests(problem: Problem) -> tuple[VisibleTest, ...]:
    """Return the examples as tests, except those that cannot be written as a test.

    Examples that call a method are left out too: the loop drafts and tests functions only.
    """
    tests = []
    for example in docstring_examples(problem):
        source = _test_source(example)
        if source is not None and _reads_name(source, problem.entry_point):
            tests.append(
                VisibleTest(source=source, origin="docstring", form=example.form, span=example.span)
            )
    return tuple(tests)


def _reads_name(source: str, name: str) -> bool:
    """Whether a source reads a name itself, not only an attribute of that name."""
    tree = parse(source)
    return tree is not None and name in names_of(tree)


def _read(
    page: Page, readers: tuple[Callable[[Page], Iterator[DocstringExample]], ...]
) -> list[DocstringExample]:
    found: list[DocstringExample] = []
    for reader in readers:
        taken = [example.span for example in found]
        if reader is not read_doctests:
            taken += session_spans(page)
        found += [example for example in reader(page) if not overlaps(example.span, taken)]
    return found


def _test_source(example: DocstringExample) -> str | None:
    setup = f"{example.setup}\n" if example.setup else ""
    if example.raises is not None:
        return setup + raising_source(example.call, example.raises)
    call, expected = expression(example.call), expression(example.expected or "")
    if call is None or expected is None:
        return None
    check = unparse(ast.Assert(ast.Compare(call, [ast.Eq()], [expected]), None))
    return None if check is None else setup + check
