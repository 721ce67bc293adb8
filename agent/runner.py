"""All problems of a run: many at once, each ending in a trace, and any start able to go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    closing,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.budget import BudgetMeter
from agent.config import RunConfig
from agent.datasets import Dataset, DatasetError, load
from agent.finish import Done, finish
from agent.gauges import Gauges, Say
from agent.graph import solve
from agent.models import Opened, open_model
from agent.models.base import RunEndingError
from agent.models.store import Store, StoreError
from agent.models.stored import StoredModel
from agent.monitor import watching
from agent.patience import PatientSandbox
from agent.provenance import build_manifest
from agent.repair import load_strategy
from agent.score import Scorer
from agent.select import asks_model, load_selector
from agent.settings import (
    ConfigError,
    differences,
    dump_yaml,
    flatten,
    load_config,
    made_with,
    read_yaml,
)
from agent.tasks import all_or_first_error
from agent.tools import Tools
from agent.trace import RunFolder, RunFolderError, UnwritableError, new_folder
from agent.types import Problem, Report, Trace, Unscored
from sandbox import open_sandbox
from sandbox.base import Sandbox

Progress = Callable[[Trace | None], None]
"""Told of each problem that is done: its trace, or None where it stays unscored."""
Watch = Callable[[int], Progress]
ENDING = (RunEndingError, StoreError, UnwritableError)
"""What no other problem of a run can fare better with: the run ends, and may be resumed."""


@dataclass(frozen=True)
class Finished:
    """What a run leaves behind."""

    folder: RunFolder
    report: Report


@dataclass(frozen=True)
class Workshop:
    """What takes time to open, and what runs of one model on one dataset share."""

    dataset: Dataset
    scorer: Scorer
    opened: Opened
    sandbox: Sandbox
    shared: Store
    gauges: Gauges


async def run(config: RunConfig, say: Say, watch: Watch, show: Say | None = None) -> Finished:
    """Do a run, or go on with one.

    `say` is told in a line each which model, sandbox and folder are used; `watch` is given the
    number of problems, and returns whom to tell of progress; `show` is given a line every few
    seconds that says how busy all is.

    Raises ConfigError, DatasetError, UnknownPluginError, SelectorError, ModelError,
    SandboxUnavailable, StoreError or RunFolderError before a run folder is made, where the run
    cannot be made as asked.
    """
    start = time.monotonic()
    async with open_workshop([config], say) as workshop:
        return await run_in(workshop, config, say, watch, show, start)


@asynccontextmanager
async def open_workshop(configs: Sequence[RunConfig], say: Say) -> AsyncIterator[Workshop]:
    """Open what some runs share; they may differ in what a loop does, not in what it works with.

    Raises what `run` raises.
    """
    config = configs[0]
    for one in configs:
        load_selector(one.selector)
        load_strategy(one.repair.strategy)
    dataset = load(config.dataset)
    choose(dataset, config)
    scorer = Scorer(config.dataset)
    async with AsyncExitStack() as stack:
        loops = any(asks_for_more(one) for one in configs)
        opened = await open_model(config.model, dataset.problems, config.seed, loops=loops, say=say)
        stack.push_async_callback(opened.aclose)
        say(f"model: {opened.line}")
        box = await stack.enter_async_context(open_sandbox(config.sandbox.opening()))
        say(f"sandbox: {box.info.reason or box.info.backend + ', asked for by name'}")
        gauges = Gauges()
        slots, patience = config.sandbox.slots, config.sandbox.patience
        sandbox = PatientSandbox(box, slots, patience, say, gauges)
        shared = Store(config.store)
        stack.callback(shared.close)
        yield Workshop(dataset, scorer, opened, sandbox, shared, gauges)


def asks_for_more(config: RunConfig) -> bool:
    """Whether a run asks a model for more than drafts."""
    return any((config.tests.n, config.rounds, config.inputs.n, asks_model(config.selector)))


async def run_in(
    workshop: Workshop,
    config: RunConfig,
    say: Say,
    watch: Watch,
    show: Say | None = None,
    start: float | None = None,
) -> Finished:
    """Do a run in a workshop. `start` is when its wall time began, by the monotonic clock."""
    start = time.monotonic() if start is None else start
    dataset, opened, sandbox = workshop.dataset, workshop.opened, workshop.sandbox
    problems = choose(dataset, config)
    config = pin_model(config, opened)
    identity = opened.model.identity
    manifest = build_manifest(config, dataset, problems, identity, sandbox.info, opened.facts)
    folder = open_folder(config, manifest)
    say(f"run: {folder.path}")
    with closing(Store(folder.path / "store.sqlite")) as own:
        stores = (own, workshop.shared, *opened.stores)
        model = StoredModel(opened.model, stores, config.model.concurrency, workshop.gauges)
        meter = BudgetMeter(config.budget)
        tools = Tools(model=model, sandbox=sandbox, config=config, meter=meter)
        progress = watch(len(problems))
        try:
            async with monitored(workshop, config, show):
                scorer = workshop.scorer
                done = await run_problems(problems, scorer, model, tools, folder, progress)
        except (asyncio.CancelledError, *ENDING):
            say(f"stopped; go on with: python -m agent.run --resume {folder.path}")
            raise
        finally:
            await model.drain()
        say(f"answers: {model.asked} from the model, {model.reused} from the store")
        asked, spent = own.spent()
    seconds = time.monotonic() - start
    return Finished(folder, finish(folder, dataset, done, seconds, asked, spent))


def monitored(
    workshop: Workshop, config: RunConfig, show: Say | None
) -> AbstractAsyncContextManager[None]:
    """Have `show` told how busy all is, where there is one."""
    if show is None:
        return nullcontext()
    cache, slots = workshop.opened.cache_use, config.sandbox.slots
    return watching(workshop.gauges, cache, slots, show)


def choose(dataset: Dataset, config: RunConfig) -> tuple[Problem, ...]:
    """The problems that the settings ask for. Raises DatasetError for a task that is not there."""
    known = {problem.task_id for problem in dataset.problems}
    if missing := [task for task in config.tasks if task not in known]:
        raise DatasetError(f"tasks: {dataset.name} has no {', '.join(missing)}")
    wanted = [p for p in dataset.problems if not config.tasks or p.task_id in config.tasks]
    return tuple(wanted[: config.limit])


def pin_model(config: RunConfig, opened: Opened) -> RunConfig:
    """Settings with the model that was found in place of `auto`, so that a resumed run has it.

    A run keeps the context that it was made with, whatever its server says now. Raises ConfigError
    where an answer may fill all of it.
    """
    if config.model.backend == "recorded":
        return config
    backend, _, name = opened.model.identity.partition("/")
    found: dict[str, object] = {"backend": backend}
    if backend == "served":
        found["name"] = name
    if config.model.context is None:
        found["context"] = opened.context if config.resume is None else made_context(config.resume)
    model = config.model.model_copy(update=found)
    try:
        model.check_context()
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return config.model_copy(update={"model": model})


def made_context(folder: Path) -> int | None:
    """The model's context in a run's config.yaml."""
    context = flatten(read_yaml(folder / "config.yaml")).get("model.context")
    return None if context is None else int(context)


def resume_config(argv: list[str], folder: Path) -> RunConfig:
    """The settings of a run that is to be resumed.

    Raises RunFolderError where the folder is no run, ConfigError where `argv` asks for other
    settings than the run was made with.
    """
    RunFolder.open(folder)
    path = folder / "config.yaml"
    asked = load_config(argv, base=path)
    if changed := differences(made_with(path), asked):
        raise ConfigError(f"{folder} was made with other settings: {'; '.join(changed)}")
    return asked


def open_folder(config: RunConfig, manifest: dict[str, object]) -> RunFolder:
    """The run folder: a new one with config and manifest, or the one to resume."""
    if config.resume is None:
        path = config.out or new_folder(Path("runs"))
        return RunFolder.create(path, manifest, dump_yaml(config))
    folder = RunFolder.open(config.resume)
    keys = ("model", "dataset", "prompts", "tasks")
    made = made_with_same(folder, {key: manifest[key] for key in keys})
    there, here = _python(made), _python(manifest)
    if there != here:
        raise RunFolderError(
            f"{folder.path} was made with Python {there} in the sandbox, not {here}"
        )
    return folder


def made_with_same(folder: RunFolder, now: Mapping[str, object]) -> dict[str, object]:
    """A run's manifest. Raises RunFolderError where it was made with anything else than `now`."""
    made = folder.manifest()
    for key, value in now.items():
        if made.get(key) != value:
            was = f"{made.get(key)!s:.200}"
            raise RunFolderError(f"{folder.path} was made with another {key}: {was}")
    return made


