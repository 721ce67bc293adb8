"""Worked examples: ours run and are in no benchmark, and a file is refused if it is not such."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import pytest

from agent.datasets import load
from agent.errors import ConfigError
from agent.prompts.drafts import EXAMPLES
from agent.prompts.worked_examples import WorkedExample, check_unknown, read_examples
from agent.types import Problem

OURS = read_examples(EXAMPLES)
ONE = {"entry_point": "f", "prompt": "def f(x):\n", "solution": "def f(x):\n    return x\n"}


@pytest.mark.parametrize("example", OURS, ids=lambda example: example.entry_point)
def test_our_examples_pass_their_doctests(example: WorkedExample) -> None:
    assert example.solution.startswith(example.prompt)
    assert example.thought
    space: dict[str, Any] = {}
    exec(example.solution, space)  # noqa: S102 - our own
    tests = doctest.DocTestFinder().find(space[example.entry_point], globs=space)
    results = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(result.attempted for result in results) > 0
    assert sum(result.failed for result in results) == 0


def test_ours_are_six_and_not_in_humaneval() -> None:
    assert len(OURS) == 6
    check_unknown(OURS, load("humaneval").problems, EXAMPLES)


@pytest.mark.parametrize("name", ["problems.jsonl.gz", "problems_sanitized.jsonl.gz"])
def test_ours_are_not_in_mbpp(recorded: Path, name: str) -> None:
    check_unknown(OURS, load(str(recorded / "mbpp" / name)).problems, EXAMPLES)


def example(prompt: str, solution: str = "") -> WorkedExample:
    return WorkedExample(entry_point="g", prompt=prompt, solution=solution or prompt)


def test_a_name_or_text_of_the_benchmark_is_refused(problem: Problem) -> None:
    short = "the second largest of the values"
    long = "Look at all of the values and then return the largest one of those below the maximum."
    other = problem.model_copy(update={"prompt": f'def second_largest(v):\n    """{long}"""\n'})
    head = "from typing import List\n\n\ndef g(values: List[int]) -> int:\n"
    for shown, given in (
        (
            example(head, f"{head}    return second_largest(values)\ndef second_largest(v): ..."),
            other,
        ),
        (example(f'{head}    """Return the square. {long}"""\n'), other),
    ):
        with pytest.raises(ConfigError, match=r"examples: mine: example 1: .*\(Own/0\)"):
            check_unknown([shown], [given], "mine")
    for shown in (example(f'{head}    """Return {short} but one."""\n'), example(head)):
        check_unknown([shown], [problem, other], "mine")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no examples"),
        ("[]", ":1: not a JSON object"),
        (json.dumps(ONE) + "\n{", ":2: not valid JSON"),
        (json.dumps({**ONE, "prompt": 1}), ":1: prompt: input should be a valid string"),
        (json.dumps({"entry_point": "f"}), ":1: prompt: field required"),
        (json.dumps({**ONE, "answer": ""}), ":1: answer: extra inputs are not permitted"),
    ],
)
def test_a_file_that_does_not_hold_examples_is_refused_in_one_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "examples.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        read_examples(path)
    assert str(refused.value).startswith(f"draft.prompt.examples: {path}")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)
