"""The steps of the graph's nodes, as functions from records to records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.config import RunConfig
from agent.models.base import Model
from agent.prompts import messages_for_inputs, stop_strings
from agent.repair import round as rounds
from agent.repair.feedback import binding_tests
from agent.repair.patches.patch_search import Search, binding, search
from agent.selection import Pool, asks_model, choose
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
from agent.visible_tests.inputs.asked_inputs import AskedInputs, SelectionInputs
from agent.visible_tests.inputs.edge_inputs import edge_inputs
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


def read_inputs(problem: Problem, calls: Sequence[Call], config: RunConfig) -> SelectionInputs:
    """Return calls without expected values: mutated docstring examples and the model's, and edges.

    `calls` are all requests to the model so far. Nothing is read or made before a selector asks.
    """
    settings, name = config.inputs, problem.entry_point

    def general() -> tuple[str, ...]:
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

    def edges() -> tuple[str, ...]:
        return edge_inputs(problem, settings.edges)

    return SelectionInputs(AskedInputs(general), AskedInputs(edges))


async def execute(
    executor: Executor, matrix: Matrix, probes: Sequence[Probe] = ()
) -> tuple[tuple[Row, ...], int]:
    """Return rows for the candidates that have none, and the number of programs run for them.

    A program that ran before, as a candidate or in a probe of all tests, is not run again: if its
    output depends on the clock, the outcome could differ.
    """
    fresh = matrix.candidates[len(matrix.rows) :]
    if not matrix.tests:
        return tuple(Row(candidate=c.id, outcomes=()) for c in fresh), 0
    tests = tuple(test.source for test in matrix.tests)
    known = {probe.program: probe.outcomes for probe in probes if probe.tests == tests}
    known |= {matrix.candidates[row.candidate].source: row.outcomes for row in matrix.rows}
    found = await executor.run((c.source for c in fresh if c.source not in known), tests, tuple)
    outcomes = known | found
    return tuple(Row(candidate=c.id, outcomes=outcomes[c.source]) for c in fresh), len(found)


def passing(matrix: Matrix, config: RunConfig, doubted: frozenset[int] = frozenset()) -> bool:
    """Whether a candidate, other than a weak patch, passes all tests that bind, if any does.

    `doubted` are positions of examples that do not bind.
    """
    binding = [i for i in binding_tests(matrix.tests, config.stop) if i not in doubted]
    rows = [row for row in matrix.rows if not matrix.candidates[row.candidate].is_weak_patch]
    return bool(binding) and any(all(row.outcomes[i].passed for i in binding) for row in rows)


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


async def patch(
    executor: Executor,
    matrix: Matrix,
    number: int,
    inputs: Sequence[str],
    config: RunConfig,
    *,
    is_last: bool = False,
) -> tuple[Search, tuple[Row, ...]]:
    """Search for patches of the programs of round `number`, and return them with their rows.

    No search is made if the settings want none, or if another draft comes first: none does if this
    step `is_last`.
    """
    if not config.patches or (wants_draft(matrix, config) and not is_last):
        return Search(), ()
    tests, edits = binding(matrix), config.repair.edits
    found = await search(executor, matrix, number, inputs, tests=tests, edits=edits)
    pool = replace(matrix, candidates=matrix.candidates + found.patches)
    rows, executions = await execute(executor, pool)
    return replace(found, executions=found.executions + executions), rows


async def select_without_patches(
    matrix: Matrix, inputs: SelectionInputs, prober: RecordingProber, config: RunConfig
) -> Choice | None:
    """Return the choice among the programs that a model wrote; None if there are no others.

    None also for a selector that asks a model, since that would cost tokens.
    """
    written = [candidate.id for candidate in matrix.candidates if candidate.patch is None]
    if len(written) == len(matrix.candidates) or asks_model(config.selector):
        return None
    pool = Matrix(
        tuple(matrix.candidates[i] for i in written),
        matrix.tests,
        tuple(matrix.rows[i] for i in written),
    )
    choice = await select(pool, inputs, prober, config)
    tied = tuple(written[i] for i in choice.tied)
    return choice.model_copy(update={"candidate": written[choice.candidate], "tied": tied})


async def select(
    matrix: Matrix, inputs: SelectionInputs, prober: RecordingProber, config: RunConfig
) -> Choice:
    """Choose the answer with the configured selector."""
    pool = Pool(
        problem=prober.executor.problem,
        candidates=matrix.candidates,
        tests=matrix.tests,
        passed=tuple(passed_bits(row.outcomes) for row in matrix.rows),
        inputs=inputs.general,
        edges=inputs.edges,
        prober=prober,
        share=config.inputs.share,
        seed=config.seed,
    )
    return await choose(config.selector, pool)
