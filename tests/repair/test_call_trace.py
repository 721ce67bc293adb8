"""The observer on real programs in a real sandbox: its record, and that it changes nothing."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from dataclasses import replace
from textwrap import dedent

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from agent.repair.watch.call_trace import (
    MOST_LINES,
    MOST_TOLD,
    OBSERVED_CHARS,
    TracedBlock,
    read_blocks,
    watched,
)
from agent.repair.watch.inside import MOST_BLOCKS, MOST_CHARS, MOST_VALUES, text_of
from sandbox import Job, Limits, Sandbox, SandboxConfig, SandboxUnavailable, open_sandbox
from sandbox.types import Outcome, Status

module_loop = pytest.mark.asyncio(loop_scope="module")
LIMITS = Limits(evidence_chars=OBSERVED_CHARS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box() -> AsyncIterator[Sandbox]:
    try:
        async with open_sandbox(SandboxConfig(backend="local", slots=1)) as sandbox:
            yield sandbox
    except SandboxUnavailable as error:
        pytest.skip(f"local: {error}")


async def probe(box: Sandbox, program: str, test: str) -> Outcome:
    return (await box.run(Job(program, (test,), LIMITS, "f"))).outcomes[0]


async def see(box: Sandbox, program: str, call: str = "f()") -> tuple[TracedBlock, ...]:
    source = dedent(program)
    return read_blocks(source, await probe(box, *watched(source, call)))


def events(blocks: tuple[TracedBlock, ...]) -> list[str]:
    return [block.event for block in blocks if block.event]


def values(blocks: tuple[TracedBlock, ...]) -> list[str]:
    return [value for block in blocks for value in block.values]


@module_loop
async def test_a_straight_line_is_one_block(box: Sandbox) -> None:
    blocks = await see(box, "def f(x):\n    '''Doc.'''\n    y = x + 1\n    return [y]\n", "f(2)")
    (block,) = blocks
    assert block.lines == ("y = x + 1", "return [y]")
    assert block.values == ("y = 3", "x = 2")
    assert block.event == "returns [3]"


LOOP = """
    def f(n):
        total = 0
        for i in range(n):
            total += i
        return total
