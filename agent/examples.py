"""`python -m agent.examples`: the docstring examples of a dataset, as JSON lines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from agent.support.command import command
from agent.support.options import CommandParser

if TYPE_CHECKING:
    from agent.types import Problem


@command("agent.examples")
def main(argv: list[str]) -> int:
    """Print one line per problem."""
    parser = CommandParser(
        "agent.examples",
        "Print the docstring examples of every problem, as one JSON object per line.",
    )
    parser.add_argument(
        "--dataset",
        default="humaneval",
        help="name of a dataset, a JSON lines file of problems, or a plug-in's path "
        "(default: humaneval)",
    )
    chosen = parser.parse_args(argv)

    from agent.datasets import load

    for problem in load(chosen.dataset).problems:
        print(json.dumps(_record(problem)))
    return 0


def _record(problem: Problem) -> dict[str, object]:
    from agent.visible_tests.docstring.examples import docstring_examples

    examples = [
        {key: value for key, value in example.model_dump().items() if value not in (None, "")}
        for example in docstring_examples(problem)
    ]
    return {"task_id": problem.task_id, "examples": examples}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
