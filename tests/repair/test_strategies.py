"""Golden files with the exact messages that every strategy sends over two rounds.

`UPDATE_GOLDEN=1 make pytest ARGS=tests/repair` updates them.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from agent.repair import STRATEGIES, load_strategy
from agent.repair.lineage import RepairTarget
from agent.repair.strategies import rex
from agent.repair.strategies.critique import blames_the_test
from agent.repair.strategy import by_priority
from agent.types import Candidate, Problem, Row
from sandbox.fake import FakeSandbox
from sandbox.types import Outcome, Status
from tests.conftest import Golden
from tests.repair.script import fenced, loop, told, verdicts

DRAFT, FIRST, SECOND = fenced("--"), fenced("+- first"), fenced("+- second")
ANSWERS = {
    "critique": [DRAFT, "program", FIRST, "The test."],
    "error_feedback": [DRAFT, FIRST, SECOND],
    "explain": [DRAFT, "It returns a text.", FIRST, "<think>hm</think>Still a text.", SECOND],
    "mcts": [DRAFT, FIRST, SECOND],
    "react": [
        *(DRAFT, "Thought: I look at a call.\nAction: trace second_largest([3, 1, 2])"),
        *(f"Thought: Sort them.\nAction: rewrite\n{fenced('-- tried')}", "Action: run"),
        *(f"Action: submit\n{FIRST}", "Action: rewrite", fenced("++ second")),
    ],
    "reflexion": [DRAFT, "A text is no number.", FIRST, "Sort the values.", SECOND],
    "replan": [DRAFT, "- values go in", FIRST, "- sort them", SECOND],
    "resample": [DRAFT, FIRST, SECOND],
    "rex": [DRAFT, FIRST, SECOND],
    "self_check": [DRAFT, "2\n9", FIRST, "<think>hm</think>2\n5", SECOND],
    "trace": [DRAFT, FIRST, SECOND],
}
STEPS = {
    "critique": ["judge", "fix", "judge"],
    "explain": ["explain", "fix"] * 2,
    "reflexion": ["reflect", "write"] * 2,
    "react": [*["act"] * 5, "write"],
    "replan": ["plan", "write"] * 2,
    "self_check": ["predict", "revise"] * 2,
}


def test_every_strategy_has_its_script() -> None:
    assert sorted([*ANSWERS, "patch"]) == [*STRATEGIES.names()]  # which asks nothing


@pytest.mark.parametrize("name", sorted(ANSWERS))
async def test_what_a_strategy_says_over_two_rounds(
    problem: Problem, golden: Golden, tmp_path: Path, name: str
) -> None:
    trace = await loop(problem, ANSWERS[name], tmp_path, rounds=2, repair={"strategy": name})
    repairs = trace.calls[1:]
    golden(f"{name}.txt", told(repairs))
    assert [call.step for call in repairs] == STEPS.get(name, ["", ""])
    assert {call.purpose for call in repairs} == {name}
    made = ["draft", name] if name == "critique" else ["draft", name, name]
    assert [c.origin for c in trace.candidates] == made


async def test_resample_goes_on_with_the_drafts(problem: Problem, tmp_path: Path) -> None:
    trace = await loop(
        problem,
        [DRAFT, DRAFT, FIRST, SECOND],
        tmp_path,
        rounds=1,
        draft={"n": 2},
        repair={"strategy": "resample", "width": 2, "temperature": 0.1},
    )
    greedy, first, *rest = trace.calls
    assert (greedy.sampling.temperature, first.sampling.temperature) == (0, 0.8)
    assert all((c.messages, c.sampling) == (first.messages, first.sampling) for c in rest)
    assert [call.first for call in rest] == [1, 2]
    assert [candidate.parent for candidate in trace.candidates] == [None] * 4


async def test_resample_is_never_out_of_work(problem: Problem, tmp_path: Path) -> None:
    trace = await loop(problem, [DRAFT] * 3, tmp_path, rounds=2, repair={"strategy": "resample"})
    assert (trace.stopped, len(trace.candidates)) == ("rounds", 3)


async def test_a_program_of_an_earlier_round_is_not_run_again(
    problem: Problem, tmp_path: Path
) -> None:
    sandbox = FakeSandbox(verdicts)
    trace = await loop(
        problem, [DRAFT] * 3, tmp_path, sandbox, rounds=2, repair={"strategy": "resample"}
    )
    assert len(sandbox.jobs) == trace.executions == 1
    assert [row.candidate for row in trace.rows] == [0, 1, 2]


async def test_what_is_judged_a_wrong_test_is_not_repaired(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), "The test"]
    trace = await loop(problem, answers, tmp_path, rounds=3, repair={"strategy": "critique"})
    assert (trace.stopped, trace.rounds) == ("nothing to repair", 1)
    assert len(trace.candidates) == len(trace.rows) == 1
    assert [(call.parent, call.candidate) for call in trace.calls] == [(None, None), (0, None)]


async def test_a_program_that_was_left_as_it_is_makes_room_for_another(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), fenced("--"), "test", "program", fenced("-- a")]
    settings = {"rounds": 2, "draft": {"n": 2}, "repair": {"strategy": "critique"}}
    trace = await loop(problem, answers, tmp_path, **settings)
    assert [c.parent for c in trace.candidates] == [None, None, 1]
    repairs = [(c.round, c.parent, c.candidate) for c in trace.calls[2:]]
    assert repairs == [(1, 0, None), (2, 1, 2), (2, 1, 2)]


async def test_a_verdict_is_what_is_said_and_not_what_is_thought(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), "<think>The test?</think>program", fenced("++")]
    trace = await loop(problem, answers, tmp_path, rounds=1, repair={"strategy": "critique"})
    assert trace.stopped == "passed"
    wrong = [fenced("+-"), "<think>The program?</think>test"]
    trace = await loop(problem, wrong, tmp_path / "b", rounds=1, repair={"strategy": "critique"})
    assert len(trace.candidates) == 1


async def test_a_program_that_is_judged_wrong_is_told_of_the_other_tests_only(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("--"), "test", fenced("++")]
    trace = await loop(problem, answers, tmp_path, rounds=1, repair={"strategy": "critique"})
    fix = trace.calls[-1].messages[0].content
    assert "assert second_largest([5, 9]) == 5" in fix
    assert "assert second_largest([3, 1, 2]) == 2" not in fix


@pytest.mark.parametrize(
    ("text", "blamed"),
    [
        ("test", True),
        ("**Test**.", True),
        ("__test__", True),
        ("The test.\n", True),
        ("program", False),
        ("the test or the program", False),
        ("The function returns the greatest value, which is wrong.", False),
        ("The code is wrong; the test is right.", False),
        ("The test is correct.", False),
        ("latest", False),
        ("", False),
    ],
)
def test_an_unclear_verdict_blames_the_program(text: str, blamed: bool) -> None:
    assert blames_the_test(text) is blamed


async def test_a_verdict_that_is_only_thought_is_not_heard(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), "<think>program</think>\ntest"]
    trace = await loop(problem, answers, tmp_path, rounds=1, repair={"strategy": "critique"})
    assert [call.step for call in trace.calls] == ["", "judge"]
    answers = [fenced("+-"), "<think>test</think>", fenced("++")]
    other = tmp_path / "other"
    trace = await loop(problem, answers, other, rounds=1, repair={"strategy": "critique"})
    assert [call.step for call in trace.calls] == ["", "judge", "fix"]


def target(number: int, examples: int = 0, tries: int = 0, edited: bool = False) -> RepairTarget:
    outcomes = tuple(Outcome(Status.WRONG_ANSWER) for _ in range(10))
    return RepairTarget(
        candidate=Candidate(id=number, source=""),
        row=Row(candidate=number, outcomes=outcomes),
        examples=examples,
        generated=0,
        tries=tries,
        edited=edited,
    )


def test_the_most_promising_end_of_a_line_comes_first() -> None:
    targets = [
        target(0, 3, edited=True),
        target(1, 1),
        target(2, 2, tries=1),
        target(3, 2),
        target(4, 2),
    ]
    chosen = by_priority(targets, 4, Random(0))
    assert [h.candidate.id for h in chosen] == [3, 4, 2, 1]


def test_rex_draws_by_the_share_of_passed_tests_and_by_how_often_one_was_tried() -> None:
    targets = [target(0, 9), target(1, 1), target(2, 9, tries=60), target(3, 9, edited=True)]
    first = [rex.choose(targets, 1, Random(i))[0].candidate.id for i in range(300)]
    shares = [first.count(i) / len(first) for i in range(4)]
    assert shares[0] == pytest.approx(0.5, abs=0.1)
    assert shares[3] == pytest.approx(0.5, abs=0.1)
    assert shares[1] < 0.02
    assert shares[2] < 0.02
    again = rex.choose(targets, 4, Random(7))
    assert again == rex.choose(targets, 4, Random(7))
    assert len({h.candidate.id for h in again}) == 4


async def test_rex_may_go_back_to_a_program_that_was_edited(
    problem: Problem, tmp_path: Path
) -> None:
    """Over several rounds the tree branches; the lines of other strategies never do."""
    answers = [fenced("--"), *(fenced(f"-- {i}") for i in range(8))]
    trace = await loop(problem, answers, tmp_path, rounds=8, repair={"strategy": "rex"})
    parents = [c.parent for c in trace.candidates[1:]]
    assert len(set(parents)) < len(parents)


def test_every_strategy_says_where_it_is_from_and_what_it_costs() -> None:
    for name in STRATEGIES.names():
        words = str(load_strategy(name).__doc__)
        assert all(label in words for label in ("Source: ", "Cost: ", "Given: ")), name
