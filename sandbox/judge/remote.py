"""The program as its tests see it: proxies that ask the program's process and get data back.

The tests' process only trusts data: it makes every object itself, and runs no code of the program.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C code of signal
import _thread
import contextlib
import marshal
import select
import sys
from typing import Any

from .candidate import compiled
from .channel import MAX_BYTES, BrokenError, Channel, ClosedError, TooLargeError, packed, unpacked
from .classes import EVIDENCE, Classes
from .evidence import COMPILE_ERRORS, cut, of_syntax_error
from .heap import Heap
from .memo import Memo
from .proxies import RemoteClasses, RemoteFunction, RemoteIterator, iterate, wait
from .values import WRONG_DATA, Encoder, Node, is_scalar, paired, pairs, value_of, values_of

_FAILED = ("exception", "syntax error", "out of memory")
_JUDGE_FRAMES = 100
_MAX_LINE = 10_000_000
_ALL_SIGNALS = _signal.valid_signals()
_mask_signals = _signal.pthread_sigmask  # that of `signal` takes a hundred times as long
_NOTHING: list[Any] = []
ENDED = "ended"
"""Why a program does not answer after its job."""
MODULES = frozenset(
    (
        "asyncio", "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions",
        "functools", "heapq", "itertools", "json", "math", "random", "re", "statistics", "string",
        "typing",
    )
)  # fmt: skip
"""Modules that a test may use because the program imported them. All of them are harmless."""


class ProgramGone(BaseException):
    """The program's process does not answer any more. A test should not catch this exception."""


