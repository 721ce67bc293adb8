"""One round of repair: which programs are worked on, what the strategy is given, what comes back.

The programs of a round are worked on one after another, so that a prompt which two of them share
gets its answers in an order that no server decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from agent.answers import read_candidate
from agent.config import RunConfig
from agent.execution import Bench
from agent.feedback import build_feedback
from agent.lines import Head, ancestors, heads
from agent.models.base import Model
from agent.observe import OBSERVED_CHARS, read_blocks, watched
from agent.parsing.calls import call_in
from agent.prompts import size, tokens_a_byte
from agent.repair import load_strategy
from agent.repair.base import REFLECTION, Case, Tell, note
from agent.suspects import doubtful
from agent.types import (
    Call,
    Candidate,
    Completion,
    Matrix,
    Message,
    Probe,
    Problem,
    Sampling,
)

Drawn = dict[tuple[tuple[Message, ...], Sampling], int]
"""How many answers each chat has got."""


def chosen(matrix: Matrix, number: int, config: RunConfig) -> tuple[Head | None, ...]:
    """What round `number` works on by its strategy; None stands for a fresh draw."""
    random = Random(f"{config.seed} {number} {matrix.candidates[0].source}")
    strategy = load_strategy(config.repair.strategy)
    return strategy.choose(heads(matrix), config.repair.width, random)


@dataclass(frozen=True)
class Repaired:
    """What a round made."""

    candidates: tuple[Candidate, ...]
    calls: tuple[Call, ...]
    probes: tuple[Probe, ...]


async def repair(
    bench: Bench,
    matrix: Matrix,
    calls: Sequence[Call],
    number: int,
    model: Model,
    config: RunConfig,
) -> Repaired:
    """Round `number`; `calls` are all requests of this problem so far."""
    name, drawn = config.repair.strategy, count_drawn(calls)
    found: list[Candidate] = []
    made: list[Call] = []
    probes: list[Probe] = []
    for head in chosen(matrix, number, config):
        case = make_case(bench.problem, head, matrix, (*calls, *made), config)
        child, parent = len(matrix.candidates) + len(found), head.candidate.id if head else None
        temperature = config.repair.temperature if head else config.draft.temperature
        desk = RecordingDesk(
            bench=bench,
            model=model,
            call=Call(
                purpose=name,
                round=number,
                candidate=child,
                messages=(),
                sampling=config.sampling(temperature),
                completions=(),
            ),
            room=room(config, calls),
            drawn=drawn,
        )
        answer = await load_strategy(name).repair(case, desk)
        made += desk.calls
        probes += desk.probes
        found.append(
            Candidate(id=child, parent=parent, round=number, origin=name, source=case.program)
            if answer is None
            else read_candidate(
                bench.problem, answer, child, origin=name, parent=parent, round_=number
            )
        )
    return Repaired(tuple(found), tuple(made), tuple(probes))


def count_drawn(calls: Sequence[Call]) -> Drawn:
    """The answers that each chat has got so far."""
    return {(c.messages, c.sampling): c.first + len(c.completions) for c in calls}


def room(config: RunConfig, calls: Sequence[Call]) -> float | None:
    """Bytes that a prompt may have, with room for the answer set aside; None for no limit.

    What a byte costs is learnt from the requests before.
    """
    context = config.model.context
    if context is None:
        return None
    return max(0, context - config.model.max_tokens) / tokens_a_byte(calls)


def make_case(
    problem: Problem,
    head: Head | None,
    matrix: Matrix,
    calls: Sequence[Call],
    config: RunConfig,
) -> Case:
    """What a strategy is given of a program; of a fresh draw, the problem alone."""
    if head is None:
        return Case(problem)
    repair, program = config.repair, head.candidate.source
    line = set(ancestors(head.candidate, matrix))
    on_line = {c.id for c in matrix.candidates if c.parent in line}
    feedback = build_feedback(
        program, matrix.tests, head.row.outcomes, doubtful(matrix), repair.tests, repair.feedback
    )
    return Case(
        problem=problem,
        program=program.strip(),
        feedback=feedback,
        notes=tuple(
            note(call.completions[0])
            for call in calls
            if call.step == REFLECTION and call.candidate in on_line
        ),
    )


@dataclass
class RecordingDesk:
    """A desk on a model and a sandbox, which keeps what it did."""

    bench: Bench
    model: Model
    call: Call
    """What all its requests have in common."""
    room: float | None
    drawn: Drawn
    calls: list[Call] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)

    async def ask(self, case: Case, tell: Tell, step: str = "") -> Completion:
        """One answer, the next one to its prompt."""
        messages, how = fitted(case, tell, self.room), self.call.sampling
        first = self.drawn.get((messages, how), 0)
        answers = tuple(await self.model.complete(messages, first + 1, how))[first:]
        self.drawn[messages, how] = first + 1
        made = {"step": step, "messages": messages, "completions": answers, "first": first}
        self.calls.append(self.call.model_copy(update=made))
        return answers[0]

    async def watch(self, case: Case) -> Case:
        """The case with what its program does on its first failing test."""
        problem, failing = self.bench.problem, case.feedback.failing
        call = call_in(failing[0].source, problem.entry_point) if failing else None
        if call is None:
            return case
        program, probe = watched(case.program, call)
        limits = replace(self.bench.limits, evidence_chars=OBSERVED_CHARS)
        outcomes = await replace(self.bench, limits=limits).run([program], [probe], tuple)
        self.probes.append(Probe(program=program, tests=(probe,), outcomes=outcomes[program]))
        return replace(case, blocks=read_blocks(case.program, outcomes[program][0]))


def fitted(case: Case, tell: Tell, room: float | None) -> tuple[Message, ...]:
    """The prompt of a case; of a shorter one where it has more bytes than the model has room for.

    What cannot be shortened any further is sent as it is: the server says what is wrong with it.
    """
    messages = tell(case)
    while room is not None and size(messages) > room:
        less = case.shorter()
        if less is None:
            break
        case, messages = less, tell(less)
    return messages
