"""The isolation of visible tests: it depends on the prompt and the setting alone."""

from __future__ import annotations

import pytest

from agent.config import RunConfig, SandboxSection
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.models.scripted import ScriptedModel
from agent.types import Problem
from agent.visible_tests.executor import Executor
from sandbox.fake import FakeSandbox
from sandbox.types import Limits


@pytest.mark.parametrize(
    ("prompt", "isolation"),
    [
        ("def f(x):\n    pass\n", "split"),
        ("class A:\n    pass\n\ndef f(x):\n    pass\n", "shared"),
        ("class A(int): pass\n\ndef f(x):\n", "shared"),  # no whole program
        ("from typing import List\n\nclass Solution:\n    def f(self, x: List[int]):\n", "shared"),
        ("@dataclass\nclass A:\n    x: int\n\ndef f(a):\n    '''class B:", "shared"),
        ("def f(x):\n    class A: pass\n    return A\n", "split"),
        ('def f(x):\n    """\nclass A:\n    pass\n"""\n', "split"),
        ("# class A:\ndef f(x):\n", "split"),
        ("class of students (a list)\ndef f(x):\n", "split"),
        ("A = type('A', (), {})\ndef f(x):\n", "split"),
    ],
)
async def test_only_a_class_of_the_prompt_makes_visible_tests_shared(
    prompt: str, isolation: str
) -> None:
    problem = Problem(task_id="Own/0", prompt=prompt, entry_point="f")
    for setting in ("auto", "split", "shared"):
        box = FakeSandbox()
        section = SandboxSection.model_validate({"isolation": setting})
        executor = Executor(problem, box, Limits(), section.isolation)
        await executor.run(["f = abs"], ["assert f(1)"], len)
        (job,) = box.jobs
        assert job.isolation == (isolation if setting == "auto" else setting)
        assert (job.share_calls, job.trusted) == (True, False)


def test_the_loop_passes_its_setting_on(problem: Problem) -> None:
    config = RunConfig.model_validate({"sandbox": {"isolation": "shared"}})
    context = LoopContext(ScriptedModel([]), FakeSandbox(), config, BudgetMeter(config.budget))
    assert context.executor(problem).job_isolation == "shared"
