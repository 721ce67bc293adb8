"""Variables: another name that is in scope.

Source: "replace variable" of TBar (Liu et al., ISSTA 2019); misuse of variables is among the most
frequent small faults (Allamanis et al., Learning to Represent Programs with Graphs, ICLR 2018).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram

_PARTS = ("{0}[0]", "{0}[-1]", "{0}[1:]", "{0}[:-1]", "-{0}", "len({0})")


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield each variable of the function, or a part of the same, in the place of each other."""
    for slot in program.slots:
        names = program.names.get(slot.function, ())
        if isinstance(slot.node, ast.Name) and slot.node.id in names:
            for name in names:
                if name != slot.node.id:
                    yield slot.edit("variable", ast.Name(name, ast.Load()))
            for part in _PARTS:
                node = ast.parse(part.format(slot.node.id), mode="eval").body
                yield slot.edit(f"variable {part}", node)
        elif slot.is_returned:
            for name in names:
                yield slot.edit("variable returned", ast.Name(name, ast.Load()))
