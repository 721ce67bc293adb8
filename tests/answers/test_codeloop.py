"""Model text -> program. Problems and answers are our own."""

from __future__ import annotations

import ast
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answers.extractors.codeloop import extract as read_program
from agent.answers.programs import alike, canonical, completion_of
from agent.datasets import load
from agent.types import Problem

PREAMBLE = "from typing import List\n\n\ndef half(x: int) -> int:\n    return x // 2\n\n\n"
HEADER = 'def grow(xs: List[int]) -> int:\n    """Add up the halves."""\n'
ASKED = Problem(task_id="t", prompt=PREAMBLE + HEADER, entry_point="grow")
BARE = Problem(task_id="t", prompt="def grow(xs):\n", entry_point="grow")

WHOLE = "def grow(xs):\n    return sum(half(x) for x in xs)\n"
BODY = "    total = 0\n    for x in xs:\n        total += half(x)\n    return total\n"
DEMO = '\nprint(grow([2, 4]))\nassert grow([2]) == 1\nif __name__ == "__main__":\n    grow([])\n'


def answer(source: str, xs: list[int]) -> object:
    """Return the result of a program's entry point; names are looked up in one namespace."""
    namespace: dict[str, object] = {"__name__": "program"}
    exec(source, namespace)  # noqa: S102
    grow = namespace["grow"]
    assert callable(grow)
    return grow(xs)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        BODY,
        BODY.removeprefix("    "),
        "".join(line.removeprefix("    ") for line in BODY.splitlines(keepends=True)),
        f"```python\n{WHOLE}```",
        f"```\n{WHOLE}```",
        f"```py\n{WHOLE}",
        f"~~~python3\n{WHOLE}~~~",
        f"Sure, here it is:\n\n```python\n{WHOLE}```\n\nIt adds up.",
        f"1. The function:\n\n   ```python\n   {WHOLE.replace(chr(10), chr(10) + '   ')}```\n",
        f"```python\n{BODY}```",
        f"```bash\npip install it\n```\n```python\n{WHOLE}```",
        f"Sure, here it is:\n\n{WHOLE}\nIt's what you asked for.",
        f"<think>def grow(xs): no, wait</think>\n{WHOLE}",
        f"so it is a sum</think>\n```python\n{WHOLE}```",
        f"{BODY}\n\ngrow([1])\n```\n\nThis code adds up the halves. It's short.",
        f"{BODY}\n# Tests\ndef check():\n    assert grow([1]) == 0\n\ncheck()\n",
        f"{BODY}\ndef grow(xs):\n    return None\n",
        PREAMBLE + HEADER + BODY,
        f"```python\n{PREAMBLE}{HEADER}{BODY}{DEMO}```",
        f"```python\nfrom __future__ import annotations\n{WHOLE}```",
        f"```python\n{WHOLE}```\nUse it so:\n```python\nprint(grow([1]))\n```",
        f"```python\ndef grow(xs):\n    return 0\n```\nBetter:\n```python\n{WHOLE}```",
        WHOLE.replace("\n", "\r\n"),
    ],
)
def test_an_answer_in_any_form_is_a_program_that_runs(text: str) -> None:
    assert answer(read_program(ASKED, text), [2, 4, 5]) == 5


def test_demo_code_is_cut_and_constants_and_helpers_stay() -> None:
    code = (
        f"import math\nLIMIT = 3\n{WHOLE}{DEMO}TABLE = {{1: 2}}\n\ndef more():\n    return TABLE\n"
    )
    program = read_program(ASKED, f"```python\n{code}```")
    kept = [type(node).__name__ for node in ast.parse(program).body]
    assert kept == [
        "ImportFrom", "FunctionDef", "Import", "Assign", "FunctionDef", "Assign", "FunctionDef",
    ]  # fmt: skip
    assert "print" not in program


def test_a_computed_global_that_a_function_reads_stays() -> None:
    code = "def grow(xs):\n    return CACHE[len(xs)]\n\nCACHE = list(range(9))\nDEMO = grow([1])\n"
    program = read_program(ASKED, code)
    assert answer(program, [1, 2]) == 2
    assert "DEMO" not in program


def test_an_earlier_block_is_joined_where_the_code_needs_it() -> None:
    first = "def double(x):\n    return 2 * x\n"
    second = "def grow(xs):\n    return double(len(xs))\n"
    unused = "def spare():\n    return 1\n"
    text = f"```python\n{first}```\nand\n```python\n{unused}```\nand\n```python\n{second}```\n"
    program = read_program(ASKED, text)
    assert answer(program, [1, 2]) == 4
    assert "spare" not in program


def test_a_body_that_does_not_parse_is_not_repaired() -> None:
    broken = "def grow(xs):\n    total = 0\n    for x in xs\n        total += x\n    return total\n"
    program = read_program(ASKED, f"```python\n{broken}```")
    assert program == PREAMBLE + broken
    cut = "    total = 0\n    for x in xs:\n        total += half("
    assert read_program(ASKED, cut) == ASKED.prompt + cut


@pytest.mark.parametrize("indent", ["    ", ""])
def test_a_body_may_use_the_name_of_its_function(indent: str) -> None:
    body = (
        f"{indent}grow = xs[0]\n{indent}for x in xs:\n{indent}    grow += x\n{indent}return grow\n"
    )
    assert answer(read_program(ASKED, body), [1, 2]) == 4
    assert answer(read_program(ASKED, f"```python\n{body}```"), [1, 2]) == 4


