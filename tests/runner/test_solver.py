"""The loop as a library: it takes a problem and returns the trace."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent import AgentError, Problem, RunConfig, Solver, Trace, solve, solve_sync
from agent.errors import DatasetError, ModelError, UnknownPluginError
from agent.runner.solver import problem_of
from agent.support.data import ROOT
from tests.conftest import PROMPT
from tests.stub_server import Server

DOUBLE = 'def double(x: int) -> int:\n    """Return twice x.\n\n    >>> double(4)\n    8\n    """\n'


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(**settings: Any) -> RunConfig:
    fixed = {"model": {"backend": "embedded"}, "sandbox": {"backend": "local"}, "draft": {"n": 2}}
    return RunConfig.model_validate(fixed | settings)


def test_a_prompt_is_solved_and_the_trace_holds_the_answer() -> None:
    trace = solve_sync(DOUBLE, config())
    assert isinstance(trace, Trace)
    assert trace.stopped == "passed"
    assert trace.answer == trace.candidates[trace.choice.candidate].source
    names: dict[str, Any] = {}
    exec(trace.answer, names)  # noqa: S102 - the answer of our own synthesiser
    assert names["double"](21) == 42
    assert trace.score is None


async def test_one_solver_solves_problems_at_once_and_repeats_no_request(tmp_path: Path) -> None:
    problems = [Problem(task_id=f"P/{i}", prompt=DOUBLE, entry_point="double") for i in range(3)]
    lines: list[str] = []
    async with Solver(config(), lines.append) as solver:
        traces = await asyncio.gather(*(solver.solve(problem) for problem in problems))
        again = await solver.solve(problems[0])
    assert [trace.problem for trace in traces] == problems
    clocks = {"seconds": traces[0].seconds, "timeline": traces[0].timeline}
    assert again.model_copy(update=clocks) == traces[0]
    assert lines[0].startswith("model: the embedded synthesiser")
    assert lines[1] == "sandbox: local, set by sandbox.backend"
    assert (tmp_path / "runs" / "store.sqlite").exists()


async def test_a_solver_must_be_open(tmp_path: Path) -> None:
    solver = Solver(config())
    with pytest.raises(RuntimeError, match="async with"):
        await solver.solve(DOUBLE)
    async with solver:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await solver.solve(DOUBLE)


async def test_an_open_solver_cannot_be_opened_but_a_closed_one_can() -> None:
    solver = Solver(config(problems=1))
    async with solver:
        with pytest.raises(RuntimeError, match="already open"):
            await solver.__aenter__()
    async with solver:
        assert (await solver.solve(DOUBLE)).answer
    with pytest.raises(RuntimeError, match=r"use `await solve"):
        solve_sync(DOUBLE, config())


def test_one_solver_serves_several_event_loops() -> None:
    solver = Solver(config(problems=1))

    async def both() -> int:
        async with solver:
            return len(await asyncio.gather(solver.solve(DOUBLE), solver.solve(DOUBLE)))

    assert [asyncio.run(both()) for _ in range(2)] == [2, 2]


async def test_a_plugin_that_raises_becomes_an_agent_error(tmp_path: Path) -> None:
    path = tmp_path / "boom.py"
    path.write_text("async def rank(pool, members):\n    return 1 / 0\n")
    with pytest.raises(AgentError, match=r"boom.py:2: ZeroDivisionError"):
        await solve(DOUBLE, config(selector=str(path)))


async def test_a_bad_plugin_name_server_or_prompt_becomes_an_agent_error() -> None:
    with pytest.raises(UnknownPluginError, match="selector: unknown 'best'"):
        await solve(DOUBLE, config(selector="best"))
    closed = {"backend": "served", "base_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(ModelError):
        await solve(DOUBLE, config(model=closed))
    with pytest.raises(AgentError, match="signature and docstring"):
        await solve("Write a poem.", config())


async def test_the_environment_is_not_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("AGENT_ROUNDS", "0")
    settings = config(model={"backend": "served", "base_url": server.url}, tests={"n": 0}, rounds=0)
    trace = await solve(PROMPT, settings)
    assert len(trace.candidates) == 2


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        (PROMPT, "second_largest"),
        ("import math\n\ndef helper(x):\n    return x\n\ndef f(x):\n", "f"),
        ("async def g(x): ...", "g"),
        ("def f(x):\n    '''Say.'''", "f"),
    ],
)
def test_the_entry_point_is_the_last_function_of_the_prompt(prompt: str, name: str) -> None:
    posed = problem_of(prompt)
    assert (posed.prompt, posed.entry_point) == (prompt, name)
    assert re.fullmatch(r"prompt/[0-9a-f]{12}", posed.task_id)


@pytest.mark.parametrize("prompt", ["", "x = 1\n", "class A:\n    def f(self): ...\n", "def (:"])
def test_a_prompt_without_a_function_is_refused(prompt: str) -> None:
    with pytest.raises(DatasetError, match="a prompt must be"):
        problem_of(prompt)


def test_the_readmes_python_example_runs(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (snippet,) = re.findall(r"```python\n(from agent import.*?)```", text, re.DOTALL)
    assert len(snippet.strip().splitlines()) <= 14
    (tmp_path / "ten.py").write_text(snippet)
    done = subprocess.run(
        [sys.executable, "ten.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("def double") == 1  # no worker runs the file again
