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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from .candidate import compiled
from .canonical import canonical
from .capture import Output
from .classes import EVIDENCE
from .evidence import COMPILE_ERRORS, PRELUDE, TEST, cut, of_broken_test, of_exception, shown
from .outline import outline_of, root_of
from .plain import is_plain
from .process_state import ProcessState
from .proxies import UndecidedError
from .remote import ENDED, MODULES, ProgramGone, RemoteProgram
from .screening import Screening
from .together import LocalProgram

PASSED: dict[str, Any] = {"status": "passed"}
_JUDGE_FRAMES = 20
_CACHE_SIZE = 256
_compiled = functools.lru_cache(maxsize=_CACHE_SIZE)(compiled)
_MAX_ORDER_BYTES = 1 << 10
_MAX_VARIABLE = 1 << 16
_MOST_UNREAD_BYTES = 1 << 14
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

    def __init__(
        self, job: dict[str, Any], remote: RemoteProgram | LocalProgram, process: ProcessState
    ) -> None:
        self._tests, self._prelude = job["tests"], job["prelude"]
        self._entry_point = job["entry_point"]
        self._limit = job["limits"]["evidence_chars"]
        self._remote, self._process = remote, process
        self._names: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins}
        self._root = root_of(self._entry_point)
        self._broken: dict[str, Any] | None = None
        self._data: set[str] = set()
        self._programs: set[int] = set()

    def messages(self, first: int) -> Iterator[tuple[str, Any]]:
        """Run the tests from number `first` on, and yield the messages for the supervisor.

        Raises ProgramGone if the program's process ends while it loads.
        """
        for kind, content in self._begin():
            yield kind, content
            if kind == "failed":
                return
        broken = self._broken or self._adopt()
        if broken:
            yield "used", None
        for index in range(first, len(self._tests)):
            action = _action(self._tests[index])
            plain = action.plain and self._harmless(action.mentioned, set())
            if not plain:
                if index > first:
                    yield "next", None
                    return
                yield "alone", None
            outcome = broken or self._run(action, plain)
            if index == len(self._tests) - 1 and not self._leaves_clean():
                yield "used", None
            yield "test", outcome
            if not plain or outcome["status"] == "out of memory":
                return

    def _begin(self) -> Iterator[tuple[str, Any]]:
        """Compile the program, run the prelude and load the program."""
        failure = self._remote.compile()  # before the prelude could affect that
        if failure is None:
            self._broken = self._prepare()
            if self._broken or not outline_of(self._prelude).only_defines:
                yield "used", None
            failure, printed = self._remote.load()
        if failure is None:
            yield "loaded", printed
            return
        if not self._leaves_clean():
            yield "used", None
        yield "failed", failure

    def _leaves_clean(self) -> bool:
        """Forget the job, and return whether its process is as it was before."""
        if self._remote.gone:
            return False
        self._remote.end()
        self._names = {}
        return self._process.is_clean()

    def _harmless(self, mentioned: frozenset[str], checked: set[str]) -> bool:
        """Whether a plain test may use these names of the prelude: plain functions and modules.

        A test could change other imports and variables of a prelude for the tests after it.
        """
        functions = outline_of(self._prelude).functions
        for name in self._names.keys() & mentioned - checked:
            item = self._names[name]
            checked.add(name)
            if type(item) is ModuleType and item.__name__ in MODULES:
                continue
            if id(item) in self._programs or (
                type(item) is FunctionType
                and name in functions
                and self._harmless(functions[name], checked)
            ):
                continue
            return False
        return True

    def _prepare(self) -> dict[str, Any] | None:
        """Run the prelude. If it fails, return every test's outcome."""
        try:
            exec(_compiled(self._prelude, PRELUDE), self._names)  # noqa: S102 - the caller's own
        except BaseException as error:  # noqa: BLE001 - any error is reported
            if not self._remote.source:  # else the program defines the names itself
                return self._broken_prelude(error)
        outline = outline_of(self._prelude)
        for name, value in self._names.items():
            own = getattr(value, "__module__", "") == self._names["__name__"]
            if isinstance(value, type) and own and name == value.__name__:
                if name not in outline.stubs and name != self._root:
                    self._remote.prompt.names[name] = value
            elif not callable(value) and not isinstance(value, ModuleType):
                self._data.add(name)
        asked = outline.classes & (outline.stubs | {self._root})
        method = {self._root} if set("(.") & {*self._entry_point} else set()
        self._remote.contract = asked | method
        return None

    def _adopt(self) -> dict[str, Any] | None:
        """Take from the program what the prompt asks it for: the entry point, and filled-in stubs.

        If that fails, return every test's outcome.
        """
        remote, classes = self._remote, self._remote.prompt.names
        for name in [name for name in classes if not remote.defines(name)]:
            del classes[name]
        try:
            self._names.pop(self._root, None)
            for name in sorted(outline_of(self._prelude).stubs | {self._root}):
                if remote.defines(name):
                    self._names[name] = remote.named(name)
                    self._programs.add(id(self._names[name]))
        except BaseException as error:  # noqa: BLE001 - any error is reported
            return self._broken_prelude(error)
        return None

    def _broken_prelude(self, error: BaseException) -> dict[str, Any]:
        message = f"the prelude failed: {shown(error, self._limit, str)}"
        return {**of_exception(error, self._limit, ""), "message": cut(message, self._limit)}

    def _run(self, action: Action, plain: bool) -> dict[str, Any]:
        """Run one test in a copy of the names, with the program's names that it mentions."""
        remote = self._remote
        names = remote.namespace(self._names)
        try:
            sys.setrecursionlimit(_RECURSION_LIMIT)
            remote.start_test(names, interruptible=not plain)
            for name in action.mentioned:
                if not remote.defines(name):
                    continue
                if name in self._data:
                    self._follow(name, names)
                elif name not in names and not hasattr(builtins, name):
                    names[name] = remote.named(name)
            outcome = action.run(names, self._limit)
        except BaseException as error:  # noqa: BLE001 - a test may do anything
            outcome = self._failure(error)
        remote.end_test()
        return outcome or PASSED

    def _follow(self, name: str, names: dict[str, Any]) -> None:
        """Let a variable of the prelude follow the program's, if the program loaded it unchanged.

        The test then sees what the program's functions do to it.
        """
        text, value = canonical(names[name], _MAX_VARIABLE), self._remote.watch(name)
        if text and text == canonical(value, _MAX_VARIABLE):
            names[name] = value

    def _failure(self, error: BaseException) -> dict[str, Any]:
        """Return the outcome of an error: the program's own evidence if the program raised it."""
        if EVIDENCE in error.__dict__:
            evidence: dict[str, Any] = error.__dict__[EVIDENCE]
            return evidence
        outcome = of_exception(error, self._limit, self._remote.source)
        if isinstance(error, AssertionError):
            outcome["status"] = "wrong answer"
        return outcome


