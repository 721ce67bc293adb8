"""The guards that hold for every strategy: each has a test that fails without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.config import RunConfig
from agent.repair.round import chosen
from agent.repair.watch.call_trace import OBSERVED_CHARS
from agent.runner.audit import replay
from agent.types import Candidate, Matrix, Problem, Row, Trace
from sandbox import open_sandbox
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, SandboxConfig, SandboxUnavailable, Status
from tests.repair.script import fenced, loop, program, verdicts


def parents(trace: Trace) -> list[int | None]:
    return [candidate.parent for candidate in trace.candidates]


async def test_an_edit_that_loses_an_example_is_kept_and_not_built_on(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), fenced("-+ lost"), fenced("+- kept"), fenced("+- more")]
    trace = await loop(problem, answers, tmp_path, rounds=3)
    assert parents(trace) == [None, 0, 0, 2]
    assert len(trace.candidates) == 4
    # The parent's prompt, sent again, draws its next answer.
    assert [call.first for call in trace.calls] == [0, 0, 1, 0]


async def test_an_edit_that_loses_a_generated_test_only_is_built_on(
    problem: Problem, tmp_path: Path
) -> None:
    tests = "assert second_largest([1, 2]) == 1"
    answers = [fenced("+-+"), tests, fenced("+-- a"), fenced("+-- b")]
    trace = await loop(problem, answers, tmp_path, rounds=2, tests={"n": 1})
    assert parents(trace) == [None, 0, 1]


async def test_the_same_program_twice_ends_a_line(problem: Problem, tmp_path: Path) -> None:
    again = f"```python\n# the same\n{program('+-')}\n```"
    answers = [fenced("+-"), fenced("-- other"), again, fenced("-- third"), fenced("-- fourth")]
    trace = await loop(problem, answers, tmp_path, rounds=3, draft={"n": 2})
    # The better program's line ends with its first repair; the other draft is worked on after it.
    assert parents(trace) == [None, None, 0, 1, 3]


async def test_a_program_of_another_line_ends_a_line_too(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("+- a"), fenced("+- b"), fenced("+- b"), fenced("+- c"), fenced("+- d")]
    trace = await loop(problem, answers, tmp_path, rounds=3, draft={"n": 2})
    assert parents(trace) == [None, None, 0, 1, 3]


async def test_a_repeat_that_is_worse_ends_a_line_too(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("+-"), fenced("--"), fenced("--"), fenced("-- c")]
    trace = await loop(problem, answers, tmp_path, rounds=2, draft={"n": 2})
    assert parents(trace) == [None, None, 0, 1]


async def test_every_candidate_of_every_round_stays_in_the_pool(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("-+"), fenced("+- a"), fenced("+- b"), fenced("-- c")]
    trace = await loop(problem, answers, tmp_path, rounds=3, selector="first")
    assert len(trace.rows) == len(trace.candidates) == 4


@pytest.mark.parametrize(
    "strategy",
    [
        *("error_feedback", "reflexion", "resample", "trace", "critique", "rex"),
        *("mcts", "react", "self_check"),
    ],
)
async def test_a_replay_gives_every_strategy_again(
    problem: Problem, tmp_path: Path, strategy: str
) -> None:
    answers = [fenced("+-"), *(fenced(f"{'-+' if i % 2 else '+-'} {i}") for i in range(40))]
    settings: dict[str, Any] = {"rounds": 4, "repair": {"strategy": strategy, "width": 2}}
    settings |= {"draft": {"n": 2, "temperature": 0.7}, "tests": {"n": 0}}
    trace = await loop(problem, answers, tmp_path, **settings)
    assert trace.rounds == 4
    assert await replay(trace, RunConfig.model_validate(settings)) == []


async def test_reflections_are_kept_along_a_line_and_nowhere_else(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [
        *(fenced("+-"), fenced("-- other")),
        *("of the first", fenced("+- a"), "of the second draft", fenced("-- b")),
        *("later", fenced("+- c"), "later still", fenced("-- d")),
    ]
    trace = await loop(
        problem,
        answers,
        tmp_path,
        rounds=2,
        draft={"n": 2},
        repair={"strategy": "reflexion", "width": 2},
    )
    last = [call.messages[0].content for call in trace.calls if call.round == 2]
    assert [("of the first" in text, "of the second" in text) for text in last] == [
        *((True, False), (True, False)),
        *((False, True), (False, True)),
    ]


async def test_a_reflection_outlives_the_edit_that_was_reverted(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), "a lesson", fenced("-+ lost"), "another", fenced("+- kept")]
    trace = await loop(problem, answers, tmp_path, rounds=2, repair={"strategy": "reflexion"})
    assert parents(trace) == [None, 0, 0]
    assert "- a lesson" in trace.calls[3].messages[0].content


async def test_an_empty_reflection_is_none(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("--"), "", fenced("+- a"), "<think>hm", fenced("+- b")]
    trace = await loop(problem, answers, tmp_path, rounds=2, repair={"strategy": "reflexion"})
    assert not any("oldest first" in c.messages[0].content for c in trace.calls)


class Clock(FakeSandbox):
    """A sandbox whose programs have another value each time they are traced."""

    def __init__(self) -> None:
        super().__init__(self.tell)
        self.watched: list[Job] = []

    def tell(self, job: Job) -> Execution:
        if not job.tests[0].startswith("_observe_call"):
            return verdicts(job)
        self.watched.append(job)
        seen = [(0, [5], [f"now = {len(self.watched)}"], "")]
        return Execution((Outcome(Status.PASSED, actual=repr(seen)),))


async def test_what_was_seen_of_a_program_is_told_again(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("+-"), fenced("-+ lost"), fenced("-+ lost too"), fenced("+- a")]
    settings: dict[str, Any] = {"rounds": 3, "repair": {"strategy": "trace"}}
    sandbox = Clock()
    trace = await loop(problem, answers, tmp_path, sandbox, **settings)
    assert parents(trace) == [None, 0, 0, 0]
    assert [call.first for call in trace.calls] == [0, 0, 1, 2]
    assert "# now = 1" in trace.calls[3].messages[0].content
    seen = [probe for probe in trace.probes if probe.tests[0].startswith("_observe_call")]
    assert len(sandbox.watched) == len(seen) == 1
    config = RunConfig.model_validate({"draft": {"n": 1}, "tests": {"n": 0}, **settings})
    assert await replay(trace, config) == []


async def test_a_watched_program_may_tell_more_than_a_test(
    problem: Problem, tmp_path: Path
) -> None:
    sandbox, answers = Clock(), [fenced("--"), fenced("-- a")]
    trace = await loop(problem, answers, tmp_path, sandbox, rounds=1, repair={"strategy": "trace"})
    assert [job.limits.evidence_chars for job in sandbox.watched] == [OBSERVED_CHARS]
    assert "does in `second_largest([3, 1, 2])`, a block" in trace.calls[1].messages[0].content


def test_chance_comes_from_the_seed_the_round_and_the_problem() -> None:
    def order(source: str = "a", number: int = 1, seed: int = 0) -> tuple[int, ...]:
        candidates = tuple(Candidate(id=i, source=f"{source} {i}") for i in range(9))
        rows = tuple(Row(candidate=i, outcomes=()) for i in range(9))
        repair = {"strategy": "rex", "width": 9}
        config = RunConfig.model_validate({"seed": seed, "repair": repair})
        targets = chosen(Matrix(candidates, (), rows), (), number, config)
        return tuple(target.candidate.id for target in targets if target)

    assert order() == order()
    assert len({order(), order("b"), order(number=2), order(seed=1)}) == 4


async def test_a_trace_is_recorded_in_the_sandbox(problem: Problem, tmp_path: Path) -> None:
    wrong = "```python\ndef second_largest(values):\n    top = max(values)\n    return top\n```"
    try:
        async with open_sandbox(SandboxConfig(backend="local", slots=1)) as sandbox:
            trace = await loop(
                problem,
                [wrong, wrong],
                tmp_path,
                sandbox,
                rounds=1,
                repair={"strategy": "trace", "patch": "off"},
            )
    except SandboxUnavailable as error:
        pytest.skip(f"no local sandbox here: {error}")
    told_of = trace.calls[1].messages[0].content
    assert "[block 1]\ntop = max(values)\nreturn top\n# " in told_of
    assert {"# values = [3, 1, 2]", "# top = 3", "# returns 3"} <= set(told_of.splitlines())
    assert len(trace.probes) == 1
    assert trace.executions == 2


@pytest.mark.parametrize(
    "said",
    [
        "The function is right; the test is wrong.",
        "```python\n    return max(values)\n```",
        "```diff\n@@ -1,2 +1,2 @@\n def second_largest(values):\n-    return 0\n+    return 1\n```",
        " def second_largest(values):\n-    return 0\n+    return 1\n",
        "```python\ndef second_largest(values):\n    ...\n```",
        "Replace the second line of `second_largest` by\n\n    return values[1]\n",
        f"<think>{fenced('++')}</think>\nDone.",
        "",
    ],
)
async def test_an_answer_without_a_whole_function_ends_a_line(
    problem: Problem, tmp_path: Path, said: str
) -> None:
    answers = [fenced("+- a"), fenced("-- b"), said, fenced("++")]
    trace = await loop(problem, answers, tmp_path, rounds=2, draft={"n": 2})
    assert parents(trace) == [None, None, 1]
    (call,) = (call for call in trace.calls if call.round == 1)
    assert (call.parent, call.candidate) == (0, None)
    assert call.reason == "the answer does not define the whole function"
    settings = RunConfig.model_validate({"rounds": 2, "draft": {"n": 2}, "tests": {"n": 0}})
    assert await replay(trace, settings) == []


@pytest.mark.parametrize(
    "said",
    [
        program("++"),
        f"Sure.\n\n{program('++')}\nDone.",
        fenced("++").replace("```python", "```python\nimport math\n"),
        f"- wrong\n+ right\n{fenced('++')}",
        fenced("++")[:-4],
        "```python\ndef second_largest(values):\n    return (\n```",
    ],
)
async def test_a_whole_function_is_a_candidate_even_if_it_is_broken(
    problem: Problem, tmp_path: Path, said: str
) -> None:
    trace = await loop(problem, [fenced("+-"), said], tmp_path, rounds=1)
    assert parents(trace) == [None, 0]
    assert trace.calls[-1].reason == ""
