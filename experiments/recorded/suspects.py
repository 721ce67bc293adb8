"""The share of suspect docstring examples that are really wrong.

DATA is the folder of recorded sets. An example is wrong if the benchmark's own solution fails it.
The loop must not see that solution.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.answers.programs import as_drafts
from agent.datasets.jsonl import text_field
from agent.datasets.records import source_of
from agent.evaluation.recorded_pools import RecordedProblem
from agent.evaluation.selectors import read_recorded
from agent.support.command import command
from agent.support.concurrency import all_or_first_error
from agent.support.options import CommandParser
from agent.types import Matrix, Row
from agent.visible_tests.executor import Executor
from agent.visible_tests.suspects import suspects
from experiments.recorded.parity import SETS
from experiments.recorded.selection import EXAMPLES, Backend, config_of
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import Limits

NAME = "experiments.recorded.suspects"


async def suspect_examples(
    recorded: RecordedProblem, solution: str, sandbox: Sandbox, limits: Limits
) -> list[tuple[str, bool]]:
    """Return the suspect examples of one problem, with True if the solution fails the example."""
    tests = [test.source for test in recorded.examples]
    if not tests:
        return []
    executor = Executor(recorded.problem, sandbox, limits)
    outcomes = await executor.run([*recorded.programs, solution], tests, tuple)
    matrix = Matrix(
        as_drafts(recorded.programs),
        recorded.examples,
        tuple(Row(candidate=i, outcomes=outcomes[p]) for i, p in enumerate(recorded.programs)),
    )
    found = suspects(matrix)
    task = recorded.problem.task_id
    return [(f"{task} #{s.test}", not outcomes[solution][s.test].passed) for s in found]


def own_solutions() -> dict[str, str]:
    """Return the benchmark's whole solutions by task id. They reveal errors in its prompts."""
    return {
        text_field(value, "task_id", ""): text_field(value, "prompt", "")
        + text_field(value, "canonical_solution", "")
        for _, value in source_of(EXAMPLES).records()
    }


async def measure(
    recorded: Sequence[RecordedProblem], sandbox: Sandbox, limits: Limits
) -> list[tuple[str, bool]]:
    """Return the suspect examples of one set, as `suspect_examples` does."""
    solutions = own_solutions()
    found: list[tuple[str, bool]] = []

    async def one(item: RecordedProblem) -> None:
        found.extend(await suspect_examples(item, solutions[item.problem.task_id], sandbox, limits))

    await all_or_first_error(one(item) for item in recorded)
    return sorted(found)


async def compare(data: Path, backend: Backend) -> list[str]:
    """Return the table, one row for each set with at least three samples per problem."""
    rows = ["| samples | suspect examples | wrong examples | which |", "|---|---|---|---|"]
    for recorded_set in SETS:
        config = config_of(data, recorded_set, backend)
        recorded = read_recorded(config)
        if len(recorded[0].samples) < 3:
            continue
        async with open_sandbox(config.sandbox.opening()) as sandbox:
            found = await measure(recorded, sandbox, config.sandbox.visible_limits())
        wrong = [name for name, is_wrong in found if is_wrong]
        names = ", ".join(wrong) or "-"
        rows.append(f"| {recorded_set.label} | {len(found)} | {len(wrong)} | {names} |")
    return rows


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    arguments = parser.parse_args(argv)
    print("\n".join(asyncio.run(compare(arguments.data, arguments.sandbox))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
