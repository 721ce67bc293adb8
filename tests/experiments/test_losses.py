"""The reasons of lost problems, one test per rule, and the categories of problems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.runner.folder import RunFolder
from agent.types import Call, Completion, Message, Problem, Sampling
from experiments.losses import main
from experiments.studies.categories import category_of
from experiments.studies.losses import Loss, by_category, by_outcome, losses
from tests.experiments.small_traces import One, trace_of, unscored

TEXT = 'def grow(x):\n    """Longer.\n\n    >>> grow("a")\n    "aa"\n    """\n'


@pytest.mark.parametrize(
    ("candidates", "label"),
    [
        ((One(False, "+-"), One(False, "++")), "coverage"),
        ((One(False), One(False)), "coverage"),
        ((One(False, "++"), One(False, "--")), "hidden edge cases"),
        # Each right candidate fails a test that the answer passes, not always the same.
        ((One(False, "++"), One(True, "+-"), One(True, "-+")), "wrong visible test"),
        ((One(False, "+-"), One(True, "-+")), "wrong visible test"),
        ((One(False, "++"), One(True, "+-"), One(True, "++")), "selection"),
        ((One(False, "+-"), One(True, "+-")), "selection"),
        ((One(False, "-+"), One(True, "++")), "selection"),
        ((One(False), One(True)), "selection"),
    ],
)
def test_a_lost_problem_has_one_label(candidates: tuple[One, ...], label: str) -> None:
    (loss,) = losses([trace_of(*candidates)])
    assert loss.label == label


def test_only_wrong_answers_are_losses() -> None:
    slow = One(False, "+", outcome="timeout")
    traces = [
        trace_of(One(False, "+"), One(True, "+"), task="Own/0", answer=1),
        trace_of(One(True, "+"), slow, task="Own/1", answer=1, prompt=TEXT),
        unscored(trace_of(slow, task="Own/2")),
    ]
    expected = Loss(task_id="Own/1", label="selection", outcome="timeout", category="text")
    assert losses(traces) == (expected,)


def drawn(*answers: Completion, first: int = 0) -> Call:
    sent = (Message(role="user", content="?"),)
    return Call(
        purpose="draft",
        round=0,
        messages=sent,
        sampling=Sampling(),
        completions=answers,
        first=first,
    )


CUT = Completion(text="", missing="cut while thinking", finish_reason="length")
WRITTEN = Completion(text="def grow(x): ...")


@pytest.mark.parametrize(
    ("calls", "answer", "label"),
    [
        ((drawn(CUT, WRITTEN),), 0, "no answer"),
        ((drawn(CUT, WRITTEN),), 1, "coverage"),
        ((drawn(WRITTEN), drawn(CUT, first=1)), 1, "no answer"),
        ((drawn(Completion(text="", reasoning="hm")),), 0, "no answer"),
        ((drawn(Completion(text="", finish_reason="content_filter")),), 0, "no answer"),
        ((drawn(Completion(text="")),), 0, "coverage"),
        ((), 0, "coverage"),
    ],
)
def test_an_answer_without_text_is_no_answer(
    calls: tuple[Call, ...], answer: int, label: str
) -> None:
    lost = trace_of(One(False, "-"), One(False, "-"), answer=answer, calls=calls)
    (loss,) = losses([lost])
    assert loss.label == label
    assert ("| no answer |" in by_outcome([loss])) is (label == "no answer")
    right = trace_of(One(False, "-"), One(True, "-"), calls=calls)
    assert losses([right])[0].label == "selection"


def test_a_repair_without_text_is_no_answer() -> None:
    repair = drawn(CUT).model_copy(update={"purpose": "error_feedback", "candidate": 1})
    lost = trace_of(One(False, "-"), One(False, "-"), answer=1, calls=(drawn(WRITTEN), repair))
    assert losses([lost])[0].label == "no answer"


def problem(header: str, *examples: str) -> Problem:
    lines = "".join(f"    >>> {example}\n    0\n\n" for example in examples)
    return Problem(
        task_id="Own/0", prompt=f'{header}\n    """Grow.\n\n{lines}    """\n', entry_point="grow"
    )


@pytest.mark.parametrize(
    ("example", "category"),
    [
        ("grow(1)", "numbers"),
        ("grow(-1)", "numbers"),
        ("grow(1.5, True)", "numbers"),
        ("grow(2 ** 8)", "numbers"),
        ("grow('a')", "text"),
        ("grow(x='a')", "text"),
        ("grow([1, 'a'])", "sequences"),
        ("grow((1, 2))", "sequences"),
        ("grow({1})", "sequences"),
        ("grow(set())", "sequences"),
        ("grow(3 * [0])", "sequences"),
        ("grow([0] * 3)", "sequences"),
        ("grow({'a': 1})", "mappings"),
        ("grow([1], 2)", "mixed"),
        ("grow([1], None)", "sequences"),
    ],
)
def test_the_category_is_the_kind_of_the_examples_arguments(example: str, category: str) -> None:
    assert category_of(problem("def grow(x: dict, y=0):", example)) == category


def test_a_variable_of_an_example_is_what_it_was_set_to() -> None:
    header = 'def grow(x):\n    """Grow.\n\n    >>> x = [1]\n    >>> grow(x)\n    0\n    """\n'
    assert category_of(Problem(task_id="Own/0", prompt=header, entry_point="grow")) == "sequences"


def test_examples_of_several_kinds_are_mixed() -> None:
    assert category_of(problem("def grow(x):", "grow(1)", "grow(2)")) == "numbers"
    assert category_of(problem("def grow(x):", "grow(1)", "grow('a')")) == "mixed"


@pytest.mark.parametrize(
    ("annotations", "category"),
    [
        ("x: int, y: float", "numbers"),
        ("x: str, /, y", "text"),
        ("x, *, y: str", "text"),
        ("x: 'str'", "text"),
        ("x: List[str]", "sequences"),
        ("x: typing.Sequence[int]", "sequences"),
        ("x: tuple", "sequences"),
        ("x: Dict[str, int]", "mappings"),
        ("x: Optional[int]", "numbers"),
        ("x: int | None", "numbers"),
        ("x: None | int", "numbers"),
        ("x: Union[int, str]", "mixed"),
        ("x: list, y: int", "mixed"),
        ("x: Any, y: str", "text"),
        ("x: Any", "unknown"),
        ("x", "unknown"),
    ],
)
def test_without_examples_the_annotations_tell(annotations: str, category: str) -> None:
    assert category_of(problem(f"def grow({annotations}) -> dict:")) == category


def test_the_name_of_a_problem_changes_nothing() -> None:
    one = problem("def grow(x):", "grow(1)")
    other = one.model_copy(update={"task_id": "HumanEval/0"})
    assert category_of(one) == category_of(other)


def test_the_tables_count_every_problem_once() -> None:
    traces = [
        trace_of(One(True, "+"), task="Own/0"),
        trace_of(One(False, "-"), task="Own/1"),
        trace_of(One(False, "-", outcome="timeout"), task="Own/2", prompt=TEXT),
        trace_of(One(False, "+"), task="Own/3", prompt=TEXT),
        unscored(trace_of(One(True), task="Own/4")),
    ]
    assert by_outcome(losses(traces)).splitlines() == [
        "| reason | lost | timeout | wrong answer |",
        "| --- | --- | --- | --- |",
        "| coverage | 2 | 1 | 1 |",
        "| hidden edge cases | 1 | 0 | 1 |",
        "| wrong visible test | 0 | 0 | 0 |",
        "| selection | 0 | 0 | 0 |",
    ]
    assert by_category(traces).splitlines() == [
        "| category | problems | solved | coverage | hidden edge cases | wrong visible test"
        " | selection |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| numbers | 2 | 1 | 1 | 0 | 0 | 0 |",
        "| text | 2 | 0 | 1 | 1 | 0 | 0 |",
    ]


def test_the_command_lists_each_lost_problem_with_its_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder.create(tmp_path / "run", {"tasks": ["Own/0", "Own/1"]}, "")
    run.write_trace(trace_of(One(False, visible="-"), task="Own/0"))
    run.write_trace(trace_of(One(True, visible="+"), task="Own/1"))
    assert main([str(run.path)]) == 0
    shown = capsys.readouterr().out
    assert f"| Own/0 | coverage | wrong answer | numbers | {run.trace_path('Own/0')} |" in shown
    assert "| Own/1 |" not in shown
    found = [loss.model_dump() for loss in losses(run.traces())]
    assert main([str(run.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found
    assert main([str(tmp_path)]) == 2
    assert "not a run folder" in capsys.readouterr().err
