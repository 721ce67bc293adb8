"""Encoding of values as data, for the arguments of calls to the program and for its results.

A value becomes a flat table of nodes, so that deep, shared and self-referential values do not need
recursion. An item of a node is a JSON scalar, or `[i]` for object i of the table. Decoding only
makes exact built-in and standard types. It does not run code of the sender, so that a value is what
its data say, even if the program gave it another class.
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
from operator import is_
from types import MemberDescriptorType
from typing import Any, Protocol

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

Node = list[Any]


class Foreign(Protocol):
    """The nodes of values that are not data of built-in types."""

    def known(self, encoder: Encoder, value: Any) -> Node | None:
        """Return the node of an object whose class both sides know, else None."""

    def describe(self, encoder: Encoder, value: Any) -> Node:
        """Return the node of any other object. Raises TypeError if it has none."""

    def make(self, node: Node) -> Any:
        """Return the object of a node, still without the state of an "I" node."""

    def build(self, tag: str, values: list[Any]) -> Any:
        """Return the object of a node with a tag of `BUILT`, from the values in it."""


WRONG_DATA = (
    ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError, RecursionError
)  # fmt: skip
"""The exceptions that decoding raises if the data are not a table of this form."""

_BIG = 1 << 64  # integers from here on are sent in hexadecimal: decimal takes quadratic time
_SCALARS = frozenset({bool, type(None)})
_ONLY_INTEGERS, _ONLY_TEXTS = frozenset({int}), frozenset({str})
_CLASSES = {
    name: item
    for name, item in vars(builtins).items()
    if type(item) is type and name not in ("type", "super")  # they can make classes
}
_SURROGATE = re.compile("[\ud800-\udfff]").search
_SINGLETONS = {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}


def is_scalar(value: Any) -> bool:
    """Whether a value can be an item itself, without a node."""
    kind = type(value)
    if kind is int:
        return bool(-_BIG < value < _BIG)
    if kind is str:
        return bool(value.isascii() or not _SURROGATE(value))
    if kind is float:
        return bool(value == value)  # a nan needs a node: comparisons depend on its identity
    return kind in _SCALARS


class Encoder:
    """An encoder of values as nodes.

    `objects` contains the objects that both sides know already; the encoder adds to it. Those that
    are None are known no more.
    """

    def __init__(self, objects: list[Any], foreign: Foreign) -> None:
        self.nodes: list[Node] = []
        """The nodes of objects that are new to the other side; complete after `finish`."""
        self._objects, self.foreign = objects, foreign
        self._index = {id(known): index for index, known in enumerate(objects)}
        self._described = len(objects)

    def item(self, value: Any) -> Any:
        """Return the item that stands for a value."""
        if is_scalar(value):
            return value
        index = self._index.get(id(value))
        if index is None:
            self._index[id(value)] = index = len(self._objects)
            self._objects.append(value)
        return [index]

    def items(self, values: Any) -> list[Any]:
        """Return the items of a container, which must be of an exact built-in type."""
        kinds = set(map(type, values))
        if kinds <= _SCALARS:
            return [*values]
        if kinds == _ONLY_TEXTS and "".join(values).isascii():
            return [*values]
        if kinds == _ONLY_INTEGERS and min(values) > -_BIG and max(values) < _BIG:
            return [*values]
        item = self.item
        return [item(value) for value in values]

    def finish(self) -> None:
        """Add the nodes of all objects that items refer to."""
        while self._described < len(self._objects):
            self.nodes.append(self.node(self._objects[self._described]))
            self._described += 1

    def node(self, value: Any) -> Node:
        """Return the node of one object."""
        write = _WRITE.get(type(value))
        if write is not None:
            return write(self, value)
        node = self.foreign.known(self, value)
        if node is None:
            write = _of_subclass(value)
            if write is not None:
                return write(self, value)
            if "numpy" in sys.modules:
                node = _of_numpy(value)
        return self.foreign.describe(self, value) if node is None else node


def _of_subclass(value: Any) -> Callable[[Encoder, Any], Node] | None:
    """Return the encoder of a value whose class derives from a built-in type, else None.

    It is sent as a value of the built-in type.
    """
    for base in mro(type(value)):
        if base in _PLAIN_OF:
            plain = _PLAIN_OF[base](value)
            write = _WRITE[base]
            return lambda encoder, _: write(encoder, plain)
    return None


def mro(kind: type) -> tuple[type, ...]:
    """Return a class and its bases, without running its metaclass."""
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
    """Return the items of keys and values, alternating."""
    flat: list[Any] = []
    for pair in value:
        flat += pair
    return encoder.items(flat)


def _integer(encoder: Encoder, value: int) -> Node:
    return ["=", value] if -_BIG < value < _BIG else ["i", hex(value)]


def _float(encoder: Encoder, value: float) -> Node:
    return ["=", value] if value == value else ["n"]


def _text(encoder: Encoder, value: str) -> Node:
    # JSON would join two adjacent surrogates into one character
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
    set: lambda encoder, v: ["s", v.__sizeof__(), *encoder.items(v)],
    frozenset: lambda encoder, v: ["f", v.__sizeof__(), *encoder.items(v)],
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
    datetime.datetime: lambda encoder, v: _time(encoder, "dt", v),
    datetime.date: lambda encoder, v: ["da", v.isoformat()],
    datetime.time: lambda encoder, v: _time(encoder, "ti", v),
    datetime.timedelta: lambda encoder, v: ["td", v.days, v.seconds, v.microseconds],
    type(Ellipsis): lambda encoder, v: ["1", "Ellipsis"],
    type(NotImplemented): lambda encoder, v: ["1", "NotImplemented"],
    type: lambda encoder, v: _class(encoder, v),
}


def _factory(value: defaultdict[Any, Any]) -> str | None:
    """Return the name of the default factory if it is a built-in class; others are not sent."""
    name = getattr(value.default_factory, "__name__", None)
    return name if name and _CLASSES.get(name) is value.default_factory else None


def _class(encoder: Encoder, value: type) -> Node:
    name = type.__dict__["__name__"].__get__(value)
    return ["y", name] if _CLASSES.get(name) is value else encoder.foreign.describe(encoder, value)


def _time(encoder: Encoder, tag: str, value: Any) -> Node:
    """Return the node of a time or date with time; its time zone is an object of its own."""
    zone = value.tzinfo
    simple = zone is None and not value.fold
    if simple or (zone is not None and type(zone).__module__ not in ("datetime", "zoneinfo")):
        return [tag, value.isoformat()]
    return ["z", tag, value.replace(tzinfo=None).isoformat(), value.fold, encoder.item(zone)]


def _zoned(tag: str, text: str, fold: int, zone: Any) -> Any:
    return _LEAVES[tag](text).replace(tzinfo=zone, fold=fold)


def slots(kind: type) -> dict[str, Any]:
    """Return the descriptors of the slots of a class and its bases."""
    return {
        name: member
        for base in reversed(mro(kind))
        for name, member in base.__dict__.items()
        if type(member) is MemberDescriptorType
    }


def state(value: Any) -> dict[str, Any]:
    """Return the attributes of an instance, in its dictionary and in slots."""
    found = dict(getattr(value, "__dict__", ()))
    for name, member in slots(type(value)).items():
        try:
            found[name] = member.__get__(value)
        except AttributeError:
            continue
    return found


def _set_state(value: Any, attributes: dict[str, Any]) -> None:
    members = slots(type(value))
    own: dict[str, Any] = getattr(value, "__dict__", {})
    own.clear()
    for name, item in attributes.items():
        if name in members:
            members[name].__set__(value, item)
        else:
            own[str.__str__(name)] = item


def _of_numpy(value: Any) -> Node | None:
    """Return the node of a numpy number or array; None for any other value.

    A number is sent as Python's own type, an array as its type, shape and items.
    """
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.generic) and type(value.item()) in (bool, int, float):
        return ["=", value.item()]
    if type(value) is numpy.ndarray and value.dtype.kind in "biuf":
        return ["array", value.dtype.str, [*value.shape], *value.ravel().tolist()]
    return None


def _array(kind: str, shape: list[int], *items: Any) -> Any:
    numpy = importlib.import_module("numpy")  # the other side has it, so it is installed
    return numpy.array(items, dtype=kind).reshape(shape)


# Decoders by tag. Leaves do not contain other objects. Mutable containers are made empty and filled
# at the end. Fixed containers cannot change, so each is made after all that it contains.
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
    "f": lambda items: _frozen(*items),
    "z": lambda items: _zoned(*items),
    "r": lambda items: range(*items),
    "S": lambda items: slice(*items),
    "F": lambda items: Fraction(*items),
    "k": lambda items: dict.fromkeys(items).keys(),
    "v": lambda items: dict(enumerate(items)).values(),
    "m": lambda items: dict(paired(items)).items(),
}
BUILT = frozenset("NMRxXc")
"""Tags of objects that `Foreign.build` makes: named tuples, members, standard types, exceptions and
classes."""
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
"""Types that a call may change in place, with their tags."""
MUTABLE_TAGS = frozenset((*MUTABLE.values(), "array", "I"))
DATA = frozenset((*_LEAVES, *_EMPTY, *_FIXED, *BUILT, "I"))
"""Tags of data, which a later message can repeat: not of functions, objects or iterators."""
_INSTANCES = frozenset("I")
_PENDING = object()
_ORDERS = 8
"""Number of orders in which a set is filled, to find the one of the other process."""


def decode(nodes: list[Node], objects: list[Any], foreign: Foreign) -> None:
    """Append the objects of the nodes to the known objects.

    `foreign` makes objects that are not data. Raises one of WRONG_DATA if the nodes are malformed.
    """
    first = len(objects)
    for node in nodes:
        tag = node[0]
        if tag in _LEAVES:
            objects.append(_LEAVES[tag](*node[1:]))
        elif tag in _EMPTY:
            objects.append(_EMPTY[tag](node))
        else:
            fixed = tag in _FIXED or tag in BUILT
            objects.append(_PENDING if fixed else foreign.make(node))
    for index in range(first, len(objects)):
        if objects[index] is _PENDING:
            _fix(index, nodes, first, objects, foreign)
    for tags in (_INSTANCES, _EMPTY):  # instances first: their state decides their hash
        for index, node in enumerate(nodes, first):
            if node[0] in tags:
                fill(objects[index], node, objects)


def value_of(item: Any, objects: list[Any]) -> Any:
    """Return the value of an item."""
    if type(item) is list:
        return objects[item[0]]
    if type(item) is dict:
        raise TypeError("an item is a scalar or a reference")
    return item


def values_of(items: list[Any], objects: list[Any]) -> list[Any]:
    """Return the values of several items."""
    kinds = set(map(type, items))
    if list not in kinds and dict not in kinds:
        return items
    return [value_of(item, objects) for item in items]


def fill(target: Any, node: Node, objects: list[Any]) -> None:
    """Replace the content of a container by that of its node; its identity stays the same.

    Raises TypeError if the node is that of another type.
    """
    tag = node[0]
    if tag == "array":
        target[...] = _array(*node[1:])
        return
    if tag == "I":
        _set_state(target, dict(paired(values_of(node[2:], objects))))
        return
    kind: Any = type(target)
    if MUTABLE.get(kind) != tag:  # it may be of a subclass
        kind = next((base for base in mro(kind) if MUTABLE.get(base) == tag), None)
    if kind is None:
        raise TypeError("a value changed its kind")
    if tag == "B":
        bytearray.__setitem__(target, slice(None), node[1].encode("latin-1"))
        return
    values = values_of(node[2:] if tag in "qes" else node[1:], objects)
    if tag == "l":
        list.__setitem__(target, slice(None), values)
        return
    if tag == "s":
        _fill_set(target, node[1], values)
        return
    clear: Any = kind.__dict__.get("clear", dict.clear)
    clear(target)
    if tag == "q":
        deque.extend(target, values)
    elif tag == "O":
        OrderedDict.update(target, paired(values))
    else:
        dict.update(target, paired(values))  # Counter.update would add the counts


def _fill_set(target: set[Any], size: int, values: list[Any]) -> None:
    """Fill a set so that it iterates in the order of the values, as the other process's does.

    The order depends on the size of the table, so on the way in which the set was made, and on the
    order of insertion if two values want one place. Both are tried; some orders are not found.
    """
    for way in (list, dict.fromkeys):  # they grow a table differently
        order = values
        for attempt in range(_ORDERS if len(values) < 1000 else 1):
            set.clear(target)
            set.update(target, way(order))
            padding: list[object] = []
            while set.__sizeof__(target) < size and len(padding) < size:
                padding.append(object())
                set.add(target, padding[-1])
            set.difference_update(target, padding)
            found = zip(values, set.__iter__(target))
            wrong = next((pair for pair in found if pair[0] is not pair[1]), None)
            if wrong is None:
                return
            last = wrong[attempt % 2]  # one of the two took the other's place
            order = [one for one in order if one is not last] + [last]


def _frozen(size: int, *values: Any) -> frozenset[Any]:
    """Return a frozen set that iterates in the order of the values, if that is found."""
    whole: set[Any] = set()
    _fill_set(whole, size, [*values])
    for way in (frozenset(values), frozenset(whole), frozenset(dict.fromkeys(values))):
        if all(map(is_, way, values)):
            return way
    return frozenset(whole)


def paired(items: list[Any]) -> Iterable[tuple[Any, Any]]:
    """Return pairs of keys and values from the alternating items that `pairs` makes."""
    return zip(items[::2], items[1::2])


def _fix(index: int, nodes: list[Node], first: int, objects: list[Any], foreign: Foreign) -> None:
    """Make a fixed container, such as a tuple, after the fixed containers inside it.

    Raises ValueError if it contains itself.
    """
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
            values = values_of(node[1:], objects)
            make = _FIXED.get(node[0])
            objects[here] = make(values) if make else foreign.build(node[0], values)
            inside.discard(here)
            path.pop()


def _references(node: Node) -> Iterator[int]:
    return iter([item[0] for item in node if type(item) is list])
