"""Patches in a pool: one vote for all of a program's, and weak ones below programs of a model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.selection import Pool, choose
from agent.selection.pool import consensus_sets
from agent.types import Patch
from tests.selection.conftest import FakeProber, pool, visible


def with_patches(made: Pool, *, weak: bool, **parents: int) -> Pool:
    """Return the pool with candidates `p3=0`: candidate 3 is a patch of candidate 0."""
    patch = Patch(kinds=("comparison",), diff="", weak=weak)
    changes = {int(name[1:]): parent for name, parent in parents.items()}
    return replace(
        made,
        candidates=tuple(
            c.model_copy(update={"parent": changes[c.id], "patch": patch}) if c.id in changes else c
            for c in made.candidates
        ),
    )


async def test_a_weak_patch_ranks_below_what_passes_as_much() -> None:
    made = pool(visible(2), "+-", "+-", "++", "++")
    assert (await choose("docstring", with_patches(made, weak=True, p2=0))).candidate == 3
    assert (await choose("docstring", with_patches(made, weak=True, p2=0, p3=1))).candidate == 2
    assert (await choose("docstring", with_patches(made, weak=False, p2=0))).tied == (2, 3)


@pytest.mark.parametrize("selector", ["codet", "b4", "random"])
async def test_a_weak_patch_loses_every_tie(selector: str) -> None:
    made = with_patches(pool(visible(0, 1), "+", "+", "+"), weak=True, p0=2, p1=2)
    assert (await choose(selector, made)).candidate == 2


async def test_of_patches_that_are_tied_the_first_is_the_answer() -> None:
    made = with_patches(pool(visible(1), "-", "+", "+"), weak=False, p1=0, p2=0)
    choice = await choose("docstring", made)
    assert (choice.candidate, choice.tied) == (1, (1,))


def test_all_patches_of_a_program_have_one_vote_in_a_consensus_set() -> None:
    made = with_patches(pool(visible(0, 1), *"++++-"), weak=False, p1=0, p2=0, p3=4)
    assert consensus_sets(made) == {1: 3, 0: 1}


async def test_all_patches_of_a_program_have_one_vote_on_an_input() -> None:
    """Three patches of one program do not outvote three others."""
    table = {(i, "grow(5)"): value for i, value in enumerate("111222")}
    made = pool(visible(1), *"++++++", prober=FakeProber(table), inputs=["grow(5)"])
    assert (await choose("mbr", made)).tied == (0, 1, 2, 3, 4, 5)
    patched = with_patches(made, weak=False, p0=5, p1=5, p2=5)
    assert (await choose("mbr", patched)).tied == (3, 4, 5)
    assert (await choose("agreement", patched)).tied == (3, 4, 5)
