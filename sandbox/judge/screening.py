"""Screening: many programs on the same tests, one after another in one confined process.

A result is a hint: a program could change it, or that of a later program. What is easily seen to
remain of a program ends the process, and the rest of the programs get a fresh one.
"""

from __future__ import annotations

import _thread
import builtins
import contextlib
import random
import sys
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from .candidate import MODULE, compiled
from .evidence import COMPILE_ERRORS, TEST
from .frames import FAILS, HOLDS
from .process_state import ProcessState

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))


class Screening:
    """The programs of a job, which stand where other jobs have tests, and the tests they run."""

    def __init__(self, job: dict[str, Any], process: ProcessState) -> None:
        self._programs: list[str] = job["tests"]
        self._process = process
        self._builtins = dict(vars(builtins))
        self._limit = sys.getrecursionlimit()
        self._tests = [_test(source) for source in job["screen"]]
        self._names: dict[str, Any] = {"__name__": MODULE}
        with contextlib.suppress(Exception):  # the program may define what the prelude lacks
            exec(job["prelude"], self._names)  # noqa: S102 - the caller's own

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

    def _run(self, program: str) -> str:
        """Return a character for each test: whether the program passes it."""
        module = ModuleType(MODULE)
        names = module.__dict__
        names.update(self._names)
        sys.modules[MODULE] = module  # dataclasses and type hints look up their module
        random.seed(0)
        if not _succeeds(program, names):
            return FAILS * len(self._tests)
        return "".join(
            HOLDS if test is not None and _succeeds(test, dict(names)) else FAILS
            for test in self._tests
        )

    def _is_clean(self) -> bool:
        """Return whether the process is as it was before, and restore what the judge needs."""
        sys.setrecursionlimit(self._limit)
        sys.settrace(None)
        sys.setprofile(None)
        try:
            same = vars(builtins) == self._builtins and not _thread._count()
            return same and self._process.is_clean()
        except Exception:  # noqa: BLE001 - the program's own objects may raise
            return False
        finally:
            vars(builtins).update(self._builtins)


def _test(source: str) -> CodeType | None:
    """Return a compiled test, or None if it is not Python: then it fails."""
    try:
        code: CodeType = compile(source, TEST, "exec", dont_inherit=True)
    except COMPILE_ERRORS:
        return None
    return code


def _succeeds(program: str | CodeType, names: dict[str, Any]) -> bool:
    try:
        code = compiled(program) if isinstance(program, str) else program
        exec(code, names)  # noqa: S102 - this process exists to run it
    except BaseException:  # noqa: BLE001 - untrusted code runs here
        return False
    return True
