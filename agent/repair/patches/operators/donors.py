"""Donors: a part of another draft, or of the program itself, in the place of a like part.

Drafts of one model share names and plan, and their faults are seldom in the same place. Sources:
the plastic surgery hypothesis (Barr et al., FSE 2014); crossover of GenProg (Le Goues et al.,
2012); repair with other students' programs of Refactory (Hu et al., ASE 2019).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from agent.parsing.source import is_builtin
from agent.repair.patches.material import Material
from agent.repair.patches.program import Block, Edit, EditableProgram, Function, Slot, is_future
from agent.visible_tests.names import bound_by, names_of


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield crossovers, and statements, guards, conditions and values of the donors."""
    for donor in material.donors:
        if donor.entry is not None and program.entry is not None:
            whose = "own" if donor.number == program.number else "donor"
            for edit in _from_one(program, program.entry, donor, donor.entry):
                yield edit._replace(kind=f"{whose} {edit.kind}")


def _from_one(
    program: EditableProgram, entry: Function, donor: EditableProgram, given: Function
) -> Iterator[Edit]:
    yield from _guards(program, donor, given)
    yield from _crossovers(program, entry, given)
    yield from _statements(program, entry, donor, given)
    yield from _values(program, entry, donor, given)
    statements = (node for node in donor.tree.body if not is_future(node))
    imports = [node for node in statements if isinstance(node, (ast.Import, ast.ImportFrom))]
    if imports and donor.number != program.number:
        yield program.importing(imports)


def _fits(program: EditableProgram, read: set[str], names: Sequence[str]) -> bool:
    """Whether every variable that a part of the donor reads has a meaning in the program."""
    return all(name in names or name in program.globals or is_builtin(name) for name in read)


def _guards(program: EditableProgram, donor: EditableProgram, given: Function) -> Iterator[Edit]:
    for one in given.body:
        ends = isinstance(one, ast.If) and isinstance(one.body[-1], (ast.Return, ast.Raise))
        if ends and _fits(program, donor.reads(one), program.parameters):
            yield from program.begun_with("guard", [one])


def _crossovers(program: EditableProgram, entry: Function, given: Function) -> Iterator[Edit]:
    rests = [given.body[begin:] for begin in range(len(given.body))]
    read = [names_of(tree) - bound_by(tree) for tree in (ast.Module(rest, []) for rest in rests)]
    for cut, statement in enumerate(entry.body):
        bound = [*program.parameters, *_stored(entry.body[:cut])]
        for begin in range(0 if cut else 1, len(rests)):
            rest = rests[begin]
            if _fits(program, read[begin], bound):
                yield Edit("crossover", entry, "body", [*entry.body[:cut], *rest], statement.lineno)


def _stored(body: Sequence[ast.stmt]) -> Iterator[str]:
    nodes = (node for statement in body for node in ast.walk(statement))
    return (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _statements(
    program: EditableProgram, entry: Function, donor: EditableProgram, given: Function
) -> Iterator[Edit]:
    names = program.names[entry]
    statements = (statement for block in _blocks(donor, given) for statement in block.body)
    usable = (one for one in statements if _fits(program, donor.reads(one), names))
    theirs = [(statement, donor.dump(statement)) for statement in usable]
    for block in _blocks(program, entry):
        for index, statement in enumerate(block.body):
            own = program.dump(statement)
            for other, text in theirs:
                if text != own and _is_like(statement, other):
                    body = [*block.body[:index], other, *block.body[index + 1 :]]
                    yield block.edit("statement", body, statement.lineno)


def _blocks(program: EditableProgram, function: Function) -> list[Block]:
    return [block for block in program.blocks if block.function is function]


def _is_like(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether one statement may take the other's place: both return, loop, or set one name."""
    assigning = (ast.Assign, ast.AugAssign)
    if isinstance(one, assigning) and isinstance(other, assigning):
        return set(_stored([one])) == set(_stored([other]))
    return type(one) is type(other)


def _values(
    program: EditableProgram, entry: Function, donor: EditableProgram, given: Function
) -> Iterator[Edit]:
    names = program.names[entry]
    theirs = {
        (role, donor.dump(slot.node)): slot.node
        for slot in donor.slots
        if slot.function is given
        and (role := _role(slot))
        and _fits(program, donor.reads(slot.node), names)
    }
    for slot in program.slots:
        if slot.function is entry and (role := _role(slot)):
            own = program.dump(slot.node)
            for (place, text), node in theirs.items():
                if place == role and text != own:
                    yield slot.edit(role, node)


def _role(slot: Slot) -> str:
    """Return the use of an expression's value; empty for a part of another expression."""
    if slot.is_condition:
        return "condition"
    if slot.is_returned:
        return "result"
    if isinstance(slot.owner, (ast.For, ast.comprehension)) and slot.field == "iter":
        return "iterable"
    assigned = isinstance(slot.owner, (ast.Assign, ast.AugAssign))
    return "operand" if slot.is_passed or assigned else ""