class RemoteProgram:
    """The program's process, as the tests use it.

    Methods that ask the program raise ProgramGone if its process does not answer any more.
    """

    source = ""
    """The file name of the program's code in this process: it has none."""

    def __init__(self, job: dict[str, Any], end: int) -> None:
        """Use a job's program, and the end of a channel to its process, which `end` closes."""
        self._program, self._limit = job["program"], job["limits"]["evidence_chars"]
        self._code: Any = None
        self._channel = Channel(end)
        self._memo = Memo() if job["share_calls"] else None
        self.gone = ""
        """The reason why the program does not answer any more; empty while it does."""
        self.busy = self._ended = False
        self.interruptible = False
        """Whether the test may install signal handlers, which may raise while it waits."""
        self.names: dict[str, Any] = {}
        """The names of the current test. Watched ones follow the program's, if not bound anew."""
        self._watched: dict[str, Any] = {}
        self.contract: frozenset[str] = frozenset()
        self._classes = RemoteClasses(self)
        self.prompt = Classes({})
        """The prompt's classes, whose instances are sent as data."""
        self._lock = _thread.RLock()
        self._depth = 0
        self._number = self._callbacks = 0
        self._abandoned: list[tuple[int, int]] = []
        self._mask: Any = ()
        self._kinds: dict[str, str] = {}
        self._proxies: dict[Any, Any] = {}
        self._targets: dict[int, Any] = {}
        self._functions: list[Any] = []
        self._own_errors: set[int] = set()
        self._heap = Heap(self)

    def compile(self) -> dict[str, Any] | None:
        """Compile the program here, in a process that has compiled others. Return the failure."""
        try:
            self._code = compiled(self._program)
        except COMPILE_ERRORS as error:
            return of_syntax_error(error, self._limit)
        return None

    def load(self) -> tuple[dict[str, Any] | None, int]:
        """Let its process load the program. Return the failure, if any, and the bytes printed.

        Raises ProgramGone.
        """
        try:
            message = first_message(self._code, self._program, [*self.prompt.names])
            self._channel.send_packed(message)
            reply = self._channel.receive()
            if reply[0] == "loaded":
                self._kinds = {str(name): str(kind) for name, kind in reply[1].items()}
                return None, _whole_number(reply[2])
            return self._evidence(reply[1]), 0
        except ClosedError:
            raise self._mark_gone("closed") from None
        except (BrokenError, *WRONG_DATA):
            raise self._mark_gone("broken") from None

    def defines(self, name: str) -> bool:
        """Whether the program defines a name."""
        return name in self._kinds

    def named(self, name: str) -> Any:
        """Return the value that a test gets for a name of the program. Raises like `ask`."""
        kind = self._kinds[name]
        if kind.startswith("function "):
            return self._function(name, kind[9:])
        module = kind[7:] if kind.startswith("module ") else name
        if module in MODULES:
            __import__(module)  # the test gets Python's own, not the program's changed one
            return sys.modules[module]
        if kind.startswith("error "):
            return self.prompt.error_class(kind[6:])
        value = self.watch(name)
        if self._memo is not None and id(value) in self._targets:
            self._memo.numbers.add(self._targets[id(value)])  # a wrapped function
        return value

    def ask(self, operation: str, target: Any, *arguments: Any, **keywords: Any) -> Any:
        """Perform one operation in the program's process. Raises ProgramGone, or its exception.

        Only one thread asks at a time.
        """
        with self._lock:
            if self.gone:
                raise ProgramGone
            if not self.interruptible:
                return self._ask(operation, target, arguments, keywords)
            self._mask = _mask_signals(_signal.SIG_BLOCK, _ALL_SIGNALS)
            try:
                return self._ask(operation, target, arguments, keywords)
            finally:
                _mask_signals(_signal.SIG_SETMASK, self._mask)

    def _ask(
        self, operation: str, target: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        limit, busy = sys.getrecursionlimit(), self.busy
        try:
            sys.setrecursionlimit(limit + _JUDGE_FRAMES)  # a call must be answered completely
            self.busy = True
            self._finish_abandoned()
            first = len(self._heap.objects)
            question = self._question(operation, target, arguments, keywords)
            failed, answer, printed = self._exchange(question, first)
        except TooLargeError:
            self._heap.undo()
            raise
        except _OwnError as error:
            raise error.args[0] from None
        except ClosedError:
            raise self._mark_gone("closed") from None
        except (BrokenError, *WRONG_DATA):
            raise self._mark_gone("broken") from None
        finally:
            self.busy = busy
            sys.setrecursionlimit(limit)
        if printed:
            sys.stdout.write(printed)
        if not failed:
            return answer
        try:
            raise answer
        finally:
            del answer  # its traceback would keep it alive

    def _question(
        self, operation: str, target: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> list[Any]:
        """Return the message of a question. Raises TypeError for a value that cannot be sent."""
        heap, known = self._heap, len(self._heap.objects)
        if not keywords and not known and all(map(is_scalar, arguments)):
            return [operation, target, [*arguments], _NOTHING, _NOTHING]
        encoder = heap.encoder()
        try:
            positional = encoder.items(arguments)
            named = pairs(encoder, keywords.items())
            changes = heap.finish(encoder)
        except BaseException as error:  # noqa: BLE001 - it is the test's
            heap.undo()
            raise _OwnError(error) from None
        dropped: list[int] = []
        if known:
            held = set(heap.held())
            dropped = [n for n in range(known) if n not in held and heap.objects[n] is not None]
        news = [encoder.nodes, changes, dropped] if encoder.nodes or changes or dropped else []
        return [operation, target, positional, named, news]

    def _exchange(self, question: list[Any], first: int) -> tuple[bool, Any, str]:
        """Ask a question. Return whether it failed, the value or exception, and what was printed.

        The answer to an identical call is used again, if there was one and answers are shared.
        """
        body = packed(question)
        operation, target, *_, news = question
        if news:
            self._heap.forget(news[2])
        memo = self._memo
        if memo is None or first or not memo.may_know(operation, target, news[0] if news else news):
            return self._read(self._reply(body, first), first)
        answer = memo.recall(body)
        if answer is not None:
            return self._read(unpacked(answer), first)
        callbacks = self._callbacks
        reply = self._reply(body, first)
        found = self._read(reply, first)
        if callbacks == self._callbacks and not self._heap.objects:  # nothing is still known
            memo.keep(body, packed(reply), reply)
        return found

    def _reply(self, body: bytes, first: int) -> list[Any]:
        """Send a question, serve callbacks, and return the answer."""
        self._number += 1
        number = self._number
        self._channel.send_packed(b"[%d,%b]" % (number, body))
        self._depth += 1
        try:
            return self._receive(number)
        except _OwnError:  # a signal handler raised
            self._abandoned.append((number, first))
            raise
        finally:
            self._depth -= 1

    def _receive(self, number: int, deaf: bool = False) -> list[Any]:
        """Return the answer to a question. Callbacks are served; if `deaf`, they are refused."""
        while True:
            if self.interruptible:
                self._wait()
            reply: list[Any] = self._channel.receive()
            if reply[0] != number:
                raise BrokenError
            if reply[1] != "callback":
                return reply
            self._call_back(deaf, *reply[2:])

    def _wait(self) -> None:
        """Wait for a message. Signal handlers run here. Raises _OwnError if one raises."""
        poller = select.poll()
        poller.register(self._channel.fd, select.POLLIN)
        try:
            try:
                _mask_signals(_signal.SIG_SETMASK, self._mask)
                if not self._channel.holds_more():
                    poller.poll()
            finally:
                _mask_signals(_signal.SIG_BLOCK, _ALL_SIGNALS)
        except BaseException as error:  # noqa: BLE001 - it is the test's
            raise _OwnError(error) from None

    def _finish_abandoned(self) -> None:
        """Receive the answers to questions that a signal handler left, and discard them."""
        while self._abandoned:
            number, first = self._abandoned[-1]
            self._read(self._receive(number, deaf=True), first)
            self._abandoned.pop()

    def _read(self, reply: list[Any], first: int) -> tuple[bool, Any, str]:
        """Return whether an operation failed, its value or exception, and what it printed."""
        _, kind, *content, news = reply
        heap, printed, rebound, kept = self._heap, "", _NOTHING, _NOTHING
        if news:
            nodes, changes, kept, rebound, printed = news
            heap.read(nodes, changes)
        answer = value_of(content[-1], heap.objects)
        if kind == "error":
            answer = Exception() if answer is None else answer  # it could not be sent
            if not isinstance(answer, BaseException):
                raise TypeError("no exception")
            if id(answer) not in self._own_errors:
                answer.__dict__[EVIDENCE] = self._evidence(content[0])
        for name, value in paired(values_of(rebound, heap.objects)):
            if name in self._watched and self.names.get(name) is self._watched[name]:
                self.names[name] = self._watched[name] = value
        if news:
            heap.keep(kept, first if self._depth else 0)
        return kind == "error", answer, str.__str__(printed)

    def namespace(self, names: dict[str, Any]) -> dict[str, Any]:
        """Return the names of a test, given those of the prelude."""
        return dict(names)

    def start_test(self, names: dict[str, Any], interruptible: bool) -> None:
        """Begin a test with its names, which may install signal handlers if `interruptible`."""
        self.names, self.interruptible = names, interruptible

    def watch(self, name: str) -> Any:
        """Return the program's value of a name. The test's is updated when the program's is."""
        self._watched[name] = self.ask("value", name)
        return self._watched[name]

    def end_test(self) -> None:
        """Forget the functions of a test when it is over, so that the program cannot call them."""
        self._functions = [None] * len(self._functions)
        self._own_errors.clear()
        self.names.clear()  # a function that remains would keep them all alive

    def end(self) -> None:
        """Forget everything when the job is over, since its process may serve another one."""
        if self._ended:
            return
        self._ended, self.busy, self.gone = True, True, self.gone or ENDED
        self._channel.close()
        self._memo = None
        self._proxies, self._targets, self._functions = {}, {}, []
        self._heap, self.prompt = Heap(self), Classes({})

    def _mark_gone(self, why: str) -> ProgramGone:
        self.gone = why
        return ProgramGone(why)

    def _evidence(self, fields: Any) -> dict[str, Any]:
        """Return an outcome from the program's process. Raises TypeError if it is not a failure."""
        if not isinstance(fields, dict) or fields.get("status") not in _FAILED:
            raise TypeError("no outcome")
        line = fields.get("line")
        return {
            "status": fields["status"],
            "exception": cut(str.__str__(fields.get("exception", "")), 100),
            "message": cut(str.__str__(fields.get("message", "")), self._limit),
            "line": line if type(line) is int and 0 < line < _MAX_LINE else None,
        }

    def make(self, node: Node) -> Any:
        """Return the proxy of an object of the program, or an instance of the prompt's class."""
        tag = node[0]
        if tag == "I":
            return self.prompt.make(node)
        number = int(node[1])
        if tag == "yours":
            return self._functions[number]
        if tag == "function":
            return self._function(number, str.__str__(node[2]))
        if number not in self._proxies:
            self._remember(number, self._proxy(tag, number, *node[2:]))
        return self._proxies[number]

    def _proxy(self, tag: str, number: int, *details: Any) -> Any:
        if tag == "generator":
            return iterate(self, number)
        if tag == "iterator":
            return RemoteIterator(self, number)
        if tag == "coroutine":
            return wait(self, number)
        if tag == "class":
            name, special = details
            return self._classes.of(number, str.__str__(name), str.__str__(special))
        kind, name, special = details
        return self._classes.instance(self.make(["class", kind, name, special]))

    def build(self, tag: str, values: list[Any]) -> Any:
        """Return an object of a class that both processes know."""
        return self.prompt.build(tag, values)

    def number_of(self, proxy: Any) -> int:
        """Return the number of a proxy's object."""
        return int(self._targets[id(proxy)])

    def _function(self, target: Any, name: str) -> Any:
        if target not in self._proxies:
            self._remember(target, RemoteFunction(self, target, name))
        return self._proxies[target]

    def _remember(self, target: Any, proxy: Any) -> None:
        self._proxies[target] = proxy
        self._targets[id(proxy)] = target

    def known(self, encoder: Encoder, value: Any) -> Node | None:
        """Return the node of an argument whose object or class the program knows, or None."""
        target = self._targets.get(id(value))
        return self.prompt.node(encoder, value) if target is None else ["held", target]

    def describe(self, encoder: Encoder, value: Any) -> Node:
        """Return the node of any other argument. Raises TypeError if it has none."""
        if hasattr(type(value), "__next__"):
            self._functions.append(value.__next__)
            return ["source", len(self._functions) - 1]
        if isinstance(value, type):
            node = self.prompt.class_node(value)
            if node is not None:
                return node
        elif callable(value):
            self._functions.append(value)
            return ["callback", len(self._functions) - 1, getattr(value, "__name__", "callback")]
        raise TypeError(f"a test cannot give the program a value of type {type(value).__name__}")

    def _call_back(
        self, deaf: bool, number: int, positional: list[Any], named: list[Any], news: list[Any]
    ) -> None:
        """Call a function of the test for the program, and send its result or exception."""
        self._callbacks += 1
        heap, first = self._heap, len(self._heap.objects)
        heap.read(*news)
        arguments = values_of(positional, heap.objects)
        keywords = dict(paired(values_of(named, heap.objects)))
        error: BaseException | None = None
        result: Any = None
        try:
            if deaf:
                raise TimeoutError("the call was interrupted")
            result = self._run_function(number, arguments, keywords)
        except ProgramGone:
            raise
        except BaseException as raised:  # noqa: BLE001 - the program handles it
            error = raised
        del arguments, keywords
        self._finish_abandoned()
        try:
            payload, kept = self._answer(result, error, first)
        except (TypeError, TooLargeError) as unsendable:
            heap.undo()
            payload, kept = self._answer(None, unsendable, first)
        self._channel.send_packed(payload)
        heap.keep(kept, first)

    def _answer(
        self, result: Any, error: BaseException | None, first: int
    ) -> tuple[bytes, list[int]]:
        """Return the message with a callback's result or exception, and the objects still held."""
        heap = self._heap
        encoder = heap.encoder()
        item = encoder.item(result if error is None else error)
        changes = heap.finish(encoder)
        kept = heap.held(first)
        news = [encoder.nodes, changes, kept]
        if error is None:
            return packed(["returned", item, news]), kept
        self._functions.append(error)
        self._own_errors.add(id(error))
        return packed(["raised", item, len(self._functions) - 1, news]), kept

    def _run_function(self, number: int, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """Run a function of the test, where signal handlers may raise."""
        function = self._functions[number]
        limit, mask = sys.getrecursionlimit(), self._mask
        self.busy = False
        try:
            if self.interruptible:
                _mask_signals(_signal.SIG_SETMASK, mask)
            return function(*arguments, **keywords)
        finally:
            self.busy, self._mask = True, mask
            if self.interruptible:
                _mask_signals(_signal.SIG_BLOCK, _ALL_SIGNALS)
            sys.setrecursionlimit(limit)


class _OwnError(Exception):
    """An exception of the test itself, which passes through this module: its argument."""


def first_message(code: Any, program: str, names: list[str]) -> bytes:
    """Return a compiled program and the names of the prompt's classes, for its process.

    If the code is nested too deeply or too large for that, the source takes its place.
    """
    with contextlib.suppress(ValueError):
        message = marshal.dumps((code, names))
        if len(message) <= MAX_BYTES:
            return message
    return marshal.dumps((program, names))


def _whole_number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("no number of bytes")
    return value
