"""`python -m tests.adversarial.kinds [--sandbox NAME] [--export FOLDER] [--readme]`.

Judges the corpus and prints the table of attacks and honest oddities by kind. --readme also writes
it to its page. --export only writes the oddities and their twins as problems.jsonl.gz,
samples.jsonl.gz and expected.jsonl, for `agent.score` and `experiments.bench.expected`.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.studies.markers import write_block
from sandbox import Sandbox, SandboxConfig, open_sandbox
from tests.adversarial.case import Case
from tests.adversarial.corpus import THEMES
from tests.adversarial.oddities import ODDITIES
from tests.adversarial.oddities.judging import SHARED, Judged, judge_all
from tests.adversarial.oddities.oddity import Oddity
from tests.adversarial.test_corpus import verdicts

MARKERS = "<!-- kinds: begin -->", "<!-- kinds: end -->"
HEAD = (
    "| Kind | Attacks | Honest | Twins | Honest that pass split "
    "| Attacks and twins that pass split | Judged shared under auto | Wrong verdicts under auto |"
)


class Row(NamedTuple):
    """One row of the table."""

    kind: str
    attacks: int
    honest: int
    twins: int
    split_passed: int
    split_wrong: int
    shared: int
    auto_wrong: int


async def judge_cases(box: Sandbox, cases: Iterable[Case]) -> dict[str, bool]:
    """Return by name whether each case that this machine can run has its expected verdicts."""
    able = [case for case in cases if not case.absent(box.info)]

    async def one(case: Case) -> bool:
        executions = await asyncio.gather(*(box.run(job) for job in case.jobs()))
        return not verdicts(case, executions)

    right = await asyncio.gather(*map(one, able))
    return {case.name: passed for case, passed in zip(able, right, strict=True)}


def theme_row(name: str, cases: Sequence[Case], right: Mapping[str, bool]) -> Row:
    """Return the row of a theme of attacks. All its programs are judged split."""
    attacks = [case.name for case in cases if not case.honest and case.name in right]
    honest = [case.name for case in cases if case.honest and case.name in right]
    passed, wrong = sum(right[case] for case in honest), sum(not right[case] for case in attacks)
    differ = len(honest) - passed + wrong
    return Row(name, len(attacks), len(honest), 0, passed, wrong, 0, differ)


def kind_row(name: str, judged: Sequence[Judged]) -> Row:
    """Return the row of a kind of oddities."""
    twins = sum(len(one.oddity.faults) for one in judged)
    passed = sum(one.split[0].passed for one in judged)
    wrong = sum(outcome.passed for one in judged for outcome in one.split[1:])
    shared = sum(one.isolation == SHARED for one in judged)
    differ = sum(len(one.faults()) for one in judged)
    return Row(name, 0, len(judged), twins, passed, wrong, shared, differ)


async def table(backend: str) -> str:
    """Judge the whole corpus and return its table."""
    async with open_sandbox(SandboxConfig(backend=backend)) as box:
        right = await judge_cases(box, [case for theme in THEMES for case in theme.CASES])
        judged = await judge_all(box, ODDITIES)
        source = f"*({box.info.backend}, Python {box.info.python}; `python -m {_name()}`)*"
    rows = [theme_row(theme.__name__.rpartition(".")[2], theme.CASES, right) for theme in THEMES]
    kinds = dict.fromkeys(one.oddity.kind for one in judged)
    rows += [kind_row(kind, [one for one in judged if one.oddity.kind == kind]) for kind in kinds]
    totals = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (*rows, Row("all", *totals))]
    return "\n".join([HEAD, "|---" * 8 + "|", *lines, "", source])


def _name() -> str:
    return "tests.adversarial.kinds"


def export(folder: Path, oddities: Iterable[Oddity]) -> None:
    """Write the oddities in HumanEval's formats, with the expected verdicts."""
    problems, samples, expected = [], [], []
    for one in oddities:
        task = {"task_id": f"odd/{one.name}"}
        problems.append(
            {
                **task,
                "prompt": one.prompt,
                "entry_point": one.entry_point,
                "canonical_solution": one.completion,
                "test": one.test,
            }
        )
        for number, program in enumerate((one.program, *one.twins)):
            samples.append({**task, "completion": program[len(one.prompt) :]})
            why = "honest" if number == 0 else f"twin: {one.faults[number - 1]}"
            verdict = {"sample": number, "expect": "fail" if number else "pass"}
            expected.append({**task, **verdict, "kind": one.kind, "why": why})
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("problems", problems), ("samples", samples)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    text = "".join(json.dumps(line) + "\n" for line in expected)
    (folder / "expected.jsonl").write_text(text, encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, or export the corpus."""
    parser = argparse.ArgumentParser(prog=_name(), description=__doc__)
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--export", type=Path, metavar="FOLDER")
    parser.add_argument("--readme", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.export is not None:
        export(arguments.export, ODDITIES)
        return 0
    block = asyncio.run(table(arguments.sandbox))
    print(block)
    if arguments.readme:
        write_block(block, MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
