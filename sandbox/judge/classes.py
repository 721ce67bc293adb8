"""Objects that are sent as the name of a class and data: both processes know the class.

They are exceptions, named tuples, some types of the standard library, and instances of classes that
the prompt defines. Making one runs no constructor of the program, and imports only modules that are
listed here.
"""

from __future__ import annotations

import builtins
import enum
import importlib
import sys
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from .values import Encoder, Node, mro, paired, pairs, state

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

EVIDENCE = "evidence of the program"
"""The attribute in which an exception of the program keeps its evidence."""
_OWN = "program"
"""The module of the prompt's exceptions in a path."""
_LONGEST_CHAIN = 50
_ON_HEAP = 1 << 9  # the flag of a class that Python code made
_type_name = type.__dict__["__name__"].__get__
_args = BaseException.__dict__["args"]
_ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
_GROUP: Any = _ERRORS.get("BaseExceptionGroup", ())  # from Python 3.11 on
_ERROR_NAMES = {kind: name for name, kind in _ERRORS.items()}
_STANDARD: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "array:array": lambda v: (v.typecode, (*v,)),
    "collections:ChainMap": lambda v: (*v.maps,),
    "collections:UserDict": lambda v: ((*v.data.items(),),),
    "collections:UserList": lambda v: ((*v.data,),),
    "collections:UserString": lambda v: (v.data,),
    "datetime:timezone": lambda v: v.__getinitargs__(),
    "pathlib:PosixPath": lambda v: (str(v),),
    "pathlib:PurePosixPath": lambda v: (str(v),),
    "pathlib:PureWindowsPath": lambda v: (str(v),),
    "types:MappingProxyType": lambda v: ({**v},),
    "uuid:UUID": lambda v: (v.hex,),
    "zoneinfo:ZoneInfo": lambda v: (v.key,),
}
"""Types of the standard library, with the arguments that make an equal object."""
_ALIASES = {"builtins:mappingproxy": "types:MappingProxyType"}


