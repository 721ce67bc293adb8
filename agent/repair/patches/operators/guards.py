"""Guards: an early return for an input that the program forgets, most often the empty one.

And a last `return` for a program that ends without one.

Source: "insert null pointer checker" and "insert range checker" of TBar (Liu et al., ISSTA 2019).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram

_EMPTY = ("[]", "0", "''", "False", "None", "True", "{0}", "-1", "()")
_SMALL = ("0", "1", "False", "True", "{0}", "[]")
_GUARDS = (
    *(("guard empty", "not {0}", value) for value in _EMPTY),
    *(("guard small", test, value) for test in ("{0} < 2", "len({0}) < 2") for value in _SMALL),
)
_FINAL = ("False", "True", "[]", "0", "''", "-1")


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield guards at the beginning of the entry point, and returns at its end."""
    for kind, test, value in _GUARDS:
        for name in program.parameters:
            guard = ast.parse(f"def f():\n if {test}: return {value}".format(name)).body[0]
            if isinstance(guard, ast.FunctionDef):
                yield from program.begun_with(kind, guard.body)
    entry = program.entry
    if entry is not None and not isinstance(entry.body[-1], ast.Return):
        for value in (*program.names[entry], *_FINAL):
            end = ast.Return(ast.parse(value, mode="eval").body)
            yield Edit("final return", entry, "body", [*entry.body, end], entry.body[-1].lineno)
