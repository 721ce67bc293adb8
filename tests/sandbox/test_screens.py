"""Screens beside jobs: the same results for honest programs, on one slot or several.

`sandbox/checks/screens.py` holds what every backend promises.
"""

from __future__ import annotations

import asyncio

import pytest

from sandbox import (
    Execution,
    Job,
    Limits,
    Sandbox,
    SandboxConfig,
    SandboxInfo,
    SandboxUnavailable,
    Screen,
    Status,
    open_sandbox,
)
from sandbox.judge_pool import JudgePool, Link, PooledSandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRELUDE = "import math\nfrom typing import List\ndef helper(x): return [x]\n"
PROGRAMS = (
    "def f(x): return helper(x) + [math.floor(x)]",
    "from __future__ import annotations\nfrom dataclasses import dataclass, field\n@dataclass\n"
    "class P:\n    a: int\n    b: List[int] = field(default_factory=list)\n"
    "def f(x): return [P(x).a, *P(x).b, x]",
    "import typing\nclass T(typing.NamedTuple):\n    a: int\ndef f(x): return [T(x).a] * 2",
    "from functools import lru_cache\n@lru_cache(None)\ndef f(x): return [x, x]",
    "class C:\n    def __eq__(self, other): return [3, 3] == other\ndef f(x): return C()",
    "n = 0\ndef f(x):\n    global n\n    n += 1\n    return [n, n]",
    "def f(x):\n    print(x)\n    return [x, x][::-1]",
    "import random\ndef f(x): return [x, x] if random.random() < 2 else []",
    "f = lambda x: [x] * 2",
    "def f(x): raise KeyError(x)",
    "def f(x, y): return [x, x]",
    "def g(x): return [x, x]",
    "if __name__ == '__main__':\n    def f(x): return [x, x]",
    "def f(x): return [x] * (1 + bool(__builtins__.len('a')))",
)
TESTS = (
    "assert f(3) == [3, 3]",
    "for i in range(3):\n    assert f(3) == [3, 3]",
    "def check(c):\n    assert c(3) == [3, 3]\ncheck(f)",
    "assert sorted(f(3)) == [3, 3], 'told'",
)
LIMITS = Limits(cpu_seconds=1.0, budget_seconds=4.0, memory_mb=512)


@pytest.mark.parametrize("slots", [1, 3])
async def test_a_screen_agrees_with_jobs_that_share_a_process(slots: int) -> None:
    async with open_sandbox(SandboxConfig(backend="local", slots=slots)) as box:
        found = await box.screen(Screen(PROGRAMS, TESTS, LIMITS, PRELUDE))
        for program, screened in zip(PROGRAMS, found.passed, strict=True):
            job = Job(program, TESTS, LIMITS, "f", PRELUDE, isolation="shared")
            outcomes = (await box.run(job)).outcomes
            assert tuple(outcome.passed for outcome in outcomes) == screened, program


async def test_functions_of_the_prelude_call_those_of_the_program(box: Sandbox) -> None:
    prelude = "def f(x): ...\ndef g(x): return f(x)"
    programs = ("def f(x): return x + 1", "def f(x): return x")
    found = await box.screen(Screen(programs, ("assert g(1) == 2",), LIMITS, prelude))
    assert found.passed == ((True,), (False,))


async def test_a_program_has_the_real_builtins(box: Sandbox) -> None:
    program = "import builtins\nbuiltins.len = lambda x: 2\ndef f(x): return [x] * len([])"
    found = await box.screen(Screen((program, "f = len"), ("assert f(3) == [3, 3]",), LIMITS))
    assert found.passed == ((True,), (False,))


async def test_variables_of_the_prelude_begin_anew_for_each_program(box: Sandbox) -> None:
    program = "seen.append(1)\ndef f(): return len(seen)"
    found = await box.screen(Screen((program,) * 3, ("assert f() == 1",), LIMITS, "seen = []"))
    assert found.passed == ((True,),) * 3


async def test_a_limit_is_that_of_one_program(box: Sandbox) -> None:
    work = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
    limits = Limits(cpu_seconds=0.8, budget_seconds=0.8, wall_seconds=0.8)
    programs = tuple(f"{work}def f(): return {number}" for number in range(5))
    found = await box.screen(Screen(programs, ("assert f() > 1",), limits))
    assert found.passed == ((False,), (False,), (True,), (True,), (True,))


