"""Parts of the judge on their own: the channel, plain tests, the CPU affinity of a job."""

from __future__ import annotations

import ast
import os
import socket
from collections.abc import Iterator

import pytest

from sandbox.judge.affinity import Affinity
from sandbox.judge.channel import MAX_BYTES, BrokenError, Channel, ClosedError, TooLargeError
from sandbox.judge.plain import is_plain


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours.fileno()), theirs


def framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def test_messages_arrive_whole_however_they_are_split(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    data = framed(b'["a",[1.5,null,Infinity]]') + framed(b"[]") + framed(b'"x"')
    for byte in data[:9]:
        other.send(bytes([byte]))
    other.send(data[9:])
    assert [channel.receive() for _ in range(3)] == [["a", [1.5, None, float("inf")]], [], "x"]


@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"{", b"[1", b"[" * 200_000, b"9" * 10_000, b'"\\x"']
)
def test_a_malformed_message_raises_an_error(
    ends: tuple[Channel, socket.socket], payload: bytes
) -> None:
    channel, other = ends
    other.sendall(framed(payload)[:100_000] + b"[" * max(0, len(payload) - 99_996))
    with pytest.raises(BrokenError):
        channel.receive()


def test_size_is_limited_on_both_sides(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    with pytest.raises(TooLargeError, match="over"):
        channel.send("x" * MAX_BYTES)
    other.sendall((MAX_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(BrokenError):
        channel.receive()


def test_a_closed_peer_raises_an_error_on_both_sides(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    other.send(b"\0\0")
    other.close()
    with pytest.raises(ClosedError):
        channel.receive()
    with pytest.raises(ClosedError):
        channel.send(1)


@pytest.mark.parametrize(
    "test",
    [
        "assert f(1) == 2",
        "x = f([1, 2])\nassert sorted(x, key=lambda i: -i) == [2, 1], x",
        "for i in range(3):\n    assert f(i) == i",
        "try:\n    f(-1)\n    assert False\nexcept ValueError as e:\n    assert str(e) == 'no'",
        "def check(c):\n    assert c('a b').split() == ['a']\ncheck(f)",
        "assert all(math.isclose(a, b) for a, b in zip(f(2), [1.0, 2.0]))",
        "assert f'{f(1):.2f}' == '1.00'",
    ],
)
def test_tests_that_only_call_and_compare_are_plain(test: str) -> None:
    assert is_plain(ast.parse(test))


@pytest.mark.parametrize(
    "test",
    [
        "import os",
        "from math import pi",
        "f.x = 1",
        "f.__globals__",
        "f.append.__self__",
        "__builtins__['abs'] = f",
        "'{0.__class__}'.format(f)",
        "exec('1')",
        "print(open('x'))",
        "getattr(f, 'x')",
        "class A: pass",
        "with f(): pass",
        "del f",
        "@f\ndef g(): pass",
        "async def g(): await f()",
        "sys.modules",
        "globals()['f'] = 1",
        "match f:\n    case int(): pass",
    ],
)
def test_tests_that_could_do_more_are_not_plain(test: str) -> None:
    assert not is_plain(ast.parse(test))


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU leaves no choice")
def test_a_job_is_pinned_to_one_cpu_and_released() -> None:
    everything = os.sched_getaffinity(0)
    child = os.fork()
    if child == 0:
        affinity = Affinity()
        other = os.fork()
        if other == 0:
            while True:
                os.sched_yield()
        affinity.hold(other)
        held = os.sched_getaffinity(0) == os.sched_getaffinity(other)
        held = held and len(os.sched_getaffinity(0)) == 1
        affinity.let_go()
        free = os.sched_getaffinity(0) == everything and len(os.sched_getaffinity(other)) == 1
        affinity.hold(other)
        affinity.move(other)
        moved = os.sched_getaffinity(0) == everything and len(os.sched_getaffinity(other)) == 1
        os.kill(other, 9)
        os._exit(0 if held and free and moved else 1)
    assert os.waitpid(child, 0)[1] == 0
