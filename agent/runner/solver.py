"""The loop as a library: it takes a problem and returns its trace.

Nothing is scored: no hidden test is read.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count
from types import TracebackType

from agent.config import RunConfig
from agent.errors import ConfigError, DatasetError
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.loop.prompt_graph import PromptGraph, prompt_graph
from agent.models.stored import StoredModel
from agent.parsing.source import parse
from agent.runner.resources import check_plugins, open_backends
from agent.support.activity import Say, silent
from agent.support.plugins import blame
from agent.types import Problem, Trace


class Solver:
    """A solver of problems, which keeps its model and its sandbox open.

        async with Solver(RunConfig(rounds=3)) as solver:
            trace = await solver.solve(prompt)

    It reads the settings `draft`, `tests`, `inputs`, `repair`, `budget`, `model`, `sandbox`,
    `selector`, `rounds`, `seed`, `stop`, `problems` and `store`; settings that name a dataset or a
    run folder are for `agent.run`. The model's answers are kept in `store`, and are not requested
    again.
    """

    def __init__(self, config: RunConfig | None = None, say: Say = silent):
        self.config = config or RunConfig()
        self._say = say
        self._stack = AsyncExitStack()
        self._context: LoopContext | None = None
        self._model: StoredModel | None = None
        self._ranks = count()
        self._slots: asyncio.Semaphore
        """Limit of problems at once. Created in __aenter__: it belongs to that event loop."""

    async def __aenter__(self) -> Solver:
        """Open the model and the sandbox, and load the plug-ins.

        Raises AgentError or SandboxUnavailable if one of them is not available.
        """
        if self._context is not None:
            raise RuntimeError("the solver is already open")
        config, self._slots = self.config, asyncio.Semaphore(self.config.problems)
        if config.budget.share == "need":
            raise ConfigError("budget.share: need is for agent.run, which knows all its problems")
        check_plugins(config)
        async with AsyncExitStack() as stack:
            backends = await stack.enter_async_context(open_backends([config], (), self._say))
            model = backends.stored_model(config, self._say)
            stack.push_async_callback(model.drain, self._say)
            stack.callback(backends.opened.stop_retrying)
            self._model = model
            self._context = LoopContext(model, backends.sandbox, config, BudgetMeter(config.budget))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context = self._model = None
        await self._stack.aclose()

    async def solve(self, problem: Problem | str) -> Trace:
        """Run the loop on a problem, or on a prompt: a function's signature and docstring.

        Several problems may be solved at once; the model serves earlier calls first. Raises
        AgentError or SandboxUnavailable if the machinery fails. A wrong program is not an error:
        it is in the trace.
        """
        own = self._own_context()
        posed = problem_of(problem) if isinstance(problem, str) else problem
        async with self._slots:
            try:
                return await run_graph(posed, own)
            except Exception as error:
                if (blamed := blame(error)) is not None:
                    raise blamed from error
                raise

    def graph(self) -> PromptGraph:
        """Return the loop as a LangGraph graph, for tools that draw and run graphs.

        Its input is {"prompt", "entry_point"}, of which the second may be left out; its output has
        `answer`, `stopped` and `trace`. It works while the solver is open.
        """
        return prompt_graph(problem_of, self._own_context)

    def _own_context(self) -> LoopContext:
        """Return the context of one problem. Raises RuntimeError if the solver is not open."""
        if self._context is None or self._model is None:
            raise RuntimeError("the solver is not open: use `async with Solver(...) as solver`")
        return replace(self._context, model=self._model.ranked(next(self._ranks)))


async def solve(problem: Problem | str, config: RunConfig | None = None) -> Trace:
    """Run the loop on one problem or prompt with a `Solver` that is closed afterwards."""
    async with Solver(config) as solver:
        return await solver.solve(problem)


def solve_sync(problem: Problem | str, config: RunConfig | None = None) -> Trace:
    """Call `solve` from synchronous code. Raises RuntimeError if an event loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(solve(problem, config))
    raise RuntimeError("an event loop is running: use `await solve(...)`")


def problem_of(prompt: str, entry_point: str | None = None) -> Problem:
    """Return the problem that a prompt poses: to write a function that it begins or defines.

    By default it is the last one. Raises DatasetError if the prompt does not have the function.
    """
    tree = parse(prompt) or parse(f"{prompt.rstrip()}\n    pass\n")
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node.name for node in tree.body if isinstance(node, functions)] if tree else []
    if not found:
        raise DatasetError("a prompt must be a Python function's signature and docstring")
    if entry_point and entry_point not in found:
        raise DatasetError(f"the prompt has no function {entry_point!r}; it has {', '.join(found)}")
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()
    return Problem(
        task_id=f"prompt/{digest[:12]}", prompt=prompt, entry_point=entry_point or found[-1]
    )
