"""The program's process: loads the program, then answers calls with data until it is ended.

This module is not protected from the program and does not have to be: tests, expected values and
verdicts are never in this process, and the tests' process treats all that it receives as the
program's own data.
"""

from __future__ import annotations

import _thread
import builtins
import marshal
import sys
from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any, NoReturn

from .capture import Output
from .channel import Channel, packed
from .classes import Classes, type_name
from .evidence import COMPILE_ERRORS, PROGRAM, of_exception, of_syntax_error, shown
from .heap import Heap
from .proxies import ALL_SPECIAL, UNHASHABLE
from .values import Encoder, Node, is_scalar, mro, paired, pairs, value_of, values_of

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

MODULE = "program"
_JUDGE_FRAMES = 20
"""Frames of this module below the program's, which do not count against its recursion limit."""
_RECURSION_LIMIT = sys.getrecursionlimit() + _JUDGE_FRAMES
_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType)
_PYTHON_CODE = 1 << 9  # the flag of a class that Python code made
_set_recursion_limit, _get_recursion_limit = sys.setrecursionlimit, sys.getrecursionlimit
_set_trace, _set_profile = sys.settrace, sys.setprofile
_MISSING = object()


class CandidateProgram:
    """A loaded program: its names, and the objects that the tests refer to by number."""

    def __init__(self, output: Output, channel: Channel | None) -> None:
        """Use the stream from the tests' process; None if the tests are in this process."""
        self._output, self._limit = output, 0
        self._channel: Any = channel
        self._module = ModuleType(MODULE)
        self._names = self._module.__dict__
        self._names["__builtins__"] = builtins  # the real ones, not the copy above
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._late: dict[int, BaseException] = {}
        self._yours: dict[int, tuple[int, Any]] = {}
        self._watched: dict[str, Any] = {}
        self._prompt = Classes({})
        self._heap = Heap(self)
        self._lock = _thread.RLock()
        self._depth = 0
        self._loop: Any = None
        self._asked = 0
        self._recursion_limit = _RECURSION_LIMIT

    def prepare(self, output_chars: int, evidence_chars: int) -> None:
        """Prepare for a program with these limits, also before the fork: it saves page faults."""
        self._limit = evidence_chars
        self._output.open(output_chars)
        sys.modules[MODULE] = self._module  # dataclasses and type hints look up their module

    def load(self, program: str | CodeType) -> Any:
        """Run the program. Return the message for the tests: its names, or the reason it failed."""
        try:
            code = compiled(program) if isinstance(program, str) else program
        except COMPILE_ERRORS as error:
            return ["failed", of_syntax_error(error, self._limit)]
        try:
            _set_recursion_limit(self._recursion_limit)
            self._execute(code)
        except BaseException as error:  # noqa: BLE001 - untrusted code runs here
            self._reset_interpreter()
            return ["failed", of_exception(error, self._limit, PROGRAM)]
        self._reset_interpreter()
        return ["loaded", {}, self._output.used]

    def serve(self) -> NoReturn:
        """Receive and load a program, then answer questions until the stream ends.

        Raises ClosedError then.
        """
        self._channel.send(self._first(self._channel.receive_packed()))
        while True:
            self.answer(*self._channel.receive())

    def _first(self, message: bytes) -> Any:
        """Load the program that the first message brings, and return the answer."""
        program, names = marshal.loads(message)
        loaded = self.load(program)
        self._output.recent()  # drop it: the output of loading is not that of a call
        self._share(names)
        if loaded[0] == "loaded":
            loaded[1] = self._kinds()
        return loaded

    def _share(self, names: list[str]) -> None:
        """Take the names of the prompt's classes, whose instances are sent as data."""
        for name in names:
            kind = self._names.get(name)
            if isinstance(kind, type):
                self._prompt.names[name] = kind

    def _kinds(self) -> dict[str, str]:
        """Return the kinds of the program's names."""
        kinds = {}
        for name, value in [*self._names.items()]:
            if type(name) is str and not name.startswith("__"):
                kinds[name] = self._kind(value)
        return kinds

    def _kind(self, value: Any) -> str:
        """Return the kind of a name's value, from which the tests' process makes its own value.

        The tests' process asks for the value itself if the kind is "value".
        """
        kind = type(value)
        if kind is FunctionType or kind is BuiltinFunctionType:
            return "function " + str.__str__(value.__name__)
        if kind is MethodType:
            return "function " + shown(value.__name__, 100, str)
        if kind is ModuleType:
            return "module " + str(value.__dict__.get("__name__"))
        if kind is type and issubclass(value, BaseException):
            return "error " + self._prompt.chain_of(value)
        return "value"

    def _execute(self, code: CodeType) -> None:
        exec(code, self._names)  # noqa: S102 - this process exists to run it
        self._recursion_limit = _get_recursion_limit()  # the program may have changed it

    def answer(self, number: int, question: list[Any]) -> None:
        """Perform one operation for the tests, and send its result or the exception."""
        operation, target, positional, named, news = question
        heap, outer = self._heap, self._asked
        first = len(heap.objects) if self._depth else 0
        self._asked = number
        self._depth += 1
        try:
            if news:
                nodes, changes, dropped = news
                heap.read(nodes, changes)
                heap.forget(dropped)
            result = self._perform(operation, target, positional, named)
            if is_scalar(result) and not heap.objects and not self._watched:
                printed = self._output.recent()
                news = [[], [], [], [], printed] if printed else []
                self._channel.send([number, "value", result, news])
                return
            encoder = heap.encoder()
            content = ["value", encoder.item(result)]
            del result
            self._send(number, content, encoder, first)
        except BaseException as error:  # noqa: BLE001 - untrusted code runs here
            self._send_error(number, error, first)
        finally:
            self._depth -= 1
            self._asked = outer

    def _perform(self, operation: str, target: Any, positional: list[Any], named: list[Any]) -> Any:
        arguments, keywords = values_of(positional, self._heap.objects), {}
        if named:
            keywords = dict(paired(values_of(named, self._heap.objects)))
        try:
            _set_recursion_limit(self._recursion_limit)
            if operation == "value":
                return self.value(target)
            thing = self._objects[target] if type(target) is int else self._names[target]
            return _OPERATIONS[operation](self, thing, *arguments, **keywords)
        finally:
            self._reset_interpreter()

    def _send(self, number: int, content: list[Any], encoder: Encoder, first: int) -> None:
        """Send an answer with all that is new, and forget what the program does not hold."""
        heap = self._heap
        rebound = self._rebound(encoder) if self._watched else []
        changes = heap.finish(encoder)
        kept = heap.held(first)
        news = [encoder.nodes, changes, kept, rebound, self._output.recent()]
        self._channel.send_packed(packed([number, *content, news]))
        heap.keep(kept, first)

    def _rebound(self, encoder: Encoder) -> list[Any]:
        """Return the watched names that have other values than the tests know, and the values."""
        found: list[Any] = []
        for name, last in self._watched.items():
            value = self._names.get(name, _MISSING)
            if value is not last and value is not _MISSING:
                found += [name, encoder.item(value)]
        self._watched.update((name, self._names.get(name)) for name in found[::2])
        return found

    def _send_error(self, number: int, error: BaseException, first: int) -> None:
        fields = of_exception(error, self._limit, PROGRAM)
        try:
            self._heap.undo()
            encoder = self._heap.encoder()
            self._send(number, ["error", fields, encoder.item(error)], encoder, first)
        except BaseException:  # noqa: BLE001 - untrusted code runs here
            self._heap.undo()
            self._channel.send([number, "error", fields, None, []])

    def known(self, encoder: Encoder, value: Any) -> Node | None:
        """Return the node of an object of the tests, or whose class the tests know, or None."""
        if id(value) in self._yours:
            return ["yours", self._yours[id(value)][0]]
        return self._prompt.node(encoder, value)

    def describe(self, encoder: Encoder, value: Any) -> Node:
        """Return the node of a value that is not data: the tests refer to it by a number."""
        kind = type(value)
        if kind in _FUNCTIONS:
            return ["function", self._number(value), shown(value.__name__, 100, str)]
        if kind is GeneratorType:
            return ["generator", self._number(value)]
        if kind is CoroutineType:
            return ["coroutine", self._number(value)]
        native = not kind.__flags__ & _PYTHON_CODE
        if native and hasattr(kind, "__next__") and not hasattr(kind, "__await__"):
            return ["iterator", self._number(value)]
        if type in mro(kind):
            node = self._prompt.class_node(value)
            return node or ["class", self._number(value), type_name(value), _special(value)]
        return ["object", self._number(value), self._number(kind), type_name(kind), _special(kind)]

    def _number(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        return number

    def make(self, node: Node) -> Any:
        """Return an object that the tests refer to, or one that calls a function of the tests."""
        tag, target, *name = node
        if tag == "held":
            return self._objects[target] if type(target) is int else self._names[target]
        if tag == "I":
            return self._prompt.make(node)
        made: Any = self._callback(target, *(name or ("next",)))
        made = _Source(made) if tag == "source" else made
        self._yours[id(made)] = target, made
        return made

    def build(self, tag: str, values: list[Any]) -> Any:
        """Return an object of a class that both processes know."""
        return self._prompt.build(tag, values)

    def _callback(self, function: int, name: str) -> Callable[..., Any]:
        """Return a function that calls a function of the test in the tests' process."""

        def callback(*arguments: Any, **keywords: Any) -> Any:
            with self._lock:
                return self._call_back(function, arguments, keywords)

        callback.__name__ = callback.__qualname__ = name
        return callback

    def _call_back(self, function: int, arguments: Any, keywords: dict[str, Any]) -> Any:
        heap, first = self._heap, len(self._heap.objects)
        encoder = heap.encoder()
        positional = encoder.items(arguments)
        named = pairs(encoder, keywords.items())
        news = [encoder.nodes, heap.finish(encoder)]
        self._channel.send([self._asked, "callback", function, positional, named, news])
        while True:
            reply = self._channel.receive()
            if reply[0] in ("returned", "raised"):
                break
            self.answer(*reply)
        kind, item, *error, (nodes, changes, kept) = reply
        heap.read(nodes, changes)
        value = value_of(item, heap.objects)
        heap.keep(kept, first)
        if kind == "raised":
            self._yours[id(value)] = error[0], value
            raise value
        return value

    def take(self, iterator: Any, count: int, sent: Any) -> list[Any]:
        """Return the next items of an iterator, up to `count`; raise StopIteration at its end.

        An exception after the first item is raised by the next call.
        """
        if sent is not None:
            return [iterator.send(sent)]
        late = self._late.pop(id(iterator), None)
        if late is not None:
            raise late
        items: list[Any] = []
        try:
            while len(items) < count:
                items.append(next(iterator))
        except BaseException as error:
            if not items:
                raise
            self._late[id(iterator)] = error
        return items

    def value(self, name: str) -> Any:
        """Return the value of a name. Later answers say when it has another value."""
        self._watched[name] = self._names[name]
        return self._watched[name]

    def wait(self, awaitable: Any) -> Any:
        """Run an awaitable to its end, in one event loop for all of them."""
        import asyncio

        async def waiting() -> Any:
            return await awaitable

        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(waiting())

    def _reset_interpreter(self) -> None:
        _set_trace(None)
        _set_profile(None)
        _set_recursion_limit(_RECURSION_LIMIT)


def compiled(source: str, name: str = PROGRAM) -> CodeType:
    """Compile a module, by default the program. Raises one of COMPILE_ERRORS."""
    code: CodeType = compile(source, name, "exec", dont_inherit=True)
    return code


class _Source:
    """An iterator of the tests, read item by item."""

    def __init__(self, advance: Callable[[], Any]) -> None:
        self.__next = advance

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> Any:
        return self.__next()


def _special(kind: type) -> str:
    """Return the names of the special methods that a class or its bases define, except `object`."""
    names = {name for base in mro(kind) if base is not object for name in base.__dict__}
    found = sorted(name for name in names if name in ALL_SPECIAL)
    hashed: Any = kind.__hash__
    return " ".join([*found, UNHASHABLE] if hashed is None else found)


def _special_call(_: CandidateProgram, thing: Any, name: str, *arguments: Any) -> Any:
    return getattr(type(thing), name)(thing, *arguments)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda _, thing, /, *a, **k: thing(*a, **k),
    "get": lambda _, thing, name: getattr(thing, name),
    "set": lambda _, thing, name, value: setattr(thing, name, value),
    "delete": lambda _, thing, name: delattr(thing, name),
    "text": lambda self, thing: shown(thing, self._limit),
    "special": _special_call,
    "take": CandidateProgram.take,
    "throw": lambda _, thing, error: thing.throw(error),
    "close": lambda _, thing: thing.close() if hasattr(thing, "close") else None,
    "await": CandidateProgram.wait,
}
