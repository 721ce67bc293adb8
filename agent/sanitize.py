"""`codeloop sanitize ANSWERS --out SAMPLES`: programs from raw answers, for `agent.score`."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command, out_file
from agent.support.options import CommandParser

NAME = "agent.sanitize"


@command(NAME)
def main(argv: list[str]) -> int:
    """Write the program of each answer, in the order of the file."""
    parser = CommandParser(
        NAME,
        "Read the program in each raw answer of a model, and write samples for agent.score. "
        "Order and duplicates are kept.",
    )
    parser.add_argument(
        "answers", metavar="ANSWERS", type=Path, help='JSON lines {"task_id", "answer"}, gz or not'
    )
    parser.add_argument(
        "--dataset", default="humaneval", help="the problems (default: %(default)s)"
    )
    parser.add_argument("--out", required=True, type=Path, help="samples file to write")
    parser.add_argument(
        "--extractor",
        default="codeloop",
        help="name or path; `codeloop plugins` lists them (default: %(default)s)",
    )
    parser.add_argument(
        "--explain", action="store_true", help="print, for each answer, what was kept and left out"
    )
    chosen = parser.parse_args(argv)

    from agent.answers import load_extractor
    from agent.answers.explanation import explain
    from agent.datasets import load
    from agent.datasets.answers import read_answers
    from agent.support.files import dump_lines, write_atomically

    extract = load_extractor(chosen.extractor).extract
    out_file(chosen.out)
    problems = {problem.task_id: problem for problem in load(chosen.dataset).problems}
    answers = [(problems[task], text) for task, text in read_answers(chosen.answers, problems)]
    samples = [(problem, text, extract(problem, text)) for problem, text in answers]
    lines = ({"task_id": problem.task_id, "solution": program} for problem, _, program in samples)
    write_atomically(chosen.out, dump_lines(lines))
    if chosen.explain:
        print("\n".join(explain(*sample) for sample in samples))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