def _python(manifest: dict[str, Any]) -> str:
    """Version of the sandbox's Python, as 3.12: verdicts may depend on it."""
    return ".".join(str(manifest["sandbox"]["python"]).split(".")[:2])


async def run_problems(
    problems: Sequence[Problem],
    scorer: Scorer,
    model: StoredModel,
    tools: Tools,
    folder: RunFolder,
    progress: Progress,
) -> Done:
    """Bring every problem to a scored trace, but for those that the machinery fails on.

    The model's places go to the problems in their order: those that were begun are ended first, so
    that the sandbox has something to do all the time, and not all of it at the end.
    """
    count_done(problems, tools, folder)
    at_once = asyncio.Semaphore(tools.config.problems)
    scored: dict[str, Trace] = {}
    failed: dict[str, Unscored] = {}

    async def one(rank: int, problem: Problem) -> None:
        async with at_once:
            trace = None
            try:
                own = replace(tools, model=model.ranked(rank))
                trace = await run_problem(problem, scorer, own, folder)
                scored[problem.task_id] = trace
            except ENDING:
                raise
            except Exception as error:  # noqa: BLE001 - the outermost boundary of one problem
                reason = f"{type(error).__name__}: {error}"
                failed[problem.task_id] = Unscored(task_id=problem.task_id, error=reason)
            progress(trace)

    await all_or_first_error(one(rank, problem) for rank, problem in enumerate(problems))
    tasks = [problem.task_id for problem in problems]
    return Done(
        traces=tuple(scored[task] for task in tasks if task in scored),
        unscored=tuple(failed[task] for task in tasks if task in failed),
    )


