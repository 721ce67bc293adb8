"""The strategy mcts: the values of its tree, and the programs that a descent reaches."""

from __future__ import annotations

from math import log, sqrt
from pathlib import Path
from random import Random
from typing import Any

from agent.config import RunConfig
from agent.repair.lineage import ROOT, Subtree, repair_targets
from agent.repair.strategies.mcts import choose
from agent.runner.audit import replay
from agent.types import Candidate, Matrix, Problem, Row, VisibleTest
from sandbox.types import Outcome, Status
from tests.repair.script import fenced, loop

PASSED, WRONG = Outcome(Status.PASSED), Outcome(Status.WRONG_ANSWER)


def matrix(*programs: tuple[int | None, str], origin: Any = "generated") -> Matrix:
    """Return the matrix of programs, each with its parent and a mark for each test."""
    tests = (VisibleTest(source="assert f()", origin=origin, form="assert"),) * 4
    rows = (tuple(PASSED if mark == "+" else WRONG for mark in marks) for _, marks in programs)
    return Matrix(
        tuple(Candidate(id=i, parent=p, source=f"{i}") for i, (p, _) in enumerate(programs)),
        tests,
        tuple(Row(candidate=i, outcomes=outcomes) for i, outcomes in enumerate(rows)),
    )


def order(programs: Matrix, ended: tuple[int, ...] = (), width: int = 9) -> list[int]:
    chosen = choose(repair_targets(programs, ended), width, Random(0))
    return [target.candidate.id for target in chosen]


def test_a_reward_is_backed_up_to_the_draft_and_the_root() -> None:
    tree = matrix((None, "++--"), (None, "----"), (0, "+++-"), (2, "+---"))
    lines = {target.candidate.id: target.line for target in repair_targets(tree, ())}
    assert lines[1] == (Subtree(ROOT, 4, 6 / 16), Subtree(1, 1, 0))
    assert lines[3] == (lines[1][0], Subtree(0, 3, 0.5), Subtree(2, 2, 0.5), Subtree(3, 1, 0.25))


def test_the_reward_of_an_excluded_program_counts() -> None:
    tree = matrix((None, "++--"), (None, "++--"), (0, "--++"), origin="docstring")
    targets = repair_targets(tree, ())
    assert [target.candidate.id for target in targets] == [0, 1]
    assert targets[0].line[-1] == Subtree(0, 2, 0.5)
    assert order(tree) == [1, 0]  # both are worth the same, and it was visited less


def test_of_equal_programs_the_oldest_comes_first() -> None:
    assert order(matrix((None, "+---"), (None, "++--"), (None, "++--")), width=2) == [1, 2]
    assert order(matrix((None, "----"), (None, "----"))) == [0, 1]


def test_a_descent_takes_the_better_of_an_edit_and_one_more_edit() -> None:
    assert order(matrix((None, "++--"), (0, "++--"))) == [1, 0]  # as good, and visited less
    assert order(matrix((None, "++--"), (0, "+---"))) == [0, 1]
    assert sqrt(log(3)) < 0.5 + sqrt(log(3) / 3) < 0.25 + sqrt(log(3))
    assert order(matrix((None, "++--"), (0, "+---"), (0, "----"))) == [1, 0, 2]


def test_a_descent_passes_programs_that_the_guards_exclude() -> None:
    tree = matrix((None, "+---"), (None, "----"), (0, "+++-"), (2, "++++"))
    assert order(tree) == [3, 2, 0, 1]
    assert order(tree, ended=(0, 2)) == [3, 1]
    assert order(tree, ended=(0, 2, 3)) == [1]


async def test_the_tree_grows_in_width_and_then_where_programs_pass_more(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [*(fenced("-- a"), fenced("-- b")), fenced("+- c"), fenced("+- d"), fenced("-+ e")]
    settings: dict[str, Any] = {"rounds": 3, "draft": {"n": 2}, "repair": {"strategy": "mcts"}}
    trace = await loop(problem, answers, tmp_path, **settings)
    assert [candidate.parent for candidate in trace.candidates] == [None, None, 0, 1, 2]
    assert {candidate.origin for candidate in trace.candidates[2:]} == {"mcts"}
    config = RunConfig.model_validate({**settings, "tests": {"n": 0}})
    assert await replay(trace, config) == []
