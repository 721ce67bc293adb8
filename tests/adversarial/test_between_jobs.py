"""Tests must not change the verdicts of the jobs after them, whatever they and their helpers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Execution, Job, Limits, Sandbox, Status
from tests.adversarial.test_corpus import SLOTS
from tests.sandbox.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = Limits(cpu_seconds=2.0, budget_seconds=4.0, wall_seconds=3.0, memory_mb=512)
PROGRAM = "def f(x):\n    return x\n"

CHANGES = {
    "digits of integers": "import sys\nsys.set_int_max_str_digits(700)",
    "decimal precision": "import decimal\ndecimal.getcontext().prec = 3",
    "decimal context": "import decimal\ndecimal.setcontext(decimal.BasicContext)",
    "decimal default": "import decimal\ndecimal.DefaultContext.prec = 3",
    "seed": "import random\nrandom.seed(1)",
    "recursion limit": "import sys\nsys.setrecursionlimit(sys.getrecursionlimit() // 4)",
    "environment": "import os\nos.environ['MARKED'] = '1'",
    "folder": "import os\nos.mkdir('inner')\nos.chdir('inner')",
    "files": "open('left.txt', 'w').close()",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "own warnings": "import warnings\nwarnings.showwarning = warnings.warn = None",
    "locale": "import locale\nlocale.setlocale(locale.LC_ALL, 'C.UTF-8')",
    "module removed": "import sys\nsys.modules['json'] = None",
    "module replaced": "import json\njson.dumps = lambda x: 'null'",
    "module constant": "import math, string\nmath.pi = 3\nstring.digits = ''",
    "module class": "import collections\ncollections.Counter.most_common = len",
    "builtin": "import builtins\nbuiltins.sorted = builtins.sum = list",
    "import hook": "import builtins\nbuiltins.__import__ = None",
    "search path": "import sys\nsys.path.clear()\nsys.meta_path.clear()",
    "collector off": "import gc\ngc.disable()",
    "collector limits": "import gc\ngc.set_threshold(1)",
    "trace": "import sys\nsys.settrace(lambda *a: 1 / 0)",
    "profile": "import sys\nsys.setprofile(lambda *a: 1 / 0)",
    "thread trace": "import threading\nthreading.settrace(lambda *a: 1 / 0)",
    "stack of threads": "import threading\nthreading.stack_size(1 << 15)",
    "running thread": (
        "import threading\ngone = threading.Event()\n"
        "threading.Thread(target=gone.wait, daemon=True).start()"
    ),
    "thread that acts later": (
        "import threading\ndef late():\n    import decimal, math\n    math.pi = 3\n"
        "threading.Timer(0.02, late).start()"
    ),
    "signal handler": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)",
    "alarm that is set": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.02)",
    "signal mask": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])",
    "streams": "import sys\nsys.stdout = sys.stderr = None",
    "streams closed": "import sys\nsys.stdout.close()",
    "descriptors": "import os\nkept = [os.open('.', os.O_RDONLY) for _ in range(40)]",
    "umask": "import os\nos.umask(0o777)",
    "size limit": "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))",
    "memory limit": (
        "import resource\n_, hard = resource.getrlimit(resource.RLIMIT_AS)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (60 << 20, hard))"
    ),
    "abstract class": "import collections.abc\ncollections.abc.Sized.register(int)",
    "pickling": "import copyreg\ncopyreg.pickle(complex, lambda z: (int, (0,)))",
    "codec errors": "import codecs\ncodecs.register_error('strict', lambda e: ('', e.end))",
    "logging": "import logging\nlogging.disable(logging.CRITICAL)",
    "log handlers": "import logging\nlogging.getLogger().handlers.append(None)",
    "switch interval": "import sys\nsys.setswitchinterval(10)",
    "context variable": (
        "import contextvars, builtins\nbuiltins.marked = contextvars.ContextVar('marked')"
    ),
    "exception hook": "import sys\nsys.excepthook = None",
    "own exit function": "import atexit, os\natexit.register(os._exit, 3)",
    "event loop": (
        "import asyncio\nasyncio.set_event_loop_policy(None)\nasyncio.run = lambda *a: None"
    ),
    "time zone": "import os, time\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()",
    "memory kept": "import builtins\nbuiltins.kept = bytes(300 << 20)",
    "cyclic memory kept": "x = [bytes(200 << 20)]\nx.append(x)\ny = [bytes(200 << 20), x]",
}
"""Bodies of helpers that change the process of the tests, by what they change."""

INNOCENT = """
def check(candidate):
    import asyncio, collections, copy, decimal, gc, json, locale, logging, math, os, random
    import signal, string, sys, threading, time, warnings
    assert len(str(candidate(10 ** 3000))) == 3001 and int('7' * 3000) % 10 == 7
    assert str(decimal.Decimal(1) / 3) == '0.' + '3' * 28
    with decimal.localcontext(decimal.Context()) as context:
        assert context.prec == 28
    assert deep(600) == 600 and 'MARKED' not in os.environ
    assert os.listdir('.') == [] and os.path.basename(os.getcwd()) != 'inner'
    with open('new.txt', 'w') as file:
        file.write('ab' * 20)
    with open('new.txt') as file:
        assert len(file.read()) == 40
    os.remove('new.txt')
    warnings.warn('not an error', UserWarning)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        warnings.warn('shown', UserWarning)
    assert len(seen) == 1
    assert json.dumps([1]) == '[1]' and math.pi > 3.1 and len(string.digits) == 10
    assert collections.Counter('aab').most_common(1) == [('a', 2)]
    assert sorted([2, 1]) == [1, 2] and sum([1, 2]) == 3
    assert gc.isenabled() and gc.get_threshold()[0] > 100
    assert sys.gettrace() is None and sys.getprofile() is None
    assert threading.active_count() == 1 and threading.stack_size() == 0
    done = []
    thread = threading.Thread(target=lambda: done.append(deep(200)))
    thread.start()
    thread.join()
    assert done == [200]
    rung = []
    signal.signal(signal.SIGALRM, lambda *args: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    time.sleep(0.06)
    assert rung == [1]
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    print('printed')
    assert not isinstance(3, collections.abc.Sized) and copy.copy(2j) == 2j
    try:
        b'\\xff'.decode()
    except UnicodeDecodeError:
        pass
    else:
        assert False
    assert logging.getLogger().isEnabledFor(logging.ERROR) and not logging.getLogger().handlers
    assert sys.getswitchinterval() < 1 and 'marked' not in dir(__builtins__)
    async def four(): return 4
    assert asyncio.run(four()) == 4 and time.localtime(0).tm_hour == 0
    assert candidate(list(range(40_000)))[-1] == 39_999 and len(bytes(250 << 20)) > 0
"""
PRELUDE = "def deep(n):\n    return n and 1 + deep(n - 1)\n"
CANARY = Job(PROGRAM, (INNOCENT + "check(f)\n",), LIMITS, "f", PRELUDE, trusted=True)
CHANCE = Job(PROGRAM, ("import random\nassert f(random.random()) == 2",), LIMITS, "f", trusted=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box() -> AsyncIterator[Sandbox]:
    """Open the local sandbox: the judge is the same everywhere, and the corpus is large."""
    async with opened("local") as sandbox:
        yield sandbox


async def on_all_slots(box: Sandbox, job: Job) -> list[Execution]:
    """Run a job on every slot at once."""
    return await asyncio.gather(*(box.run(job) for _ in range(SLOTS)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chance(box: Sandbox) -> Execution:
    """Return the execution of a test that shows a random number, before any change."""
    return await box.run(CHANCE)


async def test_the_innocent_jobs_have_the_same_outcomes_each_time(
    box: Sandbox, chance: Execution
) -> None:
    assert chance.outcomes[0].status is Status.WRONG_ANSWER
    for _ in range(2):
        for execution in await on_all_slots(box, CANARY):
            assert execution.outcomes[0].passed, execution
        assert await on_all_slots(box, CHANCE) == [chance] * SLOTS


@pytest.mark.parametrize("name", CHANGES)
async def test_a_helper_changes_no_later_verdict(
    box: Sandbox, chance: Execution, name: str
) -> None:
    body = "".join(f"    {line}\n" for line in CHANGES[name].splitlines())
    test = "def check(candidate):\n    assert candidate(1) == 1\n    change()\ncheck(f)\n"
    job = Job(PROGRAM, (test,), LIMITS, "f", f"def change():\n{body}", trusted=True)
    await on_all_slots(box, job)
    for execution in await on_all_slots(box, CANARY):
        assert execution.outcomes[0].passed, execution
    assert await on_all_slots(box, CHANCE) == [chance] * SLOTS


STATES = {
    "default argument": "def helper(x, seen=[]):\n    seen.append(x)\n    return len(seen)\n",
    "keyword default": "def helper(x, *, n={}):\n    n[x] = n.get(x, 0) + 1\n    return n[x]\n",
    "attribute": (
        "def helper(x):\n    helper.n = getattr(helper, 'n', 0) + 1\n    return helper.n\n"
    ),
    "global": "count = 0\ndef helper(x):\n    global count\n    count += 1\n    return count\n",
    "closure": (
        "def make():\n    n = 0\n    def helper(x):\n        nonlocal n\n        n += 1\n"
        "        return n\n    return helper\nhelper = make()\n"
    ),
    "class attribute": (
        "class Box:\n    items = []\ndef helper(x):\n    Box.items.append(x)\n"
        "    return len(Box.items)\n"
    ),
    "cache": (
        "from functools import lru_cache\n@lru_cache(None)\ndef _list(x):\n    return []\n"
        "def helper(x):\n    _list(x).append(1)\n    return len(_list(x))\n"
    ),
    "iterator": (
        "import itertools\n_numbers = itertools.count(1)\n"
        "def helper(x):\n    return next(_numbers)\n"
    ),
}
"""Helpers of a prompt that return 1 on their first call only, by the place of their state."""


@pytest.mark.parametrize("name", STATES)
async def test_a_helper_starts_anew_for_each_test(box: Sandbox, name: str) -> None:
    test = "assert (f(5), helper(5), helper(5)) == (5, 1, 2)"
    job = Job(PROGRAM, (test,) * 3, LIMITS, "f", STATES[name], trusted=True)
    for execution in (*await on_all_slots(box, job), *await on_all_slots(box, job)):
        assert all(outcome.passed for outcome in execution.outcomes), execution


FILLERS = {
    "a list that holds itself": "x = ['a' * 6_000_000]\n    x.append(x)\n    return x",
    "a dictionary that holds itself": "x = {'a': 'b' * 6_000_000}\n    x['x'] = x\n    return x",
    "lists that hold each other": (
        "x = ['a' * 3_000_000]\n    x.append([x, 'b' * 3_000_000])\n    return x"
    ),
}
"""Bodies of wrong functions that leave 6 MB each in the tests' process, by what they leave."""
ROUNDS = 26
"""Number of wrong programs per slot: they fill the limit below."""


@pytest.mark.parametrize("name", FILLERS)
async def test_wrong_programs_do_not_fill_the_process_of_the_tests(box: Sandbox, name: str) -> None:
    small = Limits(cpu_seconds=3.0, budget_seconds=3.0, wall_seconds=3.0, memory_mb=200)
    test = "def check(candidate):\n    assert candidate(1_000_000)[-1] == 999_999\ncheck(f)\n"
    wrong = Job(f"def f(n):\n    {FILLERS[name]}\n", (test,), small, "f", trusted=True)
    right = Job("def f(n):\n    return list(range(n))\n", (test,), small, "f", trusted=True)
    for job, passes in (*[(wrong, False)] * ROUNDS, (right, True)):
        for execution in await on_all_slots(box, job):
            assert execution.outcomes[0].passed is passes, execution


PLAIN = {
    "name of a builtin": "sorted = len = print = f\nassert f(1) == 1",
    "loop over the name of a builtin": "for list in range(3):\n    pass",
    "argument with a default": (
        "def g(x, seen=[]):\n    seen.append(x)\n    return seen\nassert g(f(1)) == [1]"
    ),
    "memory that holds itself": "x = [f('a' * 60_000_000)]\nx.append(x)\nassert len(x) == 2",
    "output": "print('a' * 100_000)",
    "exception with its frames": (
        "def g(x):\n    kept = ['a' * 20_000_000]\n    raise ValueError(kept)\n"
        "try:\n    g(1)\nexcept ValueError as e:\n    x = [e]\n    x.append(x)"
    ),
    "recursion without an end": "def g(n):\n    return g(n + 1)\ng(f(1))",
    "unfinished generators": "x = [(f(i) for i in range(9)) for _ in range(99)]\nnext(x[0])",
    "names of the program": "f = g = None",
    "a large number": "assert (1 << 50_000_000) > 0",
    "an error in the test": "assert (",
}
"""Tests as a model might write them, which can only call, compute and compare, by what they do."""

AFTER = (
    "assert sorted(f([2, 1])) == [1, 2] and len([3]) == 1",
    "assert list(f((1, 2))) == [1, 2]",
    "def g(x, seen=[]):\n    seen.append(x)\n    return seen\nassert g(f(1)) == [1]",
    "def g(n):\n    return n and 1 + g(n - 1)\nassert g(f(900)) == 900",
    "assert f(list(range(1_000_000)))[-1] == 999_999",
    "assert f(1) == 2",
)


@pytest.mark.parametrize("name", PLAIN)
async def test_a_test_of_a_model_changes_no_later_verdict(box: Sandbox, name: str) -> None:
    small = Limits(cpu_seconds=3.0, budget_seconds=9.0, wall_seconds=3.0, memory_mb=250)
    after = Job(PROGRAM, AFTER, small, "f")
    for _ in range(3):
        await on_all_slots(box, Job(PROGRAM, (PLAIN[name],) * 3, small, "f"))
        for execution in await on_all_slots(box, after):
            assert [outcome.passed for outcome in execution.outcomes] == [True] * 5 + [False]
            assert execution.stdout == ""


SPOILS = {
    "statement": "import builtins\nbuiltins.sorted = lambda *a, **k: [1]",
    "class body": "class A:\n    import builtins\n    builtins.sorted = lambda *a, **k: [1]",
    "own function": (
        "import builtins\ndef change():\n    builtins.sorted = lambda *a, **k: [1]\nx = change()"
    ),
    "function of a function": (
        "import builtins\ndef change():\n    builtins.sorted = lambda *a, **k: [1]\n"
        "def g(): return change()\ndef h(): return g()\nx = h()"
    ),
    "default": (
        "import builtins\ndef change():\n    builtins.sorted = lambda *a, **k: [1]\n"
        "def g(x=change()): pass"
    ),
    "decorator": (
        "import builtins\ndef change(f):\n    builtins.sorted = lambda *a, **k: [1]\n"
        "@change\ndef g(): pass"
    ),
    "annotation": (
        "import builtins\ndef change():\n    builtins.sorted = lambda *a, **k: [1]\n"
        "def g(x: change()): pass"
    ),
    "subclass hook": (
        "import builtins\nclass A:\n    def __init_subclass__(cls):\n"
        "        builtins.sorted = lambda *a, **k: [1]\nclass B(A): pass"
    ),
    "metaclass": (
        "import builtins\nclass M(type):\n    def __new__(*a):\n"
        "        builtins.sorted = lambda *a, **k: [1]\n        return type.__new__(*a)\n"
        "class B(metaclass=M): pass"
    ),
    "instance": (
        "import builtins\nclass A:\n    def __init__(self):\n"
        "        builtins.sorted = lambda *a, **k: [1]\na = A()"
    ),
}
"""Preludes that change their process, by the place of the change."""
LOADS = {
    "loads": PROGRAM,
    "fails": "1 / 0",
    "does not compile": "def f(x:",
    "exits": "import os\nos._exit(1)",
}


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("loads", LOADS)
@pytest.mark.parametrize("name", SPOILS)
async def test_a_prelude_changes_no_later_verdict(
    box: Sandbox, name: str, loads: str, trusted: bool
) -> None:
    spoils = Job(LOADS[loads], ("assert f(1) == 1",), LIMITS, "f", SPOILS[name], trusted=trusted)
    test = "assert f([2, 1]) == sorted([2, 1])"
    wrong = Job("def f(x):\n    return [1]\n", (test,), LIMITS, "f", trusted=trusted)
    await on_all_slots(box, spoils)
    for execution in await on_all_slots(box, wrong):
        assert execution.outcomes[0].status is Status.WRONG_ANSWER


async def test_memory_that_lacks_in_a_used_process_is_no_verdict(box: Sandbox) -> None:
    """A program that compiles in a fresh process compiles in a used one, too."""
    big = "T = [" + ", ".join(f"({i}, {i + 0.5}, 'text{i}')" for i in range(25_000)) + "]\n"
    for memory in range(150, 250, 8):
        limits = Limits(cpu_seconds=3.0, budget_seconds=9.0, memory_mb=memory)
        job = Job(big + PROGRAM, ("assert f(1) == 1",), limits, "f")
        first = await on_all_slots(box, job)
        for _ in range(3):
            await on_all_slots(box, Job(PROGRAM, ("assert f(1) == 1",) * 9, limits, "f"))
        assert await on_all_slots(box, job) == first
