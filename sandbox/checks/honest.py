"""Honest programs that look unusual and must pass."""

from __future__ import annotations

import asyncio

from sandbox.base import Sandbox
from sandbox.checks.registry import LIMITS, check, expect, require
from sandbox.types import Job, Status

PASSED, EXCEPTION = Status.PASSED, Status.EXCEPTION


@check()
async def temporary_files_work(box: Sandbox) -> None:
    """Files by name, from `tempfile`, and in the working directory."""
    program = """
import os, tempfile
def f():
    with tempfile.TemporaryDirectory() as folder, open(folder + '/x', 'w+') as file:
        file.write('1')
    with tempfile.TemporaryFile() as file: file.write(b'2')
    with open('here', 'w') as file: file.write('3')
    os.rename('here', 'there'); os.remove('there')
    return open(os.devnull).read()
"""
    await expect(box, program, ("assert f() == ''", PASSED))


@check()
async def threads_work(box: Sandbox) -> None:
    """Threads, pools and event loops."""
    program = """
import asyncio, threading
from concurrent.futures import ThreadPoolExecutor
def f():
    with ThreadPoolExecutor(4) as pool: return list(pool.map(abs, [-1, 2]))
async def g():
    return sum(await asyncio.gather(*(asyncio.sleep(0.001, n) for n in range(5))))
"""
    await expect(
        box, program, ("assert f() == [1, 2]", PASSED), ("assert asyncio.run(g()) == 10", PASSED)
    )


@check()
async def the_standard_library_is_there(box: Sandbox) -> None:
    """Modules that are not preloaded can be imported."""
    program = "import difflib, zoneinfo, xml.dom.minidom, ctypes, logging, zlib, unittest, html"
    await expect(box, program, ("assert zlib.crc32(b'') == 0", PASSED))


@check()
async def main_guards_do_not_run(box: Sandbox) -> None:
    """The program is imported, not run as a script."""
    await expect(box, "if __name__ == '__main__':\n    raise ValueError", ("pass", PASSED))


@check()
async def classes_know_their_module(box: Sandbox) -> None:
    """Dataclasses, string annotations, named tuples, enumerations and pickles work."""
    program = """
from __future__ import annotations
import copy, enum, pickle
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, get_type_hints
@dataclass(order=True)
class A:
    n: int = 0
    m: ClassVar[int] = 1
    items: list[int] = field(default_factory=list)
class B(NamedTuple):
    x: int
class C(enum.Enum):
    ONE = 1
def f():
    same = pickle.loads(pickle.dumps(B(1))) == copy.deepcopy(B(1))
    return A(1) < A(2) and get_type_hints(A)['n'] is int and same
"""
    await expect(
        box,
        program,
        ("assert f() is True and B(1) == (1,) and A(2).n == 2", PASSED),
        ("assert C(1) is C.ONE", PASSED),
    )


@check()
async def input_is_empty(box: Sandbox) -> None:
    """`input()` raises EOFError at once."""
    execution = await expect(box, "def f(): return input()", ("f()", EXCEPTION))
    require(execution.outcomes[0].exception == "EOFError", execution)


@check()
async def output_is_captured(box: Sandbox) -> None:
    """Once, in order, with unusual characters, and also after a crash."""
    program = "import os\nprint('load')\ndef f(x): print(x)"
    tests = (("f('\\u00e9')", PASSED), ("f(2); os._exit(1)", Status.CRASHED), ("f(3)", PASSED))
    execution = await expect(box, program, *tests)
    require(execution.stdout == "load\né\n2\n3\n", repr(execution.stdout))
    await expect(box, "print('\\ud800')", ("pass", PASSED))


@check()
async def tests_have_names_of_their_own(box: Sandbox) -> None:
    """Neither the program nor a later test sees a name that a test binds.

    A test sees the program's names, which follow the program unless the test binds them anew.
    """
    program = "import math\nn = 1\ndef f():\n    global n\n    n += 1\n    return n"
    await expect(
        box,
        program,
        ("x = 1; n = 5; assert f() == 2 and n == 5", PASSED),
        ("assert n == 2 and f() == 3 and math.sqrt(9) == n", PASSED),
        ("x", EXCEPTION),
    )


@check()
async def changed_arguments_are_seen(box: Sandbox) -> None:
    """The test sees changes to an argument, and a returned argument is the same object."""
    program = "def f(l, d): l.append(len(l)); d['a'][0].add(3); return l"
    test = "l = [0]; d = {'a': [{1}]}; assert f(l, d) is l and (l, d) == ([0, 1], {'a': [{1, 3}]})"
    await expect(box, program, (test, PASSED))


@check()
async def the_prelude_and_builtins_come_first(box: Sandbox) -> None:
    """Only the entry point of a program may replace a name of the prelude or a builtin."""
    program = "def half(x): return 9\ndef abs(x): return 0\ndef sum(x): return half(x) - 5"
    prelude = "def half(x): return x / 2\ndef sum(x): pass"
    tests = ("assert half(3) == 1.5 and abs(-1) == 1 and sum([1]) == 4",)
    execution = await box.run(Job(program, tests, LIMITS, entry_point="sum", prelude=prelude))
    require(execution.outcomes[0].passed, execution)


@check()
async def no_tests_is_a_job_too(box: Sandbox) -> None:
    """A job without tests runs the program and returns its output."""
    execution = await box.run(Job("print(1)", (), LIMITS))
    require(execution.outcomes == () and execution.stdout == "1\n", execution)


@check()
async def many_jobs_keep_apart(box: Sandbox) -> None:
    """Each of many concurrent jobs gets its own execution."""
    jobs = [Job(f"print({n})", (f"assert {n} == {n % 3}",), LIMITS) for n in range(40)]
    executions = await asyncio.gather(*(box.run(job) for job in jobs))
    for n, execution in enumerate(executions):
        good = execution.stdout == f"{n}\n" and execution.outcomes[0].passed is (n < 3)
        require(good, (n, execution))
