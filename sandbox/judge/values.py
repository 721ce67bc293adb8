"""Values as data: what a call carries to the program, and what comes back.

A value becomes a flat table of nodes, so that depth, sharing and values that hold themselves cost
no recursion. An item of a node is a JSON scalar, or `[i]` for object i of the table. Decoding makes
exact built-in and standard types and nothing else; it runs no code of the sender, so that a value
is what its data say, whatever class the program gave it.
"""

from __future__ import annotations

import builtins
import datetime
import importlib
import re
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

Node = list[Any]
WRONG_DATA = (
    ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError, RecursionError
)  # fmt: skip
"""What decoding raises where the data are no table of this form."""

_BIG = 1 << 64  # integers from here on travel in hexadecimal: decimal digits cost their square
_AS_THEY_ARE = frozenset({bool, type(None)})
_ONLY_INTEGERS, _ONLY_TEXTS = frozenset({int}), frozenset({str})
_CLASSES = {
    name: item
    for name, item in vars(builtins).items()
    if type(item) is type and name not in ("type", "super")  # which a test could build upon
}
_SURROGATE = re.compile("[\ud800-\udfff]").search
_SINGLETONS = {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}


def is_scalar(value: Any) -> bool:
    """Whether a value is an item as it is."""
    kind = type(value)
    if kind is int:
        return bool(-_BIG < value < _BIG)
    if kind is str:
        return bool(value.isascii() or not _SURROGATE(value))
    if kind is float:
        return bool(value == value)  # a nan has an identity, which comparing looks at
    return kind in _AS_THEY_ARE


class Encoder:
    """Describes values by nodes. `objects` holds what both sides know already, and grows."""

    def __init__(self, objects: list[Any], foreign: Callable[[Encoder, Any], Node]) -> None:
        self.nodes: list[Node] = []
        """What the other side does not know yet; complete after `finish`."""
        self._objects, self.foreign = objects, foreign
        self._index = {
            id(known): index
            for index, known in enumerate(objects)
            if not hasattr(type(known), "__next__")  # what is left of it is another value
        }
        self._described = len(objects)

    def item(self, value: Any) -> Any:
        """The item that stands for a value."""
        if is_scalar(value):
            return value
        index = self._index.get(id(value))
        if index is None:
            self._index[id(value)] = index = len(self._objects)
            self._objects.append(value)
        return [index]

    def items(self, values: Any) -> list[Any]:
        """The items of a container, which is of an exact built-in type."""
        kinds = set(map(type, values))
        if kinds <= _AS_THEY_ARE:
            return [*values]
        if kinds == _ONLY_TEXTS and "".join(values).isascii():
            return [*values]
        if kinds == _ONLY_INTEGERS and min(values) > -_BIG and max(values) < _BIG:
            return [*values]
        item = self.item
        return [item(value) for value in values]

    def finish(self) -> None:
        """Describe all that the items refer to."""
        while self._described < len(self._objects):
            self.nodes.append(self.node(self._objects[self._described]))
            self._described += 1

    def node(self, value: Any) -> Node:
        """One object's own node."""
        write = _WRITE.get(type(value))
        if write is None:
            write = _of_subclass(value)
        if write is None and "numpy" in sys.modules:
            plain = _of_numpy(value)
            if plain is not None:
                return plain
        return self.foreign(self, value) if write is None else write(self, value)


def _of_subclass(value: Any) -> Callable[[Encoder, Any], Node] | None:
    """A subclass of a built-in type travels as what it holds."""
    for base in mro(type(value)):
        if base in _PLAIN_OF:
            plain = _PLAIN_OF[base](value)
            write = _WRITE[base]
            return lambda encoder, _: write(encoder, plain)
    return None


def mro(kind: type) -> tuple[type, ...]:
    """A class and its bases, whatever its metaclass does."""
    bases: tuple[type, ...] = type.__dict__["__mro__"].__get__(kind)
    return bases


_PLAIN_OF: dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    float: lambda value: float.__mul__(value, 1.0),
    complex: lambda value: complex.__mul__(value, 1),
    str: lambda value: str.__str__(value),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    bytearray: lambda value: bytearray.__getitem__(value, slice(None)),
    list: lambda value: [*list.__iter__(value)],
    tuple: lambda value: (*tuple.__iter__(value),),
    set: lambda value: {*set.__iter__(value)},
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    dict: lambda value: {key: dict.__getitem__(value, key) for key in dict.__iter__(value)},
}


def pairs(encoder: Encoder, value: Any) -> list[Any]:
    """The items of keys and values, one after the other."""
    flat: list[Any] = []
    for pair in value:
        flat += pair
    return encoder.items(flat)


