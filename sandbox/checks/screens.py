"""Screens: many programs on the same tests in one confined process."""

from __future__ import annotations

from dataclasses import replace

from sandbox.base import Sandbox
from sandbox.checks.registry import LIMITS, SYSCALLS, check, require
from sandbox.types import Job, Screen

TESTS = ("assert f(1) == 2", "assert f(2) == 3")
RIGHT = "def f(x): return x + 1"


@check()
async def screens_say_who_passes_which_test(box: Sandbox) -> None:
    """In the order of the programs; a test that is not Python fails."""
    prelude = "from math import floor\ndef helper(x): return x + 1"
    results = {
        RIGHT: (True, True, False),
        "def f(x): return 2": (True, False, False),
        "def f(x): return helper(floor(x))": (True, True, False),
        "def f(x): return x / 0": (False, False, False),
        "def f(x:": (False, False, False),
        "raise SystemExit": (False, False, False),
        "f = \ud800": (False, False, False),
        "": (False, False, False),
    }
    screen = Screen((*results, *results), (*TESTS, "assert ("), LIMITS, prelude)
    found = await box.screen(screen)
    require(found.passed == (*results.values(), *results.values()), found)
    none = await box.screen(Screen((), TESTS, LIMITS))
    require(not none.passed, "no programs")
    require((await box.screen(Screen((RIGHT, RIGHT), (), LIMITS))).passed == ((), ()), "no tests")


@check()
async def who_ends_or_spoils_a_screen_costs_the_others_nothing(box: Sandbox) -> None:
    """Hanging, sleeping, exiting, filling the memory, and changes of the interpreter."""
    bad = (
        "def f(x):\n    while True: pass",
        "import time\ndef f(x): time.sleep(60)",
        "import os\nos._exit(0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "x = 'a' * 10 ** 12\ndef f(x): return x",
        "kept = []\nwhile True: kept.append(bytes(1 << 20))",
        "import os\nos.closerange(0, 64)\ndef f(x): return x",
        "import builtins\nbuiltins.len = builtins.compile = builtins.exec = None",
        "import builtins\nbuiltins.int = builtins.range = print\ndef f(x): return x",
        "import sys\nsys.setrecursionlimit(40)\nsys.settrace(lambda *a: 1 / 0)",
        "import sys\nsys.stdout = sys.stderr = None",
        "import builtins\nbuiltins.kept = bytes(200 << 20)",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
        "class B(BaseException): pass\nraise B",
        "def f(x): return f(x)",
    )
    honest = "def g(n): return n and 1 + g(n - 1)\n" + RIGHT + " + 0 * len(range(g(200)))"
    programs = [program for one in bad for program in (one, honest)]
    found = await box.screen(Screen(tuple(programs), TESTS, LIMITS))
    require(found.passed == ((False, False), (True, True)) * len(bad), found)
    slow = tuple(i for i, late in enumerate(found.timed_out) if late)
    require(slow == (0, 2), f"timeouts of {slow}")


@check(*SYSCALLS)
async def screened_programs_are_confined(box: Sandbox) -> None:
    """They start no process and open no connection, like other programs."""
    attempt = "import os, socket\ndef f(x):\n    try: {}\n    except OSError: return x + 1\n"
    calls = ("os.fork()", "socket.socket()", "os.kill(1, 9)", "os.execv('/bin/sh', ['sh'])")
    programs = tuple(attempt.format(call) for call in calls)
    found = await box.screen(Screen(programs, TESTS, LIMITS))
    require(found.passed == ((True, True),) * len(calls), found)


@check()
async def nothing_of_a_screen_outlives_it(box: Sandbox) -> None:
    """Files, output and state are gone when a job or another screen begins."""
    leave = "import builtins\nbuiltins.left = 1\nopen('left', 'w').close()\nprint('left')\n" + RIGHT
    for _ in range(2):
        await box.screen(Screen((leave,) * 8, TESTS, LIMITS))
        test = "import os; assert os.listdir('.') == [] and f(1) == 2"
        limits = replace(LIMITS, cpu_seconds=LIMITS.cpu_seconds + 0.1)
        for execution in [await box.run(Job(RIGHT, (test, "left"), limits)) for _ in range(4)]:
            require([o.passed for o in execution.outcomes] == [True, False], execution)
            require(execution.stdout == "", execution)
