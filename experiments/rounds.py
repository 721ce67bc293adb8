"""`python -m experiments.rounds FOLDER --out RUN`: repair rounds of others, as a run of ours.

FOLDER is a recorded set with rounds.jsonl.gz beside its samples.jsonl.gz, named after the strategy
that wrote it: ldb-gpt35-humaneval. The first program of a problem is its draft, each further one
repairs the one before, and the last is the answer; no program is mended or given a header. The
visible tests are those of tests.jsonl.gz, or else the docstring's examples. They and the hidden
tests are run here: every outcome and verdict is ours, none is the record's.

What a record lacks is not made up. There are no prompts, so that `agent.audit` can replay nothing;
calls, tokens and times are zero or too few. Where it tells of rounds but holds only the last
program (Reflexion's does), that program stands as candidate 0 of round 0, so that its "single shot"
is the answer itself; the manifest's `imported.first_program_missing` counts these problems.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from agent.config import (
    DraftConfig,
    InputsConfig,
    ModelConfig,
    RepairConfig,
    RunConfig,
    SandboxSection,
    TestsConfig,
)
from agent.datasets import Dataset, DatasetError, load
from agent.datasets.jsonl import read_lines, text_field
from agent.execution import Bench
from agent.finish import Done, finish
from agent.provenance import build_manifest
from agent.report.terminal import print_report
from agent.runner import Finished
from agent.samples import Sample, read_samples
from agent.score import Scorer
from agent.settings import dump_yaml
from agent.steps import execute
from agent.tasks import all_or_first_error
from agent.trace import RunFolder, RunFolderError
from agent.types import (
    Call,
    Candidate,
    Choice,
    Completion,
    Matrix,
    Problem,
    Sampling,
    Trace,
    VisibleTest,
)
from agent.visible_tests.docstring import docstring_tests
from experiments.selection import Backend
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import SandboxUnavailable

ROUNDS = "rounds.jsonl.gz"
CHOICE = "recorded", ("the last program of the record",)


class Told(NamedTuple):
    """What a set records of one problem."""

    problem: Problem
    tests: tuple[VisibleTest, ...]
    candidates: tuple[Candidate, ...]
    reflections: tuple[Call, ...]
    stopped: str

    @property
    def first_missing(self) -> bool:
        """Whether there were more rounds than programs are recorded."""
        return len(self.reflections) >= len(self.candidates)


class RoundsSet(NamedTuple):
    """A recorded set of rounds, before anything was run."""

    name: str
    sha256: str
    """Of the file of rounds."""
    dataset: Dataset
    told: tuple[Told, ...]
    """In the dataset's order."""

    @property
    def strategy(self) -> str:
        """The repair strategy that the name begins with."""
        return self.name.partition("-")[0]

    @property
    def first_missing(self) -> int:
        """Problems whose first program is not recorded."""
        return sum(told.first_missing for told in self.told)


def read_rounds(folder: Path) -> RoundsSet:
    """A set's rounds. Raises DatasetError for a folder that holds none, and for a broken file."""
    path, own = folder / ROUNDS, folder / "problems.jsonl.gz"
    if not path.is_file():
        raise DatasetError(
            f"{folder}: no {ROUNDS} in it; wanted: a recorded set with its rounds, such as "
            "DATA/ldb-gpt35-humaneval"
        )
    dataset = load(str(own) if own.is_file() else "humaneval")
    problems = {problem.task_id: problem for problem in dataset.problems}
    samples = {s.task_id: s for s in read_samples(folder / "samples.jsonl.gz", problems)}
    tests = _given_tests(folder / "tests.jsonl.gz", problems)
    name = folder.resolve().name
    told: dict[str, Told] = {}
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task = text_field(value, "task_id", where)
        if task not in samples or task in told:
            raise DatasetError(f"{where}: task {task!r} has no sample, or stands twice")
        strategy = name.partition("-")[0]
        given = tests[task] if tests is not None else docstring_tests(problems[task])
        told[task] = _told(value, problems[task], samples[task], given, strategy, where)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return RoundsSet(name, digest, dataset, tuple(told[task] for task in problems if task in told))


def _told(
    value: Mapping[str, object],
    problem: Problem,
    last: Sample,
    tests: tuple[VisibleTest, ...],
    strategy: str,
    where: str,
) -> Told:
    """One line of the rounds; `last` is the set's last sample, which must be the last program."""
    rounds = value.get("rounds")
    if not isinstance(rounds, list) or not all(isinstance(entry, dict) for entry in rounds):
        raise DatasetError(f"{where}: 'rounds' must be a list of objects")
    candidates: list[Candidate] = []
    reflections: list[Call] = []
    for entry in rounds:
        number = len(candidates)
        if "solution" in entry:
            text = text_field(entry, "solution", where)
            source = last.model_copy(update={"text": text}).program(problem)
            candidates.append(_candidate(number, source, strategy))
        else:
            text = text_field(entry, "reflection", where)
            reflections.append(_reflection(len(reflections) + 1, number, text, strategy))
    if not candidates or candidates[-1].source != last.program(problem):
        raise DatasetError(f"{where}: its last solution is not the last sample of the task")
    passes = value.get("passes_given_tests")
    stopped = "not recorded" if passes is None else "passed" if passes is True else "rounds"
    return Told(problem, tests, tuple(candidates), tuple(reflections), stopped)