def test_an_unclosed_thought_holds_no_answer() -> None:
    assert read_program(ASKED, f"<think>\n```python\n{WHOLE}```") == ASKED.prompt


def test_text_without_code_is_a_wrong_program_and_stays_as_it_is() -> None:
    text = "I cannot do that, I'm sorry."
    assert read_program(ASKED, text) == ASKED.prompt + text


def test_a_body_continues_a_prompt_without_docstring() -> None:
    assert answer(read_program(BARE, "    return len(xs)\n\nprint(1)\n"), [1, 2]) == 2


@pytest.mark.parametrize(
    "prompt", [ASKED.prompt, BARE.prompt, BARE.prompt + "    ", "def grow(xs):"]
)
@pytest.mark.parametrize("code", [WHOLE.replace("half(x)", "x"), "grow = len\n"])
def test_prompt_and_completion_act_as_the_source(prompt: str, code: str) -> None:
    problem = Problem(task_id="t", prompt=prompt, entry_point="grow")
    source = read_program(problem, f"```python\n{code}```")
    completed = problem.prompt + completion_of(problem, source)
    assert answer(completed, [1]) == answer(source, [1])


def test_a_source_that_starts_with_the_prompt_leaves_the_rest() -> None:
    assert completion_of(ASKED, ASKED.prompt + BODY) == BODY


def test_a_future_import_does_not_break_a_completion() -> None:
    source = f"from __future__ import annotations\n{PREAMBLE}{WHOLE}"
    assert answer(ASKED.prompt + completion_of(ASKED, source), [4]) == 2


def test_canonical_ignores_layout_comments_and_docstrings() -> None:
    left = 'def grow(xs):\n    """One."""\n    # so\n    return [1,2]\n'
    right = "def grow( xs ):\n\n  return [1, 2,]\n"
    assert canonical(left) == canonical(right)
    assert canonical(left) != canonical(left.replace("[1,2]", "[2,1]"))


def test_programs_are_grouped_if_only_layout_and_comments_differ() -> None:
    programs = [
        "x = f(1)",
        "x = f(1)",
        "x=f((1))  # one",
        "x = f(2)",
        "1 = x",
        "(1) = x",
        "#\nx = f(2)",
    ]
    assert alike(programs) == [
        ["x = f(1)", "x=f((1))  # one"],
        ["x = f(2)", "#\nx = f(2)"],
        ["1 = x"],
        ["(1) = x"],
    ]
    assert canonical("def f(:") == "def f(:"
    assert canonical('def f():\n    """Only this."""') == "def f():\n    pass"


PIECES = st.lists(
    st.sampled_from(
        [
            "def grow(xs):\n", "    return 1\n", "```python\n", "```\n", "~~~", "<think>",
            "</think>", "\n", "    ", "\t", "\r", "\x0c", "\u2028", "\x00", "import a\n",
            "print(1); x = 2\n",
            "x: int = 1\n", "'''", '"', "(", "-" * 500 + "1", "9" * 5000,
            "from __future__ import a\n",
            "class A:\n", "@b\n", "if x:\n", "It's prose.\n", "\\\n", "\ud800",
        ]
    )
    | st.text(max_size=6),
    max_size=30,
).map("".join)  # fmt: skip


@given(PIECES, st.sampled_from([ASKED, BARE]))
def test_no_text_makes_the_reader_raise(text: str, problem: Problem) -> None:
    program = read_program(problem, text)
    canonical(program)
    completion_of(problem, program)


@given(PIECES)
def test_a_program_is_read_as_itself(text: str) -> None:
    program = read_program(BARE, f"{text}\n\ndef grow(xs):\n    return 1\n")
    repeats = program.startswith(BARE.prompt) and program.count("def grow(xs)") > 1
    if canonical(program) != program and not repeats:
        assert canonical(read_program(BARE, program)) == canonical(program)


def test_a_text_that_repeats_the_prompt_ends_before_a_second_definition() -> None:
    """So a program with two definitions is not read as itself: a base model began once more."""
    once, twice = "def grow(xs):\n    return 1\n", "def grow(xs):\n    return 2\n"
    assert read_program(BARE, f"{once}\n{twice}").strip() == once.strip()
    both = read_program(BARE, f"def grow(xs):\n{once}\n{twice}")
    assert both.strip() == f"{once}\n{twice}".strip()


@pytest.mark.parametrize(
    ("name", "field", "least"),
    [
        ("qwen25coder-0.5b-humaneval-xysun/samples.jsonl.gz", "completion", 160),
        ("qwen25coder-0.5b-humaneval-evalplus/samples_raw.jsonl.gz", "solution", 160),
    ],
)
def test_real_answers_are_read(recorded: Path, name: str, field: str, least: int) -> None:
    problems = {problem.task_id: problem for problem in load("humaneval").problems}
    with gzip.open(recorded / name, "rt") as lines:
        samples = [json.loads(line) for line in lines]
    programs = (read_program(problems[s["task_id"]], s[field]) for s in samples)
    assert sum(canonical(program) != program for program in programs) >= least
