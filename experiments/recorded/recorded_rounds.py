"""Reader of recorded repair rounds of other projects: candidates, tests and calls.

It runs no program. `experiments.recorded.rounds` describes a set, and imports it as a run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from agent.datasets import Dataset, load
from agent.datasets.jsonl import read_lines, text_field
from agent.datasets.samples import Sample, read_samples
from agent.errors import DatasetError
from agent.types import Call, Candidate, Completion, Problem, Sampling, VisibleTest
from agent.visible_tests.docstring.examples import docstring_tests

ROUNDS = "rounds.jsonl.gz"


class ProblemRounds(NamedTuple):
    """The record of one problem in a set."""

    problem: Problem
    tests: tuple[VisibleTest, ...]
    candidates: tuple[Candidate, ...]
    reflections: tuple[Call, ...]
    stopped: str

    @property
    def first_missing(self) -> bool:
        """Whether the first program is missing: the record has more rounds than programs."""
        return len(self.reflections) >= len(self.candidates)


class RoundsSet(NamedTuple):
    """A recorded set of rounds, before any program has run."""

    name: str
    sha256: str
    """Hash of the file of rounds."""
    dataset: Dataset
    told: tuple[ProblemRounds, ...]
    """The records of the problems, in the dataset's order."""

    @property
    def strategy(self) -> str:
        """The repair strategy, which is the first part of the set's name."""
        return self.name.partition("-")[0]

    @property
    def first_missing(self) -> int:
        """The number of problems whose first program is not recorded."""
        return sum(told.first_missing for told in self.told)


def read_rounds(folder: Path) -> RoundsSet:
    """Return a set's rounds. Raises DatasetError for a folder without rounds or a broken file."""
    path, own = folder / ROUNDS, folder / "problems.jsonl.gz"
    if not path.is_file():
        raise DatasetError(
            f"{folder}: contains no {ROUNDS}; expected: a recorded set with rounds, such as "
            "DATA/ldb-gpt35-humaneval"
        )
    dataset = load(str(own) if own.is_file() else "humaneval")
    problems = {problem.task_id: problem for problem in dataset.problems}
    samples = {s.task_id: s for s in read_samples(folder / "samples.jsonl.gz", problems)}
    tests = _given_tests(folder / "tests.jsonl.gz", problems)
    name = folder.resolve().name
    told: dict[str, ProblemRounds] = {}
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task = text_field(value, "task_id", where)
        if task not in samples or task in told:
            raise DatasetError(f"{where}: task {task!r} has no sample, or occurs twice")
        strategy = name.partition("-")[0]
        given = tests[task] if tests is not None else docstring_tests(problems[task])
        told[task] = _problem_rounds(value, problems[task], samples[task], given, strategy, where)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return RoundsSet(name, digest, dataset, tuple(told[task] for task in problems if task in told))


def _problem_rounds(
    value: Mapping[str, object],
    problem: Problem,
    last: Sample,
    tests: tuple[VisibleTest, ...],
    strategy: str,
    where: str,
) -> ProblemRounds:
    """Read one line of the rounds. `last` is the task's sample and must equal the last program."""
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
        raise DatasetError(f"{where}: the last solution is not the sample of the task")
    passes = value.get("passes_given_tests")
    stopped = "not recorded" if passes is None else "passed" if passes is True else "rounds"
    return ProblemRounds(problem, tests, tuple(candidates), tuple(reflections), stopped)


def _candidate(number: int, source: str, strategy: str) -> Candidate:
    if number == 0:
        return Candidate(id=0, source=source)
    return Candidate(id=number, parent=number - 1, round=number, origin=strategy, source=source)


def _reflection(number: int, candidate: int, text: str, strategy: str) -> Call:
    """Return the call of a reflection; `candidate` is the next program in the record."""
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
    """Return the visible tests of the repair by task id; None if the set has no file of tests."""
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
