"""The search on a real sandbox: what is found, what is preferred, and what is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agent.repair.patches.contradicted import contradicted
from agent.repair.patches.patch_search import MOST_PATCHES, Search, binding, preferred, search
from agent.types import Problem
from sandbox import SandboxConfig, open_sandbox
from sandbox.base import Sandbox
from tests.repair.patches.cases import NEAR, PROMPT, RIGHT, TALLY, limited, matrix_of

INPUTS = ("tally([3, 4], 4)", "tally([1, 2, 3], 0)", "tally([5], 5)", "tally([8, 8, 9], 8)")


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with open_sandbox(SandboxConfig(backend="local", slots=2)) as box:
        yield box


async def patched(box: Sandbox, *sources: str, problem: Problem = TALLY, edits: int = 1) -> Search:
    matrix = await matrix_of(box, *sources, problem=problem)
    tests = binding(matrix)
    return await search(limited(box, problem), matrix, 0, INPUTS, tests=tests, edits=edits)


async def test_a_near_miss_is_mended(box: Sandbox) -> None:
    found = await patched(box, NEAR)
    first = found.patches[0]
    assert first.parent == 0
    assert first.id == 1
    assert first.origin == "patch"
    assert first.patch is not None
    assert first.patch.kinds == ("comparison",)
    assert not first.patch.weak
    assert "-    return len([v for v in values if v > least])" in first.patch.diff
    assert "+    return len([v for v in values if v >= least])" in first.patch.diff
    assert ">= least" in first.source


async def test_the_same_search_gives_the_same_result(box: Sandbox) -> None:
    one, two = (
        await patched(box, NEAR, "def tally(v, n): return v"),
        await patched(box, NEAR, "def tally(v, n): return v"),
    )
    assert one.patches == two.patches
    assert one.screens == two.screens
    assert one.probes == two.probes


async def test_nothing_is_searched_if_a_program_passes(box: Sandbox) -> None:
    assert await patched(box, NEAR, RIGHT) == Search()


async def test_nothing_is_searched_without_an_example(box: Sandbox) -> None:
    prompt = 'def tally(values, least):\n    """Return a number."""\n'
    problem = Problem(task_id="Own/1", prompt=prompt, entry_point="tally")
    assert await patched(box, NEAR, problem=problem) == Search()


async def test_a_program_that_does_not_parse_is_left_alone(box: Sandbox) -> None:
    found = await patched(box, "def tally(values, least:")
    assert found.patches == ()


async def test_few_examples_make_a_patch_weak(box: Sandbox) -> None:
    prompt = PROMPT.replace("    >>> tally([7, 7], 8)\n    0\n", "")
    problem = Problem(task_id="Own/2", prompt=prompt, entry_point="tally")
    found = await patched(box, NEAR, problem=problem)
    assert all(one.is_weak_patch for one in found.patches)
    assert 0 < len(found.patches) <= MOST_PATCHES


async def test_parts_of_other_drafts_are_used(box: Sandbox) -> None:
    loop = "def tally(values, least):\n    n = 0\n    for v in values:\n        {}\n    return n\n"
    one = loop.format("if v * v % 7 >= least * 2:\n            n += 1")
    two = loop.format("if v >= least:\n            n = v")
    found = await patched(box, one, two)
    assert "donor condition" in [kind for p in found.patches if p.patch for kind in p.patch.kinds]


async def test_two_edits_mend_two_faults(box: Sandbox) -> None:
    twice = "def tally(values, least):\n    n = 1\n    for v in values:\n        if v > least:\n"
    twice += "            n += 1\n    return n\n"
    assert (await patched(box, twice)).patches == ()
    found = await patched(box, twice, edits=2)
    kinds = [one.patch.kinds for one in found.patches if one.patch]
    assert kinds
    assert all(len(kind) == 2 for kind in kinds)
    first = found.patches[0].patch
    assert first is not None
    assert "-    n = 1" in first.diff
    assert "-        if v > least:" in first.diff


async def test_no_patch_against_an_example_that_all_drafts_contradict(box: Sandbox) -> None:
    prompt = PROMPT.replace("    2\n", "    3\n")
    problem = Problem(task_id="Own/3", prompt=prompt, entry_point="tally")
    copies = (RIGHT.replace("len", "len "), RIGHT)
    others = (RIGHT.replace("in values", "in [*values]"), RIGHT.replace("v >= least", "least <= v"))
    matrix = await matrix_of(box, RIGHT, *others, problem=problem)
    (only,) = contradicted(matrix)
    assert (only.test, only.value, only.agreed, only.asked) == (0, "2", 3, 3)
    tests = binding(matrix)
    assert tests == (1, 2)
    assert await search(limited(box, problem), matrix, 0, INPUTS, tests=tests) == Search()
    assert contradicted(await matrix_of(box, RIGHT, others[0], problem=problem)) == ()
    assert contradicted(await matrix_of(box, RIGHT, others[0], NEAR, problem=problem)) == ()
    assert contradicted(await matrix_of(box, RIGHT, others[0], *copies, problem=problem)) == ()


async def test_only_programs_of_the_round_are_edited(box: Sandbox) -> None:
    matrix = await matrix_of(box, NEAR)
    assert (await search(limited(box), matrix, 1, INPUTS, tests=(0, 1, 2))).patches == ()


async def test_the_behaviour_of_most_programs_is_preferred(box: Sandbox) -> None:
    """Of three programs, two lead to one behaviour, which comes first."""
    two = (NEAR, "def tally(values, least):\n    return sum(1 for v in values if v > least)\n")
    odd = "def tally(values, least):\n    return 2 * any(v == least for v in values) + 1\n"
    found = await patched(box, odd, *two)
    assert {found.patches[0].parent, found.patches[1].parent} <= {1, 2}
    assert found.probes
    assert preferred([], ()) == []


async def test_endless_loops_cost_little(box: Sandbox) -> None:
    loop = "def tally(values, least):\n    i = 0\n    while i < len(values):\n"
    loop += (
        "        if values[i] > least:\n            least += 1\n        i += 1\n    return i - 9\n"
    )
    found = await patched(box, loop)
    late = sum(record.results.count("late") for record in found.screens)
    assert 0 < late < 40
