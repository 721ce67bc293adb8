"""What the nodes of the graph do, as functions from records to records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.answers import canonical, read_program
from agent.config import RunConfig
from agent.feedback import Feedback, build_feedback
from agent.models.base import Model
from agent.parsing.source import prelude
from agent.prompts import messages_for_draft, messages_for_tests
from agent.repair import load_strategy
from agent.select import load_selector
from agent.tasks import once_each
from agent.types import (
    Call,
    Candidate,
    Choice,
    Completion,
    Message,
    Problem,
    Row,
    Sampling,
    VisibleTest,
)
from agent.visible_tests.docstring import docstring_tests
from agent.visible_tests.generated import merge, parse_tests
from sandbox.base import Sandbox
from sandbox.types import Job, Outcome

Parent = tuple[Candidate, Feedback]


def sampling(config: RunConfig, temperature: float) -> Sampling:
    """Sampling parameters of a request."""
    return Sampling(
        temperature=temperature,
        top_p=config.model.top_p,
        max_tokens=config.model.max_tokens,
        seed=config.seed,
    )


async def draft(
    problem: Problem, model: Model, config: RunConfig
) -> tuple[tuple[Candidate, ...], Call]:
    """Draw the first programs, in one request."""
    messages, how = messages_for_draft(problem), sampling(config, config.draft.temperature)
    answers = tuple(await model.complete(messages, config.draft.n, how))
    candidates = tuple(
        _candidate(i, problem, answer, origin="draft") for i, answer in enumerate(answers)
    )
    call = Call(purpose="draft", round=0, messages=messages, sampling=how, completions=answers)
    return candidates, call


async def write_tests(
    problem: Problem, model: Model, config: RunConfig
) -> tuple[tuple[VisibleTest, ...], tuple[Call, ...]]:
    """Visible tests: the docstring's examples first, then what the model wrote."""
    examples = docstring_tests(problem)
    if config.tests.n == 0:
        return examples, ()
    messages = messages_for_tests(problem, config.tests.count)
    how = sampling(config, config.tests.temperature)
    answers = tuple(await model.complete(messages, config.tests.n, how))
    generated = merge(
        test
        for answer in answers
        for test in parse_tests(answer.text, problem.entry_point, limit=config.tests.count)
    )
    known = {test.source for test in examples}
    call = Call(purpose="tests", round=0, messages=messages, sampling=how, completions=answers)
    return examples + tuple(t for t in generated if t.source not in known), (call,)


async def execute(
    problem: Problem,
    candidates: Sequence[Candidate],
    tests: tuple[VisibleTest, ...],
    sandbox: Sandbox,
    config: RunConfig,
) -> tuple[tuple[Row, ...], int]:
    """A row of the matrix for each candidate, and how many programs were run for it.

    The same program twice is run once.
    """
    sources = tuple(test.source for test in tests)
    if not sources:
        return tuple(Row(candidate=c.id, outcomes=()) for c in candidates), 0
    limits, beside = config.sandbox.visible_limits(), prelude(problem.prompt)

    executions = await once_each(
        (candidate.source for candidate in candidates),
        lambda program: sandbox.run(Job(program, sources, limits, problem.entry_point, beside)),
    )
    rows = tuple(Row(candidate=c.id, outcomes=executions[c.source].outcomes) for c in candidates)
    return rows, len(executions)


def why_stop(
    candidates: Sequence[Candidate],
    tests: tuple[VisibleTest, ...],
    rows: Sequence[Row],
    number: int,
    config: RunConfig,
) -> str | None:
    """Why the loop ends after round `number`, or None where it goes on."""
    binding = _binding(tests, config)
    if not binding:
        return "no visible test"
    if any(all(row.outcomes[i].passed for i in binding) for row in rows):
        return "passed"
    if number >= config.rounds:
        return "rounds"
    if not to_repair(candidates, tests, rows, config):
        return "nothing to repair"
    return None


def _binding(tests: tuple[VisibleTest, ...], config: RunConfig) -> tuple[int, ...]:
    """Positions of the tests that a program must pass to end the loop.

    Generated tests may be wrong, so that they bind only where they are asked to, or where there is
    no docstring example.
    """
    examples = tuple(i for i, test in enumerate(tests) if test.origin == "docstring")
    return examples if examples and config.stop == "docstring" else tuple(range(len(tests)))


def to_repair(
    candidates: Sequence[Candidate],
    tests: tuple[VisibleTest, ...],
    rows: Sequence[Row],
    config: RunConfig,
) -> tuple[Parent, ...]:
    """The most promising programs that no round has repaired yet, each with its feedback.

    Most docstring examples passed, then most generated tests, then the earliest. A program that an
    earlier candidate had already written is no new one.
    """
    tried = {canonical(candidates[c.parent].source) for c in candidates if c.parent is not None}
    open_: dict[str, tuple[tuple[int, int, int], Parent]] = {}
    for candidate, row in zip(candidates, rows, strict=True):
        form = canonical(candidate.source)
        if form in tried or form in open_ or all(outcome.passed for outcome in row.outcomes):
            continue
        feedback = build_feedback(candidate.source, tests, row.outcomes, config.repair.tests)
        open_[form] = (_promise(tests, row.outcomes, candidate.id), (candidate, feedback))
    best = sorted(open_.values(), key=lambda entry: entry[0])
    return tuple(parent for _, parent in best[: config.repair.width])


def _promise(
    tests: tuple[VisibleTest, ...], outcomes: tuple[Outcome, ...], candidate: int
) -> tuple[int, int, int]:
    passed = [test.origin for test, o in zip(tests, outcomes, strict=True) if o.passed]
    return -passed.count("docstring"), -passed.count("generated"), candidate


async def repair(
    problem: Problem,
    parents: Sequence[Parent],
    first: int,
    number: int,
    model: Model,
    config: RunConfig,
) -> tuple[tuple[Candidate, ...], tuple[Call, ...]]:
    """Repair each parent by the configured strategy; new candidates are numbered from `first`."""
    name, how = config.repair.strategy, sampling(config, config.repair.temperature)
    strategy = load_strategy(name)

    async def one(
        child: int, parent: Candidate, feedback: Feedback
    ) -> tuple[Completion, list[Call]]:
        calls: list[Call] = []

        async def ask(messages: tuple[Message, ...]) -> Completion:
            answers = tuple(await model.complete(messages, 1, how))
            calls.append(
                Call(
                    purpose=name,
                    round=number,
                    candidate=child,
                    messages=messages,
                    sampling=how,
                    completions=answers,
                )
            )
            return answers[0]

        return await strategy.repair(problem, parent, feedback, ask), calls

    results = await asyncio.gather(*(one(first + i, *parent) for i, parent in enumerate(parents)))
    candidates = tuple(
        _candidate(first + i, problem, answer, name, parent.id, number)
        for i, ((parent, _), (answer, _)) in enumerate(zip(parents, results, strict=True))
    )
    return candidates, tuple(call for _, calls in results for call in calls)


def select(tests: tuple[VisibleTest, ...], rows: Sequence[Row], config: RunConfig) -> Choice:
    """The answer, by the configured selector."""
    return load_selector(config.selector).select(tests, rows)


def _candidate(
    number: int,
    problem: Problem,
    answer: Completion,
    origin: str,
    parent: int | None = None,
    round_: int = 0,
) -> Candidate:
    return Candidate(
        id=number,
        parent=parent,
        round=round_,
        origin=origin,
        source=read_program(problem, answer.text),
        usage=answer.usage,
        finish_reason=answer.finish_reason,
        mean_logprob=answer.mean_logprob,
    )
