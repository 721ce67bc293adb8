"""The hidden tests and reference solutions of a dataset: only this module loads them.

The scorer and the auditor load them once an answer is frozen. The packages of the loop (`loop`,
`repair`, `selection`, `visible_tests`, `models`) must not import `agent.evaluation`; a contract
test enforces that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.datasets import public_fields
from agent.datasets.jsonl import program_field
from agent.datasets.records import source_of
from agent.errors import DatasetError
from agent.evaluation.evalplus.inputs import oracle_of
from agent.evaluation.hidden_parts import HiddenPart, cases, shown_and_other_asserts, whole_test
from agent.parsing.source import bound_names, compiles, parse, prelude
from agent.types import Problem, PythonName, Record, normalised

VIEWS: dict[str, Callable[[HiddenPart], bool]] = {
    "base": lambda part: part.is_base,
    "unseen": lambda part: not part.is_shown,
}
"""Groups of parts on which programs are judged, too: `base` without the tests that EvalPlus added,
`unseen` without those that the prompt shows."""


class HiddenTest(Record):
    """The benchmark's own test of one problem. No function of the loop accepts this type."""

    task_id: str
    parts: tuple[HiddenPart, ...]
    """A program passes if it passes all of them."""
    entry_point: PythonName
    prelude: str
    """The imports and helper functions that the prompt defines; the test may use them."""
    reference: str = ""
    """The benchmark's own solution, as a whole program; empty if it has none."""
    views: tuple[str, ...] = ()
    """Those of `VIEWS` that the test has."""
    oracle: str = ""
    """Function that compares values, if the reference solution gives them ..."""
    tolerance: float = 0.0
    """... with this absolute tolerance ..."""
    seconds: float = 0.0
    """... in this CPU time, comparison included: the limits of programs follow it."""

    @property
    def source(self) -> str:
        """The text of the test, of which no prompt may have a line."""
        return "\n".join(part.source or self._calls(part) for part in self.parts)

    def _calls(self, part: HiddenPart) -> str:
        calls = (", ".join(map(repr, call)) for call in part.calls(self.entry_point))
        return "\n".join(f"{self.entry_point}({arguments})" for arguments in calls)

    def seen(self, passed: Sequence[bool]) -> dict[str, bool]:
        """Return the verdict of each view; `passed` has one entry per part."""
        pairs = list(zip(self.parts, passed, strict=True))
        return {n: all(right for part, right in pairs if VIEWS[n](part)) for n in self.views}


def load_hidden(name: str) -> dict[str, HiddenTest]:
    """Return the hidden tests of a dataset by task id. Raises DatasetError for a broken record."""
    hidden: dict[str, HiddenTest] = {}
    for where, record in source_of(name).records():
        problem = public_fields(record, where)
        hidden[problem.task_id] = HiddenTest(
            task_id=problem.task_id,
            entry_point=problem.entry_point,
            prelude=prelude(problem.prompt),
            reference=_reference(record, problem, where),
            **_parts(record, problem, where),
        )
    return hidden


def _parts(record: Mapping[str, object], problem: Problem, where: str) -> dict[str, Any]:
    """Return the parts of the test and the fields that say how they are judged."""
    if "asserts" in record:
        parts = shown_and_other_asserts(record, problem)
        return {"parts": parts, "views": _views(parts, "unseen")}
    if "base_input" not in record:
        return {"parts": whole_test(record, problem, where)}
    tolerance, any_order = record.get("atol", 0), record.get("any_order", False)
    if not record.get("canonical_solution"):
        raise DatasetError(f"{where}: needs 'canonical_solution', which gives the expected values")
    if not isinstance(tolerance, (int, float)):
        raise DatasetError(f"{where}: 'atol' must be a number")
    if not isinstance(any_order, bool):
        raise DatasetError(f"{where}: 'any_order' must be true or false")
    parts = cases(record, problem, where)
    return {
        "parts": parts,
        "views": _views(parts, *(VIEWS if "plus_input" in record else ("unseen",))),
        "oracle": "same_items" if any_order else oracle_of(problem.task_id),
        "tolerance": tolerance,
    }


def _views(parts: Sequence[HiddenPart], *names: str) -> tuple[str, ...]:
    """Return the names of the views that have a part."""
    return tuple(name for name in names if any(map(VIEWS[name], parts)))


def _reference(record: Mapping[str, object], problem: Problem, where: str) -> str:
    """Return the reference solution as a program: the solution alone if it is whole, else both."""
    if record.get("canonical_solution") is None:
        return ""
    solution = program_field(record, "canonical_solution", where)
    if not solution.strip():
        return ""
    name = re.match(r"\w*", normalised(problem.entry_point))
    both, needed = problem.prompt + solution, name[0] if name else ""
    return solution if _defines(solution, needed) and not _defines(both, needed) else both


def _defines(program: str, name: str) -> bool:
    tree = parse(program) if compiles(program) else None
    return tree is not None and name in bound_names(tree)
