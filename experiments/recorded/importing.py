"""Recorded rounds of repair as one of our run folders."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from agent.config import (
    DraftConfig,
    InputsConfig,
    ModelConfig,
    RepairConfig,
    RunConfig,
    SandboxSection,
    TestsConfig,
)
from agent.errors import RunFolderError
from agent.evaluation.scoring import Scorer
from agent.loop.steps import execute
from agent.runner.folder import RunFolder
from agent.runner.lock import locked
from agent.runner.outputs import FinishedProblems, finish
from agent.runner.provenance import build_manifest
from agent.runner.run import FinishedRun
from agent.settings import dump_yaml
from agent.support.concurrency import all_or_first_error
from agent.types import Choice, Matrix, Trace
from agent.visible_tests.executor import Executor
from experiments.recorded.recorded_rounds import ProblemRounds, RoundsSet, read_rounds
from experiments.recorded.selection import Backend
from sandbox import open_sandbox
from sandbox.base import Sandbox

CHOICE = "recorded", ("the last program of the record",)


def settings(recorded: RoundsSet, backend: Backend) -> RunConfig:
    """Return the settings that describe the record. AGENT_ variables do not change them."""
    return RunConfig.model_construct(
        dataset=recorded.dataset.name,
        rounds=max((c.round for told in recorded.told for c in told.candidates), default=0),
        selector=CHOICE[0],
        draft=DraftConfig(n=1, first="sampled"),
        tests=TestsConfig(n=0),
        inputs=InputsConfig(mutations=0, edges=0),
        repair=RepairConfig(strategy=recorded.strategy),
        model=ModelConfig(backend="recorded", name=recorded.name),
        sandbox=SandboxSection(backend=backend),
    )


async def import_rounds(
    recorded: RoundsSet, config: RunConfig, sandbox: Sandbox, out: Path
) -> FinishedRun:
    """Write the run folder: per problem the matrix and then the verdicts, and the report last.

    Raises RunFolderError if the folder cannot be created, and SandboxUnavailable if a program could
    not be run; the run is then not finished.
    """
    start = time.monotonic()
    scorer, settings = Scorer(config.dataset), config.sandbox
    with locked(out):
        folder = RunFolder.create(out, _manifest(recorded, config, sandbox), dump_yaml(config))

        async def one(told: ProblemRounds) -> None:
            executor = Executor(
                told.problem, sandbox, settings.visible_limits(), settings.isolation
            )
            trace = await _trace(told, executor)
            folder.write_trace(trace)
            score = await scorer.score(told.problem.task_id, trace.candidates, sandbox, settings)
            folder.write_trace(trace.model_copy(update={"score": score}))

        await all_or_first_error(one(told) for told in recorded.told)
        done = FinishedProblems(traces=tuple(folder.traces()), unscored=())
        seconds = time.monotonic() - start
        return FinishedRun(folder, finish(folder, recorded.dataset, done, [seconds]))


def _manifest(recorded: RoundsSet, config: RunConfig, sandbox: Sandbox) -> dict[str, object]:
    problems = tuple(told.problem for told in recorded.told)
    model = f"recorded/{recorded.name}"
    return build_manifest(config, recorded.dataset, problems, model, sandbox.info) | {
        "prompts": {},  # our prompts were not used
        "imported": {
            "folder": recorded.name,
            "sha256": recorded.sha256,
            "first_program_missing": recorded.first_missing,
        },
    }


async def _trace(told: ProblemRounds, executor: Executor) -> Trace:
    rows, executions = await execute(executor, Matrix(told.candidates, told.tests, rows=()))
    last, (selector, reasons) = told.candidates[-1], CHOICE
    return Trace(
        problem=told.problem,
        candidates=told.candidates,
        tests=told.tests,
        rows=rows,
        calls=told.reflections,
        rounds=last.round,
        stopped=told.stopped,
        choice=Choice(candidate=last.id, selector=selector, reasons=reasons),
        executions=executions,
    )


def import_set(folder: Path, out: Path, backend: Backend) -> FinishedRun:
    """Read a set and import it into a folder that must not exist yet.

    Raises the errors of `read_rounds` and `import_rounds`.
    """
    if out.exists():
        raise RunFolderError(f"{out}: exists already; give another --out")
    recorded = read_rounds(folder)
    if missing := recorded.first_missing:
        print(
            f"{missing} of {len(recorded.told)} problems lack their first program: for them "
            "the single shot in the report is the answer",
            file=sys.stderr,
        )
    config = settings(recorded, backend)

    async def in_sandbox() -> FinishedRun:
        async with open_sandbox(config.sandbox.opening()) as sandbox:
            return await import_rounds(recorded, config, sandbox, out)

    return asyncio.run(in_sandbox())