"""


@module_loop
async def test_a_short_loop_is_told_whole(box: Sandbox) -> None:
    blocks = await see(box, LOOP, "f(2)")
    turn = ("for i in range(n):", "    total += i")
    assert [block.number for block in blocks] == [*range(5)]
    assert [block.lines for block in blocks] == [
        ("total = 0",), turn, turn, turn[:1], ("return total",)
    ]  # fmt: skip
    assert blocks[2].values == ("i = 1", "n = 2", "total = 1")
    assert events(blocks) == ["returns 1"]


@module_loop
async def test_of_a_long_one_the_first_and_the_last_blocks(box: Sandbox) -> None:
    blocks = await see(box, LOOP, "f(100)")
    assert [block.number for block in blocks] == [0, 1, 2, 3, 4, 98, 99, 100, 101, 102]
    assert blocks[7].values == ("i = 99", "n = 100", "total = 4950")


@module_loop
async def test_a_turn_of_a_loop_is_one_block_as_far_as_it_runs_straight(box: Sandbox) -> None:
    program = """
        def f(n):
            while n:
                n -= 1
                for m in [n]: k = m
                for i in range(n):
                    for j in range(1):
                        if i:
                            m = 0
    """
    blocks = await see(box, program, "f(2)")
    assert [tuple(map(str.strip, block.lines)) for block in blocks[:6]] == [
        ("while n:", "n -= 1"), *[("for m in [n]: k = m",)] * 2, ("for i in range(n):",),
        ("for j in range(1):", "if i:"), ("while n:", "n -= 1")
    ]  # fmt: skip
    assert blocks[-1].lines == ("while n:",)


@module_loop
@pytest.mark.parametrize(("x", "told"), [(1, "x = 2"), (-1, "x = -2")])
async def test_only_the_branch_that_was_taken(box: Sandbox, x: int, told: str) -> None:
    program = """
        def f(x):
            if x > 0:
                x += 1
            else:
                x -= 1
            return x
    """
    header, branch, end = await see(box, program, f"f({x})")
    assert header.lines == ("if x > 0:",)
    assert branch.values == (told,)
    assert end.lines == ("return x",)


@module_loop
async def test_a_block_belongs_to_its_frame(box: Sandbox) -> None:
    program = """
        def f(n):
            if n < 2:
                return 1
            before = n
            after = n * f(n - 1)
            return after
    """
    blocks = await see(box, program, "f(3)")
    assert events(blocks) == ["returns 6", "returns 2", "returns 1"]
    assert blocks[1].values == ("before = 3", "n = 3", "after = 6")


@module_loop
async def test_endless_recursion_has_a_trace(box: Sandbox) -> None:
    blocks = await see(box, "def f(n):\n    return f(n + 1)\n", "f(0)")
    assert len(blocks) == MOST_BLOCKS
    assert blocks[0].values == ("n = 0",)
    natural = "raises RecursionError: maximum recursion depth exceeded"
    assert all(block.event.startswith(natural) for block in blocks)


@module_loop
async def test_a_deep_recursion_goes_as_deep_as_ever(box: Sandbox) -> None:
    program = "def f(n):\n    return 0 if n == 0 else 1 + f(n - 1)\n"
    low, high = 900, 1100
    while high - low > 1:  # bisect for the deepest call that returns
        middle = (low + high) // 2
        ends = (await probe(box, program, f"f({middle})")).passed
        low, high = (middle, high) if ends else (low, middle)
    assert events(await see(box, program, f"f({low})"))[0] == f"returns {low}"
    assert "RecursionError" in events(await see(box, program, f"f({low + 10})"))[0]


@module_loop
async def test_helpers_are_followed_and_the_library_is_not(box: Sandbox) -> None:
    program = """
        import bisect

        def helper(x):
            return -x

        def f(xs):
            places = [bisect.bisect(xs, helper(x)) for x in xs]
            return sorted(xs, key=lambda x: helper(x))
    """
    blocks = await see(box, program, "f([1, 2])")
    assert blocks[0].event == "returns [2, 1]"
    assert [block.lines for block in blocks[1:]] == [("return -x",)] * 4


@module_loop
@pytest.mark.parametrize(
    "loop",
    [
        "while True:\n        x += 1",
        "while True: x += 1",
        "while x:\n        x = x\n        x += 1",
    ],
)
async def test_an_endless_loop_has_a_trace(box: Sandbox, loop: str) -> None:
    blocks = await see(box, f"def f():\n    x = 1\n    {loop}\n")
    assert len(blocks) == MOST_BLOCKS
    assert events(blocks) == ["still runs"]
    assert blocks[0].values == ("x = 1",)
    assert blocks[-1].number == 1999


@module_loop
async def test_an_exception_tells_what_and_where(box: Sandbox) -> None:
    program = """
        def g(x):
            y = x - 2
            raise ValueError(f"bad {y}")

        def f(x):
            try:
                {}[x]
            except KeyError:
                x += 1
            return g(x)
    """
    blocks = await see(box, program, "f(1)")
    assert events(blocks) == ["raises KeyError: 1", *["raises ValueError: bad 0"] * 2]
    assert blocks[1].lines == ("{}[x]",)
    assert blocks[2].lines == ("except KeyError:", "    x += 1")
    assert blocks[3].lines == ("return g(x)",)
    assert blocks[-1].values == ("y = 0", "x = 2")


@module_loop
@pytest.mark.parametrize("statement", ["import sys; sys.exit(3)", "raise SystemExit(3)"])
async def test_an_exit_is_an_exception(box: Sandbox, statement: str) -> None:
    assert events(await see(box, f"def f():\n    {statement}")) == ["raises SystemExit: 3"]


@module_loop
async def test_running_out_of_memory_is_told(box: Sandbox) -> None:
    blocks = await see(box, "def f(n):\n    x = 1\n    return [0] * n", "f(10**11)")
    assert events(blocks) == ["raises MemoryError"]


@module_loop
async def test_a_with_block_is_left_without_another(box: Sandbox) -> None:
    program = """
        import contextlib

        def f(x):
            with contextlib.suppress(KeyError):
                x += 1
                {}[x]
            return x
    """
    blocks = await see(box, program, "f(1)")
    assert [block.lines[0] for block in blocks] == [
        "with contextlib.suppress(KeyError):", "x += 1", "return x"
    ]  # fmt: skip
    assert events(blocks) == ["raises KeyError: 2", "returns 2"]


@module_loop
async def test_a_large_value_costs_nothing(box: Sandbox) -> None:
    program = """
        class Items(list):
            pass

        def f(n):
            a, b, c, d = [n] * n, dict.fromkeys(range(n)), "x" * n, 1 << n
            e = Items(a)
            for i in range(200):
                a, b, c, d, e
            return a
    """
    blocks = await see(box, program, "f(10**6)")  # within the limit on CPU time
    assert len(blocks) == MOST_BLOCKS
    told = [value.partition(" = ")[2] for value in values(blocks)]
    assert all(len(text) <= MOST_CHARS for text in told)
    assert "[1000000, 1000000, " in blocks[0].values[0]
    assert "d = <int of 1000001 bits>" in blocks[0].values
    assert len(blocks[-1].event) <= MOST_CHARS + len("returns ")


@module_loop
async def test_addresses_are_not_told(box: Sandbox) -> None:
    program = """
        class Thing:
            pass

        class Other:
            def __repr__(self):
                return f"<Other {hex(id(self))}>"

        def f():
            junk = [object() for _ in range(__import__("os").getpid() % 97)]
            pair = [Thing(), Other()]
            raise ValueError(f"{pair}")
    """
    first, again = await see(box, program), await see(box, program)
    assert first == again
    assert "pair = [<program.Thing object>, <Other 0x...>]" in values(first)
    assert events(first)[0] == "raises ValueError: [<program.Thing object>, <Other 0x...>]"


@module_loop
async def test_a_text_that_raises_is_told_by_its_type(box: Sandbox) -> None:
    program = """
        class Bad:
            def __repr__(self):
                raise SystemExit

        class Worse(Exception):
            __str__ = __repr__ = Bad.__repr__

        def f():
            x, xs = Bad(), [1, Bad()]
            print(x is xs)
            raise Worse
    """
    blocks = await see(box, program)
    assert values(blocks) == ["x = <Bad>", "xs = [1, <Bad>]"]
    assert events(blocks) == ["raises Worse"]


@module_loop
async def test_a_program_that_shadows_builtins_is_watched(box: Sandbox) -> None:
    program = """
        list = dict = len = repr = sorted = print = isinstance = enumerate = None

        def f(xs):
            return [*xs]
    """
    (block,) = await see(box, program, "f(list(range(3)))")
    assert block.event == "returns [0, 1, 2]"


@module_loop
@pytest.mark.parametrize(
    "program",
    [
        "def f(:\n",
        "def f():\n    return '''",
        "def f(): pass\nx = \\",
        "@f",
        "",
        "raise ValueError",
        "import sys\nsys.settrace = lambda function: None\ndef f():\n    return 1\n",
        "import builtins\nbuiltins.compile = None\ndef f():\n    return 1\n",
        "import os\ndef f():\n    os._exit(0)\n",
        "import sys\nsys.modules['bisect'] = None\ndef f():\n    return 1\n",
        "def f():\n    while True:\n        try:\n            while True:\n                x = 1\n"
        "        except BaseException:\n            pass\n",
    ],
)
async def test_where_it_cannot_be_watched_there_is_nothing(box: Sandbox, program: str) -> None:
    assert await see(box, program) == ()


@module_loop
async def test_a_program_that_stops_the_trace_is_told_so_far(box: Sandbox) -> None:
    program = """
        import sys

        def f(x):
            if x:
                sys.settrace(None)
            return x
    """
    assert (await see(box, program, "f(1)"))[0].lines == ("if x:",)


@module_loop
@pytest.mark.parametrize("end", ["\n", "", "  # a remark", "\r\n"])
async def test_how_a_program_begins_and_ends(box: Sandbox, end: str) -> None:
    program = f"from __future__ import annotations\ndef f(x: Nothing) -> Nowhere: return x{end}"
    (block,) = await see(box, program, "f(1)")
    assert block.lines == (program.splitlines()[1].rstrip(),)
    assert block.event == "returns 1"


@module_loop
async def test_decorated_and_nested_functions(box: Sandbox) -> None:
    program = """
        import functools

        def twice(function):
            @functools.wraps(function)
            def wrapper(*given):
                once = function(*given)
                return function(once)
            return wrapper

        @twice
        @functools.lru_cache
        def f(x):
            def inner(y):
                nonlocal x
                x += y
                return x
            return inner(2)
    """
    blocks = await see(box, program, "f(1)")
    assert [block.lines[0] for block in blocks[:3]] == [
        "once = function(*given)", "def inner(y):", "x += y"
    ]  # fmt: skip
    assert blocks[0].values[0] == "once = 3"
    assert blocks[0].values[-1] == "given = (1,)"
    assert events(blocks) == ["returns 5", "returns 3", "returns 3", "returns 5", "returns 5"]


@module_loop
async def test_a_generator_function_is_run(box: Sandbox) -> None:
    program = """
        def f(n):
            for i in range(n):
                yield i * 10
            return "done"
    """
    assert events(await see(box, program, "f(2)")) == ["yields 0", "yields 10", "returns 'done'"]


@module_loop
async def test_a_loop_over_an_object_that_iterates_ends_quietly(box: Sandbox) -> None:
    program = """
        class Once:
            def __iter__(self):
                return self

            def __next__(self):
                self.done = getattr(self, "done", 0) + 1
                if self.done > 1:
                    raise StopIteration
                return 7

        def f():
            for x in Once():
                pass
    """
    blocks = await see(box, program)
    assert events(blocks)[-1] == "raises StopIteration"
    assert events(blocks)[-2] == "returns None"


@module_loop
async def test_many_variables_and_long_statements(box: Sandbox) -> None:
    names = [f"v{i}" for i in range(20)]
    program = (
        f"def f():\n    {' = '.join(names)} = max(\n        1,\n        2,\n    )\n    return v0"
    )
    (block,) = await see(box, program)
    assert block.values == tuple(f"v{i} = 2" for i in range(MOST_VALUES))
    assert block.lines[1:] == ("    1,", "    2,", ")", "return v0")


PROGRAMS = (
    ("import random\ndef f(n):\n    return [random.random() for _ in range(n)]\n", "f(3)"),
    ("def f(n):\n    return sum(x for x in range(n) if x % 2)\n", "f(9)"),
    ("def f(n):\n    try:\n        return 1 // n\n    except ArithmeticError as e:\n        n = 1\n"
     "        return str(e)\n", "f(0)"),
    ("def f(xs):\n    xs.sort()\n    while xs: xs.pop()\n    return xs\n", "f([2, 1])"),
    ("class C:\n    def __init__(self):\n        self.x = 1\ndef f():\n    return C().x\n", "f()"),
    ("def f(n):\n    def g():\n        nonlocal n\n        n = 9\n    g()\n    return n", "f(0)"),
    ("import sys\ndef f():\n    return sys.gettrace is None, len(sys.argv) > 99\n", "f()"),
)  # fmt: skip


@module_loop
@pytest.mark.parametrize(("program", "call"), PROGRAMS)
async def test_the_call_does_the_same_when_it_is_watched(
    box: Sandbox, program: str, call: str
) -> None:
    alone = await probe(box, program, call)
    assert await probe(box, watched(program, call)[0], call) == alone
    assert f"returns {alone.actual}" in events(await see(box, program, call))


@given(st.text())
def test_any_text_as_a_program(text: str) -> None:
    source, _ = watched(text, "f()")
    assert source.startswith(text)
    assert read_blocks(text, Outcome(Status.PASSED, actual="[]")) == ()


RECORD = "[[0, [2], ['x = 1'], 'returns 1']]"


@pytest.mark.parametrize(
    "actual",
    [
        "", "0", "[0]", "[[0, [1], ['x'], '']]"[:-2], "[[0, [9], [], '']]", "[[0, [-1], [], '']]",
        "[[0, [2], ['\\ud800'], '']]", "[[0, [2], [1], '']]", "{[]: 1}", "[" * 9999, "f()",
        repr([[0, [2], [], ""]] * (MOST_BLOCKS + 1)), repr([[0, [2], ["x"] * 99, ""]]),
        RECORD[:-3] + "...", "[[-1, [2], [], '']]", "[[2000, [2], [], '']]",
        "[[0, [2, 2], [], '']]", "[[0, [2, 1], [], '']]",
        *(f"[[0, [2], [{value!r}], '']]" for value in (
            "", "x", "1 = 2", "x=1", "x = 1\n", "x = \x1b[2J", "x\n = 1", "x = " + "1" * 101)),
        *(f"[[0, [2], [], {event!r}]]" for event in (
            "ignore this", "still runs on", "returns 1\n2", "returns\n", "yields " + "1" * 101)),
    ],
)  # fmt: skip
def test_what_is_no_record_is_nothing(actual: str) -> None:
    program = "def f():\n    return 1\n"
    outcome = Outcome(Status.PASSED, actual=RECORD)
    assert read_blocks(program, outcome)
    assert read_blocks(program, replace(outcome, status=Status.TIMEOUT)) == ()
    assert read_blocks(program, replace(outcome, actual=actual)) == ()


def test_a_long_block_shows_its_beginning() -> None:
    program = "def f():\n" + "".join(f"    x = {i}\n" for i in range(50))
    seen = Outcome(Status.PASSED, actual=repr([[0, [*range(2, 52)], ["x = 49"], ""]]))
    (block,) = read_blocks(program, seen)
    assert block.lines == (*(f"x = {i}" for i in range(MOST_LINES)), "...")


def test_the_first_blocks_that_have_room_are_kept() -> None:
    program = "def f():\n" + f"    x = 1  # {'-' * 80}\n" * 50
    seen = [[i, [*range(2, 52)], [f"x = {'1' * MOST_CHARS}"], ""] for i in range(MOST_BLOCKS)]
    blocks = read_blocks(program, Outcome(Status.PASSED, actual=repr(seen)))
    assert [block.number for block in blocks] == [0, 1, 2]
    assert MOST_TOLD - blocks[0].size < sum(block.size for block in blocks) <= MOST_TOLD


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.frozensets(st.binary()),
    lambda of: st.lists(of) | st.tuples(of) | st.tuples(of, of) | st.dictionaries(st.text(), of),
)


TEXTS = st.text(max_size=200)
EVENTS = st.sampled_from(["returns ", "raises E: ", "still runs", ""])
NEARLY = st.lists(
    st.tuples(
        st.integers(-1, 3_000),
        st.lists(st.integers(0, 60)) | st.sets(st.integers(1, 59)).map(sorted),
        st.lists(TEXTS | TEXTS.map("x = ".__add__), max_size=MOST_VALUES + 1),
        st.builds(str.__add__, EVENTS, TEXTS | st.just("")),
    ),
    max_size=MOST_BLOCKS + 1,
)


@given(DATA | NEARLY | DATA.map(lambda value: [[0, [2], ["x = 1"], value]]))
def test_whatever_a_program_returns_little_is_told(value: object) -> None:
    own = [f"    x = {i}  # {'-' * 200}" for i in range(58)]
    program = "\n".join(["def f():", *own])
    blocks = read_blocks(program, Outcome(Status.PASSED, actual=repr(value)))
    assert sum(block.size for block in blocks) <= MOST_TOLD
    for block in blocks:
        assert {line.strip() for line in block.lines} <= {
            *map(str.strip, own),
            "def f():",
            "...",
            "",
        }
        assert all(text.isprintable() for text in (*block.values, block.event))
        assert all(len(text) <= 4 + MOST_CHARS for text in block.values)


@given(DATA)
def test_the_text_of_data_is_its_repr_as_far_as_it_goes(value: object) -> None:
    text, whole = text_of(value), repr(value)
    assert len(text) <= MOST_CHARS
    assert text == whole if len(whole) <= MOST_CHARS else whole.startswith(text[:-3])
    assert text.isprintable()


def test_a_list_that_holds_itself() -> None:
    value: list[object] = [1]
    value.append(value)
    assert text_of(value) == "[1, [...]]"
    assert ast.literal_eval(text_of({1: {2}, 3: set()}).replace("set()", "()")) == {1: {2}, 3: ()}
