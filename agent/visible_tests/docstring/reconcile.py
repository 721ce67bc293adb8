"""Reconciliation of the examples that the readers found: normalise, deduplicate, discard.

An example that the prompt states twice is kept once. Examples that contradict each other, that the
prompt leaves open, or that are about something other than the function are discarded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from agent.parsing.source import expression, parse, unparse
from agent.visible_tests.docstring.ambiguity import is_left_open
from agent.visible_tests.docstring.callee import as_called
from agent.visible_tests.docstring.page import DocstringExample, Page
from agent.visible_tests.docstring.prompt_names import names_defined
from agent.visible_tests.docstring.sections import describing
from agent.visible_tests.literals import evaluate
from agent.visible_tests.names import bound_by
from agent.visible_tests.standard_values import with_imports


def reconcile(
    pages: Sequence[Page], found: Sequence[list[DocstringExample]]
) -> tuple[DocstringExample, ...]:
    """Return the examples to keep, in the order of the prompt; `found` has a list per page."""
    examples = [
        _imported(page, example)
        for page, examples in zip(pages, found, strict=True)
        for example in _with_callee(page, _of_page(page, examples))
    ]
    kept = _consistent(_distinct(sorted(examples, key=lambda example: example.span)))
    return tuple(
        example for example in kept if not any(is_left_open(page, example) for page in pages)
    )


def _of_page(page: Page, examples: list[DocstringExample]) -> list[DocstringExample]:
    examples = _without_terms(page, sorted(examples, key=lambda example: example.span))
    return _outside_sections(describing(page), _tuples_of_one(examples))


def _imported(page: Page, example: DocstringExample) -> DocstringExample:
    """Return the example with the imports that its standard values need."""
    bound = {**page.known, **names_defined(example.setup).origins}
    needed: set[tuple[str, str]] = set()
    changes: dict[str, str] = {}
    for field in ("call", "expected"):
        node = expression(getattr(example, field) or "")
        if node is not None:
            spelled, imports = with_imports(node, bound)
            needed |= imports
            if imports:
                changes[field] = unparse(spelled) or ""
    lines = [f"from {home} import {name}" if name else f"import {home}" for home, name in needed]
    setup = "\n".join(filter(None, [*sorted(lines), example.setup]))
    return example.model_copy(update={**changes, "setup": setup})


def _with_callee(page: Page, examples: list[DocstringExample]) -> list[DocstringExample]:
    """Return the examples with the entry point called as tests must call it."""
    return [
        example.model_copy(
            update={"call": as_called(example.call, page.callee, _names_bound(example.setup))}
        )
        for example in examples
    ]


def _names_bound(setup: str) -> frozenset[str]:
    tree = parse(setup)
    return frozenset(bound_by(tree)) if tree else frozenset()


def _outside_sections(
    sections: list[tuple[int, int]], examples: list[DocstringExample]
) -> list[DocstringExample]:
    """Return the examples outside all sections, and all interactive sessions and asserts."""
    return [
        example
        for example in examples
        if example.form.startswith((">>>", "assert"))
        or not any(start <= example.span[0] < end for start, end in sections)
    ]


def _without_terms(page: Page, examples: list[DocstringExample]) -> list[DocstringExample]:
    """Leave out single terms of a sequence if the function returns the whole sequence.

    If the docstring writes a recurrence as equations of the function itself, `f(0) = 1` may state
    one term while the function returns all terms. Such equations have a value of another type
    (container or not) than the last example.
    """
    name = re.escape(page.entry_point)
    recurrence = rf"(?m)^[ \t]*{name}\([^\W\d]\w*\)[^\n]*=[^\n]*\b{name}\("
    if not examples or re.search(recurrence, page.text) is None:
        return examples
    last = _is_container(examples[-1])
    return [example for example in examples if _is_container(example) == last]


def _is_container(example: DocstringExample) -> bool:
    return (example.expected or "").startswith(("[", "(", "{"))


def _tuples_of_one(examples: list[DocstringExample]) -> list[DocstringExample]:
    """Turn `("a")` into `("a",)` if the values of all other examples are tuples."""
    bracketed = [example for example in examples if _is_bracketed(example)]
    rest = [example for example in examples if not _is_bracketed(example)]
    if not bracketed or not rest or not all(_is_tuple(example) for example in rest):
        return examples
    return [
        example.model_copy(
            update={"expected": f"{(example.expected or '')[:-1]},)", "confidence": 0.7}
        )
        if _is_bracketed(example)
        else example
        for example in examples
    ]


def _is_bracketed(example: DocstringExample) -> bool:
    node = expression(example.expected or "")
    return isinstance(node, ast.Constant) and (example.expected or "").startswith("(")


def _is_tuple(example: DocstringExample) -> bool:
    return isinstance(expression(example.expected or ""), ast.Tuple)


def _distinct(examples: list[DocstringExample]) -> list[DocstringExample]:
    """Keep each call and value once: the most confident reading, in the position of the first."""
    best: dict[tuple[str, ...], DocstringExample] = {}
    for example in examples:
        key = (_call_key(example), _value_key(example))
        if key not in best or best[key].confidence < example.confidence:
            best[key] = example
    return list(best.values())


def _consistent(examples: list[DocstringExample]) -> Iterator[DocstringExample]:
    """Leave out calls with two different values: it is unknown which value is meant."""
    counts: dict[str, int] = {}
    for example in examples:
        counts[_call_key(example)] = counts.get(_call_key(example), 0) + 1
    yield from (example for example in examples if counts[_call_key(example)] == 1)


def _call_key(example: DocstringExample) -> str:
    node = expression(example.call)
    return f"{example.setup}\n{(node and unparse(node)) or example.call}"


def _value_key(example: DocstringExample) -> str:
    if example.expected is None:
        return f"raises {example.raises}"
    try:
        return repr(evaluate(example.expected))
    except ValueError:
        node = expression(example.expected)
        return (node and unparse(node)) or example.expected