@pytest.mark.parametrize("prelude", ["", "import decimal\ndecimal.getcontext().prec = 50"])
async def test_many_programs_that_hang_cost_the_others_nothing(box: Sandbox, prelude: str) -> None:
    work = "import time\nend = time.process_time() + 0.06\nwhile time.process_time() < end: pass\n"
    programs = ("while True: pass",) * 40 + (f"{work}x = 1",) * 3
    limits = Limits(cpu_seconds=0.1, wall_seconds=1.0)
    found = await box.screen(Screen(programs, ("assert x == 1",), limits, prelude))
    assert found.passed == ((False,),) * 40 + ((True,),) * 3
    assert found.timed_out == (True,) * 40 + (False,) * 3
    assert found.cpu_seconds >= 40 * 0.1


LEFT = (
    "import sys\nsys.stdout.close()",
    "import random, sys\nrandom.seed = None\nsys.modules = None",
    "import signal\nsignal.setitimer(signal.ITIMER_VIRTUAL, 0.02)",
    "import signal\nsignal.setitimer(signal.ITIMER_PROF, 0.02)",
    "import os\nkept = [os.open('.', os.O_RDONLY) for _ in range(200)]",
    "__builtins__.sorted = lambda *a, **k: []",
    "import sys\nsys.stdin = sys.stderr = None",
)


@pytest.mark.parametrize("left", LEFT)
async def test_what_a_program_leaves_does_not_change_the_next_result(
    box: Sandbox, left: str
) -> None:
    honest = (
        "import os, random, time\nprint(sorted([2, 1]))\n"
        "kept = [os.open('.', os.O_RDONLY) for _ in range(100)]\nend = time.process_time() + 0.05\n"
        "while time.process_time() < end: pass\nrandom.seed(1)\nx = sorted([2, 1])"
    )
    screen = Screen((left, honest) * 3, ("assert x == [1, 2]",), LIMITS)
    assert (await box.screen(screen)).passed == ((False,), (True,)) * 3


async def test_a_screen_that_fails_leaves_no_batch_behind() -> None:
    ended: list[int] = []

    class Failing(JudgePool):
        async def run(self, job: Job, screen: tuple[str, ...] = ()) -> Execution:
            if job.tests == ("0",):
                raise SandboxUnavailable("no")
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(1)
            raise AssertionError

    async def start(index: int) -> Link:
        raise NotImplementedError

    box = PooledSandbox(Failing(start, 3), SandboxInfo("none", ""))
    with pytest.raises(SandboxUnavailable):
        await box.screen(Screen(("0", "1", "2"), ("x",)))
    assert len(ended) == 2


async def test_a_false_report_is_no_result(box: Sandbox) -> None:
    """A program that knows the judge's file descriptors cannot break the screen."""
    write = "import os\nfor fd in range(3, 64):\n    try: os.write(fd, {!r})\n"
    write += "    except OSError: pass\n"
    lines = (b"\n", b"x" * 100, b'["key", "test", {"status": "passed", "value": "1"}, 0, 0, 0]\n')
    programs = [write.format(line) for line in lines]
    found = await box.screen(Screen((*programs, "x = 1"), ("x",), LIMITS))
    assert found.passed == ((False,), (False,), (False,), (True,))


async def test_more_memory_than_a_slot_has_is_refused(box: Sandbox) -> None:
    if box.info.backend != "docker":
        pytest.skip("only containers have a limit of their own")
    limits = Limits(memory_mb=1 << 20)
    with pytest.raises(ValueError, match="the job asks for 1048576 MiB"):
        await box.screen(Screen(("x = 1",), ("x",), limits))
    outcomes = (await box.run(Job("x = 1", ("x",)))).outcomes
    assert [outcome.status for outcome in outcomes] == [Status.PASSED]


@pytest.mark.parametrize(
    ("programs", "slots", "sizes"),
    [(0, 2, []), (1, 2, [1]), (5, 2, [3, 2]), (3, 8, [1, 1, 1]), (600, 2, [250, 250, 100])],
)
async def test_the_programs_of_a_screen_are_divided_among_the_slots(
    programs: int, slots: int, sizes: list[int]
) -> None:
    async def start(index: int) -> Link:
        raise NotImplementedError

    texts = tuple(map(str, range(programs)))
    batches = JudgePool(start, slots).batches(texts)
    assert [len(batch) for batch in batches] == sizes
    assert sum(batches, ()) == texts