def count_done(problems: Sequence[Problem], tools: Tools, folder: RunFolder) -> None:
    """Let a budget of the run count what its finished problems have used, as it did then."""
    for problem in problems:
        with suppress(KeyError, RunFolderError):  # a broken trace is named when its turn comes
            calls = folder.trace(problem.task_id).calls
            tools.meter.spent(problem.task_id, [c for c in calls if c.purpose != "select"])


async def run_problem(problem: Problem, scorer: Scorer, tools: Tools, folder: RunFolder) -> Trace:
    """The loop on one problem, its trace, and only then its score. What is done is not redone."""
    try:
        trace = folder.trace(problem.task_id)
    except KeyError:
        trace = await make_trace(problem, tools)
        folder.write_trace(trace)
    if trace.score is None:
        limits = tools.config.sandbox.hidden_limits()
        score = await scorer.score(problem.task_id, trace.candidates, tools.sandbox, limits)
        trace = trace.model_copy(update={"score": score})
        folder.write_trace(trace)
    return trace


async def make_trace(problem: Problem, tools: Tools) -> Trace:
    """Run the loop to its end."""
    start = time.monotonic()
    state = await solve(problem, tools)
    return Trace(
        problem=problem,
        candidates=state["candidates"],
        tests=state["tests"],
        inputs=state["inputs"],
        rows=state["rows"],
        suspects=state["suspects"],
        probes=state["probes"],
        calls=state["calls"],
        rounds=state["round"],
        stopped=state["stopped"],
        choice=state["choice"],
        executions=state["executions"],
        seconds=round(time.monotonic() - start, 3),
    )