def _integer(encoder: Encoder, value: int) -> Node:
    return ["=", value] if -_BIG < value < _BIG else ["i", hex(value)]


def _float(encoder: Encoder, value: float) -> Node:
    return ["=", value] if value == value else ["n"]


def _text(encoder: Encoder, value: str) -> Node:
    # JSON would make one character of two surrogates that happen to be neighbours
    return ["u", value.encode("utf-8", "surrogatepass").decode("latin-1")]


_WRITE: dict[type, Callable[[Encoder, Any], Node]] = {
    str: _text,
    int: _integer,
    float: _float,
    complex: lambda encoder, v: ["c", v.real, v.imag],
    bytes: lambda encoder, v: ["b", v.decode("latin-1")],
    bytearray: lambda encoder, v: ["B", v.decode("latin-1")],
    list: lambda encoder, v: ["l", *encoder.items(v)],
    tuple: lambda encoder, v: ["t", *encoder.items(v)],
    set: lambda encoder, v: ["s", *encoder.items(v)],
    frozenset: lambda encoder, v: ["f", *encoder.items(v)],
    dict: lambda encoder, v: ["d", *pairs(encoder, v.items())],
    OrderedDict: lambda encoder, v: ["O", *pairs(encoder, v.items())],
    defaultdict: lambda encoder, v: ["e", _factory(v), *pairs(encoder, v.items())],
    Counter: lambda encoder, v: ["C", *pairs(encoder, v.items())],
    deque: lambda encoder, v: ["q", v.maxlen, *encoder.items(v)],
    type({}.keys()): lambda encoder, v: ["k", *encoder.items(v)],
    type({}.values()): lambda encoder, v: ["v", *encoder.items(v)],
    type({}.items()): lambda encoder, v: ["m", *pairs(encoder, v)],
    range: lambda encoder, v: ["r", *encoder.items((v.start, v.stop, v.step))],
    slice: lambda encoder, v: ["S", *encoder.items((v.start, v.stop, v.step))],
    Decimal: lambda encoder, v: ["D", str(v)],
    Fraction: lambda encoder, v: ["F", *encoder.items((v.numerator, v.denominator))],
    datetime.datetime: lambda encoder, v: ["dt", v.isoformat()],
    datetime.date: lambda encoder, v: ["da", v.isoformat()],
    datetime.time: lambda encoder, v: ["ti", v.isoformat()],
    datetime.timedelta: lambda encoder, v: ["td", v.days, v.seconds, v.microseconds],
    type(Ellipsis): lambda encoder, v: ["1", "Ellipsis"],
    type(NotImplemented): lambda encoder, v: ["1", "NotImplemented"],
    type: lambda encoder, v: _class(encoder, v),
}


def _factory(value: defaultdict[Any, Any]) -> str | None:
    """The name of the built-in class that makes what is missing; no other factory travels."""
    name = getattr(value.default_factory, "__name__", None)
    return name if name and _CLASSES.get(name) is value.default_factory else None


def _class(encoder: Encoder, value: type) -> Node:
    name = type.__dict__["__name__"].__get__(value)
    return ["y", name] if _CLASSES.get(name) is value else encoder.foreign(encoder, value)


def is_mutable(value: Any) -> bool:
    """Whether a call may change a value in place."""
    kind = type(value)
    return kind in MUTABLE or ("numpy" in sys.modules and kind is sys.modules["numpy"].ndarray)


def _of_numpy(value: Any) -> Node | None:
    """A number as Python's own, an array by type, shape and items; None for anything else."""
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.generic) and type(value.item()) in (bool, int, float):
        return ["=", value.item()]
    if type(value) is numpy.ndarray and value.dtype.kind in "biuf":
        return ["array", value.dtype.str, [*value.shape], *value.ravel().tolist()]
    return None


def _array(kind: str, shape: list[int], *items: Any) -> Any:
    numpy = importlib.import_module("numpy")  # where it was asked for; the other side has it
    return numpy.array(items, dtype=kind).reshape(shape)


