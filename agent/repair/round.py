"""One round of repair: choose the programs, give each to the strategy, and collect the results.

The programs of a round are repaired one after another, so that the order of the answers to a prompt
which two of them share does not depend on the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from agent.answers import defines_function, read_candidate
from agent.config import RunConfig
from agent.errors import ContextTooSmallError
from agent.models.base import Model
from agent.repair import load_strategy
from agent.repair.feedback import feedback_on
from agent.repair.lineage import RepairTarget, ancestors, repair_targets
from agent.repair.session import RecordingSession, count_drawn, prompt_limit
from agent.repair.strategy import REFLECTION, Case, note
from agent.support.plugins import display_name
from agent.types import Call, Candidate, Completion, Matrix, Probe, Problem
from agent.visible_tests.executor import Executor


@dataclass(frozen=True)
class History:
    """Everything that a round needs to know of the rounds before it on the same problem."""

    matrix: Matrix
    ended: tuple[int, ...]
    """Candidates for which a repair gave no new program."""
    calls: tuple[Call, ...]
    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class RepairRound:
    """The results of a round."""

    candidates: tuple[Candidate, ...]
    ended: tuple[int, ...]
    """Candidates that got no new program, and that no later round repairs."""
    calls: tuple[Call, ...]
    probes: tuple[Probe, ...]


def chosen(
    matrix: Matrix, ended: Sequence[int], number: int, config: RunConfig
) -> tuple[RepairTarget | None, ...]:
    """Return the programs that the strategy chooses for round `number`; None is a fresh draw."""
    random = Random(f"{config.seed} {number} {matrix.candidates[0].source}")
    strategy = load_strategy(config.repair.strategy)
    return strategy.choose(repair_targets(matrix, ended), config.repair.width, random)


async def repair(
    executor: Executor, history: History, number: int, model: Model, config: RunConfig
) -> RepairRound:
    """Run round `number`."""
    problem, matrix, name = executor.problem, history.matrix, display_name(config.repair.strategy)
    space, drawn = prompt_limit(config, history.calls), count_drawn(history.calls)
    ran = {(probe.program, probe.tests): probe.outcomes for probe in history.probes}
    tests = tuple(test.source for test in matrix.tests)
    ran |= {(matrix.candidates[row.candidate].source, tests): row.outcomes for row in matrix.rows}
    found: list[Candidate] = []
    ended: list[int] = []
    calls: list[Call] = []
    probes: list[Probe] = []
    for target in chosen(matrix, history.ended, number, config):
        parent, child = target.candidate.id if target else None, len(matrix.candidates) + len(found)
        call = blank_call(number, parent, config)
        session = RecordingSession(executor, model, config, call, space, drawn, ran, matrix)
        answer, reason = await answer_to(
            make_case(problem, target, history, config), session, config
        )
        if answer is not None and parent is not None and not defines_function(problem, answer.text):
            answer, reason = None, "the answer does not define the whole function"
        if answer is not None:
            found.append(
                read_candidate(
                    problem,
                    answer,
                    child,
                    origin=name,
                    parent=parent,
                    round_=number,
                    extractor=config.model.extractor,
                )
            )
        elif parent is not None:
            ended.append(parent)
        led_to = {"candidate": None if answer is None else child, "reason": reason}
        calls += (call.model_copy(update=led_to) for call in session.calls)
        probes += session.probes
    return RepairRound(tuple(found), tuple(ended), tuple(calls), tuple(probes))


def blank_call(number: int, parent: int | None, config: RunConfig) -> Call:
    """Return the Call fields shared by all requests on one program; without parent, a draft's."""
    repair = config.sampling(config.repair.temperature)
    return Call(
        purpose=display_name(config.repair.strategy),
        round=number,
        parent=parent,
        messages=(),
        sampling=config.sampling_of_drafts() if parent is None else repair,
        completions=(),
    )


async def answer_to(
    case: Case, session: RecordingSession, config: RunConfig
) -> tuple[Completion | None, str]:
    """Return the strategy's answer and '', or None and the reason."""
    try:
        answer = await load_strategy(config.repair.strategy).repair(case, session)
    except ContextTooSmallError:
        return None, "no prompt fits the model's context"
    return answer, "" if answer is not None else "the strategy left the program unchanged"


def make_case(
    problem: Problem, target: RepairTarget | None, history: History, config: RunConfig
) -> Case:
    """Return the case of a target; for a fresh draw, it holds only the problem."""
    if target is None:
        return Case(problem)
    matrix, program = history.matrix, target.candidate.source
    feedback = feedback_on(program, target.row.outcomes, matrix, config.repair)
    notes = reflections(history.calls, ancestors(target.candidate, matrix))
    return Case(problem=problem, program=program.strip(), feedback=feedback, notes=notes)


def reflections(calls: Sequence[Call], line: Sequence[int]) -> tuple[str, ...]:
    """Return the reflections on the programs of a line, oldest first."""
    said = (
        note(answer)
        for call in calls
        for answer in call.completions
        if call.step == REFLECTION and call.parent in line
    )
    return tuple(filter(None, said))
