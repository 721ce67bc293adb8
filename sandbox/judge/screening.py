"""Screening: many programs on the same tests, one after another in one confined process.

A result is a hint: a program could change it, or that of a later program. What is easily seen to
remain of a program ends the process, and the rest of the programs get a fresh one.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C code of signal
import _thread
import builtins
import os
import random
import sys
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from .candidate import MODULE, compiled
from .evidence import COMPILE_ERRORS, PRELUDE, PROGRAM, TEST
from .frames import FAILS, HOLDS
from .process_state import ProcessState

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

_seed, _modules, _count_threads = random.seed, sys.modules, _thread._count
_get_timer, _dup, _close = _signal.getitimer, os.dup, os.close
_set_recursion_limit, _set_trace, _set_profile = sys.setrecursionlimit, sys.settrace, sys.setprofile


class Screening:
    """The programs of a job, which stand where other jobs have tests, and the tests they run."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._programs: list[str] = job["tests"]
        self._tests = [_compiled(source, TEST) for source in job["screen"]]
        self._prelude = _compiled(job["prelude"], PRELUDE)
        self._limit = sys.getrecursionlimit()
        self._names()  # what the prelude leaves in the process is no program's doing
        self._builtins = dict(vars(builtins))
        self._process = ProcessState()
        self._rest = _rest()

    def messages(self, first: int) -> Iterator[tuple[str, Any]]:
        """Run the programs from number `first` on, and yield the messages for the supervisor."""
        yield "loaded", 0
        for program in self._programs[first:]:
            found = self._run(program)
            clean = self._is_clean()
            status = "wrong answer" if FAILS in found else "passed"
            yield "test", {"status": status, "value": found}
            if not clean:
                yield "next", None
                return

    def _names(self) -> dict[str, Any]:
        """Return a program's names, with those of the prelude: the program may change both."""
        module = ModuleType(MODULE)
        names = module.__dict__
        names["__builtins__"] = builtins  # the real ones, not the copy above
        _modules[MODULE] = module  # dataclasses and type hints look up their module
        _succeeds(self._prelude, names)
        return names

    def _run(self, program: str) -> str:
        """Return a character for each test: whether the program passes it."""
        names = self._names()
        _seed(0)
        if not _succeeds(_compiled(program, PROGRAM), names):
            return FAILS * len(self._tests)
        return "".join(HOLDS if _succeeds(test, dict(names)) else FAILS for test in self._tests)

    def _is_clean(self) -> bool:
        """Return whether the process is as it was before, and restore what the judge needs."""
        _set_recursion_limit(self._limit)
        _set_trace(None)
        _set_profile(None)
        try:
            same = vars(builtins) == self._builtins and _rest() == self._rest
            return same and sys.modules is _modules and self._process.is_clean()
        except Exception:  # noqa: BLE001 - the program's own objects may raise
            return False
        finally:
            vars(builtins).update(self._builtins)


def _rest() -> tuple[Any, ...]:
    """Return more of the state of this process than its tests' process has to compare."""
    lowest = _dup(0)  # higher if descriptors were left open
    _close(lowest)
    timers = [_get_timer(kind) for kind in (_signal.ITIMER_VIRTUAL, _signal.ITIMER_PROF)]
    return lowest, timers, _count_threads(), sys.stdout.closed, sys.stderr.closed


def _compiled(source: str, name: str) -> CodeType | None:
    """Return the code, or None if the source is not Python."""
    try:
        return compiled(source, name)
    except COMPILE_ERRORS:
        return None


def _succeeds(code: CodeType | None, names: dict[str, Any]) -> bool:
    if code is None:
        return False
    try:
        exec(code, names)  # noqa: S102 - this process exists to run it
    except BaseException:  # noqa: BLE001 - untrusted code runs here
        return False
    return True
