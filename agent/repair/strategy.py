"""The interface of repair strategies. A strategy is a module with `choose` and `repair`.

`choose` selects the programs that a round repairs. `repair` gets one of them as a `Case`, and
returns an answer that should hold a better program. Through its `Session`, it can ask the model and
trace the program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from agent.parsing.marks import without_thinking
from agent.prompts import render
from agent.repair.feedback import Feedback
from agent.repair.lineage import RepairTarget
from agent.repair.watch.call_trace import TracedBlock
from agent.types import Completion, Message, Problem

REFLECTION = "reflect"
"""The step whose answers are shown in later rounds on the same line."""
_NOTE_CHARS = 2_000


@dataclass(frozen=True)
class Case:
    """A program and everything known about it; for a fresh draw, only the problem."""

    problem: Problem
    program: str = ""
    feedback: Feedback = field(default_factory=Feedback)
    notes: tuple[str, ...] = ()
    """Reflections along this line of repair, oldest first."""
    call: str = ""
    """The call in its first failing test, if that was traced."""
    blocks: tuple[TracedBlock, ...] = ()
    """The basic blocks that the program ran in that call."""
    left_out: int = 0
    """Number of items left out because the prompt was too long."""

    def shorter(self) -> Case | None:
        """Return the case with one item less, or None if nothing can be left out.

        Notes go first (the oldest one), then blocks, passing tests and failing tests but one.
        """
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


PromptBuilder = Callable[[Case], tuple[Message, ...]]
"""Makes a prompt from a case."""


class Session(Protocol):
    """A repair session. All its calls and program runs are recorded and counted."""

    async def ask(self, case: Case, tell: PromptBuilder, step: str = "") -> Completion:
        """Return an answer to a prompt. The case is shortened until the prompt fits the context.

        Asking the same prompt again, in any round, draws the next answer to it. If no prompt fits,
        raises ContextTooSmallError; a strategy must not catch it, and the program stays unchanged.
        """
        ...

    async def write(self, case: Case, tell: PromptBuilder, step: str = "") -> Completion:
        """Return an answer that is a program; the prompt may already begin it for the model."""
        ...

    async def draw(self, case: Case) -> Completion:
        """Return the next draft of the problem, after those drawn so far."""
        ...

    async def watch(self, case: Case) -> Case:
        """Return the case with a block-by-block trace of its first failing test."""
        ...

    def read(self, case: Case, answer: Completion) -> Case:
        """Return the case of the program in an answer, without anything known of it yet."""
        ...

    async def check(self, case: Case) -> Case | None:
        """Run the visible tests on the case's program, and return the case with new feedback.

        Returns None if the program passes all tests that end the loop.
        """
        ...


class Strategy(Protocol):
    """The functions of a strategy module."""

    def choose(
        self, targets: Sequence[RepairTarget], width: int, random: Random
    ) -> tuple[RepairTarget | None, ...]:
        """Return at most `width` targets for a round; None stands for a fresh draw."""
        ...

    async def repair(self, case: Case, session: Session) -> Completion | None:
        """Return an answer with the new program; None leaves the program unchanged for good."""
        ...


def by_priority(
    targets: Sequence[RepairTarget], width: int, random: Random
) -> tuple[RepairTarget, ...]:
    """Return the ends of all lines, most promising first; `random` is not used.

    Order: most examples passed, fewest tries, most generated tests passed, oldest.
    """
    ends = (target for target in targets if not target.edited)
    return tuple(sorted(ends, key=_promise)[:width])


def _promise(target: RepairTarget) -> tuple[int, int, int, int]:
    return -target.examples, target.tries, -target.generated, target.candidate.id


def single_turn(template: str, **values: object) -> PromptBuilder:
    """Return a function that makes a prompt of one user turn from a template."""
    return lambda case: render(f"repair/{template}.j2", problem=case.problem, case=case, **values)


def follow_up_turn(first: PromptBuilder, answer: Completion, template: str) -> PromptBuilder:
    """Return a function that continues a chat: first prompt, its answer, and another user turn.

    Roles must alternate, and servers reject an empty turn: after an empty answer, both prompts form
    one turn.
    """
    said = note(answer)

    def tell(case: Case) -> tuple[Message, ...]:
        *before, question = first(case)
        (then,) = single_turn(template)(case)
        if said:
            return (*before, question, Message(role="assistant", content=said), then)
        both = f"{question.content}\n\n{then.content}"
        return (*before, Message(role="user", content=both))

    return tell


def note(answer: Completion) -> str:
    """Return an answer for use in a later prompt, without thinking, cut to 2,000 characters."""
    text = without_thinking(answer.text).strip()
    return text if len(text) <= _NOTE_CHARS else text[:_NOTE_CHARS].rstrip() + " ..."
