"""Half a surrogate pair, which a program may hold but UTF-8 does not allow, does not end a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.config import RunConfig
from agent.runner.audit import replay
from agent.types import Message, Problem, Trace
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status
from tests.repair.script import fenced, loop


def raising(job: Job) -> Execution:
    outcome = Outcome(Status.EXCEPTION, exception="ValueError", message="a\ud800")
    return Execution((outcome,) * len(job.tests))


async def test_a_program_that_raises_one_is_repaired_and_written_and_replayed(
    problem: Problem, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"rounds": 1, "model": {"context": 9_000}}
    answers = [fenced("--"), fenced("-- a")]
    trace = await loop(problem, answers, tmp_path, FakeSandbox(raising), **settings)
    assert "raised ValueError: a?" in trace.calls[1].messages[0].content
    assert Trace.model_validate_json(trace.model_dump_json()) == trace
    settings |= {"draft": {"n": 1}, "tests": {"n": 0}}
    assert await replay(trace, RunConfig.model_validate(settings)) == []


def test_no_message_holds_one() -> None:
    message = Message(role="user", content="a\ud800\U0001f600é")
    assert message.content == "a?\U0001f600é"
    assert message.model_dump_json()
