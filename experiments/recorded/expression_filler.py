"""The synthesiser as a filler of one located expression: which value there makes the examples pass?

DATA is the folder of recorded sets. For each problem that has no passing draft, each `return` of a
failing draft is watched: if it is the last statement in the examples that fail, its expression has
to give the expected values from the variables that it sees. The synthesiser searches for such an
expression, without conditions. The command prints how many of these problems have a filled program
that passes all examples, how many of those no patch mends, how many fillings the hidden tests
accept, and the CPU time of the search.
"""

from __future__ import annotations

import ast
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from agent.answers.programs import as_drafts
from agent.config import RunConfig
from agent.evaluation.scoring import Scorer
from agent.loop.steps import read_inputs
from agent.repair.patches.patch_search import (
    FEWEST_EXAMPLES,
    binding,
    editable,
    is_passed,
    search,
)
from agent.repair.patches.program import EditableProgram, Slot
from agent.runner.patching import drafts_matrix
from agent.support.command import command
from agent.support.options import CommandParser
from agent.synthesiser.reading import read
from agent.synthesiser.search import synthesise
from agent.synthesiser.writing import program as written
from agent.types import Candidate, Message, Problem
from agent.visible_tests.docstring.examples import docstring_examples
from agent.visible_tests.executor import Executor
from agent.visible_tests.literals import evaluate
from experiments.recorded.patches import SETS, DraftSet
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import Outcome

NAME = "experiments.recorded.expression_filler"
BUDGET = 4_000
"""Number of expressions that the synthesiser tries for a place."""
MARK = "watched here"
_LIMITS = {"evidence_chars": 4_000}
Table = list[tuple[dict[str, object], object]]
"""Variables at a place and the value that is expected there, for each example."""


def returns(program: EditableProgram) -> Iterator[Slot]:
    """Yield the values that the entry point returns."""
    yield from (s for s in program.slots if s.is_returned and s.function is program.entry)


def watching(program: EditableProgram, slot: Slot) -> str | None:
    """Return the program with a return that gives the variables instead of its value."""
    seen = ast.parse(f"({MARK!r}, dict(locals()))", mode="eval").body
    return program.edited(slot.edit("watch", seen))


def table(outcomes: Sequence[Outcome], expected: Sequence[object]) -> Table:
    """Return the variables seen in the examples that end at the watched place."""
    found: Table = []
    for outcome, value in zip(outcomes, expected, strict=True):
        try:
            seen = evaluate(outcome.actual) if outcome.passed else None
        except ValueError:
            continue
        if isinstance(seen, tuple) and len(seen) == 2 and seen[0] == MARK:
            found.append((seen[1], value))
    return found


def filled(program: EditableProgram, slot: Slot, rows: Table) -> str | None:
    """Return the program with an expression that gives the expected values; None if none is found.

    The expression is that of a function of the variables, which stands before the program.
    """
    names = sorted(set.intersection(*(set(seen) for seen, _ in rows)))
    calls = "".join(
        f"    >>> filled({', '.join(repr(seen[name]) for name in names)})\n    {value!r}\n"
        for seen, value in rows
    )
    stub = f'def filled({", ".join(names)}):\n    """Return the value.\n\n{calls}    """\n'
    task = read([Message(role="user", content=f"```python\n{stub}```")])
    if task is None or len(task.examples) < len({repr(row) for row in rows}):
        return None
    for solution in synthesise(task, task.examples, BUDGET):
        if solution.met >= len(task.examples) and not solution.body.guards:
            call = ast.parse(f"filled({', '.join(names)})", mode="eval").body
            text = program.edited(slot.edit("fill", call))
            return f"{written(task, solution.body)}\n\n{text}"
    return None


class Filling(NamedTuple):
    """The result for a problem without a passing draft."""

    text: str | None
    """The filled program that passes all examples, if there is one."""
    examples: int
    patched: bool
    seconds: float
    right: bool = False
    """Whether the hidden tests accept it."""


async def fill(
    problem: Problem, programs: Sequence[str], sandbox: Sandbox, config: RunConfig
) -> Filling | None:
    """Return the filling of a problem; None if a draft passes, or if there is no example."""
    settings = config.sandbox
    executor = Executor(problem, sandbox, settings.visible_limits(), settings.isolation)
    watcher = replace(executor, limits=replace(executor.limits, **_LIMITS))
    matrix = await drafts_matrix(executor, as_drafts(programs))
    tests = binding(matrix)
    if not tests or is_passed(matrix, tests):
        return None
    inputs = read_inputs(problem, (), config).general
    patched = (await search(executor, matrix, 0, inputs, tests=tests)).patches
    examples = [one for one in docstring_examples(problem) if one.raises is None and not one.setup]
    calls, start = tuple(one.call for one in examples), time.process_time()
    passing: str | None = None
    expected = [evaluate(one.expected or "") for one in examples]
    passed = {row.candidate: sum(row.outcomes[i].passed for i in tests) for row in matrix.rows}
    for program in editable(problem, matrix.candidates, passed)[:3]:
        for slot in returns(program):
            watched = watching(program, slot)
            if watched is None or passing is not None:
                continue
            outcomes = (await watcher.run([watched], calls, tuple))[watched]
            seen = table(outcomes, expected)
            text = filled(program, slot, seen) if seen else None
            if text is not None:
                sources = tuple(matrix.tests[i].source for i in tests)
                found = (await executor.run([text], sources, tuple))[text]
                passing = text if all(outcome.passed for outcome in found) else None
    return Filling(passing, len(tests), bool(patched), time.process_time() - start)


async def measure(data: Path, drafts: DraftSet, config: RunConfig) -> str:
    """Return the row of a set."""
    found: list[Filling] = []
    scorer = Scorer(drafts.dataset)
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        for problem, texts in drafts.programs(data):
            try:
                one = await fill(problem, texts, sandbox, config)
            except ValueError:  # an example whose value is not a literal
                continue
            if one is not None and one.text is not None:
                pool = [Candidate(id=0, source=one.text)]
                score = await scorer.score(problem.task_id, pool, sandbox, config.sandbox)
                one = one._replace(right=score.passed[0])
            if one is not None:
                found.append(one)
    some = [one for one in found if one.text is not None]
    alone = [one for one in some if not one.patched]
    cells: list[object] = [len(found), sum(one.patched for one in found)]
    for part in (some, alone, [one for one in alone if one.examples >= FEWEST_EXAMPLES]):
        cells += [f"{len(part)}, {sum(one.right for one in part)}"]
    seconds = fmean([one.seconds for one in found] or [0.0])
    return f"| {drafts.label} | {' | '.join(map(str, cells))} | {seconds:.2f} s |"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose file name contains this text")
    arguments = parser.parse_args(argv)
    config = RunConfig.model_validate({"sandbox": {"backend": arguments.sandbox}})
    print(
        "| Drafts | searched | patched | filled, right | and not patched | and of three examples"
        " | CPU time a problem |"
    )
    print("|---|---|---|---|---|---|---|")
    for drafts in SETS:
        if arguments.only in drafts.file and drafts.dataset != "mbpp":
            print(asyncio.run(measure(arguments.data, drafts, config)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
