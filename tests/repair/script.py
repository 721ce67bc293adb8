"""A scripted loop on programs whose text says which visible tests they pass."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from agent.config import RunConfig
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.models.scripted import ScriptedModel
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.types import Call, Completion, Problem, Sampling, Trace, Usage
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status

SEEN = (0, [5], ["values = [3, 1, 2]"], "returns a text")
"""The record of an observer of the programs below, which follow the prompt's import."""


def program(note: str) -> str:
    return f"def second_largest(values):\n    return '{note}'"


def fenced(note: str) -> str:
    return f"```python\n{program(note)}\n```"


def verdicts(job: Job) -> Execution:
    """Pass the tests that have `+` in the program's text, as `+-`; fail all others."""
    if job.tests[0].startswith("_observe_call"):
        return Execution((Outcome(Status.PASSED, actual=repr([SEEN])),))
    note = job.program.split("'")[1] if "'" in job.program else ""
    marks = note.split()[0] if note else ""
    outcomes = []
    for i, _ in enumerate(job.tests):
        passed = marks[i : i + 1] == "+"
        wrong = Outcome(Status.WRONG_ANSWER, expected="1", actual=repr(note), value=repr(note))
        outcomes.append(Outcome(Status.PASSED) if passed else wrong)
    return Execution(tuple(outcomes))


async def loop(
    problem: Problem,
    answers: Iterable[str | Completion] | ScriptedModel,
    folder: Path,
    sandbox: Any = None,
    **settings: Any,
) -> Trace:
    """Run the loop to its end, with answers in the order of the requests."""
    settings = {"draft": {"n": 1}, "tests": {"n": 0}, **settings}
    config = RunConfig.model_validate(settings)
    model = answers if isinstance(answers, ScriptedModel) else ScriptedModel(answers)
    with closing(Store(folder / "store.sqlite")) as store:
        context = LoopContext(
            model=StoredModel(model, [store]),
            sandbox=sandbox or FakeSandbox(verdicts),
            config=config,
            meter=BudgetMeter(config.budget),
        )
        return await run_graph(problem, context)


def told(calls: Iterable[Call]) -> str:
    """Return all prompts and answers as readable text."""
    lines = []
    for call in calls:
        step = f" {call.step}" if call.step else ""
        target = f"==== round {call.round}, {call.purpose}{step}, answer {call.first}"
        lines.append(target)
        lines += [f"[{message.role}]\n{message.content}" for message in call.messages]
        lines += [f"[answer]\n{answer.text}" for answer in call.completions]
    return "\n".join(lines) + "\n"


def one_call(tokens: int) -> Call:
    answer = Completion(text="", usage=Usage(prompt_tokens=tokens, completion_tokens=0))
    return Call(purpose="draft", round=0, messages=(), sampling=Sampling(), completions=(answer,))
