"""Odds of the patch operators, fitted on recorded samples of MBPP.

DATA is the folder of recorded sets. Each failing program of Qwen3-0.6B's samples of MBPP is edited
in every way, and MBPP's own tests say which edits mend it: three asserts per problem, which no loop
sees. The odds of an operator are its right edits per thousand, shrunk towards the mean of the
operators whose names begin with the same word, and that towards the mean of all. No problem of
another benchmark is read. --write puts the odds into agent/repair/patches/odds.py.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from agent.answers.programs import canonical
from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import Sample, by_task, read_samples
from agent.parsing.source import prelude
from agent.repair.patches import odds
from agent.repair.patches.material import make_material
from agent.repair.patches.program import EditableProgram, read_program
from agent.repair.patches.variants import DONORS, FAMILIES
from agent.support.command import command
from agent.support.files import write_atomically
from agent.support.options import CommandParser
from agent.types import Problem
from agent.visible_tests.docstring.examples import docstring_tests
from sandbox import Limits, SandboxConfig, Screen, open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.recorded.patch_odds"
SET = "qwen3-0.6b-mbpp-gaozhan13"
_LIMITS = Limits(cpu_seconds=0.05, wall_seconds=0.3)
_MOST = 3_000
"""Largest number of edits of a problem that are tried, drawn at random."""
_PRIOR = 500
"""Number of edits that the mean of like operators counts for."""


class Counts:
    """Edits tried and edits that were right, by operator."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.right: Counter[str] = Counter()

    def odds(self) -> dict[str, float]:
        """Return the odds per thousand edits by operator, highest first."""
        mean = sum(self.right.values()) / max(1, sum(self.tried.values()))
        tried, right = Counter[str](), Counter[str]()
        for kind in self.tried:
            tried[kind.split()[0]] += self.tried[kind]
            right[kind.split()[0]] += self.right[kind]
        alike = {name: (right[name] + _PRIOR * mean) / (tried[name] + _PRIOR) for name in tried}
        found = {
            kind: round(
                1000 * (self.right[kind] + _PRIOR * alike[kind.split()[0]]) / (number + _PRIOR), 2
            )
            for kind, number in self.tried.items()
        }
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def edits_of(
    failing: list[EditableProgram], problem: Problem, tests: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the operator and the text of each distinct edit."""
    material, seen = make_material(problem, tests, tuple(failing)), {p.text for p in failing}
    for program in failing:
        for family in (*FAMILIES, *DONORS):
            for edit in family.edits(program, material):
                text = program.edited(edit)
                if text is not None and text not in seen:
                    seen.add(text)
                    yield edit.kind, text


async def count(
    box: Sandbox, problem: Problem, samples: list[Sample], test: str, to: Counts
) -> None:
    """Add the edits of one problem's failing samples."""
    judge = (f"{test}\ncheck({problem.entry_point})",)
    names = prelude(problem.prompt)
    sources = {canonical(text): text for text in (sample.program(problem) for sample in samples)}
    texts = tuple(sources.values())
    drafts = await box.screen(Screen(texts, judge, Limits(cpu_seconds=0.5), names))
    failing = [
        program
        for i, (source, passed) in enumerate(zip(texts, drafts.passed, strict=True))
        if not all(passed) and (program := read_program(i, source, problem)) is not None
    ]
    visible = tuple(one.source for one in docstring_tests(problem))
    edits = [*edits_of(failing, problem, visible)]
    Random(problem.task_id).shuffle(edits)
    edits = edits[:_MOST]
    found = await box.screen(Screen(tuple(text for _, text in edits), judge, _LIMITS, names))
    to.tried.update(kind for kind, _ in edits)
    pairs = zip(edits, found.passed, strict=True)
    to.right.update(kind for (kind, _), passed in pairs if all(passed))


async def fit(data: Path, step: int) -> Counts:
    """Return the counts over every `step`-th problem."""
    name, counts = str(data / SET / "problems.jsonl.gz"), Counts()
    problems = {problem.task_id: problem for problem in load(name).problems}
    tests = {str(value["task_id"]): str(value["test"]) for _, value in source_of(name).records()}
    samples = by_task(read_samples(data / SET / "samples.jsonl.gz", problems))
    async with open_sandbox(SandboxConfig(backend="local", slots=2)) as box:
        for done, task in enumerate(sorted(samples)[::step], start=1):
            await count(box, problems[task], samples[task], tests[task], counts)
            if done % 50 == 0:
                print(f"{done} problems", file=sys.stderr)
    return counts


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the odds, with the edits that they come from; with --write, write them to the file."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--step", type=int, default=1, help="use every STEP-th problem")
    parser.add_argument("--write", action="store_true", help="write agent/repair/patches/odds.py")
    arguments = parser.parse_args(argv)
    counts = asyncio.run(fit(arguments.data, arguments.step))
    print("| Operator | Edits | Right | Odds per thousand |\n|---|---|---|---|")
    for kind, value in counts.odds().items():
        print(f"| {kind} | {counts.tried[kind]} | {counts.right[kind]} | {value} |")
    if arguments.write and odds.__file__:
        path = Path(odds.__file__)
        before, mark, _ = path.read_text("utf-8").partition("ODDS")
        lines = "".join(f'    "{kind}": {value},\n' for kind, value in counts.odds().items())
        write_atomically(path, f"{before}{mark}: dict[str, float] = {{\n{lines}}}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
