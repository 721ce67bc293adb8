"""Types of values, written as short strings: `int`, `[str]`, `(int,str)`, `{str:int}`, `any`.

`?` stands for a part that is still unknown, such as the item type of an empty list.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import reduce

_NAMES = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "None": "none",
    "Any": "any",
    "list": "[?]",
    "List": "[?]",
    "Sequence": "[?]",
    "Iterable": "[?]",
    "dict": "{?:?}",
    "Dict": "{?:?}",
    "tuple": "?",
    "Tuple": "?",
}


def kind_of(value: object) -> str:
    """Return the type of a literal; `any` for a set and for an empty or long tuple."""
    if value is None:
        return "none"
    if isinstance(value, bool | int | float | str):
        return type(value).__name__
    if isinstance(value, list):
        return f"[{join_all(map(kind_of, value))}]"
    if isinstance(value, tuple) and 1 <= len(value) <= 4:
        return f"({','.join(map(kind_of, value))})"
    if isinstance(value, dict):
        return f"{{{join_all(map(kind_of, value))}:{join_all(map(kind_of, value.values()))}}}"
    return "any"


def join_all(kinds: Iterable[str]) -> str:
    """Return the smallest type that includes all types; `?` if there are none."""
    return reduce(join, kinds, "?")


def join(first: str, second: str) -> str:
    """Return the smallest type that includes both. None joins with any type, as in Optional."""
    if first == second or second in ("?", "none"):
        return first
    if first in ("?", "none"):
        return second
    if {first, second} == {"int", "float"}:
        return "float"
    mine, other = parts(first), parts(second)
    if first[0] == second[0] and mine and len(mine) == len(other):
        return build(first[0], [join(a, b) for a, b in zip(mine, other, strict=True)])
    return "any"


def parts(kind: str) -> list[str]:
    """Return the types inside a container type; [] for a simple type."""
    if kind[:1] not in ("[", "(", "{"):
        return []
    inner, depth, start, found = kind[1:-1], 0, 0, []
    for index, letter in enumerate(inner):
        depth += (letter in "[({") - (letter in "])}")
        if depth == 0 and letter in ",:":
            found.append(inner[start:index])
            start = index + 1
    return [*found, inner[start:]]


def build(bracket: str, inner: list[str]) -> str:
    """Return the container type that opens with `bracket`."""
    if bracket == "[":
        return f"[{inner[0]}]"
    if bracket == "{":
        return f"{{{inner[0]}:{inner[1]}}}"
    return f"({','.join(inner)})"


def of_annotation(node: ast.expr | None) -> str:
    """Return the type that an annotation states; `?` if it is absent or unknown."""
    if isinstance(node, ast.Constant):
        return "none" if node.value is None else "?"
    if isinstance(node, ast.Name):
        return _NAMES.get(node.id, "?")
    if isinstance(node, ast.Attribute):
        return _NAMES.get(node.attr, "?")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return join(of_annotation(node.left), of_annotation(node.right))
    if isinstance(node, ast.Subscript):
        return _of_subscript(node)
    return "?"


def _of_subscript(node: ast.Subscript) -> str:
    name = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    inner = [of_annotation(item) for item in items]
    if name in ("Optional", "Union"):
        return join_all(inner)
    if name in ("List", "list", "Sequence", "Iterable"):
        return build("[", inner)
    if name in ("Dict", "dict") and len(inner) == 2:
        return build("{", inner)
    if name in ("Tuple", "tuple") and ast.unparse(items[-1]) != "...":
        return build("(", inner)
    return "?"


def settle(kind: str, default: str) -> str:
    """Replace every unknown part and every None by `default`."""
    return re.sub(r"\?|none", default, kind) if kind != "?" else default


def every_part(kind: str) -> set[str]:
    """Return the type and all types inside it."""
    return {kind}.union(*map(every_part, parts(kind)))
