"""Shared calls, whose answers are reused: the parts alone, and jobs with and without sharing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Execution, Job, Limits, Sandbox, Status
from sandbox.judge import memo
from sandbox.judge.channel import Channel, ClosedError, packed
from sandbox.judge.memo import Memo
from sandbox.judge.remote import RemoteProgram
from sandbox.judge.values import Encoder
from tests.sandbox.foreign import NoForeign

LIMITS = Limits(cpu_seconds=1.0, budget_seconds=3.0, memory_mb=512)
ANSWER = ["value", 1, [], [], ""]

PURE = """
import functools, math
from collections import Counter, OrderedDict, deque
from decimal import Decimal
from fractions import Fraction
def same(*a, **k): return [*a, k] if k else a[0] if len(a) == 1 else a
def kinds(x): return [type(i).__name__ for i in x]
def fail(x):
    if x:
        raise ValueError(x, [1])
    return 1 / x
class Odd(LookupError): pass
def odd(x): raise Odd(str(x))
def push(l, x):
    l.append(x)
    return l
def push_and_fail(l):
    l.append(1)
    raise KeyError(len(l))
def swap(a, b): a[:], b[:] = b[:], a[:]
def upset(d, q, s, b):
    d['n'] = d.pop('m', 0); q.appendleft(s.pop()); b += b'!'
def aliased(a, b): return a is b
@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def steps(n): yield from range(n)
async def later(x): return x
def adder(n): return lambda x: x + n
def apply(f, x): return f(x)
def loud(x):
    print('x =', x)
    return x
