"""Where one repair is worked on: it fits prompts to the model, runs programs, and keeps it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.config import ModelConfig, RunConfig
from agent.errors import NoRoomError, PromptTooLongError
from agent.models.base import Model
from agent.prompts import begun_program, messages_for_draft, size, stops, tokens_a_byte
from agent.repair.strategy import Case, Tell
from agent.repair.watch.call_trace import OBSERVED_CHARS, read_blocks, watched
from agent.types import Call, Completion, Message, Probe, Sampling
from agent.visible_tests.executor import Executor
from agent.visible_tests.inputs.calls import first_call
from sandbox.types import Outcome

Drawn = dict[tuple[tuple[Message, ...], Sampling], int]
"""How many answers each chat has got."""
Ran = dict[tuple[str, tuple[str, ...]], tuple[Outcome, ...]]
"""What came of each program that was run beside the matrix, on which tests."""


@dataclass(frozen=True)
class PromptLimit:
    """Bytes that a prompt may have."""

    beside_answer: float
    """With room for the longest answer set aside."""
    whole: float
    """In a context that it has for itself."""


def prompt_limit(config: RunConfig, calls: Sequence[Call]) -> PromptLimit | None:
    """What a prompt may have, at the price of a byte in the requests before; None for no limit."""
    context = config.model.context
    if context is None:
        return None
    price = tokens_a_byte(calls)
    return PromptLimit((context - config.model.max_tokens) / price, context / price)


def count_drawn(calls: Sequence[Call]) -> Drawn:
    """The answers that each chat has got so far."""
    return {(c.messages, c.sampling): c.first + len(c.completions) for c in calls}


@dataclass
class RecordingSession:
    """A session on a model and a sandbox, which keeps what it did."""

    executor: Executor
    model: Model
    manner: ModelConfig
    """How the model is spoken to."""
    call: Call
    """What all its requests have in common."""
    prompt_limit: PromptLimit | None
    drawn: Drawn
    """Kept up to date, for the sessions after it."""
    ran: Ran
    """Likewise."""
    calls: list[Call] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)

    async def ask(self, case: Case, tell: Tell, step: str = "") -> Completion:
        """One answer, the next one to its prompt. Raises NoRoomError."""
        case, messages = fitted(case, tell, self.prompt_limit)
        how = self.call.sampling.model_copy(update={"stop": stops(messages)})
        first = self.drawn.get((messages, how), 0)
        try:
            answers = tuple(await self.model.complete(messages, first + 1, how))[first:]
        except PromptTooLongError:
            self._keep(step, messages, how, (), first)
            if (less := case.shorter()) is None:
                raise NoRoomError from None
            return await self.ask(less, tell, step)
        self._keep(step, messages, how, answers, first)
        return answers[0]

    def _keep(
        self,
        step: str,
        messages: tuple[Message, ...],
        sampling: Sampling,
        answers: tuple[Completion, ...],
        first: int,
    ) -> None:
        self.drawn[messages, sampling] = first + len(answers)
        made = {"step": step, "messages": messages, "sampling": sampling}
        answered = {"completions": answers, "first": first}
        self.calls.append(self.call.model_copy(update=made | answered))

    async def write(self, case: Case, tell: Tell, step: str = "") -> Completion:
        """One answer that holds a program. Raises NoRoomError."""
        return await self.ask(
            case, lambda one: begun_program(tell(one), one.problem, self.manner), step
        )

    async def draw(self, case: Case) -> Completion:
        """One more draft. Raises NoRoomError."""
        return await self.ask(case, lambda one: messages_for_draft(one.problem, self.manner))

    async def watch(self, case: Case) -> Case:
        """The case with what its program does on its first failing test."""
        problem, failing = self.executor.problem, case.feedback.failing
        call = first_call(failing[0].source, problem.entry_point) if failing else None
        if call is None:
            return case
        program, probe = watched(case.program, call)
        (outcome,) = await self._run(program, (probe,))
        return replace(case, call=call, blocks=read_blocks(case.program, outcome))

    async def _run(self, program: str, tests: tuple[str, ...]) -> tuple[Outcome, ...]:
        """The outcomes, those of an earlier time where there are some.

        A program that shows a clock shows another one each time, and a prompt that is sent again
        has to be the same.
        """
        if (program, tests) not in self.ran:
            limits = replace(self.executor.limits, evidence_chars=OBSERVED_CHARS)
            found = await replace(self.executor, limits=limits).run([program], tests, tuple)
            self.ran[program, tests] = found[program]
            self.probes.append(Probe(program=program, tests=tests, outcomes=found[program]))
        return self.ran[program, tests]


def fitted(
    case: Case, tell: Tell, prompt_limit: PromptLimit | None
) -> tuple[Case, tuple[Message, ...]]:
    """A case and its prompt; a shorter one where it has more bytes than the model has room for.

    A byte may cost less than was reckoned: what cannot be shortened any further is sent while it
    has the room of prompt and answer together. Raises NoRoomError for what has not.
    """
    messages = tell(case)
    if prompt_limit is None:
        return case, messages
    while size(messages) > prompt_limit.beside_answer and (less := case.shorter()) is not None:
        case, messages = less, tell(less)
    if size(messages) > prompt_limit.whole:
        raise NoRoomError
    return case, messages
