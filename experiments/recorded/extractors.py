"""Extractors on raw answers of recorded models: pass@1 of the programs that each one reads.

DATA is the folder of recorded sets, see docs/recorded-sets.md. --lost lists the samples that the
default loses to another extractor; --readme writes the table into docs/answers.md.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from agent.answers import EXTRACTORS, load_extractor
from agent.config import SandboxSection
from agent.datasets import load
from agent.datasets.answers import read_answers
from agent.evaluation.scoring import score_samples
from agent.evaluation.settings import ScoreConfig
from agent.support.command import command, progress_line
from agent.support.files import dump_lines
from agent.support.options import CommandParser
from experiments.studies.markers import write_block

NAME = "experiments.recorded.extractors"
DEFAULT = "codeloop"
MARKERS = ("<!-- extractors: begin -->", "<!-- extractors: end -->")
RAW = (
    ("qwen25coder-0.5b-humaneval-evalplus", "samples_raw.jsonl.gz"),
    ("qwen25coder-0.5b-humaneval-xysun", "samples.jsonl.gz"),
    ("qwen25coder-1.5b-humaneval-vsattamini-temp", "samples_raw.jsonl.gz"),
    ("qwen3-0.6b-humaneval-mengyahu-completion1", "samples.jsonl.gz"),
    ("mistral7b-humaneval-bdytx5", "samples_raw.jsonl.gz"),
    ("torek-7b-humaneval", "samples.jsonl.gz"),
)
"""Folder and file of the sets whose samples are raw text of a model."""


class Read(NamedTuple):
    """The verdicts on the programs of one set, by extractor, in the order of its samples."""

    folder: str
    tasks: tuple[str, ...]
    passed: Mapping[str, tuple[bool, ...]]

    def share(self, extractor: str) -> float:
        """Share of the samples that pass, from 0 to 1: pass@1 of sets with equal counts."""
        return sum(self.passed[extractor]) / len(self.tasks)

    def lost(self) -> Iterator[str]:
        """Yield the samples that the default loses, with the extractors that read them rightly."""
        for index, task in enumerate(self.tasks):
            found = [name for name, passed in self.passed.items() if passed[index]]
            if found and DEFAULT not in found:
                yield f"{self.folder} line {index + 1}, {task}: {', '.join(found)}"


def read_set(path: Path, names: Sequence[str], sandbox: SandboxSection) -> Read:
    """Read one set with each extractor, and score the programs on HumanEval's hidden tests."""
    problems = {problem.task_id: problem for problem in load("humaneval").problems}
    answers = read_answers(path, problems)
    lines = (
        {"task_id": task, "solution": load_extractor(name).extract(problems[task], text)}
        for name in names
        for task, text in answers
    )
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write(dump_lines(lines))
        file.flush()
        config = ScoreConfig(samples=Path(file.name), sandbox=sandbox, count_unjudged=True)
        _, verdicts = asyncio.run(score_samples(config, progress_line(path.parent.name)))
    count = len(answers)
    passed = {
        name: tuple(verdict.passed for verdict in verdicts[i * count : (i + 1) * count])
        for i, name in enumerate(names)
    }
    return Read(path.parent.name, tuple(task for task, _ in answers), passed)


def table(found: Sequence[Read], names: Sequence[str]) -> str:
    """Return a table in Markdown: a row per set, a column per extractor, pass@1 in percent.

    A last line counts the samples that the default loses to another extractor.
    """
    rows = [
        [one.folder, f"{len(one.tasks):,}", *(f"{one.share(name):.1%}" for name in names)]
        for one in found
    ]
    head = ["Recorded set", "Answers", *(f"`{name}`" for name in names)]
    rule = ["---", *["---:"] * (len(head) - 1)]
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    lost = sum(len([*one.lost()]) for one in found)
    lines += ["", f"Samples that `{DEFAULT}` loses to another extractor: {lost}."]
    return "\n".join(lines)


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument(
        "--lost", action="store_true", help="list the samples that the default loses"
    )
    parser.add_argument("--readme", action="store_true", help="write the table into docs/")
    chosen = parser.parse_args(argv)
    sandbox = SandboxSection(backend=chosen.sandbox)
    names = (DEFAULT, *(name for name in EXTRACTORS.names() if name != DEFAULT))
    found = [read_set(chosen.data / folder / file, names, sandbox) for folder, file in RAW]
    print(table(found, names))
    if chosen.lost:
        print("\n".join(line for one in found for line in one.lost()))
    if chosen.readme:
        write_block(table(found, names), MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
