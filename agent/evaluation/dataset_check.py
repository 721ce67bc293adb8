"""The check of a dataset: its references, its examples, and inputs that both tests share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pydantic import Field

from agent.datasets import load
from agent.datasets.records import source_of
from agent.evaluation.hidden_parts import shown_calls
from agent.evaluation.scoring import Scorer
from agent.evaluation.settings import CheckDatasetConfig
from agent.support.concurrency import all_or_first_error
from agent.types import Problem, Record
from agent.visible_tests.docstring.examples import docstring_tests
from agent.visible_tests.executor import Executor
from sandbox import open_sandbox
from sandbox.base import Sandbox


class ProblemCheck(Record):
    """The findings on one problem of a dataset."""

    task_id: str
    isolation: str
    """The isolation in which its programs are judged."""
    has_reference: bool
    failure: str = ""
    """Reason why the reference solution fails the hidden test; empty if it passes."""
    examples: int
    """Number of docstring examples."""
    disagreeing: tuple[str, ...] = ()
    """Examples that the reference solution does not satisfy, as tests."""
    hidden_calls: int
    """Number of calls in the hidden test whose arguments are literals ..."""
    shown_calls: int
    """... and how many of them the prompt shows."""


class DatasetCheck(Record):
    """The findings on a dataset."""

    dataset: str
    sha256: str
    problems: tuple[ProblemCheck, ...]
    isolation: dict[str, int] = Field(default_factory=dict)
    """Number of problems by isolation."""

    @property
    def is_clean(self) -> bool:
        """Whether all references are there and pass, and no example contradicts one."""
        return all(p.has_reference and not (p.failure or p.disagreeing) for p in self.problems)


async def check_dataset(
    config: CheckDatasetConfig, progress: Callable[[int, int], None]
) -> DatasetCheck:
    """Check each problem. `progress` is called with the number of problems done and their total.

    Raises DatasetError for a broken record and SandboxUnavailable if programs cannot be run.
    """
    dataset = load(config.dataset)
    found: dict[str, ProblemCheck] = {}
    scorer = Scorer(config.dataset)
    async with open_sandbox(config.sandbox.opening(), [source_of(config.dataset).path]) as box:

        async def one(problem: Problem) -> None:
            found[problem.task_id] = await _check(problem, scorer, box, config)
            progress(len(found), len(dataset.problems))

        await all_or_first_error(map(one, dataset.problems))
    problems = tuple(found[problem.task_id] for problem in dataset.problems)
    isolation = dict(sorted(Counter(problem.isolation for problem in problems).items()))
    return DatasetCheck(
        dataset=dataset.name, sha256=dataset.sha256, problems=problems, isolation=isolation
    )


async def _check(
    problem: Problem, scorer: Scorer, box: Sandbox, config: CheckDatasetConfig
) -> ProblemCheck:
    settings, hidden = config.sandbox, scorer.hidden_test(problem.task_id)
    calls = [call for part in hidden.parts for call in part.calls(problem.entry_point)]
    check = await scorer.check(problem.task_id, box, settings)
    tests = [test.source for test in docstring_tests(problem)]
    wrong: list[str] = []
    if hidden.reference and tests:
        executor = Executor(problem, box, settings.visible_limits(), settings.isolation)
        (outcomes,) = (await executor.run([hidden.reference], tests, tuple)).values()
        wrong = [t for t, outcome in zip(tests, outcomes, strict=True) if not outcome.passed]
    shown = shown_calls(problem)
    return ProblemCheck(
        task_id=problem.task_id,
        isolation=check.isolation,
        has_reference=check.has_reference,
        failure=check.failure,
        examples=len(tests),
        disagreeing=tuple(wrong),
        hidden_calls=len(calls),
        shown_calls=sum(call in shown for call in calls),
    )
