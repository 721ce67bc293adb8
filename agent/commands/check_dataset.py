"""`codeloop check-dataset DATASET`: whether a dataset can judge programs, problem by problem."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.support.command import NOT_DONE, command, progress_line

if TYPE_CHECKING:
    from agent.evaluation.dataset_check import DatasetCheck

NAME = "agent.commands.check_dataset"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the findings. Return 0 if all references pass and satisfy the examples, else 1."""
    from agent.evaluation.dataset_check import check_dataset
    from agent.evaluation.settings import CheckDatasetConfig
    from agent.settings import parse

    config = parse(CheckDatasetConfig, argv, NAME)
    found = asyncio.run(check_dataset(config, progress_line("problems")))
    print(found.model_dump_json() if config.as_json else "\n".join(_lines(found)))
    return 0 if found.is_clean else NOT_DONE


def _lines(found: DatasetCheck) -> Iterator[str]:
    problems = found.problems
    for problem in problems:
        if problem.failure:
            yield f"{problem.task_id}: the reference solution fails: {problem.failure}"
        for test in problem.disagreeing:
            yield f"{problem.task_id}: the reference solution contradicts the example: {test}"
    failing = sum(bool(problem.failure) for problem in problems)
    missing = sum(not problem.has_reference for problem in problems)
    contradicted = sum(len(problem.disagreeing) for problem in problems)
    without = [problem.task_id for problem in problems if not problem.examples]
    shown = sum(problem.shown_calls for problem in problems)
    calls = sum(problem.hidden_calls for problem in problems)
    yield f"{len(problems)} problems, {sum(p.examples for p in problems)} docstring examples"
    yield f"reference solutions: {failing} fail, {missing} missing"
    yield f"isolation: {', '.join(f'{name}: {n}' for name, n in found.isolation.items())}"
    yield f"examples that a reference solution contradicts: {contradicted}"
    yield f"problems without an example: {len(without)} {' '.join(without)}".rstrip()
    yield f"calls of hidden tests, with literal arguments: {calls}; of these in the prompt: {shown}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
