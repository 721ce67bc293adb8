"""The loop as a library: one problem in, its trace out. Nothing is scored: no hidden test is
read."""

from __future__ import annotations

import ast
import asyncio
import hashlib
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count
from types import TracebackType

from agent.config import RunConfig
from agent.errors import DatasetError
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.models.stored import StoredModel
from agent.parsing.source import parse
from agent.runner.resources import check_plugins, open_backends
from agent.support.activity import Say, silent
from agent.support.plugins import blame
from agent.types import Problem, Trace


class Solver:
    """Solves problems with a model and a sandbox that stay open.

        async with Solver(RunConfig(rounds=3)) as solver:
            trace = await solver.solve(prompt)

    The settings' `draft`, `tests`, `inputs`, `repair`, `budget`, `model`, `sandbox`, `selector`,
    `rounds`, `seed`, `stop`, `problems` and `store` hold; those that name a dataset or a run folder
    are for `agent.run`. Answers of the model are kept in `store`, and are not asked for again.
    """

    def __init__(self, config: RunConfig | None = None, say: Say = silent):
        self.config = config or RunConfig()
        self._say = say
        self._stack = AsyncExitStack()
        self._tools: LoopContext | None = None
        self._model: StoredModel | None = None
        self._ranks = count()
        self._at_once: asyncio.Semaphore
        """Made when the solver is opened: it belongs to that event loop."""

    async def __aenter__(self) -> Solver:
        """Open model and sandbox.

        Raises AgentError or SandboxUnavailable if one of them cannot be had, or a plug-in.
        """
        if self._tools is not None:
            raise RuntimeError("the solver is open already")
        config, self._at_once = self.config, asyncio.Semaphore(self.config.problems)
        check_plugins(config)
        async with AsyncExitStack() as stack:
            backends = await stack.enter_async_context(open_backends([config], (), self._say))
            stores = (backends.shared, *backends.opened.stores)
            concurrency = config.model.concurrency
            model = StoredModel(backends.opened.model, stores, concurrency, backends.activity)
            stack.push_async_callback(model.drain)
            self._model = model
            self._tools = LoopContext(model, backends.sandbox, config, BudgetMeter(config.budget))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tools = self._model = None
        await self._stack.aclose()

    async def solve(self, problem: Problem | str) -> Trace:
        """Run the loop on a problem, or on a prompt: a function's signature and docstring.

        Many may be solved at once; those that were begun first are served first. Raises AgentError
        or SandboxUnavailable if the machinery fails: a program that is wrong is in the trace.
        """
        if self._tools is None or self._model is None:
            raise RuntimeError("the solver is not open: use `async with Solver(...) as solver`")
        own = replace(self._tools, model=self._model.ranked(next(self._ranks)))
        posed = problem_of(problem) if isinstance(problem, str) else problem
        async with self._at_once:
            try:
                return await run_graph(posed, own)
            except Exception as error:  # noqa: BLE001 - the outermost boundary of one problem
                raise blame(error) or error from error.__cause__


async def solve(problem: Problem | str, config: RunConfig | None = None) -> Trace:
    """Run the loop on one problem or prompt, and close all that it needed. See `Solver`."""
    async with Solver(config) as solver:
        return await solver.solve(problem)


def solve_sync(problem: Problem | str, config: RunConfig | None = None) -> Trace:
    """Do what `solve` does, where no event loop is running. Raises RuntimeError if one is."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(solve(problem, config))
    raise RuntimeError("an event loop is running: use `await solve(...)`")


def problem_of(prompt: str) -> Problem:
    """Return the problem that a prompt poses: the last function that it begins or defines.

    Raises DatasetError if it has none.
    """
    tree = parse(prompt) or parse(f"{prompt.rstrip()}\n    pass\n")
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node.name for node in tree.body if isinstance(node, functions)] if tree else []
    if not found:
        raise DatasetError("a prompt must be a Python function's signature and docstring")
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()
    return Problem(task_id=f"prompt/{digest[:12]}", prompt=prompt, entry_point=found[-1])
