"""Pools built from recorded samples and tests, for selection without a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.answers.programs import canonical
from agent.datasets.jsonl import read_lines, text_field
from agent.datasets.samples import Sample
from agent.errors import DatasetError
from agent.models.recorded import RecordedModel
from agent.parsing.source import defined_beside
from agent.selection import Pool
from agent.selection.pool import passed_bits
from agent.selection.probing import RecordingProber
from agent.types import Candidate, Problem, Sampling, VisibleTest
from agent.visible_tests.docstring.examples import docstring_examples, docstring_tests
from agent.visible_tests.executor import Executor
from agent.visible_tests.inputs.asked_inputs import AskedInputs
from agent.visible_tests.inputs.edge_inputs import edge_inputs
from agent.visible_tests.inputs.mutation import mutate_inputs
from agent.visible_tests.trivial import remove_trivial
from agent.visible_tests.written.parse import merge, parse_tests
from sandbox.base import Sandbox
from sandbox.types import Limits


@dataclass(frozen=True)
class RecordedProblem:
    """One problem's samples and visible tests, before any program has run."""

    problem: Problem
    samples: tuple[Sample, ...]
    programs: tuple[str, ...]
    """One program per sample. Samples share it if theirs differ only in layout and comments."""
    examples: tuple[VisibleTest, ...]
    generated: tuple[VisibleTest, ...]
    inputs: Sequence[str]
    edges: Sequence[str]

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the samples as a pool of candidates."""
        pairs = enumerate(zip(self.programs, self.samples, strict=True))
        return tuple(
            Candidate(id=i, source=source, parent=sample.parent, patch=sample.patch)
            for i, (source, sample) in pairs
        )


def gather(
    problem: Problem,
    samples: Sequence[Sample],
    written: tuple[VisibleTest, ...],
    shown: Problem,
    *,
    header: str = "",
    mutations: int = 0,
    edges: int = 0,
    seed: int = 0,
) -> RecordedProblem:
    """Collect the data of one problem; `shown` is the problem whose docstring has the examples."""
    first: dict[str, str] = {}
    programs = []
    for sample in samples:
        program = sample.program(problem, header)
        programs.append(first.setdefault(canonical(program), program))

    def make_inputs() -> tuple[str, ...]:
        return mutate_inputs(docstring_examples(shown), shown.entry_point, mutations, seed)

    def make_edges() -> tuple[str, ...]:
        return edge_inputs(shown, edges)

    return RecordedProblem(
        problem=problem,
        samples=tuple(samples),
        programs=tuple(programs),
        examples=docstring_tests(shown),
        generated=written,
        inputs=AskedInputs(make_inputs),
        edges=AskedInputs(make_edges),
    )


async def build_pool(
    recorded: RecordedProblem,
    sandbox: Sandbox,
    limits: Limits,
    *,
    isolation: Literal["auto", "split", "shared"] = "auto",
    share: float = 0.5,
    seed: int = 0,
    depth: int = 1,
) -> Pool:
    """Return the pool with its matrix: each distinct program is run once on all telling tests.

    A generated test is telling if a program that does nothing fails it. Raises SandboxUnavailable
    if the sandbox fails.
    """
    executor = Executor(recorded.problem, sandbox, limits, isolation)
    generated, _ = await remove_trivial(executor, recorded.generated)
    tests = recorded.examples + generated
    bits = dict.fromkeys(recorded.programs, 0)
    if tests:
        bits = await executor.run(recorded.programs, [test.source for test in tests], passed_bits)
    return Pool(
        problem=recorded.problem,
        candidates=recorded.candidates(),
        tests=tests,
        passed=tuple(bits[program] for program in recorded.programs),
        inputs=recorded.inputs,
        edges=recorded.edges,
        prober=RecordingProber(executor, RecordedModel("no model", "a samples file"), Sampling()),
        share=share,
        seed=seed,
        depth=depth,
    )


def read_tests(
    path: Path,
    problems: Mapping[str, Problem],
    limit: int,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, tuple[VisibleTest, ...]]:
    """Return the generated tests of a file by task id, at most `limit` per raw text.

    `say` gets a line if texts that are not marked as raw have several tests, of which one is kept.
    Raises DatasetError, with file and line number, for a broken line or an unknown task, and for a
    file without a usable test.
    """
    found: dict[str, tuple[VisibleTest, ...]] = {}
    unmarked: list[tuple[int, int]] = []
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task_id = text_field(value, "task_id", where)
        if task_id not in problems:
            raise DatasetError(f"{where}: the dataset has no task {task_id!r}; give its --dataset")
        texts = value.get("tests")
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise DatasetError(f"{where}: 'tests' must be a list of strings")
        if value.get("raw"):
            continues = text_field({"continues": "", **value}, "continues", where)
            read = _reader(problems[task_id], limit, continues)
        else:
            read = _reader(problems[task_id], 1, "")
            whole = _reader(problems[task_id], limit, "")
            unmarked += [(len(read(text)), len(whole(text))) for text in texts]
        tests = merge(test for text in texts for test in read(text))
        found[task_id] = merge((*found.get(task_id, ()), *tests))
    if not any(found.values()):
        raise DatasetError(f"{path}: contains no usable test; expected: assert f(...) == value")
    say(_whole_texts(path, unmarked))
    return found


def _whole_texts(path: Path, counts: Sequence[tuple[int, int]]) -> str:
    """Return a line about texts with several tests; `counts` has those kept, and all, per text."""
    whole = sum(every > kept for kept, every in counts)
    if not whole:
        return ""
    kept, every = (sum(column) for column in zip(*counts, strict=True))
    return (
        f"{path}: {whole} of {len(counts)} entries are whole texts, of which one test each is kept"
        f': {kept} tests instead of {every}; their lines need "raw": true'
    )


def _reader(
    problem: Problem, limit: int, continues: str
) -> Callable[[str], tuple[VisibleTest, ...]]:
    beside = defined_beside(problem.prompt, problem.entry_point)
    return lambda text: parse_tests(text, problem.entry_point, limit, continues, beside)
