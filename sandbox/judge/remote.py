"""The program as its tests see it: proxies that ask the program's process and get data back.

The tests' process only trusts data: a proxy is equal to itself only, and the program never decides
an operator, a membership test or a comparison.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from .channel import BrokenError, Channel, ClosedError, TooLargeError, packed, unpacked
from .evidence import cut
from .memo import Memo
from .values import (
    WRONG_DATA,
    Encoder,
    Node,
    decode,
    fill,
    is_mutable,
    is_scalar,
    paired,
    pairs,
    value_of,
    values_of,
)

_FIRST_CHUNK, _LARGEST_CHUNK = 1, 512
_MAX_ITERATOR_ITEMS = 100_000
_ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
_FAILED = ("exception", "syntax error", "out of memory")
_JUDGE_FRAMES = 100
_MAX_LINE = 10_000_000
EVIDENCE = "evidence of the program"
"""The attribute in which an exception of the program keeps its evidence."""
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

    def __init__(self, channel: Channel, evidence_chars: int, share_calls: bool = False) -> None:
        self._channel, self._limit = channel, evidence_chars
        self._memo = Memo() if share_calls else None
        self.gone = ""
        """The reason why the program does not answer any more; empty while it does."""
        self._kinds: dict[str, str] = {}
        self._proxies: dict[Any, Any] = {}
        self._targets: dict[int, Any] = {}
        self._functions: list[Any] = []
        self._classes: dict[tuple[str, type], type[BaseException]] = {}

    def load(self) -> tuple[dict[str, Any] | None, int]:
        """Wait until the program is loaded. Return the failure, if any, and the bytes printed.

        Raises ProgramGone.
        """
        try:
            self._channel.send(["load"])
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
        if kind == "function":
            return self._function(name, name)
        module = kind[7:] if kind.startswith("module ") else name
        if module in MODULES:
            __import__(module)  # the test gets Python's own, not the program's changed one
            return sys.modules[module]
        if kind.startswith("error "):
            return self._class(kind.split()[1:])
        value = self.ask("value", name)
        if self._memo is not None and type(value) is Opaque:
            self._memo.numbers.add(_number_of(value))  # a wrapped function
        return value

    def ask(self, operation: str, target: Any, *arguments: Any, **keywords: Any) -> Any:
        """Perform one operation in the program's process. Raises ProgramGone, or its exception."""
        if self.gone:
            raise ProgramGone
        objects: list[Any] = []
        positional, named, table = [*arguments], [], []
        if keywords or not all(map(is_scalar, arguments)):
            encoder = Encoder(objects, self._describe)
            positional = encoder.items(arguments)
            named = pairs(encoder, keywords.items())
            encoder.finish()
            table = encoder.nodes
        sent = len(objects)
        limit = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(limit + _JUDGE_FRAMES)  # a call must be answered completely
            if self._memo is not None and self._memo.may_know(operation, target, table):
                reply = self._ask_once(self._memo, [operation, target, positional, named, table])
            else:
                self._channel.send([operation, target, positional, named, table])
                reply = self._channel.receive()
                if reply[0] == "callback":
                    reply = self._serve_callbacks(reply)
            answer, printed = self._read(reply, objects, sent)
        except TooLargeError:
            raise
        except ClosedError:
            raise self._mark_gone("closed") from None
        except (BrokenError, *WRONG_DATA):
            raise self._mark_gone("broken") from None
        finally:
            sys.setrecursionlimit(limit)
        if printed:
            sys.stdout.write(printed)
        if reply[0] != "error":
            return answer
        try:
            raise answer
        finally:
            del answer, reply, objects  # its traceback would keep them alive

    def _serve_callbacks(self, reply: list[Any]) -> list[Any]:
        """Call the test's functions that the program asks for, and return its final answer."""
        while reply[0] == "callback":
            self._call_back(*reply[1:])
            reply = self._channel.receive()
        return reply

    def _ask_once(self, memo: Memo, message: list[Any]) -> list[Any]:
        """Return the answer to a call: that of an earlier identical call, if there was one."""
        question = packed(message)
        answer = memo.recall(question)
        known = answer is not None
        if answer is None:
            self._channel.send_packed(question)
            answer = self._channel.receive_packed()
        reply: list[Any] = unpacked(answer)
        if reply[0] == "callback":
            return self._serve_callbacks(reply)
        if not known:
            memo.keep(question, answer, reply)
        return reply

    def _read(self, reply: list[Any], objects: list[Any], sent: int) -> tuple[Any, str]:
        """Return the value of an answer, or the exception to raise, and the printed output."""
        *_, nodes, changes, printed = reply
        if nodes or changes:
            self._apply_answer(nodes, changes, objects, sent)
        if reply[0] == "value":
            return value_of(reply[1], objects), str.__str__(printed)
        _, fields, chain, items, *_ = reply
        error = self._error(self._evidence(fields), chain, values_of(items, objects))
        return error, str.__str__(printed)

    def forget_functions(self) -> None:
        """Forget the functions of a test when it is over, so that the program cannot call them."""
        self._functions = [None] * len(self._functions)

    def forget_answers(self) -> None:
        """Forget the kept answers when the job is over, since its process may serve another one."""
        self._memo = None

    def _mark_gone(self, why: str) -> ProgramGone:
        self.gone = why
        return ProgramGone(why)

    def _apply_answer(
        self, nodes: list[Node], changes: list[Any], objects: list[Any], sent: int
    ) -> None:
        """Decode the objects of an answer, and change the arguments as the program did."""
        decode(nodes, objects, self._make)
        for index, node in changes:
            if not 0 <= index < sent:
                raise TypeError("only an argument can be changed")
            if is_mutable(objects[index]):
                fill(objects[index], node, objects)

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

    def _error(self, fields: dict[str, Any], chain: list[str], found: list[Any]) -> BaseException:
        """Return the exception that a test gets."""
        kind = self._class(chain)
        try:
            error = kind(*found)
        except Exception:  # noqa: BLE001 - some classes do not accept these
            error = Exception(*found)
        error.__dict__[EVIDENCE] = fields
        return error

    def _class(self, chain: list[str]) -> type[BaseException]:
        """Return an exception class by the names of itself and its bases, up to a built-in one."""
        kind = _ERRORS.get(chain[-1], Exception)
        for name in reversed(chain[:-1]):
            key = (name, kind)
            if key not in self._classes:
                self._classes[key] = type(name, (kind,), {"__module__": "program"})
            kind = self._classes[key]
        return kind

    def _make(self, node: Node) -> Any:
        """Return the proxy of an object of the program that is not data."""
        number = int(node[1])
        if node[0] == "iterator":
            return self._iterate(number)
        if node[0] == "awaitable":
            return self._await(number)
        if node[0] == "function":
            return self._function(number, str(node[2]))
        if number not in self._proxies:
            self._proxies[number] = Opaque(self, number, bool(node[2]))
        return self._proxies[number]

    def _function(self, target: Any, name: str) -> Callable[..., Any]:
        if target not in self._proxies:

            def proxy(*arguments: Any, **keywords: Any) -> Any:
                return self.ask("call", target, *arguments, **keywords)

            proxy.__name__ = proxy.__qualname__ = name
            self._proxies[target] = proxy
            self._targets[id(proxy)] = target
        found: Callable[..., Any] = self._proxies[target]
        return found

    def _iterate(self, number: int) -> Iterator[Any]:
        chunk, more = _FIRST_CHUNK, True
        while more:
            items, more = self.ask("take", number, chunk)
            yield from items
            chunk = min(2 * chunk, _LARGEST_CHUNK)

    async def _await(self, number: int) -> Any:
        return self.ask("await", number)

    def _describe(self, encoder: Encoder, value: Any) -> Node:
        """Return the node of an argument that is not data. Raises TypeError if it has none."""
        if type(value) is Opaque:
            return ["held", _number_of(value)]
        if id(value) in self._targets:
            return ["held", self._targets[id(value)]]
        if hasattr(type(value), "__next__"):
            return ["G", *encoder.items([*islice(value, _MAX_ITERATOR_ITEMS)])]
        if callable(value):
            self._functions.append(value)
            return ["callback", len(self._functions) - 1, getattr(value, "__name__", "callback")]
        raise TypeError(f"a test cannot give the program a value of type {type(value).__name__}")

    def _call_back(
        self, number: int, positional: list[Any], named: list[Any], nodes: list[Node]
    ) -> None:
        """Call a function of the test for the program, and send its result or exception."""
        objects: list[Any] = []
        decode(nodes, objects, self._make)
        arguments = values_of(positional, objects)
        keywords = dict(paired(values_of(named, objects)))
        function = self._functions[number]
        encoder = Encoder(objects, self._describe)
        try:
            item = encoder.item(function(*arguments, **keywords))
            encoder.finish()
        except ProgramGone:
            raise
        except BaseException as error:  # noqa: BLE001 - the program handles it
            self._channel.send(["raised", type(error).__name__, str(error)])
        else:
            self._channel.send(["returned", item, encoder.nodes])


class Opaque:
    """An object of the program that is not data. It is equal to itself only."""

    __slots__ = ("_number", "_remote", "_truth")

    def __init__(self, remote: RemoteProgram, number: int, truth: bool) -> None:
        object.__setattr__(self, "_remote", remote)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_truth", truth)

    def __bool__(self) -> bool:
        truth: bool = self._truth
        return truth

    def __repr__(self) -> str:
        return str(self._remote.ask("text", self._number))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the object in the program's process."""
        return self._remote.ask("call", self._number, *arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._remote.ask("get", self._number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._remote.ask("set", self._number, name, value)

    def __len__(self) -> int:
        return int(self._remote.ask("length", self._number))

    def __getitem__(self, key: Any) -> Any:
        return self._remote.ask("item", self._number, key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._remote.ask("iterate", self._number))


def _number_of(value: Opaque) -> int:
    number: int = object.__getattribute__(value, "_number")
    return number


def _whole_number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("no number of bytes")
    return value
