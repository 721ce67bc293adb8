"""The steps of the graph's nodes, as functions from records to records."""

from __future__ import annotations

from collections.abc import Sequence

from agent.config import RunConfig
from agent.models.base import Model
from agent.prompts import messages_for_inputs, stop_strings
from agent.repair import round as rounds
from agent.selection import Pool, choose
from agent.selection.pool import passed_bits
from agent.selection.probing import RecordingProber
from agent.types import (
    Call,
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
from agent.visible_tests.inputs.asked_inputs import AskedInputs
from agent.visible_tests.inputs.model_calls import parse_inputs
from agent.visible_tests.inputs.mutation import mutate_inputs
from agent.visible_tests.suspects import suspect_positions
from agent.visible_tests.trivial import remove_trivial
from agent.visible_tests.writer import RecordingWriter
from agent.visible_tests.written.parse import merge


async def write_tests(
    executor: Executor, model: Model, config: RunConfig
) -> tuple[tuple[VisibleTest, ...], tuple[Call, ...], tuple[Probe, ...]]:
    """Return the visible tests of all sources: docstring examples first, then generated tests.

    A generated test that every do-nothing program passes is useless and is left out. The probes
    are the executions of those programs; the calls are the requests to the model.
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
    kept, probes = await remove_trivial(executor, written)
    return examples + kept, tuple(writer.calls), probes


async def write_inputs(problem: Problem, model: Model, config: RunConfig) -> tuple[Call, ...]:
    """Ask the model for calls without expected values; do not ask if `inputs.n` is 0."""
    settings = config.inputs
    if settings.n == 0:
        return ()
    messages = messages_for_inputs(problem, settings.count, config.model)
    sampling = config.sampling(settings.temperature, stop_strings(messages))
    answers = tuple(await model.complete(messages, settings.n, sampling))
    call = Call(
        purpose="inputs", round=0, messages=messages, sampling=sampling, completions=answers
    )
    return (call,)


def read_inputs(problem: Problem, calls: Sequence[Call], config: RunConfig) -> AskedInputs:
    """Return calls without expected values: mutated docstring examples, then the model's.

    `calls` are all requests to the model so far. Nothing is read or made before a selector asks.
    """
    settings, name = config.inputs, problem.entry_point

    def make() -> tuple[str, ...]:
        examples = docstring_examples(problem)
        mutants = mutate_inputs(examples, name, settings.mutations, config.seed)
        written = [
            text
            for call in calls
            if call.purpose == "inputs"
            for answer in call.completions
            for text in parse_inputs(answer.text, name, settings.count)
        ]
        return tuple(dict.fromkeys((*mutants, *written)))

    return AskedInputs(make)


async def execute(executor: Executor, matrix: Matrix) -> tuple[tuple[Row, ...], int]:
    """Return rows for the candidates that have none, and the number of programs run for them.

    A program that ran in an earlier round is not run again: if its output depends on the clock, the
    outcome could differ.
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
    """Whether a candidate passes all tests that bind. False if no test binds.

    Generated tests may be wrong. They bind only if the setting `stop` asks for them, or if the
    problem has no docstring examples. `doubted` are positions of examples that do not bind.
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

    Without visible tests, another program could not be compared with the first.
    """
    left = config.drafts_singly and len(matrix.candidates) < config.draft.n
    return left and bool(matrix.tests) and not passing(matrix, config)


def stop_reason(matrix: Matrix, ended: Sequence[int], number: int, config: RunConfig) -> str:
    """Return the reason why the loop ends after round `number`, or "" if it may continue.

    `ended` are candidates for which a repair gave no new program. Budgets are not considered.

    Most examples that all drafts fail in the same way are correct and hard. A suspect example stops
    binding only after a repair round in which it was shown and still no program passed it.
    """
    if not matrix.tests:
        return "no visible test"
    if passing(matrix, config):
        return "passed"
    if wants_draft(matrix, config):
        return ""
    if number and passing(matrix, config, suspect_positions(matrix)):
        return "suspect"
    if number >= config.rounds:
        return "rounds"
    if not rounds.chosen(matrix, ended, number + 1, config):
        return "nothing to repair"
    return ""


async def select(
    matrix: Matrix, inputs: Sequence[str], prober: RecordingProber, config: RunConfig
) -> Choice:
    """Choose the answer with the configured selector."""
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
