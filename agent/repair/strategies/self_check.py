"""The model predicts the values of its program on the examples, and revises the program by them.

This is the control for execution: the model is not told any result of a test, not even that the
program fails. Source: rubber duck debugging, and the execution traces that a model writes itself,
of Chen et al., Teaching Large Language Models to Self-Debug (ICLR 2024). Cost: two calls.
Given: the problem, the program, and the calls in the docstring examples.
"""

from __future__ import annotations

from dataclasses import replace

from agent.repair.feedback import Feedback
from agent.repair.strategy import Case, Session, by_priority, follow_up_turn, single_turn
from agent.types import Completion
from agent.visible_tests.docstring.examples import docstring_examples

choose = by_priority

MOST_CALLS = 2
"""Largest number of calls of one repair."""


async def repair(case: Case, session: Session) -> Completion:
    """Ask for the value of each call, and then for the revised program in the same chat."""
    calls = dict.fromkeys(example.call for example in docstring_examples(case.problem))
    unseen = replace(case, feedback=Feedback(), notes=tuple(calls))
    question = single_turn("self_check/predict")
    values = await session.ask(unseen, question, "predict")
    told = follow_up_turn(question, values, "self_check/revise")
    return await session.write(unseen, told, "revise")
