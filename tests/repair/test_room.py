"""Prompts that fit the model's context, and the parts left out of prompts that do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config import RunConfig
from agent.errors import ContextTooSmallError, PromptTooLongError
from agent.models.scripted import ScriptedModel
from agent.prompts import size, tokens_per_byte
from agent.repair.feedback import FailedTest, Feedback
from agent.repair.session import PromptLimit, fitted, prompt_limit
from agent.repair.strategy import Case, PromptBuilder, follow_up_turn, single_turn
from agent.repair.watch.call_trace import TracedBlock
from agent.runner.audit import replay
from agent.types import Completion, Message, Problem, Sampling, Usage
from tests.repair.script import fenced, loop, one_call

CASE = Case(
    problem=Problem(task_id="Own/2", prompt="def f(x):\n", entry_point="f"),
    program="def f(x):\n    return x",
    feedback=Feedback(
        failing=(FailedTest(source="assert f(1) == 2"), FailedTest(source="assert f(2) == 3")),
        passing=("assert f(0) == 0", "assert f('') == ''"),
    ),
    notes=("the oldest note " * 9, "a newer note"),
    blocks=(
        TracedBlock(number=0, lines=("a = 1",), values=("a = 1",)),
        TracedBlock(number=1, lines=("return a",), values=()),
    ),
)


def test_feedback_is_left_out_from_the_oldest_on() -> None:
    order, case = [], CASE
    while (less := case.shorter()) is not None:
        gone = [name for name in ("notes", "blocks") if getattr(less, name) != getattr(case, name)]
        order += gone or [
            name
            for name in ("passing", "failing")
            if getattr(less.feedback, name) != getattr(case.feedback, name)
        ]
        case = less
    assert order == ["notes", "notes", "blocks", "blocks", "passing", "passing", "failing"]
    assert CASE.shorter() == replace(CASE, notes=("a newer note",), left_out=1)
    assert case.feedback == Feedback(failing=CASE.feedback.failing[:1])
    assert case.left_out == 7


def prompt_of(
    case: Case, tell: PromptBuilder, prompt_limit: PromptLimit | None
) -> tuple[Message, ...]:
    return fitted(case, tell, prompt_limit)[1]


SHORTEST = PromptLimit(beside_answer=0, whole=1e9)


def test_a_prompt_that_does_not_fit_is_shortened_and_says_so() -> None:
    tell = single_turn("reflexion/write")
    whole = tell(CASE)
    assert prompt_of(CASE, tell, None) == whole
    assert prompt_of(CASE, tell, PromptLimit(size(whole), size(whole))) == whole
    less = prompt_of(CASE, tell, PromptLimit(size(whole) - 1, size(whole)))
    assert "the oldest note" not in less[0].content
    assert "(For length, 1 more piece of feedback is left out.)" in less[0].content
    least = prompt_of(CASE, tell, SHORTEST)
    assert "assert f(1) == 2" in least[0].content
    assert "7 more pieces of feedback are left out" in least[0].content
    assert prompt_of(CASE, tell, PromptLimit(0, size(least))) == least
    with pytest.raises(ContextTooSmallError):
        prompt_of(CASE, tell, PromptLimit(0, size(least) - 1))


def test_every_template_of_feedback_says_what_is_left_out() -> None:
    for name in ("error_feedback", "rex", "mcts", "critique", "trace"):
        assert "left out" in prompt_of(CASE, single_turn(f"{name}/fix"), SHORTEST)[0].content
    assert "left out" in prompt_of(CASE, single_turn("replan/plan"), SHORTEST)[0].content
    assert "left out" in prompt_of(CASE, single_turn("explain/explain"), SHORTEST)[0].content
    assert "left out" in prompt_of(CASE, single_turn("self_check/predict"), SHORTEST)[0].content


async def test_the_context_of_the_model_decides_how_long_a_prompt_is(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("--"), fenced("-- a")]
    model = {"max_tokens": 100, "context": 225}
    trace = await loop(problem, answers, tmp_path, rounds=1, model=model)
    assert "left out" in trace.calls[1].messages[0].content
    free = await loop(problem, answers[1:], tmp_path, rounds=1, model={"max_tokens": 100})
    assert "left out" not in free.calls[1].messages[0].content


async def test_what_has_no_room_at_all_is_left_as_it_is(problem: Problem, tmp_path: Path) -> None:
    model = {"max_tokens": 100, "context": 200}
    trace = await loop(problem, [fenced("--")], tmp_path, rounds=3, model=model)
    assert (trace.stopped, trace.rounds) == ("nothing to repair", 1)
    assert (len(trace.candidates), len(trace.calls)) == (1, 1)


async def test_a_dear_byte_shortens_the_prompts_after_it(problem: Problem, tmp_path: Path) -> None:
    model = {"max_tokens": 100, "context": 700}
    for tokens, shortened in ((100, False), (345, True)):
        usage = Usage(prompt_tokens=tokens, completion_tokens=6)
        draft = Completion(text=fenced("--"), usage=usage)
        folder = tmp_path / str(tokens)
        trace = await loop(problem, [draft, fenced("-- a")], folder, rounds=1, model=model)
        assert ("left out" in trace.calls[1].messages[0].content) is shortened


class Narrow(ScriptedModel):
    """Refuses every prompt above `limit` bytes, whatever context the settings give."""

    limit = 10_000

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        if size(messages) > self.limit:
            self.asked.append(tuple(messages))
            raise PromptTooLongError("too long")
        return await super().complete(messages, n, sampling)


async def test_a_refused_prompt_is_shortened_and_never_sent_again(
    problem: Problem, tmp_path: Path
) -> None:
    whole = (
        await loop(problem, [fenced("--"), fenced("-- a")], tmp_path / "free", rounds=1)
    ).calls[1]
    model = Narrow([fenced("--"), fenced("-- a")])
    model.limit = size(whole.messages) - 1
    trace = await loop(problem, model, tmp_path / "one", rounds=1)
    _, refused, repair = trace.calls
    assert refused.messages == whole.messages
    assert refused.completions == ()
    assert "left out" in repair.messages[0].content
    assert len(trace.candidates) == 2
    again = Narrow([])
    replayed = await loop(problem, again, tmp_path / "one", rounds=1)
    assert again.asked == []
    assert replayed.calls == trace.calls
    config = RunConfig.model_validate({"draft": {"n": 1}, "tests": {"n": 0}, "rounds": 1})
    assert await replay(trace, config) == []


def test_what_a_model_said_is_cut_and_without_its_thinking_in_the_next_prompt() -> None:
    answer = Completion(text="<think>secret</think>" + 5_000 * "x")
    chat = follow_up_turn(single_turn("explain/explain"), answer, "explain/fix")(CASE)
    assert [message.role for message in chat] == ["user", "assistant", "user"]
    assert len(chat[1].content) < 2_010
    assert "secret" not in chat[1].content


@pytest.mark.parametrize("answer", ["", " \n", "<think>never said"])
def test_an_answer_that_says_nothing_leaves_one_turn(answer: str) -> None:
    question = single_turn("explain/explain")
    (turn,) = follow_up_turn(question, Completion(text=answer), "explain/fix")(CASE)
    assert turn.role == "user"
    before, then = question(CASE)[0].content, single_turn("explain/fix")(CASE)[0].content
    assert turn.content == f"{before}\n\n{then}"


def test_the_answer_has_its_room_in_the_context() -> None:
    config = RunConfig.model_validate({"model": {"max_tokens": 100, "context": 350}})
    assert prompt_limit(config, []) == PromptLimit(250 / (1 / 3), 350 / (1 / 3))
    assert prompt_limit(RunConfig(), []) is None


def test_what_a_byte_costs_is_learnt_from_the_requests_before() -> None:
    config = RunConfig.model_validate({"model": {"max_tokens": 100, "context": 350}})
    dear = one_call(60).model_copy(update={"messages": (Message(role="user", content="x" * 100),)})
    cheap = dear.model_copy(update={"messages": (Message(role="user", content="x" * 600),)})
    assert tokens_per_byte([cheap, dear, cheap]) == 0.6
    assert tokens_per_byte([cheap]) == tokens_per_byte([]) == 1 / 3
    assert prompt_limit(config, [dear]) == PromptLimit(250 / 0.6, 350 / 0.6)
