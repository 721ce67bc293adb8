"""`python -m experiments.bench.expected SAMPLES --dataset FILE --expected FILE`: compare verdicts.

Scores a samples file as `agent.score` does, with the same settings, and prints each verdict that
differs from the expected one, and a table by kind. The file of expected verdicts has JSON lines
with `task_id`, `expect` (`pass` or `fail`) and, if they are known, `sample` (the number of the
task's sample, by default 0), `kind` and `why`.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from agent.datasets.jsonl import read_lines, text_field
from agent.errors import DatasetError
from agent.evaluation.sample_figures import SampleVerdict
from agent.evaluation.scoring import score_samples
from agent.evaluation.settings import ScoreConfig
from agent.settings import parse
from agent.support.command import command, progress_line
from agent.types import Record

NAME = "experiments.bench.expected"


class VerdictConfig(ScoreConfig):
    """Score a file of samples and compare the verdicts with expected ones."""

    usage: ClassVar[str] = "[OPTIONS] SAMPLES"
    expected: Path
    """JSON lines file with task_id and expect: pass or fail."""


class Expectation(Record):
    """The expected verdict of one sample."""

    task_id: str
    sample: int
    passes: bool
    kind: str
    why: str


def read_expected(path: Path) -> list[Expectation]:
    """Return the expected verdicts. Raises DatasetError, with file and line, for a broken line."""
    found = []
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task_id = text_field(value, "task_id", where)
        expect = text_field(value, "expect", where)
        if expect not in ("pass", "fail"):
            raise DatasetError(f"{where}: 'expect' must be pass or fail, not {expect!r}")
        kind = str(value.get("kind") or task_id.rpartition("/")[2].partition("_")[0])
        found.append(
            Expectation(
                task_id=task_id,
                sample=value.get("sample", 0),
                passes=expect == "pass",
                kind=kind,
                why=str(value.get("why", "")),
            )
        )
    return found


def differences(
    expected: Sequence[Expectation], verdicts: Sequence[SampleVerdict]
) -> list[tuple[Expectation, SampleVerdict]]:
    """Return the pairs that differ. Raises DatasetError if an expected sample was not scored."""
    scored = {(verdict.task_id, verdict.sample): verdict for verdict in verdicts}
    if missing := [one.task_id for one in expected if (one.task_id, one.sample) not in scored]:
        raise DatasetError(f"expected: the samples file has no {', '.join(missing)}")
    pairs = [(one, scored[one.task_id, one.sample]) for one in expected]
    return [(one, verdict) for one, verdict in pairs if one.passes != verdict.passed]


def table(expected: Sequence[Expectation], other: Sequence[Expectation]) -> str:
    """Return the number of samples by kind and expectation, and of verdicts that differ."""
    total = Counter((one.kind, one.passes) for one in expected)
    wrong = Counter((one.kind, one.passes) for one in other)
    rows = [
        f"| {kind} | {total[kind, True]} | {wrong[kind, True]} "
        f"| {total[kind, False]} | {wrong[kind, False]} |"
        for kind in dict.fromkeys(one.kind for one in expected)
    ]
    return "\n".join(
        ["| Kind | Must pass | Fail | Must fail | Pass |", "|---|---|---|---|---|", *rows]
    )


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the differences and the table. Return 0 if all verdicts are as expected, else 1."""
    config = parse(VerdictConfig, argv, NAME)
    expected = read_expected(config.expected)
    _, verdicts = asyncio.run(score_samples(config, progress_line("samples")))
    other = differences(expected, verdicts)
    for one, verdict in other:
        name = f"{one.task_id} sample {one.sample}" if one.sample else one.task_id
        should = "pass" if one.passes else "fail"
        print(f"{name} should {should}, but is {verdict.outcome} {verdict.detail} ({one.why})")
    print(table(expected, [one for one, _ in other]))
    print(f"{len(other)} of {len(expected)} verdicts differ")
    return 1 if other else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
