"""The objects of the program as its tests see them: functions, classes, instances and iterators.

A proxy has the special methods that the class of its object defines, no others. It is equal to
itself only, and the program decides no membership test, ordering or comparison, except between
instances of the classes that the prompt asks the program for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from types import FunctionType
from typing import Any, Protocol

_SPECIAL = (
    "call len iter next reversed length_hint getitem setitem delitem missing bool int float "
    "complex index str format enter exit aiter anext aenter aexit await round trunc floor ceil "
    "hash neg pos abs invert"
)
_BINARY = "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift"
SPECIAL = (
    *(f"__{name}__" for name in _SPECIAL.split()),
    *(f"__{prefix}{name}__" for prefix in ("", "r", "i") for name in _BINARY.split()),
)
"""Special methods that any object of the program may have: what they return is compared as data."""
COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
DECISIONS = (*COMPARISONS, "__contains__")
"""Special methods that decide a test: only those of the classes that the prompt asks for count."""
ALL_SPECIAL = frozenset((*SPECIAL, *DECISIONS))
UNHASHABLE = "unhashable"
_LAZY_ITEMS, _LARGEST_CHUNK = 1000, 512


class UndecidedError(RuntimeError):
    """A test would have been decided by a special method of the program."""


class Program(Protocol):
    """The program's process, as a proxy uses it."""

    busy: bool
    """Whether a question is under way, so that none can be asked."""
    contract: frozenset[str]
    """Names of the classes that the prompt asks for: their operators count."""

    def ask(self, operation: str, target: Any, *arguments: Any, **keywords: Any) -> Any:
        """Perform an operation on an object of the program. Raises its exceptions."""

    def number_of(self, proxy: Any) -> int:
        """Return the number of a proxy's object."""


class RemoteFunction:
    """A function of the program. `isinstance` and `inspect` take it for a function."""

    __class__ = property(lambda self: FunctionType)

    def __init__(self, program: Program, target: Any, name: str) -> None:
        put = object.__setattr__
        put(self, "_judge", (program, target))
        put(self, "__name__", name)
        put(self, "__qualname__", name)

    def __call__(self, /, *arguments: Any, **keywords: Any) -> Any:
        """Call the function in the program's process."""
        program, target = self._judge
        return program.ask("call", target, *arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        program, target = object.__getattribute__(self, "_judge")
        return program.ask("get", target, name)

    def __setattr__(self, name: str, value: Any) -> None:
        program, target = self._judge
        program.ask("set", target, name, value)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class RemoteIterator:
    """An iterator of the program that is not a generator."""

    def __init__(self, program: Program, number: int) -> None:
        self._items = iterate(program, number)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._items)


def iterate(program: Program, number: int) -> Generator[Any, Any, Any]:
    """Yield the items of an iterator, each when it is asked for; from the thousandth on, in chunks.

    Values that are sent, exceptions that are thrown, and its end reach it if it is a generator.
    """
    sent: Any = None
    error: BaseException | None = None
    count = 0
    while True:
        size = 1 if count < _LAZY_ITEMS or sent is not None else _LARGEST_CHUNK
        try:
            if error is not None:
                items = [program.ask("throw", number, error)]
            else:
                items = program.ask("take", number, size, sent)
        except StopIteration as end:
            return end.value
        count += len(items)
        sent = error = None
        for item in items:
            try:
                sent = yield item
            except GeneratorExit:
                if not program.busy:  # it may be collected in the middle of a question
                    program.ask("close", number)
                raise
            except BaseException as thrown:  # noqa: BLE001 - the program handles it
                error = thrown
            if sent is not None or error is not None:
                break


async def wait(program: Program, number: int) -> Any:
    """Await a coroutine of the program."""
    return program.ask("await", number)


def _base_classes(program: Program) -> tuple[Any, Any]:
    """Return the class of the program's classes, and the base of them all."""

    class Meta(type):
        """The class of the program's classes. Calling one makes an object of the program."""

        def __call__(cls, /, *arguments: Any, **keywords: Any) -> Any:
            return program.ask("call", program.number_of(cls), *arguments, **keywords)

        def __getattr__(cls, name: str) -> Any:
            return program.ask("get", program.number_of(cls), name)

        def __setattr__(cls, name: str, value: Any) -> None:
            program.ask("set", program.number_of(cls), name, value)

    class Opaque(metaclass=Meta):
        """An object of the program."""

        __slots__ = ()

        def __repr__(self) -> str:
            return str(program.ask("text", program.number_of(self)))

        def __getattr__(self, name: str) -> Any:
            return program.ask("get", program.number_of(self), name)

        def __setattr__(self, name: str, value: Any) -> None:
            program.ask("set", program.number_of(self), name, value)

        def __delattr__(self, name: str) -> None:
            program.ask("delete", program.number_of(self), name)

    return Meta, Opaque


class RemoteClasses:
    """The classes of the program's objects, each made when its first object arrives."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._classes: dict[int, Any] = {}
        self._meta: Any = None
        self._base: Any = None

    def of(self, number: int, name: str, special: str) -> Any:
        """Return the class with a number, a name and special methods, separated by spaces."""
        if number not in self._classes:
            if self._meta is None:
                self._meta, self._base = _base_classes(self._program)
            defined = frozenset(special.split(" "))
            trusted = name in self._program.contract
            members: dict[str, Any] = {
                method: self._forward(method, trusted) for method in sorted(defined & ALL_SPECIAL)
            }
            if "__eq__" in members:
                members.setdefault("__hash__", object.__hash__)
            if UNHASHABLE in defined:
                members["__hash__"] = None
            members |= {"__slots__": (), "__module__": "program"}
            self._classes[number] = self._meta(name, (self._base,), members)
        return self._classes[number]

    def instance(self, kind: Any) -> Any:
        """Return a new proxy of a class."""
        return object.__new__(kind)

    def _forward(self, method: str, trusted: bool) -> Callable[..., Any]:
        """Return a special method of a class; `trusted` if the prompt asks for the class."""
        program = self._program

        def call(self: Any, /, *arguments: Any, **keywords: Any) -> Any:
            return program.ask("call", program.number_of(self), *arguments, **keywords)

        def forward(self: Any, *arguments: Any) -> Any:
            if method == "__hash__" and program.busy:  # its container is being made
                return object.__hash__(self)
            return program.ask("special", program.number_of(self), method, *arguments)

        def awaited(self: Any) -> Any:
            return wait(program, program.number_of(self)).__await__()

        if method in DECISIONS:
            return self._decision(method, forward, trusted)
        special: dict[str, Callable[..., Any]] = {"__call__": call, "__await__": awaited}
        return special.get(method, forward)

    def _decision(
        self, method: str, forward: Callable[..., Any], trusted: bool
    ) -> Callable[..., Any]:
        """Return a comparison or membership test: it fails a test that the program would decide."""
        meta = self._meta

        def undecided() -> None:
            raise UndecidedError(f"the program may not decide a test: {method}")

        def compare(self: Any, other: Any) -> Any:
            if self is other:
                return NotImplemented
            return forward(self, other) if trusted and type(type(other)) is meta else undecided()

        def contains(self: Any, item: Any) -> Any:
            return forward(self, item) if trusted or item in iter(self) else undecided()

        return contains if method == "__contains__" else compare
