"""Variants of failing programs, the most promising first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Protocol

from agent.repair.patches.material import Material
from agent.repair.patches.odds import ODDS
from agent.repair.patches.operators import (
    arguments,
    coercions,
    conditions,
    constants,
    donors,
    guards,
    offsets,
    siblings,
    statement_moves,
    unbound,
    unwrapping,
    variables,
)
from agent.repair.patches.program import Edit, EditableProgram, read_program

FAMILIES: tuple[Family, ...] = (
    unbound,
    coercions,
    constants,
    conditions,
    arguments,
    offsets,
    guards,
    siblings,
    statement_moves,
    unwrapping,
    variables,
)
DONORS: tuple[Family, ...] = (donors,)
_RARE = 0.1
"""Odds of an operator that the fit has not seen, per thousand edits."""


class Family(Protocol):
    """A family of operators."""

    def edits(self, program: EditableProgram, material: Material) -> Iterator[Edit]:
        """Yield edits of a program."""
        ...


@dataclass(frozen=True, eq=False)
class Variant:
    """A program with an edit."""

    promise: float
    program: EditableProgram
    edit: Edit
    text: str

    @property
    def site(self) -> tuple[int, int]:
        """The place of the edit: the program and the line of the statement."""
        return self.program.number, self.edit.line

    @property
    def kinds(self) -> tuple[str, ...]:
        """The operators of all edits that led to this program."""
        return (*self.program.kinds, self.edit.kind)

    @cached_property
    def source(self) -> str:
        """The program with its docstrings."""
        return self.program.edited(self.edit, whole=True) or self.text

    def as_program(self) -> EditableProgram | None:
        """Return the variant as a program to edit again."""
        found = read_program(self.program.number, self.source, self.program.problem)
        return None if found is None else replace(found, kinds=self.kinds)


def variants(
    programs: Sequence[EditableProgram], material: Material, most: int, *, donors: bool = True
) -> list[Variant]:
    """Return at most `most` single edits and `most` edits with donors, most promising first.

    `programs` are the failing ones, best first. An edit's promise is the odds of its operator,
    divided by the rank of its program.
    """
    seen = {program.text for program in (*programs, *material.donors)}
    found = [
        variant
        for families in (FAMILIES, DONORS)[: 1 + donors]
        for variant in islice(_distinct(_ranked(programs, material, families), seen), most)
    ]
    return sorted(found, key=lambda variant: -variant.promise)


def _ranked(
    programs: Sequence[EditableProgram], material: Material, families: Sequence[Family]
) -> list[tuple[float, EditableProgram, Edit]]:
    found = [
        (ODDS.get(edit.kind, _RARE) / rank, program, edit)
        for rank, program in enumerate(programs, start=1)
        for family in families
        for edit in family.edits(program, material)
    ]
    return sorted(found, key=lambda one: -one[0])


def _distinct(
    ranked: Iterable[tuple[float, EditableProgram, Edit]], seen: set[str]
) -> Iterator[Variant]:
    for promise, program, edit in ranked:
        text = program.edited(edit)
        if text is not None and text not in seen:
            seen.add(text)
            yield Variant(promise, program, edit, text)
