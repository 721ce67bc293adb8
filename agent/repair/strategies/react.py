"""The model chooses its next action, up to five times: run, trace, rewrite or submit.

Source: Yao et al., ReAct: Synergizing Reasoning and Acting in Language Models (ICLR 2023): each
answer is a thought and an action, and the next prompt shows the results. Only the program that is
submitted becomes a candidate. Cost: one to five calls, and one execution for each program that runs
and each call that is traced. Given: the same as error_feedback, the results of its actions, and
its thoughts and actions so far.

An answer with a program and no action runs the program. A program that passes all tests that end
the loop is submitted at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from agent.answers import defines_function
from agent.parsing.marks import without_thinking
from agent.repair.feedback import FailedTest, Feedback
from agent.repair.strategy import Case, PromptBuilder, Session, by_priority, single_turn
from agent.types import Completion
from agent.visible_tests.literals import balanced_end

MOST_CALLS = 5
"""Largest number of calls of one repair."""
_THOUGHT_CHARS = 300
_VERB, _EDGE = r"(?P<verb>run|trace|rewrite|submit)(?![a-z])", r"(?:[^\w\n]|_)*"
_LABEL = r"(?: ?\d+)?[^\w\n:]*:(?:[^\w\n]|_)*"
_LABELLED = re.compile(rf"^{_EDGE}action{_LABEL}{_VERB}(?P<words>.*)", re.I | re.M)
_ALONE = re.compile(rf"^{_EDGE}{_VERB}(?P<words>{_EDGE}$|(?<=trace).*\(.*)", re.I | re.M)
_THOUGHT = re.compile(rf"^{_EDGE}thought{_LABEL}", re.I | re.M)

choose = by_priority


@dataclass(frozen=True)
class _State:
    """The work on a program after some actions."""

    case: Case
    """The current program, its results, and the steps so far as notes."""
    answer: Completion | None = None
    """The answer with the current program; None for the program to repair."""
    ran: bool = True
    """Whether the tests ran on the current program."""
    asked: bool = False
    """Whether the last answer announced another program without giving it."""
    done: bool = False
    """Whether the current program is submitted."""


class ChosenAction(NamedTuple):
    """An answer of the model, as read."""

    thought: str
    action: str
    """`run`, `trace`, `rewrite` or `submit`; empty if it names no action."""
    words: str
    """The words after the action on its line."""


async def repair(case: Case, session: Session) -> Completion:
    """Let the model act; if it has given no program by then, the last call asks for one."""
    state = _State(case)
    for _ in range(MOST_CALLS - 1):
        if state.asked:
            said = await session.write(state.case, _prompt("write", state), "write")
        else:
            said = await session.ask(state.case, _prompt("act", state), "act")
        state = await _act(state, said, session)
        if state.done:
            break
    if state.answer is not None:
        return state.answer
    return await session.write(state.case, _prompt("write", state), "write")


def _prompt(name: str, state: _State) -> PromptBuilder:
    tell = single_turn(f"react/{name}", state=state)
    return lambda case: tell(replace(case, program=case.program.strip()))


async def _act(state: _State, said: Completion, session: Session) -> _State:
    """Return the state after an answer: its program replaces the current one before it acts."""
    step = read_action(said.text)
    state = replace(state, asked=step.action == "rewrite")
    if defines_function(state.case.problem, said.text):
        state = _State(session.read(state.case, said), said, ran=False)
        step = step._replace(action=step.action or "run")
    state, result = await _done(state, step, session)
    told = f"{step.thought} Action: {step.action or 'none'}. Result: {result}".strip()
    return replace(state, case=replace(state.case, notes=(*state.case.notes, told)))


async def _done(state: _State, step: ChosenAction, session: Session) -> tuple[_State, str]:
    """Return the state after an action, and its result in a few words."""
    case = state.case
    match step.action:
        case "run" if not state.ran:
            found = await session.check(case)
            return replace(state, case=found or case, ran=True, done=not found), _failure(found)
        case "trace":
            traced = await session.watch(_called(case, step.words))
            event = traced.blocks[-1].event if traced.blocks else "could not be traced"
            result = f"{traced.call} {event}".strip()
            return replace(state, case=replace(traced, feedback=case.feedback)), result
        case "submit" if state.answer:
            return replace(state, done=True), "submitted"
        case "rewrite":
            return state, "no program followed" if state.asked else "not run yet"
    return state, "nothing new"


def _called(case: Case, words: str) -> Case:
    """Return the case to trace: the call that the words name, if any, is its failing test."""
    name = case.problem.entry_point
    start = words.find(f"{name}(")
    end = balanced_end(words, start + len(name), len(words)) if start >= 0 else None
    named = (FailedTest(source=words[start:end]),) if end is not None else case.feedback.failing
    return replace(case, feedback=Feedback(failing=named), call="", blocks=())


def _failure(case: Case | None) -> str:
    failing = case.feedback.failing[:1] if case else ()
    words = " ".join(f"{test.source} # {test.detail}".strip("# ") for test in failing)
    return f"it fails {' '.join(words.split())}".strip()


def read_action(text: str) -> ChosenAction:
    """Return the thought and the first action of an answer, with what follows it on its line.

    An action follows the label `Action:`, or is alone on its line. The thought is all before it, up
    to a fence, in one line of at most 300 characters.
    """
    said = without_thinking(text)
    found = _LABELLED.search(said) or _ALONE.search(said)
    thought = (said[: found.start()] if found else said).partition("```")[0]
    thought = " ".join(_THOUGHT.sub("", thought).split())[:_THOUGHT_CHARS]
    if found is None:
        return ChosenAction(thought, "", "")
    return ChosenAction(thought, found["verb"].lower(), found["words"])
