"""Patches of recorded samples: a search per problem, without a model and without hidden tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import by_task, read_samples, sample_line
from agent.evaluation.settings import PatchConfig
from agent.loop.steps import execute
from agent.repair.patches.patch_search import binding, search
from agent.support.concurrency import all_or_first_error
from agent.types import Candidate, Matrix, Problem, Record
from agent.visible_tests.docstring.examples import docstring_examples, docstring_tests
from agent.visible_tests.executor import Executor
from agent.visible_tests.inputs.mutation import mutate_inputs
from sandbox import open_sandbox
from sandbox.base import Sandbox


class PatchedProblem(Record):
    """The samples of a problem, and their patches."""

    task_id: str
    samples: tuple[Candidate, ...]
    examples: int
    """Number of docstring examples that a patch had to pass."""
    searched: bool
    """Whether no sample passed them."""
    patches: tuple[Candidate, ...]
    """Candidates that follow the samples."""
    variants: int
    """Number of edited programs that were screened."""
    seconds: float
    """CPU time of making and screening them."""

    def lines(self) -> Iterator[dict[str, object]]:
        """Yield the lines of a samples file."""
        for one in (*self.samples, *self.patches):
            yield sample_line(self.task_id, one)


async def patch_samples(
    config: PatchConfig, progress: Callable[[int, int], None]
) -> tuple[PatchedProblem, ...]:
    """Search for patches of the samples of each problem, in the order of the dataset.

    Raises DatasetError for a broken file and SandboxUnavailable if programs cannot be run.
    """
    problems = {problem.task_id: problem for problem in load(config.dataset).problems}
    samples = by_task(read_samples(config.samples, problems))
    tasks = [task for task in problems if task in samples]
    found: dict[str, PatchedProblem] = {}
    async with open_sandbox(config.sandbox.opening(), [source_of(config.dataset).path]) as sandbox:
        slots = asyncio.Semaphore(2 * config.sandbox.slots)

        async def one(task: str) -> None:
            problem = problems[task]
            given = [
                Candidate(
                    id=i,
                    source=sample.program(problem, config.header),
                    parent=sample.parent,
                    patch=sample.patch,
                )
                for i, sample in enumerate(samples[task][: config.n])
            ]
            async with slots:
                found[task] = await patch_problem(problem, given, sandbox, config)
            progress(len(found), len(tasks))

        await all_or_first_error(map(one, tasks))
    return tuple(found[task] for task in tasks)


async def patch_problem(
    problem: Problem, samples: Sequence[Candidate], sandbox: Sandbox, config: PatchConfig
) -> PatchedProblem:
    """Search for patches of one problem's samples."""
    settings = config.sandbox
    executor = Executor(problem, sandbox, settings.visible_limits(), settings.isolation)
    matrix = await drafts_matrix(executor, samples)
    examples = docstring_examples(problem)
    inputs = mutate_inputs(examples, problem.entry_point, config.mutations, config.seed)
    binds = binding(matrix)
    found = await search(executor, matrix, 0, inputs, tests=binds, edits=config.edits)
    return PatchedProblem(
        task_id=problem.task_id,
        samples=tuple(samples),
        examples=len(binds),
        searched=bool(found.screens),
        patches=found.patches,
        variants=found.variants,
        seconds=found.seconds,
    )


async def drafts_matrix(executor: Executor, drafts: Sequence[Candidate]) -> Matrix:
    """Return the matrix of drafts with their outcomes on the docstring's examples."""
    matrix = Matrix(tuple(drafts), docstring_tests(executor.problem), ())
    rows, _ = await execute(executor, matrix)
    return replace(matrix, rows=rows)
