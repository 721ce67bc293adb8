"""A repair session: fits prompts to the context, runs probes, records every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.answers import load_extractor
from agent.config import RunConfig
from agent.errors import ContextTooSmallError, PromptTooLongError
from agent.models.base import Model
from agent.prompts import prefilled_program, size, stop_strings, tokens_per_byte
from agent.prompts.drafts import messages_for_draft, messages_for_plan
from agent.repair.feedback import Feedback, binding_tests, feedback_on
from agent.repair.strategy import Case, PromptBuilder
from agent.repair.watch.call_trace import OBSERVED_CHARS, read_blocks, watched
from agent.types import Call, Completion, Matrix, Message, Probe, Sampling
from agent.visible_tests.executor import Executor
from agent.visible_tests.inputs.calls import first_call
from sandbox.types import Outcome

Drawn = dict[tuple[tuple[Message, ...], Sampling], int]
"""Number of answers drawn so far, by chat and sampling."""
Ran = dict[tuple[str, tuple[str, ...]], tuple[Outcome, ...]]
"""Outcomes of programs that were run outside the matrix, by program and tests."""


@dataclass(frozen=True)
class PromptLimit:
    """The largest size of a prompt, in bytes."""

    beside_answer: float
    """Size that leaves room for the longest answer in the context."""
    whole: float
    """Size that fills the whole context."""


def prompt_limit(config: RunConfig, calls: Sequence[Call]) -> PromptLimit | None:
    """Return the prompt limit, or None if the context is unknown.

    Tokens per byte are estimated from the previous requests.
    """
    context = config.model.context
    if context is None:
        return None
    price = tokens_per_byte(calls)
    return PromptLimit((context - config.model.max_tokens) / price, context / price)


def count_drawn(calls: Sequence[Call]) -> Drawn:
    """Return the number of answers drawn so far, by chat and sampling."""
    return {(c.messages, c.sampling): c.first + len(c.completions) for c in calls}


@dataclass
class RecordingSession:
    """A session on a model and a sandbox that records its calls and probes."""

    executor: Executor
    model: Model
    config: RunConfig
    call: Call
    """The fields that all its calls have in common."""
    prompt_limit: PromptLimit | None
    drawn: Drawn
    """Updated by this session, for the sessions after it."""
    ran: Ran
    """Updated like `drawn`."""
    matrix: Matrix
    """The visible tests, and the programs so far."""
    calls: list[Call] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)

    async def ask(self, case: Case, tell: PromptBuilder, step: str = "") -> Completion:
        """Return the next answer to the prompt of a case. Raises ContextTooSmallError."""
        case, messages = fitted(case, tell, self.prompt_limit)
        sampling = self.call.sampling.model_copy(update={"stop": stop_strings(messages)})
        first = self.drawn.get((messages, sampling), 0)
        try:
            answers = tuple(await self.model.complete(messages, first + 1, sampling))[first:]
        except PromptTooLongError:
            self._record(step, messages, sampling, (), first)
            if (less := case.shorter()) is None:
                raise ContextTooSmallError from None
            return await self.ask(less, tell, step)
        self._record(step, messages, sampling, answers, first)
        return answers[0]

    def _record(
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

    async def write(self, case: Case, tell: PromptBuilder, step: str = "") -> Completion:
        """Return an answer that holds a program. Raises ContextTooSmallError."""
        return await self.ask(
            case, lambda one: prefilled_program(tell(one), one.problem, self.config.model), step
        )

    async def draw(self, case: Case) -> Completion:
        """Return one more draft; its usage includes its plan. Raises ContextTooSmallError."""
        told = self.config.model, self.config.draft.prompt
        if not messages_for_plan(case.problem, *told):
            return await self.ask(case, lambda one: messages_for_draft(one.problem, *told))
        plan = await self.ask(case, lambda one: messages_for_plan(one.problem, *told), "plan")
        answer = await self.ask(
            case, lambda one: messages_for_draft(one.problem, *told, plan=plan.text)
        )
        return answer.model_copy(update={"usage": plan.usage + answer.usage})

    async def watch(self, case: Case) -> Case:
        """Return the case with a trace of its program on its first failing test, if it has one."""
        problem, failing = self.executor.problem, case.feedback.failing
        call = first_call(failing[0].source, problem.entry_point) if failing else None
        if call is None:
            return case
        program, probe = watched(case.program, call)
        limits = replace(self.executor.limits, evidence_chars=OBSERVED_CHARS)
        (outcome,) = await self._run(replace(self.executor, limits=limits), program, (probe,))
        return replace(case, call=call, blocks=read_blocks(case.program, outcome))

    def read(self, case: Case, answer: Completion) -> Case:
        """Return the case of the program in an answer, without anything known of it yet."""
        extractor = load_extractor(self.config.model.extractor)
        program = extractor.extract(case.problem, answer.text)
        return replace(case, program=program, feedback=Feedback(), call="", blocks=())

    async def check(self, case: Case) -> Case | None:
        """Return the case with feedback on its program; None if it passes all tests that bind."""
        tests = self.matrix.tests
        sources = tuple(test.source for test in tests)
        outcomes = await self._run(self.executor, case.program, sources)
        if all(outcomes[i].passed for i in binding_tests(tests, self.config.stop)):
            return None
        feedback = feedback_on(case.program, outcomes, self.matrix, self.config.repair)
        return replace(case, feedback=feedback)

    async def _run(
        self, executor: Executor, program: str, tests: tuple[str, ...]
    ) -> tuple[Outcome, ...]:
        """Return the outcomes of a program, from an earlier run if there was one.

        The output of a program may depend on the clock, but a prompt that is sent again must not
        change.
        """
        if (program, tests) not in self.ran:
            found = await executor.run([program], tests, tuple)
            self.ran[program, tests] = found[program]
            self.probes.append(Probe(program=program, tests=tests, outcomes=found[program]))
        return self.ran[program, tests]


def fitted(
    case: Case, tell: PromptBuilder, prompt_limit: PromptLimit | None
) -> tuple[Case, tuple[Message, ...]]:
    """Return a case and its prompt, shortened until the prompt leaves room for the answer.

    Tokens per byte are only an estimate. A prompt that cannot be shortened further is therefore
    sent if it fits the whole context. Raises ContextTooSmallError if it does not.
    """
    messages = tell(case)
    if prompt_limit is None:
        return case, messages
    while size(messages) > prompt_limit.beside_answer and (less := case.shorter()) is not None:
        case, messages = less, tell(less)
    if size(messages) > prompt_limit.whole:
        raise ContextTooSmallError
    return case, messages
