"""python -m agent.examples: the docstring examples of a dataset, as JSON lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.types import Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a problem. Returns 2 where there is no such dataset."""
    parser = argparse.ArgumentParser(
        prog="python -m agent.examples",
        description="Print the docstring examples of every problem, a JSON object a line.",
    )
    parser.add_argument(
        "--dataset",
        default="humaneval",
        help="name of a dataset, or a JSON lines file in HumanEval's format (default: humaneval)",
    )
    chosen = parser.parse_args(arguments)

    from agent.datasets import DatasetError, load
    from agent.pipes import reader_left

    try:
        problems = load(chosen.dataset).problems
    except DatasetError as error:
        print(f"agent.examples: {error}", file=sys.stderr)
        return 2
    try:
        for problem in problems:
            print(json.dumps(_record(problem)))
        sys.stdout.flush()
    except BrokenPipeError:
        return reader_left()
    return 0


def _record(problem: Problem) -> dict[str, object]:
    from agent.visible_tests.docstring import docstring_examples

    examples = [
        {key: value for key, value in example.model_dump().items() if value not in (None, "")}
        for example in docstring_examples(problem)
    ]
    return {"task_id": problem.task_id, "examples": examples}


if __name__ == "__main__":
    sys.exit(main())
