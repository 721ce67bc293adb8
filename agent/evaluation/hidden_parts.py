"""The parts of a problem's hidden test, from a record in one of the known formats.

Parts that the prompt shows stand apart, and so do tests that EvalPlus added to a benchmark's own.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from agent.datasets.jsonl import text_field
from agent.errors import DatasetError
from agent.evaluation.evalplus.cases import from_json, plain_json
from agent.evaluation.evalplus.inputs import python_inputs
from agent.parsing.source import bound_names, parse
from agent.types import Problem, Record
from agent.visible_tests.docstring.examples import docstring_examples


class HiddenPart(Record):
    """A test of its own: the whole hidden test of a problem, or a part of it."""

    source: str = ""
    """Python source that tests the entry point; empty until a reference has given the values."""
    inputs: str = ""
    """The arguments of each call, as JSON, if the reference solution gives the expected values."""
    expected: str = ""
    """These values, as JSON."""
    is_base: bool = True
    """False for tests that EvalPlus added to the benchmark's own."""
    is_shown: bool = False
    """Whether the prompt shows the tested calls, so that they are visible tests, too."""

    def calls(self, entry_point: str) -> list[list[Any]]:
        """Return the arguments of each tested call that has only literals."""
        if self.inputs:
            return list(from_json(json.loads(self.inputs)))
        tree = parse(self.source)
        return list(_literal_calls(tree, (entry_point, "candidate"))) if tree else []


def whole_test(record: Mapping[str, object], problem: Problem, where: str) -> list[HiddenPart]:
    """Return the test of HumanEval's format. Raises DatasetError if it defines no `check`."""
    test = text_field(record, "test", where)
    tree = parse(test)
    if (
        re.search(r"\bcheck\b", test) is None
        if tree is None  # the benefit of the doubt
        else bound_names(tree).isdisjoint({"check", "*"})
    ):
        raise DatasetError(f"{where}: 'test' must define check(candidate)")
    return [HiddenPart(source=f"{test}\ncheck({problem.entry_point})\n")]


def shown_and_other_asserts(record: Mapping[str, Any], problem: Problem) -> list[HiddenPart]:
    """Return the asserts that the prompt shows, and the others, of MBPP's format."""
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for test in record["asserts"]:
        kinds[test in problem.prompt].append(test)
    return [
        HiddenPart(source="\n".join([record["setup"], *tests]), is_shown=is_shown)
        for is_shown, tests in kinds.items()
        if tests
    ]


def cases(record: Mapping[str, Any], problem: Problem, where: str) -> list[HiddenPart]:
    """Return the calls of EvalPlus' format, without values: shown and other ones, base and added.

    Raises DatasetError if the inputs are not lists of arguments.
    """
    shown, parts = shown_calls(problem), []
    for field in ("base_input", "plus_input"):
        given = record.get(field) or []
        if not isinstance(given, list) or not all(isinstance(call, list) for call in given):
            raise DatasetError(f"{where}: {field!r} must be a list of lists of arguments")
        kinds: dict[bool, list[Any]] = {True: [], False: []}
        for call in python_inputs(problem.task_id, given):
            kinds[call in shown].append(call)
        is_base = field == "base_input"
        parts += [
            HiddenPart(inputs=json.dumps(plain_json(calls)), is_base=is_base, is_shown=is_shown)
            for is_shown, calls in kinds.items()
            if calls
        ]
    if not parts:
        raise DatasetError(f"{where}: 'base_input' has no inputs")
    return parts


def shown_calls(problem: Problem) -> list[list[Any]]:
    """Return the arguments of each docstring example whose arguments are literals."""
    examples = (ast.parse(example.call) for example in docstring_examples(problem))
    return [call for tree in examples for call in _literal_calls(tree, (problem.entry_point,))]


def _literal_calls(tree: ast.Module, names: tuple[str, ...]) -> Iterator[list[Any]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in names:
                with suppress(ValueError):
                    yield [ast.literal_eval(item) for item in node.args]
