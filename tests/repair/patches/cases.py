"""Programs with small faults, and the problems that they fail."""

from __future__ import annotations

import ast

from agent.repair.patches.material import Material, make_material
from agent.repair.patches.program import EditableProgram, read_program
from agent.types import Candidate, Matrix, Problem, Row
from agent.visible_tests.docstring.examples import docstring_tests
from agent.visible_tests.executor import Executor
from sandbox.base import Sandbox
from sandbox.types import Limits

PROMPT = '''def tally(values, least):
    """Return the number of values of at least `least`.

    >>> tally([1, 5, 9], 5)
    2
    >>> tally([], 5)
    0
    >>> tally([7, 7], 8)
    0
    """
'''
TALLY = Problem(task_id="Own/tally", prompt=PROMPT, entry_point="tally")
RIGHT = "def tally(values, least):\n    return len([v for v in values if v >= least])\n"
NEAR = "def tally(values, least):\n    return len([v for v in values if v > least])\n"


def read(source: str, problem: Problem = TALLY, number: int = 0) -> EditableProgram:
    program = read_program(number, source, problem)
    assert program is not None
    return program


def material(*donors: EditableProgram, problem: Problem = TALLY) -> Material:
    sources = tuple(test.source for test in docstring_tests(problem))
    return make_material(problem, sources, donors)


def normal(source: str) -> str:
    return ast.unparse(ast.parse(source))


def limited(box: Sandbox, problem: Problem = TALLY) -> Executor:
    return Executor(problem, box, Limits(cpu_seconds=1.0, budget_seconds=3.0))


async def matrix_of(box: Sandbox, *sources: str, problem: Problem = TALLY) -> Matrix:
    """Return drafts with their outcomes on the docstring's examples."""
    drafts = tuple(Candidate(id=i, source=source) for i, source in enumerate(sources))
    tests = docstring_tests(problem)
    outcomes = await limited(box, problem).run(sources, [t.source for t in tests], tuple)
    rows = tuple(Row(candidate=draft.id, outcomes=outcomes[draft.source]) for draft in drafts)
    return Matrix(drafts, tests, rows)
