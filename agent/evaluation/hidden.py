"""The hidden tests and reference solutions of a dataset: only this module loads them.

The scorer and the auditor load them once an answer is frozen. The packages of the loop (`loop`,
`repair`, `selection`, `visible_tests`, `models`) must not import `agent.evaluation`; a contract
test enforces that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.datasets.jsonl import program_field, text_field
from agent.datasets.records import source_of
from agent.errors import DatasetError
from agent.parsing.source import bound_names, compiles, parse, prelude
from agent.types import PythonName, Record, normalised


class HiddenTest(Record):
    """The benchmark's own test of one problem. No function of the loop accepts this type."""

    task_id: str
    source: str
    """Python source that tests the entry point."""
    entry_point: PythonName
    prelude: str
    """The imports and helper functions that the prompt defines; the test may use them."""
    reference: str = ""
    """The benchmark's own solution, as a whole program; empty if it has none."""


def load_hidden(name: str) -> dict[str, HiddenTest]:
    """Return the hidden tests of a dataset by task id. Raises DatasetError for a broken record."""
    hidden: dict[str, HiddenTest] = {}
    for where, record in source_of(name).records():
        task_id = text_field(record, "task_id", where)
        test = text_field(record, "test", where)
        entry_point = text_field(record, "entry_point", where)
        prompt = text_field(record, "prompt", where)
        if not _defines_check(test):
            raise DatasetError(f"{where}: 'test' must define check(candidate)")
        hidden[task_id] = HiddenTest(
            task_id=task_id,
            source=f"{test}\ncheck({entry_point})\n",
            entry_point=entry_point,
            prelude=prelude(prompt),
            reference=_reference(record, prompt, entry_point, where),
        )
    return hidden


def _defines_check(test: str) -> bool:
    """Whether a test defines `check`, as far as its source shows: the benefit of the doubt."""
    tree = parse(test)
    if tree is None:
        return re.search(r"\bcheck\b", test) is not None
    return not bound_names(tree).isdisjoint({"check", "*"})


def _reference(record: Mapping[str, object], prompt: str, entry_point: str, where: str) -> str:
    """Return the reference solution as a program: the solution alone if it is whole, else both."""
    if record.get("canonical_solution") is None:
        return ""
    solution = program_field(record, "canonical_solution", where)
    if not solution.strip():
        return ""
    name = re.match(r"\w*", normalised(entry_point))
    both, needed = prompt + solution, name[0] if name else ""
    return solution if _defines(solution, needed) and not _defines(both, needed) else both


def _defines(program: str, name: str) -> bool:
    tree = parse(program) if compiles(program) else None
    return tree is not None and name in bound_names(tree)
