"""The tests' process: runs each test, and sends each call of the program to the program's process.

It decides the verdicts, where the program cannot reach them. Plain tests of a job share a process;
every other test gets a fresh pair of processes, so that a test cannot decide another one's verdict.
"""

from __future__ import annotations

import ast
import builtins
import functools
import json
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from .canonical import canonical
from .channel import Channel
from .evidence import COMPILE_ERRORS, TEST, cut, of_broken_test, of_exception, shown
from .plain import is_plain
from .remote import EVIDENCE, MODULES, ProgramGone, RemoteProgram

PASSED: dict[str, Any] = {"status": "passed"}
_JUDGE_FRAMES = 20
_CACHE_SIZE = 256
_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
_MAX_ORDER_BYTES = 1 << 10
_RECURSION_LIMIT = sys.getrecursionlimit() + _JUDGE_FRAMES


@dataclass(frozen=True)
class Action:
    """A compiled test."""

    run: Callable[[dict[str, Any], int], dict[str, Any] | None]
    """Runs the test with its names and the length of evidence. Returns an outcome, or None if the
    test passed without evidence."""
    plain: bool
    mentioned: frozenset[str]


class Tester:
    """The tests of one job, and the names that they see."""

    def __init__(self, job: dict[str, Any], remote: RemoteProgram) -> None:
        self._tests, self._prelude = job["tests"], job["prelude"]
        self._entry_point = job["entry_point"]
        self._limit = job["limits"]["evidence_chars"]
        self._remote = remote
        self._names: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins}

    def messages(self, first: int) -> Iterator[tuple[str, Any]]:
        """Run the tests from number `first` on, and yield the messages for the supervisor.

        Raises ProgramGone if the program's process ends while it loads.
        """
        failure, printed = self._remote.load()
        if failure is not None:
            yield "failed", failure
            return
        yield "loaded", printed
        broken = self._prepare()
        if broken or not _only_defines(self._prelude):
            yield "used", None
        for index in range(first, len(self._tests)):
            try:
                action = _parse(self._tests[index])
            except COMPILE_ERRORS as error:
                yield "test", of_broken_test(error, self._limit)
                continue
            plain = action.plain and self._harmless(action.mentioned)
            if not plain:
                if index > first:
                    yield "next", None
                    return
                yield "alone", None
            outcome = broken or self._run(action)
            yield "test", outcome
            if not plain or outcome["status"] == "out of memory":
                return

    def _harmless(self, mentioned: Iterable[str]) -> bool:
        """Whether a plain test may use these names of the prelude: functions and harmless modules.

        A test could change other imports and variables of a prelude for the tests after it.
        """
        own = (self._names[name] for name in mentioned if name in self._names)
        return all(
            type(item) is FunctionType or (type(item) is ModuleType and item.__name__ in MODULES)
            for item in own
        )

    def _prepare(self) -> dict[str, Any] | None:
        """Run the prelude and find the entry point. If that fails, return every test's outcome."""
        try:
            exec(_compiled(self._prelude), self._names)  # noqa: S102 - the caller's own
            self._names.pop(self._entry_point, None)
            if self._remote.defines(self._entry_point):
                self._names[self._entry_point] = self._remote.named(self._entry_point)
        except BaseException as error:  # noqa: BLE001 - any error is reported
            message = f"the prelude failed: {shown(error, self._limit, str)}"
            return {**of_exception(error, self._limit, ""), "message": cut(message, self._limit)}
        return None

    def _run(self, action: Action) -> dict[str, Any]:
        """Run one test in a copy of the names, with the program's names that it mentions."""
        names, remote = dict(self._names), self._remote
        try:
            sys.setrecursionlimit(_RECURSION_LIMIT)
            for name in action.mentioned:
                if name not in names and not hasattr(builtins, name) and remote.defines(name):
                    names[name] = remote.named(name)
            outcome = action.run(names, self._limit)
        except BaseException as error:  # noqa: BLE001 - a test may do anything
            outcome = self._failure(error)
        remote.forget_functions()
        names.clear()  # a function that remains would keep them all alive
        return outcome or PASSED

    def _failure(self, error: BaseException) -> dict[str, Any]:
        """Return the outcome of an error: the program's own evidence if the program raised it."""
        if EVIDENCE in error.__dict__:
            evidence: dict[str, Any] = error.__dict__[EVIDENCE]
            return evidence
        outcome = of_exception(error, self._limit, "")
        if isinstance(error, AssertionError):
            outcome["status"] = "wrong answer"
        return outcome


@functools.lru_cache(maxsize=_CACHE_SIZE)
def _only_defines(prelude: str) -> bool:
    """Whether a prelude only imports and defines, and does not change its process otherwise."""
    tree = ast.parse(prelude)
    return all(
        isinstance(node, _DEFINITIONS)
        or (isinstance(node, (ast.Assign, ast.AnnAssign)) and is_plain(node))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in tree.body
    )