def _action(source: str) -> Action:
    """Compile a test. One that does not compile fails when it is run."""
    try:
        return _parse(source)
    except COMPILE_ERRORS as error:
        broken = error
        return Action(lambda names, limit: of_broken_test(broken, limit), True, frozenset())


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
        if _is_equal(actual, expected):
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


def _is_equal(actual: Any, expected: Any) -> bool:
    try:
        return bool(actual == expected)
    except UndecidedError:
        return False


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


def serve(orders: socket.socket, results: int, output: Output) -> NoReturn:
    """Run the tests of one job after another, and write one line per message to `results`.

    At the end of each job, and if there is much to read, a byte to `orders` wakes the supervisor.
    """
    output.open(0)
    process = ProcessState()
    while True:
        order, (file, *ends), _, _ = socket.recv_fds(orders, _MAX_ORDER_BYTES, 2)
        first, candidate, key = json.loads(order)
        job = json.loads(os.pread(file, os.fstat(file).st_size, 0))
        os.close(file)  # so that a test cannot write to it
        random.seed(0)
        report = MessageWriter(orders, results, candidate, key)
        if job.get("screen"):
            for kind, content in Screening(job).messages(first):
                report.send(kind, content)
            report.wake()
            continue
        program: RemoteProgram | LocalProgram
        if job["isolation"] == "shared":
            program = LocalProgram(job["program"], output, job["limits"])
        else:
            program = RemoteProgram(job, ends[0])
        try:
            for kind, content in Tester(job, program, process).messages(first):
                if program.gone not in ("", ENDED):
                    break
                report.send(kind, content)
        except ProgramGone:
            pass
        if program.gone not in ("", ENDED):
            if not process.is_clean():
                report.send("used", None)
            report.send("gone", program.gone)
        program.end()
        report.wake()


class MessageWriter:
    """The messages of a job to the supervisor, which is only woken when it should read them.

    It looks at them from time to time anyway.
    """

    def __init__(self, orders: socket.socket, results: int, candidate: int, key: str) -> None:
        self._orders, self._results, self._candidate, self._key = orders, results, candidate, key
        self._unread = 0

    def send(self, kind: str, content: Any) -> None:
        """Send a message, with both processes' CPU time so far, and the time."""
        program = time.clock_gettime((~self._candidate << 3) | 2) if self._candidate else 0.0
        times = [time.process_time(), program, time.monotonic()]
        text = json.dumps([self._key, kind, content, *times])
        view = memoryview(text.encode("ascii") + b"\n")
        self._unread += len(view)
        if self._unread > _MOST_UNREAD_BYTES:  # the pipe may be full, so that writing would wait
            self.wake()
        while view:
            view = view[os.write(self._results, view) :]

    def wake(self) -> None:
        """Wake the supervisor."""
        self._orders.send(b"\n")
        self._unread = 0
