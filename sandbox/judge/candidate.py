"""The program's process: loads the program, then answers calls with data until it is ended.

This module is not protected from the program and does not have to be: tests, expected values and
verdicts are never in this process, and the tests' process treats all that it receives as the
program's own data.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from itertools import islice
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from .capture import Output
from .channel import Channel, TooLargeError, text_of
from .evidence import COMPILE_ERRORS, PROGRAM, of_exception, of_syntax_error, shown
from .values import (
    Encoder,
    Node,
    decode,
    is_mutable,
    is_scalar,
    mro,
    paired,
    pairs,
    value_of,
    values_of,
)

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

MODULE = "program"
_JUDGE_FRAMES = 20
"""Frames of this module below the program's, which do not count against its recursion limit."""
_RECURSION_LIMIT = sys.getrecursionlimit() + _JUDGE_FRAMES
_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_set_recursion_limit, _get_recursion_limit = sys.setrecursionlimit, sys.getrecursionlimit
_set_trace, _set_profile = sys.settrace, sys.setprofile
_ERRORS = {
    id(kind): name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


class CandidateProgram:
    """A loaded program: its names, and the objects that the tests refer to by number."""

    def __init__(self, channel: Channel, output: Output, evidence_chars: int) -> None:
        self._channel, self._output, self._limit = channel, output, evidence_chars
        module = ModuleType(MODULE)
        sys.modules[MODULE] = module  # dataclasses and type hints look up their module
        self._names = module.__dict__
        self._names["__builtins__"] = builtins  # the real ones, not the copy above
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._late: dict[int, BaseException] = {}
        self._recursion_limit = _RECURSION_LIMIT

    def load(self, program: str) -> Any:
        """Run the program. Return the message for the tests: its names, or the reason it failed."""
        try:
            code = compile(program, PROGRAM, "exec", dont_inherit=True)
        except COMPILE_ERRORS as error:
            return ["failed", of_syntax_error(error, self._limit)]
        try:
            self._begin()
            self._execute(code)
        except BaseException as error:  # noqa: BLE001 - untrusted code runs here
            self._reset_interpreter()
            return ["failed", of_exception(error, self._limit, PROGRAM)]
        self._reset_interpreter()
        kinds = {name: _kind(value) for name, value in [*self._names.items()] if type(name) is str}
        return ["loaded", kinds, self._output.used]

    def serve(self, loaded: Any) -> NoReturn:
        """Answer messages until the stream ends, which raises ClosedError."""
        while True:
            message = self._channel.receive()
            if message[0] == "load":
                self._output.recent()  # drop it: the output of loading is not that of a call
                self._channel.send(loaded)
            else:
                self.answer(*message)

    def _execute(self, code: CodeType) -> None:
        exec(code, self._names)  # noqa: S102 - this process exists to run it
        self._recursion_limit = _get_recursion_limit()  # the program may have changed it

    def answer(
        self, operation: str, target: Any, positional: list[Any], named: list[Any], table: Any
    ) -> None:
        """Perform one operation for the tests, and send its result or the exception."""
        objects: list[Any] = []
        arguments, keywords = positional, {}
        try:
            if table or named:
                decode(table, objects, self._resolve)
                arguments = values_of(positional, objects)
                keywords = dict(paired(values_of(named, objects)))
            try:
                self._begin()
                thing = self._objects[target] if type(target) is int else self._names[target]
                result = _OPERATIONS[operation](self, thing, *arguments, **keywords)
            finally:
                self._reset_interpreter()
            if not table and is_scalar(result):
                self._channel.send(["value", result, [], [], self._output.recent()])
                return
            encoder = Encoder(objects, self._describe)
            item = encoder.item(result)
            changes = _changes(table, objects, encoder)
            encoder.finish()
            self._channel.send(["value", item, encoder.nodes, changes, self._output.recent()])
        except BaseException as error:  # noqa: BLE001 - untrusted code runs here
            known = objects[: len(table)]
            self._send_error(error, table if len(known) == len(table) else [], known)

    def _send_error(self, error: BaseException, table: list[Node], objects: list[Any]) -> None:
        fields = of_exception(error, self._limit, PROGRAM)
        encoder = Encoder(objects, self._describe)
        arguments: list[Any] = []
        changes: list[Any] = []
        try:
            if fields["status"] != "out of memory" and not isinstance(error, TooLargeError):
                arguments = encoder.items(BaseException.__dict__["args"].__get__(error))
                changes = _changes(table, objects, encoder)
            encoder.finish()
        except BaseException:  # noqa: BLE001 - untrusted code runs here
            arguments, changes, encoder.nodes = [], [], []
        chain, printed = _chain(type(error)), self._output.recent()
        self._channel.send(["error", fields, chain, arguments, encoder.nodes, changes, printed])

    def _describe(self, _: Encoder, value: Any) -> Node:
        """Return the node of a value that is not data: the tests refer to it by a number."""
        kind = type(value)
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        if kind in _FUNCTIONS:
            return ["function", number, shown(value.__name__, 100, str)]
        if hasattr(kind, "__next__"):
            return ["iterator", number]
        if hasattr(kind, "__await__"):
            return ["awaitable", number]
        return ["object", number, _truth(value)]

    def _resolve(self, node: Node) -> Any:
        if node[0] == "held":
            return self._objects[node[1]] if type(node[1]) is int else self._names[node[1]]
        return self._callback(node[1], node[2])

    def _callback(self, number: int, name: str) -> Callable[..., Any]:
        """Return a function that calls a function of the test in the tests' process."""

        def callback(*arguments: Any, **keywords: Any) -> Any:
            objects: list[Any] = []
            encoder = Encoder(objects, self._describe)
            positional = encoder.items(arguments)
            named = pairs(encoder, keywords.items())
            encoder.finish()
            self._channel.send(["callback", number, positional, named, encoder.nodes])
            while True:
                reply = self._channel.receive()
                if reply[0] == "returned":
                    decode(reply[2], objects, self._resolve)
                    return value_of(reply[1], objects)
                if reply[0] == "raised":
                    raise _exception(*reply[1:])
                self.answer(*reply)

        callback.__name__ = callback.__qualname__ = name
        return callback

    def take(self, iterator: Any, count: int) -> tuple[list[Any], bool]:
        """Return the next items of an iterator, and whether there may be more.

        An exception after the first item is raised by the next call.
        """
        late = self._late.pop(id(iterator), None)
        if late is not None:
            raise late
        items: list[Any] = []
        try:
            for item in islice(iterator, count):
                items.append(item)  # noqa: PERF402 - keeps the items before an exception
        except BaseException as error:
            if not items:
                raise
            self._late[id(iterator)] = error
            return items, True
        return items, len(items) == count

    def _begin(self) -> None:
        _set_recursion_limit(self._recursion_limit)

    def _reset_interpreter(self) -> None:
        _set_trace(None)
        _set_profile(None)
        _set_recursion_limit(_RECURSION_LIMIT)


def _kind(value: Any) -> str:
    """Return the kind of a name's value, from which the tests' process makes its own value.

    The tests' process asks for the value itself if the kind is "value".
    """
    if type(value) in _FUNCTIONS:
        return "function"
    if type(value) is ModuleType:
        return "module " + str(value.__dict__.get("__name__"))
    if type(value) is type and issubclass(value, BaseException):
        return " ".join(["error", *_chain(value)])
    return "value"


def _chain(kind: type) -> list[str]:
    """Return the names of an exception class and its bases, up to the first built-in one."""
    names = []
    for base in mro(kind):
        names.append(str(type.__dict__["__name__"].__get__(base)))
        if id(base) in _ERRORS:
            break
    return names


def _changes(table: list[Node], objects: list[Any], encoder: Encoder) -> list[Any]:
    """Return the indices and nodes of the arguments that the program changed."""
    changes = []
    for index, node in enumerate(table):
        if is_mutable(objects[index]):
            now = encoder.node(objects[index])
            if text_of(now) != text_of(node):
                changes.append([index, now])
    return changes


def _truth(value: Any) -> bool:
    try:
        return bool(value)
    except Exception:  # noqa: BLE001 - untrusted code runs here
        return True


def _exception(name: str, message: str) -> Exception:
    """Return the exception of a test's function: of the built-in class of that name, if any."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        return kind(message)
    return RuntimeError(message)


def _await(_: CandidateProgram, awaitable: Any) -> Any:
    import asyncio

    async def wait() -> Any:
        return await awaitable

    return asyncio.run(wait())


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda _, thing, /, *a, **k: thing(*a, **k),
    "value": lambda _, thing: thing,
    "get": lambda _, thing, name: getattr(thing, name),
    "set": lambda _, thing, name, value: setattr(thing, name, value),
    "text": lambda self, thing: shown(thing, self._limit),
    "length": lambda _, thing: len(thing),
    "item": lambda _, thing, key: thing[key],
    "iterate": lambda _, thing: iter(thing),
    "take": lambda self, thing, count: self.take(thing, count),
    "await": _await,
}
