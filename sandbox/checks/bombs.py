"""Programs that exhaust a resource: time, memory, processes, disk, output."""

from __future__ import annotations

from sandbox.base import Sandbox
from sandbox.checks.registry import LIMITS, SMALL_DISK, SYSCALLS, check, expect, require
from sandbox.types import Job, Limits, Status

PASSED, EXCEPTION, TIMEOUT = Status.PASSED, Status.EXCEPTION, Status.TIMEOUT
OUT_OF_MEMORY = Status.OUT_OF_MEMORY


@check()
async def endless_loops_end(box: Sandbox) -> None:
    """Even if the loop swallows every exception. The next test runs in a fresh process."""
    program = """
def f():
    while True:
        try:
            while True: pass
        except BaseException: pass
"""
    await expect(box, program, ("f()", TIMEOUT), ("pass", PASSED))


@check()
async def hangs_inside_c_code_end(box: Sandbox) -> None:
    """A regular expression with catastrophic backtracking, and a power too large to compute."""
    program = "import re\ndef f(): re.match(r'(a+)+$', 'a' * 60 + 'b')\ndef g(): 10 ** 10 ** 9"
    await expect(box, program, ("f()", TIMEOUT), ("g()", TIMEOUT))


@check()
async def sleepers_are_woken(box: Sandbox) -> None:
    """The limit on sleeping ends a program that sleeps, which does not use CPU time."""
    limits = Limits(cpu_seconds=0.2, wall_seconds=0.8)
    await expect(box, "import time", ("time.sleep(600)", TIMEOUT), ("pass", PASSED), limits=limits)


@check()
async def ignored_signals_do_not_help(box: Sandbox) -> None:
    """A program that ignores, blocks and catches all signals is still ended."""
    program = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
def f():
    signal.signal(signal.SIGXCPU, lambda *a: f())
    while True: pass
"""
    await expect(box, program, ("f()", TIMEOUT))


@check()
async def many_hangs_cost_one_budget(box: Sandbox) -> None:
    """Fifty tests that hang use the job's budget once: no test after it runs."""
    hangs = [("while True: pass", TIMEOUT)] * 50
    await expect(box, "", *hangs, ("pass", TIMEOUT))


@check()
async def fractions_of_a_second_count(box: Sandbox) -> None:
    """A limit of 0.1 s ends a program that passes with a limit of 1 s."""
    program = "import time\ndef f():\n    while time.process_time() < 0.3: pass"
    await expect(box, program, ("f()", TIMEOUT), limits=Limits(cpu_seconds=0.1))
    await expect(box, program, ("f()", PASSED), limits=Limits(cpu_seconds=1.0))


@check()
async def memory_bombs_are_told(box: Sandbox) -> None:
    """Memory that is exhausted at once or gradually. The next test has its full memory."""
    program = "kept = []\ndef f():\n    while True: kept.append(bytearray(10 ** 6))"
    await expect(
        box,
        program,
        ("[0] * 10 ** 11", OUT_OF_MEMORY),
        ("f()", OUT_OF_MEMORY),
        ("bytearray(10 ** 8)", PASSED),
        limits=Limits(cpu_seconds=2.0, memory_mb=512),
    )


@check(*SYSCALLS)
async def fork_bombs_fail(box: Sandbox) -> None:
    """A program cannot start a process, with `os.fork` or `subprocess`."""
    program = "import os, subprocess\ndef f():\n    while True: os.fork()\n"
    program += "def g():\n    while True: subprocess.Popen(['true'])"
    await expect(box, program, ("f()", EXCEPTION), ("g()", EXCEPTION), ("pass", PASSED))


@check()
async def thread_bombs_end(box: Sandbox) -> None:
    """Endless threads reach a limit, and the next test can start a thread again."""
    program = """
import threading, time
def f():
    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
    execution = await box.run(Job(program, ("f()",), LIMITS))
    require(not execution.outcomes[0].passed, execution)
    await expect(box, "", ("import threading; t = threading.Thread(); t.start(); t.join()", PASSED))


@check(*SMALL_DISK)
async def disk_bombs_fail(box: Sandbox) -> None:
    """Bytes, files and directories are limited, and are removed after the program."""
    program = """
import os
def bytes_():
    n = 0
    while True:
        n += 1
        with open(f'f{n}', 'wb') as file: file.write(bytes(10 ** 7))
def directories():
    while True:
        os.mkdir('d')
        os.chdir('d')
"""
    limits = Limits(cpu_seconds=3.0)
    execution = await box.run(Job(program, ("bytes_()", "directories()"), limits))
    ends = {outcome.status for outcome in execution.outcomes}
    require(ends <= {EXCEPTION, TIMEOUT}, execution)  # some backends limit bytes but not files
    await expect(box, "import os", ("assert os.listdir('.') == []", PASSED))


@check()
async def huge_files_fail(box: Sandbox) -> None:
    """A single file has a maximum size."""
    await expect(box, "", ("open('f', 'wb').truncate(10 ** 12)", EXCEPTION))


@check()
async def output_bombs_are_cut(box: Sandbox) -> None:
    """Endless output is cut, and its program times out."""
    program = "def f():\n    while True: print('x' * 100_000)"
    execution = await expect(box, program, ("f()", TIMEOUT))
    require(len(execution.stdout) == LIMITS.output_chars, len(execution.stdout))


@check()
async def endless_recursion_is_an_exception(box: Sandbox) -> None:
    """RecursionError at Python's own limit. Recursion below the limit passes."""
    program = "def f(n): return n and f(n - 1)"
    await expect(box, program, ("f(-1)", EXCEPTION), ("assert f(900) == 0", PASSED))
