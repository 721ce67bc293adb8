"""Small pools, written as grids: one row per candidate, with `+` for each test that it passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.models.scripted import ScriptedModel
from agent.selection import Pool
from agent.types import Candidate, Message, Problem, Sampling, VisibleTest
from sandbox.types import Outcome, Status

PROBLEM = Problem(task_id="Own/0", prompt="def grow(x):\n", entry_point="grow")


@dataclass
class FakeProber:
    """A prober with values from a table and scripted answers."""

    table: Mapping[tuple[int, str], str | None] = field(default_factory=dict)
    answers: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._model = ScriptedModel(self.answers)

    async def outcomes(
        self, programs: Iterable[str], calls: Sequence[str]
    ) -> dict[str, tuple[Outcome, ...]]:
        self.ran.append(tuple(calls))
        return {
            program: tuple(told(self.table.get((number_of(program), call))) for call in calls)
            for program in programs
        }

    async def ask(self, messages: tuple[Message, ...]) -> str:
        self.asked.append(messages[-1].content)
        return (await self._model.complete(messages, 1, Sampling()))[0].text


def told(value: str | None) -> Outcome:
    """Return the outcome of a call with a value; a text in angle brackets is not data."""
    if value is None:
        return Outcome(Status.EXCEPTION)
    return Outcome(Status.PASSED, actual=value, value="" if value.startswith("<") else value)


def number_of(program: str) -> int:
    return int(program.rpartition(" ")[2])


def visible(examples: int, *counts: int) -> list[VisibleTest]:
    """Return docstring examples, then generated tests with their counts."""
    return [
        VisibleTest(source=f"assert grow({-i - 1}) == 0", origin="docstring", form=">>>")
        for i in range(examples)
    ] + [
        VisibleTest(source=f"assert grow({i}) == 0", origin="generated", form="assert", count=count)
        for i, count in enumerate(counts)
    ]


def pool(
    tests: Sequence[VisibleTest],
    *rows: str,
    prober: FakeProber | None = None,
    inputs: Sequence[str] = (),
    edges: Sequence[str] = (),
    logprobs: Sequence[float | None] = (),
    sources: Sequence[str] = (),
    depth: int = 10,
    seed: int = 0,
) -> Pool:
    """Return a pool with one candidate per row of the grid."""
    known = [*logprobs, *[None] * (len(rows) - len(logprobs))]
    texts = sources or [f"def grow(x):\n    return {i}" for i in range(len(rows))]
    return Pool(
        problem=PROBLEM,
        candidates=tuple(
            Candidate(id=i, source=source, mean_logprob=logprob)
            for i, (source, logprob) in enumerate(zip(texts, known, strict=True))
        ),
        tests=tuple(tests),
        passed=tuple(sum(1 << i for i, mark in enumerate(row) if mark == "+") for row in rows),
        inputs=tuple(inputs),
        edges=tuple(edges),
        prober=prober or FakeProber(),
        depth=depth,
        seed=seed,
    )