class Classes:
    """The classes of one process: those that the prompt defines, and Python's own."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        """The prompt's classes by name."""
        self._made: dict[Any, Any] = {}

    def node(self, encoder: Encoder, value: Any) -> Node | None:
        """Return the node of an object; None if its class is not known to both processes."""
        kind = type(value)
        bases, name = mro(kind), type_name(kind)
        if BaseException in bases:
            return _of_error(encoder, value, self.chain_of(kind))
        ours = self.names.get(name) is kind
        if enum.Enum in bases:
            return ["M", name, value.name, *encoder.items((value.value,))] if ours else None
        fields = getattr(kind, "_fields", None) if tuple in bases else None
        if fields is not None:
            return ["N", name, " ".join(fields), *encoder.items((*tuple.__iter__(value),))]
        if ours and all(base is object or base.__flags__ & _ON_HEAP for base in bases):
            return ["I", name, *pairs(encoder, state(value).items())]
        path = f"{getattr(kind, '__module__', '')}:{name}".replace("pathlib._local", "pathlib")
        path = _ALIASES.get(path, path)
        if path in _STANDARD:
            return ["R", path, *encoder.items(_STANDARD[path](value))]
        return None

    def class_node(self, value: type) -> Node | None:
        """Return the node of a class that both processes know, or None."""
        name = type_name(value)
        if self.names.get(name) is value:
            return ["c", name]
        return ["X", self.chain_of(value)] if BaseException in mro(value) else None

    def chain_of(self, kind: type) -> str:
        """Return the paths of an exception class and its bases, up to the first built-in one.

        A path begins with the class's module if it is found there, whatever the class claims.
        """
        paths: list[str] = []
        for base in mro(kind):
            name, module = type_name(base), getattr(base, "__module__", "")
            if base in _ERROR_NAMES:
                return " ".join([*paths, f"builtins:{_ERROR_NAMES[base]}"])
            if self.names.get(name) is base:
                module = _OWN
            elif vars(sys.modules.get(str(module), builtins)).get(name) is not base:
                module = ""
            paths.append(f"{module}:{name}".replace(" ", "_"))
        return " ".join(paths)

    def make(self, node: Node) -> Any:
        """Return an instance without state. Raises one of WRONG_DATA for an unknown class."""
        return object.__new__(self.names[node[1]])

    def build(self, tag: str, values: list[Any]) -> Any:
        """Return the object of a node that is complete at once, from the values in it.

        Raises one of WRONG_DATA for an unknown class.
        """
        if tag == "N":
            return tuple.__new__(self._named_tuple(*values[:2]), values[2:])
        if tag == "M":
            members: Any = self.names[values[0]]
            return members[values[1]] if values[1] in members.__members__ else members(values[2])
        if tag == "R" and values[0] in _STANDARD:
            module, _, name = values[0].partition(":")
            return getattr(importlib.import_module(module), name)(*values[1:])
        if tag == "x":
            return self._error(values[0], values[1], values[2:])
        if tag == "X":
            return self.error_class(values[0])
        if tag == "c":
            return self.names[values[0]]
        raise TypeError("no such kind of object")

    def error_class(self, chain: str) -> type[BaseException]:
        """Return an exception class by the paths of itself and its bases, up to a built-in one.

        A class that is not known here is made, under its name.
        """
        if chain in self._made:
            made: type[BaseException] = self._made[chain]
            return made
        paths = chain.split(" ")
        if len(paths) > _LONGEST_CHAIN:
            raise ValueError("too many classes")
        kind: type[BaseException] = Exception
        for path in reversed(paths):
            module, _, name = path.partition(":")
            found = self._known_error(module, name)
            if found is None:
                key = ("error", name, kind)
                if key not in self._made:
                    self._made[key] = type(name, (kind,), {"__module__": "program"})
                found = self._made[key]
            kind = found
        return kind

    def _known_error(self, module: str, name: str) -> type[BaseException] | None:
        """Return an exception class of the prompt or of a module that is loaded, or None."""
        if module == "builtins":
            return _ERRORS.get(name)
        if module == _OWN:
            found = self.names.get(name)
        else:
            standard = getattr(sys, "stdlib_module_names", None)  # from Python 3.10 on
            if standard is not None and module.partition(".")[0] not in standard:
                return None
            found = getattr(sys.modules.get(module), "__dict__", {}).get(name)
        return found if isinstance(found, type) and issubclass(found, BaseException) else None

    def _error(self, chain: str, count: int, values: list[Any]) -> BaseException:
        kind, arguments = self.error_class(chain), values[:count]
        base: Any = next(base for base in mro(kind) if base in _ERROR_NAMES)
        try:
            error = base.__new__(kind, *arguments)
            base.__init__(error, *arguments)
        except Exception:  # noqa: BLE001 - some classes do not accept these
            error = Exception(*arguments)
        attributes = dict(paired(values[count:]))
        if attributes:
            error.__setstate__(attributes)
        made: BaseException = error
        return made

    def _named_tuple(self, name: str, fields: str) -> type:
        kind = self.names.get(name)
        if isinstance(kind, type) and tuple in mro(kind):
            return kind
        key = ("tuple", name, fields)
        if key not in self._made:
            self._made[key] = namedtuple(name, fields)
        made: type = self._made[key]
        return made


def type_name(kind: type) -> str:
    """Return the name of a class, without running its metaclass."""
    return str.__str__(_type_name(kind))


def _of_error(encoder: Encoder, error: BaseException, chain: str) -> Node:
    """Return the node of an exception: its classes, its arguments and its attributes."""
    base: Any = next(base for base in mro(type(error)) if base in _ERROR_NAMES)
    arguments, attributes = _args.__get__(error), error.__dict__
    if issubclass(base, (OSError, ImportError)):  # they have data that `args` leaves out
        _, arguments, *more = base.__reduce__(error)
        attributes = more[0] if more else {}
    if isinstance(error, _GROUP):  # it copies its list
        arguments = arguments[0], (*arguments[1],)
    attributes = {name: value for name, value in (attributes or {}).items() if name != EVIDENCE}
    arguments = tuple(None if value is error else value for value in arguments)
    sent = encoder.items(arguments), pairs(encoder, attributes.items())
    return ["x", chain, len(arguments), *sent[0], *sent[1]]
