"""A run: works on many problems at once, writes a trace for each, and can be resumed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass

from agent.config import RunConfig
from agent.errors import (
    PluginError,
    RunEndingError,
    RunFolderError,
    StoreError,
    UnwritableError,
)
from agent.evaluation.outside_reasons import missing_packages
from agent.evaluation.scoring import Scorer
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.run_budget import SharingMeter
from agent.loop.timing import stopwatch
from agent.models.opening import OpenedModel
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.report.figures import without_text
from agent.report.summary import Report, Unscored
from agent.runner.folder import RunFolder
from agent.runner.monitor import monitoring
from agent.runner.outputs import FinishedProblems, finish
from agent.runner.provenance import build_manifest
from agent.runner.resources import (
    Resources,
    choose_problems,
    open_resources,
    plugin_hashes,
)
from agent.runner.resume import open_folder, pin_model
from agent.runner.starts import Starts
from agent.support.activity import Say
from agent.support.concurrency import all_or_first_error
from agent.support.plugins import blame
from agent.types import Problem, Trace
from sandbox.base import Sandbox

Progress = Callable[[Trace | None], None]
"""A function to call for each problem that is done: with its trace, or None if unscored."""
Watch = Callable[[int], Progress]
"""A function to call with the number of problems. It returns the function to report progress."""
ENDING = (RunEndingError, StoreError, UnwritableError, PluginError)
"""Errors that every other problem of a run would meet, too. They end the run, which
may be resumed."""


@dataclass(frozen=True)
class FinishedRun:
    """A finished run: its folder and its report."""

    folder: RunFolder
    report: Report


async def run(
    config: RunConfig,
    say: Say,
    watch: Watch,
    show: Say | None = None,
    environ: Mapping[str, str] | None = None,
) -> FinishedRun:
    """Do a run, or resume one.

    `say` gets one line each for the model, the sandbox and the folder. `watch` gets the number of
    problems, and returns the function that is called when a problem is done. `show` gets a line on
    the use of model and sandbox every few seconds. `environ` is the environment of the command.

    Raises AgentError or SandboxUnavailable before a run folder is made if the settings cannot be
    satisfied.
    """
    start = time.monotonic()
    async with open_resources([config], say, environ) as resources:
        return await run_in(resources, config, say, watch, show, start)


async def run_in(
    resources: Resources,
    config: RunConfig,
    say: Say,
    watch: Watch,
    show: Say | None = None,
    start: float | None = None,
    advice: str | None = None,
) -> FinishedRun:
    """Do a run with open resources. Its wall time counts from `start`, a monotonic time.

    If it ends early, it says `advice`; by default how to resume it, and nothing for "".
    """
    start = time.monotonic() if start is None else start
    dataset, backends = resources.dataset, resources.backends
    opened, sandbox = backends.opened, backends.sandbox
    problems = choose_problems(dataset, config)
    config = pin_model(config, opened)
    facts, plugins = opened.facts, plugin_hashes(config)
    name = opened.model.identity
    manifest = build_manifest(config, dataset, problems, name, sandbox.info, facts, plugins)
    with open_folder(config, manifest, opened.known, say) as folder:
        say(f"run: {folder.path}")
        starts, progress = Starts(folder, start), watch(len(problems))

        def tick(line: str) -> None:
            starts.note()
            if show is not None:
                show(line)

        with closing(Store(folder.path / "store.sqlite")) as own:
            model = backends.stored_model(config, say, [own])
            watched = monitoring(
                backends.activity,
                opened.cache_use,
                config.sandbox.slots,
                tick,
                opened.waits_until,
            )
            try:
                async with draining(model, opened, starts, say), watched:
                    scorer = resources.scorer
                    done = await run_problems(
                        problems, scorer, model, sandbox, config, folder, progress
                    )
            except PluginError:
                raise  # a fixed plug-in has another hash, and needs a new run
            except (asyncio.CancelledError, *ENDING):
                resume = f"stopped; resume with: python -m agent.run --resume {folder.path}"
                if line := resume if advice is None else advice:
                    say(line)
                raise
            say(f"answers: {model.asked} from the model, {model.reused} from the store")
            rows = (row for trace in done.traces for row in trace.rows)
            if reason := missing_packages(rows, config.sandbox.packages):
                say(reason)
            asked, spent = own.spent()
        report = finish(folder, dataset, done, starts.note(), asked, spent, config.part)
        if report.without_text:
            say(f"answers without text: {without_text(report)}")
        return FinishedRun(folder, report)


@asynccontextmanager
async def draining(
    model: StoredModel, opened: OpenedModel, starts: Starts, say: Say
) -> AsyncIterator[None]:
    """Wait at the end for answers in flight. If the run ends early, no request is sent again."""
    try:
        yield
    except BaseException:
        opened.stop_retrying()
        raise
    finally:
        try:
            await model.drain(say)
        finally:
            starts.note()


async def run_problems(
    problems: Sequence[Problem],
    scorer: Scorer,
    model: StoredModel,
    sandbox: Sandbox,
    config: RunConfig,
    folder: RunFolder,
    progress: Progress,
) -> FinishedProblems:
    """Bring every problem to a scored trace, except those on which the machinery fails.

    Requests to the model are served in the order of the problems: earlier problems are finished
    first, so that the sandbox has work all the time, and not only at the end.
    """
    tasks, slots = [problem.task_id for problem in problems], asyncio.Semaphore(config.problems)
    meter = open_meter(config, tasks, slots)
    finished = finished_traces(tasks, folder)
    scored: dict[str, Trace] = {}
    failed: dict[str, Unscored] = {}

    async def solve_one(rank: int, problem: Problem) -> None:
        async with slots:
            trace = None
            try:
                own = LoopContext(model.ranked(rank), sandbox, config, meter)
                trace = await run_problem(problem, scorer, own, folder)
                scored[problem.task_id] = trace
            except ENDING:
                raise
            except Exception as error:
                if (blamed := blame(error)) is not None:
                    raise blamed from error
                reason = f"{type(error).__name__}: {error}"
                failed[problem.task_id] = Unscored(task_id=problem.task_id, error=reason)
                if problem.task_id not in finished:
                    meter.leave(problem.task_id)
            progress(trace)

    # They come first: finished problems are counted before any other goes on.
    replays = [meter.replay(trace) for trace in finished.values()]
    await all_or_first_error([*replays, *(solve_one(*pair) for pair in enumerate(problems))])
    return FinishedProblems(
        traces=tuple(scored[task] for task in tasks if task in scored),
        unscored=tuple(failed[task] for task in tasks if task in failed),
    )


def open_meter(
    config: RunConfig, tasks: Sequence[str], slots: asyncio.Semaphore
) -> BudgetMeter | SharingMeter:
    """Return the meter of a run's budget. A problem holds one of the slots while it works."""
    if config.budget.share == "need":
        return SharingMeter(config, tasks, slots)
    return BudgetMeter(config.budget)


def finished_traces(tasks: Sequence[str], folder: RunFolder) -> dict[str, Trace]:
    """Return the traces that a former start of the run wrote."""
    found = {}
    for task in tasks:
        # A broken trace is reported when its problem is worked on.
        with suppress(KeyError, RunFolderError):
            found[task] = folder.trace(task)
    return found


async def run_problem(
    problem: Problem, scorer: Scorer, context: LoopContext, folder: RunFolder
) -> Trace:
    """Run the loop on one problem, write its trace, then score it and write the score.

    A step that a former start has finished is not repeated.
    """
    try:
        trace = folder.trace(problem.task_id)
    except KeyError:
        from agent.loop.graph import run_graph  # takes as long as all other imports together

        trace = await run_graph(problem, context)
        folder.write_trace(trace)
    if trace.score is None:
        config, times = context.config, [*trace.timeline]
        with stopwatch("judge", times):
            score = await scorer.score(
                problem.task_id,
                trace.candidates,
                context.sandbox,
                config.sandbox,
                count_unjudged=config.count_unjudged,
            )
        trace = trace.model_copy(update={"score": score, "timeline": tuple(times)})
        folder.write_trace(trace)
    return trace
