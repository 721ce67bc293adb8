"""All problems of a run: many at once, each ending in a trace, and any start able to go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.answers import completion_of
from agent.budget import BudgetMeter
from agent.config import RunConfig
from agent.datasets import Dataset, DatasetError, load
from agent.graph import solve
from agent.models import open_model
from agent.models.store import Store, StoredModel
from agent.provenance import build_manifest
from agent.repair import load_strategy
from agent.report.build import build_report
from agent.report.markdown import render_markdown
from agent.score import Scorer
from agent.select import asks_model, load_selector
from agent.settings import ConfigError, differences, dump_yaml, load_config, read_yaml
from agent.tasks import all_or_first_error
from agent.tools import Tools
from agent.trace import RunFolder, RunFolderError, dump_json, dump_lines, new_folder
from agent.types import Problem, Report, Trace, Unscored
from sandbox import open_sandbox

Say = Callable[[str], None]
Progress = Callable[[Trace | None], None]
"""Told of each problem that is done: its trace, or None where it stays unscored."""


@dataclass(frozen=True)
class Finished:
    """What a run leaves behind."""

    folder: RunFolder
    report: Report


async def run(config: RunConfig, say: Say, watch: Callable[[int], Progress]) -> Finished:
    """Do a run, or go on with one.

    `say` is told in a line each which model, sandbox and folder are used; `watch` is given the
    number of problems, and returns whom to tell of progress.

    Raises ConfigError, DatasetError, UnknownPluginError, SelectorError, ModelError,
    SandboxUnavailable, StoreError or RunFolderError before a run folder is made, where the run
    cannot be made as asked.
    """
    start = time.monotonic()
    load_selector(config.selector)
    load_strategy(config.repair.strategy)
    dataset = load(config.dataset)
    problems = choose(dataset, config)
    scorer = Scorer(config.dataset)
    async with AsyncExitStack() as stack:
        more = (config.tests.n, config.rounds, config.inputs.n, asks_model(config.selector))
        opened = await open_model(config.model, dataset.problems, config.seed, loops=any(more))
        stack.push_async_callback(opened.aclose)
        say(f"model: {opened.line}")
        sandbox = await stack.enter_async_context(open_sandbox(config.sandbox.opening()))
        say(f"sandbox: {sandbox.info.reason or sandbox.info.backend + ', asked for by name'}")
        config = pin_model(config, opened.model.identity)
        shared = Store(config.store)
        stack.callback(shared.close)
        manifest = build_manifest(config, dataset, problems, opened.model.identity, sandbox.info)
        folder = open_folder(config, manifest)
        say(f"run: {folder.path}")
        own = Store(folder.path / "store.sqlite")
        stack.callback(own.close)
        stores = (own, shared, *opened.stores)
        model = StoredModel(opened.model, stores, config.model.concurrency)
        meter = BudgetMeter(config.budget)
        tools = Tools(model=model, sandbox=sandbox, config=config, meter=meter)
        try:
            done = await run_problems(problems, scorer, tools, folder, watch(len(problems)))
        except asyncio.CancelledError:
            say(f"stopped; go on with: python -m agent.run --resume {folder.path}")
            raise
        say(f"answers: {model.asked} from the model, {model.reused} from the store")
    report = finish(folder, dataset, done, time.monotonic() - start)
    return Finished(folder, report)


def choose(dataset: Dataset, config: RunConfig) -> tuple[Problem, ...]:
    """The problems that the settings ask for. Raises DatasetError for a task that is not there."""
    known = {problem.task_id for problem in dataset.problems}
    if missing := [task for task in config.tasks if task not in known]:
        raise DatasetError(f"tasks: {dataset.name} has no {', '.join(missing)}")
    wanted = [p for p in dataset.problems if not config.tasks or p.task_id in config.tasks]
    return tuple(wanted[: config.limit])


def pin_model(config: RunConfig, identity: str) -> RunConfig:
    """Settings with the model that was found in place of `auto`, so that a resumed run has it."""
    if config.model.backend == "recorded":
        return config
    backend, _, name = identity.partition("/")
    found = {"backend": backend, "name": name} if backend == "served" else {"backend": backend}
    return config.model_copy(update={"model": config.model.model_copy(update=found)})


def resume_config(argv: list[str], folder: Path) -> RunConfig:
    """The settings of a run that is to be resumed.

    Raises RunFolderError where the folder is no run, ConfigError where `argv` asks for other
    settings than the run was made with.
    """
    RunFolder.open(folder)
    path = folder / "config.yaml"
    asked = load_config(argv, base=path)
    if changed := differences(read_yaml(path), asked):
        raise ConfigError(f"{folder} was made with other settings: {'; '.join(changed)}")
    return asked


def open_folder(config: RunConfig, manifest: dict[str, object]) -> RunFolder:
    """The run folder: a new one with config and manifest, or the one to resume."""
    if config.resume is None:
        path = config.out or new_folder(Path("runs"))
        return RunFolder.create(path, manifest, dump_yaml(config))
    folder = RunFolder.open(config.resume)
    made = folder.manifest()
    for key in ("model", "dataset", "prompts", "tasks"):
        if made.get(key) != manifest[key]:
            was = f"{made.get(key)!s:.200}"
            raise RunFolderError(f"{folder.path} was made with another {key}: {was}")
    there, here = _python(made), _python(manifest)
    if there != here:
        raise RunFolderError(
            f"{folder.path} was made with Python {there} in the sandbox, not {here}"
        )
    return folder


def _python(manifest: dict[str, Any]) -> str:
    """Version of the sandbox's Python, as 3.12: verdicts may depend on it."""
    return ".".join(str(manifest["sandbox"]["python"]).split(".")[:2])


