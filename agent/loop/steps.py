"""What the nodes of the graph do, as functions from records to records."""

from __future__ import annotations

from collections.abc import Sequence

from agent.answers import read_candidate
from agent.config import RunConfig
from agent.models.base import Model
from agent.prompts import messages_for_draft, messages_for_inputs, stops
from agent.repair import round as rounds
from agent.selection import Pool, choose
from agent.selection.pool import passed_bits
from agent.selection.probing import RecordingProber
from agent.types import (
    Call,
    Candidate,
    Choice,
    Matrix,
    Probe,
    Problem,
    Row,
    VisibleTest,
)
from agent.visible_tests import load_sources
from agent.visible_tests.docstring.examples import docstring_examples
from agent.visible_tests.executor import Executor
from agent.visible_tests.inputs.model_calls import parse_inputs
from agent.visible_tests.inputs.mutation import mutate_inputs
from agent.visible_tests.suspects import doubtful
from agent.visible_tests.trivial import telling
from agent.visible_tests.writer import RecordingWriter
from agent.visible_tests.written.parse import merge


async def draft(
    problem: Problem, first: int, model: Model, config: RunConfig
) -> tuple[tuple[Candidate, ...], Call]:
    """Draw programs from number `first` on: all of them, or one where the first pass ends it."""
    messages = messages_for_draft(problem, config.model)
    how = config.sampling(config.draft.temperature, stops(messages))
    total = first + 1 if config.draft.stop_on_pass else config.draft.n
    # Asked for anew, the answers before come from the store: the draws are those of one request.
    answers = tuple(await model.complete(messages, total, how))[first:]
    candidates = tuple(
        read_candidate(problem, answer, first + i, origin="draft", extractor=config.model.extractor)
        for i, answer in enumerate(answers)
    )
    call = Call(
        purpose="draft",
        round=0,
        messages=messages,
        sampling=how,
        completions=answers,
        first=first,
    )
    return candidates, call


async def write_tests(
    executor: Executor, model: Model, config: RunConfig
) -> tuple[tuple[VisibleTest, ...], tuple[Call, ...], tuple[Probe, ...]]:
    """Visible tests of all sources: docstring examples first, then generated ones.

    A generated test that the do-nothing programs pass says nothing, and is left out; the probes
    hold those executions.
    """
    problem = executor.problem
    writer = RecordingWriter(model, config)
    found: list[VisibleTest] = []
    for source in load_sources(config.tests.sources):
        found += await source.tests(problem, writer)
    examples = tuple(test for test in found if test.origin == "docstring")
    known = {test.source for test in examples}
    written = merge(
        test for test in found if test.origin == "generated" and test.source not in known
    )
    kept, probes = await telling(executor, written)
    return examples + kept, tuple(writer.calls), probes


async def write_inputs(problem: Problem, model: Model, config: RunConfig) -> tuple[Call, ...]:
    """What the model writes of calls without values, where it is asked for any."""
    settings = config.inputs
    if settings.n == 0:
        return ()
    messages = messages_for_inputs(problem, settings.count, config.model)
    how = config.sampling(settings.temperature, stops(messages))
    answers = tuple(await model.complete(messages, settings.n, how))
    call = Call(purpose="inputs", round=0, messages=messages, sampling=how, completions=answers)
    return (call,)


def read_inputs(problem: Problem, calls: Sequence[Call], config: RunConfig) -> tuple[str, ...]:
    """Calls without values: made of the docstring's by mutation, then what the model wrote."""
    settings, name = config.inputs, problem.entry_point
    examples = docstring_examples(problem)
    mutants = mutate_inputs(examples, name, settings.mutations, config.seed)
    written = [
        text
        for call in calls
        for answer in call.completions
        for text in parse_inputs(answer.text, name, settings.count)
    ]
    return tuple(dict.fromkeys((*mutants, *written)))


async def execute(executor: Executor, matrix: Matrix) -> tuple[tuple[Row, ...], int]:
    """Rows for the candidates that have none yet, and how many programs were run for them.

    A program that was run in an earlier round is not run again: one that shows a clock would show
    another one.
    """
    fresh = matrix.candidates[len(matrix.rows) :]
    if not matrix.tests:
        return tuple(Row(candidate=c.id, outcomes=()) for c in fresh), 0
    tests = [test.source for test in matrix.tests]
    known = {matrix.candidates[row.candidate].source: row.outcomes for row in matrix.rows}
    found = await executor.run((c.source for c in fresh if c.source not in known), tests, tuple)
    outcomes = known | found
    return tuple(Row(candidate=c.id, outcomes=outcomes[c.source]) for c in fresh), len(found)


def passing(matrix: Matrix, config: RunConfig, doubted: frozenset[int] = frozenset()) -> bool:
    """Whether a candidate passes all the tests that end a problem. Without tests none does.

    Generated tests may be wrong, so that they bind only where they are asked to, or where there is
    no docstring example. `doubted` are positions of examples that do not bind.
    """
    tests = range(len(matrix.tests))
    examples = [i for i in tests if matrix.tests[i].origin == "docstring"]
    binding = [
        i
        for i in (examples if examples and config.stop == "docstring" else tests)
        if i not in doubted
    ]
    rows = matrix.rows if binding else ()
    return any(all(row.outcomes[i].passed for i in binding) for row in rows)


def wants_draft(matrix: Matrix, config: RunConfig) -> bool:
    """Whether to draw one more program before anything is repaired.

    Without a visible test nothing could tell one more from the first.
    """
    left = config.draft.stop_on_pass and len(matrix.candidates) < config.draft.n
    return left and bool(matrix.tests) and not passing(matrix, config)


def why_stop(
    matrix: Matrix, ended: Sequence[int], number: int, spent: str, config: RunConfig
) -> str:
    """Why the loop ends after round `number`; empty where it goes on.

    `ended` are candidates that repair left as they are, and `spent` is a used-up budget, which is
    the reason only where there was more to do.

    Most examples that all drafts fail alike are right and hard. Only where a round of repair was
    told of a suspect one, and none of its programs passes it either, does it no longer bind.
    """
    if not matrix.tests:
        return "no visible test"
    if passing(matrix, config):
        return "passed"
    if wants_draft(matrix, config):
        return spent
    if number and passing(matrix, config, doubtful(matrix)):
        return "suspect"
    if number >= config.rounds:
        return "rounds"
    if not rounds.chosen(matrix, ended, number + 1, config):
        return "nothing to repair"
    return spent


async def select(
    matrix: Matrix, inputs: tuple[str, ...], prober: RecordingProber, config: RunConfig
) -> Choice:
    """The answer, by the configured selector."""
    pool = Pool(
        problem=prober.executor.problem,
        candidates=matrix.candidates,
        tests=matrix.tests,
        passed=tuple(passed_bits(row.outcomes) for row in matrix.rows),
        inputs=inputs,
        prober=prober,
        share=config.inputs.share,
        seed=config.seed,
    )
    return await choose(config.selector, pool)