LIMIT = 3
"""
VALUES = (
    "1", "True", "1.0", "-0.0", "10 ** 30", "-(2 ** 64)", "float('nan')", "float('inf')", "1j",
    "'a'", "'\\ud800'", "'\\xe9'", "b'a'", "bytearray(b'a')", "None", "...", "int", "[]",
    "[[]] * 2", "(1, (2,))", "{1: [2], 'a': None}", "{1, 2}", "frozenset({1})", "range(3)",
    "{'a': 1}.keys()", "{'a': 1}.items()", "slice(1, 2)", "[True, 1, 1.0, '1']",
    "list(range(2000))", "'x' * 300000",
)  # fmt: skip
CALLS = (
    *(f"same({value})" for value in VALUES),
    "same(1, 2, a=3)", "same(a=3)", "same(b=1, a=3)", "same(a=3, b=1)", "same()", "same(*[1], 2)",
    "fail(0)", "fail(1)", "fail('\\xe9')", "odd(1)", "odd([])", "fib(30)", "fib('a')", "LIMIT",
    "list(steps(3))", "next(steps(3))", "adder(1)(2)", "apply(lambda x: x * 2, 3)", "apply(fib, 3)",
    "apply(len, [])", "loud(1)", "loud('a')", "kinds([1, True, 'a', 1.5, None, b'', ()])",
    "none(1)",
)  # fmt: skip
TESTS = (
    *CALLS,
    "l = [1]; assert push(l, 2) is l and l == [1, 2]; l.clear(); assert push(l, 2) == [2]",
    "l = []\ntry: push_and_fail(l)\nexcept KeyError as e: assert e.args == (1,)\nassert l == [1]",
    "a, b = [1], [2]; swap(a, b); assert (a, b) == ([2], [1]); swap(a, b); assert a == [1]",
    "a = [1]; swap(a, a); assert a == [1] and aliased(a, a) and not aliased(a, [1])",
    "d, s, b = {'m': 1}, {5}, bytearray(b'a'); q = [[]]; upset(d, q, s, b)",
    "x = same([1]); y = same([1]); assert x == y and x is not y; x.clear(); assert same([1])",
    "import asyncio; assert asyncio.run(later(1)) == 1",
    "from collections import deque\nq = deque([1])\nassert push(q, 2) is q and q == deque([1, 2])",
    "def check(c):\n    assert c(1) == 1\n    assert c(1) == 1\n    assert c(1) == 2\ncheck(same)",
    "assert same(1) == 2, same('told')",
    "for i in range(50):\n    assert same(i % 5) == i % 5",
)  # fmt: skip


@pytest.fixture
def peer() -> Iterator[tuple[RemoteProgram, list[Any]]]:
    """Yield a remote program that shares calls, and its requests; the answers count them."""
    ours, theirs = socket.socketpair()
    asked: list[Any] = []

    def serve() -> None:
        channel = Channel(theirs.fileno())
        try:
            while True:
                number, question = channel.receive()
                asked.append(question)
                channel.send([number, "value", len(asked), [[], [], [], [], ""]])
        except ClosedError:
            pass

    thread = Thread(target=serve)
    thread.start()
    job = {"program": "", "limits": {"evidence_chars": 100}, "share_calls": True}
    remote = RemoteProgram(job, ours.detach())
    yield remote, asked
    remote.end()
    thread.join()
    theirs.close()


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(), inner)
    ),
    max_leaves=5,
)


def sent(*arguments: Any) -> bytes:
    encoder = Encoder([], NoForeign())
    items = encoder.items(arguments)
    encoder.finish()
    return packed([items, encoder.nodes])


@given(SMALL, SMALL)
def test_only_arguments_with_one_repr_are_the_same_request(left: Any, right: Any) -> None:
    assert (sent(left) == sent(right)) is (repr(left) == repr(right))


def test_a_call_with_the_same_data_is_requested_once(peer: tuple[RemoteProgram, list[Any]]) -> None:
    remote, asked = peer
    assert [remote.ask("call", "f", *a) for a in ([1], [1], [True], [[1]], [[1]], [(1,)])] == [
        1, 1, 2, 3, 3, 4,
    ]  # fmt: skip
    assert [remote.ask("call", "g", 1), remote.ask("call", "f", x=1)] == [5, 6]
    assert [remote.ask("call", 1, 1), remote.ask("call", 1, 1)] == [7, 8]
    assert [remote.ask("value", "f"), remote.ask("value", "f")] == [9, 10]
    for argument in (iter([1]), iter([1]), lambda: 1, len, [[len]], [[len]]):
        before = len(asked)
        assert remote.ask("call", "f", argument) == before + 1


def test_the_memo_limits_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Memo()
    big = b"x" * memo._LARGEST_BYTES
    store.keep(b"big", big, ANSWER)
    assert store.recall(b"big") is None
    monkeypatch.setattr(memo, "_ROOM_BYTES", 1000)
    store = Memo()
    for number in range(100):
        store.keep(b"%d" % number, b"y", ANSWER)
    kept = [number for number in range(100) if store.recall(b"%d" % number)]
    assert kept == [0, 1, 2, 3]


async def both(box: Sandbox, job: Job) -> tuple[Execution, Execution]:
    return await box.run(job), await box.run(replace(job, share_calls=True))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("trusted", [True, False])
async def test_sharing_does_not_change_the_outcomes_of_pure_functions(
    box: Sandbox, trusted: bool
) -> None:
    tests = tuple(test for test in TESTS for _ in range(2))
    apart, shared = await both(box, Job(PURE, tests, LIMITS, "same", trusted=trusted))
    for test, left, right in zip(tests, apart.outcomes, shared.outcomes, strict=True):
        assert left == right, test
    assert apart.stdout == "x = 1\n" * 2 + "x = a\n" * 2
    assert shared.stdout == "x = 1\nx = a\n"
    for first, second in zip(shared.outcomes[::2], shared.outcomes[1::2], strict=True):
        assert first == second
    statuses = [outcome.status for outcome in apart.outcomes]
    assert statuses.count(Status.PASSED) > len(tests) - 30


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("program", "tests", "apart", "shared"),
    [
        ("n = 0\ndef f():\n    global n; n += 1; return n", ("f()",) * 3, "123", "111"),
        ("def f(x, l=[]): l.append(x); return len(l)", ("f(1)", "f(1)", "f(2)"), "123", "112"),
        (
            "class F:\n    n = 0\n    def __call__(self): self.n += 1; return self.n\nf = F()",
            ("f()", "f()", "f()"),
            "123",
            "111",
        ),
        (
            "class F:\n    n = 0\n    def add(self): self.n += 1; return self.n\ndef make():\n"
            "    return F()",
            ("f = make(); f.add()\nassert f.add() == 2",) * 2,
            ["", ""],
            ["", ""],
        ),
        (
            "n = 0\ndef f(): return n\ndef g(h):\n    global n; n += 1; return h() + n",
            ("g(f)", "g(f)", "g(lambda: 0)", "g(lambda: 0)", "f()", "f()"),
            "243444",
            "243444",
        ),
        (
            "kept = []\ndef f(g=None):\n    g and kept.append(g)\n    return kept[0]()",
            (
                "n = [0]\ndef h():\n    n[0] += 1\n    return n[0]\n"
                "assert [f(h), f(), f()] == [1, 2, 3]",
            ),
            [""],
            [""],
        ),
    ],
    ids=[
        "counter",
        "default",
        "object-by-name",
        "methods",
        "handles-and-callbacks",
        "kept-callback",
    ],
)
async def test_sharing_changes_only_named_functions_that_keep_state(
    box: Sandbox, program: str, tests: tuple[str, ...], apart: Any, shared: Any
) -> None:
    for execution, wanted in zip(
        await both(box, Job(program, tests, LIMITS)), (apart, shared), strict=True
    ):
        assert [(o.status, o.actual) for o in execution.outcomes] == [
            (Status.PASSED, text) for text in wanted
        ]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_new_process_reuses_no_answers(box: Sandbox) -> None:
    program = (
        "import os\nn = 0\ndef f(x):\n    global n; n += 1\n    x or os._exit(1)\n    return n"
    )
    tests = ("f(1)", "f(2)", "f(2)", "f(0)", "f(0)", "f(2)", "f(1)", "f(2)")
    found = (await box.run(Job(program, tests, LIMITS, share_calls=True))).outcomes
    assert [outcome.actual for outcome in found] == ["1", "2", "2", "", "", "1", "2", "1"]
    assert [found[3].status, found[4].status] == [Status.CRASHED] * 2


@pytest.mark.asyncio(loop_scope="module")
async def test_the_budget_ends_a_job_of_endless_tests(box: Sandbox) -> None:
    limits = Limits(cpu_seconds=0.1, budget_seconds=0.3)
    for share in (False, True):
        job = Job("def f(x):\n    while True: pass", ("f(1)",) * 40, limits, share_calls=share)
        found = [outcome.status for outcome in (await box.run(job)).outcomes]
        assert found == [Status.TIMEOUT] * 40
