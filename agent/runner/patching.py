"""Patches of recorded samples: a search per problem, without a model and without hidden tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import by_task, read_samples
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
    programs: tuple[str, ...]
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
        for program in self.programs:
            yield {"task_id": self.task_id, "solution": program}
        for one in self.patches:
            made = one.model_dump(mode="json", include={"parent", "patch"})
            yield {"task_id": self.task_id, "solution": one.source, **made}


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
            programs = [s.program(problem, config.header) for s in samples[task][: config.n]]
            async with slots:
                found[task] = await patch_problem(problem, programs, sandbox, config)
            progress(len(found), len(tasks))

        await all_or_first_error(map(one, tasks))
    return tuple(found[task] for task in tasks)


async def patch_problem(
    problem: Problem, programs: Sequence[str], sandbox: Sandbox, config: PatchConfig
) -> PatchedProblem:
    """Search for patches of one problem's programs."""
    settings = config.sandbox
    executor = Executor(problem, sandbox, settings.visible_limits(), settings.isolation)
    matrix = await drafts_matrix(executor, programs)
    examples = docstring_examples(problem)
    inputs = mutate_inputs(examples, problem.entry_point, config.mutations, config.seed)
    binds = binding(matrix)
    found = await search(executor, matrix, 0, inputs, tests=binds, edits=config.edits)
    return PatchedProblem(
        task_id=problem.task_id,
        programs=tuple(programs),
        examples=len(binds),
        searched=bool(found.screens),
        patches=found.patches,
        variants=found.variants,
        seconds=found.seconds,
    )


async def drafts_matrix(executor: Executor, programs: Sequence[str]) -> Matrix:
    """Return the programs as drafts, with their outcomes on the docstring's examples."""
    drafts = tuple(Candidate(id=i, source=source) for i, source in enumerate(programs))
    matrix = Matrix(drafts, docstring_tests(executor.problem), ())
    rows, _ = await execute(executor, matrix)
    return replace(matrix, rows=rows)
