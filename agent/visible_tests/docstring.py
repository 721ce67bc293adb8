"""Docstring examples as visible tests.

A form is one reader in `_READERS`: it takes a page and yields examples. The readers run in order,
and what stands where an earlier one has read is not read again. Nothing here runs a program; what
is ambiguous, or contradicts itself, is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from agent.parsing.source import expression, is_builtin, unparse
from agent.types import Problem, VisibleTest
from agent.visible_tests.doctests import read_doctests
from agent.visible_tests.equations import read_equations
from agent.visible_tests.inputs import read_assignments, read_blocks, read_sentences
from agent.visible_tests.literals import evaluate
from agent.visible_tests.loose import read_renamed, read_unquoted
from agent.visible_tests.page import Example, Page, open_page, overlaps

__all__ = ["Example", "docstring_examples", "docstring_tests"]

_READERS: tuple[Callable[[Page], Iterator[Example]], ...] = (
    read_doctests,
    read_sentences,
    read_blocks,
    read_equations,
    read_assignments,
)
_LOOSE: tuple[Callable[[Page], Iterator[Example]], ...] = (read_unquoted, read_renamed)
"""Asked in turn, and only where nothing else was found."""


def docstring_examples(problem: Problem) -> tuple[Example, ...]:
    """The examples of a prompt, in its order. Never raises; a prompt without any gives none."""
    page = open_page(problem)
    if page is None:
        return ()
    found = _read(page, _READERS)
    for reader in _LOOSE:
        found = found or _read(page, (reader,))
    found = _without_terms(page, sorted(found, key=lambda example: example.span))
    return tuple(_consistent(_distinct(_tuples_of_one(found))))


def docstring_tests(problem: Problem) -> tuple[VisibleTest, ...]:
    """The examples as tests; an example that cannot be written as one is left out."""
    tests = []
    for example in docstring_examples(problem):
        source = _test_source(example)
        if source is not None:
            tests.append(
                VisibleTest(source=source, origin="docstring", form=example.form, span=example.span)
            )
    return tuple(tests)


def _read(page: Page, readers: tuple[Callable[[Page], Iterator[Example]], ...]) -> list[Example]:
    found: list[Example] = []
    for reader in readers:
        taken = [example.span for example in found]
        found += [example for example in reader(page) if not overlaps(example.span, taken)]
    return found


def _test_source(example: Example) -> str | None:
    setup = f"{example.setup}\n" if example.setup else ""
    if example.raises is not None:
        return setup + _raising(example.call, example.raises)
    call, expected = expression(example.call), expression(example.expected or "")
    if call is None or expected is None:
        return None
    check = unparse(ast.Assert(ast.Compare(call, [ast.Eq()], [expected]), None))
    return None if check is None else setup + check


def _raising(call: str, name: str) -> str:
    known = is_builtin(name)
    return "\n".join(
        (
            "try:",
            f"    {call}",
            f"except {name if known else 'Exception as error'}:",
            "    pass" if known else f"    assert type(error).__name__ == {name!r}",
            "else:",
            f"    raise AssertionError('{name} was not raised')",
        )
    )


def _without_terms(page: Page, examples: list[Example]) -> list[Example]:
    """Leaves out the terms of a sequence that is not what the function returns.

    Where a recurrence is written as equations of the function itself, `f(0) = 1` may speak of a
    term while the function returns all of them: such lines are of another type than the last
    example.
    """
    name = re.escape(page.entry_point)
    recurrence = rf"(?m)^[ \t]*{name}\([^\W\d]\w*\)[^\n]*=[^\n]*\b{name}\("
    if not examples or re.search(recurrence, page.text) is None:
        return examples
    last = _is_container(examples[-1])
    return [example for example in examples if _is_container(example) == last]


def _is_container(example: Example) -> bool:
    return (example.expected or "").startswith(("[", "(", "{"))


def _tuples_of_one(examples: list[Example]) -> list[Example]:
    """`("a")` among examples whose values are all tuples is `("a",)`."""
    odd = [example for example in examples if _bracketed(example)]
    rest = [example for example in examples if not _bracketed(example)]
    if not odd or not rest or not all(_is_tuple(example) for example in rest):
        return examples
    return [
        example.model_copy(
            update={"expected": f"{(example.expected or '')[:-1]},)", "confidence": 0.7}
        )
        if _bracketed(example)
        else example
        for example in examples
    ]


def _bracketed(example: Example) -> bool:
    node = expression(example.expected or "")
    return isinstance(node, ast.Constant) and (example.expected or "").startswith("(")


def _is_tuple(example: Example) -> bool:
    return isinstance(expression(example.expected or ""), ast.Tuple)


def _distinct(examples: list[Example]) -> list[Example]:
    """Each call and value once: the reading that is the surest, in the place of the first."""
    best: dict[tuple[str, ...], Example] = {}
    for example in examples:
        key = (_call_key(example), _value_key(example))
        if key not in best or best[key].confidence < example.confidence:
            best[key] = example
    return list(best.values())


def _consistent(examples: list[Example]) -> Iterator[Example]:
    """Leaves out a call that is said to give two values: neither can be told to be meant."""
    said: dict[str, int] = {}
    for example in examples:
        said[_call_key(example)] = said.get(_call_key(example), 0) + 1
    yield from (example for example in examples if said[_call_key(example)] == 1)


def _call_key(example: Example) -> str:
    node = expression(example.call)
    return f"{example.setup}\n{(node and unparse(node)) or example.call}"


def _value_key(example: Example) -> str:
    if example.expected is None:
        return f"raises {example.raises}"
    try:
        return repr(evaluate(example.expected))
    except ValueError:
        return example.expected
