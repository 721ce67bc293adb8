"""Programs near a limit, and programs that sleep, for `experiments.bench.load`.

Each is a kind of work: `T` in its source is an amount of CPU time or of sleeping, in seconds. CPU
time is burnt by the process's own clock, so that the amount is the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sandbox import Job, Limits

PASSES = (0.82, 0.86, 0.90)
FAILS = (1.10, 1.14, 1.18)
"""Shares of the limit: within 20 % of it on either side, but no closer than its noise."""
TOOLS = """
import time
def burn(seconds, clock=time.process_time):
    end = clock() + seconds
    while clock() < end:
        pass
"""


class LoadKind(NamedTuple):
    """A kind of program: its source and its test, with `T` for an amount of work."""

    name: str
    program: str
    test: str = "assert f() == 1"
    trusted: bool = True


class LoadCase(NamedTuple):
    """A job, and whether it must pass; if not, it must time out."""

    name: str
    job: Job
    passes: bool


CPU = (
    LoadKind("loop", "def f():\n    burn(T)\n    return 1"),
    LoadKind("while loading", "burn(T)\ndef f():\n    return 1"),
    LoadKind("in the test", "def f():\n    return 1", "burn(T)\nassert f() == 1", trusted=False),
    LoadKind(
        "in program and test",
        "def f():\n    burn(T / 2)\n    return 1",
        "burn(T / 2)\nassert f() == 1",
    ),
    LoadKind(
        "four threads",
        "import threading\ndef f():\n"
        "    ends = [threading.Thread(target=burn, args=(T / 4, time.thread_time))"
        " for _ in range(4)]\n"
        "    [end.start() for end in ends]\n    [end.join() for end in ends]\n    return 1",
    ),
    LoadKind(
        "thread pool",
        "from concurrent.futures import ThreadPoolExecutor\ndef f():\n"
        "    with ThreadPoolExecutor(3) as pool:\n"
        "        list(pool.map(lambda i: burn(T / 12, time.thread_time), range(12)))\n"
        "    return 1",
    ),
    LoadKind(
        "thirty short threads in turn",
        "import threading\ndef f():\n    for _ in range(30):\n"
        "        one = threading.Thread(target=burn, args=(T / 30, time.thread_time))\n"
        "        one.start()\n        one.join()\n    return 1",
    ),
    LoadKind(
        "thread that works while the main thread sleeps",
        "import threading\ndef f():\n"
        "    one = threading.Thread(target=burn, args=(T, time.thread_time))\n    one.start()\n"
        "    while one.is_alive():\n        time.sleep(0.002)\n    return 1",
    ),
    LoadKind(
        "generator",
        "def f():\n    for i in range(20):\n        burn(T / 20)\n        yield i",
        "assert list(f()) == list(range(20))",
    ),
    LoadKind(
        "twenty calls",
        "def f():\n    burn(T / 20)\n    return 1",
        "for _ in range(20):\n    assert f() == 1",
    ),
    LoadKind(
        "C code",
        "def f():\n    end = time.process_time() + T\n"
        "    while time.process_time() < end:\n        sorted(range(20000), key=str)\n    return 1",
    ),
    LoadKind(
        "memory",
        "def f():\n    end = time.process_time() + T\n"
        "    while time.process_time() < end:\n        bytearray(1 << 20)\n    return 1",
    ),
    LoadKind("after a sleep", "def f():\n    time.sleep(T / 4)\n    burn(T)\n    return 1"),
    LoadKind(
        "callback of the test",
        "def f(g):\n    return sum(g() for _ in range(10))",
        "def g():\n    burn(T / 10)\n    return 1\nassert f(g) == 10",
    ),
)
SLEEP = (
    LoadKind("sleep", "def f():\n    time.sleep(T)\n    return 1"),
    LoadKind(
        "a hundred short sleeps",
        "def f():\n    for _ in range(100):\n        time.sleep(T / 100)\n    return 1",
    ),
    LoadKind(
        "sleep in the test",
        "def f():\n    return 1",
        "import time\ntime.sleep(T)\nassert f() == 1",
        trusted=False,
    ),
    LoadKind("sleep while loading", "time.sleep(T)\ndef f():\n    return 1"),
    LoadKind("event", "import threading\ndef f():\n    threading.Event().wait(T)\n    return 1"),
    LoadKind(
        "thread that sleeps",
        "import threading\ndef f():\n    one = threading.Thread(target=time.sleep, args=(T,))\n"
        "    one.start()\n    one.join()\n    return 1",
    ),
    LoadKind("select", "import select\ndef f():\n    select.select([], [], [], T)\n    return 1"),
    LoadKind(
        "sleep and work in turn",
        "def f():\n    for _ in range(25):\n        time.sleep(T / 25)\n        burn(T / 50)\n"
        "    return 1",
    ),
    LoadKind("work, then sleep", "def f():\n    burn(T * 3 / 4)\n    time.sleep(T)\n    return 1"),
    LoadKind(
        "generator that sleeps",
        "def f():\n    for i in range(10):\n        time.sleep(T / 10)\n        yield i",
        "assert list(f()) == list(range(10))",
    ),
    LoadKind(
        "calls that sleep",
        "def f():\n    time.sleep(T / 20)\n    return 1",
        "for _ in range(20):\n    assert f() == 1",
    ),
)
SLEEPERS = (
    LoadKind("sleep", "def f():\n    time.sleep(600)"),
    LoadKind("sleep while loading", "time.sleep(600)"),
    LoadKind("sleep in the test", "def f():\n    return 1", "import time\ntime.sleep(600)\nf()"),
    LoadKind("short sleeps", "def f():\n    while True:\n        time.sleep(0.01)"),
    LoadKind("very short sleeps", "def f():\n    while True:\n        time.sleep(0.0005)"),
    LoadKind(
        "sleep and work", "def f():\n    while True:\n        time.sleep(0.05)\n        burn(0.002)"
    ),
    LoadKind("event", "import threading\ndef f():\n    threading.Event().wait()"),
    LoadKind(
        "deadlock",
        "import threading\ndef f():\n    lock = threading.Lock()\n"
        "    with lock, lock:\n        pass",
    ),
    LoadKind("empty queue", "import queue\ndef f():\n    queue.Queue().get()"),
    LoadKind("empty pipe", "import os\ndef f():\n    os.read(os.pipe()[0], 1)"),
    LoadKind("select", "import select\ndef f():\n    select.select([], [], [])"),
    LoadKind("pause", "import signal\ndef f():\n    signal.pause()"),
    LoadKind(
        "thread that never ends",
        "import threading\ndef f():\n    one = threading.Thread(target=time.sleep, args=(600,))\n"
        "    one.start()\n    one.join()",
    ),
    LoadKind(
        "fifty threads",
        "import threading\ndef f():\n    for _ in range(50):\n"
        "        threading.Thread(target=time.sleep, args=(600,)).start()\n    time.sleep(600)",
    ),
    LoadKind(
        "generator that sleeps",
        "def f():\n    while True:\n        time.sleep(0.1)\n        yield 1",
        "list(f())",
    ),
    LoadKind(
        "calls that sleep", "def f():\n    time.sleep(0.04)\n    return 1", "while True:\n    f()"
    ),
)


def cases(limit: float) -> Iterator[LoadCase]:
    """Yield fifty programs within 20 % of a limit in seconds, then sixteen that only sleep."""
    limits = Limits(cpu_seconds=limit, budget_seconds=limit, wall_seconds=limit)
    for number, kind in enumerate((*CPU, *SLEEP)):
        for passes, shares in ((True, PASSES), (False, FAILS)):
            yield _case(kind, shares[number % 3] * limit, limits, passes)
    for kind in SLEEPERS:
        yield _case(kind, 0.0, limits, passes=False)


def _case(kind: LoadKind, amount: float, limits: Limits, passes: bool) -> LoadCase:
    program, test = (re.sub(r"\bT\b", f"{amount:.3f}", text) for text in kind[1:3])
    job = Job(TOOLS + program, (test,), limits, "f", TOOLS, trusted=kind.trusted)
    return LoadCase(f"{kind.name} ({amount:.2f} s)" if amount else kind.name, job, passes)