def _candidate(number: int, source: str, strategy: str) -> Candidate:
    if number == 0:
        return Candidate(id=0, source=source)
    return Candidate(id=number, parent=number - 1, round=number, origin=strategy, source=source)


def _reflection(number: int, candidate: int, text: str, strategy: str) -> Call:
    """`candidate` is the next program that is recorded."""
    return Call(
        purpose=strategy,
        step="reflect",
        round=number,
        candidate=candidate,
        messages=(),
        sampling=Sampling(),
        completions=(Completion(text=text),),
    )


def _given_tests(
    path: Path, problems: Mapping[str, Problem]
) -> dict[str, tuple[VisibleTest, ...]] | None:
    """The visible tests that the programs were repaired by; None where a set records none."""
    if not path.is_file():
        return None
    found: dict[str, tuple[VisibleTest, ...]] = dict.fromkeys(problems, ())
    for number, value in read_lines(path):
        where, texts = f"{path}:{number}", value.get("tests")
        if not isinstance(texts, list):
            raise DatasetError(f"{where}: 'tests' must be a list of strings")
        sources = [text_field({"tests": text}, "tests", where) for text in texts]
        found[text_field(value, "task_id", where)] = tuple(
            VisibleTest(source=source, origin="docstring", form="given") for source in sources
        )
    return found


def settings(recorded: RoundsSet, backend: Backend) -> RunConfig:
    """The settings that are true of the record. No AGENT_ variable has a say in them."""
    return RunConfig.model_construct(
        dataset=recorded.dataset.name,
        rounds=max((c.round for told in recorded.told for c in told.candidates), default=0),
        selector=CHOICE[0],
        draft=DraftConfig(n=1),
        tests=TestsConfig(n=0),
        inputs=InputsConfig(mutations=0),
        repair=RepairConfig(strategy=recorded.strategy),
        model=ModelConfig(backend="recorded", name=recorded.name),
        sandbox=SandboxSection(backend=backend),
    )


async def import_rounds(
    recorded: RoundsSet, config: RunConfig, sandbox: Sandbox, out: Path
) -> Finished:
    """Make the run folder: matrices first, then verdicts, and what follows from them last.

    Raises RunFolderError where the folder cannot be made, and SandboxUnavailable where a program
    could not be run: the run is not finished then.
    """
    start = time.monotonic()
    scorer, limits = Scorer(config.dataset), config.sandbox.hidden_limits()
    folder = RunFolder.create(out, _manifest(recorded, config, sandbox), dump_yaml(config))

    async def one(told: Told) -> None:
        trace = await _trace(told, Bench(told.problem, sandbox, config.sandbox.visible_limits()))
        folder.write_trace(trace)
        score = await scorer.score(told.problem.task_id, trace.candidates, sandbox, limits)
        folder.write_trace(trace.model_copy(update={"score": score}))

    await all_or_first_error(one(told) for told in recorded.told)
    done = Done(traces=tuple(folder.traces()), unscored=())
    return Finished(folder, finish(folder, recorded.dataset, done, time.monotonic() - start))


def _manifest(recorded: RoundsSet, config: RunConfig, sandbox: Sandbox) -> dict[str, object]:
    problems = tuple(told.problem for told in recorded.told)
    model = f"recorded/{recorded.name}"
    return build_manifest(config, recorded.dataset, problems, model, sandbox.info) | {
        "prompts": {},  # none of ours was used
        "imported": {
            "folder": recorded.name,
            "sha256": recorded.sha256,
            "first_program_missing": recorded.first_missing,
        },
    }


async def _trace(told: Told, bench: Bench) -> Trace:
    rows, executions = await execute(bench, Matrix(told.candidates, told.tests, rows=()))
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


def perform(folder: Path, out: Path, backend: Backend) -> Finished:
    """Read a set and import it into a folder that must not be there yet.

    Raises what `read_rounds` and `import_rounds` do.
    """
    if out.exists():
        raise RunFolderError(f"{out}: is there already; give another --out")
    recorded = read_rounds(folder)
    if missing := recorded.first_missing:
        print(
            f"{missing} of {len(recorded.told)} problems lack their first program: what is called "
            "their single shot is the answer",
            file=sys.stderr,
        )
    config = settings(recorded, backend)

    async def in_sandbox() -> Finished:
        async with open_sandbox(config.sandbox.opening()) as sandbox:
            return await import_rounds(recorded, config, sandbox, out)

    return asyncio.run(in_sandbox())


def main(argv: list[str]) -> int:
    """The command: 0 where the run was made, 2 where it could not be, 130 where interrupted."""
    parser = argparse.ArgumentParser(prog="python -m experiments.rounds", description=__doc__)
    parser.add_argument("folder", type=Path, help="a recorded set with its rounds")
    parser.add_argument("--out", type=Path, required=True, help="run folder to make")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    arguments = parser.parse_args(argv)
    try:
        made = perform(arguments.folder, arguments.out, arguments.sandbox)
    except (DatasetError, RunFolderError, SandboxUnavailable, OSError) as error:
        print(f"experiments.rounds: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print_report(made.report, made.folder.path, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
