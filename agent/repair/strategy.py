"""What a repair strategy is: a module with `choose` and `repair`.

`choose` says which programs a round works on, and `repair` turns one of them into an answer that
should hold a better one. What a strategy is given is a `Case`; what it may do is ask the model and
watch the program run, both at its `Session`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from agent.parsing.fences import without_thinking
from agent.prompts import render
from agent.repair.feedback import Feedback
from agent.repair.lineage import RepairTarget
from agent.repair.watch.call_trace import TracedBlock
from agent.types import Completion, Message, Problem

REFLECTION = "reflect"
"""The step whose answers later rounds on the same line are given."""
_NOTE_CHARS = 2_000


@dataclass(frozen=True)
class Case:
    """One program and what is known of it; nothing but the problem where one begins anew."""

    problem: Problem
    program: str = ""
    feedback: Feedback = field(default_factory=Feedback)
    notes: tuple[str, ...] = ()
    """Reflections along this line of repair, oldest first."""
    call: str = ""
    """The call in its first failing test, where that was watched ..."""
    blocks: tuple[TracedBlock, ...] = ()
    """... and what the program did in it."""
    left_out: int = 0
    """Pieces of all this that a prompt had no room for."""

    def shorter(self) -> Case | None:
        """The same with one piece less, the oldest first; None where nothing can be spared."""
        feedback, left_out = self.feedback, self.left_out + 1
        if self.notes:
            return replace(self, notes=self.notes[1:], left_out=left_out)
        if self.blocks:
            return replace(self, blocks=self.blocks[1:], left_out=left_out)
        if feedback.passing:
            less = feedback.model_copy(update={"passing": feedback.passing[:-1]})
        elif len(feedback.failing) > 1:
            less = feedback.model_copy(update={"failing": feedback.failing[:-1]})
        else:
            return None
        return replace(self, feedback=less, left_out=left_out)


Tell = Callable[[Case], tuple[Message, ...]]
"""A prompt made of a case."""


class Session(Protocol):
    """Where one repair is worked on. All that is said and run here is recorded and counted."""

    async def ask(self, case: Case, tell: Tell, step: str = "") -> Completion:
        """One answer to a prompt. The case is shortened until the prompt fits the model's context.

        The same prompt again, in any round, draws the next answer to it. Where no prompt fits, the
        program is left as it is, by an exception that a strategy lets pass.
        """
        ...

    async def write(self, case: Case, tell: Tell, step: str = "") -> Completion:
        """The same for a prompt whose answer is a program, which may be begun for the model."""
        ...

    async def draw(self, case: Case) -> Completion:
        """The next draft of the problem, from where its drafts ended."""
        ...

    async def watch(self, case: Case) -> Case:
        """The case with what its program does, block by block, on its first failing test."""
        ...


class Strategy(Protocol):
    """What a module in this package offers."""

    def choose(
        self, targets: Sequence[RepairTarget], width: int, random: Random
    ) -> tuple[RepairTarget | None, ...]:
        """What a round works on, at most `width`; None stands for a fresh draw."""
        ...

    async def repair(self, case: Case, session: Session) -> Completion | None:
        """The answer that holds the new program; None leaves the old one as it is, for good."""
        ...


def by_promise(
    targets: Sequence[RepairTarget], width: int, random: Random
) -> tuple[RepairTarget, ...]:
    """The ends of all lines: most examples passed, least often tried, most generated tests, oldest.

    `random` is not used.
    """
    ends = (target for target in targets if not target.edited)
    return tuple(sorted(ends, key=_promise)[:width])


def _promise(target: RepairTarget) -> tuple[int, int, int, int]:
    return -target.examples, target.tries, -target.generated, target.candidate.id


def told(template: str) -> Tell:
    """A prompt of one user turn."""
    return lambda case: render(f"repair/{template}.j2", problem=case.problem, case=case)


def told_after(first: Tell, answer: Completion, template: str) -> Tell:
    """The same chat gone on: first prompt, its answer, and another user turn.

    Roles have to alternate, and servers refuse an empty turn: after an answer that says nothing,
    both prompts are one turn.
    """
    said = note(answer)

    def tell(case: Case) -> tuple[Message, ...]:
        *before, question = first(case)
        (then,) = told(template)(case)
        if said:
            return (*before, question, Message(role="assistant", content=said), then)
        both = f"{question.content}\n\n{then.content}"
        return (*before, Message(role="user", content=both))

    return tell


def note(answer: Completion) -> str:
    """An answer as it may stand in a later prompt: no thinking, and not longer than a page."""
    text = without_thinking(answer.text).strip()
    return text if len(text) <= _NOTE_CHARS else text[:_NOTE_CHARS].rstrip() + " ..."