# The first group stands for itself; a container of the second is made empty and filled at the end;
# one of the third cannot change, so that it is made when all that it holds has been.
_LEAVES: dict[str, Callable[..., Any]] = {
    "=": lambda value: value,
    "n": lambda: float("nan"),
    "i": lambda digits: int(digits, 16),
    "c": lambda real, imaginary: complex(real, imaginary),
    "u": lambda text: text.encode("latin-1").decode("utf-8", "surrogatepass"),
    "b": lambda text: text.encode("latin-1"),
    "B": lambda text: bytearray(text.encode("latin-1")),
    "D": Decimal,
    "dt": datetime.datetime.fromisoformat,
    "da": datetime.date.fromisoformat,
    "ti": datetime.time.fromisoformat,
    "td": datetime.timedelta,
    "1": _SINGLETONS.__getitem__,
    "y": _CLASSES.__getitem__,
    "array": _array,
}
_EMPTY: dict[str, Callable[[Node], Any]] = {
    "l": lambda node: [],
    "d": lambda node: {},
    "s": lambda node: set(),
    "O": lambda node: OrderedDict(),
    "e": lambda node: defaultdict(_CLASSES.get(node[1])),
    "C": lambda node: Counter(),
    "q": lambda node: deque(maxlen=node[1]),
}
_FIXED: dict[str, Callable[[list[Any]], Any]] = {
    "t": tuple,
    "f": frozenset,
    "r": lambda items: range(*items),
    "S": lambda items: slice(*items),
    "F": lambda items: Fraction(*items),
    "k": lambda items: dict.fromkeys(items).keys(),
    "v": lambda items: dict(enumerate(items)).values(),
    "m": lambda items: dict(paired(items)).items(),
    "G": iter,
}
MUTABLE: dict[type, str] = {
    list: "l",
    dict: "d",
    set: "s",
    OrderedDict: "O",
    defaultdict: "e",
    Counter: "C",
    deque: "q",
    bytearray: "B",
}
"""What a call may change in place."""
DATA = frozenset((*_LEAVES, *_EMPTY, *_FIXED)) - {"G"}
"""The nodes of values: no function, no object and no iterator, which is read once."""
_PENDING = object()


def decode(nodes: list[Node], objects: list[Any], foreign: Callable[[Node], Any]) -> None:
    """Append the nodes' objects to those that are known.

    `foreign` makes what is no data. Raises one of WRONG_DATA for anything but a table.
    """
    first = len(objects)
    for node in nodes:
        tag = node[0]
        if tag in _LEAVES:
            objects.append(_LEAVES[tag](*node[1:]))
        elif tag in _EMPTY:
            objects.append(_EMPTY[tag](node))
        else:
            objects.append(_PENDING if tag in _FIXED else foreign(node))
    for index in range(first, len(objects)):
        if objects[index] is _PENDING:
            _fix(index, nodes, first, objects)
    for index, node in enumerate(nodes, first):
        if node[0] in _EMPTY:
            fill(objects[index], node, objects)


def value_of(item: Any, objects: list[Any]) -> Any:
    """What an item stands for."""
    if type(item) is list:
        return objects[item[0]]
    if type(item) is dict:
        raise TypeError("an item is a scalar or a reference")
    return item


def values_of(items: list[Any], objects: list[Any]) -> list[Any]:
    """What several items stand for."""
    kinds = set(map(type, items))
    if list not in kinds and dict not in kinds:
        return items
    return [value_of(item, objects) for item in items]


def fill(target: Any, node: Node, objects: list[Any]) -> None:
    """Make a container hold what its node says, and nothing else; its identity stays.

    Raises TypeError where the node is another kind's.
    """
    tag = node[0]
    if tag == "array" and is_mutable(target):
        target[...] = _array(*node[1:])
        return
    if MUTABLE.get(type(target)) != tag:
        raise TypeError("a value changed its kind")
    if tag == "B":
        target[:] = node[1].encode("latin-1")
        return
    values = values_of(node[2:] if tag in "qe" else node[1:], objects)
    if tag == "l":
        target[:] = values
        return
    target.clear()
    if tag == "s":
        target.update(values)
    elif tag == "q":
        target.extend(values)
    elif tag == "O":
        target.update(paired(values))
    else:
        dict.update(target, paired(values))  # a Counter's own would add up


def paired(items: list[Any]) -> Iterable[tuple[Any, Any]]:
    """Keys with their values, from what `pairs` made."""
    return zip(items[::2], items[1::2])


def _fix(index: int, nodes: list[Node], first: int, objects: list[Any]) -> None:
    """Make a tuple or the like, those that it holds before it."""
    path, inside = [(index, _references(nodes[index - first]))], {index}
    while path:
        here, references = path[-1]
        for child in references:
            if objects[child] is _PENDING:
                if child in inside:
                    raise ValueError("a tuple cannot hold itself")
                path.append((child, _references(nodes[child - first])))
                inside.add(child)
                break
        else:
            node = nodes[here - first]
            objects[here] = _FIXED[node[0]](values_of(node[1:], objects))
            inside.discard(here)
            path.pop()


def _references(node: Node) -> Iterator[int]:
    return iter([item[0] for item in node if type(item) is list])