@functools.lru_cache(maxsize=_CACHE_SIZE)
def _compiled(prelude: str) -> CodeType:
    return compile(prelude, "<prelude>", "exec", dont_inherit=True)


@functools.lru_cache(maxsize=_CACHE_SIZE)
def _parse(source: str) -> Action:
    """Compile a test. Raises one of COMPILE_ERRORS."""
    tree: Any = compile(source, TEST, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    plain = is_plain(tree)
    probe = _probe(tree)
    if probe is not None:
        return Action(_evaluation(probe), plain, _mentioned([probe]))
    sides = _sides(tree)
    if sides is None:
        code = compile(tree, TEST, "exec", dont_inherit=True)
        return Action(_execution(code), plain, _mentioned([code]))
    return Action(_comparison(*sides), plain, _mentioned(sides))


def _execution(code: CodeType) -> Callable[[dict[str, Any], int], None]:
    def run(names: dict[str, Any], limit: int) -> None:
        exec(code, names)  # noqa: S102 - this process exists to run it

    return run


def _evaluation(code: CodeType) -> Callable[[dict[str, Any], int], dict[str, Any]]:
    def run(names: dict[str, Any], limit: int) -> dict[str, Any]:
        value = eval(code, names)
        return {**PASSED, "actual": shown(value, limit), "value": canonical(value, limit)}

    return run


def _comparison(
    left: CodeType, right: CodeType, message: CodeType
) -> Callable[[dict[str, Any], int], dict[str, Any] | None]:
    def run(names: dict[str, Any], limit: int) -> dict[str, Any] | None:
        actual, expected = eval(left, names), eval(right, names)
        if actual == expected:
            return None
        return {
            "status": "wrong answer",
            "exception": "AssertionError",
            "message": shown(eval(message, names), limit, str),
            "expected": shown(expected, limit),
            "actual": shown(actual, limit),
            "value": canonical(actual, limit),
        }

    return run


def _probe(tree: Any) -> CodeType | None:
    """Return the expression of a test that is a single expression, else None."""
    if len(tree.body) != 1 or type(tree.body[0]) is not ast.Expr:
        return None
    return compile(ast.Expression(tree.body[0].value), TEST, "eval", dont_inherit=True)


def _sides(tree: Any) -> list[CodeType] | None:
    """Return left, right and message if a test is just `assert LEFT == RIGHT[, MESSAGE]`."""
    if len(tree.body) != 1 or type(tree.body[0]) is not ast.Assert:
        return None
    node = tree.body[0]
    if type(node.test) is not ast.Compare or [type(op) for op in node.test.ops] != [ast.Eq]:
        return None
    parts = (node.test.left, *node.test.comparators, node.msg or ast.Constant(""))
    wholes = (ast.fix_missing_locations(ast.Expression(part)) for part in parts)
    return [compile(whole, TEST, "eval", dont_inherit=True) for whole in wholes]


def _mentioned(codes: list[CodeType]) -> frozenset[str]:
    """Return every name that a test could look up, also inside its functions."""
    names: set[str] = set()
    waiting = [*codes]
    while waiting:
        code = waiting.pop()
        names.update(code.co_names)
        waiting += [item for item in code.co_consts if type(item) is CodeType]
    return frozenset(names)


def serve(orders: socket.socket, results: int) -> NoReturn:
    """Run the tests of one job after another, and write one line per message to `results`."""
    while True:
        order, (tests, end), _, _ = socket.recv_fds(orders, _MAX_ORDER_BYTES, 2)
        first, candidate = json.loads(order)
        job = json.loads(os.pread(tests, os.fstat(tests).st_size, 0))
        os.close(tests)  # so that a test cannot write to it
        random.seed(0)
        remote = RemoteProgram(
            Channel(end), job["limits"]["evidence_chars"], job.get("share_calls", False)
        )

        report = functools.partial(_report, results, candidate)
        try:
            for kind, content in Tester(job, remote).messages(first):
                if remote.gone:
                    break
                report(kind, content)
        except ProgramGone:
            pass
        if remote.gone:
            report("gone", remote.gone)
        remote.forget_answers()
        os.close(end)


def _report(results: int, candidate: int, kind: str, content: Any) -> None:
    """Send a message to the supervisor, with both processes' CPU time so far, and the time."""
    times = [time.process_time(), time.clock_gettime((~candidate << 3) | 2), time.monotonic()]
    view = memoryview(json.dumps([kind, content, *times]).encode("ascii") + b"\n")
    while view:
        view = view[os.write(results, view) :]