@dataclass(frozen=True)
class Done:
    """What became of the problems, in the dataset's order: each is in one of the two."""

    traces: tuple[Trace, ...]
    unscored: tuple[Unscored, ...]


async def run_problems(
    problems: Sequence[Problem],
    scorer: Scorer,
    tools: Tools,
    folder: RunFolder,
    progress: Progress,
) -> Done:
    """Bring every problem to a scored trace, but for those that the machinery fails on."""
    at_once = asyncio.Semaphore(tools.config.problems)
    scored: dict[str, Trace] = {}
    failed: dict[str, Unscored] = {}

    async def one(problem: Problem) -> None:
        async with at_once:
            trace = None
            try:
                trace = await run_problem(problem, scorer, tools, folder)
                scored[problem.task_id] = trace
            except Exception as error:  # noqa: BLE001 - the outermost boundary of one problem
                reason = f"{type(error).__name__}: {error}"
                failed[problem.task_id] = Unscored(task_id=problem.task_id, error=reason)
            progress(trace)

    await all_or_first_error(one(problem) for problem in problems)
    tasks = [problem.task_id for problem in problems]
    return Done(
        traces=tuple(scored[task] for task in tasks if task in scored),
        unscored=tuple(failed[task] for task in tasks if task in failed),
    )


async def run_problem(problem: Problem, scorer: Scorer, tools: Tools, folder: RunFolder) -> Trace:
    """The loop on one problem, its trace, and only then its score. What is done is not redone."""
    try:
        trace = folder.trace(problem.task_id)
        tools.meter.spent(problem.task_id, trace.calls)  # a run's budget counts them too
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


def finish(folder: RunFolder, dataset: Dataset, done: Done, seconds: float) -> Report:
    """Write what follows from the traces: samples, results, summary and report."""
    traces, unscored, manifest = done.traces, done.unscored, folder.manifest()
    report = build_report(
        traces,
        dataset=dataset.name,
        model=str(manifest["model"]),
        sandbox=str(manifest["sandbox"]["backend"]),  # type: ignore[index]  # JSON is untyped
        seconds=round(seconds, 1),
        unscored=unscored,
    )
    for name, text in samples_files(traces).items():
        folder.write(name, text)
    lines = [_result(trace) for trace in traces] + [u.model_dump() for u in unscored]
    folder.write("results.jsonl", dump_lines(lines))
    folder.write("report.md", render_markdown(report, manifest))
    # Last, since its presence says that the run is finished.
    folder.write("summary.json", dump_json(report.model_dump(mode="json")))
    return report


def samples_files(traces: Sequence[Trace]) -> dict[str, str]:
    """The run's files of answers, and of single shots, for other evaluators."""
    return {
        "samples.jsonl": dump_lines(_sample(t, t.choice.candidate) for t in traces),
        "baseline.jsonl": dump_lines(_sample(t, 0) for t in traces),
    }


def _sample(trace: Trace, candidate: int) -> dict[str, str]:
    completion = completion_of(trace.problem, trace.candidates[candidate].source)
    return {"task_id": trace.problem.task_id, "completion": completion}


def _result(trace: Trace) -> dict[str, object]:
    score = trace.score
    if score is None:
        raise ValueError(f"{trace.problem.task_id} is not scored")
    answer = trace.choice.candidate
    return {
        "task_id": trace.problem.task_id,
        "single_shot": score.passed[0],
        "final": score.passed[answer],
        "oracle": any(score.passed),
        "candidate": answer,
        "candidates": len(trace.candidates),
        "round": trace.candidates[answer].round,
        "rounds": trace.rounds,
        "stopped": trace.stopped,
        "outcome": score.outcomes[answer],
        "visible_passed": sum(outcome.passed for outcome in trace.rows[answer].outcomes),
        "visible_tests": len(trace.tests),
        "prompt_tokens": sum(call.usage.prompt_tokens for call in trace.calls),
        "completion_tokens": sum(call.usage.completion_tokens for call in trace.calls),
        "calls": len(trace.calls),
        "executions": trace.executions,
    }
