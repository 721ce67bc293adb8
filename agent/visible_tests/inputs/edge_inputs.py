"""Edge inputs: calls like those of the examples, with an argument that is an edge case of its type.

Most mutants are as ordinary as the examples, so that candidates which pass the examples agree on
them. Edge inputs are empty, of one item, zero, negative, large, repeated, unsorted or in another
case, unless a property that all examples share forbids it. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.types import Problem
from agent.visible_tests.docstring.examples import docstring_examples
from agent.visible_tests.inputs.annotations import annotated_arguments
from agent.visible_tests.inputs.argument_paths import Arguments, seen_in
from agent.visible_tests.inputs.contract import Contract
from agent.visible_tests.inputs.edge_values import MAX_EDGES, edge_values
from agent.visible_tests.inputs.example_calls import call_text, formatted, known_arguments


def edge_inputs(problem: Problem, count: int) -> tuple[str, ...]:
    """Return up to `count` new calls with edge cases, always the same for the same prompt.

    Without examples they are made from the annotations of the parameters, if all have some.
    """
    name, examples = problem.entry_point, docstring_examples(problem)
    known = known_arguments(examples, name) if examples else annotated_arguments(problem)
    if not known or not count:
        return ()
    contract = Contract(known, seen_in(known))
    found = {formatted(call_text(name, arguments)) for arguments in known}
    new: list[str] = []
    for arguments in _with_edges(known):
        fitted = contract.fitted(arguments)
        call = formatted(call_text(name, fitted)) if contract.allows(fitted) else None
        if call is not None and call not in found:
            found.add(call)
            new.append(call)
        if len(new) == count:
            break
    return tuple(new)


def _with_edges(known: Sequence[Arguments]) -> Iterator[Arguments]:
    """Yield arguments of examples with an edge case of each argument alone, then of all.

    The examples take turns, so that the first calls differ in the edge case and in the rest.
    """
    edges = [{key: edge_values(value) for key, value in each.items()} for each in known]
    for first in range(len(known)):
        for number in range(MAX_EDGES):
            turn = (first + number) % len(known)
            changed = {k: values[number] for k, values in edges[turn].items() if values[number:]}
            yield from ({**known[turn], key: value} for key, value in changed.items())
            yield {**known[turn], **changed}
