"""Honest oddities and their wrong twins: in plain Python, apart, and under `auto`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Sandbox
from tests.adversarial.oddities import ODDITIES, TOPICS
from tests.adversarial.oddities.judging import SPLIT, Judged, judge_all
from tests.adversarial.oracle import verdicts
from tests.sandbox.conftest import opened

KINDS = sorted({oddity.kind for oddity in ODDITIES})
SPLIT_SHARE = 0.75
"""The share of the honest programs that must pass apart."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box() -> AsyncIterator[Sandbox]:
    """Open the local sandbox: the judge is the same everywhere, and the corpus is large."""
    async with opened("local") as sandbox:
        yield sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def judged(box: Sandbox) -> list[Judged]:
    """Judge the whole corpus once on each backend."""
    return await judge_all(box, ODDITIES)


@pytest.mark.parametrize("kind", KINDS)
def test_in_plain_python_the_honest_pass_and_the_twins_fail(kind: str) -> None:
    cases = [oddity for oddity in ODDITIES if oddity.kind == kind]
    sources = [
        (f"{oddity.name}, {fault}", f"{program}\n{oddity.call}")
        for oddity in cases
        for fault, program in zip(
            ("honest", *oddity.faults), (oddity.program, *oddity.twins), strict=True
        )
    ]
    found = verdicts([source for _, source in sources])
    names = zip((name for name, _ in sources), found, strict=True)
    assert [name for name, passed in names if passed != name.endswith(", honest")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_under_auto_the_honest_pass_and_the_twins_fail(judged: list[Judged], kind: str) -> None:
    lines = [line for one in judged if one.oddity.kind == kind for line in one.faults()]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("kind", KINDS)
def test_apart_no_twin_passes(judged: list[Judged], kind: str) -> None:
    lines = [line for one in judged if one.oddity.kind == kind for line in one.faults(SPLIT)]
    assert not lines, "\n".join(lines)


def test_apart_many_honest_programs_pass(judged: list[Judged]) -> None:
    passed = Counter(one.split[0].passed for one in judged)
    assert passed[True] >= SPLIT_SHARE * passed.total(), passed


def test_the_corpus_keeps_its_rules() -> None:
    assert len(ODDITIES) >= 300
    assert all(topic.__doc__ and topic.CASES for topic in TOPICS)
    names = [oddity.name for oddity in ODDITIES]
    assert len(set(names)) == len(names)
    for oddity in ODDITIES:
        assert oddity.kind, oddity.name
        assert oddity.faults, oddity.name
        assert all(oddity.completion.count(old) == 1 for old, _ in oddity.faults), oddity.name
        assert len({oddity.program, *oddity.twins}) == 1 + len(oddity.faults), oddity.name
        for program in (oddity.program, *oddity.twins, oddity.call):
            ast.parse(program)
